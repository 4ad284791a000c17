# ruff: noqa: S311 - chance is seeded and no secret
"""What the classifier learns from: three public sets, cleaned, and lines written for this project.

The sets lie in a folder that is not part of the project (moderation/models/CARD.md says where they come from):
``cold_train.csv``, ``cold_dev.csv``, ``davidson.csv``, ``hatemoji_build_train.csv``, ``hatemoji_build_validation.csv``.
"""

from __future__ import annotations

import csv
import html
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from moderation.classifier.ngrams import Family
from moderation.policy import Category, Severity
from moderation.rules.lexicon import builtin
from moderation.text.forms import HAN
from scripts.train import disguise

Source = Literal["cold", "davidson", "hatemoji", "ordinary", "identity", "abuse", "lexicon"]
LINES: Final = Path(__file__).resolve().parent / "lines"

#: How many lines a template gives, and how much one of them counts beside a line of a research set.
_PER_TEMPLATE: Final[dict[Source, int]] = {"ordinary": 50, "identity": 40, "abuse": 30}
_WEIGHTS: Final[dict[Source, float]] = {
    "cold": 1.0, "davidson": 1.0, "hatemoji": 1.5, "ordinary": 1.5, "identity": 2.0, "abuse": 2.0,
    "lexicon": 1.0,
}  # fmt: skip
#: In Davidson's set five of six lines are offensive; the others count for more, so that it is no rule.
_RARE: Final = 3.0
_COPY: Final = 0.5
_ABUSIVE: Final = frozenset(
    {Category.HATE, Category.HARASSMENT, Category.SEXUAL, Category.VIOLENCE, Category.SELF_HARM}
)
_ARTEFACTS: Final = re.compile(r"\bRT\b:?|@\w+:?|https?:\S*|\bt\.co/\S+")
_SLOT: Final = re.compile(r"{(\w+)}")
_DEEP: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One example. Lines of one ``kin`` are alike and must lie on the same side of a split."""

    text: str
    toxic: bool
    source: Source
    kin: str
    weight: float = 1.0
    #: The kind of disguise, if this is a copy in one, and the text it was made from.
    disguised: str = ""
    original: str = ""


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Read a table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def clean(text: str) -> str:
    """Take away what belongs to the place a line was found in: names, links, marks of a repost, entities."""
    return " ".join(_ARTEFACTS.sub(" ", html.unescape(html.unescape(text))).split()).strip(' !":')


def cold(path: Path) -> list[Line]:
    """Chinese: offensive or not."""
    return [_line(row["TEXT"], row["label"] == "1", "cold") for row in rows(path)]


def davidson(path: Path) -> list[Line]:
    """English: hate or offensive, against neither."""
    lines = [_line(row["tweet"], row["class"] != "2", "davidson") for row in rows(path)]
    return [line if line.toxic else replace(line, weight=line.weight * _RARE) for line in lines]


def hatemoji(path: Path) -> list[Line]:
    """English with emoji: hateful or not. Lines come in pairs that differ in a word and in the answer."""
    return [
        replace(
            _line(row["text"], row["label_gold"] == "1", "hatemoji"),
            kin=min(row["entry_id"], row["matched_id"] or row["entry_id"], key=lambda number: (len(number), number)),
        )
        for row in rows(path)
    ]


def written(family: Family) -> list[Line]:
    """Lines made from the templates of this project: ordinary chat, mentions of groups, abuse."""
    raw: dict[str, Any] = yaml.safe_load((LINES / f"{family}.yaml").read_text("utf-8"))
    slots: dict[str, list[str]] = raw["slots"]
    lines = []
    sections: tuple[Source, ...] = ("ordinary", "identity", "abuse")
    for section in sections:
        for number, template in enumerate(raw[section]):
            rng = random.Random(f"{family} {section} {template}")
            texts = {filled(template, slots, rng) for _ in range(_PER_TEMPLATE[section])}
            kin = f"{section} {number}"
            lines += [Line(text, section == "abuse", section, kin, _WEIGHTS[section]) for text in sorted(texts) if text]
    return lines


def listed(family: Family) -> list[Line]:
    """Return the terms of the shipped lexicon that are abuse alone, and its harmless words that look like them."""
    lines = []
    for entry in builtin():
        if (HAN.search(entry.text) is not None) != (family == "zh"):
            continue
        if entry.allow:
            lines.append(Line(entry.text, toxic=False, source="ordinary", kin=entry.text, weight=_WEIGHTS["ordinary"]))
        elif entry.category in _ABUSIVE and entry.severity >= Severity.SERIOUS:
            lines.append(Line(entry.text, toxic=True, source="lexicon", kin=entry.text, weight=_WEIGHTS["lexicon"]))
    return lines


def filled(template: str, slots: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """Fill the slots of a template, and those within what was filled in. Raise `KeyError` for one that is not there."""
    for _ in range(_DEEP):
        if not _SLOT.search(template):
            break
        template = _SLOT.sub(lambda slot: str(rng.choice(slots[slot[1]])), template)
    return template.strip()


def _line(text: str, toxic: bool, source: Source) -> Line:
    text = clean(text)
    return Line(text, toxic, source, text, _WEIGHTS[source])


def training(family: Family, folder: Path) -> list[Line]:
    """Return all lines a family's model learns from, each text once; what was written for this project wins."""
    if family == "zh":
        found = cold(folder / "cold_train.csv")
    else:
        found = davidson(folder / "davidson.csv") + hatemoji(folder / "hatemoji_build_train.csv")
    unique: dict[str, Line] = {}
    for line in written(family) + listed(family) + found:
        if line.text:
            unique.setdefault(line.text.lower(), line)
    return list(unique.values())


def disguised(lines: Iterable[Line], family: Family, share: float, seed: str) -> list[Line]:
    """Return copies in disguise of a share of the lines, bad and good alike, so that a disguise alone is no sign."""
    # The sound is what folding cannot undo: half of the Chinese copies learn it.
    kinds: tuple[disguise.Kind, ...] = (
        (*disguise.CHINESE, "homophone", "homophone", "homophone") if family == "zh" else disguise.ENGLISH
    )
    rng = random.Random(seed)
    copies = []
    for line in lines:
        if rng.random() < share:
            kind = rng.choice(kinds)
            text = disguise.disguise(line.text, kind, rng)
            if text != line.text:
                copies.append(replace(line, text=text, weight=line.weight * _COPY, disguised=kind, original=line.text))
    return copies

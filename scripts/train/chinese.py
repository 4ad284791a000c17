# ruff: noqa: RUF001, S311 - Chinese marks are data, chance is seeded and no secret
"""What the Chinese classifier learns from and is tested on: COLD's training part, and lines of this project.

A quarter of the own lines (by a hash of the line or the template) is never learnt: `test` gives it. The rest
is learnt as it stands, in disguise, and joined to other lines, because abuse rarely comes alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import yaml

from moderation.policy import Category, Severity
from moderation.rules.lexicon import builtin
from moderation.text.forms import HAN
from scripts.train import corpora, disguise
from scripts.train.corpora import LINES, Line, Source

#: One of so many own lines is kept for the test.
_KEPT_BACK: Final = 4
#: How much a line counts beside one of COLD's: a written line, a line of a template, a term of the lexicon.
WRITTEN: Final = 3.0
#: Dangers and what is near to them are learnt with less weight: they share their words with ordinary talk.
DANGER: Final = 1.0
_TEMPLATE: Final = 0.4
#: That a group is named is no offence: COLD says otherwise so often that these lines must weigh more.
_MENTION: Final = 1.2
_TERM: Final = 0.5
_COPY: Final = 0.5
#: No template gives more lines than this.
_PER_TEMPLATE: Final = 12
#: So many copies in disguise for each own line, and such a share for COLD's.
_COPIES: Final = 4
_SHARE: Final = 0.25
#: What folding cannot undo is the sound: it has the largest share.
_KINDS: Final[tuple[disguise.Kind, ...]] = (*disguise.CHINESE, *("homophone",) * 7)
_ALONE: Final = {
    Category.HATE: Severity.SERIOUS, Category.HARASSMENT: Severity.SERIOUS, Category.SEXUAL: Severity.GRAVE,
    Category.VIOLENCE: Severity.GRAVE,
}  # fmt: skip


def kept_back(kin: str) -> bool:
    """Return whether lines of this kin are for the test alone."""
    return crc32(kin.encode("utf-8", "surrogatepass")) % _KEPT_BACK == 0


def own() -> Iterator[Line]:
    """Yield every line written for this project, those of templates last."""
    for path in sorted(LINES.glob("zh_*.yaml")):
        for label, subjects in yaml.safe_load(path.read_text("utf-8")).items():
            for lines in subjects.values():
                for text in lines.splitlines():
                    weight = DANGER if "danger" in path.stem else WRITTEN
                    yield Line(text, label == "toxic", _source(path, label), text, weight)
    templates: dict[str, Any] = yaml.safe_load((LINES / "zh.yaml").read_text("utf-8"))
    seen: dict[str, int] = {}
    for line in corpora.written("zh"):
        section, _, number = line.kin.partition(" ")
        kin = str(templates[section][int(number)])
        seen[kin] = seen.get(kin, 0) + 1
        if seen[kin] <= _PER_TEMPLATE:
            yield replace(line, kin=kin, weight=_MENTION if line.source == "identity" else _TEMPLATE)


def _source(path: Path, label: str) -> Source:
    if label == "toxic":
        return "abuse"
    return "identity" if path.stem == "zh_groups" else "ordinary"


def terms() -> Iterator[Line]:
    """Yield the terms of the shipped lexicon that are abuse when they stand alone, and its harmless words."""
    for entry in builtin():
        if not HAN.search(entry.text):
            continue
        if entry.allow:
            yield Line(entry.text, toxic=False, source="ordinary", kin=entry.text, weight=_TERM)
        elif entry.severity >= _ALONE.get(entry.category, Severity.GRAVE + 1):
            yield Line(entry.text, toxic=True, source="lexicon", kin=entry.text, weight=_TERM)


def training(folder: Path) -> list[Line]:
    """Return all that is learnt, each text once, with its copies. What was written here wins over COLD."""
    mine = [line for line in own() if not kept_back(line.kin)]
    mine += [line for line in terms() if not kept_back(line.kin)]
    barred = {line.text for line in test()}
    unique: dict[str, Line] = {}
    for line in mine + corpora.cold(folder / "cold_train.csv"):
        if line.text and line.text not in barred:
            unique.setdefault(line.text, line)
    lines = list(unique.values())
    mine = [line for line in lines if line.source != "cold"]
    rest = [line for line in lines if line.source == "cold"]
    copies = [copy for turn in range(_COPIES) for copy in disguised(mine, 1.0, f"own {turn}")]
    copies += disguised(rest, _SHARE, "cold")
    # A copy in disguise may be what another line says plainly, one of the test too.
    return [line for line in lines + list(_joined(mine)) + copies if line.text not in barred]


def test() -> list[Line]:
    """Return the own lines that are never learnt."""
    unique: dict[str, Line] = {}
    for line in own():
        if kept_back(line.kin):
            unique.setdefault(line.text, line)
    return list(unique.values())


def disguised(lines: Iterable[Line], share: float, seed: str) -> Iterator[Line]:
    """Yield copies in disguise of a share of the lines, bad and good alike: a disguise alone is no sign."""
    rng = random.Random(seed)
    for line in lines:
        if rng.random() < share:
            kind = rng.choice(_KINDS)
            text = disguise.disguise(line.text, kind, rng)
            if text != line.text:
                yield replace(line, text=text, weight=line.weight * _COPY, disguised=kind, original=line.text)


def _joined(lines: list[Line]) -> Iterator[Line]:
    """Put an ordinary line before or after each: abuse stays abuse, and ordinary lines stay ordinary."""
    rng = random.Random("joined")
    harmless = [line.text for line in lines if line.source == "ordinary"]
    for line in lines:
        if line.weight < WRITTEN:
            continue
        both = [line.text, rng.choice(harmless)]
        rng.shuffle(both)
        text = rng.choice(("，", " ", "", "。")).join(both)
        yield replace(line, text=text, weight=line.weight * _COPY)

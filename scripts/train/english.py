# ruff: noqa: S311 - chance is seeded and no secret
"""What the English network learns from, and how it is varied: `corpora`, `grammar`, ``scripts/train/lines/en_*.yaml``.

The lines carry their category. A quarter of them, chosen by a hash of each, is never learnt: it is the test. So is
all that one in eight templates of the grammars makes.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import emoji
import numpy as np
import numpy.typing as npt
import yaml

from moderation.classifier.wordpiece import CONTINUES, SPECIAL, words
from moderation.policy import Category
from moderation.text.forms import Tables, View
from scripts.train import corpora, grammar
from scripts.train.corpora import LINES, Line

#: The categories the network names, in the order of its outputs after the first.
KINDS: Final = (
    Category.HATE, Category.HARASSMENT, Category.SEXUAL, Category.MINORS, Category.SELF_HARM, Category.VIOLENCE,
    Category.EXTREMISM,
)  # fmt: skip
OUTPUTS: Final = ("toxic", *(kind.value for kind in KINDS))
#: Of ordinary lines so many may be held, and of those that are near misses.
HELD: Final = 0.012
HELD_NEAR: Final = 0.04
#: One of so many lines is kept for the test.
_KEPT: Final = 4
_KEPT_TEMPLATES: Final = 8
_THIRDS: Final = 3
_LINE_WEIGHT: Final = 2.0
_ORDINARY: Final = "ordinary"
_PER_TEMPLATE: Final = 10


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what is said of it. ``kind`` is the number of a category or -1, ``kin`` a file or what it is like."""

    text: str
    toxic: bool
    source: str
    kin: str
    weight: float = 1.0
    kind: int = -1


def ruled() -> list[Example]:
    """Make the sentences of the grammars, each text once. ``kin`` is the template."""
    found: dict[str, Example] = {}
    for path in grammar.files():
        for one in grammar.sentences(path):
            kind = -1 if one.label == _ORDINARY else OUTPUTS.index(one.label) - 1
            found.setdefault(one.text.casefold(), Example(one.text, kind >= 0, "grammar", one.template, 1.0, kind))
    return list(found.values())


def own(folder: Path = LINES) -> list[Example]:
    """Read the labelled lines, each text once. Raise `ValueError` at a label that is none."""
    found: dict[str, Example] = {}
    for path in sorted(folder.glob("en_*.yaml")):
        for label, texts in yaml.safe_load(path.read_text("utf-8")).items():
            if label != _ORDINARY and label not in OUTPUTS[1:]:
                raise ValueError(f"{path.name}: {label} is no label")
            kind = -1 if label == _ORDINARY else OUTPUTS.index(label) - 1
            for text in texts:
                found.setdefault(text, Example(text, kind >= 0, f"lines:{label}", path.stem, _LINE_WEIGHT, kind))
    return list(found.values())


def kept_for_the_test(example: Example) -> bool:
    """Whether a line is one of those never learnt."""
    if example.source == "grammar":
        return zlib.crc32(example.kin.encode("utf-8", "surrogatepass")) % _KEPT_TEMPLATES == 0
    return zlib.crc32(example.text.casefold().encode("utf-8", "surrogatepass")) % _KEPT == 0


def is_chat(example: Example) -> bool:
    """Whether a line is of those that show what is usually written in a chat; the others are near misses."""
    return example.kin.startswith(("en_chat", "en_abuse_banter"))


def left_out(example: Example, without: str) -> bool:
    """Whether an example is of the set, or of the third of it ("davidson-0" to "-2"), that is left out."""
    name, _, third = without.partition("-")
    if example.source != name:
        return False
    return not third or zlib.crc32(example.kin.encode("utf-8", "surrogatepass")) % _THIRDS == int(third)


def learnt(folder: Path, *, without: str = "") -> list[Example]:
    """Return what is learnt from: lines, templates, lexicon, Davidson and HatemojiBuild's training part."""
    return [example for example in everything(folder) if not left_out(example, without)]


def everything(folder: Path) -> list[Example]:
    """Return all but the lines kept for the test, each text once."""
    hate = KINDS.index(Category.HATE)
    found = [example for example in own() + ruled() if not kept_for_the_test(example)]
    rng = random.Random("templates")
    templates: dict[str, list[Line]] = {}
    for line in corpora.written("en"):
        templates.setdefault(line.kin, []).append(line)
    for lines in templates.values():
        found += map(_example, rng.sample(lines, min(_PER_TEMPLATE, len(lines))))
    found += [_example(line) for line in corpora.listed("en")]
    found += [_example(line) for line in corpora.davidson(folder / "davidson.csv")]
    for line in corpora.hatemoji(folder / "hatemoji_build_train.csv"):
        found.append(_example(line, hate if line.toxic else -1))
    unique: dict[str, Example] = {}
    kept = {example.text.casefold() for example in own() if kept_for_the_test(example)}
    for example in found:
        if example.text and example.text.casefold() not in kept:
            unique.setdefault(example.text.casefold(), example)
    return list(unique.values())


def _example(line: Line, kind: int = -1) -> Example:
    return Example(line.text, line.toxic, line.source, line.kin, line.weight, kind)


def paired(examples: Sequence[Example]) -> list[tuple[int, int]]:
    """Return the places of examples that are each other's opposite: (bad, not bad)."""
    kin: dict[str, list[int]] = {}
    for at, example in enumerate(examples):
        if example.source == "hatemoji":
            kin.setdefault(example.kin, []).append(at)
    return [
        (bad, good) for places in kin.values() for bad in places for good in places
        if examples[bad].toxic and not examples[good].toxic
    ]  # fmt: skip


def with_text(example: Example, text: str) -> Example:
    """Return the same with another text."""
    return replace(example, text=text)


def with_weight(example: Example, weight: float) -> Example:
    """Return the same with another weight."""
    return replace(example, weight=weight)


def auc(scores: npt.NDArray[np.floating[Any]], labels: npt.NDArray[np.bool_]) -> float:
    """Return the chance that a bad line scores higher than another; ties count half."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    bad, good = int(labels.sum()), int((~labels).sum())
    return round(float((ranks[labels].sum() - bad * (bad + 1) / 2) / max(1, bad * good)), 4)


def folded(text: str, tables: Tables) -> str:
    """Return the form of a text that the network reads first."""
    return tables.folded(View(text).text).text


def named(text: str, tables: Tables) -> list[str]:
    """Return the words of a folded text, emoji as the words of their names: what the teacher reads."""
    view = View(text)
    return list(words((tables.named(view) or view).text))


def vocabulary(pretrained: Sequence[str], texts: Iterable[str], most: int = 3000) -> list[str]:
    """Choose the pieces: Latin ones of a pretrained vocabulary, frequent words it would split, all emoji."""
    kept = [piece for piece in pretrained if piece.removeprefix(CONTINUES).isascii() and "[" not in piece[:-1]]
    known = set(kept)
    counts = Counter(word for text in texts for word in words(text) if word not in known and word.isascii())
    more = [word for word, count in counts.most_common(most) if count > 1 and len(word) < 25 and not word.isdigit()]
    pictures = [char for char in emoji.EMOJI_DATA if len(char) == 1 and ord(char) > 0x203B]
    return [*SPECIAL, *kept, *more, *sorted(pictures)]


@dataclass(frozen=True, slots=True)
class Changer:
    """Makes other texts of texts, for the teacher to say what they are worth.

    ``near`` gives words of alike meaning, ``groups`` words that name groups of people.
    """

    near: Mapping[str, Sequence[str]]
    groups: Sequence[str]
    pictures: Sequence[str]

    def change(self, text: str, others: Sequence[str], rng: random.Random) -> str:
        """Swap words for near ones, names of groups, pictures; now and then drop words or add another clause."""
        found = text.split()
        how_much = rng.choice((0.1, 0.2, 0.35, 0.5))
        out = [self._word(word, rng) if rng.random() < how_much else word for word in found]
        chance = rng.random()
        if chance < 0.15 and len(out) > 3:
            out = [word for word in out if rng.random() > 0.15]
        elif chance < 0.3:
            other = rng.choice(others).split()
            cut = rng.randrange(len(other) + 1)
            out = [*out, *other[cut:]] if rng.random() < 0.5 else [*out[: rng.randrange(1, len(out) + 1)], *other[cut:]]
        return " ".join(out[:50])

    def _word(self, word: str, rng: random.Random) -> str:
        if word in self.groups:
            return rng.choice(self.groups)
        if not word.isascii():
            return "".join(
                rng.choice(self.pictures) if char in self.pictures and rng.random() < 0.6 else char for char in word
            )
        bare = word.strip(".,!?;:\"'()*")
        if choices := self.near.get(bare):
            return word.replace(bare, rng.choice(choices), 1)
        return word


def groups() -> list[str]:
    """Return the single words for groups of people that the templates use."""
    slots = yaml.safe_load((LINES / "en.yaml").read_text("utf-8"))["slots"]
    return [str(name) for name in slots["group"] if " " not in str(name)]

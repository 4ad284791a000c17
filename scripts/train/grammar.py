# ruff: noqa: S311, T201 - chance is seeded and no secret, it prints its result
"""Sentences by rule: what is said of whom decides whether it is hate, and that can be written down once for all.

    python -m scripts.train.grammar [FILE] [--sample 60]

prints some of what a file of ``scripts/train/lines/grammar_*.yaml`` makes, for reading. A file has ``slots`` of its own
beside those of ``grammar_slots.yaml``, and sentences with {slots} under ``hate`` or another category, or under
``ordinary``. Each sentence is right under its label whatever fills its slots.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from scripts.train.corpora import LINES, filled

SHARED: Final = "grammar_slots.yaml"
#: So many sentences at most are made of one template.
PER_TEMPLATE: Final = 24


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, its label, and the template it was made of."""

    text: str
    label: str
    template: str


def files() -> list[Path]:
    """Return the grammars."""
    return sorted(path for path in LINES.glob("grammar_*.yaml") if path.name != SHARED)


def sentences(path: Path, most: int = PER_TEMPLATE) -> Iterator[Sentence]:
    """Make the sentences of a grammar, each once. Raise `ValueError` that names a slot that is not there."""
    raw: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    slots: dict[str, list[str]] = yaml.safe_load((LINES / SHARED).read_text("utf-8")) | raw.pop("slots", {})
    seen: set[str] = set()
    for label, templates in raw.items():
        for template in templates:
            rng = random.Random(f"{path.name} {template}")
            for _ in range(most if "{" in template else 1):
                try:
                    text = " ".join(filled(template, slots, rng).split())
                except KeyError as error:
                    raise ValueError(f"{path.name}: no slot {error} for {template!r}") from None
                if text not in seen:
                    seen.add(text)
                    yield Sentence(text, label, template)


def main() -> None:
    """Print a sample."""
    parser = argparse.ArgumentParser(description="Print some of the sentences that grammars make.")
    parser.add_argument("file", type=Path, nargs="?", help="one grammar; otherwise all")
    parser.add_argument("--sample", type=int, default=60, help="how many")
    asked = parser.parse_args()
    made = [one for path in ([asked.file] if asked.file else files()) for one in sentences(path)]
    rng = random.Random()
    for one in rng.sample(made, min(asked.sample, len(made))):
        print(f"{one.label:10} {one.text}")
    labels = sorted({one.label for one in made})
    print(f"{len(made)} sentences:", ", ".join(f"{sum(one.label == name for one in made)} {name}" for name in labels))


if __name__ == "__main__":
    main()

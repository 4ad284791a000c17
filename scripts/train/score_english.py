# ruff: noqa: S311, T201 - chance is seeded and no secret, it prints its result
"""Score the English classifier as it is shipped, on lines it has not learnt; numpy alone.

    python -m scripts.train.score_english --data FOLDER [--models moderation/models]

Prints one JSON object. What is cross-validated or a transfer comes from ``train_english --without`` and is in
moderation/models/CARD.md.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from moderation.classifier.classifier import MODELS, Classifier, Scores
from moderation.text.forms import Tables
from scripts.train import corpora, disguise, english

#: What must never be held, and what always must: plain cases that a streamer would try first.
INNOCENT: Final = (
    "moby dick and a peacock", "kill the boss", "this boss is disgusting", "I'm gay and proud",
    "black people deserve respect", "that headshot was sick", "die trying lol", "shoot him!! left side",
    "holy shit that was close", "I hate mondays", "this lag makes me want to die lol", "nuke them from orbit",
    "my grandma is jewish and makes the best soup", "stop hating women please", "you suck at this game haha",
    "😂😂😂", "❤️ ❤️ ❤️", "🔥🔥🔥 GG", "🐔🍗", "💀💀", "🔫 nice shot",
)  # fmt: skip
ABUSE: Final = (
    "all muslims are terrorists, kill them all", "women are too stupid to vote",
    "go back to your country you animals", "kill yourself nobody likes you", "show me your tits",
    "I will find your house and kill your family", "you are a worthless piece of trash", "gays should be burned alive",
    "cut your wrists, do it", "wanna have sex? send nudes", "trans people are not human", "shut up you stupid bitch",
)  # fmt: skip
_DISGUISES: Final = 3


class Judge:
    """The shipped classifier behind the folding that comes before it."""

    def __init__(self, models: Path) -> None:
        self.tables = Tables()
        self._classifier = Classifier.load(models, self.tables)

    def scores(self, text: str) -> Scores:
        """Score a raw text."""
        return self._classifier.score(self.tables.folded(text).text)

    def figures(self, lines: Sequence[tuple[str, bool]]) -> dict[str, float]:
        """Return the usual figures at 0.5, and the shares held."""
        found = [self.scores(text) for text, _ in lines]
        labels = np.array([toxic for _, toxic in lines], bool)
        toxic, held = np.array([score.toxic for score in found]), np.array([score.hold for score in found], bool)
        right = int(((toxic >= 0.5) & labels).sum())
        figures = {
            "lines": len(lines),
            "accuracy": float(((toxic >= 0.5) == labels).mean()),
            "f1": 2 * right / max(1, int((toxic >= 0.5).sum() + labels.sum())),
            "auc": english.auc(toxic, labels),
            "held_of_bad": float(held[labels].mean()) if labels.any() else 0.0,
            "held_of_others": float(held[~labels].mean()) if (~labels).any() else 0.0,
        }
        return {name: round(value, 4) for name, value in figures.items()}


def by_label(judge: Judge) -> dict[str, dict[str, float]]:
    """Of the kept lines of each label: how many, the shares above 0.5 and held, and whose category is named."""
    groups: dict[str, list[english.Example]] = defaultdict(list)
    for example in english.own():
        if english.kept_for_the_test(example):
            label = example.source.removeprefix("lines:")
            groups[label if example.toxic else f"{label}, {'chat' if english.is_chat(example) else 'hard'}"].append(
                example
            )
    found = {}
    for label, examples in sorted(groups.items()):
        scores = [judge.scores(example.text) for example in examples]
        found[label] = {
            "lines": len(examples),
            "at_half": round(float(np.mean([score.toxic >= 0.5 for score in scores])), 3),
            "held": round(float(np.mean([score.hold for score in scores])), 3),
            "category": round(float(np.mean([score.category == label for score in scores])), 3),
        }
    return found


def disguised(judge: Judge) -> dict[str, float]:
    """Of abuse held when written plainly, the share held in each disguise, as a ratio of rates."""
    rng = random.Random("disguised")
    bad = [e.text for e in english.own() if english.kept_for_the_test(e) and e.toxic]
    plain = max(1, sum(judge.scores(text).hold for text in bad))
    found: dict[str, float] = {}
    for kind in disguise.ENGLISH:
        texts = [disguise.disguise(text, kind, rng) for text in bad for _ in range(_DISGUISES)]
        found[kind] = round(sum(judge.scores(text).hold for text in texts) / plain / _DISGUISES, 3)
    return found


def speed(judge: Judge) -> float:
    """Return the mean processor time in microseconds for a line of ordinary chat, folding included."""
    lines = [e.text for e in english.own() if not e.toxic and len(e.text) < 75]
    for text in lines:
        judge.scores(text)
    started = time.thread_time()
    for text in lines:
        judge.scores(text)
    return round((time.thread_time() - started) / max(1, len(lines)) * 1e6, 1)


def scores(data: Path, models: Path) -> dict[str, Any]:
    """Score the weights in a folder on lines not learnt, but for what is named so."""
    judge = Judge(models)

    def pairs(lines: Sequence[corpora.Line]) -> list[tuple[str, bool]]:
        return [(line.text, line.toxic) for line in lines]

    return {
        "hatemoji_validation": judge.figures(pairs(corpora.hatemoji(data / "hatemoji_build_validation.csv"))),
        "davidson_learnt": judge.figures(pairs(corpora.davidson(data / "davidson.csv")[::5])),
        "own_lines_kept": judge.figures([(e.text, e.toxic) for e in english.own() if english.kept_for_the_test(e)]),
        "own_lines_by_label": by_label(judge),
        "disguised_of_plain": disguised(judge),
        "innocent_held": [text for text in INNOCENT if judge.scores(text).hold],
        "abuse_not_held": [text for text in ABUSE if not judge.scores(text).hold],
        "microseconds": speed(judge),
    }


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description="Score the English classifier of moderation/.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the research sets")
    parser.add_argument("--models", type=Path, default=MODELS, help="the folder of the weights")
    asked = parser.parse_args()
    print(json.dumps(scores(asked.data, asked.models), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

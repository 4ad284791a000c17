# ruff: noqa: T201 - it prints its result
"""Train the classifier of ``moderation/``: numpy alone, no chance beside fixed seeds, some minutes on a CPU.

    python scripts/train_classifier.py --data FOLDER [--out moderation/models] [--quick]

Prints one JSON object with the scores. ``--quick`` takes every 20th line and no more than a few rounds: it shows
that everything works, and its weights are worth little.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from moderation.classifier import MODELS, Classifier, Model
from moderation.ngrams import BITS, Buckets, Family, features, forms
from moderation.views import Tables, View
from scripts import corpora, disguise, train_chinese
from scripts.corpora import Line
from scripts.logistic import Bools, Floats, Linear, calibrate, fit, probability

FOLDS: Final = 4
#: The L2 term, chosen by how well a model of two of COLD's topics judged the third.
PENALTY: Final[dict[Family, float]] = {"en": 0.3, "zh": 0.3}
#: Of the lines, so many are learnt a second time in disguise.
DISGUISED: Final = 0.5
#: Such a share of ordinary lines, of templates that the fold did not see, may be held.
HELD: Final = 0.012
#: Of lines that only mention a group, which say little of an ordinary chat, so many.
HELD_MENTIONS: Final = 0.04
_LOWEST_HOLD: Final = 0.5
_QUICK: Final = 20


@dataclass(frozen=True, slots=True)
class Examples:
    """Lines with their features; each line may have several forms, and the worst one counts."""

    lines: list[Line]
    forms: list[list[Buckets]]

    @classmethod
    def of(cls, lines: Sequence[Line], family: Family, tables: Tables, bits: int) -> Examples:
        """Fold and hash; what has no feature is left out."""
        kept, rows = [], []
        for line in lines:
            folded = tables.folded(View(line.text).text).text
            found = [features(of, text, bits) for of, text in forms(folded, tables) if of == family]
            if any(map(len, found)):
                kept.append(line)
                rows.append([row for row in found if len(row)])
        return cls(kept, rows)

    @property
    def labels(self) -> Bools:
        """Which are toxic."""
        return np.array([line.toxic for line in self.lines], bool)

    def select(self, chosen: Bools) -> Examples:
        """Give a part."""
        at = np.flatnonzero(chosen)
        return Examples([self.lines[i] for i in at], [self.forms[i] for i in at])

    def logits(self, model: Linear) -> Floats:
        """Score each line by the worst of its forms."""
        return np.array([model.logits(rows).max() for rows in self.forms])

    def fit(self, family: Family, bits: int, rounds: int, progress: Progress, what: str) -> Linear:
        """Learn from the first form of toxic lines and from all forms of the others."""
        rows, labels, weights = [], [], []
        for line, found in zip(self.lines, self.forms, strict=True):
            for row in found:
                rows.append(row)
                labels.append(line.toxic)
                weights.append(line.weight / len(found))
        task = progress.add_task(what, total=rounds)
        model = fit(
            rows, np.array(labels), np.array(weights), 1 << bits, penalty=PENALTY[family], rounds=rounds,
            tick=lambda: progress.advance(task),
        )  # fmt: skip
        progress.update(task, completed=rounds)
        return model


def f1(labels: Bools, found: Bools) -> float:
    """Give the F1 of the toxic class."""
    right = int((labels & found).sum())
    return 2 * right / max(1, int(labels.sum()) + int(found.sum()))


def figures(labels: Bools, found: Bools) -> dict[str, float]:
    """Give the usual scores at one threshold."""
    toxic, clean = f1(labels, found), f1(~labels, ~found)
    scores = {
        "f1": toxic,
        "macro_f1": (toxic + clean) / 2,
        "accuracy": float((labels == found).mean()),
        "recall": float(found[labels].mean()) if labels.any() else 0.0,
        "false_alarms": float(found[~labels].mean()) if (~labels).any() else 0.0,
    }
    return {name: round(value, 4) for name, value in scores.items()}


def train(
    family: Family, folder: Path, tables: Tables, progress: Progress, *, bits: int, quick: bool
) -> tuple[Model, dict[str, Any]]:
    """Cross-validate, choose calibration and threshold, then learn from everything."""
    rounds = 8 if quick else 60
    lines = corpora.training(family, folder)
    if quick:
        lines = lines[::_QUICK]
    lines += corpora.disguised(lines, family, DISGUISED, f"train {family}")
    examples = Examples.of(lines, family, tables, bits)
    folds = np.array([zlib.crc32(line.kin.encode("utf-8", "surrogatepass")) % FOLDS for line in examples.lines])
    logits = np.zeros(len(folds))
    for fold in range(FOLDS):
        part = examples.select(folds != fold)
        model = part.fit(family, bits, rounds, progress, f"{family} fold {fold + 1}/{FOLDS}")
        logits[folds == fold] = examples.select(folds == fold).logits(model)
    labels = examples.labels
    slope, offset = calibrate(logits, labels)
    toxic = probability(slope * logits + offset)
    plain = np.array([not line.disguised for line in examples.lines])
    source = np.array([line.source for line in examples.lines])
    bounds = (("ordinary", HELD), ("identity", HELD_MENTIONS))
    hold_at = max(
        _LOWEST_HOLD, *(float(np.quantile(toxic[plain & (source == name)], 1 - share)) for name, share in bounds)
    )
    scores: dict[str, Any] = {"lines": len(labels), "hold_at": round(hold_at, 4)}
    for name in dict.fromkeys(source):
        chosen = (source == name) & plain
        scores[f"{name}_cross_validated"] = figures(labels[chosen], toxic[chosen] >= 0.5)
        scores[f"{name}_held"] = figures(labels[chosen], toxic[chosen] >= hold_at)
    scores["disguised_of_plain_cross_validated"] = disguised_of_plain(examples.lines, toxic >= hold_at)
    model = examples.fit(family, bits, rounds, progress, f"{family} all")
    return Model.quantized(model.weights, bias=model.bias, slope=slope, offset=offset, hold_at=hold_at), scores


def judge(classifier: Classifier, lines: Sequence[Line], tables: Tables) -> dict[str, Any]:
    """Score lines with the weights as they were saved."""
    found = [classifier.score(tables.folded(line.text).text) for line in lines]
    labels = np.array([line.toxic for line in lines], bool)
    return {
        "at_half": figures(labels, np.array([scores.toxic >= 0.5 for scores in found], bool)),
        "held": figures(labels, np.array([scores.hold for scores in found], bool)),
    }


def disguised_of_plain(lines: Sequence[Line], held: Bools) -> dict[str, float]:
    """Of the toxic lines that were held when written plainly, the share held in disguise, as a ratio of rates."""
    plain = {line.text: bool(found) for line, found in zip(lines, held, strict=True) if not line.disguised}
    shares: dict[str, float] = {}
    for kind in disguise.KINDS:
        pairs = [
            (bool(found), plain[line.original])
            for line, found in zip(lines, held, strict=True)
            if line.disguised == kind and line.toxic and line.original in plain
        ]
        if pairs:
            caught, before = (sum(column) for column in zip(*pairs, strict=True))
            shares[kind] = round(caught / max(1, before), 3)
    return shares


def main() -> None:
    """Train, save, judge, print."""
    parser = argparse.ArgumentParser(description="Train the classifier of moderation/.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the research sets")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the weights go")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the lines: does it work at all?")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    tables = Tables()
    bits = 16 if asked.quick else BITS
    scores: dict[str, Any] = {}
    bars = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*bars, console=Console(stderr=True)) as progress:
        english, scores["en"] = train("en", asked.data, tables, progress, bits=bits, quick=asked.quick)
        english.save(asked.out / "en.bin")
        task = progress.add_task("zh", total=None)
        chinese = train_chinese.train(
            asked.data, tables, bits=bits, quick=asked.quick, tick=lambda: progress.advance(task)
        )
        chinese.save(asked.out / "zh.bin")
        progress.update(task, total=1, completed=1)
    scores["zh"] = train_chinese.score(chinese, asked.data, tables)
    classifier = Classifier.load(asked.out, tables)
    dev = corpora.cold(asked.data / "cold_dev.csv")
    validation = corpora.hatemoji(asked.data / "hatemoji_build_validation.csv")
    scores["cold_dev"] = judge(classifier, dev, tables)
    scores["hatemoji_validation"] = judge(classifier, validation, tables)
    print(json.dumps(scores))


if __name__ == "__main__":
    main()

# ruff: noqa: S311, T201 - chance is seeded and no secret, it prints its result
"""Train the Chinese model of ``moderation/``, or score the one that is there: numpy alone, some minutes on a CPU.

    python -m scripts.train.train_chinese --data FOLDER [--out moderation/models]
    python -m scripts.train.train_chinese --data FOLDER --score

Both print one JSON object. COLD's development part and a quarter of the own lines are never learnt; calibration
and threshold come from cross-validation over the others, so every printed figure is of lines not seen. The settings
below were chosen among about thirty by those figures, which are a little too good for that reason.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from moderation.classifier.classifier import HEARD_ALONE, MODELS, Classifier, Model
from moderation.classifier.english import English
from moderation.classifier.ngrams import BITS, Buckets, forms, readings
from moderation.text.forms import Tables, View
from scripts.train import chinese, corpora, disguise
from scripts.train.corpora import Line
from scripts.train.logistic import Bools, Floats, Linear, calibrate, fit, probability

FOLDS: Final = 3
#: Less of the penalty, or more of the power, is better on COLD's own kind of line and worse on written chat.
PENALTY: Final = 1.0
POWER: Final = 0.35
ROUNDS: Final = 40
#: Own lines count so much more: they are few, and what is really written beside a stream.
OWN: Final = 2.0
#: Such a share of COLD's lines is also learnt by its sound alone, with half the weight; all own lines are.
_HEARD_SHARE: Final = 0.25
_HEARD_WEIGHT: Final = 0.5
#: Such a share of ordinary lines (none of which its fold has seen) may be held.
HELD: Final = 0.01
_LOWEST_HOLD: Final = 0.6
_SPEED_LINES: Final = 4000
Rows = list[tuple[Buckets, Buckets]]
Tick = Callable[[], None]


def _silent() -> None:
    """Show nothing."""


def hashed(lines: Sequence[Line], tables: Tables, bits: int) -> tuple[list[Line], Rows]:
    """Fold and hash; a line that the Chinese model does not read is left out."""
    kept, rows = [], []
    for line in lines:
        found = [text for of, text in forms(tables.folded(View(line.text).text).text, tables) if of == "zh"]
        if found and len((row := readings(found[0], bits))[0]):
            kept.append(line)
            rows.append(row)
    return kept, rows


def learn(lines: Sequence[Line], rows: Rows, bits: int, rounds: int, tick: Tick) -> Linear:
    """Learn from each line as it is written, and from many as they sound."""
    rng = random.Random("heard")
    found, labels, weights = [], [], []
    for line, (whole, heard) in zip(lines, rows, strict=True):
        weight = line.weight * (1 if line.source == "cold" else OWN)
        found.append(whole)
        labels.append(line.toxic)
        weights.append(weight)
        if not line.disguised and len(heard) and (line.source != "cold" or rng.random() < _HEARD_SHARE):
            found.append(heard)
            labels.append(line.toxic)
            weights.append(weight * _HEARD_WEIGHT)
    return fit(
        found, np.array(labels), np.array(weights), 1 << bits, penalty=PENALTY, power=POWER, rounds=rounds, tick=tick
    )


def logits(model: Linear, rows: Rows) -> Floats:
    """Score as the classifier does: the sound alone may be worse than the whole."""
    return np.maximum(model.logits([row[0] for row in rows]), model.logits([row[1] for row in rows]) - HEARD_ALONE)


def train(folder: Path, tables: Tables, *, bits: int = BITS, quick: bool = False, tick: Tick = _silent) -> Model:
    """Cross-validate for calibration and threshold, then learn from everything."""
    rounds = 8 if quick else ROUNDS
    lines, rows = hashed(chinese.training(folder)[:: 20 if quick else 1], tables, bits)
    folds = np.array([zlib.crc32(f"fold {line.kin}".encode("utf-8", "surrogatepass")) % FOLDS for line in lines])
    plain = np.array([not line.disguised for line in lines])
    scores = np.zeros(len(lines))
    for fold in range(FOLDS):
        seen, unseen = np.flatnonzero(folds != fold), np.flatnonzero((folds == fold) & plain)
        model = learn([lines[i] for i in seen], [rows[i] for i in seen], bits, rounds, tick)
        scores[unseen] = logits(model, [rows[i] for i in unseen])
    slope, offset = calibrate(scores[plain], np.array([line.toxic for line in lines])[plain])
    ordinary = np.array([line.source == "ordinary" for line in lines]) & plain
    hold_at = float(np.quantile(probability(slope * scores[ordinary] + offset), 1 - HELD))
    model = learn(lines, rows, bits, rounds, tick)
    return Model.quantized(
        model.weights, bias=model.bias, slope=slope, offset=offset, hold_at=min(0.97, max(_LOWEST_HOLD, hold_at))
    )


def score(model: Model, folder: Path, tables: Tables) -> dict[str, Any]:
    """Judge a model on lines it has not learnt."""
    judge = Classifier(English.load(MODELS / "en.bin"), Model.read(MODELS / "en-ngrams.bin"), model, tables)

    def scored(texts: Sequence[str]) -> Floats:
        return np.array([judge.chinese(tables.folded(text).text) for text in texts])

    cold, own = corpora.cold(folder / "cold_dev.csv"), chinese.test()
    result: dict[str, Any] = {"hold_at": round(model.hold_at, 4)}
    result["cold_dev"] = figures(scored([line.text for line in cold]), _labels(cold), model.hold_at)
    of = {chinese.WRITTEN: "own_written", chinese.DANGER: "own_dangers"}
    for name in ("own_written", "own_dangers", "own_templates"):
        chosen = [line for line in own if of.get(line.weight, "own_templates") == name]
        found, labels = scored([line.text for line in chosen]), _labels(chosen)
        result[name] = figures(found, labels, model.hold_at)
        for source in ("ordinary", "identity"):
            part = np.array([line.source == source for line in chosen])
            if part.any():
                result[f"{name}_{source}"] = _alarms(found[part], model.hold_at)
    result["held_disguised_of_plain"] = disguised_of_plain(scored, own, model.hold_at)
    result["microseconds"] = _microseconds(judge, [line.text for line in own if 8 <= len(line.text) <= 20], tables)
    return result


def _labels(lines: Sequence[Line]) -> Bools:
    return np.array([line.toxic for line in lines], bool)


def figures(found: Floats, labels: Bools, hold_at: float) -> dict[str, float]:
    """Return the usual scores at one half, the area under the curve, and what is held."""
    toxic, clean = _f1(labels, found >= 0.5), _f1(~labels, found < 0.5)
    ranks = np.empty(len(found))
    ranks[np.argsort(found, kind="stable")] = np.arange(1, len(found) + 1)
    bad, good = int(labels.sum()), int((~labels).sum())
    auc = (ranks[labels].sum() - bad * (bad + 1) / 2) / max(1, bad * good)
    return {
        "lines": len(found), "f1": round(toxic, 4), "macro_f1": round((toxic + clean) / 2, 4), "auc": round(auc, 4),
        "recall": _share(found[labels] >= 0.5), "false_alarms": _share(found[~labels] >= 0.5),
        "held_of_bad": _share(found[labels] >= hold_at), "held_of_others": _share(found[~labels] >= hold_at),
        "calibration_error": round(_calibration_error(found, labels), 4),
    }  # fmt: skip


def _calibration_error(found: Floats, labels: Bools) -> float:
    """Return the mean distance between a probability and the frequency, over tenths (the usual ECE)."""
    tenths = np.minimum(9, (found * 10).astype(int))
    return sum(
        float(abs(found[tenths == tenth].mean() - labels[tenths == tenth].mean()) * (tenths == tenth).mean())
        for tenth in np.unique(tenths)
    )


def _alarms(found: Floats, hold_at: float) -> dict[str, float]:
    return {"lines": len(found), "above_half": _share(found >= 0.5), "held": _share(found >= hold_at)}


def _share(chosen: Bools) -> float:
    return round(float(chosen.mean()), 4) if len(chosen) else 0.0


def _f1(labels: Bools, found: Bools) -> float:
    return 2 * int((labels & found).sum()) / max(1, int(labels.sum()) + int(found.sum()))


def disguised_of_plain(
    scored: Callable[[Sequence[str]], Floats], lines: Sequence[Line], hold_at: float
) -> dict[str, dict[str, float]]:
    """For each kind of disguise: bad lines held in it for each held plainly, and what it makes of ordinary lines."""
    shares: dict[str, dict[str, float]] = {}
    for kind in disguise.CHINESE:
        rng = random.Random(f"test {kind}")
        pairs = [(replace(line, text=disguise.disguise(line.text, kind, rng)), line.text) for line in lines]
        changed = [(copy, text) for copy, text in pairs if copy.text != text]
        labels = _labels([copy for copy, _ in changed])
        disguised = scored([copy.text for copy, _ in changed]) >= hold_at
        plain = scored([text for _, text in changed]) >= hold_at
        ratio = int(disguised[labels].sum()) / max(1, int(plain[labels].sum()))
        shares[kind] = {
            "lines": int(labels.sum()), "ratio": round(ratio, 3), "false_alarms": _share(disguised[~labels]),
        }  # fmt: skip
    return shares


def _microseconds(judge: Classifier, texts: Sequence[str], tables: Tables) -> float:
    """Measure the mean time of a line of 8 to 20 characters that is folded already."""
    folded = [tables.folded(text).text for text in texts]
    folded = (folded * (_SPEED_LINES // max(1, len(folded)) + 1))[:_SPEED_LINES]
    for text in folded:
        judge.chinese(text)
    began = time.perf_counter()
    for text in folded:
        judge.chinese(text)
    return round((time.perf_counter() - began) / len(folded) * 1e6, 1)


def main() -> None:
    """Train if asked, judge, print."""
    parser = argparse.ArgumentParser(description="Train or score the Chinese model of moderation/.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the research sets")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the weights go")
    parser.add_argument("--score", action="store_true", help="judge the weights that are there and train nothing")
    asked = parser.parse_args()
    tables = Tables()
    path = asked.out / "zh.bin"
    if not asked.score:
        asked.out.mkdir(parents=True, exist_ok=True)
        train(asked.data, tables).save(path)
    print(json.dumps(score(Model.read(path), asked.data, tables), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

# ruff: noqa: T201 - it prints its result
"""Train the second reader of English: logistic regression over hashed n-grams, which the network's suspicion must pass.

    python -m scripts.train.train_ngrams --data FOLDER [--out moderation/models]

The network understands sentences and is now and then sure of nonsense ("brb"); n-grams know words and are sure of
little else. A line is held when both say so. Needs numpy alone, some minutes; fixed seeds. Run after
``train_english``: it also chooses the network's threshold anew, for the pair.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from moderation.classifier.classifier import MODELS, Classifier, Model
from moderation.classifier.english import English
from moderation.classifier.ngrams import BITS, features, forms
from moderation.classifier.transformer import read
from moderation.text.forms import Tables
from scripts.train import corpora, english
from scripts.train.corpora import Line
from scripts.train.logistic import fit

#: L2 penalty and rounds; the share of lines that are learnt in disguise as well.
PENALTY: Final = 0.3
ROUNDS: Final = 50
DISGUISED: Final = 0.4
#: The probability from which the n-grams agree, and the lowest that the network's threshold may be.
AGREES: Final = 0.7
LOWEST: Final = 0.8


def lines(data: Path) -> list[Line]:
    """Return what is learnt from: the same as the network learns from, with disguised copies."""
    found = [Line(e.text, e.toxic, "abuse", e.kin, e.weight) for e in english.learnt(data)]
    return found + corpora.disguised(found, "en", DISGUISED, "train en")


def train(data: Path, tables: Tables, *, bits: int = BITS, tick: Callable[[], None] = lambda: None) -> Model:
    """Learn from the first form of toxic lines and from all forms of the others."""
    rows, labels, weights = [], [], []
    for line in lines(data):
        folded = tables.folded(line.text).text
        found = [features("en", text, bits) for of, text in forms(folded, tables) if of == "en"]
        found = [row for row in found if len(row)]
        for row in found:
            rows.append(row)
            labels.append(line.toxic)
            weights.append(line.weight / len(found))
    model = fit(rows, np.array(labels), np.array(weights), 1 << bits, penalty=PENALTY, rounds=ROUNDS, tick=tick)
    return Model.quantized(model.weights, bias=model.bias, slope=1.0, offset=0.0, hold_at=AGREES)


def threshold(folder: Path, tables: Tables) -> float:
    """Choose the network's threshold: at most `english.HELD` of kept usual chat is held, of near misses `HELD_NEAR`."""
    classifier = Classifier.load(folder, tables)
    kept = [e for e in english.own() if english.kept_for_the_test(e) and not e.toxic]
    found = [classifier.readers(tables.folded(e.text).text) for e in kept]
    agreed = np.array([network if ngrams >= AGREES else 0.0 for network, ngrams in found])
    chat = np.array([english.is_chat(e) for e in kept])
    bounds = ((agreed[chat], english.HELD), (agreed[~chat], english.HELD_NEAR))
    return max(LOWEST, *(float(np.quantile(part, 1 - share, method="higher")) + 1e-6 for part, share in bounds))


def main() -> None:
    """Train, save, choose the threshold, print."""
    parser = argparse.ArgumentParser(description="Train the n-grams that English is read with beside the network.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the research sets")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the weights are and go")
    asked = parser.parse_args()
    print(json.dumps(join(asked.data, asked.out, Tables())))


def join(data: Path, out: Path, tables: Tables) -> dict[str, Any]:
    """Train, save ``en-ngrams.bin``, and write the threshold of the pair into ``en.bin``."""
    train(data, tables, tick=lambda: print(".", end="", file=sys.stderr, flush=True)).save(out / "en-ngrams.bin")
    hold_at = threshold(out, tables)
    network, numbers = read(out / "en.bin")
    network.save(out / "en.bin", {**numbers, "hold_at": hold_at})
    English.load(out / "en.bin")  # what was written can be read
    return {"hold_at": round(hold_at, 4)}


if __name__ == "__main__":
    main()

# ruff: noqa: T201 - it prints its result
"""Train or score what ``moderation/classifier/classifier.py`` reads: both languages, one after the other.

    python -m scripts.train.train_classifier --data FOLDER [--out moderation/models] [--score]

``--score`` judges the weights that are there, with numpy alone, and prints one JSON object. Training is done by
``train_chinese`` and ``train_ngrams`` (numpy, a few minutes) and ``train_english`` (torch, over an hour), which can
also be called alone; ``train_ngrams`` after ``train_english``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from moderation.classifier.classifier import MODELS, Model
from moderation.text.forms import Tables
from scripts.train import score_english, train_chinese


def main() -> None:
    """Train if asked, judge, print."""
    parser = argparse.ArgumentParser(description="Train or score the classifier of moderation/.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the research sets")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the weights are or go")
    parser.add_argument("--score", action="store_true", help="judge the weights that are there and train nothing")
    asked = parser.parse_args()
    tables = Tables()
    if not asked.score:
        from scripts.train import train_english, train_ngrams  # noqa: PLC0415 - need torch, scoring does not

        asked.out.mkdir(parents=True, exist_ok=True)
        train_english.train(asked.data, asked.out)
        train_ngrams.join(asked.data, asked.out, tables)
        train_chinese.train(asked.data, tables).save(asked.out / "zh.bin")
    chinese = train_chinese.score(Model.read(asked.out / "zh.bin"), asked.data, tables)
    print(json.dumps({"zh": chinese, "en": score_english.scores(asked.data, asked.out)}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

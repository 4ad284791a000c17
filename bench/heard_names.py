"""Names that are clean in writing and foul by ear: how many are caught, and how many ordinary names with them.

    python -m bench.heard_names [--names 2000] [--show]

Foul are those of bench/lines/heard_names.yaml that the rules for writing let pass; ordinary ones are made of words that
people like (tests/support/names.py). Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path

import yaml

from bot.voice.names.ear import NameEar, open_name_ear
from moderation import Context, Direction
from moderation.moderator import Moderator
from moderation.policy import Policy
from tests.support.names import plausible_names

LINES = Path(__file__).parent / "lines" / "heard_names.yaml"


def _clean_in_writing(moderator: Moderator, name: str) -> bool:
    return moderator.check(name, Context(Direction.OUT, name=True, host=("Mira",))).allowed


def _caught(ear: NameEar, moderator: Moderator, names: list[str], *, show: bool) -> dict[str, object]:
    clean = [name for name in names if _clean_in_writing(moderator, name)]
    missed = [name for name in clean if not ear.foul(name)]
    if show:
        print("missed:", " | ".join(missed), file=sys.stderr)
    by_writing, by_ear = len(names) - len(clean), len(clean) - len(missed)
    return {
        "names": len(names),
        "by_writing": by_writing,
        "by_ear": by_ear,
        "caught_share": round((by_writing + by_ear) / len(names), 3),
        "of_those_clean_in_writing": round(by_ear / len(clean), 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=2000, help="ordinary names")
    parser.add_argument("--show", action="store_true", help="print what was missed and what was taken wrongly")
    given = parser.parse_args()
    moderator = Moderator(Policy())
    began = time.process_time()
    ear = open_name_ear()
    opened = time.process_time() - began
    foul = yaml.safe_load(LINES.read_text("utf-8"))
    out: dict[str, object] = {"open_cpu_s": round(opened, 2)}
    for language, text in foul.items():
        names = [name.strip() for line in text.splitlines() for name in line.split("|")]
        out[language] = _caught(ear, moderator, names, show=given.show)
    ordinary = plausible_names(given.names, random.Random(2026))
    began = time.process_time()
    wrong = [name for name in ordinary if ear.foul(name)]
    spent = time.process_time() - began
    if given.show:
        print("taken wrongly:", " | ".join(wrong), file=sys.stderr)
    out["ordinary"] = {"names": len(ordinary), "wrong": len(wrong), "share": round(len(wrong) / len(ordinary), 4)}
    out["cpu_ms_per_name"] = round(spent * 1000 / len(ordinary), 2)
    print(json.dumps(out, indent=2))


if __name__ == "__main__":
    main()

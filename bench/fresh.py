"""How fresh and how fair the choice is in a flood: ``python -m bench.fresh`` prints one JSON object.

200 lines a second for 120 s of virtual time into the real inbox (no moderation), none like another, while the host
takes a turn each so many seconds. ``many``: from 5,000 viewers. ``regulars``: 40 viewers, who all wait all the time;
Jain's index over their answers. ``one``: all from one viewer, with the limits of ``configs/bench.yaml``. Ages are
those of the answered ordinary lines, in seconds. It exits 1 when a median is above 10 s or an index below .95.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.flood import jain, line
from bot.inbox.inbox import Inbox, Limits
from bot.types import Author, Message
from moderation import Action, Verdict

RATE, SECONDS = 200, 120
TURNS_S = (0.5, 2.0, 5.0)
#: What ``configs/bench.yaml`` sets, so that one tester may write as much as it likes.
OPEN = Limits(per_viewer=100, burst=1000, refill_per_s=1000, fold_window=0)
MOST_AGE_S, LEAST_JAIN = 10.0, 0.95
#: Answers for each viewer from which the index says something: 60 answers over 40 viewers cannot be even.
ENOUGH = 5


def pour(viewers: int, turn_s: float, limits: Limits, seed: int = 1) -> tuple[list[float], Counter[str]]:
    """Return the ages of the answered lines, and the answers of each viewer."""
    rng = random.Random(seed)
    now, due = 1000.0, 1000.0
    inbox = Inbox(limits, lambda: now, random.Random(seed + 1))
    ages: list[float] = []
    answers: Counter[str] = Counter()
    for number in range(RATE * SECONDS):
        now = 1000.0 + number / RATE
        viewer = str(rng.randrange(viewers))
        text = f"{line(rng)} {number}"
        message = Message(str(number), "bench", Author(viewer, viewer), text, at=now)
        inbox.offer(message, Verdict(Action.ALLOW, (), 0.0, text))
        while due <= now:
            due += turn_s
            if choice := inbox.take_nowait(now):
                ages.append(now - choice.messages[0].at)
                answers[viewer_of(choice.messages)] += 1
    return ages, answers


def viewer_of(messages: Sequence[Message]) -> str:
    """Return who is answered."""
    return messages[0].author.id


def measure(viewers: int, limits: Limits, turns_s: Sequence[float] = TURNS_S) -> dict[str, Any]:
    """Return the figures of one audience, by the length of a turn."""
    found = {}
    for turn_s in turns_s:
        ages, answers = pour(viewers, turn_s, limits)
        cuts, enough = statistics.quantiles(ages, n=10), ENOUGH * viewers <= len(ages)
        found[f"turn_{turn_s:g}_s"] = {
            "answers": len(ages),
            "age_p50_s": round(cuts[4], 1),
            "age_p90_s": round(cuts[8], 1),
            "age_max_s": round(max(ages), 1),
            "jain": round(jain([answers[str(n)] for n in range(viewers)]), 3) if enough else None,
        }
    return found


def main() -> int:
    """Print the figures; 1 when a promise is broken."""
    result = {
        "many": measure(5000, Limits()),
        "many_open": measure(5000, OPEN),
        "regulars": measure(40, OPEN),
        "one": measure(1, OPEN),
    }
    print(json.dumps({"bench": "fresh", "rate": RATE, "seconds": SECONDS, **result}, indent=2))
    each = [figures for kind in result.values() for figures in kind.values()]
    kept = all(f["age_p50_s"] <= MOST_AGE_S and (f["jain"] or 1.0) >= LEAST_JAIN for f in each)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

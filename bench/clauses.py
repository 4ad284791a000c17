"""How long the way from a model's delta to a clause takes. Prints one JSON object."""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if not __package__:
    # Run as a file: what is measured is the project around it, installed or not.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bot.mind.reply.parser import ReplyParser
from bot.voice.clauses.maker import ClauseMaker

ROUNDS = 200
REPLIES = {
    "en": (
        "[joy] Well hello there, and welcome to the stream! It costs 3.14 dollars, as Mr. Smith says... *waves* "
        "I really think that **this** is the best game we have played this year. What do you all think? "
        "(I know, I know.) 😂"
    ),
    "zh": (
        "[joy] 大家晚上好呀，欢迎来到直播间！今天我们来玩一个新游戏，价格是3.14元……【挥手】"
        "你们觉得怎么样？"
        "我觉得“真的很好玩！”所以一起来吧，不要错过哦～😂"
    ),
}


def deltas(text: str) -> Iterator[str]:
    """Cut a text about as a tokenizer does."""
    yield from re.findall(r"\s?[A-Za-z]+|\s?[^A-Za-z\s]{1,2}|\s", text)


def measure(text: str) -> dict[str, float]:
    """Time each delta through parser and clause maker, in µs."""
    times: list[float] = []
    first: list[float] = []
    for _ in range(ROUNDS):
        parser, maker = ReplyParser("Mira", ["Bob"]), ClauseMaker("bench")
        used, seen = 0.0, False
        for delta in deltas(text):
            began = time.perf_counter()
            clauses = [clause for piece in parser.feed(delta) for clause in maker.feed(piece)]
            took = (time.perf_counter() - began) * 1e6
            times.append(took)
            used += took
            if clauses and not seen:
                seen = True
                first.append(used)
        parser.flush()
        maker.flush()
    times.sort()
    return {
        "deltas": len(times) // ROUNDS,
        "us_per_delta_mean": round(statistics.fmean(times), 2),
        "us_per_delta_p99": round(times[int(len(times) * 0.99)], 2),
        "us_to_first_clause": round(statistics.median(first), 1),
    }


if __name__ == "__main__":
    print(json.dumps({"bench": "clauses", **{name: measure(text) for name, text in REPLIES.items()}}))

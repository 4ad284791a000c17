"""What counting votes costs: ``python -m bench.votes`` prints one JSON object, lines a second of CPU time.

``digits``: what most viewers write. ``words``: many forms in three scripts. ``spam``: lines that are no votes, up to
500 characters long. ``changed``: one viewer in two has voted before. ``pack_ms`` is what it costs to make the count of
50,000 voters durable, every five seconds.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence

from bot.show.segments.votes import Ballot

CHOICES = ["pizza", "拉麵", "iced tea", "カレー", "soup"]
LINES = 50_000
WORDS = [
    "pizza please",
    "我选2",
    "!vote 3",
    "カレー",
    "I vote for soup",
    "拉面",
    "B",
    "４",
    "第二",
    "three",
    "2️⃣",
    "カレーがいい",
]
NOISE = [
    "hello everybody",
    "哈哈哈哈哈哈",
    "what game is this?",
    "草",
    "pizza or soup?",
    "lol " * 125,
    "主播唱首歌吧",
    "🎉" * 40,
]


def per_second(lines: Sequence[tuple[str, str]]) -> tuple[int, Ballot]:
    """Return how many lines are counted in a second of CPU time, and the count."""
    ballot = Ballot(CHOICES)
    began = time.process_time()
    for viewer, text in lines:
        ballot.cast(viewer, text)
    return round(len(lines) / (time.process_time() - began)), ballot


def main() -> None:
    """Measure and print."""
    chance = random.Random(1)
    digits = [(f"viewer {n}", str(chance.randrange(1, 6))) for n in range(LINES)]
    words = [(f"viewer {n}", f"{chance.choice(WORDS)}{'!' * chance.randrange(3)}") for n in range(LINES)]
    spam = [(f"viewer {n % 50}", f"{chance.choice(NOISE)}{chance.randrange(1000)}") for n in range(LINES)]
    changed = [(f"viewer {chance.randrange(LINES // 2)}", str(chance.randrange(1, 6))) for _ in range(LINES)]
    Ballot(CHOICES).cast("warm", "拉麵啊")  # the tables for traditional characters
    result: dict[str, float] = {}
    for name, lines in (("digits", digits), ("words", words), ("spam", spam), ("changed", changed)):
        result[name], ballot = per_second(lines)
        assert ballot.total == len({viewer for viewer, text in lines if Ballot(CHOICES).cast(viewer, text) is not None})
    ballot = per_second(digits)[1]
    ballot.pack()
    began = time.process_time()
    for _ in range(20):
        ballot.pack()
    result["pack_ms"] = round((time.process_time() - began) * 50, 2)
    print(json.dumps({"bench": "votes", "unit": "lines/s", **result}))


if __name__ == "__main__":
    main()

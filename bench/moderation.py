"""How long a check takes, on lines like those of a chat. Prints one JSON object; times in µs.

``python bench/moderation.py [FILE]``: a text file with one line a message may be given instead.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

if not __package__:
    # Run as a file, this folder stands first on the path, and "moderation" would be this very file.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from moderation import Context, Direction, Moderator

ROUNDS = 100
LINES = (
    "hello chat how is everyone doing today",
    "LETS GOOOOO that was insane",
    "lol",
    "@Mira what do you think about the new patch? is it any good",
    "Pog Pog Pog",
    "can you play that song again pls, the one from yesterday's stream",
    "bro that boss has like 3.5 million hp no way you beat it first try 😂",
    "first time here, love the voice! greetings from Brazil",
    "gg wp",
    "you're so bad at this game lmao get good",
    "主播晚上好",
    "今天玩什么游戏呀，昨天那个还没打完吧",
    "哈哈哈哈哈哈哈哈",
    "这操作太秀了！！！",
    "請問這個遊戲多少錢？我也想買來玩玩看",
    "233333",
    "up主加油，生日快乐🎂🎂",
    "感觉这个boss比上一个难多了，血量有3万多",
    "wow that is so cool!! what's your favorite anime",
    "is this an AI? how does it work",
)


def measure(moderator: Moderator, lines: tuple[str, ...], context: Context) -> dict[str, float]:
    """Time every check."""
    times: list[float] = []
    rounds = max(1, ROUNDS * len(LINES) // len(lines))
    for turn in range(rounds + 1):
        for line in lines:
            began = time.perf_counter()
            moderator.check(line, context)
            if turn:
                times.append((time.perf_counter() - began) * 1e6)
    times.sort()
    return {"mean": round(statistics.fmean(times), 1), "p99": round(times[int(len(times) * 0.99)], 1)}


def main() -> None:
    """Print the figures."""
    lines = tuple(Path(sys.argv[1]).read_text("utf-8").splitlines()) if len(sys.argv) > 1 else LINES
    began = time.perf_counter()
    moderator = Moderator()
    started_ms = (time.perf_counter() - began) * 1e3
    out = Context(
        Direction.OUT, window=("That was a great match, everybody.", "谢谢大家！"), heard=("how was the match?",)
    )
    figures = {
        "bench": "moderation",
        "lines": len(lines),
        "characters_mean": round(statistics.fmean(map(len, lines)), 1),
        "start_ms": round(started_ms, 1),
        "in_us": measure(moderator, lines, Context()),
        "out_us": measure(moderator, lines, out),
        "hostile_us": measure(moderator, ("ignore say dot a.b " * 200, "\u0301" * 10_000, "x" * 1_000_000), Context()),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

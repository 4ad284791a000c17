"""What commands cost the way in: ``python -m bench.commands`` prints one JSON object, times in microseconds of CPU.

``no command`` is what is asked of each line of chat beside all that was asked before: whether it is one. ``command``
is one that is carried out and whose answer waits to be written, ``resting`` one that comes too early. Moderation is
not in these figures: it takes about a millisecond of each line, command or not.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from itertools import count

from bot.intake.addressing import NameMatcher
from bot.intake.commands import CommandLine
from bot.show.chat_replies import ChatReplies
from bot.show.commands.commands import Commands
from bot.show.commands.settings import CommandSettings
from bot.types import Author, Message
from tests.support.harness import Stagehand

LINES = 10_000
ROUNDS = 3
NAMES = NameMatcher(("Mira", "小云"))
WORDS = "what game song tonight do you like tea rain lamp story sea favourite 今天 玩 什么 游戏 好听 天气 故事".split()
_ids = count(1)


def messages(text: Callable[[], str], viewers: int = 5000) -> list[Message]:
    """Return lines of chat, each of one of so many viewers."""
    rng = random.Random(1)
    return [
        Message(str(next(_ids)), "local", Author(f"v{rng.randrange(viewers)}", "Viewer"), text(), at=1.0)
        for _ in range(LINES)
    ]


def cost(work: Callable[[Message], object], lines: list[Message]) -> float:
    """Return the CPU time of one line in microseconds: the least of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for line in lines:
            work(line)
        best = min(best, time.process_time() - began)
    return round(best / len(lines) * 1e6, 2)


class Unbounded(Commands):
    """Commands whose answers are all written: the bound of a minute would hide what they cost."""

    def _may_write(self, chat: str) -> bool:
        del chat
        return True


def desk(**settings: object) -> Commands:
    """Return commands over a show of the harness; answers go to a page that drops them."""
    hand = Stagehand()
    replies = ChatReplies(hand.registry, hand.moderator, lambda _source: "off")
    replies.pages["local"] = lambda _text: None
    own = {f"own{n}": {"text": "hello"} for n in range(50)}
    made = CommandSettings.model_validate({"own": own, **settings})
    return Unbounded(hand.show, replies, made, host=lambda: "Mira")


async def measure() -> dict[str, float]:
    """Return the cost of a line of each sort."""
    rng = random.Random(2)

    def talk(words: list[str]) -> Callable[[], str]:
        return lambda: " ".join(rng.choices(words, k=8))

    free = desk(cooldown_s=0, viewer_cooldown_s=0, per_minute=100)
    resting = desk(cooldown_s=3600, viewer_cooldown_s=3600)

    def carried(commands: Commands) -> Callable[[Message], object]:
        def take(line: Message) -> str:
            command = commands.read(line, NAMES)
            assert isinstance(command, CommandLine)
            return commands.take(line, command)

        return take

    english = messages(talk([word for word in WORDS if word.isascii()]))
    mixed = messages(talk(WORDS))
    found = {
        "no command, English": cost(lambda line: free.read(line, NAMES), english),
        "no command, Chinese": cost(lambda line: free.read(line, NAMES), mixed),
        "for another bot": cost(lambda line: free.read(line, NAMES), messages(lambda: "!uptime")),
        "!help": cost(carried(free), messages(lambda: "!help")),
        "！why": cost(carried(free), messages(lambda: "！why")),
        "!queue": cost(carried(free), messages(lambda: "!queue")),
        "one of your own": cost(carried(free), messages(lambda: "!own7")),
        "resting": cost(carried(resting), messages(lambda: "!help")),
    }
    flood = messages(lambda: "!help", viewers=50_000)
    found["a flood of 50,000 viewers"] = cost(carried(resting), flood)
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure()), indent=2, ensure_ascii=False))

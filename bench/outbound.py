"""What the check on the way out adds to a clause, beyond its synthesis and without a judge. Prints one JSON object.

A voice that gives its sound at once is asked through the real speaker, once with the real moderation (its window of
three clauses, what is shown and what is spoken, the echo guard) and once with a check that allows everything.
"check" is the time of one check alone, on the thread that runs the event loop: of a clause with three clauses before
it, and of a viewer's line of 400 characters. Wall time well above CPU time means that the check waits for threads.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

if not __package__:
    # Run as a file: what is measured is the project around it, installed or not.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bot.mind.reply.parser import ReplyParser
from bot.runtime.signal import Signal
from bot.show.outbound import Outbound
from bot.types import Clause, Health, Pcm, Style
from bot.voice.clauses.maker import ClauseMaker
from bot.voice.speaker import Speaker
from moderation import Action, Context, Direction, Moderator, Verdict

ROUNDS: Final = 300
#: What the project asks of itself, in ms.
BOUND_MS: Final = 2.0
#: The same for one check, on a machine whose unit is 25.
CHECK_BOUND_MS: Final = 5.0
CHECKS: Final = 200
HEARD: Final = ("hey Mira, what do you think about the new game that everybody plays now? 你最喜欢哪个角色呀",)
REPLIES: Final = {
    "en": (
        "[joy] Well hello there, and welcome to the stream! It costs 3.14 dollars, as Mr. Smith says... "
        "I really think that this is the best game we have played this year 😂, and I would play it all night. "
        "What do you all think?"
    ),
    "zh": (
        "[joy] 大家晚上好呀，欢迎来到直播间！今天我们来玩一个新游戏😂，价格是3.14元。"
        "你们觉得怎么样？我觉得真的很好玩，一起来吧！"
    ),
}


class Voice:
    """Gives its sound at once."""

    languages: frozenset[str] = frozenset()

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Yield 20 ms of silence."""
        del text, style
        yield Pcm(bytes(960), 24_000)

    async def check(self) -> Health:
        """Return that it is there: it always is."""
        return Health(ok=True, detail="")


class Stage:
    """Notes when a clause begins to be heard."""

    def __init__(self) -> None:
        self.changed = Signal()
        self.began_at = 0.0

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> Clause | None:
        """Begin a clause."""
        del epoch, rate, silent_ms
        self.began_at = time.perf_counter()
        return clause

    def sound(self, reel: Clause, pcm: Pcm) -> None:
        """Take sound."""

    def complete(self, reel: Clause, *, truncated: bool = False) -> None:
        """End a clause."""

    def ahead_s(self) -> float:
        """Nothing waits."""
        return 0.0


def clauses(text: str) -> list[Clause]:
    """Cut a reply as the show does."""
    parser, maker = ReplyParser("Mira"), ClauseMaker("bench")
    return [c for piece in (*parser.feed(text), *parser.flush()) for c in maker.feed(piece)] + list(maker.flush())


async def measure(
    reply: list[Clause], check: Callable[[Clause, list[Clause]], Awaitable[Verdict]]
) -> tuple[list[float], list[float]]:
    """Time each clause from the order to speak it to its beginning on the stage: ms by the clock, and by the CPU."""
    stage = Stage()
    speaker: Speaker[Clause] = Speaker(
        Voice(), stage, lambda c: Style(c.language), lookahead_s=12.0, on_voiceless=lambda _: None
    )
    times: list[float] = []
    used: list[float] = []
    for _ in range(ROUNDS):
        before: list[Clause] = []
        for clause in reply:
            began, cpu = time.perf_counter(), time.process_time()
            verdict = await speaker.say(1, clause, lambda c, past=tuple(before): check(c, list(past)))  # type: ignore[misc]
            assert verdict.allowed, verdict
            used.append((time.process_time() - cpu) * 1000)
            times.append((stage.began_at - began) * 1000)
            before.append(clause)
    return sorted(times), used


def measure_check(moderator: Moderator, text: str, context: Context) -> dict[str, float]:
    """Time one check, with another number in the text each time. Return ms by the clock, and by the CPU."""
    times: list[float] = []
    used: list[float] = []
    for number in range(CHECKS):
        began, cpu = time.perf_counter(), time.thread_time()
        verdict = moderator.check(text.format(number=number), context)
        used.append((time.thread_time() - cpu) * 1000)
        times.append((time.perf_counter() - began) * 1000)
        assert "error" not in verdict.rules, verdict
    times.sort()
    return {
        "ms_median": round(statistics.median(times), 2),
        "ms_p99": round(times[int(CHECKS * 0.99)], 2),
        "cpu_ms_median": round(statistics.median(used), 2),
    }


def measure_checks(moderator: Moderator) -> dict[str, object]:
    """Time the check of a clause with three clauses before it, and of a long line of a viewer."""
    before = ("5.01 dollars from Viewer!", "Thank you.", "That is very kind of you.")
    spoken = Context(Direction.OUT, window=before, heard=("which boats do you like?",))
    return {
        "bound_ms": CHECK_BOUND_MS,
        "clause_with_window_of_three": measure_check(
            moderator, "I am reading this one by the good lamp number {number}.", spoken
        ),
        "line_of_400_characters": measure_check(moderator, ("word " * 79) + "{number:05}", Context(Direction.IN)),
    }


async def main() -> dict[str, object]:
    """Measure both languages."""
    moderator = Moderator()
    moderator.self_test()
    gate = Outbound(moderator)

    async def judged(clause: Clause, before: list[Clause]) -> Verdict:
        return await gate.verdict(clause, before, HEARD)

    async def waved_through(clause: Clause, before: list[Clause]) -> Verdict:
        del before
        return Verdict(Action.ALLOW, (), 0.0, clause.text)

    out: dict[str, object] = {"bench": "outbound", "bound_ms": BOUND_MS, "check": measure_checks(moderator)}
    for language, text in REPLIES.items():
        reply = clauses(text)
        (plain, plain_cpu), (full, full_cpu) = await measure(reply, waved_through), await measure(reply, judged)
        out[language] = {
            "clauses": len(reply),
            "spoken_otherwise": sum(bool(c.speech) and c.speech != c.text for c in reply),
            "added_ms_median": round(statistics.median(full) - statistics.median(plain), 3),
            "added_ms_mean": round(statistics.fmean(full) - statistics.fmean(plain), 3),
            "added_cpu_ms_mean": round(statistics.fmean(full_cpu) - statistics.fmean(plain_cpu), 3),
            "with_check_ms_p99": round(full[int(len(full) * 0.99)], 3),
            "without_check_ms_median": round(statistics.median(plain), 3),
        }
    return out


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())))

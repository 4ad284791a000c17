"""Lines about which moderation is unsure wait here for a second opinion, never longer than a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from loguru import logger

from bot.types import Message, Retraction
from moderation import Context, Verdict

#: Lines that wait for a second opinion, and how many are asked about at once; one more is judged by the rules alone.
MAX_WAITING, ASKED_AT_ONCE = 64, 8
#: Longest wait for a second opinion, in seconds; the judges have shorter deadlines of their own.
SECOND_S = 5.0


class SecondOpinion(Protocol):
    """Judges an uncertain text a second time, slower and better."""

    def wanted(self, verdict: Verdict, context: Context) -> bool:
        """Return at once whether a text is to be judged again."""
        ...

    async def of(self, verdict: Verdict, text: str, context: Context, *, waited_s: float = 0.0) -> Verdict:
        """Return the verdict that counts; never raises, and keeps a deadline of which ``waited_s`` is over."""
        ...


@dataclass(slots=True, eq=False)
class Waiting:
    """A line about which a second opinion is asked. ``retracted`` says why it was taken back meanwhile."""

    message: Message
    context: Context
    verdict: Verdict
    since: float
    retracted: str = ""


class ReviewQueue:
    """Asks for second opinions. ``judged(waiting, verdict)`` is told of each line that has waited."""

    def __init__(self, second: SecondOpinion | None, judged: Callable[[Waiting, Verdict], None]) -> None:
        self._second = second
        self._judged = judged
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue(MAX_WAITING)
        self._asked: set[Waiting] = set()
        self._running = False

    def add(self, message: Message, context: Context, verdict: Verdict, now: float) -> bool:
        """Queue a line for a second opinion; return False when none is wanted, or too many wait."""
        if not self._running or self._second is None or not message.text or self._waiting.full():
            return False
        if not self._second.wanted(verdict, context):
            return False
        waiting = Waiting(message, context, verdict, now)
        self._asked.add(waiting)
        self._waiting.put_nowait(waiting)
        return True

    def retract(self, retraction: Retraction) -> None:
        """Mark the lines that a deletion concerns."""
        for waiting in self._asked:
            m = waiting.message
            if retraction.covers(m.source, m.id, m.author.id):
                waiting.retracted = retraction.reason

    async def run(self) -> None:
        """Ask for second opinions; runs as long as the show. While it does not run, the rules alone decide."""
        if self._second is None:
            return
        self._running = True
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(ASKED_AT_ONCE):
                    group.create_task(self._ask(self._second))
        finally:
            self._running = False
            while not self._waiting.empty():
                waiting = self._waiting.get_nowait()
                self._finish(waiting, waiting.verdict)

    async def _ask(self, second: SecondOpinion) -> None:
        while True:
            waiting = await self._waiting.get()
            verdict, waited_s = waiting.verdict, asyncio.get_running_loop().time() - waiting.since
            try:
                async with asyncio.timeout(SECOND_S):
                    verdict = await second.of(verdict, waiting.message.text, waiting.context, waited_s=waited_s)
            except TimeoutError:
                logger.warning("a second opinion came too late: the rules decide")
            except Exception as error:  # noqa: BLE001 - a judge that breaks must not cost a viewer's line
                logger.opt(exception=error).error("a second opinion failed: the rules decide")
            finally:
                self._finish(waiting, verdict)

    def _finish(self, waiting: Waiting, verdict: Verdict) -> None:
        self._asked.discard(waiting)
        self._judged(waiting, verdict)

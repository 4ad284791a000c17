"""Asks the judges: within a budget, a deadline and reason, and without ever raising.

A text that was judged lately is not judged again; whoever asks about a text that is being judged waits for that
answer. A judge that fails several times in a row rests, and then gets one question to prove itself. The judges
are a chain: the next one is asked when the one before it could not answer.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from moderation.judging.judge import MAX_JUDGED, Judge, JudgeError, Opinion
from moderation.verdict import Direction

#: Answers remembered, a few hundred bytes each.
MAX_REMEMBERED: Final = 2000
#: Failures in a row after which a judge rests, and for how long in seconds: doubling up to the last.
FAILURES, REST_S, REST_CAP_S = 3, 15.0, 300.0

Key = tuple[Direction, str]


class Answer(NamedTuple):
    """What came of a question: an opinion and whose, or None and why there is none."""

    opinion: Opinion | None
    name: str = ""
    why: str = ""


#: Whoever asked went away before the answer came; the next one who wants it asks again.
_ABANDONED: Final = Answer(None, why="the question was given up")


class _NoFormError(JudgeError):
    """The judge answered something else. That may be the text's doing, so the judge does not rest for it."""


class State(NamedTuple):
    """A judge as the control room shows it."""

    name: str
    state: Literal["up", "resting", "down"]
    detail: str


@dataclass(slots=True)
class JudgeSlot:
    """A judge and how it has been doing. ``judge`` is None when it could not be opened: ``detail`` says why."""

    name: str
    judge: Judge | None
    detail: str = ""
    down: bool = False
    failures: int = 0
    rests_until: float = 0.0
    proving: bool = False


class Panel:
    """The judges. ``on_failure`` is told each failure: the judge's name and the error."""

    def __init__(
        self,
        seats: Sequence[JudgeSlot],
        clock: Callable[[], float],
        *,
        per_minute: int = 60,
        on_failure: Callable[[str, Exception], None] = lambda _n, _e: None,
    ) -> None:
        self.per_minute = per_minute
        self._seats, self._clock, self._on_failure = list(seats), clock, on_failure
        self._tokens, self._filled_at = float(per_minute), clock()
        self._known: OrderedDict[Key, Answer] = OrderedDict()
        self._asked: dict[Key, asyncio.Future[Answer]] = {}

    @property
    def empty(self) -> bool:
        """Whether there is no judge at all."""
        return not self._seats

    def links(self) -> list[State]:
        """Describe the judges in their order."""
        now = self._clock()
        return [
            State(f"judge {s.name}", "down" if s.down else "resting" if s.rests_until > now else "up", s.detail)
            for s in self._seats
        ]

    async def ask(self, text: str, direction: Direction, deadline_s: float) -> Answer:
        """Return the opinion on a text, or why there is none, within ``deadline_s`` seconds. Never raises."""
        if len(text) > MAX_JUDGED:
            return Answer(None, why="the text is too long for a judge")
        key = direction, fold(text)
        if known := self._known.get(key):
            self._known.move_to_end(key)
            return known
        until = asyncio.get_running_loop().time() + deadline_s
        try:
            async with asyncio.timeout_at(until):
                while waiting := self._asked.get(key):
                    if (answer := await asyncio.shield(waiting)) is not _ABANDONED:
                        return answer
        except TimeoutError:
            return Answer(None, why=f"no answer within {deadline_s:g} s")
        return await self._lead(key, text, until)

    async def _lead(self, key: Key, text: str, until: float) -> Answer:
        asked = self._asked[key] = asyncio.get_running_loop().create_future()
        answer = _ABANDONED
        try:
            sound = text.encode("utf-8", "replace").decode()  # half a letter cannot be sent
            answer = await self._go_round(sound, key[0], until)
        finally:
            del self._asked[key]
            asked.set_result(answer)
        if answer.opinion is not None:
            self._known[key] = answer
            if len(self._known) > MAX_REMEMBERED:
                self._known.popitem(last=False)
        return answer

    async def _go_round(self, text: str, direction: Direction, until: float) -> Answer:
        now = self._clock()
        # One that is being given its question to prove itself gets no second one meanwhile.
        ready = [s for s in self._seats if s.judge and not s.down and not s.proving and s.rests_until <= now]
        why, loop = "no judge is up", asyncio.get_running_loop()
        for seat in ready:
            if (left := until - loop.time()) <= 0:
                break
            if not self._spend():
                return Answer(None, why=f"the budget of {self.per_minute} questions a minute is spent")
            # Half of the time, where another one could use the rest.
            end = until if seat is ready[-1] else loop.time() + left / 2
            if (opinion := await self._one(seat, text, direction, end)) is not None:
                return Answer(opinion, seat.name)
            why = f"{seat.name}: {seat.detail}"
        return Answer(None, why=why)

    async def _one(self, seat: JudgeSlot, text: str, direction: Direction, until: float) -> Opinion | None:
        seat.proving = seat.failures >= FAILURES
        try:
            async with asyncio.timeout_at(until):
                opinion = await _opinion(seat.judge, text, direction)
        except Exception as error:  # noqa: BLE001 - whatever a judge raises, the verdict must not fail
            self._failed(seat, JudgeError("no answer in time") if isinstance(error, TimeoutError) else error)
            return None
        finally:
            seat.proving = False
        seat.failures, seat.rests_until, seat.detail = 0, 0.0, ""
        return opinion

    def _failed(self, seat: JudgeSlot, error: Exception) -> None:
        seat.failures += not isinstance(error, _NoFormError)
        retry_s = 0.0
        seat.detail = str(error)[:200] or type(error).__name__
        if isinstance(error, JudgeError):
            seat.detail = f"{seat.detail} {error.remedy}".strip()
            seat.down, retry_s = error.fatal, error.retry_after_s
        if seat.failures >= FAILURES:
            retry_s = max(retry_s, min(REST_CAP_S, REST_S * 2 ** min(10, seat.failures - FAILURES)))
        if retry_s:
            seat.rests_until = self._clock() + retry_s
        self._on_failure(f"judge {seat.name}", error)

    def _spend(self) -> bool:
        """Take a token from the bucket, which holds a minute's worth."""
        now = self._clock()
        more = (now - self._filled_at) * self.per_minute / 60
        self._tokens, self._filled_at = min(float(self.per_minute), self._tokens + more), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


async def _opinion(judge: Judge | None, text: str, direction: Direction) -> Opinion:
    opinion = await judge.judge(text, direction) if judge else None
    if opinion is None:
        raise _NoFormError("its answer had no form that is known")
    if not 0 <= opinion.probability <= 1:
        raise _NoFormError("its answer was no probability")
    return opinion


def fold(text: str) -> str:
    """Make texts equal that no judge tells apart: width, case, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())

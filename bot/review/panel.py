"""Asks the judges: within a budget and a deadline, each text once, and without ever raising.

A text that was judged lately is not judged again; a second question about a text that is being judged waits for the
first one's answer. Failover between the judges is that of `bot.runtime.failover`, with one difference: a judge rests
only after several failures in a row, and then gets one question to prove itself.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from bot.errors import FatalError, ProviderError, QuotaError, TransientError
from bot.runtime.failover import Chain, Deadlines, Link, LinkState, RestPolicy
from bot.runtime.link import UnusableError
from bot.runtime.ratelimit import TokenBucket
from moderation.judging.judge import MAX_JUDGED, Judge, JudgeError, Opinion
from moderation.verdict import Direction

#: Answers remembered, a few hundred bytes each.
MAX_REMEMBERED: Final = 2000
#: Failures in a row after which a judge rests, and for how long in seconds: doubling up to the last.
FAILURES, REST_S, REST_CAP_S = 3, 15.0, 300.0
#: The waits for a judge come with each question, so these are not used.
_DEADLINES: Final = Deadlines(first_s=10.0, last_first_s=10.0)

Key = tuple[Direction, str]


class Answer(NamedTuple):
    """What came of a question: an opinion and whose, or None and why there is none."""

    opinion: Opinion | None
    name: str = ""
    why: str = ""


#: The first who asked went away before the answer came; the next one who wants it asks again.
_ABANDONED: Final = Answer(None, why="the question was given up")


class Panel:
    """The judges. ``on_failure`` is told each failure: the judge's name and the error."""

    def __init__(
        self,
        links: Sequence[Link[Judge]],
        clock: Callable[[], float],
        *,
        per_minute: int = 60,
        on_failure: Callable[[str, Exception], None] = lambda _n, _e: None,
    ) -> None:
        #: Questions to all judges together; may be changed on air.
        self.per_minute = per_minute
        self.empty = not links
        self._clock = clock
        self._chain: Chain[Judge] = Chain(
            links,
            _DEADLINES,
            lambda name, error: on_failure(_shown(name), error),
            clock,
            rests=RestPolicy(REST_S, REST_CAP_S, FAILURES, one_probe=True),
        )
        self._budget = TokenBucket(per_minute, clock())
        self._known: OrderedDict[Key, Answer] = OrderedDict()
        self._asked: dict[Key, asyncio.Future[Answer]] = {}

    def links(self) -> list[LinkState]:
        """Describe the judges in their order."""
        return [state._replace(name=_shown(state.name)) for state in self._chain.states()]

    async def retry_now(self, name: str) -> LinkState:
        """End a judge's rest, so that the next question goes to it; ``name`` is the one that `links` shows."""
        state = await self._chain.retry_now(name.removeprefix(_shown("")))
        return state._replace(name=_shown(state.name))

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
        """Ask the judges; all who want the same answer meanwhile wait for this one."""
        loop = asyncio.get_running_loop()
        asked = self._asked[key] = loop.create_future()
        answer = _ABANDONED
        try:
            answer = await self._ask_judges(text, key[0], until - loop.time())
        finally:
            del self._asked[key]
            asked.set_result(answer)
        if answer.opinion is not None:
            self._known[key] = answer
            if len(self._known) > MAX_REMEMBERED:
                self._known.popitem(last=False)
        return answer

    async def _ask_judges(self, text: str, direction: Direction, within_s: float) -> Answer:
        # Half of a surrogate pair cannot be sent as UTF-8; it becomes a question mark.
        sendable = text.encode("utf-8", "replace").decode()
        try:
            name, opinion = await self._chain.ask(
                lambda judge: _opinion(judge, sendable, direction), within_s=within_s, spend=self._spend
            )
        except ProviderError as error:
            return Answer(None, why=str(error))
        return Answer(opinion, name)

    def _spend(self) -> None:
        """Take a question from the budget. Raise `QuotaError` when it is spent."""
        if not self._budget.take(self._clock(), burst=self.per_minute, rate_per_s=self.per_minute / 60):
            raise QuotaError(f"the budget of {self.per_minute} questions a minute is spent")


async def _opinion(judge: Judge, text: str, direction: Direction) -> Opinion:
    """Ask one judge. Raise `ProviderError` for a judge that failed, `UnusableError` for an answer of no use."""
    try:
        opinion = await judge.judge(text, direction)
    except JudgeError as error:
        raise _as_provider_error(error) from error
    if opinion is None:
        raise UnusableError("its answer had no form that is known")
    if not 0 <= opinion.probability <= 1:
        raise UnusableError("its answer was no probability")
    return opinion


def _as_provider_error(error: JudgeError) -> ProviderError:
    said = str(error)[:200] or type(error).__name__
    if error.fatal:
        return FatalError(said, remedy=error.remedy)
    if error.retry_after_s:
        return QuotaError(said, remedy=error.remedy, retry_after_s=error.retry_after_s)
    return TransientError(said, remedy=error.remedy)


def _shown(name: str) -> str:
    """Return a judge's name as the control room and the log show it."""
    return f"judge {name}"


def fold(text: str) -> str:
    """Make texts equal that no judge tells apart: width, case, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())

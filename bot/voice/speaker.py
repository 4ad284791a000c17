"""Turns clauses into sound and hands them to the stage, each released only when it may be heard.

Release of a clause = its first sound is ready, moderation allowed it, its turn is still the current
one and nobody pressed stop. The check runs beside the synthesis. While one clause is heard the next
ones are made, up to a bound of seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar, cast

from bot.errors import ProviderError
from bot.runtime import Pulse
from bot.types import Clause, Pcm, Style, Tts
from moderation import Action, Verdict

R = TypeVar("R")

#: Reading speed for captions without a voice, in characters a second.
READING = {"en": 14.0, "zh": 5.0, "ja": 6.0}
#: How long a clause without anything to pronounce (an emoji) is shown, in ms.
GLANCE_MS = 900


class Mouth(Protocol[R]):
    """The stage as the speaker sees it. ``R`` is the stage's own record of a clause."""

    changed: Pulse

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> R | None:
        """Begin a clause; None when its turn is over."""
        ...

    def sound(self, reel: R, pcm: Pcm) -> None:
        """Add sound."""
        ...

    def complete(self, reel: R, *, truncated: bool = False) -> None:
        """All the sound is there."""
        ...

    def ahead_s(self) -> float:
        """Seconds made and not heard yet."""
        ...


class Speaker(Generic[R]):
    """Speaks clauses one after the other. ``on_voiceless`` is told why a clause went without a voice."""

    def __init__(
        self,
        tts: Tts,
        mouth: Mouth[R],
        style: Callable[[Clause], Style],
        *,
        lookahead_s: float,
        on_voiceless: Callable[[ProviderError], None],
    ) -> None:
        self.tts = tts
        self._mouth = mouth
        self.style = style
        self._lookahead_s = lookahead_s
        self._on_voiceless = on_voiceless

    async def say(self, epoch: int, clause: Clause, check: Callable[[Clause], Awaitable[Verdict]]) -> Verdict:
        """Speak one clause; return when all of its sound was made, not when it was heard.

        Gives the verdict: nothing of a clause that is not allowed was heard or shown.
        """
        await self._mouth.changed.until(lambda: self._mouth.ahead_s() < self._lookahead_s)
        async with asyncio.TaskGroup() as group:
            checking = group.create_task(_as_coroutine(check(clause)))
            if clause.speech:
                return await self._voiced(epoch, clause, checking)
            verdict = await checking
            if verdict.allowed:
                self._silent(epoch, _masked(clause, verdict), GLANCE_MS)
            return verdict

    async def _voiced(self, epoch: int, clause: Clause, checking: asyncio.Task[Verdict]) -> Verdict:
        reel: R | None = None
        verdict: Verdict | None = None
        stream = self.tts.speak(clause.speech, self.style(clause))
        try:
            async with aclosing(cast("Any", stream)) as pieces:
                async for pcm in pieces:
                    if not pcm.data:
                        continue  # a clause is begun by sound alone: a page waits for the end of what was begun
                    if verdict is None:
                        verdict = await checking
                        if verdict.action is Action.MASK:
                            break  # what was made speaks the words that are to be masked
                        if not verdict.allowed:
                            return verdict
                        reel = self._mouth.speak(epoch, clause, pcm.rate)
                        if reel is None:
                            return verdict
                    if reel is not None:
                        self._mouth.sound(reel, pcm)
        except ProviderError as error:
            self._on_voiceless(error)
            if reel is not None:
                self._mouth.complete(reel, truncated=True)
                return cast("Verdict", verdict)
        if reel is not None:
            self._mouth.complete(reel)
            return cast("Verdict", verdict)
        verdict = await checking
        if verdict.allowed:
            shown = _masked(clause, verdict)
            self._silent(epoch, shown, reading_ms(shown.text, clause.language))
        return verdict

    def _silent(self, epoch: int, clause: Clause, ms: int) -> None:
        reel = self._mouth.speak(epoch, clause, 0, ms)
        if reel is not None:
            self._mouth.complete(reel)


def reading_ms(text: str, language: str) -> int:
    """Give the time that a caption needs to be read, in ms."""
    return max(1200, int(len(text) / READING.get(language, 14.0) * 1000))


def _masked(clause: Clause, verdict: Verdict) -> Clause:
    return replace(clause, text=verdict.text) if verdict.action is Action.MASK else clause


async def _as_coroutine(awaitable: Awaitable[Verdict]) -> Verdict:
    return await awaitable

"""Turn clauses into sound and hand them to the stage, each only when it may be heard.

Release of a clause = its first sound is ready, moderation allowed it, its turn is still the current
one, nobody pressed stop, and the delay that the streamer may have set is over. The check runs beside the
synthesis. While one clause is heard the next ones are made, up to a bound of seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Generic, TypeVar, cast

from bot.errors import ProviderError
from bot.text.speed import characters_per_second
from bot.types import Clause, Style, Tts
from bot.voice.release import AudioSink, PendingClause, Release
from moderation import Action, Verdict

R = TypeVar("R")

#: The shortest time that a caption without a voice is shown, in ms.
LEAST_MS = 1200
#: How long a clause without anything to pronounce (an emoji) is shown, in ms.
GLANCE_MS = 900


class Speaker(Generic[R]):
    """Speaks clauses one after the other. ``on_voiceless`` is called with the reason when a clause has no voice.

    With a ``release.delay_s`` every clause is held back for so many seconds. Then the caller must run
    ``release.run()`` meanwhile, and wait for ``release.wait_empty()`` at the end.
    """

    def __init__(
        self,
        tts: Tts,
        sink: AudioSink[R],
        style: Callable[[Clause], Style],
        *,
        lookahead_s: float,
        on_voiceless: Callable[[ProviderError], None],
    ) -> None:
        self.tts = tts
        self.release: Release[R] = Release(sink)
        self.style = style
        self._lookahead_s = lookahead_s
        self._on_voiceless = on_voiceless

    async def say(self, epoch: int, clause: Clause, check: Callable[[Clause], Awaitable[Verdict]]) -> Verdict:
        """Speak one clause and return its verdict, when all of its sound was made (not when it was heard).

        Nothing of a clause that is not allowed is heard or shown. A masked one is shown as it was masked, without a
        voice. Raises what ``check`` raises; a voice that fails leaves the caption alone.
        """
        await self.release.changed.wait_until(lambda: self.release.ahead_s() < self._lookahead_s)
        async with asyncio.TaskGroup() as group:
            checking = group.create_task(_as_coroutine(check(clause)))
            # A check that has nothing to wait for is over after this, and then no voice gets forbidden words.
            await asyncio.sleep(0)
            if clause.speech and not (checking.done() and checking.result().action is not Action.ALLOW):
                return await self._voiced(epoch, clause, checking)
            verdict = await checking
            if verdict.allowed:
                shown = _masked(clause, verdict)
                self._silent(epoch, shown, reading_ms(shown.text, clause.language) if clause.speech else GLANCE_MS)
            return verdict

    async def _voiced(self, epoch: int, clause: Clause, checking: asyncio.Task[Verdict]) -> Verdict:
        reel: PendingClause[R] | None = None
        verdict: Verdict | None = None
        stream = self.tts.speak(clause.speech, self.style(clause))
        try:
            async with aclosing(cast("Any", stream)) as pieces:
                async for pcm in pieces:
                    if not pcm.data:
                        continue  # only sound may begin a clause, because a page waits for the end of what it began
                    if verdict is None:
                        verdict = await checking
                        if verdict.action is Action.MASK:
                            break  # this sound says the words that must be masked
                        if not verdict.allowed:
                            return verdict
                        reel = self.release.speak(epoch, clause, pcm.rate)
                        if reel is None:
                            return verdict
                    if reel is not None:
                        self.release.sound(reel, pcm)
        except ProviderError as error:
            self._on_voiceless(error)
            if reel is not None:
                self.release.complete(reel, truncated=True)
                return cast("Verdict", verdict)
        if reel is not None:
            self.release.complete(reel)
            return cast("Verdict", verdict)
        verdict = await checking
        if verdict.allowed:
            shown = _masked(clause, verdict)
            self._silent(epoch, shown, reading_ms(shown.text, clause.language))
        return verdict

    def _silent(self, epoch: int, clause: Clause, ms: int) -> None:
        reel = self.release.speak(epoch, clause, 0, ms)
        if reel is not None:
            self.release.complete(reel)


def reading_ms(text: str, language: str) -> int:
    """Return the time that a caption needs to be read, in ms."""
    return max(LEAST_MS, int(len(text) / characters_per_second(language) * 1000))


def _masked(clause: Clause, verdict: Verdict) -> Clause:
    return replace(clause, text=verdict.text) if verdict.action is Action.MASK else clause


async def _as_coroutine(awaitable: Awaitable[Verdict]) -> Verdict:
    return await awaitable

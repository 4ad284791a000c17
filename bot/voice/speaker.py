"""Turns clauses into sound and hands them to the stage, each released only when it may be heard.

Release of a clause = its first sound is ready, moderation allowed it, its turn is still the current
one, nobody pressed stop, and the delay that the streamer may have set is over. The check of a clause comes
before its synthesis. While one clause is heard the next ones are made, up to a bound of seconds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Generic, TypeVar, cast

from bot.errors import ProviderError
from bot.types import Clause, Style, Tts
from bot.voice.release import AudioSink, PendingClause, Release
from moderation import Action, Verdict

R = TypeVar("R")

#: Reading speed for captions without a voice, in characters a second.
READING = {"en": 14.0, "zh": 5.0, "ja": 6.0}
#: How long a clause without anything to pronounce (an emoji) is shown, in ms.
GLANCE_MS = 900


class Speaker(Generic[R]):
    """Speaks clauses one after the other. ``on_voiceless`` is told why a clause went without a voice.

    With a ``release.delay_s`` every clause is held back for so long; whoever speaks must then have
    ``release.run()`` going, and wait for ``release.empty()`` at the end.
    """

    def __init__(
        self,
        tts: Tts,
        mouth: AudioSink[R],
        style: Callable[[Clause], Style],
        *,
        lookahead_s: float,
        on_voiceless: Callable[[ProviderError], None],
    ) -> None:
        self.tts = tts
        self.release: Release[R] = Release(mouth)
        self.style = style
        self.lookahead_s = lookahead_s
        self._on_voiceless = on_voiceless

    async def say(self, epoch: int, clause: Clause, check: Callable[[Clause], Awaitable[Verdict]]) -> Verdict:
        """Speak one clause; return when all of its sound was made, not when it was heard.

        Gives the verdict: nothing of a clause that is not allowed was heard or shown.
        """
        await self.release.changed.wait_until(lambda: self.release.ahead_s() < self.lookahead_s)
        # The check comes first: no voice, here or in a cloud, is ever given what must not be said.
        verdict = await check(clause)
        if not verdict.allowed:
            return verdict
        if verdict.action is Action.MASK or not clause.speech:
            shown = _masked(clause, verdict)
            self._silent(epoch, shown, reading_ms(shown.text, clause.language) if clause.speech else GLANCE_MS)
        elif not await self._voiced(epoch, clause):
            self._silent(epoch, clause, reading_ms(clause.text, clause.language))
        return verdict

    async def _voiced(self, epoch: int, clause: Clause) -> bool:
        """Make the sound of a clause; return False when there was none, so that it must be shown in silence."""
        pending: PendingClause[R] | None = None
        try:
            async with aclosing(cast("Any", self.tts.speak(clause.speech, self.style(clause)))) as pieces:
                async for pcm in pieces:
                    if not pcm.data:
                        continue  # a clause is begun by sound alone: a page waits for the end of what was begun
                    if pending is None and (pending := self.release.speak(epoch, clause, pcm.rate)) is None:
                        return True  # its turn is over
                    self.release.sound(pending, pcm)
        except ProviderError as error:
            self._on_voiceless(error)
            if pending is not None:
                self.release.complete(pending, truncated=True)
                return True
        if pending is not None:
            self.release.complete(pending)
        return pending is not None

    def _silent(self, epoch: int, clause: Clause, ms: int) -> None:
        reel = self.release.speak(epoch, clause, 0, ms)
        if reel is not None:
            self.release.complete(reel)


def reading_ms(text: str, language: str) -> int:
    """Return the time that a caption needs to be read, in ms."""
    return max(1200, int(len(text) / READING.get(language, 14.0) * 1000))


def _masked(clause: Clause, verdict: Verdict) -> Clause:
    return replace(clause, text=verdict.text) if verdict.action is Action.MASK else clause

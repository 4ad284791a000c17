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

from bot.errors import ProviderError, TransientError
from bot.text.speed import characters_per_second
from bot.types import Clause, Style, Tts
from bot.voice.release import AudioSink, PendingClause, Release
from moderation import Action, Verdict

R = TypeVar("R")

#: The shortest time that a caption without a voice is shown, in ms.
LEAST_MS = 1200
#: How long a clause without anything to pronounce (an emoji) is shown, in ms.
GLANCE_MS = 900
#: The longest sound of a clause: so many times what its words take, and so many ms more.
LONGEST_TIMES, LONGEST_MORE_MS = 5, 10_000


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
        #: Spells names as they are said; exchanged on air.
        self.pronounce: Callable[[Clause], Clause] = lambda clause: clause
        self.lookahead_s = lookahead_s
        self._on_voiceless = on_voiceless

    def spell(self, pronounce: Callable[[Clause], Clause]) -> None:
        """Spell names so from the next clause on."""
        self.pronounce = pronounce

    async def say(self, epoch: int, clause: Clause, check: Callable[[Clause], Awaitable[Verdict]]) -> Verdict:
        """Speak one clause and return its verdict, when all of its sound was made (not when it was heard).

        Nothing of a clause that is not allowed is heard or shown, or given to a voice. A masked one is shown as it
        was masked, without a voice. Raises what ``check`` raises; a voice that fails leaves the caption alone.
        """
        await self.release.changed.wait_until(lambda: self.release.ahead_s() < self.lookahead_s)
        clause = self.pronounce(clause)
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
        left_ms = LONGEST_TIMES * reading_ms(clause.speech, clause.language) + LONGEST_MORE_MS
        try:
            async with aclosing(cast("Any", self.tts.speak(clause.speech, self.style(clause)))) as pieces:
                async for pcm in pieces:
                    if not pcm.data:
                        continue  # a clause is begun by sound alone: a page waits for the end of what was begun
                    if pending is None and (pending := self.release.speak(epoch, clause, pcm.rate)) is None:
                        return True  # its turn is over
                    self.release.sound(pending, pcm)
                    left_ms -= len(pcm.data) * 500 // pcm.rate
                    if left_ms < 0:  # a voice that does not end would hold the floor until the turn is over
                        raise TransientError("the voice made far more sound than the words take; the rest was left out")
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
    return max(LEAST_MS, int(len(text) / characters_per_second(language) * 1000))


def _masked(clause: Clause, verdict: Verdict) -> Clause:
    return replace(clause, text=verdict.text) if verdict.action is Action.MASK else clause

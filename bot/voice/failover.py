"""Voices, one behind the other."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from bot.runtime.failover import Chain, Clock, Deadlines, Link, LinkState, OnFailure, open_links
from bot.types import Health, Pcm, Style, Tts

TTS_DEADLINES = Deadlines(first_s=2.0, last_first_s=3.0)


class TtsChain:
    """Voices, one behind the other; itself a `Tts`. Only those that speak a text's language are asked for it."""

    def __init__(
        self, links: Sequence[Link[Tts]], on_failure: OnFailure | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._chain = Chain(links, TTS_DEADLINES, on_failure, clock)
        spoken = [voice.languages for _, voice in self._chain.providers()]
        #: Empty, which means any, when one of the voices speaks everything.
        self.languages: frozenset[str] = frozenset().union(*spoken) if all(spoken) else frozenset()

    def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound of the first voice that speaks the language; of any, when none does."""
        speaking = [v for _, v in self._chain.providers() if not v.languages or style.language in v.languages]
        return self._chain.stream(
            lambda voice: voice.speak(text, style), lambda voice: not speaking or voice in speaking
        )

    async def check(self) -> Health:
        """Check all links."""
        return await self._chain.check(lambda voice: voice.check())

    def links(self) -> list[LinkState]:
        """Describe the links for the control room."""
        return self._chain.states()


@asynccontextmanager
async def open_tts(
    entries: Iterable[Mapping[str, Any]], on_failure: OnFailure | None = None
) -> AsyncIterator[TtsChain]:
    """Open the voices of a configuration; see `open_links`."""
    async with open_links("bot.voice.tts", entries, on_failure) as links:
        yield TtsChain(cast("list[Link[Tts]]", links), on_failure)

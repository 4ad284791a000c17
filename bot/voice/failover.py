"""Voices, one behind the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from bot.runtime.failover import Chain, Clock, Deadlines, Link, LinkState, OnFailure, open_links
from bot.runtime.opening import from_package
from bot.types import Health, Pcm, Style, Tts

TTS_DEADLINES = Deadlines(first_s=2.0, last_first_s=3.0)


class TtsChain:
    """Voices, one behind the other; itself a `Tts`. Only those that speak a text's language are asked for it."""

    def __init__(
        self, links: Sequence[Link[Tts]], on_failure: OnFailure | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._chain: Chain[Tts] = Chain(links, TTS_DEADLINES, on_failure, clock, check=lambda voice: voice.check())
        #: What the voices speak that are open; brought up to date with each text, since a voice may be opened later.
        self.languages: frozenset[str] = self._spoken()
        #: A persona's voices by provider and language, exchanged on air; they go before the provider's own.
        self.voices: Mapping[str, Mapping[str, str]] = {}

    def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound of the first voice that speaks the language; of any, when none does."""
        self.languages = self._spoken()
        any_voice = bool(self.languages) and style.language not in self.languages
        return self._chain.stream(
            lambda voice: voice.speak(text, self._with_voice(voice, style)),
            lambda voice: any_voice or not languages_of(voice) or style.language in languages_of(voice),
            sound=is_pcm,
        )

    async def check(self) -> Health:
        """Check all links."""
        return await self._chain.check()

    def links(self) -> list[LinkState]:
        """Describe the links for the control room."""
        return self._chain.states()

    async def retry_now(self, name: str) -> LinkState:
        """Try a link at once; see `Chain.retry_now`."""
        return await self._chain.retry_now(name)

    def _with_voice(self, voice: Tts, style: Style) -> Style:
        """Return the style with the name of the persona's voice at a provider."""
        if not self.voices or style.voice:
            return style
        provider = next((name.partition("-")[0] for name, one in self._chain.providers() if one is voice), "")
        named = self.voices.get(provider, {}).get(style.language, "")
        return replace(style, voice=named) if named else style

    def _spoken(self) -> frozenset[str]:
        """Return the languages of the open voices; none, which means any, when one of them speaks everything."""
        spoken = [languages_of(voice) for _, voice in self._chain.providers()]
        return frozenset().union(*spoken) if all(spoken) else frozenset()


def languages_of(voice: Tts) -> frozenset[str]:
    """Return what a voice says that it speaks; nothing, which means any, when it says nothing proper."""
    languages = getattr(voice, "languages", ())
    return frozenset(languages) if isinstance(languages, (frozenset, set, list, tuple)) else frozenset()


def is_pcm(item: Any) -> bool:
    """Return whether a piece of sound is what `Pcm` promises: whole samples of 16 bits at a rate."""
    if not isinstance(item, Pcm):
        return False
    data, rate = cast("tuple[Any, Any]", (item.data, item.rate))
    return isinstance(data, bytes) and len(data) % 2 == 0 and isinstance(rate, int) and rate > 0


@asynccontextmanager
async def open_tts(
    entries: Sequence[Mapping[str, Any]], on_failure: OnFailure | None = None
) -> AsyncIterator[TtsChain]:
    """Open the voices of a configuration; see `open_links`."""
    clock = asyncio.get_running_loop().time
    async with open_links(from_package("bot.voice.tts"), entries, on_failure, clock) as links:
        yield TtsChain(cast("list[Link[Tts]]", links), on_failure, clock)

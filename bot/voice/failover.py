"""Voices, one behind the other."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from bot.runtime.failover import (
    Chain,
    Clock,
    Deadlines,
    Link,
    LinkConfig,
    LinkState,
    OnFailure,
    ProviderState,
    open_links,
)
from bot.runtime.metering import CallPurpose, Consumption, Governor, ProviderKind, Ungoverned, purpose_now
from bot.runtime.opening import from_package
from bot.types import Health, Pcm, Style, Tts

TTS_DEADLINES = Deadlines(first_s=2.0, last_first_s=3.0)


class TtsChain:
    """Voices, one behind the other; itself a `Tts`. Only those that speak a text's language are asked for it."""

    def __init__(
        self,
        links: Sequence[Link[Tts]],
        on_failure: OnFailure | None = None,
        clock: Clock = time.monotonic,
        entries: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Take the links, and the ``entries`` of the configuration that they were opened from, in the same order."""
        self._chain: Chain[Tts] = Chain(links, TTS_DEADLINES, on_failure, clock, check=lambda voice: voice.check())
        #: What the voices speak that are open; brought up to date with each text, since a voice may be opened later.
        self.languages: frozenset[str] = self._spoken()
        #: A persona's voices by provider and language, exchanged on air; they go before the provider's own.
        self.voices: Mapping[str, Mapping[str, str]] = {}
        #: Who counts what the calls take, and says which links may be asked.
        self.governor: Governor = Ungoverned()
        self._makes = {link.name: _Make.of(entry) for link, entry in zip(links, entries, strict=False)}

    def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound of the first voice that speaks the language; of any, when none does."""
        self.languages = self._spoken()
        any_voice = bool(self.languages) and style.language not in self.languages
        purpose = purpose_now(CallPurpose.SPEECH)
        return self._chain.stream(
            lambda voice: self._metered(voice, text, style, purpose),
            lambda voice: any_voice or not languages_of(voice) or style.language in languages_of(voice),
            sound=is_pcm,
            rank=lambda name: self.governor.rank(ProviderKind.TTS, name, purpose),
        )

    async def _metered(self, voice: Tts, text: str, style: Style, purpose: CallPurpose) -> AsyncIterator[Pcm]:
        """Stream the sound of a voice, and count its text when it is over: also of a sound that was cut."""
        name = next((name for name, one in self._chain.providers() if one is voice), "")
        came, refused = False, False
        try:
            async with aclosing(cast("Any", voice.speak(text, self._with_voice(voice, style)))) as pieces:
                async for piece in pieces:
                    came = True
                    yield piece
        except Exception:
            refused = not came
            raise
        finally:
            if not refused:
                self.governor.count(Consumption(ProviderKind.TTS, name, purpose, spoken=text))

    def in_charge(self, style: Style) -> str:
        """Return the identity of the voice that is asked next for a style; nothing while none may be asked."""
        ready = {link.name for link in self.links() if link.state is ProviderState.UP or link.next_try_s == 0}
        asked = [(place, who) for name, who in self._fit(style) if name in ready for place in [self._rank(name)]]
        return min(((p, who) for p, who in asked if p is not None), key=lambda one: one[0], default=(0.0, ""))[1]

    def identities(self, style: Style) -> frozenset[str]:
        """Return the voices that may be asked for a style: provider, its voice's name, and a sum of its options.

        What one of them has spoken sounds as the next word of it will; with other options it is another voice.
        """
        return frozenset(who for _, who in self._fit(style))

    @property
    def mute(self) -> bool:
        """Whether none of the voices can be relied on just now: one that failed last must first be heard again."""
        able = (link for link in self.links() if link.state is ProviderState.UP and not link.detail)
        return all(self._rank(link.name) is None for link in able)

    def _rank(self, name: str) -> float | None:
        return self.governor.rank(ProviderKind.TTS, name, purpose_now(CallPurpose.SPEECH))

    async def check(self) -> Health:
        """Check all links."""
        return await self._chain.check()

    def links(self) -> list[LinkState]:
        """Describe the links for the control room."""
        return self._chain.states()

    async def retry_now(self, name: str) -> LinkState:
        """Try a link at once; see `Chain.retry_now`."""
        return await self._chain.retry_now(name)

    async def revive(self, within_s: float) -> bool:
        """Ask the links whether they are back; see `Chain.revive`."""
        return await self._chain.revive(within_s)

    def _fit(self, style: Style) -> list[tuple[str, str]]:
        """Return the links that are asked for a style, in their order: name, and identity."""
        spoken = self._spoken()
        any_voice = bool(spoken) and style.language not in spoken
        found = []
        for link in self.links():
            open_one = next((voice for name, voice in self._chain.providers() if name == link.name), None)
            languages = frozenset[str]() if open_one is None else languages_of(open_one)
            if any_voice or not languages or style.language in languages:
                found.append((link.name, self._identity(link.name, style)))
        return found

    def _identity(self, name: str, style: Style) -> str:
        make, kind = self._makes.get(name, _Make()), name.partition("-")[0]
        opened = make.voices.get(style.language, "")
        # A voice that is exchanged on air is told apart from the one it was opened with: not all can be.
        now = style.voice or self.voices.get(kind, {}).get(style.language, opened)
        return f"{kind}:{opened}:{now}:{make.options}"

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


@dataclass(frozen=True, slots=True)
class _Make:
    """What makes a link sound as it does: its voices by language, and a sum of all its other options."""

    voices: Mapping[str, str] = field(default_factory=dict)
    options: str = ""

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> _Make:
        named = entry.get("voices")
        voices = {str(k): str(v) for k, v in named.items()} if isinstance(named, Mapping) else {}
        left_out = {"voices", "api_key", *LinkConfig.model_fields}
        options = {key: value for key, value in entry.items() if key not in left_out}
        plain = json.dumps(options, sort_keys=True, default=str).encode()
        return cls(voices, hashlib.sha256(plain).hexdigest()[:12])


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
        yield TtsChain(cast("list[Link[Tts]]", links), on_failure, clock, entries)

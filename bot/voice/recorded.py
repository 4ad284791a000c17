"""What was spoken ahead: heard in place of the voice that spoke it, and when no voice answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from bot.errors import ProviderError
from bot.types import Health, Mark, Pcm, Style, Viseme
from bot.voice.failover import TtsChain

#: A recording is passed on in pieces of so many seconds, as a voice does.
PIECE_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Recording:
    """The sound of one text: s16le mono ``data`` at ``rate`` Hz. ``voice`` is who spoke, by `TtsChain.identities`."""

    voice: str
    rate: int
    data: bytes
    marks: tuple[Mark, ...] = ()
    visemes: tuple[Viseme, ...] = ()

    def pieces(self) -> list[Pcm]:
        """Return it as a voice would make it."""
        step = max(1, int(self.rate * PIECE_S)) * 2
        parts = [self.data[at : at + step] for at in range(0, len(self.data), step)]
        if not parts:
            return []
        return [Pcm(parts[0], self.rate, self.marks, self.visemes), *(Pcm(part, self.rate) for part in parts[1:])]


class Recordings(Protocol):
    """Where recordings are kept."""

    def voice_of(self, text: str, style: Style) -> str:
        """Return who spoke a text in a style; nothing when there is no recording of it."""
        ...

    async def read(self, text: str, style: Style) -> Recording | None:
        """Return the recording of a text; None when there is none, or it is damaged. Never raises."""
        ...


class RecordedVoice:
    """The voices of a chain with what they spoke ahead; itself a `Tts`.

    A text that the voice in charge has spoken ahead is not made again. What another voice of the chain recorded is
    heard when none answers. A recording by a voice that the configuration or the persona has no more is never heard.
    """

    def __init__(self, chain: TtsChain, recordings: Recordings) -> None:
        self.chain = chain
        #: Any: the chain has a voice for each language, or another one speaks it.
        self.languages: frozenset[str] = frozenset()
        self._recordings = recordings

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound of a text. Raises `ProviderError` when no voice answers and there is no recording."""
        who = self._recordings.voice_of(text, style)
        found: Recording | None = None
        if who and who == self.chain.in_charge(style):
            found = await self._recordings.read(text, style)
        if found is None:
            begun = False
            try:
                async with aclosing(cast("Any", self.chain.speak(text, style))) as pieces:
                    async for pcm in pieces:
                        begun = True
                        yield pcm
            except ProviderError:
                if not begun and who in self.chain.identities(style):
                    found = await self._recordings.read(text, style)
                if found is None:
                    raise
        for pcm in found.pieces() if found else ():
            yield pcm

    async def check(self) -> Health:
        """Check the voices."""
        return await self.chain.check()

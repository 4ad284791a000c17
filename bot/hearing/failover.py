"""Recognisers, one behind the other.

What a link was given is kept, so that the next one begins with the whole sound: a transcript may be taken back at any
time, hence a failure costs nothing but time, even in the middle of an utterance.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any, Final, cast

from bot.errors import ProviderError, TransientError
from bot.hearing.speech import RATE, Asr, Hints, SpeechPiece, Transcript
from bot.hearing.utterance.recognition import merged
from bot.runtime.failover import Chain, Clock, Deadlines, Link, LinkConfig, LinkState, OnFailure, open_links
from bot.runtime.opening import Entry, parse_link
from bot.runtime.providers import load
from bot.types import Health

PACKAGE: Final = "bot.hearing.asr"
#: Longest wait for the text of a pause, in seconds, where a link's ``first_s`` names none: a slow machine needs two for
#: half a minute of speech.
ANSWER_S: Final = 6.0
#: Nothing comes of an utterance before its first pause, so the chain's own deadlines are no use here.
_NONE = Deadlines(first_s=3600.0, last_first_s=3600.0, gap_s=3600.0, total_s=3600.0)


class AsrChain:
    """Recognisers, one behind the other; itself an `Asr`."""

    def __init__(
        self, links: Sequence[Link[Asr]], on_failure: OnFailure | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._chain: Chain[Asr] = Chain(links, _NONE, on_failure, clock, check=lambda asr: asr.check())
        self._many = len(links)

    async def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        """Recognise with the first link that can. Raises `TransientError` when none can."""
        tape = _Tape(speech)
        for left in reversed(range(self._many + 1)):
            stream = self._chain.stream(lambda asr: asr.hear(tape.play(), hints), sound=_is_transcript)
            try:
                async with aclosing(cast("Any", stream)) as transcripts:
                    async for transcript in transcripts:
                        yield transcript
            except ProviderError as error:
                # The link that failed rests now. Without another the chain itself says so, and nothing was counted.
                if not left or not error.provider:
                    raise
            else:
                return

    async def check(self) -> Health:
        """Check all links."""
        return await self._chain.check()

    def links(self) -> list[LinkState]:
        """Describe the links for the control room."""
        return self._chain.states()

    async def retry_now(self, name: str) -> LinkState:
        """Try a link at once; see `Chain.retry_now`."""
        return await self._chain.retry_now(name)


class Punctual:
    """A recogniser that must answer a pause in time. The clock runs from when it was given the pause."""

    def __init__(self, asr: Asr, name: str, within_s: float) -> None:
        self._asr = asr
        self._name = name
        self._within_s = within_s

    async def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        """Yield the transcripts. Raises `TransientError` when a pause is not answered in time."""
        asked = _Asked(speech, self._within_s)
        async with aclosing(cast("Any", self._asr.hear(asked, hints))) as transcripts:
            while True:
                try:
                    async with asyncio.timeout_at(asked.due) as asked.deadline:
                        transcript = await anext(transcripts)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    late = f"no text within {self._within_s:g} s"
                    raise TransientError(late, provider=self._name) from None
                finally:
                    asked.deadline = None
                asked.answered(transcript)
                yield transcript

    async def check(self) -> Health:
        """Check the recogniser."""
        return await self._asr.check()


class _Asked:
    """Passes pieces on, and keeps the deadline of the answer that they ask for."""

    def __init__(self, speech: AsyncIterator[SpeechPiece], within_s: float) -> None:
        self._speech = speech
        self._within_s = within_s
        self._given = self._asked = 0
        self.due: float | None = None
        self.deadline: asyncio.Timeout | None = None

    def __aiter__(self) -> AsyncIterator[SpeechPiece]:
        return self

    async def __anext__(self) -> SpeechPiece:
        try:
            piece = await anext(self._speech)
        except StopAsyncIteration:
            self._expect()
            raise
        self._given += piece.samples.size
        if piece.pause:
            self._expect()
        return piece

    def answered(self, transcript: object) -> None:
        """Take the deadline away when a transcript covers all that was asked for."""
        if round(getattr(transcript, "upto_s", 0.0) * RATE) >= self._asked:
            self.due = None

    def _expect(self) -> None:
        self._asked = self._given
        self.due = asyncio.get_running_loop().time() + self._within_s
        if self.deadline is not None:
            self.deadline.reschedule(self.due)


class _Tape:
    """The sound of one stretch of speech, which each link hears from its beginning."""

    def __init__(self, speech: AsyncIterator[SpeechPiece]) -> None:
        self._speech = speech
        self._heard: list[SpeechPiece] = []
        self._ended = False

    def play(self) -> _Player:
        """Return the sound from its beginning."""
        return _Player(self)

    async def piece(self, number: int) -> tuple[SpeechPiece, int]:
        """Return what comes after the first ``number`` pieces as one piece, and how many there are then."""
        if number >= len(self._heard):
            if self._ended:
                raise StopAsyncIteration
            try:
                self._heard.append(await anext(self._speech))
            except StopAsyncIteration:
                self._ended = True
                raise
        return merged(self._heard[number:]), len(self._heard)


class _Player:
    def __init__(self, tape: _Tape) -> None:
        self._tape = tape
        self._at = 0

    def __aiter__(self) -> AsyncIterator[SpeechPiece]:
        return self

    async def __anext__(self) -> SpeechPiece:
        piece, self._at = await self._tape.piece(self._at)
        return piece


def _is_transcript(item: Any) -> bool:
    """Return whether a recogniser's answer has the types that `Transcript` promises."""
    if not isinstance(item, Transcript):
        return False
    texts: tuple[Any, ...] = (item.text, item.language, item.stable)
    numbers: tuple[Any, ...] = (item.confidence, item.no_speech, item.upto_s)
    return all(isinstance(one, str) for one in texts) and all(isinstance(one, (int, float)) for one in numbers)


def read_entry(entry: Entry) -> tuple[LinkConfig, AbstractAsyncContextManager[Asr]]:
    """Read an entry of the chain. Its ``first_s`` is the longest wait for the text of a pause."""
    name, config, options = parse_link(PACKAGE, entry)
    opening = load(PACKAGE, name).connect(options)
    return LinkConfig.model_validate({}), _punctual(opening, name, config.first_s or ANSWER_S)


@asynccontextmanager
async def _punctual(opening: AbstractAsyncContextManager[Asr], name: str, within_s: float) -> AsyncIterator[Asr]:
    async with opening as asr:
        yield Punctual(asr, name, within_s)


@asynccontextmanager
async def open_asr(
    entries: Sequence[Mapping[str, Any]], on_failure: OnFailure | None = None
) -> AsyncIterator[AsrChain]:
    """Open the recognisers of a configuration; see `open_links`."""
    clock = asyncio.get_running_loop().time
    async with open_links(read_entry, entries, on_failure, clock) as links:
        yield AsrChain(cast("list[Link[Asr]]", links), on_failure, clock)

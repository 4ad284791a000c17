"""Speaks the pieces of the night bank ahead, so that they are heard when the voice is gone too.

bank, in the order of use ─▶ as many pieces as fit ─▶ clause by clause, while nothing is on air ─▶ recordings

A clause on its way is given up the moment that the host is wanted: the voice belongs to the show.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from loguru import logger

from bot.errors import ProviderError
from bot.runtime.metering import CallPurpose, calling_for
from bot.runtime.signal import Signal
from bot.show.composer import clauses_of
from bot.show.loop import Show
from bot.show.night.bank import NightBank, Piece
from bot.show.night.recordings import LONGEST, NightRecordings, key_of
from bot.show.night.settings import NightSettings
from bot.text.speed import characters_per_second
from bot.types import Clause, Pcm, Style
from bot.voice.recorded import Recording

#: A clause takes at most so long, in seconds.
CLAUSE_S: Final = 60.0
#: The pause after a clause that no voice could speak, and after one that the disk did not take.
REST_S: Final = 10.0
FULL_S: Final = 300.0
#: How often it is looked whether the voice is free, and what became of the bank.
LOOK_S: Final = 2.0
#: So often a clause may fail: then it is left out, as one that has no sound or too much of it.
ATTEMPTS: Final = 2
#: What a clause that was never spoken is taken for: bytes a second of most voices.
USUAL: Final = 48_000


class Voice(Protocol):
    """The voices as this part needs them; `bot.voice.failover.TtsChain`."""

    @property
    def mute(self) -> bool:
        """Whether none of them can be relied on just now."""
        ...

    def in_charge(self, style: Style) -> str:
        """Return who is asked next for a style; nothing while all rest."""
        ...

    def identities(self, style: Style) -> frozenset[str]:
        """Return who may be asked for a style."""
        ...

    def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound of a text. Raises `ProviderError`."""
        ...


@dataclass(frozen=True, slots=True)
class _Line:
    """One clause of a piece, how it is spoken, and under which name its sound is kept."""

    clause: Clause
    style: Style
    key: str


class SpeakingAhead:
    """Keeps the next pieces of a bank spoken. Nothing here raises, or holds up the show."""

    def __init__(
        self, show: Show, voice: Voice, recordings: NightRecordings, bank: NightBank, settings: NightSettings
    ) -> None:
        self.recordings = recordings
        self.settings = settings
        #: The pieces that are said now and next: by the bank they were said already, and yet their sound is wanted.
        self.at_hand: Callable[[], Sequence[Piece]] = lambda: ()
        #: How many pieces are spoken, and how much speech is held, in seconds.
        self.ready = 0
        self.seconds = 0.0
        self._show = show
        self._voice = voice
        self._bank = bank
        self._lines: dict[str, tuple[_Line, ...]] = {}
        self._cut_for: tuple[object, ...] = ()
        #: How large the sound of a text was, also when it had to go: so that nothing is made in turns with another.
        self._sizes: dict[str, int] = {}
        self._failed: Counter[str] = Counter()
        self._identities: dict[str, frozenset[str]] = {}
        #: A style of each language, to ask for its voices; all that the last look hung on, and what it found.
        self._styles: dict[str, Style] = {}
        self._seen: tuple[object, ...] = ()
        self._missing: _Line | None = None
        self._stirred = Signal()
        show.wake.lead_to(self._stirred)

    @property
    def wanted(self) -> bool:
        """Whether the voice is wanted for the show."""
        return self._show.on_air is not None or len(self._show.inbox) > 0 or not self._show.floor.open

    @property
    def mute(self) -> bool:
        """Whether no voice can be relied on just now."""
        return self._voice.mute

    def spoken(self, piece: Piece) -> bool:
        """Return whether all of a piece was spoken ahead, by voices that the host still has."""
        lines = self._lines.get(piece.text)
        return lines is not None and all(not line.clause.speech or self._has(line) for line in lines)

    async def run(self) -> None:
        """Speak what is next, whenever there is time."""
        with calling_for(CallPurpose.NIGHT):
            while True:
                missing = await self.look()
                if missing is None or self.wanted:
                    await self._bank.changed.wait(LOOK_S)
                elif pause := await self._speak(missing):
                    await asyncio.sleep(pause)

    async def look(self) -> _Line | None:
        """Bring the recordings up to date with the bank; return what is to be spoken next, if anything is."""
        self._identities = {language: self._voice.identities(style) for language, style in self._styles.items()}
        if (seen := self._as_it_stands()) != self._seen:  # the bank is large, and mostly nothing has changed
            self._missing = await self._look()
            self._seen = seen
        return self._missing

    def _as_it_stands(self) -> tuple[object, ...]:
        """Return all that a look hangs on; cheap, because most of it is the same objects as before."""
        show, settings = self._show, self.settings
        return (
            (show.speaker.style, show.cast.policy.language, show.speaker.pronounce),
            (settings.ahead, settings.ahead_mb),
            self._bank.own(),
            list(self.at_hand()),
            (self.recordings.changes, self._failed.total()),
            dict(self._identities),
        )

    async def _look(self) -> _Line | None:
        pieces, spare = await self._cut()
        # Those at hand take no room from those to come: they will be back among them.
        most, left = self.settings.ahead_mb * 1_000_000, self.settings.ahead + len(self.at_hand())
        room = left
        keep: set[str] = set()
        missing: _Line | None = None
        for piece in pieces:
            lines = self._lines.get(piece.text, ())
            most -= sum(self._size(line) for line in lines if line.key not in keep)
            if most < 0 or left <= 0:
                break
            left -= 1
            keep |= {line.key for line in lines}
            missing = missing or next((line for line in lines if self._is_due(line)), None)
        # What was said keeps its sound until something new takes its place: without a voice nothing does.
        room -= sum(self.spoken(piece) for piece in pieces)
        for piece in spare[: max(0, room)]:
            lines = self._lines[piece.text]
            most -= sum(self._size(line) for line in lines if line.key not in keep)
            keep |= {line.key for line in lines} if most >= 0 else set()
        await self.recordings.keep_only(keep)
        self.ready = sum(self.spoken(piece) for piece in (*pieces, *spare))
        self.seconds = sum(one.seconds for one in self.recordings.kept.values())
        return missing

    async def _cut(self) -> tuple[list[Piece], list[Piece]]:
        """Cut the next pieces into clauses, in a thread; return them, and what else was spoken."""
        show = self._show
        cut_for = (show.speaker.style, show.cast.policy.language, show.speaker.pronounce)
        if self._cut_for != cut_for:  # another persona speaks in another way
            self._cut_for, self._lines = cut_for, {}
        order, most = self._bank.in_order(), self.settings.ahead
        said = {piece.text for piece in self.at_hand()}
        pieces = [p for p in order if p.text in said]
        pieces += [p for p in order[:most] if p.text not in said]
        spare = [p for p in order[most:] if p.text not in said and self.spoken(p)]
        new = [piece.text for piece in pieces if piece.text not in self._lines]
        if new or len(self._lines) > len(pieces) + len(spare):
            style, language, pronounce = cut_for
            done = await asyncio.to_thread(lambda: {t: _lines(t, language, style, pronounce) for t in new})
            self._lines = {
                p.text: lines for p in (*pieces, *spare) if (lines := self._lines.get(p.text) or done.get(p.text))
            }
            known = {line.key for lines in self._lines.values() for line in lines}
            self._sizes = {key: size for key, size in self._sizes.items() if key in known}
            self._failed = Counter({key: times for key, times in self._failed.items() if key in known})
        return pieces, spare

    async def _speak(self, line: _Line) -> float:
        """Speak one clause and keep it; return for how many seconds to rest then."""
        who = self._voice.in_charge(line.style)
        if not who:
            return REST_S
        sound: list[Pcm] = []
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen(line, sound))
            listening.add_done_callback(lambda _: self._stirred.notify())
            await self._stirred.wait_until(lambda: listening.done() or self.wanted)
            listening.cancel()
        if listening.cancelled():
            return 0.0  # given up for the show
        rates = {pcm.rate for pcm in sound}
        if not listening.result() or len(rates) != 1:
            self._failed[line.key] += 1
            return REST_S
        if self._voice.in_charge(line.style) != who:
            return LOOK_S  # another one took over in between: nobody knows whose words these are
        marks = tuple(mark for pcm in sound for mark in pcm.marks)
        visemes = tuple(viseme for pcm in sound for viseme in pcm.visemes)
        recording = Recording(who, rates.pop(), b"".join(pcm.data for pcm in sound), marks, visemes)
        self._sizes[line.key] = len(recording.data)
        kept = await self.recordings.add(line.clause.speech, line.style, recording)
        return 0.0 if kept else FULL_S

    async def _listen(self, line: _Line, sound: list[Pcm]) -> bool:
        """Take the sound of a clause; return whether it is whole."""
        size = 0
        try:
            async with (
                asyncio.timeout(CLAUSE_S),
                aclosing(cast("Any", self._voice.speak(line.clause.speech, line.style))) as pieces,
            ):
                async for pcm in pieces:
                    size += len(pcm.data)
                    if size > LONGEST:
                        return False
                    sound.append(pcm)
        except (ProviderError, TimeoutError) as error:
            logger.info("a piece cannot be spoken ahead: {}", error)
            return False
        return size > 0

    def _is_due(self, line: _Line) -> bool:
        return bool(line.clause.speech) and self._failed.get(line.key, 0) < ATTEMPTS and not self._has(line)

    def _has(self, line: _Line) -> bool:
        kept = self.recordings.kept.get(line.key)
        if kept is None:
            return False
        language = line.style.language
        if language not in self._identities:
            self._styles[language] = line.style
            self._identities[language] = self._voice.identities(line.style)
        return kept.voice in self._identities[language]

    def _size(self, line: _Line) -> int:
        kept = self.recordings.kept.get(line.key)
        if kept is not None:
            return kept.size
        likely = len(line.clause.speech) / characters_per_second(line.clause.language) * USUAL
        return self._sizes.get(line.key, int(likely))


def _lines(text: str, language: str, style: Any, pronounce: Callable[[Clause], Clause]) -> tuple[_Line, ...]:
    out = []
    for clause in map(pronounce, clauses_of(text, language)):
        how = style(clause)
        out.append(_Line(clause, how, key_of(clause.speech, how)))
    return tuple(out)

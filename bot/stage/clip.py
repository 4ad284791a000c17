"""One clause on its way to the audience: the sound made so far, and how much of it was heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.stage.marks import ClauseMarks
from bot.stage.protocol import (
    FIRST,
    FRAME_MS,
    LAST,
    LEAD_MS,
    LONG_FRAME_MS,
    SHORT_FRAMES,
    Marks,
    Progress,
    Speak,
    pack,
)
from bot.stage.voiced import loud_pieces, spoken_part
from bot.text.scripts import is_east_asian
from bot.text.speed import characters_per_second
from bot.types import Clause, Pcm


@dataclass
class ClausePlayback:
    """A clause, its sound, and the position up to which it was heard.

    The sound is kept for the whole turn, so that a page that reloads can be given the rest. ``pcm`` is s16le
    mono at ``rate`` Hz; a ``rate`` of 0 means that the text is shown for ``silent_ms`` and nothing is spoken.
    ``framed`` counts the bytes of ``pcm`` that were cut into frames. ``base_ms`` is the position from which the
    latest page began to play, ``first_sent_at`` and ``last_sent_at`` the moments (by the hub's clock) of its first
    and its newest frame.
    """

    epoch: int
    clause: Clause
    rate: int
    silent_ms: int = 0
    pcm: bytearray = field(default_factory=bytearray)
    marks: ClauseMarks = field(init=False)
    framed: int = 0
    sequence: int = 0
    complete: bool = False
    truncated: bool = False
    position_ms: float = 0.0
    base_ms: float = 0.0
    finished: bool = False
    first_sent_at: float | None = None
    last_sent_at: float = 0.0
    _loud: NDArray[np.integer[Any]] | None = None

    def __post_init__(self) -> None:
        self.marks = ClauseMarks(self.clause)

    @property
    def duration_ms(self) -> float:
        """The length of the sound that is there so far; without sound, the time for which the text is shown."""
        if not self.rate:
            return float(self.silent_ms)
        return len(self.pcm) / 2 / self.rate * 1000

    @property
    def frame_bytes(self) -> int:
        """The size of a short frame; every frame but the last holds a whole number of them."""
        return self.rate * FRAME_MS // 1000 * 2

    def take_frames(self) -> Iterator[bytes]:
        """Yield the binary frames that can go out now. The last one waits until it is known to be the last."""
        while size := self._next_size():
            yield self._frame(size)

    def _next_size(self) -> int:
        """Return the bytes that the next frame takes now; 0 when it has to wait for more sound."""
        short = self.frame_bytes
        longest = short if self.sequence < SHORT_FRAMES else short * (LONG_FRAME_MS // FRAME_MS)
        there = len(self.pcm) - self.framed
        if self.complete and there <= longest:
            return there
        if there <= longest and self.framed / 2 / self.rate * 1000 - self.position_ms > LEAD_MS:
            return 0
        return min(longest, (there - 1) // short * short) if there else 0

    def _frame(self, size: int) -> bytes:
        piece = bytes(self.pcm[self.framed : self.framed + size])
        self.framed += size
        flags = (FIRST if self.sequence == 0 else 0) | (LAST if self.complete and self.framed >= len(self.pcm) else 0)
        frame = pack(self.epoch, self.clause.index, self.sequence, flags, piece)
        self.sequence += 1
        return frame

    def close(self, *, truncated: bool) -> None:
        """Record that no more sound comes; ``truncated`` when the voice broke off. Without any sound it is over."""
        self.complete = True
        self.truncated = truncated
        if not self.pcm and self.rate:
            self.finished = True

    def rewind(self) -> int:
        """Make `take_frames` begin again at the heard position; return that position in ms."""
        if not self.rate:
            self.base_ms = self.position_ms
            return int(self.position_ms)
        frames = int(self.position_ms // FRAME_MS)
        self.framed = min(frames * self.frame_bytes, len(self.pcm))
        if self.complete and self.framed >= len(self.pcm) and self.framed:  # the page needs a last frame to finish with
            self.framed = max(0, len(self.pcm) - self.frame_bytes)
            self.framed -= self.framed % 2
        self.sequence = 0
        self.first_sent_at = None
        self.base_ms = self.framed / 2 / self.rate * 1000
        return int(self.base_ms)

    def speak_message(self, from_ms: int) -> Speak:
        """Return what announces the clause to a page that plays it from ``from_ms`` on."""
        clause = self.clause
        return Speak(
            epoch=self.epoch,
            clause=clause.index,
            text=clause.text,
            language=clause.language,
            emotion=clause.emotion,
            gestures=list(clause.gestures),
            rate=self.rate,
            from_ms=from_ms,
            silent_ms=max(0, self.silent_ms - from_ms) if not self.rate else 0,
        )

    def add(self, pcm: Pcm) -> Marks | None:
        """Add sound; return what tells the pages its marks, if it has any."""
        self.pcm += pcm.data
        words, visemes = len(self.marks.words), len(self.marks.visemes)
        return self.marks.message(self.epoch, words, visemes) if self.marks.add(pcm) else None

    def progress_message(self) -> Progress:
        """Return what tells the silent pages how far the clause was heard."""
        return Progress(
            epoch=self.epoch,
            clause=self.clause.index,
            position_ms=int(self.position_ms),
            duration_ms=int(self.duration_ms),
            finished=self.finished,
        )

    def heard(self) -> str:
        """Return the part of the shown text that the audience has heard, cut at a word."""
        text = self.clause.text
        if self.finished and not self.truncated:
            return text
        if self.position_ms <= 0:
            return ""
        return cut_at_word(text, self._heard_chars())

    def _heard_chars(self) -> int:
        text = self.clause.text
        chars = self.marks.heard_chars(self.position_ms)
        if chars is not None:
            return chars
        if self.truncated or not self.complete:
            # The whole length of a sound that was cut short is not known, so the usual speed is the best estimate.
            return int(self.position_ms / 1000 * characters_per_second(self.clause.language))
        return int(len(text) * self._spoken())

    def _spoken(self) -> float:
        """Return which part of a complete sound was spoken by the heard position, 0 to 1."""
        if self.rate and self._loud is None:
            self._loud = loud_pieces(self.pcm, self.rate)
        part = None if self._loud is None else spoken_part(self._loud, self.position_ms)
        return min(1.0, self.position_ms / max(1.0, self.duration_ms)) if part is None else part


def cut_at_word(text: str, chars: int) -> str:
    """Return the whole words within the first ``chars`` characters of a text."""
    if chars >= len(text):
        return text
    if chars <= 0:
        return ""
    end = chars
    if _latin(text[end - 1]) and _latin(text[end]):
        while end > 0 and _latin(text[end - 1]):
            end -= 1
    return text[:end].rstrip()


def _latin(char: str) -> bool:
    return char.isalnum() and not is_east_asian(char)

"""The microphone of a browser: its frames on the wire, from one page at a time, no faster than people speak.

A binary frame is a 16-byte little-endian header, then at most `MAX_FRAME_MS` of s16le mono at the rate that it names:

    offset  0   2        3     4       8     12
    field   H   B        B     I       I     I
            magic version 0    stream  rate  sequence

``stream`` is the number that the server gave this page at the beginning, so that no other page's frames are taken for
its own; ``sequence`` counts the frames from 0.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable

import numpy as np

from bot.errors import Refused
from bot.hearing.speech import Samples
from bot.runtime.signal import Signal

#: "HM": Haishin's microphone. The stage's sound has another one.
MAGIC, VERSION = 0x4D48, 1
HEADER = struct.Struct("<HBBIII")
MIN_RATE, MAX_RATE = 8_000, 96_000
MAX_FRAME_MS = 200
#: A page may be so much ahead of the clock, in seconds: what a stalled network held back comes at once.
MAX_AHEAD_S = 2.0
#: A clock of sound runs up to so much faster than ours.
DRIFT = 1.02
#: When captured and arrived times are so far apart, in seconds, sound was lost, and the clock of the sound begins anew.
MAX_SLIP_S = 0.5

#: Takes a block, its rate in Hz, and when its last sample was captured; see `bot.hearing.input.sound_path.SoundPath`.
Deliver = Callable[[Samples, int, float], None]


class BadFrame(Exception):  # noqa: N818 - what is wrong with what a page sent, for the page
    """A frame breaks the format or the pace; the words say how, for the page."""


class BrowserLine:
    """One page that is the microphone. ``ended_because`` is set when it must go."""

    def __init__(self, deliver: Deliver, clock: Callable[[], float]) -> None:
        #: The number that each frame of this page must have.
        self.stream = secrets.randbits(32)
        self.ended_because = ""
        self.changed = Signal()
        #: When the last frame came.
        self.heard_at = clock()
        self._deliver = deliver
        self._clock = clock
        self._sequence = 0
        self._rate = 0
        self._captured_at = 0.0
        #: Sound that this page may still send, in seconds, and when that was reckoned.
        self._allowed_s, self._reckoned_at = MAX_AHEAD_S, self.heard_at

    def take(self, data: bytes) -> None:
        """Take a frame. Raises `BadFrame`; nothing of such a frame is heard."""
        rate, pcm = self._parse(data)
        seconds = len(pcm) / 2 / rate
        now = self._clock()
        self._allowed_s = min(MAX_AHEAD_S, self._allowed_s + (now - self._reckoned_at) * DRIFT) - seconds
        self._reckoned_at = self.heard_at = now
        if self._allowed_s < 0:
            raise BadFrame("sound comes faster than anybody speaks")
        samples: Samples = np.frombuffer(pcm, "<i2").astype(np.float32) * np.float32(1 / 32768)
        expected = self._captured_at + seconds
        self._captured_at = min(expected, now) if now - expected < MAX_SLIP_S else now
        self._deliver(samples, rate, self._captured_at)

    def end(self, why: str) -> None:
        """Disconnect the page."""
        self.ended_because = self.ended_because or why
        self.changed.notify()

    def _parse(self, data: bytes) -> tuple[int, bytes]:
        if len(data) < HEADER.size:
            raise BadFrame(f"a frame has a header of {HEADER.size} bytes")
        magic, version, zero, stream, rate, sequence = HEADER.unpack_from(data)
        if magic != MAGIC:
            raise BadFrame("this is no frame of a microphone")
        if version != VERSION or zero:
            raise BadFrame(f"frames are of version {VERSION} here; load the page again")
        if stream != self.stream:
            raise BadFrame("this frame is of another page")
        if not MIN_RATE <= rate <= MAX_RATE or (self._rate and rate != self._rate):
            raise BadFrame(f"the rate is within {MIN_RATE} and {MAX_RATE} Hz, and stays")
        if sequence != self._sequence:
            raise BadFrame(f"frame {self._sequence} was to come")
        pcm = data[HEADER.size :]
        if not pcm or len(pcm) % 2 or len(pcm) // 2 > rate * MAX_FRAME_MS // 1000:
            raise BadFrame(f"a frame has whole samples, and at most {MAX_FRAME_MS} ms of them")
        self._rate = rate
        self._sequence = (sequence + 1) % 2**32
        return rate, pcm


class BrowserMicrophone:
    """The one page that is the microphone, if any. ``changed`` is notified when one comes or goes."""

    def __init__(self, deliver: Deliver, clock: Callable[[], float]) -> None:
        self.changed = Signal()
        self.line: BrowserLine | None = None
        self._deliver = deliver
        self._clock = clock

    def join(self, *, takeover: bool = False) -> BrowserLine:
        """Connect a page as the microphone. Raises `Refused` when another one is, unless this one takes over."""
        if self.line is not None:
            if not takeover:
                raise Refused("another page is the microphone", remedy="Take it over, or end it there.")
            self.line.end("another page took the microphone over")
        self.line = BrowserLine(self._deliver, self._clock)
        self.changed.notify()
        return self.line

    def leave(self, line: BrowserLine) -> None:
        """Take note that a page went; one that was taken over changes nothing."""
        if self.line is line:
            self.line = None
            self.changed.notify()

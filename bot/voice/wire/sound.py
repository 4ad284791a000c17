"""Sound as a service sends it: joined into whole samples, bounded, and told apart from one that broke off."""

from __future__ import annotations

import base64
import codecs
import struct
from collections.abc import AsyncIterator
from typing import Final

from bot.types import Mark, Pcm
from bot.voice.audio.pcm import Samples
from bot.voice.wire.connection import Service

#: No clause is longer; a service that goes on is cut off.
MAX_S: Final = 120
#: Room for the names and comments that some programs write before the sound.
_MAX_HEADER_BYTES: Final = 16_384
#: So many bytes tell sound from what is none. Text of that length would be samples that are all loud and positive.
_TELLING: Final = 12
#: Bytes of what is no sound that are told.
_TOLD: Final = 64
#: How files begin whose bytes must not be played as samples, and where in them that stands.
_FILES: Final = (
    (0, b"ID3", "an MP3 file"), (0, b"OggS", "an Ogg file"), (0, b"fLaC", "a FLAC file"), (4, b"ftyp", "an MP4 file"),
    (0, b"\x1a\x45\xdf\xa3", "a WebM file"), (0, b"FORM", "an AIFF file"), (0, b"RIFX", "a WAV file of another order"),
    (0, b"RF64", "a WAV file of more than 4 GB"), (0, b"RIFF", "a WAV file"), (0, b"\x1f\x8b", "compressed data"),
    (0, b"#!AMR", "an AMR file"), (0, b".snd", "an AU file"),
)  # fmt: skip
#: The header of an MP3 frame: of which the first eleven bits are set, and those that no frame has.
_MP3_RATES: Final = (44_100, 48_000, 32_000)
_MP3_KBITS: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBITS_LOW: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
#: The forms of a WAV file that hold plain samples.
_PCM: Final = (1, 0xFFFE)
#: Bytes that name a chunk, behind one that fills up an odd length.
_NAME: Final = 5
#: The letters of base64 for addresses, as the usual ones.
_ALPHABET: Final = str.maketrans("-_", "+/")
#: Chunks of a WAV file that may follow its sound.
_BEHIND: Final = (
    b"LIST",
    b"id3 ",
    b"ID3 ",
    b"bext",
    b"fact",
    b"cue ",
    b"smpl",
    b"JUNK",
    b"PEAK",
    b"_PMX",
    b"iXML",
    b"inst",
)


def no_sound(head: bytes) -> str:
    """Return what some first bytes are in place of raw samples; empty when they may be those.

    Services answer with an error of JSON, a page or another kind of file, and call it sound.
    """
    for at, mark, what in _FILES:
        if head.startswith(mark, at):
            return what
    if text := _text(head[:_TOLD]):
        return f"the text {text[:40]!r}"
    return "an MP3 file" if _is_mp3(head) else ""


def _text(head: bytes) -> str:
    """Return bytes as text; empty when they are none. The last character may be cut."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return ""
    return text if all(char.isprintable() or char in "\t\n\r" for char in text) else ""


def _is_mp3(head: bytes) -> bool:
    """Return whether two frames of MP3 follow each other: one alone may be samples."""
    size = _mp3_frame(head)
    return bool(size) and len(head) > size + 1 and head[size] == 0xFF and head[size + 1] == head[1]


def _mp3_frame(head: bytes) -> int:
    """Return the bytes of the MP3 frame that some bytes may begin; 0 when they begin none. At most 1,441."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, bits, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or bits in (0, 15) or rate == 3:
        return 0
    newest = version == 3
    kbits = (_MP3_KBITS if newest else _MP3_KBITS_LOW)[bits]
    hertz = _MP3_RATES[rate] >> (0 if newest else 1 if version == 2 else 2)
    return (144 if newest else 72) * kbits * 1000 // hertz + (head[2] >> 1 & 1)


def from_base64(text: object) -> bytes:
    """Return the bytes of base64, in either alphabet, with any padding, over lines or in a data URL.

    Raises `ValueError` for anything else.
    """
    if not isinstance(text, str):
        raise ValueError(f"sound that is no text, but {type(text).__name__}")  # noqa: TRY004 - not our error
    if text.startswith("data:"):
        text = text.partition(",")[2]
    plain = "".join(text.split()).translate(_ALPHABET).rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


class Sound:
    """The raw sound (s16le mono) of one clause, piece by piece."""

    def __init__(self, service: Service, rate: int) -> None:
        self.rate = rate
        self._service = service
        self._samples = Samples()
        self._bytes = 0
        self._head: bytes | None = b""  # the first bytes, until they are known to be sound

    @property
    def ms(self) -> int:
        """How much came so far."""
        return self._bytes // 2 * 1000 // self.rate

    def add(self, data: bytes, marks: tuple[Mark, ...] = ()) -> list[Pcm]:
        """Return the whole samples among the next bytes: one piece, or none.

        Raises `TransientError` for too much, and for what is no sound.
        """
        if self._head is not None:
            self._head += data
            # What may be a frame of MP3 is told by the next one: at most 30 ms of sound wait for it.
            if len(self._head) < max(_TELLING, _mp3_frame(self._head) + 2):
                return []
            if what := no_sound(self._head):
                raise self._service.broken(f"the service sent no raw sound, but {what}")
            data, self._head = self._head, None
        whole = self._samples.add(data)
        if not whole:
            return []
        self._bytes += len(whole)
        if self._bytes > 2 * self.rate * MAX_S:
            raise self._service.broken(f"the sound is longer than {MAX_S} s")
        return [Pcm(whole, self.rate, marks)]

    def end(self, *, expected: int | None = None, done: bool = True) -> None:
        """Raise `TransientError` when there was no sound, or less than the ``expected`` bytes, or half a sample.

        ``done`` is whether the service said that it was all.
        """
        if not self._bytes:
            raise self._service.broken("the service sent no sound")
        if not done or self._samples.odd or (expected is not None and self._bytes < expected):
            raise self._service.broken("the sound broke off")


async def wav_sound(
    pieces: AsyncIterator[bytes], service: Service, *, raw_rate: int | None = None
) -> AsyncIterator[Pcm]:
    """Yield the sound of a WAV file as it streams; with ``raw_rate`` it may also be samples without a header.

    Raises `TransientError` for no such file, or one that broke off.
    """
    head = bytearray()
    sound: Sound | None = None
    expected, left = None, _Remainder(None, raw_rate or 0, service)
    async for data in pieces:
        if sound is None:
            head += data
            if raw_rate is not None and not bytes(head[:4]).startswith(b"RIFF"[: len(head)]):
                sound, data = Sound(service, raw_rate), bytes(head)  # noqa: PLW2901 - what is left of it
            elif (begun := wav_header(bytes(head), service)) is not None:
                rate, begin, expected = begun
                sound, data = Sound(service, rate), bytes(head[begin:])  # noqa: PLW2901 - what is left of it
                left = _Remainder(expected, rate, service)
            else:
                continue
        for pcm in sound.add(left.sound_of(data)):
            yield pcm
    if sound is None:
        what = "" if head.startswith(b"RIFF") else no_sound(bytes(head))
        raise service.broken("the service sent no sound" + (f", but {what}" if what else ""))
    sound.end(expected=expected)


class _Remainder:
    """Knows where the sound of a WAV file ends: at the length that it tells, when a chunk of another kind follows.

    Another file may follow, for the next sentence. What follows otherwise is sound: the length was wrong, as it is
    where a server writes it before it knows it.
    """

    def __init__(self, size: int | None, rate: int, service: Service) -> None:
        self._left = size
        self._rate = rate
        self._service = service
        self._behind = b""

    def sound_of(self, data: bytes) -> bytes:
        """Return what of the next bytes is sound."""
        if self._left is None:
            return data
        now, behind = data[: self._left], data[self._left :]
        self._left -= len(now)
        self._behind += behind
        if len(self._behind) < _NAME:
            return now
        if self._behind.lstrip(b"\0").startswith(b"RIFF"):
            return now + self._next()
        if self._behind.lstrip(b"\0").startswith(_BEHIND):
            self._behind = self._behind[:_NAME]
            return now
        self._left, behind = None, self._behind
        return now + behind

    def _next(self) -> bytes:
        """Return what there is of the sound of the next file. Raises `TransientError` for one of another rate."""
        behind = self._behind.lstrip(b"\0")
        begun = wav_header(behind, self._service)
        if begun is None:
            return b""
        rate, begin, self._left = begun
        if rate != self._rate:
            raise self._service.broken(f"the sound goes on at {rate} Hz instead of {self._rate}")
        self._behind = b""
        return self.sound_of(behind[begin:])


def wav_header(head: bytes, service: Service) -> tuple[int, int, int | None] | None:
    """Read the start of a WAV file: rate, where the sound begins, and its length in bytes if it is told.

    None: more bytes are needed. Raises `TransientError` for anything but 16-bit mono.
    """
    if not head.startswith(b"RIFF"[: len(head)]):
        if len(head) < _TOLD:  # its words are wanted
            return None
        raise service.broken(f"the service sent no WAV file, but {no_sound(head) or repr(head[:20])}")
    at, rate = 12, 0
    while at + 8 <= len(head):
        name, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"data":
            if not rate:
                break
            # Who writes the length before it is known writes one that cannot be.
            return rate, at + 8, size if 0 < size <= 2 * rate * MAX_S else None
        if name == b"fmt ":
            if at + 24 > len(head):
                return None
            form, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, at + 8)
            if form not in _PCM or (channels, bits) != (1, 16) or not 8000 <= rate <= 48_000:
                raise service.broken(f"the sound has {channels} channels of {bits} bits at {rate} Hz (form {form})")
        at += 8 + size + (size & 1)
    if len(head) > _MAX_HEADER_BYTES:
        raise service.broken("the WAV header is damaged")
    return None

"""Sound as a service sends it: joined into whole samples, bounded, and told apart from one that broke off."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from typing import Final

from bot.types import Mark, Pcm
from bot.voice.audio.pcm import Samples
from bot.voice.wire.connection import Service

#: No clause is longer; a service that goes on is cut off.
MAX_S: Final = 120
_MAX_HEADER_BYTES: Final = 4096


class Sound:
    """The raw sound (s16le mono) of one clause, piece by piece."""

    def __init__(self, service: Service, rate: int) -> None:
        self.rate = rate
        self._service = service
        self._samples = Samples()
        self._bytes = 0

    @property
    def ms(self) -> int:
        """How much came so far."""
        return self._bytes // 2 * 1000 // self.rate

    def add(self, data: bytes, marks: tuple[Mark, ...] = ()) -> list[Pcm]:
        """Return the whole samples among the next bytes: one piece, or none. Raises `TransientError` for too much."""
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


async def wav_sound(pieces: AsyncIterator[bytes], service: Service) -> AsyncIterator[Pcm]:
    """Yield the sound of a WAV file as it streams. Raises `TransientError` for no such file, or one that broke off."""
    head, sound, expected = b"", None, None
    async for data in pieces:
        if sound is None:
            head += data
            if (begun := wav_header(head, service)) is None:
                continue
            rate, begin, expected = begun
            sound, data = Sound(service, rate), head[begin:]  # noqa: PLW2901 - what is left of it
        for pcm in sound.add(data):
            yield pcm
    if sound is None:
        raise service.broken("the service sent no sound")
    sound.end(expected=expected)


def wav_header(head: bytes, service: Service) -> tuple[int, int, int | None] | None:
    """Read the start of a WAV file: rate, where the sound begins, and its length in bytes if it is told.

    None: more bytes are needed. Raises `TransientError` for anything but 16-bit mono.
    """
    if not head.startswith(b"RIFF"[: len(head)]):
        raise service.broken(f"the service sent no sound, but {head[:20]!r}")
    at, rate = 12, 0
    while at + 8 <= len(head):
        name, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"data":
            if not rate:
                break
            return rate, at + 8, size if 0 < size < 0x7FFF_0000 else None
        if name == b"fmt ":
            if at + 24 > len(head):
                return None
            _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, at + 8)
            if (channels, bits) != (1, 16) or not 8000 <= rate <= 48_000:
                raise service.broken(f"the sound has {channels} channels of {bits} bits at {rate} Hz")
        at += 8 + size + (size & 1)
    if len(head) > _MAX_HEADER_BYTES:
        raise service.broken("the WAV header is damaged")
    return None

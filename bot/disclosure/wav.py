"""Sound as a WAV file; speech that leaves the host says in it that it was generated."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path

from bot.disclosure.statement import COMMENTS, PRODUCER, Origin, xmp


def plain_wav(sound: bytes, rate: int) -> bytes:
    """Return mono sound of 16 bits at ``rate`` Hz as a WAV file without marks."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound)
    return out.getvalue()


def speech_wav(sound: bytes, rate: int) -> bytes:
    """Return mono sound of 16 bits at ``rate`` Hz as a WAV file with its marks behind the samples.

    Players read the samples alone; the list of facts (``INFO``) and the XMP (``_PMX``) are chunks of their own.
    """
    comment = COMMENTS[Origin.GENERATED].encode() + b"\0"
    facts = b"INFO" + _chunk(b"ICMT", comment) + _chunk(b"ISFT", PRODUCER.encode() + b"\0")
    body = plain_wav(sound, rate)[8:] + _chunk(b"LIST", facts) + _chunk(b"_PMX", xmp(Origin.GENERATED))
    return b"RIFF" + struct.pack("<I", len(body)) + body


def write_speech(file: Path, sound: bytes, rate: int) -> None:
    """Write speech into a file, as `speech_wav` makes it."""
    file.write_bytes(speech_wav(sound, rate))


def _chunk(name: bytes, data: bytes) -> bytes:
    # A chunk begins at an even place; its length does not count the byte that fills it up.
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

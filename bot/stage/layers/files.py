"""The streamer's own sounds and pictures of alerts: read, bounded, and looked at before a page gets them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.stage.layers.emotes import kind_of
from bot.stage.settings import AlertTier

#: Largest sound and largest picture in bytes, and longest side of a picture in pixels.
MAX_SOUND, MAX_IMAGE, MAX_SIDE = 2 << 20, 4 << 20, 2048
_MP3: Final = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")


def named(tiers: Mapping[int, AlertTier]) -> dict[str, Path]:
    """Return the files of all sizes by their names in addresses: "sound-3", "image-0"."""
    found: dict[str, Path] = {}
    for tier, own in tiers.items():
        if own.sound is not None:
            found[f"sound-{tier}"] = own.sound
        if own.image is not None:
            found[f"image-{tier}"] = own.image
    return found


def read(name: str, file: Path) -> tuple[bytes, str]:
    """Return a file and its media type, by what is in it. Raise `ValueError` with what is wrong."""
    image = name.startswith("image")
    most = MAX_IMAGE if image else MAX_SOUND
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror or error}") from error
    if len(data) > most:
        raise ValueError(f"{file} has more than {most >> 20} MB")
    kind = kind_of(data, MAX_SIDE) if image else _sound(data)
    if not kind:
        known = f"a PNG, GIF or WebP of at most {MAX_SIDE} pixels a side" if image else "WAV, MP3 or Ogg"
        raise ValueError(f"{file} is not {known}")
    return data, kind


def _sound(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio/wav"
    if data[:4] == b"OggS":
        return "audio/ogg"
    return "audio/mpeg" if data.startswith(_MP3) and len(data) > 100 else ""

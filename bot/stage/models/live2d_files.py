"""The files that a Live2D model names, read with bounds: none outside its folder, none through a link."""

from __future__ import annotations

import json
import stat
import struct
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bot.errors import ConfigError

#: Largest JSON file, largest moc3 file and largest picture that are read, in bytes.
MAX_JSON, MAX_MOC, MAX_PICTURE = 8 << 20, 64 << 20, 64 << 20
#: Textures with a longer side are refused; those above `LARGE_SIDE` pixels are shown smaller, with a warning.
MAX_SIDE, LARGE_SIDE = 8192, 4096
#: Pixels of all textures together: 256 MB of graphics memory.
MAX_PIXELS: Final = 64 << 20
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MOC: Final = b"MOC3"


class Cubism(StrEnum):
    """The version of Cubism that a moc3 file was made for, by the number in its head."""

    C3 = "3.0"
    C33 = "3.3"
    C4 = "4.0"
    C42 = "4.2"
    C5 = "5.0"
    C53 = "5.3"

    @property
    def core(self) -> str:
        """The oldest Core that knows it, as its releases are numbered."""
        return {"5.0": "5.0", "5.3": "6.0"}.get(self.value, "4.2")


_BY_NUMBER: Final = dict(enumerate(Cubism, start=1))


class ModelFiles:
    """The files below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, name: str, most: int) -> Path | None:
        """Return the place of a file that a model names; None when it is missing.

        Raise `ConfigError` for one that leads out of the folder, is a link, is no plain file, or is too large.
        """
        steps = name.replace("\\", "/").split("/")
        if (
            not name
            or len(name) > 1_000
            or "\0" in name
            or any(step in ("", ".", "..") or ":" in step for step in steps)
        ):
            raise ConfigError(f"the model names a file outside its folder: {name[:80]!r}", remedy=_HONEST)
        here = self.folder
        for at, step in enumerate(steps):
            here /= step
            try:
                found = here.lstat()
            except (FileNotFoundError, NotADirectoryError):
                return None
            except (OSError, ValueError) as error:
                raise ConfigError(f"{name[:80]!r} cannot be read: {error}") from None
            if not (stat.S_ISREG if at == len(steps) - 1 else stat.S_ISDIR)(found.st_mode):
                raise ConfigError(f"{name[:80]!r} is a link or no plain file", remedy="put the file itself there")
        if found.st_size > most:
            raise ConfigError(
                f"{name[:80]!r} has {found.st_size >> 20} MB; at most {most >> 20} MB are read",
                remedy="export the model again, with smaller textures",
            )
        return here

    def json(self, name: str) -> dict[str, Any] | None:
        """Return the object in a JSON file; None when the file is missing. Raise `ConfigError` when it holds none."""
        path = self.find(name, MAX_JSON)
        if path is None:
            return None
        try:
            found = json.loads(path.read_bytes().decode("utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(f"{name[:80]!r} is broken: {str(error)[:100]}", remedy="export the model again") from None
        if not isinstance(found, dict):
            raise ConfigError(f"{name[:80]!r} holds no object", remedy="export the model again")
        return found


_HONEST: Final = "a model names files of its own folder alone; take it from its maker again"


def png_size(path: Path) -> tuple[int, int]:
    """Return width and height of a picture in pixels, by its first bytes. Raise `ConfigError` when it is no PNG."""
    head = _head(path, 24)
    if head[:8] != _PNG or head[12:16] != b"IHDR":
        raise ConfigError(
            f"{path.name}: it is no PNG picture", remedy="export the model again; its textures are PNG files"
        )
    width, height = struct.unpack(">II", head[16:24])
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ConfigError(
            f"{path.name}: {width} × {height} pixels; a texture has at most {MAX_SIDE} on a side",
            remedy="export the model with textures of 4096 or 2048 pixels",
        )
    return int(width), int(height)


def moc_version(path: Path) -> Cubism:
    """Return for which Cubism a moc3 file was made. Raise `ConfigError` when it is none, or of an unknown one."""
    head = _head(path, 64)
    if head[:4] != _MOC or len(head) < 64:
        raise ConfigError(f"{path.name}: it is no moc3 file", remedy="models of Cubism 3 and newer can be shown")
    if (version := _BY_NUMBER.get(head[4])) is None:
        raise ConfigError(
            f"{path.name}: its version {head[4]} is not known here", remedy="export it for Cubism 5 or older"
        )
    if head[5] > 1:
        raise ConfigError(f"{path.name}: its bytes are in no known order", remedy="export the model again")
    return version


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror or error}") from None

"""Live2D's Cubism Core, which streamers take from Live2D themselves: found in what they downloaded, checked, kept.

Nothing of it is part of this program. Its licence lets a person use it who accepted Live2D's terms; so it goes into the
data folder of that person alone, and into nothing that is passed on.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import ConfigError
from bot.runtime.private import make_folder

#: The folder in the data folder, and the file in it.
FOLDER, FILE = "live2d", "live2dcubismcore.min.js"
#: Where a person gets the SDK for the web, and where its terms stand.
DOWNLOAD: Final = "https://www.live2d.com/en/sdk/download/web/"
TERMS: Final = "https://www.live2d.com/eula/live2d-proprietary-software-license-agreement_en.html"
RELEASE_TERMS: Final = "https://www.live2d.com/en/download/cubism-sdk/release-license/"
#: Bounds of the Core's size in bytes, of an archive's, and of what is looked through for it.
LEAST, MOST, MOST_ARCHIVE, MOST_ENTRIES, DEPTH = 20_000, 8 << 20, 512 << 20, 50_000, 6
#: What its file says of itself.
_SIGNS: Final = (b"Live2D Cubism Core", b"Live2DCubismCore", b"csmGetVersion")
#: The script's own answer to the question for its version: a number whose bytes are its parts.
_ANSWER: Final = re.compile(rb"csmGetVersion[^{};]{0,40}\{return (\d{8,9})\}")
#: What the list of changes beside it says, in an SDK.
_CHANGES, _NOTED = "CHANGELOG.md", re.compile(r"Core version to (\d{1,2})\.(\d{1,2})\.(\d{1,4})")


@dataclass(frozen=True, slots=True)
class CoreFile:
    """The Core's script. ``version`` is empty when it does not tell."""

    data: bytes
    version: str
    found_in: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the script, in hex."""
        return hashlib.sha256(self.data).hexdigest()


def find_core(source: Path) -> CoreFile:
    """Return the Core in an SDK's folder or zip file, or the script itself. Raise `ConfigError`."""
    try:
        if source.is_dir():
            return _in_folder(source)
        if not source.is_file():
            raise ConfigError(f"there is nothing at {source}", remedy=f"download the SDK for Web from {DOWNLOAD}")
        size = source.stat().st_size
        if zipfile.is_zipfile(source):
            if size > MOST_ARCHIVE:
                raise ConfigError(f"{source.name} has more than {MOST_ARCHIVE >> 20} MB: it is no SDK")
            return _in_archive(source)
        return check_core(_bounded(source), str(source))
    except OSError as error:
        raise ConfigError(f"{source} cannot be read: {error.strerror or error}") from None


def check_core(data: bytes, found_in: str, changes: str = "") -> CoreFile:
    """Return the Core when these bytes are its script; ``changes`` is its list of them. Raise `ConfigError`."""
    if not LEAST <= len(data) <= MOST or not all(sign in data for sign in _SIGNS) or b"\0" in data:
        raise ConfigError(
            f"{found_in}: it is not the Cubism Core for Web",
            remedy=f"the file is Core/{FILE} of the SDK from {DOWNLOAD}",
        )
    return CoreFile(data, _version(data, changes), found_in)


class CoreStore:
    """Where the Core is kept: in the data folder, which no repository and no package holds."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER

    @property
    def path(self) -> Path | None:
        """The script, when it is there and is a plain file."""
        path = self.folder / FILE
        try:
            return path if stat.S_ISREG(path.lstat().st_mode) else None
        except OSError:
            return None

    def installed(self) -> CoreFile | None:
        """Return the Core that is installed; None when there is none, or what is there is not it."""
        try:
            return check_core(_bounded(self.path), str(self.path)) if self.path else None
        except (OSError, ConfigError):
            return None

    def install(self, core: CoreFile) -> Path:
        """Keep the script, in one step. Raise `ConfigError`."""
        path = self.folder / FILE
        beside = path.with_name(f".{FILE}.{os.getpid()}")
        try:
            make_folder(self.folder)
            (self.folder / ".gitignore").write_text("*\n", "utf-8")
            beside.write_bytes(core.data)
            beside.replace(path)
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written: {error.strerror or error}", remedy="check the folder's rights and the space"
            ) from None
        finally:
            with contextlib.suppress(OSError):
                beside.unlink()
        return path

    def remove(self) -> bool:
        """Delete the script; return whether it was there. Raises `OSError`."""
        path = self.folder / FILE
        there = path.is_symlink() or path.exists()
        path.unlink(missing_ok=True)
        return there


def _in_folder(folder: Path) -> CoreFile:
    for path in _walk(folder):
        if path.name == FILE:
            beside = path.with_name(_CHANGES)
            changes = _bounded(beside).decode("utf-8", "replace") if beside.is_file() else ""
            return check_core(_bounded(path), str(path), changes)
    raise ConfigError(
        f"{folder} holds no {FILE}", remedy=f"name the folder or the zip file of the SDK for Web from {DOWNLOAD}"
    )


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the plain files in and below a folder, following no link, within bounds."""
    seen = 0
    level = [folder]
    for _ in range(DEPTH):
        below: list[Path] = []
        for one in level:
            with os.scandir(one) as entries:
                for entry in sorted(entries, key=lambda each: each.name):
                    seen += 1
                    if seen > MOST_ENTRIES:
                        return
                    if entry.is_dir(follow_symlinks=False):
                        below.append(Path(entry.path))
                    elif entry.is_file(follow_symlinks=False):
                        yield Path(entry.path)
        level = below


def _in_archive(path: Path) -> CoreFile:
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist()[:MOST_ENTRIES]:
                if entry.filename.rsplit("/", 1)[-1] != FILE:
                    continue
                with archive.open(entry) as file:
                    data = file.read(MOST + 1)
                changes = ""
                with contextlib.suppress(KeyError), archive.open(entry.filename.replace(FILE, _CHANGES)) as file:
                    changes = file.read(MOST).decode("utf-8", "replace")
                return check_core(data, f"{path.name}: {entry.filename[:200]}", changes)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise ConfigError(f"{path.name} is broken: {str(error)[:100]}", remedy="download it again") from None
    raise ConfigError(f"{path.name} holds no {FILE}", remedy=f"take the SDK for Web from {DOWNLOAD}")


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST + 1)


def _version(data: bytes, changes: str = "") -> str:
    """Return the version that a script answers, or its list of changes tells, such as "4.2.2"; else nothing.

    It is read, not run.
    """
    if found := _ANSWER.search(data):
        number = int(found[1])
        return f"{number >> 24}.{number >> 16 & 0xFF}.{number & 0xFFFF}"
    noted = _NOTED.search(changes)
    return ".".join(str(int(part)) for part in noted.groups()) if noted else ""

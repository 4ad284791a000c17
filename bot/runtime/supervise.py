"""What keeps long-lived parts alive: supervision, backoff, deadlines, and the loading of providers."""

from __future__ import annotations

import asyncio
import gc
import importlib
import pkgutil
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, TypeAlias, TypeVar, cast

from bot.errors import ConfigError, Fatal, HaishinError, Transient

#: A supervised part that ran this long is healthy: its next failure starts at the shortest wait.
HEALTHY_S = 60.0
BACKOFF_CAP_S = 30.0

Report: TypeAlias = Callable[[str, str, BaseException | None], None]
T = TypeVar("T")


#: How many new objects make the collector look at the young ones, and how often it looks at older ones too. With
#: Python's own 700 it takes a tenth of the time that a busy chat costs; memory pays a few megabytes for this.
GC_THRESHOLDS = (20_000, 20, 50)


def settle() -> None:
    """Spare the garbage collector work, once all is loaded: what is there stays, and need not be walked through again.

    One full walk takes up to 100 ms, in which nothing else happens.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def backoff(first_s: float = 0.5, cap_s: float = BACKOFF_CAP_S, rng: random.Random | None = None) -> Iterator[float]:
    """Yield waits in seconds: exponential, capped, each jittered to between half of it and all of it."""
    rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
    wait = first_s
    while True:
        yield wait * rng.uniform(0.5, 1.0)
        wait = min(cap_s, wait * 2)


async def supervise(name: str, run: Callable[[], Awaitable[None]], report: Report) -> None:
    """Run a long-lived part for ever; return when it returns by itself.

    Whatever fails is reported and started again after a backoff. `Fatal` and `ConfigError` are
    passed on: nothing that we do can cure them. Cancellation passes untouched.

    ``report(name, state, error)`` is told "up", "down" (with the error) and "over".
    """
    waits = backoff()
    while True:
        began = time.monotonic()
        report(name, "up", None)
        try:
            await run()
        except (Fatal, ConfigError) as error:
            report(name, "down", error)
            raise
        except Exception as error:  # noqa: BLE001 - the one place where a part's failure becomes a retry
            report(name, "down", error)
        else:
            report(name, "over", None)
            return
        if time.monotonic() - began > HEALTHY_S:
            waits = backoff()
        await asyncio.sleep(next(waits))


async def paced(
    items: AsyncIterator[T], *, first_s: float, gap_s: float, total_s: float, provider: str = ""
) -> AsyncIterator[T]:
    """Pass on a stream that must not stall.

    Raises `Transient` when the first item takes longer than ``first_s``, a later one longer than
    ``gap_s``, or all of it longer than ``total_s`` (seconds). The source is closed in every case.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + total_s
    wait, what = first_s, "the first piece"
    async with aclosing(cast("Any", items)) as stream:
        while True:
            left = end - clock()
            try:
                async with asyncio.timeout(max(0.0, min(wait, left))):
                    item = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError:
                over = f"all of it took over {total_s:g} s" if left < wait else f"{what} took over {wait:g} s"
                raise Transient(f"no answer in time: {over}", provider=provider) from None
            yield item
            wait, what = gap_s, "the next piece"


def available(package: str) -> list[str]:
    """Name the providers of a kind that this installation holds, built-in and third-party."""
    builtin = [m.name for m in pkgutil.iter_modules(importlib.import_module(package).__path__)]
    return sorted({*builtin, *(e.name for e in entry_points(group=_group(package)))})


def load(package: str, name: str) -> ModuleType:
    """Import the provider ``name`` of a kind, for example ``load("bot.voice.tts", "kokoro")``.

    Raises `ConfigError` with the names that exist, or with the extra to install.
    """
    if not name.isidentifier():
        raise ConfigError(f"{name!r} is no provider's name")
    for entry in entry_points(group=_group(package)):
        if entry.name == name:
            return cast("ModuleType", entry.load())
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"{package}.{name}":
            known = ", ".join(available(package))
            raise ConfigError(f"there is no provider {name!r}", remedy=f"choose one of: {known}") from None
        raise ConfigError(
            f"the provider {name!r} needs the package {error.name!r}",
            remedy=f"install it with: pip install 'haishin[{name}]'",
        ) from error
    except HaishinError:
        raise
    except ImportError as error:
        raise ConfigError(
            f"the provider {name!r} could not be imported: {error}",
            remedy=f"install it again with: pip install --force-reinstall 'haishin[{name}]'",
        ) from error


def _group(package: str) -> str:
    return f"haishin.{package.rpartition('.')[2]}"


class Pulse:
    """Wake everybody who waits for a change, without a lock: state is read again after each ring."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Say that something changed."""
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def rung(self, timeout_s: float | None = None) -> bool:
        """Wait for the next ring; give False when ``timeout_s`` passed first."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)
        return True

    async def until(self, true: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Wait until ``true()``; give False when ``timeout_s`` passed first."""
        loop = asyncio.get_running_loop()
        end = None if timeout_s is None else loop.time() + timeout_s
        while not true():
            if not await self.rung(None if end is None else end - loop.time()):
                return true()
        return True

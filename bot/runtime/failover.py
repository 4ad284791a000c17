"""Several providers of a kind, one behind the other: when one fails, the next speaks, and the first is tried again.

Until the first piece of an answer was passed on, a failure costs nothing but time: the next link begins
afresh. After that the error goes to the caller, who alone knows what was already said.

A link that failed rests: 5 s at first, doubling to two minutes while it goes on failing, or as long as a
`QuotaError` asks for. `FatalError` takes it out until the configuration is read again. When every link rests,
`TransientError` is raised at once, and the show uses a prepared line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
)
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ConfigError, FatalError, HaishinError, ProviderError, QuotaError, TransientError
from bot.runtime.providers import load
from bot.runtime.supervise import paced
from bot.types import Health

REST_S, REST_CAP_S = 5.0, 120.0
#: Longest time for one provider to be opened: a model is loaded from a slow disk.
OPEN_S = 180.0
CHECK_S = 20.0

P = TypeVar("P")
T = TypeVar("T")
OnFailure = Callable[[str, Exception], None]
Clock = Callable[[], float]
State = Literal["up", "resting", "down"]


class LinkConfig(BaseModel):
    """The chain's own options of a link; all others of an entry belong to the provider."""

    model_config = ConfigDict(extra="forbid")

    first_s: float | None = Field(
        None,
        gt=0,
        le=120,
        description="longest wait for the first piece; unset: 2.5 for a model, 2 for a voice, "
        "and much longer for the last link, behind which there is nobody",
    )
    gap_s: float | None = Field(None, gt=0, le=120, description="longest wait for a later piece; unset: 2.5")
    total_s: float | None = Field(None, gt=0, le=600, description="longest answer in all; unset: 90")


class Deadlines(NamedTuple):
    """Waits in seconds for a kind of provider, where a link's options name none."""

    first_s: float
    last_first_s: float
    gap_s: float = 2.5
    total_s: float = 90.0


class LinkState(NamedTuple):
    """A link as the control room shows it. ``resting_s`` is what is left of its rest."""

    name: str
    state: State
    detail: str
    resting_s: float


@dataclass(slots=True)
class Link(Generic[P]):
    """A provider in a chain. ``provider`` is None when it could not be opened; ``detail`` then says why."""

    name: str
    provider: P | None
    config: LinkConfig
    detail: str = ""
    down: bool = False
    failures: int = 0
    rests_until: float = 0.0


class Chain(Generic[P]):
    """The links in order, what became of each, and the one way to get an answer from them."""

    def __init__(
        self, links: Sequence[Link[P]], deadlines: Deadlines, on_failure: OnFailure | None, clock: Clock
    ) -> None:
        self._links = list(links)
        self._deadlines = deadlines
        self._on_failure = on_failure
        self._clock = clock

    def states(self) -> list[LinkState]:
        """Describe the links in their order."""
        now = self._clock()
        return [
            LinkState(
                link.name,
                "down" if link.down else "resting" if link.rests_until > now else "up",
                link.detail,
                0.0 if link.down else max(0.0, link.rests_until - now),
            )
            for link in self._links
        ]

    def providers(self) -> list[tuple[str, P]]:
        """Return the name and the provider of each link that could be opened."""
        return [(link.name, link.provider) for link in self._links if link.provider is not None]

    async def stream(
        self, start: Callable[[P], AsyncIterator[T]], among: Callable[[P], bool] = lambda _: True
    ) -> AsyncIterator[T]:
        """Answer through the first link of ``among`` that can.

        Raises `TransientError` when none can, and any `ProviderError` that comes after the first piece.
        """
        now = self._clock()
        fit = [link for link in self._links if link.provider is not None and among(link.provider)]
        ready = [link for link in fit if not link.down and link.rests_until <= now]
        error: ProviderError | None = None
        for link in ready:
            begun = False
            try:
                async with aclosing(cast("Any", self._paced(link, start, last=link is ready[-1]))) as items:
                    async for item in items:
                        begun = True
                        yield item
            except ProviderError as caught:
                self._failed(link, caught)
                if begun:
                    raise
                error = caught
            else:
                link.failures, link.rests_until, link.detail = 0, 0.0, ""
                return
        raise TransientError(self._why_none(fit, error)) from error

    async def _paced(self, link: Link[P], start: Callable[[P], AsyncIterator[T]], *, last: bool) -> AsyncIterator[T]:
        config, usual = link.config, self._deadlines
        items = paced(
            start(cast("P", link.provider)),
            first_s=config.first_s or (usual.last_first_s if last else usual.first_s),
            gap_s=config.gap_s or usual.gap_s,
            total_s=config.total_s or usual.total_s,
            provider=link.name,
        )
        try:
            async with aclosing(cast("Any", items)) as stream:
                async for item in stream:
                    yield item
        except ProviderError:
            raise
        except Exception as error:  # a provider that leaks its library's errors must not end the show
            raise TransientError(f"{type(error).__name__}: {error}", provider=link.name) from error

    def _failed(self, link: Link[P], error: ProviderError) -> None:
        error.provider = link.name
        link.failures += 1
        link.detail = f"{error} {error.remedy}".strip()
        if isinstance(error, FatalError):
            link.down = True
        else:
            rest = min(REST_CAP_S, REST_S * 2 ** min(10, link.failures - 1))
            if isinstance(error, QuotaError) and error.retry_after_s is not None:
                rest = error.retry_after_s
            link.rests_until = self._clock() + rest
        if self._on_failure is not None:
            self._on_failure(link.name, error)

    def _why_none(self, fit: Sequence[Link[P]], error: ProviderError | None) -> str:
        if error is not None:
            return f"no provider answers; the last one: {error}"
        waiting = [link.rests_until for link in fit if not link.down]
        if waiting:
            return f"every provider rests; the next is tried in {max(0.0, min(waiting) - self._clock()):.0f} s"
        return "no provider is up"

    async def check(self, check: Callable[[P], Any]) -> Health:
        """Check all links at once; good when one of them is."""

        async def one(link: Link[P]) -> Health:
            if link.provider is None:
                return Health(ok=False, detail=link.detail)
            try:
                async with asyncio.timeout(CHECK_S):
                    return cast("Health", await check(link.provider))
            except TimeoutError:
                return Health(ok=False, detail=f"no answer within {CHECK_S:g} s")

        async with asyncio.TaskGroup() as group:
            tasks = [(link.name, group.create_task(one(link))) for link in self._links]
        found = {name: task.result() for name, task in tasks}
        detail = "; ".join(f"{name}: {health.detail}" for name, health in found.items()) or "no provider is configured"
        remedy = next((health.remedy for health in found.values() if not health.ok and health.remedy), "")
        return Health(ok=any(health.ok for health in found.values()), detail=detail, remedy=remedy, extra=found)


def parse_link(package: str, entry: Mapping[str, Any]) -> tuple[str, LinkConfig, BaseModel]:
    """Read one entry of a chain: the provider's name, the link's options and the provider's.

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


@asynccontextmanager
async def open_links(
    package: str, entries: Iterable[Mapping[str, Any]], on_failure: OnFailure | None
) -> AsyncIterator[list[Link[Any]]]:
    """Open each entry of a chain, in order.

    One that cannot be opened is listed as down with the reason, and told to ``on_failure``; the others
    go on without it. Two links of one provider are told apart as "openai" and "openai-2".
    """
    links: list[Link[Any]] = []
    async with AsyncExitStack() as stack:
        for entry in entries:
            name = _unique(str(entry.get("provider", "?")), links)
            config = LinkConfig.model_validate({})
            try:
                _, config, options = parse_link(package, entry)
                opening: AbstractAsyncContextManager[Any] = load(package, str(entry["provider"])).connect(options)
                async with asyncio.timeout(OPEN_S):
                    provider = await stack.enter_async_context(opening)
            except Exception as error:  # noqa: BLE001 - whatever one judge raises, the others must go on
                links.append(Link(name, None, config, detail=_reason(error), down=True))
                if on_failure is not None:
                    on_failure(name, error)
            else:
                links.append(Link(name, provider, config))
        yield links


def _unique(name: str, links: Sequence[Link[Any]]) -> str:
    same = sum(link.name == name or link.name.startswith(f"{name}-") for link in links)
    return f"{name}-{same + 1}" if same else name


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
    if isinstance(error, TimeoutError):
        return f"not ready within {OPEN_S:g} s"
    if isinstance(error, HaishinError):
        return f"{error} {error.remedy}".strip()
    return f"{type(error).__name__}: {error}"

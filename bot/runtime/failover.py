"""Several providers of a kind, one behind the other: when one fails, the next answers, and the first is tried again.

Until the first piece of an answer was passed on, a failure costs nothing but time: the next link begins
afresh. After that the error goes to the caller, who alone knows what was already said.

A link that failed rests: 5 s at first, doubling to two minutes while it goes on failing, or as long as a
`QuotaError` asks for. After a `FatalError` it is down, which is a longer rest: 30 s, doubling to five minutes. The
first question after the rest is its probe, and one success brings it back. When every link rests, `TransientError`
is raised at once, and the show uses a prepared line.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

from bot.errors import ProviderError, Refused, TransientError
from bot.runtime.link import Link, LinkConfig, LinkState, ProviderState, RestPolicy, as_provider_error
from bot.runtime.opening import Clock, OnFailure, open_links, parse_link
from bot.runtime.supervise import paced
from bot.types import Health

__all__ = [
    "Chain", "Clock", "Deadlines", "Link", "LinkConfig", "LinkState", "OnFailure", "ProviderState", "RestPolicy",
    "Sieve", "open_links", "parse_link",
]  # fmt: skip

#: Longest time for one provider to be checked.
CHECK_S = 20.0
USUAL_RESTS = RestPolicy()

P = TypeVar("P")
T = TypeVar("T")


class Deadlines(NamedTuple):
    """Waits in seconds for a kind of provider, where a link's options name none."""

    first_s: float
    last_first_s: float
    gap_s: float = 2.5
    total_s: float = 90.0


class Sieve(Protocol[T]):
    """Decides what of one provider's answer is passed on.

    ``take`` returns what an item becomes: nothing, when it only shows that the provider makes progress. ``end``
    returns what is left when the answer is over. Whatever either raises is a failure of the provider.
    """

    def begins(self, item: T) -> bool:
        """Return whether the answer begins with an item, which until then may only show progress."""
        ...

    def take(self, item: T) -> Sequence[T]:
        """Return what of an item is passed on."""
        ...

    def end(self) -> Sequence[T]:
        """Return what is left at the end of the answer."""
        ...


class Chain(Generic[P]):
    """The links in order, what became of each, and the ways to get an answer from them.

    ``check`` reaches a provider at little cost; without it a provider can only be tried with a real question.
    """

    def __init__(
        self,
        links: Sequence[Link[P]],
        deadlines: Deadlines,
        on_failure: OnFailure | None,
        clock: Clock,
        *,
        rests: RestPolicy = USUAL_RESTS,
        check: Callable[[P], Awaitable[Health]] | None = None,
    ) -> None:
        self._links = list(links)
        self._deadlines = deadlines
        self._on_failure = on_failure
        self._clock = clock
        self._rests = rests
        self._check = check

    def states(self) -> list[LinkState]:
        """Describe the links in their order."""
        now = self._clock()
        return [link.state(now) for link in self._links]

    def providers(self) -> list[tuple[str, P]]:
        """Return the name and the provider of each link that is open."""
        return [(link.name, link.provider) for link in self._links if link.provider is not None]

    # --- asking -------------------------------------------------------------------------------------

    async def stream(
        self,
        start: Callable[[P], AsyncIterator[T]],
        among: Callable[[P], bool] = lambda _: True,
        *,
        sound: Callable[[T], bool] = lambda _: True,
        sieve: Callable[[Link[P]], Sieve[T]] | None = None,
        rank: Callable[[str], float | None] = lambda _: 0.0,
        counted: bool = True,
    ) -> AsyncIterator[T]:
        """Answer through the first link of ``among`` that can.

        ``rank`` says of a link's name when it is asked, the lowest first; None: not at all.

        An item that is not ``sound`` is a failure of its provider. Only what the ``sieve`` lets through counts as a
        piece of the answer: before the first of those the next link may still begin afresh. With ``counted`` off,
        nothing that happens changes a link's state, links that are down are left out, and nobody is told of failures.

        Raises `TransientError` when no link can answer, and any `ProviderError` that comes after the first piece.
        """
        open_ones = [link for link in self._links if link.provider is not None and among(link.provider)]
        fit = _ranked(open_ones, rank)
        if open_ones and not fit:
            raise TransientError("no provider may be asked: the budget is spent")
        ready = [link for link in self._ready(fit) if counted or not link.down]
        error: ProviderError | None = None
        for link in ready:
            begun = False
            try:
                with self._attempt(link, counted=counted):
                    sifted = self._sifted(link, start, sound, sieve and sieve(link), last=link is ready[-1])
                    async with aclosing(cast("Any", sifted)) as items:
                        async for item in items:
                            begun = True
                            yield item
            except ProviderError as caught:
                if begun:
                    raise
                error = caught
            except (asyncio.CancelledError, GeneratorExit):
                # It did answer; that the rest is not wanted any more is not its fault.
                if begun and counted:
                    link.succeeded()
                raise
            else:
                return
        raise TransientError(self._why_none(fit, error)) from error

    async def ask(
        self, question: Callable[[P], Awaitable[T]], *, within_s: float, spend: Callable[[], None] = lambda: None
    ) -> tuple[str, T]:
        """Ask one question after the other links until one answers; return the link's name and the answer.

        Each link but the last one has half of the time that is left. ``spend`` is called before each question, and
        what it raises ends the round. Raises `ProviderError` when nobody answered within ``within_s`` seconds.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        ready = self._ready(self._links)
        error: ProviderError | None = None
        for link in ready:
            if (left := until - loop.time()) <= 0:
                break
            spend()
            try:
                with self._attempt(link, counted=True):
                    async with asyncio.timeout(left if link is ready[-1] else left / 2):
                        return link.name, await question(cast("P", link.provider))
            except ProviderError as caught:
                error = caught
        raise TransientError(self._why_none(self._links, error)) from error

    def _ready(self, links: Sequence[Link[P]]) -> list[Link[P]]:
        """Return those that may be asked now. One that is being proved is left out where another can answer."""
        now = self._clock()
        ready = [link for link in links if link.provider is not None and link.rests_until <= now]
        free = [link for link in ready if not link.proving]
        return free if free or self._rests.one_probe else ready

    @contextmanager
    def _attempt(self, link: Link[P], *, counted: bool) -> Iterator[None]:
        """Count what becomes of one question. What the provider raises leaves as a `ProviderError`.

        Cancellation and a closed stream pass without being counted.
        """
        if counted:
            link.proving = link.down or link.failures >= self._rests.after
        try:
            yield
        except Exception as error:
            failure = as_provider_error(error, link.name)
            if counted:
                self._failed(link, failure)
            if failure is error:
                raise
            raise failure from error
        else:
            if counted:
                link.succeeded()
        finally:
            if counted:
                link.proving = False

    async def _sifted(
        self,
        link: Link[P],
        start: Callable[[P], AsyncIterator[T]],
        sound: Callable[[T], bool],
        sieve: Sieve[T] | None,
        *,
        last: bool,
    ) -> AsyncIterator[T]:
        """Yield what a link answers, in time and of the right type, as far as its sieve lets it through."""
        config, usual = link.config, self._deadlines
        items = paced(
            start(cast("P", link.provider)),
            first_s=config.first_s or (usual.last_first_s if last else usual.first_s),
            gap_s=config.gap_s or usual.gap_s,
            total_s=config.total_s or usual.total_s,
            provider=link.name,
            begins=lambda item: sieve is None or not sound(item) or sieve.begins(item),
        )
        async with aclosing(cast("Any", items)) as stream:
            async for item in stream:
                if not sound(item):
                    raise TransientError(f"the provider sent no proper piece, but {repr(item)[:100]}")
                for piece in (item,) if sieve is None else sieve.take(item):
                    yield piece
        for piece in () if sieve is None else sieve.end():
            yield piece

    def _failed(self, link: Link[P], error: ProviderError) -> None:
        link.failed(error, self._clock(), self._rests)
        if self._on_failure is not None:
            self._on_failure(link.name, error)

    def _why_none(self, links: Sequence[Link[P]], error: ProviderError | None) -> str:
        if error is not None:
            return f"no provider answers; the last one, {error.provider}: {error}"
        if any(link.proving for link in links):
            return "every provider rests, or is being tried with another question"
        if self._ready(links):
            return "no time was left to ask"
        waits = [wait for link in links if (wait := link.state(self._clock()).next_try_s) is not None]
        if waits:
            return f"every provider rests; the next is tried in {min(waits):.0f} s"
        return "no provider is up"

    # --- reaching -----------------------------------------------------------------------------------

    async def check(self) -> Health:
        """Check all links at once; good when one of them is."""
        async with asyncio.TaskGroup() as group:
            tasks = [(link.name, group.create_task(self._reach(link))) for link in self._links]
        found = {name: task.result() for name, task in tasks}
        detail = "; ".join(f"{name}: {health.detail}" for name, health in found.items()) or "no provider is configured"
        remedy = next((health.remedy for health in found.values() if not health.ok and health.remedy), "")
        return Health(ok=any(health.ok for health in found.values()), detail=detail, remedy=remedy, extra=found)

    async def retry_now(self, name: str) -> LinkState:
        """Try a link at once; return how it stands then.

        Its rest is over whatever comes of it, so the next question goes to it. Raises `Refused` for an unknown name.
        Takes up to `CHECK_S` seconds.
        """
        link = next((link for link in self._links if link.name == name), None)
        if link is None:
            known = ", ".join(link.name for link in self._links)
            raise Refused(f"there is no provider {name!r}", remedy=f"Choose one of: {known}." if known else "")
        if link.provider is None:
            if link.reopen is not None:
                await link.reopen()
        else:
            link.rests_until = 0.0
            if self._check is not None:
                health = await self._reach(link)
                if health.ok:
                    link.succeeded()
                else:
                    link.detail = f"{health.detail} {health.remedy}".strip()
        return link.state(self._clock())

    async def revive(self, within_s: float) -> bool:
        """Ask all links whether they answer, each for so many seconds at most; the rest of those that do is over.

        Return whether any does. One whose provider said when to come again is left alone until then; one that said
        that it is back, and then failed, is left alone for longer each time. Never raises.
        """
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._revive(link, within_s)) for link in self._links]
        return any(task.result() for task in asked)

    async def _revive(self, link: Link[P], within_s: float) -> bool:
        now = self._clock()
        if now < link.left_alone_until or math.isinf(link.rests_until):
            return link.state(now).state is ProviderState.UP
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                if link.provider is None and link.reopen is not None:
                    await link.reopen()
                if (await self._reach(link)).ok:
                    link.revived(self._clock())
                    return True
        return False

    async def _reach(self, link: Link[P]) -> Health:
        if link.provider is None or self._check is None:
            return Health(ok=link.provider is not None, detail=link.detail)
        try:
            async with asyncio.timeout(CHECK_S):
                health: object = await self._check(link.provider)
        except TimeoutError:
            return Health(ok=False, detail=f"no answer within {CHECK_S:g} s")
        except Exception as error:  # noqa: BLE001 - a provider that raises anything is a failed provider
            failure = as_provider_error(error, link.name)
            return Health(ok=False, detail=str(failure), remedy=failure.remedy)
        return health if isinstance(health, Health) else Health(ok=False, detail="the provider said nothing proper")


def _ranked(links: Sequence[Link[P]], rank: Callable[[str], float | None]) -> list[Link[P]]:
    """Return those that may be asked, in the order in which they are."""
    ranks = [(place, link) for link in links if (place := rank(link.name)) is not None]
    return [link for _, link in sorted(ranks, key=lambda one: one[0])]

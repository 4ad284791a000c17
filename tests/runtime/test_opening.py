"""How the providers of a chain are opened, held and closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.errors import ConfigError, FatalError, Refused, TransientError
from bot.runtime.failover import Chain, Deadlines
from bot.runtime.link import FATAL_REST_S, Link, LinkConfig, ProviderState
from bot.runtime.opening import CLOSE_S, OPEN_S, open_links
from tests.support.virtual import virtual

DEADLINES = Deadlines(first_s=2.0, last_first_s=3.0)


@dataclass
class Kind:
    """Providers that take as long to open as their entry says, and fail as it says."""

    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    #: Which task entered and which left a provider.
    tasks: list[asyncio.Task[Any] | None] = field(default_factory=list)

    def read(self, entry: Mapping[str, Any]) -> tuple[LinkConfig, AbstractAsyncContextManager[str]]:
        if entry.get("wrong"):
            raise ConfigError("no such option", remedy="Remove it.")
        return LinkConfig.model_validate({}), self.open(entry)

    @asynccontextmanager
    async def open(self, entry: Mapping[str, Any]) -> AsyncIterator[str]:
        name = entry["provider"]
        self.tasks.append(asyncio.current_task())
        self.opened.append(name)
        await asyncio.sleep(entry.get("takes_s", 0))
        if errors := entry.get("errors"):
            raise errors.pop(0)
        try:
            async with asyncio.timeout(None):  # must be left by the task that entered it
                yield name
        finally:
            self.tasks.append(asyncio.current_task())
            self.closed.append(name)
            await asyncio.sleep(entry.get("closes_s", 0))
            if error := entry.get("closing"):
                raise error

    def failed(self, name: str, error: Exception) -> None:
        self.failures.append(name)
        self.errors.append(error)

    def links(self, *entries: dict[str, Any]) -> AbstractAsyncContextManager[list[Link[str]]]:
        return open_links(self.read, entries, self.failed, asyncio.get_running_loop().time)


def states(links: list[Link[str]]) -> list[tuple[str, str]]:
    now = asyncio.get_running_loop().time()
    return [(link.name, link.state(now).state.value) for link in links]


@virtual
async def test_providers_are_opened_side_by_side_and_keep_their_order() -> None:
    kind, loop = Kind(), asyncio.get_running_loop()
    began = loop.time()
    async with kind.links({"provider": "slow", "takes_s": 100}, {"provider": "quick"}) as links:
        assert loop.time() - began == pytest.approx(100)
        assert [link.provider for link in links] == ["slow", "quick"]
        assert states(links) == [("slow", "up"), ("quick", "up")]
    assert sorted(kind.closed) == ["quick", "slow"]


@virtual
async def test_four_that_hang_cost_one_deadline() -> None:
    kind, loop = Kind(), asyncio.get_running_loop()
    began = loop.time()
    async with kind.links(*[{"provider": "dead", "takes_s": 1e9}] * 4, {"provider": "well"}) as links:
        assert loop.time() - began == pytest.approx(OPEN_S)
        assert [state for _, state in states(links)] == ["down"] * 4 + ["up"]
        assert [link.name for link in links][:3] == ["dead", "dead-2", "dead-3"]
        assert "not ready within 180 s" in links[0].detail
    assert len(kind.failures) == 4


@virtual
async def test_a_provider_is_entered_and_left_by_one_task() -> None:
    kind = Kind()
    async with kind.links({"provider": "a"}, {"provider": "b"}):
        pass
    a, b, *left = kind.tasks
    assert a is not b
    assert set(left) == {a, b}
    assert asyncio.current_task() not in kind.tasks


@virtual
async def test_one_that_could_not_be_opened_is_opened_after_its_rest() -> None:
    kind = Kind()
    errors: list[Exception] = [FatalError("no file", remedy="Download it."), ConfigError("no file yet")]
    async with kind.links({"provider": "a", "errors": errors}) as links:
        link = links[0]
        loop = asyncio.get_running_loop()
        state = link.state(loop.time())
        assert (state.state, state.next_try_s) == (ProviderState.DOWN, FATAL_REST_S)
        assert state.detail == "next try in 30 s: no file Download it."
        await asyncio.sleep(FATAL_REST_S + 1)
        assert kind.opened == ["a", "a"]
        assert link.provider is None
        await asyncio.sleep(FATAL_REST_S)
        assert link.provider is None, "the second rest is longer"
        await asyncio.sleep(FATAL_REST_S)
        assert link.provider == "a"
        assert link.state(loop.time()) == ("a", "up", "", 0)
        await asyncio.sleep(10_000)
        assert len(kind.opened) == 3
    assert kind.closed == ["a"]
    assert kind.failures == ["a", "a"]


@virtual
async def test_a_person_has_one_opened_at_once() -> None:
    kind = Kind()
    entries: list[dict[str, Any]] = [
        {"provider": "a", "errors": [FatalError("no file")] * 2},
        {"provider": "b", "wrong": True},
    ]
    async with kind.links(*entries) as links:
        clock = asyncio.get_running_loop().time
        began = clock()
        chain: Chain[str] = Chain(links, DEADLINES, None, clock)
        assert (await chain.retry_now("a")).state == "down"
        assert (await chain.retry_now("a")).state == "up"
        assert kind.opened == ["a"] * 3
        await asyncio.sleep(10_000)
        assert states(links)[1] == ("b", "down"), "a wrong option is not tried again by itself"
        assert links[1].state(clock()) == ("b", "down", "no such option Remove it.", None)
        assert kind.failures.count("b") == 1
        entries[1]["wrong"] = False
        assert (await chain.retry_now("b")).state == "up"
        assert clock() - began == pytest.approx(10_000)
        await chain.retry_now("a")
        assert links[0].provider == "a", "what is open stays open"
        assert kind.closed == []


@virtual
async def test_asking_for_one_that_is_being_opened_waits_for_it_and_opens_it_once() -> None:
    kind = Kind()
    entry = {"provider": "a", "errors": [FatalError("no file")], "takes_s": 5}
    async with kind.links(entry) as links:
        chain: Chain[str] = Chain(links, DEADLINES, None, asyncio.get_running_loop().time)
        async with asyncio.TaskGroup() as group:
            first = group.create_task(chain.retry_now("a"))
            await asyncio.sleep(1)
            second = group.create_task(chain.retry_now("a"))
        assert [task.result().state for task in (first, second)] == ["up", "up"]
        await asyncio.sleep(100)
        assert kind.opened == ["a", "a"]
        assert links[0].provider == "a"


@virtual
async def test_an_error_of_the_show_is_not_wrapped() -> None:
    kind = Kind()
    with pytest.raises(Refused, match="enough"):
        async with kind.links({"provider": "a"}, {"provider": "dead", "errors": [FatalError("no")]}):
            raise Refused("enough")
    assert kind.closed == ["a"]


@virtual
async def test_the_end_does_not_wait_for_what_is_being_opened() -> None:
    kind, loop = Kind(), asyncio.get_running_loop()

    async def show() -> None:
        async with kind.links({"provider": "a"}, {"provider": "slow", "takes_s": 100}):
            pass

    began = loop.time()
    task = loop.create_task(show())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert loop.time() - began == pytest.approx(1)
    assert kind.closed == ["a"]


@virtual
async def test_one_that_does_not_close_costs_a_few_seconds() -> None:
    kind, loop = Kind(), asyncio.get_running_loop()
    ways: list[dict[str, Any]] = [{"closes_s": 1e9}, {"closing": ValueError("odd")}, {"closes_s": 1}]
    async with kind.links(*({"provider": f"p{number}", **way} for number, way in enumerate(ways))):
        began = loop.time()
    assert loop.time() - began == pytest.approx(CLOSE_S)
    assert sorted(kind.failures) == ["p0", "p1"]


@virtual
@pytest.mark.parametrize("error", [TimeoutError("the library's own"), KeyError("x"), TransientError("busy")])
async def test_whatever_a_provider_raises_when_it_is_opened_the_others_go_on(error: Exception) -> None:
    kind = Kind()
    async with kind.links({"provider": "a", "errors": [error]}, {"provider": "b"}) as links:
        assert states(links) == [("a", "down"), ("b", "up")]
        assert "not ready" not in links[0].detail
    assert kind.errors == [error]


@virtual
async def test_a_provider_that_was_opened_late_answers() -> None:
    async def answer(provider: str) -> str:
        return f"{provider} answers"

    kind = Kind()
    async with kind.links({"provider": "a", "errors": [FatalError("no")]}) as links:
        chain: Chain[str] = Chain(links, DEADLINES, None, asyncio.get_running_loop().time)
        with pytest.raises(TransientError):
            await chain.ask(answer, within_s=1)
        await asyncio.sleep(FATAL_REST_S + 1)
        assert await chain.ask(answer, within_s=1) == ("a", "a answers")

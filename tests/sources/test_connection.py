"""Reconnecting: how long each wait lasts, and that "try again now" ends every one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.errors import FatalError, QuotaError, TransientError
from bot.sources import connection
from bot.sources.connection import CAP_S, FIRST_S, LOOK_AGAIN_S, ConnectionMonitor, DeniedError, ExpiredError, worst_of
from bot.sources.source import LinkState
from tests.sources import bilibili_rig, twitch_rig
from tests.sources.feed import RecordingFeed
from tests.support.virtual import virtual

#: Each way in which an attempt ends, the state after it, and its shortest wait in seconds.
ENDS: list[tuple[Exception | None, LinkState, float]] = [
    (None, LinkState.DEAF, FIRST_S / 2),
    (OSError("no route"), LinkState.DEAF, FIRST_S / 2),
    (TimeoutError(), LinkState.DEAF, FIRST_S / 2),
    (TransientError("lost"), LinkState.DEAF, FIRST_S / 2),
    (ValueError("a surprise"), LinkState.DEAF, FIRST_S / 2),
    (QuotaError("too fast", retry_after_s=45.0), LinkState.DEAF, 45.0),
    (ExpiredError("run out"), LinkState.EXPIRED, LOOK_AGAIN_S),
    (DeniedError("banned"), LinkState.DENIED, LOOK_AGAIN_S),
    (FatalError("no such room"), LinkState.DENIED, LOOK_AGAIN_S),
]
EACH_END = pytest.mark.parametrize(
    ("error", "state", "wait_s"), ENDS, ids=[type(e).__name__ if e else "returned" for e, _, _ in ENDS]
)


class Attempts:
    """Attempts that all end in the same way; ``times`` is when each began."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.feed = RecordingFeed()
        self.monitor = ConnectionMonitor("test", self.feed)
        self.times: list[float] = []

    async def attempt(self) -> None:
        self.times.append(self.monitor.now())
        if self.error:
            raise self.error

    @asynccontextmanager
    async def running(self, attempt: Callable[[], Any] | None = None) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.monitor.run_forever(attempt or self.attempt))
            yield
            task.cancel()

    async def settle(self) -> None:
        """Let what is ready run, without time passing."""
        for _ in range(10):
            await asyncio.sleep(0)


@EACH_END
def test_each_end_has_its_state_and_its_wait(error: Exception | None, state: LinkState, wait_s: float) -> None:
    @virtual
    async def run() -> None:
        a = Attempts(error)
        async with a.running():
            await a.settle()
            assert a.monitor.link.state is state
            while len(a.times) < 2:
                await asyncio.sleep(0.1)
        assert wait_s - 0.01 <= a.times[1] - a.times[0] <= max(wait_s, FIRST_S) + 0.01

    run()


@EACH_END
def test_retry_now_ends_every_wait(error: Exception | None, state: LinkState, wait_s: float) -> None:
    @virtual
    async def run() -> None:
        a = Attempts(error)
        async with a.running():
            await asyncio.sleep(1000.0)  # the back-off has grown to its longest
            await a.settle()
            before, now = len(a.times), a.monitor.now()
            assert a.monitor.link.state is state
            assert a.times[-1] < now, "it waits"
            a.monitor.retry_now()
            await a.settle()
            assert a.times[before:] == [now], "one attempt, at once"

    run()


@virtual
async def test_the_back_off_grows_and_retry_now_starts_it_anew() -> None:
    a = Attempts(TransientError("lost"))
    async with a.running():
        await asyncio.sleep(600.0)
        waits = [later - earlier for earlier, later in zip(a.times, a.times[1:], strict=False)]
        assert waits[0] <= FIRST_S
        assert CAP_S / 2 - 0.01 <= waits[-1] <= CAP_S + 0.01
        before = len(a.times)
        a.monitor.retry_now()
        await asyncio.sleep(2.0)
        assert len(a.times) >= before + 3, "short waits again: the cause is perhaps gone"


@virtual
async def test_retry_now_during_an_attempt_that_then_fails_is_not_lost() -> None:
    """Somebody signs in while an attempt with the old sign-in is under way."""
    a = Attempts(ExpiredError("the old sign-in"))

    async def slow() -> None:
        await asyncio.sleep(3.0)
        await a.attempt()

    async with a.running(slow):
        await asyncio.sleep(1.0)
        a.monitor.retry_now()
        await asyncio.sleep(30.0)
        assert len(a.times) == 2, "a second attempt at once, and then the long wait"


@virtual
async def test_retry_now_leaves_a_connection_that_receives_alone() -> None:
    a = Attempts()
    lost = asyncio.Event()

    async def attempt() -> None:
        a.times.append(a.monitor.now())
        a.monitor.record_frame()
        a.monitor.confirm_hearing()
        await lost.wait()
        raise QuotaError("too fast", retry_after_s=45.0)

    async with a.running(attempt):
        await asyncio.sleep(10.0)
        a.monitor.retry_now()
        await asyncio.sleep(10.0)
        assert len(a.times) == 1
        lost.set()
        await asyncio.sleep(40.0)
        assert len(a.times) == 1, "an order of long ago ends no wait of today"


@virtual
async def test_nobody_writes_for_five_minutes_and_then_somebody_does() -> None:
    a = Attempts()
    a.monitor.record_frame(event=True)
    a.monitor.confirm_hearing("hears")
    await asyncio.sleep(connection.QUIET_S + 1)
    a.monitor.confirm_hearing("hears")
    assert a.monitor.link.state is LinkState.QUIET
    a.monitor.record_frame(event=True)
    assert a.monitor.link.state is LinkState.LIVE


def test_what_needs_a_person_comes_first_in_a_group() -> None:
    denied = DeniedError("banned")
    group = BaseExceptionGroup("all", [OSError("x"), ExceptionGroup("inner", [TransientError("y"), denied])])
    assert worst_of(group) is denied


# --- the platforms --------------------------------------------------------------------------------


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every wait a long one, so that only "try again now" can end it."""
    monkeypatch.setattr(connection, "FIRST_S", 120.0)
    monkeypatch.setattr(connection, "CAP_S", 120.0)
    monkeypatch.setattr("bot.sources.bilibili.open_api.COOLING_S", 120.0)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("kind", ["open", "web"])
async def test_bilibili_tries_again_at_once_during_back_off(kind: str, tmp_path: Path) -> None:
    async with bilibili_rig.rig(kind, tmp_path) as r:
        await r.feed.live()
        await r.bili.misbehave("drop")
        await r.feed.until(lambda: r.feed.state is LinkState.DEAF)
        r.source.retry_now()
        await r.feed.live()
        await r.hears()


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("kind", "fault", "state", "words"),
    [
        ("open", "code_7001", LinkState.DEAF, "pause"),
        ("open", "bad_signature", LinkState.DENIED, "signature"),
        ("web", "rest_412", LinkState.DEAF, "too many requests"),
        ("web", "expire_cookie", LinkState.EXPIRED, "the sign-in has run out"),
    ],
)
async def test_bilibili_tries_again_at_once_after_a_refusal(
    kind: str, fault: str, state: LinkState, words: str, tmp_path: Path
) -> None:
    async with bilibili_rig.rig(kind, tmp_path) as r:
        await r.feed.live()
        await r.bili.misbehave(fault)
        await r.bili.misbehave("interaction_end" if kind == "open" else "drop")
        await r.feed.until(lambda: r.feed.state is LinkState.DEAF)
        r.source.retry_now()
        await r.feed.until(lambda: r.feed.state is state and words in r.feed.links[-1].detail)
        r.bili.heal()
        r.bili.signed_in = True
        r.source.retry_now()
        await r.feed.live()
        await r.hears()


@pytest.mark.usefixtures("patient")
async def test_twitch_tries_again_at_once_during_back_off(tmp_path: Path) -> None:
    async with twitch_rig.rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave("drop")
        await r.reaches(LinkState.DEAF)
        r.source.retry_now()
        await r.hears_again("back")


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("status", "state"), [(401, LinkState.EXPIRED), (403, LinkState.DENIED), (500, LinkState.DEAF)]
)
async def test_twitch_tries_again_at_once_after_a_refusal(status: int, state: LinkState, tmp_path: Path) -> None:
    async with twitch_rig.rig(tmp_path) as r:
        r.twitch.refused["channel.chat.message"] = (status, "not now")
        async with r.running_source(live=False):
            await r.reaches(state)
            r.twitch.refused.clear()
            r.source.retry_now()
            await r.hears_again("now")


@pytest.mark.usefixtures("patient")
async def test_twitch_tries_again_at_once_after_too_many_requests(tmp_path: Path) -> None:
    async with twitch_rig.rig(tmp_path) as r:
        await r.twitch.misbehave("helix_429")
        async with r.running_source(live=False):
            await r.reaches(LinkState.DEAF)
            assert "pause" in r.feed.links[-1].detail
            r.twitch.heal()
            r.source.retry_now()
            await r.hears_again("at last")

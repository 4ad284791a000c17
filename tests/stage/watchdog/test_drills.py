"""Drills on the jumping clock: each known way to go wrong is found in time, mended or a person is called."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.stage.obs.mixer import OutputState
from bot.stage.watchdog.check import Kind
from bot.stage.watchdog.settings import WatchdogSettings
from bot.stage.watchdog.watchdog import Surroundings, Watchdog
from bot.telemetry.alarms import AlarmLevel, Alarms
from tests.fakes.mixer import FakeMixer
from tests.support.virtual import virtual

#: What must be found within so many seconds, and told to a person within so many when it is not mended.
FOUND_S, CALLED_S = 90.0, 180.0


@dataclass
class Night:
    """A channel on air, and its watchdog."""

    mixer: FakeMixer = field(default_factory=FakeMixer)
    settings: WatchdogSettings = field(default_factory=WatchdogSettings)
    live: bool | None = True
    speaking: bool = False
    pages: int = 1
    alarms: Alarms = field(default_factory=lambda: Alarms(asyncio.get_running_loop().time))

    def __post_init__(self) -> None:
        around = Surroundings(lambda: self.live, lambda: self.speaking, lambda: self.pages, lambda url: "/stage" in url)
        clock = asyncio.get_running_loop().time
        self.dog = Watchdog(self.mixer, around, self.alarms, self.settings, clock)

    def kinds(self) -> set[Kind]:
        return {found.kind for found in self.dog.findings() if found.over_at is None}

    def ever(self) -> set[Kind]:
        return {found.kind for found in self.dog.findings()}

    def called(self) -> set[str]:
        return {alarm.id.removeprefix("watchdog:") for alarm in self.alarms.standing()}

    async def until(self, true: Callable[[], bool], within_s: float) -> float:
        """Wait for something; return after how many seconds it came."""
        clock = asyncio.get_running_loop().time
        began = clock()
        async with asyncio.timeout(within_s):
            while not true():
                await asyncio.sleep(1.0)
        return clock() - began


@asynccontextmanager
async def night(*, on_air: bool = True, **settings: Any) -> AsyncIterator[Night]:
    """Run the watchdog over a stream that has been well for ten minutes, the host heard in it for five."""
    one = Night(settings=WatchdogSettings(**settings), live=True if on_air else None)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(one.dog.run())
        if on_air:
            one.mixer.tell(OutputState.ACTIVE)
        one.speaking = on_air
        await asyncio.sleep(300)
        one.speaking = False
        await asyncio.sleep(300)
        assert not one.dog.findings()
        assert not one.mixer.orders
        try:
            yield one
        finally:
            task.cancel()


@virtual
async def test_hours_without_a_fault_are_left_alone() -> None:
    async with night() as one:
        for _ in range(6 * 60):
            one.speaking = not one.speaking
            await asyncio.sleep(60)
        assert not one.dog.findings()
        assert not one.mixer.orders


@virtual
async def test_a_half_open_stream_is_found_and_mended() -> None:
    async with night() as one:
        one.mixer.break_off()
        await one.until(lambda: Kind.HALF_OPEN in one.kinds(), FOUND_S)
        await one.until(lambda: not one.kinds(), FOUND_S)
        assert [order for _, order in one.mixer.orders] == ["stop", "start"]
        assert not one.called()
        assert one.dog.findings()[0].tried == 1


@virtual
async def test_a_restart_waits_for_an_output_that_ends_late() -> None:
    async with night() as one:
        one.mixer.stop_s = 40.0
        one.mixer.break_off()
        await one.until(lambda: one.mixer.count("start") == 1, 200)
        times = {order: at for at, order in one.mixer.orders}
        assert times["start"] - times["stop"] == pytest.approx(40.0)
        await one.until(lambda: not one.kinds(), 120)


@virtual
async def test_what_cannot_be_mended_is_tried_a_few_times_and_then_a_person_is_called() -> None:
    async with night() as one:
        one.mixer.incurable = True
        one.mixer.break_off()
        await one.until(lambda: "half_open" in one.called(), CALLED_S)
        await asyncio.sleep(12 * 3600)
        starts = [at for at, order in one.mixer.orders if order == "start"]
        assert len(starts) == 7  # of 4,320 looks; a night of useless restarts is what is to be avoided
        pauses = [b - a for a, b in itertools.pairwise(starts)]
        assert pauses == sorted(pauses)
        assert pauses[-1] > 3 * 3600
        alarm = one.alarms.standing()[0]
        assert alarm.level is AlarmLevel.ERROR
        assert alarm.remedy


@virtual
async def test_a_fault_that_comes_again_and_again_is_bounded_too() -> None:
    async with night() as one:
        for _ in range(100):  # mended each time, broken again five minutes later
            one.mixer.break_off()
            await asyncio.sleep(300)
        assert one.mixer.count("start") <= 7
        assert "half_open" in one.called()


@virtual
async def test_after_half_an_hour_of_health_a_fault_is_mended_anew() -> None:
    async with night() as one:
        for _ in range(10):
            one.mixer.break_off()
            await asyncio.sleep(3600)
        assert one.mixer.count("start") == 10
        assert not one.called()


@virtual
async def test_a_stream_stuck_in_reconnecting_is_restarted() -> None:
    async with night() as one:
        one.mixer.tell(OutputState.RECONNECTING)
        await one.until(lambda: Kind.RECONNECTING in one.kinds(), FOUND_S)
        await one.until(lambda: not one.kinds(), FOUND_S)
        assert one.mixer.state.stream is OutputState.ACTIVE


@virtual
async def test_a_short_reconnect_is_left_to_obs() -> None:
    async with night() as one:
        for _ in range(20):
            one.mixer.tell(OutputState.RECONNECTING)
            await asyncio.sleep(25)
            one.mixer.tell(OutputState.ACTIVE)
            await asyncio.sleep(60)
        assert not one.dog.findings()


@virtual
async def test_a_stream_that_ended_by_itself_is_started_again() -> None:
    async with night() as one:
        one.mixer.tell(OutputState.RECONNECTING)
        await asyncio.sleep(20)
        one.mixer.tell(OutputState.STOPPED)
        await one.until(lambda: Kind.ENDED in one.kinds(), FOUND_S)
        await one.until(lambda: one.mixer.state.stream is OutputState.ACTIVE, FOUND_S)
        await one.until(lambda: not one.kinds(), FOUND_S)


@virtual
async def test_no_network_is_tried_and_called_and_found_again_when_it_is_back() -> None:
    async with night() as one:
        one.mixer.unreachable = True
        one.mixer.tell(OutputState.STOPPED)
        await one.until(lambda: "stream_ended" in one.called(), CALLED_S)
        assert "could not start" in one.alarms.standing()[0].text or one.mixer.count("start") >= 1
        one.mixer.unreachable = False
        await one.until(lambda: one.mixer.state.stream is OutputState.ACTIVE, 2 * 3600)
        await one.until(lambda: not one.called(), FOUND_S)


@virtual
async def test_a_stream_that_a_person_ended_stays_ended() -> None:
    async with night() as one:
        one.mixer.tell(OutputState.STOPPING)
        await asyncio.sleep(3)
        one.mixer.tell(OutputState.STOPPED)
        await asyncio.sleep(90)
        one.live = False
        await asyncio.sleep(4 * 3600)
        assert not one.dog.findings()
        assert not one.mixer.orders


@virtual
async def test_without_leave_nothing_is_restarted_and_a_person_is_called() -> None:
    async with night(restart_stream=False) as one:
        one.mixer.break_off()
        await one.until(lambda: "half_open" in one.called(), FOUND_S)
        await asyncio.sleep(3600)
        assert not one.mixer.orders


@virtual
async def test_an_output_that_hangs_in_stopping_is_told_and_stopped_again() -> None:
    async with night() as one:
        one.mixer.tell(OutputState.STOPPING)  # by hand, and nothing more comes
        one.mixer.stop_s = 1e6
        one.live = None
        await one.until(lambda: Kind.STOPPING in one.kinds(), FOUND_S)
        await one.until(lambda: "stopping" in one.called(), CALLED_S)
        assert one.mixer.count("start") == 0


@virtual
async def test_a_platform_that_lost_the_stream_is_found_though_bytes_flow() -> None:
    async with night() as one:
        one.live = False
        await one.until(lambda: Kind.DARK in one.kinds(), FOUND_S)
        await one.until(lambda: one.mixer.count("start") == 1, 60)
        await asyncio.sleep(60)
        one.live = True
        await one.until(lambda: not one.kinds(), 60)
        assert one.mixer.count("start") == 1  # the platform got time to see it
        assert not one.called() or one.called() == {"platform_dark"}


@virtual
async def test_a_platform_that_never_saw_the_stream_is_told_and_nothing_is_restarted() -> None:
    async with night(on_air=False) as one:
        one.live = False
        one.mixer.tell(OutputState.ACTIVE)
        await one.until(lambda: "platform_not_live" in one.called(), 300)
        await asyncio.sleep(3600)
        assert not one.mixer.orders


@virtual
async def test_a_live_channel_that_nobody_feeds_is_told() -> None:
    async with night(on_air=False) as one:
        one.live = True
        await one.until(lambda: "platform_unfed" in one.called(), FOUND_S)
        one.live = False
        await one.until(lambda: not one.called(), FOUND_S)


@virtual
async def test_obs_that_was_killed_on_air_is_told_and_its_stream_begun_again_when_it_is_back() -> None:
    async with night() as one:
        one.mixer.set(connected=False, problem="gone")
        await one.until(lambda: "obs_gone" in one.called(), FOUND_S)
        one.mixer.set(connected=True, stream=OutputState.STOPPED)
        await one.until(lambda: one.mixer.state.stream is OutputState.ACTIVE, FOUND_S)
        await one.until(lambda: not one.called(), FOUND_S)


@virtual
async def test_obs_that_comes_back_the_next_day_does_not_stream_by_itself() -> None:
    async with night() as one:
        one.mixer.set(connected=False, problem="gone")
        await asyncio.sleep(12 * 3600)
        one.live = False
        one.mixer.set(connected=True, stream=OutputState.STOPPED)
        await asyncio.sleep(3600)
        assert not one.mixer.orders
        assert not one.called()


@virtual
async def test_no_obs_is_no_fault() -> None:
    async with night(on_air=False) as one:
        one.mixer.set(connected=False, problem="not there")
        await asyncio.sleep(3 * 3600)
        assert not one.dog.findings()


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [("skipped_share", 0.3, Kind.DROPPED), ("congestion", 0.95, Kind.CONGESTED), ("render_share", 0.5, Kind.RENDERING)],
)
@virtual
async def test_load_is_told_and_over_when_it_is_over(field: str, value: float, kind: Kind) -> None:
    async with night() as one:
        setattr(one.mixer, field, value)
        await one.until(lambda: kind.value in one.called(), FOUND_S)
        setattr(one.mixer, field, 0.0)
        await one.until(lambda: not one.called(), FOUND_S)
        assert not one.mixer.orders


@virtual
async def test_a_disk_that_fills_is_told_and_the_recording_ended_where_that_is_allowed() -> None:
    async with night(stop_recording=True) as one:
        one.mixer.set(record=OutputState.ACTIVE)
        one.mixer.disk_mb = 3000.0
        await one.until(lambda: "disk" in one.called(), FOUND_S)
        assert not one.mixer.orders
        one.mixer.disk_mb = 500.0
        await one.until(lambda: one.mixer.count("StopRecord") == 1, FOUND_S)
        await one.until(lambda: not one.called(), FOUND_S)


@virtual
async def test_without_leave_the_recording_goes_on_and_a_person_is_called() -> None:
    async with night() as one:
        one.mixer.set(record=OutputState.ACTIVE)
        one.mixer.disk_mb = 500.0
        await one.until(lambda: {"disk", "disk_full"} <= one.called(), FOUND_S)
        assert not one.mixer.orders


def break_page(one: Night, how: str) -> Callable[[], None]:
    """Break the page in OBS; return what makes it well."""
    match how:
        case "crashed":
            one.pages = 0
            return lambda: setattr(one, "pages", 1)
        case "black":
            one.mixer.moving, one.mixer.shade = False, 0
            return lambda: setattr(one.mixer, "moving", True)
        case "frozen":
            one.speaking, one.mixer.moving = True, False
            return lambda: setattr(one.mixer, "moving", True)
    one.speaking, one.mixer.peaks["Overlay"] = True, -90.0
    return lambda: one.mixer.peaks.update(Overlay=-12.0)


@pytest.mark.parametrize(
    ("how", "kind"),
    [("crashed", Kind.PAGE_GONE), ("black", Kind.BLACK), ("frozen", Kind.FROZEN), ("unheard", Kind.UNHEARD)],
)
@virtual
async def test_a_page_that_broke_is_revived_by_another_address(how: str, kind: Kind) -> None:
    async with night() as one:
        one.mixer.on_revive = break_page(one, how)
        await one.until(lambda: kind in one.ever(), FOUND_S)
        await one.until(lambda: not one.kinds(), FOUND_S)
        assert one.mixer.revived == ["http://127.0.0.1:7878/stage/?token=abc&again=1"]
        assert not one.called()


@pytest.mark.parametrize("how", ["crashed", "black", "frozen", "unheard"])
@virtual
async def test_a_page_that_stays_broken_is_revived_a_few_times_and_told(how: str) -> None:
    async with night() as one:
        break_page(one, how)
        await one.until(lambda: bool(one.called()), CALLED_S)
        await asyncio.sleep(3 * 3600)
        assert 1 <= len(one.mixer.revived) <= 7
        assert one.mixer.revived[0] != one.mixer.revived[-1] or len(one.mixer.revived) == 1


@virtual
async def test_a_card_that_stands_still_is_no_fault_and_neither_is_a_host_who_says_nothing() -> None:
    async with night() as one:
        one.mixer.moving = False
        one.mixer.peaks = {"Overlay": -100.0}
        await asyncio.sleep(3600)
        assert not one.dog.findings()


@virtual
async def test_a_voice_that_goes_another_way_is_no_fault_and_neither_is_a_picture_that_never_moved() -> None:
    mixer = FakeMixer()
    mixer.peaks = {"Overlay": -1000.0, "Desktop": -15.0}
    mixer.moving = False
    one = Night(mixer=mixer, speaking=True)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(one.dog.run())
        mixer.tell(OutputState.ACTIVE)
        await asyncio.sleep(3600)
        assert not one.dog.findings()
        mixer.peaks["Desktop"] = -1000.0
        await one.until(lambda: Kind.UNHEARD in one.kinds(), FOUND_S)
        task.cancel()


@virtual
async def test_what_was_seen_before_a_cure_is_no_reason_for_another() -> None:
    async with night() as one:
        one.speaking, one.mixer.peaks["Overlay"] = True, -90.0
        await one.until(lambda: bool(one.mixer.revived), FOUND_S)
        one.speaking = False  # nobody can tell whether it helped
        await asyncio.sleep(1800)
        assert len(one.mixer.revived) == 1
        assert not one.called()
        one.speaking = True
        await one.until(lambda: len(one.mixer.revived) == 2, FOUND_S)
        one.mixer.peaks["Overlay"] = -12.0
        await one.until(lambda: not one.kinds(), FOUND_S)


@virtual
async def test_one_outage_is_one_alarm() -> None:
    async with night() as one:
        one.mixer.unreachable = True
        one.mixer.stop_s = 0.1
        one.mixer.tell(OutputState.RECONNECTING)
        await one.until(lambda: bool(one.called()), CALLED_S)
        await asyncio.sleep(3600)
        assert one.called() == {"stream_ended"}


@virtual
async def test_a_page_that_is_hidden_may_be_unloaded() -> None:
    async with night() as one:
        one.pages, one.mixer.shown = 0, False
        await asyncio.sleep(600)
        assert not one.dog.findings()
        one.mixer.shown = True
        await one.until(lambda: Kind.PAGE_GONE in one.kinds(), FOUND_S)


@virtual
async def test_a_muted_host_is_told_and_not_reloaded() -> None:
    async with night() as one:
        one.speaking, one.mixer.muted = True, True
        one.mixer.peaks["Overlay"] = -100.0
        await one.until(lambda: one.called() == {"muted"}, FOUND_S)
        await asyncio.sleep(600)
        assert not one.mixer.revived


@virtual
async def test_silence_is_told_where_that_is_wanted() -> None:
    async with night(silence_s=40) as one:
        one.mixer.peaks = {}
        await one.until(lambda: "silent" in one.called(), FOUND_S)


@virtual
async def test_a_machine_that_slept_is_no_fault() -> None:
    async with night() as one:
        loop: Any = asyncio.get_running_loop()
        one.mixer.break_off()
        await asyncio.sleep(12)  # one look or two
        one.mixer.half_open = False
        one.mixer.tell(OutputState.RECONNECTING)
        loop.clock.now += 3600
        await asyncio.sleep(12)
        one.mixer.tell(OutputState.ACTIVE)
        await asyncio.sleep(60)
        assert not one.dog.findings()

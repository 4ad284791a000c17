"""The microphone against a fake of the sound cards, on the virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from bot.errors import FatalError, ProviderError, TransientError
from bot.hearing.ears import Ears, InputState, TalkMode
from bot.hearing.input import microphone
from bot.hearing.input.microphone import CLOSE_AFTER_S, Microphone
from bot.hearing.input.settings import InputSettings
from bot.hearing.input.sound_card.devices import Device
from bot.hearing.input.sound_card.portaudio import Take
from bot.hearing.input.sound_card.sound_server import Source
from tests.support.virtual import virtual


@dataclass
class FakePath:
    known: str = ""
    trouble: str = ""
    blocks: list[tuple[int, int, float]] = field(default_factory=list)

    @property
    def advice(self) -> str:
        return self.known or self.trouble

    def take(self, block: np.ndarray, rate: int, at: float) -> None:
        self.blocks.append((len(block), rate, at))


@dataclass
class FakeInput:
    rate: int
    active: bool = True


class FakeCards:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.devices = [Device(0, "Yeti", 48_000, 1, default=True)]
        self.fails: list[ProviderError] = []
        self.flowing = True
        self.taken: Take | None = None
        self.opened: list[str] = []
        self.closed = 0
        self.looked: list[float] = []
        self._clock = clock

    async def inputs(self) -> list[Device]:
        assert self.taken is None, "the list was read while a stream was open"
        self.looked.append(self._clock())
        await asyncio.sleep(0.2)
        return list(self.devices)

    async def open(self, device: Device, take: Take) -> FakeInput:
        if self.fails:
            raise self.fails.pop(0)
        self.opened.append(device.name)
        self.taken = take
        return FakeInput(device.rate)

    async def close(self) -> None:
        self.closed += 1
        self.taken = None

    async def flow(self) -> None:
        while True:
            await asyncio.sleep(0.032)
            if self.taken is not None and self.flowing:
                self.taken(np.zeros((1536, 1), np.float32), self._clock())


@dataclass
class Bench:
    ears: Ears
    path: FakePath
    cards: FakeCards
    microphone: Microphone
    states: list[tuple[InputState, str]]


@asynccontextmanager
async def running(device: str = "", mode: TalkMode = TalkMode.OPEN, *, on: bool = True) -> AsyncIterator[Bench]:
    clock = asyncio.get_running_loop().time
    ears, path, cards = Ears(mode, on=on), FakePath(), FakeCards(clock)
    made = Microphone(InputSettings(device=device), ears, path, cards, clock)  # type: ignore[arg-type]
    states: list[tuple[InputState, str]] = []

    async def note() -> None:
        while True:
            if not states or states[-1] != (ears.input, ears.trouble):
                states.append((ears.input, ears.trouble))
            await ears.changed.wait()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part) for part in (made.run(), cards.flow(), note())]
        try:
            yield Bench(ears, path, cards, made, states)
        finally:
            for task in tasks:
                task.cancel()


@pytest.fixture(autouse=True)
def no_sound_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing() -> None:
        return None

    async def none() -> AsyncIterator[None]:
        return
        yield

    monkeypatch.setattr(microphone.sound_server, "sources", nothing)
    monkeypatch.setattr(microphone.sound_server, "heard_source", nothing)
    monkeypatch.setattr(microphone.sound_server, "changes", none)


@virtual
async def test_it_opens_and_its_blocks_go_their_way() -> None:
    async with running() as bench:
        await asyncio.sleep(2)
        assert [state for state, _ in bench.states] == [InputState.OPENING, InputState.LIVE]
        assert bench.path.blocks[0][:2] == (1536, 48_000)
        assert bench.microphone.device is not None
        assert bench.microphone.device.name == "Yeti"


@virtual
async def test_ears_that_are_off_open_nothing() -> None:
    async with running(on=False) as bench:
        await asyncio.sleep(30)
        assert not bench.cards.looked
        bench.ears.switch(on=True)
        await asyncio.sleep(1)
        assert bench.ears.input is InputState.LIVE


@virtual
async def test_ears_off_close_the_device_after_a_while_and_not_for_a_slip() -> None:
    async with running() as bench:
        await asyncio.sleep(2)
        bench.ears.switch(on=False)
        await asyncio.sleep(CLOSE_AFTER_S - 1)
        bench.ears.switch(on=True)
        await asyncio.sleep(20)
        assert len(bench.cards.opened) == 1
        bench.ears.switch(on=False)
        await asyncio.sleep(CLOSE_AFTER_S + 1)
        assert bench.cards.taken is None
        assert bench.ears.input is InputState.CLOSED
        bench.ears.switch(on=True)
        await asyncio.sleep(2)
        assert bench.ears.input is InputState.LIVE


@virtual
async def test_a_button_that_is_let_go_keeps_the_device_open() -> None:
    async with running(mode=TalkMode.PUSH) as bench:
        await asyncio.sleep(60)
        assert len(bench.cards.opened) == 1
        assert bench.ears.input is InputState.LIVE


@virtual
async def test_no_device_is_said_and_looked_for_with_growing_pauses() -> None:
    async with running() as bench:
        bench.cards.devices = []
        await asyncio.sleep(60)
        assert bench.ears.input is InputState.NO_DEVICE
        assert "plug one in" in bench.ears.trouble
        gaps = np.diff(bench.cards.looked)
        assert gaps[0] < 1
        assert gaps.max() < 6
        assert 10 < len(gaps) < 30
        bench.cards.devices = [Device(3, "Rode", 44_100, 2)]
        await asyncio.sleep(7)
        assert bench.ears.input is InputState.LIVE
        assert bench.path.blocks[-1][1] == 44_100


@virtual
async def test_a_wanted_one_that_is_not_there_is_waited_for() -> None:
    async with running("rode") as bench:
        await asyncio.sleep(10)
        assert bench.ears.input is InputState.NO_DEVICE
        assert "'rode'" in bench.ears.trouble
        assert "Yeti" in bench.ears.trouble
        assert not bench.cards.opened
        bench.cards.devices.append(Device(1, "RODE NT-USB", 48_000, 2))
        await asyncio.sleep(7)
        assert bench.cards.opened == ["RODE NT-USB"]


@virtual
async def test_a_device_that_falls_silent_without_a_word_is_lost_and_found_again() -> None:
    async with running() as bench:
        await asyncio.sleep(3)
        bench.cards.flowing = False
        await asyncio.sleep(0.8)
        assert bench.ears.input is InputState.LOST
        assert "unplugged" in bench.ears.trouble
        assert bench.cards.closed >= 1
        await asyncio.sleep(20)
        assert (
            bench.ears.input is InputState.LOST
        )  # it was there: never "no device", and not "opening" for each attempt
        bench.cards.flowing = True
        await asyncio.sleep(10)
        assert (bench.ears.input, bench.ears.trouble) == (InputState.LIVE, "")
        assert not {InputState.NO_DEVICE} & {state for state, _ in bench.states}


@virtual
async def test_the_first_block_may_take_its_time() -> None:
    async with running() as bench:
        bench.cards.flowing = False
        await asyncio.sleep(2.5)
        assert bench.ears.input is InputState.OPENING
        bench.cards.flowing = True
        await asyncio.sleep(0.5)
        assert bench.ears.input is InputState.LIVE
        assert len(bench.cards.opened) == 1


@pytest.mark.parametrize(
    "error",
    [
        TransientError("held by another", provider="microphone", remedy="close it"),
        FatalError("no library", provider="microphone", remedy="apt install libportaudio2"),
    ],
)
@virtual
async def test_what_does_not_open_is_said_with_its_remedy_and_tried_again(error: ProviderError) -> None:
    async with running() as bench:
        bench.cards.fails = [error]
        await asyncio.sleep(0.5)
        assert bench.ears.input is InputState.NO_DEVICE
        assert bench.ears.trouble == f"{error}; {error.remedy}"
        await asyncio.sleep(5)
        assert bench.ears.input is InputState.LIVE


@virtual
async def test_ears_that_are_closed_in_trouble_are_closed() -> None:
    async with running() as bench:
        bench.cards.devices = []
        await asyncio.sleep(3)
        bench.ears.switch(on=False)
        await asyncio.sleep(1)
        assert (bench.ears.input, bench.ears.trouble) == (InputState.CLOSED, "")
        looked = len(bench.cards.looked)
        await asyncio.sleep(30)
        assert len(bench.cards.looked) == looked


@virtual
async def test_a_driver_that_hangs_is_told() -> None:
    async with running() as bench:
        stuck = asyncio.Event()

        async def inputs() -> list[Device]:
            await stuck.wait()
            return bench.cards.devices

        bench.cards.inputs = inputs  # type: ignore[method-assign]
        await asyncio.sleep(15)
        assert bench.ears.input is InputState.NO_DEVICE
        assert "does not answer" in bench.ears.trouble
        stuck.set()
        await asyncio.sleep(2)
        assert bench.ears.input is InputState.LIVE


def source(name: str, index: int, *, monitor: bool = False, muted: bool = False, default: bool = False) -> Source:
    return Source(index, name, name.title(), monitor, muted, default, 48_000, 1)


class Server:
    """A sound server that can be asked, and that says when something changed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there = [source("speaker.monitor", 0, monitor=True), source("yeti", 1, default=True)]
        self.heard: int | None = 1
        self._events: asyncio.Queue[None] = asyncio.Queue()
        monkeypatch.setattr(microphone.sound_server, "sources", self._sources)
        monkeypatch.setattr(microphone.sound_server, "heard_source", self._heard)
        monkeypatch.setattr(microphone.sound_server, "changes", self._changes)

    def changed(self) -> None:
        self._events.put_nowait(None)

    async def _sources(self) -> list[Source]:
        return list(self.there)

    async def _heard(self) -> int | None:
        return self.heard

    async def _changes(self) -> AsyncIterator[None]:
        while True:
            yield await self._events.get()


@virtual
async def test_a_stream_that_was_led_to_the_loudspeaker_is_lost_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch)
    async with running() as bench:
        bench.cards.devices = [Device(4, "pulse", 44_100, 32)]
        await asyncio.sleep(2)
        assert bench.cards.opened == ["Yeti"]
        server.there, server.heard = server.there[:1], 0
        server.changed()
        await asyncio.sleep(0.3)
        assert bench.ears.input is InputState.LOST
        assert "unplugged" in bench.ears.trouble
        taken = len(bench.path.blocks)
        await asyncio.sleep(5)
        assert len(bench.path.blocks) == taken  # blocks go on, and none of them is heard
        server.there.append(source("yeti", 7, default=True))
        server.heard = 7
        server.changed()
        await asyncio.sleep(1)
        assert bench.ears.input is InputState.LIVE


@virtual
async def test_another_source_than_the_wanted_one_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch)
    async with running() as bench:
        bench.cards.devices = [Device(4, "pulse", 44_100, 32)]
        await asyncio.sleep(2)
        server.heard = 0
        server.changed()
        await asyncio.sleep(0.3)
        assert bench.ears.input is InputState.LOST
        assert "another source" in bench.ears.trouble


@virtual
async def test_a_loudspeakers_monitor_is_no_microphone(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch)
    server.there = [source("speaker.monitor", 0, monitor=True, default=True)]
    async with running() as bench:
        bench.cards.devices = [Device(4, "pulse", 44_100, 32, default=True), Device(5, "default", 44_100, 32)]
        await asyncio.sleep(5)
        assert bench.ears.input is InputState.NO_DEVICE
        assert not bench.cards.opened


@virtual
async def test_a_microphone_that_the_system_mutes_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch)
    async with running() as bench:
        bench.cards.devices = [Device(4, "pulse", 44_100, 32)]
        await asyncio.sleep(2)
        server.there[1] = source("yeti", 1, muted=True, default=True)
        server.changed()
        await asyncio.sleep(0.3)
        assert bench.ears.input is InputState.MUTE
        assert "unmute" in bench.ears.trouble


@virtual
async def test_the_default_follows_the_systems_choice_and_a_named_one_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for wanted, opened in (("", ["Yeti", "Rode"]), ("yeti", ["Yeti"])):
        server = Server(monkeypatch)
        async with running(wanted) as bench:
            bench.cards.devices = [Device(4, "pulse", 44_100, 32)]
            await asyncio.sleep(2)
            server.there = [server.there[0], source("yeti", 1), source("rode", 2, default=True)]
            server.changed()
            await asyncio.sleep(0.3)
            server.heard = 2 if not wanted else 1
            await asyncio.sleep(3)
            assert bench.cards.opened == opened

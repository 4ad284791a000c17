from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bot.hearing.ears import Ears, InputState, TalkMode
from bot.hearing.input import levels, sound_path
from bot.hearing.input.far_end import FarEnd
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.input.settings import EchoMode, InputSettings
from bot.hearing.input.sound_path import SoundPath, open_path
from bot.hearing.speech import FRAME, RATE

QUIETLY = InputSettings(echo=EchoMode.OFF)


def tone(samples: int, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 500 * np.arange(samples) / RATE)).astype(np.float32)


async def settle(path: SoundPath) -> None:
    """Wait until the thread has done all that waits, and the loop has taken it."""
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    original = path._on_loop

    def mark(number: int, samples: np.ndarray, at: float, reading: object) -> None:
        original(number, samples, at, reading)  # type: ignore[arg-type]
        if at < 0:
            loop.call_soon_threadsafe(done.set)

    path._on_loop = mark  # type: ignore[method-assign]
    generation = path._mark()
    path._blocks.put((generation, np.zeros(1, np.float32), RATE, -1e6))
    async with asyncio.timeout(10):
        await done.wait()
    path._on_loop = original  # type: ignore[method-assign]


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def inlet() -> AudioInlet:
    return AudioInlet()


@pytest.fixture
async def path(ears: Ears, inlet: AudioInlet) -> AsyncIterator[SoundPath]:
    async with open_path(QUIETLY, ears, inlet, FarEnd()) as opened:
        yield opened


async def test_sound_reaches_the_inlet_with_its_time_and_level(path: SoundPath, ears: Ears, inlet: AudioInlet) -> None:
    for number in range(1, 41):
        path.take(tone(FRAME), RATE, 50 + number * FRAME / RATE)
    await settle(path)
    assert len(inlet._waiting) == 40
    assert inlet._waiting[0].at == pytest.approx(50.032, abs=1e-6)
    assert inlet._waiting[-1].at == pytest.approx(50 + 40 * 0.032, abs=1e-6)
    assert ears.level == pytest.approx(0.3 / np.sqrt(2), rel=0.05)


async def test_while_the_ears_are_closed_nothing_is_even_kept(path: SoundPath, ears: Ears, inlet: AudioInlet) -> None:
    ears.switch(on=False)
    for _ in range(20):
        path.take(tone(FRAME), RATE, 1.0)
    assert path._blocks.empty()
    await settle(path)
    assert not inlet._waiting
    assert ears.level == 0.0


async def test_what_was_on_its_way_when_the_ears_closed_is_never_heard(
    path: SoundPath, ears: Ears, inlet: AudioInlet
) -> None:
    path.take(tone(FRAME), RATE, 1.0)
    ears.switch(on=False)
    await settle(path)
    ears.switch(on=True)
    await settle(path)
    assert not inlet._waiting
    assert ears.level == 0.0


async def test_a_close_and_an_opening_in_one_moment_throw_it_away_too(
    path: SoundPath, ears: Ears, inlet: AudioInlet
) -> None:
    path.take(tone(48_000 // 10, 0.5), 48_000, 1.0)
    ears.switch(on=False)
    ears.switch(on=True)
    await settle(path)
    assert not inlet._waiting
    path.take(np.zeros((48_000, 1), np.float32), 48_000, 3.0)
    await settle(path)
    heard = np.concatenate([frame.samples for frame in inlet._waiting])
    assert float(np.abs(heard).max()) == 0.0  # nothing was left in resampler and filter


async def test_a_button_that_is_not_held_closes_the_way(inlet: AudioInlet) -> None:
    ears = Ears(TalkMode.PUSH)
    async with open_path(QUIETLY, ears, inlet, FarEnd()) as path:
        path.take(tone(FRAME), RATE, 1.0)
        await settle(path)
        assert not inlet._waiting
        ears.talk(down=True)
        path.take(tone(FRAME), RATE, 1.0)
        await settle(path)
        assert len(inlet._waiting) == 1


@pytest.mark.parametrize(
    ("block", "rate"),
    [
        (np.zeros(0, np.float32), RATE),
        (np.zeros((2, 2, 2), np.float32), RATE),
        (np.zeros(sound_path.MAX_BLOCK + 1, np.float32), RATE),
        (np.zeros(512, np.float32), 5),
        (np.zeros(512, np.float32), 10**9),
        (np.array(["x"] * 512), RATE),
    ],
)
async def test_a_block_that_makes_no_sense_is_left_out(
    path: SoundPath, inlet: AudioInlet, block: np.ndarray, rate: int
) -> None:
    path.take(block, rate, 1.0)
    path.take(tone(FRAME), RATE, 2.0)
    await settle(path)
    assert len(inlet._waiting) == 1
    assert path.dropped == 1


async def test_a_flood_of_blocks_is_bounded(ears: Ears, inlet: AudioInlet) -> None:
    path = SoundPath(QUIETLY, ears, inlet, FarEnd())  # its thread does not run: it is as slow as can be
    for _ in range(1000):
        path.take(tone(FRAME), RATE, 1.0)
    assert path._blocks.qsize() <= sound_path.MAX_WAITING
    assert path.dropped >= 900


async def test_silence_is_told_as_muted_and_a_word_ends_it(path: SoundPath, ears: Ears) -> None:
    ears.tell(InputState.LIVE)
    for _ in range(11):
        path.take(np.zeros(RATE, np.float32), RATE, 1.0)
    await settle(path)
    assert (ears.input, ears.trouble) == (InputState.MUTE, levels.ADVICE_MUTED)
    path.take(tone(RATE), RATE, 1.0)
    await settle(path)
    assert (ears.input, ears.trouble) == (InputState.LIVE, "")


async def test_a_lost_microphone_is_not_told_live_by_its_last_blocks(path: SoundPath, ears: Ears) -> None:
    ears.tell(InputState.LOST, "gone")
    path.take(tone(RATE), RATE, 1.0)
    await settle(path)
    assert (ears.input, ears.trouble) == (InputState.LOST, "gone")


async def test_the_level_is_told_ten_times_a_second_and_wakes_nobody_else(path: SoundPath, ears: Ears) -> None:
    told = {"changed": 0, "measured": 0}

    async def count(name: str) -> None:
        while True:
            await getattr(ears, name).wait()
            told[name] += 1

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(count(name)) for name in told]
        await asyncio.sleep(0)
        for _ in range(62):
            path.take(tone(FRAME), RATE, 1.0)
            await settle(path)
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
    assert 10 <= told["measured"] <= 20
    assert told["changed"] == 0


async def test_without_the_package_headphones_are_advised(
    ears: Ears, inlet: AudioInlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("livekit", "livekit.rtc", "livekit.rtc.apm"):
        monkeypatch.setitem(sys.modules, name, None)
    async with open_path(InputSettings(echo=EchoMode.ON), ears, inlet, FarEnd()) as path:
        path.take(tone(FRAME), RATE, 1.0)
        await settle(path)
        assert len(inlet._waiting) == 1
        assert "headphones" in path.trouble
        assert "haishin[echo]" in path.trouble
    async with open_path(InputSettings(echo=EchoMode.AUTO), ears, inlet, FarEnd()) as path:
        await settle(path)
        assert path.trouble == ""

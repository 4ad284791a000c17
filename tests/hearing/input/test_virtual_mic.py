"""The microphone through PortAudio and a real sound server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from bot.hearing.ears import Ears, InputState
from bot.hearing.input import levels
from bot.hearing.input.far_end import FarEnd
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.input.microphone import Microphone, found_devices
from bot.hearing.input.settings import EchoMode, InputSettings
from bot.hearing.input.sound_card.portaudio import PortAudio
from bot.hearing.input.sound_path import open_path
from bot.hearing.speech import RATE, AudioFrame
from tests.support.virtual_mic import VirtualMic, needs_sound_server, virtual_mic

pytestmark = [
    *needs_sound_server,
    # What PortAudio and the event loop leave behind when a server is killed is none of these tests' matter.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

HZ = 440.0


def tone(seconds: float, rate: int = 48_000, level: float = 0.3, hz: float = HZ) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def heard_hz(frame: AudioFrame, hz: float = HZ) -> bool:
    """Return whether a frame holds a loud tone of about so many Hz."""
    spectrum = np.abs(np.fft.rfft(frame.samples))
    return float(np.abs(frame.samples).max()) > 0.02 and abs(int(np.argmax(spectrum)) * RATE / 512 - hz) < 40


@dataclass
class Heard:
    mic: VirtualMic
    ears: Ears
    microphone: Microphone
    frames: list[AudioFrame]

    async def until(self, true: Callable[[], bool], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s):
            while not true():
                await asyncio.sleep(0.05)

    async def state(self, state: InputState, within_s: float = 20.0) -> None:
        await self.until(lambda: self.ears.input is state, within_s)

    def tones(self, hz: float = HZ) -> int:
        return sum(heard_hz(frame, hz) for frame in self.frames)


@asynccontextmanager
async def listening(mic: VirtualMic, device: str = "") -> AsyncIterator[Heard]:
    settings = InputSettings(device=device, echo=EchoMode.OFF)
    ears, inlet, frames = Ears(), AudioInlet(), []

    async def keep() -> None:
        async for frame in inlet.frames():
            frames.append(frame)  # noqa: PERF401 - they are looked at while they come

    async with open_path(settings, ears, inlet, FarEnd()) as path, asyncio.TaskGroup() as group:
        microphone = Microphone(settings, ears, path)
        tasks = [group.create_task(part) for part in (microphone.run(), keep())]
        try:
            yield Heard(mic, ears, microphone, frames)
        finally:
            for task in tasks:
                task.cancel()


@pytest.fixture
async def mic() -> AsyncIterator[VirtualMic]:
    async with virtual_mic() as made:
        yield made


async def test_speech_of_every_rate_is_heard_in_time(mic: VirtualMic) -> None:
    async with listening(mic) as heard:
        await heard.state(InputState.LIVE)
        for rate in (16_000, 44_100, 48_000):
            heard.frames.clear()
            await mic.say(tone(1.0, rate), rate)
            await heard.until(lambda: heard.tones() >= 25)
        assert all(0 <= time.monotonic() - frame.at < 60 for frame in heard.frames)
        assert heard.ears.level > 0.02
        assert heard.microphone.gaps == 0


async def test_unplugged_in_mid_word_the_host_is_not_heard_instead_and_it_comes_back(mic: VirtualMic) -> None:
    async with listening(mic) as heard, asyncio.TaskGroup() as group:
        await heard.state(InputState.LIVE)
        host = group.create_task(mic.play(tone(30, hz=1000.0), 48_000))  # the loudspeaker plays all along
        group.create_task(mic.say(tone(3), 48_000))
        await heard.until(lambda: heard.tones() > 10)
        await mic.unplug()
        await heard.state(InputState.LOST, 5)
        assert "unplugged" in heard.ears.trouble or "another source" in heard.ears.trouble
        await asyncio.sleep(2)
        assert heard.tones(1000.0) < 20  # nothing but the moment until the move was noticed
        host.cancel()
        await mic.replug()
        await heard.state(InputState.LIVE, 10)
        heard.frames.clear()
        await mic.say(tone(1.0), 48_000)
        await heard.until(lambda: heard.tones() >= 25)


async def test_a_sound_server_that_was_killed_and_started_again_is_used_again(mic: VirtualMic) -> None:
    async with listening(mic) as heard:
        await heard.state(InputState.LIVE)
        await mic.kill()
        await heard.state(InputState.LOST, 5)
        await mic.start()
        await heard.state(InputState.LIVE, 20)
        heard.frames.clear()
        await mic.say(tone(1.0), 48_000)
        await heard.until(lambda: heard.tones() >= 25)


async def test_muted_by_the_system_is_told_at_once_and_taken_back(mic: VirtualMic) -> None:
    async with listening(mic) as heard:
        await heard.state(InputState.LIVE)
        await mic.mute(on=True)
        await heard.until(lambda: heard.ears.trouble == levels.ADVICE_MUTED_BY_SYSTEM, 5)
        assert heard.ears.input is InputState.MUTE
        await mic.mute(on=False)
        await mic.say(tone(0.5), 48_000)
        await heard.state(InputState.LIVE, 5)


async def test_clipped_sound_brings_advice_and_an_offset_is_taken_out(mic: VirtualMic) -> None:
    async with listening(mic) as heard:
        await heard.state(InputState.LIVE)
        await mic.say(np.clip(tone(4, level=3.0), -1, 1), 48_000)
        await heard.until(lambda: heard.ears.trouble == levels.ADVICE_CLIPPED, 5)
        heard.frames.clear()
        await mic.say(tone(2, level=0.2) + np.float32(0.4), 48_000)
        await heard.until(lambda: heard.tones() >= 40)
        loud = [frame for frame in heard.frames if heard_hz(frame)][10:40]
        assert abs(float(np.mean([frame.samples.mean() for frame in loud]))) < 0.02


async def test_a_microphone_is_chosen_by_its_name_among_many(mic: VirtualMic) -> None:
    for number in range(20):
        await mic.plug(f"other{number}", f"Other microphone {number}")
    await mic.plug("yeti", "Blue Yeti")
    devices = await found_devices(PortAudio())
    assert "Blue Yeti" in [device.name for device in devices]
    assert not [device.name for device in devices if "onitor of" in device.name]
    async with listening(mic, device="yeti") as heard:
        await heard.state(InputState.LIVE)
        await mic.say(tone(1.0), 48_000)  # to the default one
        assert heard.tones() == 0
        await mic.say(tone(1.0), 48_000, to="yeti")
        await heard.until(lambda: heard.tones() >= 25)


async def test_without_any_microphone_the_loudspeaker_is_none(mic: VirtualMic) -> None:
    await mic.unplug()
    async with listening(mic) as heard:
        await heard.state(InputState.NO_DEVICE)
        assert "plug one in" in heard.ears.trouble
        await mic.replug()
        await heard.state(InputState.LIVE, 10)


async def test_ears_off_close_the_device(mic: VirtualMic) -> None:
    async with listening(mic) as heard:
        await heard.state(InputState.LIVE)
        assert "application" in await mic.pactl("list", "source-outputs")
        heard.ears.switch(on=False)
        await mic.say(tone(1.0), 48_000)
        assert heard.tones() == 0
        await heard.state(InputState.CLOSED, 10)
        assert "application.process.id" not in await mic.pactl("list", "source-outputs")

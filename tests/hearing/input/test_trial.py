from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
import pytest

from bot.errors import FatalError
from bot.hearing.input import microphone
from bot.hearing.input.settings import InputSettings
from bot.hearing.input.sound_card.devices import Device
from bot.hearing.input.sound_card.portaudio import Take
from bot.hearing.input.trial import REMEDIES, Finding, Trial, record
from bot.hearing.speech import RATE

YETI, WEBCAM = Device(0, "Blue Yeti", 48_000, 1, default=True), Device(1, "Webcam", 48_000, 1)


def speech(level: float, noise: float = 0.0005) -> np.ndarray:
    rng = np.random.default_rng(1)
    loudness = np.repeat([0.0, 1.0, 0.8, 0.0, 1.0, 0.0, 0.9, 0.0, 0.0], RATE // 3)
    return np.clip(rng.standard_normal(loudness.size) * (loudness * level + noise), -1, 1).astype(np.float32)


@pytest.mark.parametrize(
    ("sound", "findings"),
    [
        (speech(0.1), []),
        (np.zeros(3 * RATE, np.float32), [Finding.MUTED]),
        (np.zeros(0, np.float32), [Finding.MUTED]),
        (speech(0.002), [Finding.QUIET]),
        (speech(0.9), [Finding.CLIPPED]),
        (speech(0.05, noise=0.03), [Finding.NOISY]),
    ],
)
def test_what_is_wrong_with_the_sound_is_found(sound: np.ndarray, findings: list[Finding]) -> None:
    assert Trial(YETI, [YETI], sound).findings() == findings


def test_advice_names_the_other_microphones_only_where_something_is_wrong() -> None:
    assert Trial(YETI, [YETI, WEBCAM], speech(0.1)).advice() == ""
    advice = Trial(YETI, [YETI, WEBCAM], speech(0.002)).advice()
    assert advice.startswith(REMEDIES[Finding.QUIET])
    assert advice.endswith("hearing.input.device to another one: Webcam")


def test_a_device_that_plays_back_the_computer_is_pointed_out() -> None:
    mix = Device(2, "Stereo Mix (Realtek)", 48_000, 2)
    assert Trial(mix, [mix], speech(0.1)).findings() == [Finding.LOOPBACK]


@dataclass
class FakeInput:
    rate: int
    active: bool = True


class FakeCards:
    """One microphone in real time, a hundred times too fast; it fails or stays silent when it is told to."""

    def __init__(self, *, fails: bool = False, mute: bool = False) -> None:
        self.fails, self.mute, self.tasks = fails, mute, set[asyncio.Task[None]]()
        self.flowing = False

    async def inputs(self) -> list[Device]:
        if self.fails:
            raise FatalError("the library PortAudio is missing", remedy="apt install libportaudio2")
        return [YETI, WEBCAM]

    async def open(self, device: Device, take: Take) -> FakeInput:
        async def flow() -> None:
            loop, sound = asyncio.get_running_loop(), speech(0.1)[:, None]
            while self.flowing and not self.mute:
                await asyncio.sleep(0.01)
                take(sound[RATE // 2 : RATE // 2 + 1536], loop.time())

        self.flowing = True
        self.tasks.add(asyncio.get_running_loop().create_task(flow()))
        return FakeInput(device.rate)

    async def close(self) -> None:
        self.flowing = False
        await asyncio.gather(*self.tasks)


@pytest.fixture(autouse=True)
def no_sound_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing() -> None:
        return None

    monkeypatch.setattr(microphone.sound_server, "sources", nothing)
    monkeypatch.setattr(microphone.sound_server, "_there", lambda: False)


async def test_a_trial_records_what_was_asked_for_and_tells_how_far_it_is() -> None:
    told: list[float] = []
    trial = await record(InputSettings(), 1.0, lambda seconds, _level: told.append(seconds), FakeCards())
    assert trial.trouble == ""
    assert trial.device == YETI
    assert trial.sound.size / RATE == pytest.approx(1.0, abs=0.04)
    assert told == sorted(told)
    assert trial.level > 0.05


async def test_without_a_sound_system_the_trial_says_what_to_install() -> None:
    trial = await record(InputSettings(), 1.0, lambda *_: None, FakeCards(fails=True))
    assert "libportaudio2" in trial.trouble
    assert trial.devices == []


async def test_a_wanted_microphone_that_is_not_there_is_named_with_those_that_are() -> None:
    trial = await record(InputSettings(device="rode"), 1.0, lambda *_: None, FakeCards())
    assert "'rode'" in trial.trouble
    assert "Webcam" in trial.trouble
    assert trial.sound.size == 0

"""PortAudio's wrapper against a fake of sounddevice."""

from __future__ import annotations

import os
import sys
import types
from typing import Any

import numpy as np
import pytest

from bot.errors import FatalError, TransientError
from bot.hearing.input.sound_card.devices import Device
from bot.hearing.input.sound_card.portaudio import BLOCKS, PortAudio

YETI = Device(1, "Yeti", 48_000, 2)


class FakeStream:
    refused: Any = staticmethod(lambda options: False)
    made: list[FakeStream] = []  # noqa: RUF012 - reset by the fixture

    def __init__(self, **options: Any) -> None:
        if self.refused(options):
            raise RuntimeError("Invalid sample rate")
        self.options, self.calls, self.active = options, [], True
        self.source = os.environ.get("PULSE_SOURCE")
        FakeStream.made.append(self)

    def start(self) -> None:
        self.calls.append("start")

    def abort(self) -> None:
        self.calls.append("abort")
        raise RuntimeError("the stream is broken")

    def close(self) -> None:
        self.calls.append("close")


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    found = [
        {"index": 0, "name": "Speakers", "default_samplerate": 48_000.0, "max_input_channels": 0, "hostapi": 0},
        {"index": 1, "name": "Yeti", "default_samplerate": 48_000.0, "max_input_channels": 2, "hostapi": 0},
        {"index": 2, "name": "Yeti Ster", "default_samplerate": 44_100.0, "max_input_channels": 1, "hostapi": 1},
    ]
    fake = types.SimpleNamespace(
        query_devices=lambda: found,
        query_hostapis=lambda: [{"name": "ALSA", "devices": [0, 1, 2], "default_input_device": 1}],
        default=types.SimpleNamespace(device=[1, 0]),
        InputStream=FakeStream,
        restarts=0,
    )

    def restart() -> None:
        fake.restarts += 1

    fake._terminate = lambda: None
    fake._initialize = restart
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    monkeypatch.setattr(FakeStream, "made", [])
    monkeypatch.setattr(FakeStream, "refused", staticmethod(lambda options: False))
    return fake


async def test_it_lists_what_can_be_recorded_from_and_looks_anew(library: types.SimpleNamespace) -> None:
    sound = PortAudio()
    devices = await sound.inputs()
    assert [(d.name, d.rate, d.channels, d.default) for d in devices] == [
        ("Yeti", 48_000, 2, True),
        ("Yeti Ster", 44_100, 1, False),
    ]
    assert library.restarts == 0
    await sound.inputs()
    assert library.restarts == 1


async def test_on_windows_each_microphone_is_listed_once(library: types.SimpleNamespace) -> None:
    library.query_hostapis = lambda: [
        {"name": "MME", "devices": [0, 1], "default_input_device": 1},
        {"name": "Windows WASAPI", "devices": [2], "default_input_device": 2},
    ]
    assert [(d.index, d.default) for d in await PortAudio().inputs()] == [(2, True)]


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ImportError("no sounddevice"), FatalError, "haishin[ears]"),
        (OSError("PortAudio library not found"), FatalError, "libportaudio2"),
        (RuntimeError("Error initializing PortAudio: bad .asoundrc"), TransientError, "asoundrc"),
    ],
)
async def test_a_library_that_does_not_load_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[Exception], words: str
) -> None:
    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise error

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(kind) as raised:
        await PortAudio().inputs()
    assert words in raised.value.remedy  # type: ignore[attr-defined]


async def test_a_system_that_does_not_answer_is_passing(library: types.SimpleNamespace) -> None:
    def fails() -> None:
        raise RuntimeError("Error querying device -1")

    library.query_devices = fails
    with pytest.raises(TransientError, match="does not answer"):
        await PortAudio().inputs()


async def test_blocks_are_copies_with_the_time(library: types.SimpleNamespace) -> None:
    sound, taken = PortAudio(), []
    await sound.inputs()
    opened = await sound.open(YETI, lambda block, at: taken.append((block, at)))
    assert (opened.rate, opened.active) == (48_000, True)
    buffer = np.ones((10, 1), np.float32)
    for number in range(2 * BLOCKS):
        assert len(taken) == number // BLOCKS
        FakeStream.made[0].options["callback"](buffer, 10, None, None)
        buffer += 1
    assert [block[:, 0].tolist() for block, _ in taken] == [[1.0] * 10 + [2.0] * 10, [3.0] * 10 + [4.0] * 10]
    assert taken[0][1] > 0


async def test_another_rate_or_more_channels_are_tried_before_giving_up(library: types.SimpleNamespace) -> None:
    sound = PortAudio()
    await sound.inputs()
    FakeStream.refused = staticmethod(lambda o: o["samplerate"] != 44_100 or o["channels"] != 2)
    assert (await sound.open(YETI, lambda *_: None)).rate == 44_100
    FakeStream.refused = staticmethod(lambda o: True)
    with pytest.raises(TransientError, match="'Yeti' does not open"):
        await sound.open(YETI, lambda *_: None)


async def test_a_broken_stream_is_closed_all_the_same_and_once(library: types.SimpleNamespace) -> None:
    sound = PortAudio()
    await sound.inputs()
    await sound.open(YETI, lambda *_: None)
    await sound.close()
    await sound.close()
    assert FakeStream.made[0].calls == ["start", "abort", "close"]


async def test_the_sound_server_is_told_which_source_is_meant(
    library: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SOURCE", "mine")
    sound = PortAudio()
    await sound.inputs()
    await sound.open(Device(0, "Yeti", 48_000, 1, source="alsa_input.yeti"), lambda *_: None)
    assert FakeStream.made[0].source == "alsa_input.yeti"
    assert os.environ["PULSE_SOURCE"] == "mine"
    assert "PIPEWIRE_NODE" not in os.environ

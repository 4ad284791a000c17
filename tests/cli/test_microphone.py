from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from bot.cli import microphone
from bot.cli.microphone import bar, check_microphone
from bot.config import Settings
from bot.errors import FatalError
from bot.hearing.input import echo
from bot.hearing.input.sound_card.devices import Device
from bot.hearing.input.trial import Trial
from bot.hearing.speech import RATE, Hints, SpeechPiece, Transcript

YETI = Device(1, "Blue \x1b[31mYeti", 48_000, 1, default=True)


class Recogniser:
    def __init__(self, text: str) -> None:
        self.text, self.heard_s = text, 0.0

    async def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        async for piece in speech:
            self.heard_s += piece.samples.size / RATE
        yield Transcript(self.text, "en", 0.9)


def speech(level: float) -> np.ndarray:
    loudness = np.repeat([0.0, 1.0, 0.8, 0.0, 1.0, 0.0, 0.9, 0.0, 0.0], RATE // 3)
    return (np.random.default_rng(1).standard_normal(loudness.size) * (loudness * level + 0.0005)).astype(np.float32)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Stand in for the recording and the recogniser; the dictionary says how they are."""
    how: dict[str, object] = {"trial": Trial(YETI, [YETI], speech(0.1)), "text": "good evening", "spoken": True}

    async def recorded(_settings: Settings) -> object:
        return how["trial"]

    async def entries(*_: object, **__: object) -> list[dict[str, str]]:
        if isinstance(how["text"], Exception):
            raise how["text"]
        return [{"provider": "fake"}]

    @asynccontextmanager
    async def opened(_entries: object) -> AsyncIterator[Recogniser]:
        yield Recogniser(str(how["text"]))

    monkeypatch.setattr(microphone, "_recorded", recorded)
    monkeypatch.setattr(microphone, "asr_entries", entries)
    monkeypatch.setattr(microphone, "open_asr", opened)
    monkeypatch.setattr(microphone, "open_log", lambda _settings: None)
    monkeypatch.setattr(microphone, "spoken", lambda _sound: how["spoken"])
    monkeypatch.setattr(echo, "installed", lambda: True)
    return how


async def test_a_good_microphone_is_all_green(bench: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    assert await check_microphone(Settings())
    printed = capsys.readouterr().out
    assert "“good evening” (en, 90% sure)" in printed
    assert "Yeti" in printed
    assert "\x1b[31m" not in printed
    assert "█" in printed
    assert "FAIL" not in printed


async def test_no_microphone_says_what_to_do(bench: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    bench["trial"] = Trial(None, [], np.zeros(0, np.float32), "no library; apt install libportaudio2")
    assert not await check_microphone(Settings())
    assert "apt install libportaudio2" in capsys.readouterr().out


async def test_a_quiet_one_fails_with_advice(bench: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    bench["trial"] = Trial(YETI, [YETI], speech(0.002))
    assert not await check_microphone(Settings())
    assert "it is too quiet" in capsys.readouterr().out


async def test_words_that_a_recogniser_invents_in_silence_are_not_shown(
    bench: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    bench["spoken"] = False
    assert not await check_microphone(Settings())
    printed = capsys.readouterr().out
    assert "nothing was said" in printed
    assert "good evening" not in printed


async def test_a_recogniser_that_is_missing_says_what_to_install(
    bench: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    bench["text"] = FatalError("no recogniser", remedy="pip install 'haishin[ears]'")
    assert not await check_microphone(Settings())
    assert "pip install 'haishin[ears]'" in capsys.readouterr().out


async def test_without_echo_cancellation_headphones_are_advised(
    bench: dict[str, object], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(echo, "installed", lambda: False)
    assert await check_microphone(Settings())  # with headphones all is well
    assert "headphones" in capsys.readouterr().out
    wanted = Settings.model_validate({"hearing": {"input": {"echo": "on"}}})
    assert not await check_microphone(wanted)


@pytest.mark.parametrize(
    ("level", "filled", "words"), [(1.0, 30, "0 dB"), (0.1, 20, "-20 dB"), (0.0, 0, "-120 dB"), (1e-9, 0, "-120 dB")]
)
def test_a_level_is_a_bar(level: float, filled: int, words: str) -> None:
    shown = bar(level, level)
    assert shown.count("█") == filled
    assert words in shown

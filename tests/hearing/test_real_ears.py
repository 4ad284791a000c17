"""The real models: voice detection, the judge of pauses, Whisper, and all of them together."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.hearing import vad
from bot.hearing.ears import Ears
from bot.hearing.endpoint.silence import Silence
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.listening_settings import EndpointKind, ListeningSettings
from bot.hearing.opening import asr_entries, open_endpoint, open_listening
from bot.hearing.speech import FRAME, RATE, Samples
from bot.hearing.vocabulary import Vocabulary
from tests.hearing.test_contract_asr import sentence
from tests.support.hearing import Notes

pytestmark = pytest.mark.model


def chances(detector: vad.Silero, sound: Samples) -> list[float]:
    return [detector.probability(sound[at : at + FRAME]) for at in range(0, sound.size - FRAME + 1, FRAME)]


def noise(seconds: float) -> Samples:
    rng = np.random.default_rng(5)
    hiss = rng.standard_normal(int(seconds * RATE)) * 0.05
    for at in rng.integers(0, hiss.size - 400, int(seconds * 6)):
        hiss[at : at + 400] += rng.standard_normal(400) * np.exp(-np.arange(400) / 60) * 0.4
    return hiss.astype(np.float32)


def test_a_voice_is_told_from_noise_and_keys() -> None:
    detector = vad.load()
    assert max(chances(detector, noise(20.0))) < 0.5
    detector.reset()
    assert np.mean(np.array(chances(detector, sentence())) > 0.5) > 0.5


def test_the_detection_leaves_the_sound_alone_and_begins_anew_when_it_is_told() -> None:
    detector, sound = vad.load(), sentence()
    kept = sound.copy()
    first = chances(detector, sound)
    assert np.array_equal(sound, kept)
    detector.reset()
    assert chances(detector, sound) == first


def test_bad_samples_do_not_stay_in_the_detection() -> None:
    detector = vad.load()
    for bad in (np.nan, np.inf, -np.inf, 1e30):
        assert 0 <= detector.probability(np.full(FRAME, bad, np.float32)) <= 1
    assert np.mean(np.array(chances(detector, sentence())) > 0.5) > 0.5


async def test_the_judge_answers_for_any_sound(models_root: Path) -> None:
    async with open_endpoint(EndpointKind.SMART_TURN, lambda *_: None, root=models_root) as judge:
        assert not isinstance(judge, Silence)
        for sound in (sentence(), sentence()[:1600], np.tile(sentence(), 12), np.zeros(FRAME, np.float32)):
            assert 0 <= await judge.probability(sound, "", "en") <= 1


async def test_without_its_weights_silence_judges(tmp_path: Path) -> None:
    async with open_endpoint(EndpointKind.SMART_TURN, lambda *_: None, root=tmp_path, offline=True) as judge:
        assert isinstance(judge, Silence)


async def test_a_spoken_sentence_is_heard(models_root: Path) -> None:
    ears, inlet, notes = Ears(), AudioInlet(), Notes()
    entries = await asr_entries("auto", lambda *_: None, root=models_root)
    opened: Any = open_listening(
        ListeningSettings(), entries, ears, inlet, notes, Vocabulary(["Mira"], languages=["en", "zh"]),
        lambda *_: None, root=models_root,
    )  # fmt: skip
    async with opened as (listening, chain), asyncio.TaskGroup() as tasks:
        assert (await chain.check()).ok
        task = tasks.create_task(listening.run())
        sound = np.concatenate((noise(1.0) * 0.1, sentence(), noise(2.5) * 0.1))
        for at in range(0, sound.size - FRAME + 1, FRAME):
            await asyncio.sleep(FRAME / RATE)
            inlet.put(sound[at : at + FRAME], asyncio.get_running_loop().time())
        async with asyncio.timeout(30):
            while "over" not in notes.kinds:
                await asyncio.sleep(0.1)
        task.cancel()
    (over,) = notes.all("over")
    assert over is not None
    assert over.text.lower().startswith("hello there")
    assert (over.language, ears.recogniser_trouble) == ("en", "")

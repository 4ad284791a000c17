"""The face for VTube Studio: the mouth opens with what is heard, and closes with it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bot.stage.clip import ClausePlayback
from bot.stage.vts.hotkeys import read_hotkeys
from bot.stage.vts.puppet import FACES, OWN, SHAPES, Puppet
from bot.stage.vts.settings import VtsHotkeys
from bot.types import Clause, Emotion, HostState, MouthShape, Viseme
from tests.stage.vts.test_client import StillStage

RATE = 24_000


def spoken(loud_ms: int, silent_ms: int, emotion: Emotion = Emotion.NEUTRAL) -> ClausePlayback:
    clause = Clause(
        turn="t", speech="Hello there.", text="Hello there.", index=0, emotion=emotion, gestures=(), language="en"
    )
    wave = (np.sin(np.arange(RATE * loud_ms // 1000) * 0.2) * 12_000).astype("<i2").tobytes()
    return ClausePlayback(1, clause, RATE, pcm=bytearray(wave + bytes(RATE * silent_ms // 1000 * 2)))


def played(puppet: Puppet, stage: StillStage, clip: ClausePlayback, seconds: float) -> list[dict[str, float]]:
    """Play a clause as a page reports it, every 64 ms, and return each frame at 30 a second."""
    stage.clips, stage.silent, frames = [clip], False, []
    for n in range(int(seconds * 30)):
        now = 1 + n / 30
        clip.position_ms = max(1.0, (now - 1) * 1000 // 64 * 64)
        frames.append(puppet.step(now))
    return frames


def test_the_mouth_opens_with_the_sound_and_is_shut_when_it_ends() -> None:
    stage = StillStage()
    frames = played(Puppet(stage, lambda: 0.5), stage, spoken(500, 500), 1.0)
    opening = [one["MouthOpen"] for one in frames]
    assert max(opening[3:14]) > 0.8
    assert opening[-1] < 0.02
    assert max(opening[19:]) < 0.1  # within 120 ms of the silence


def test_the_shape_follows_the_marks_of_the_voice() -> None:
    stage, clip = StillStage(), spoken(900, 0)
    clip.marks.visemes += [Viseme(0, MouthShape.AA), Viseme(400, MouthShape.OU)]
    frames = played(Puppet(stage, lambda: 0.5), stage, clip, 0.9)
    assert frames[10]["HaishinMouthWide"] > 0
    assert frames[-1]["HaishinMouthWide"] < -0.9
    assert frames[-1]["MouthSmile"] < frames[10]["MouthSmile"]


def test_a_stop_and_a_page_that_is_gone_shut_the_mouth() -> None:
    stage, clip = StillStage(), spoken(5_000, 0)
    puppet = Puppet(stage, lambda: 0.5)
    assert played(puppet, stage, clip, 0.5)[-1]["MouthOpen"] > 0.7
    later = [puppet.step(1.5 + n / 30) for n in range(30)]  # no report comes any more
    assert later[-1]["MouthOpen"] < 0.02
    stage.state = HostState.STOPPED
    assert puppet.step(3.0)["HaishinSpeaking"] == 0.0


@pytest.mark.parametrize("emotion", list(Emotion))
def test_every_value_is_finite_bounded_and_moves_smoothly(emotion: Emotion) -> None:
    stage = StillStage()
    frames = played(Puppet(stage), stage, spoken(2_000, 500, emotion), 2.5)
    for frame in frames:
        assert all(abs(value) <= 30 for value in frame.values())
        assert 0 <= frame["MouthSmile"] <= 1
        assert 0 <= frame["EyeOpenLeft"] <= 1
    turns = [one["FaceAngleX"] for one in frames]
    assert max(abs(b - a) for a, b in pairwise(turns)) < 5


def test_tables_are_whole() -> None:
    assert set(FACES) == set(Emotion)
    assert set(SHAPES) == set(MouthShape)
    assert all(4 <= len(name) <= 32 and name.isalnum() and len(why) < 256 for name, (why, _, _) in OWN.items())


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"modelLoaded": True, "availableHotkeys": 3},
        {"modelLoaded": "yes"},
        {"modelLoaded": True, "availableHotkeys": [None, {}, {"hotkeyID": 3}, []]},
    ],
)
def test_answers_of_another_shape_name_no_hotkeys(answer: dict[str, object]) -> None:
    assert not read_hotkeys(answer, VtsHotkeys()).names

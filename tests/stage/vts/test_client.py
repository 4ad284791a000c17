"""VTube Studio over its real wire, against a fake: leave, models, hotkeys, faults."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.stage.clip import ClausePlayback
from bot.stage.vts.client import ALARM, HOTKEYS_ALARM, TOKEN, VTubeStudio
from bot.stage.vts.settings import VtsSettings
from bot.telemetry.alarms import Alarms
from bot.types import Clause, Emotion, Gesture, HostState
from tests.support.fake_vts import vtube_studio


class StillStage:
    """A stage on which nothing happens but what a test puts there."""

    def __init__(self) -> None:
        self.clips: list[ClausePlayback] = []
        self.state = HostState.IDLE
        self.silent = True

    def says(self, emotion: Emotion, *gestures: Gesture) -> None:
        clause = Clause(
            turn="t", speech="Hello.", text="Hello.", index=0, emotion=emotion, gestures=gestures, language="en"
        )
        clip = ClausePlayback(1, clause, 24_000, pcm=bytearray(b"\x00\x40\x00\xc0" * 24_000), position_ms=100.0)
        self.clips, self.silent = [clip], False


class Desk:
    """A connection that runs, and what a test looks at."""

    def __init__(self, vts: VTubeStudio, alarms: Alarms, stage: StillStage, file: Path) -> None:
        self.vts, self.alarms, self.stage, self.file = vts, alarms, stage, file

    def alarm(self, name: str = ALARM) -> str:
        found = next((one for one in self.alarms.standing() if one.id == name), None)
        return f"{found.text} {found.remedy}" if found else ""


async def until(true: Callable[[], Any], within_s: float = 10) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def driven(port: int, data: Path, **more: Any) -> AsyncIterator[Desk]:
    alarms, stage = Alarms(lambda: 0.0), StillStage()
    settings = VtsSettings.model_validate({"enabled": True, "port": port, **more})
    vts = VTubeStudio(settings, stage, alarms, data, frame_s=0.01, leave_s=5.0)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(vts.run())
        try:
            yield Desk(vts, alarms, stage, data / TOKEN)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_it_asks_once_keeps_the_token_and_drives(tmp_path: Path) -> None:
    async with vtube_studio() as fake:
        async with driven(fake.port, tmp_path) as desk:
            await until(lambda: len(fake.injected) > 5)
            assert desk.vts.state.driving
            assert not desk.alarm()
        assert stat.S_IMODE(desk.file.stat().st_mode) == 0o600
        assert not desk.vts.state.driving
        async with driven(fake.port, tmp_path):
            await until(lambda: len(fake.injected) > 12)
    assert len(fake.of("AuthenticationTokenRequest")) == 1
    assert {"FaceAngleX", "MouthOpen", "MouthSmile", "EyeOpenLeft", "HaishinVoice"} <= fake.injected[-1].keys()
    assert fake.of("InjectParameterDataRequest")[-1]["faceFound"] is True
    made = {one["parameterName"] for one in fake.of("ParameterCreationRequest")}
    assert made == {"HaishinVoice", "HaishinMouthWide", "HaishinSpeaking"}


async def test_a_token_that_is_not_valid_any_more_is_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / TOKEN).write_text('{"token": "old"}')
    async with vtube_studio() as fake, driven(fake.port, tmp_path) as desk:
        await until(lambda: desk.vts.state.driving)
        assert len(fake.of("AuthenticationTokenRequest")) == 1


async def test_a_person_who_says_no_is_not_asked_again_by_itself(tmp_path: Path) -> None:
    async with vtube_studio() as fake:
        fake.allow = False
        async with driven(fake.port, tmp_path) as desk:
            await until(lambda: desk.vts.state.refused)
            assert "refused" in desk.alarm()
            await asyncio.sleep(1.3)  # longer than the first pause
            assert len(fake.of("AuthenticationTokenRequest")) == 1
            fake.allow = True
            assert desk.vts.ask_again()
            await until(lambda: desk.vts.state.driving)
            assert not desk.alarm()
            assert not desk.vts.ask_again()


async def test_while_it_is_asked_a_person_is_told_to_press_allow(tmp_path: Path) -> None:
    async with vtube_studio() as fake:
        fake.allow = None
        async with driven(fake.port, tmp_path) as desk:
            await until(lambda: desk.vts.state.asking)
            assert "press Allow" in desk.alarm()


async def test_one_that_is_away_is_found_when_it_comes_and_comes_back(tmp_path: Path) -> None:
    async with vtube_studio() as first:
        port = first.port
    async with driven(port, tmp_path) as desk:
        await until(lambda: desk.vts.state.problem)
        assert "Start API" in desk.alarm()
        async with vtube_studio(port) as fake:
            desk.vts.ask_again()
            await until(lambda: desk.vts.state.driving)
            await fake.drop()
            await until(lambda: not desk.vts.state.driving)
            assert "ended" in desk.alarm()
            await until(lambda: desk.vts.state.driving)
            assert not desk.alarm()


async def test_leave_that_is_taken_back_is_asked_for_again(tmp_path: Path) -> None:
    async with vtube_studio() as fake, driven(fake.port, tmp_path) as desk:
        await until(lambda: desk.vts.state.driving)
        fake.tokens.clear()
        fake.signed_in = False
        await until(lambda: len(fake.of("AuthenticationTokenRequest")) == 2)
        await until(lambda: desk.vts.state.driving)


async def test_expressions_and_gestures_of_what_is_heard(tmp_path: Path) -> None:
    async with vtube_studio() as fake, driven(fake.port, tmp_path) as desk:
        await until(lambda: desk.vts.state.driving)
        desk.stage.says(Emotion.JOY, Gesture.WAVE)
        await until(lambda: fake.of("HotkeyTriggerRequest"))
        desk.stage.says(Emotion.ANGRY)
        await until(lambda: len(fake.of("ExpressionActivationRequest")) == 3)
    assert fake.of("HotkeyTriggerRequest") == [{"hotkeyID": "h3"}]
    assert fake.of("ExpressionActivationRequest") == [
        {"expressionFile": "smile.exp3.json", "active": True},
        {"expressionFile": "smile.exp3.json", "active": False},
        {"expressionFile": "angry.exp3.json", "active": True},
    ]
    assert max(one["MouthOpen"] for one in fake.injected) > 0.5


async def test_another_model_is_learned_and_what_it_lacks_is_told(tmp_path: Path) -> None:
    hotkeys = {"emotions": {"joy": "Smile", "sad": ""}, "gestures": {"wave": "h3"}}
    async with vtube_studio() as fake, driven(fake.port, tmp_path, hotkeys=hotkeys) as desk:
        await until(lambda: desk.vts.state.hotkeys.model == "Mei")
        assert desk.vts.state.hotkeys.gestures[Gesture.WAVE].name == "Hello"
        await fake.load("Two", [{"name": "sad", "type": "ToggleExpression", "file": "s.exp3.json", "hotkeyID": "x"}, 3])
        await until(lambda: desk.vts.state.hotkeys.model == "Two")
        assert "'Smile', 'h3'" in desk.alarm(HOTKEYS_ALARM)
        assert not desk.vts.state.hotkeys.emotions  # the settings say: none for sad
        await fake.load(None, [])
        await until(lambda: "No model" in desk.alarm(HOTKEYS_ALARM))
        await fake.load("Mei", [*fake.hotkeys, *[{"name": n, "hotkeyID": n} for n in ("Smile", "h3")]])
        await until(lambda: not desk.alarm(HOTKEYS_ALARM))


@pytest.mark.parametrize(
    ("kind", "code", "says"),
    [
        ("InjectParameterDataRequest", 454, "Another program"),
        ("AuthenticationTokenRequest", 1, "Start API"),
        ("AuthenticationTokenRequest", 51, "asks for leave already"),
    ],
)
async def test_what_it_declines_is_told_with_what_helps(tmp_path: Path, kind: str, code: int, says: str) -> None:
    async with vtube_studio() as fake:
        fake.instead[kind] = code
        async with driven(fake.port, tmp_path) as desk:
            await until(lambda: says in desk.alarm())
            fake.instead.clear()
            desk.vts.ask_again()
            await until(lambda: desk.vts.state.driving and not desk.alarm())


async def test_parameters_of_ours_that_are_refused_or_deleted_are_left_out(tmp_path: Path) -> None:
    async with vtube_studio() as fake:
        fake.instead["ParameterCreationRequest"] = 356
        async with driven(fake.port, tmp_path):
            await until(lambda: fake.injected)
            assert "HaishinVoice" not in fake.injected[0]
    async with vtube_studio() as fake, driven(fake.port, tmp_path) as desk:
        await until(lambda: fake.injected)
        fake.instead["InjectParameterDataRequest"] = 453
        await asyncio.sleep(0.1)
        fake.instead.clear()
        await until(lambda: "HaishinVoice" not in fake.injected[-1])
        assert not desk.alarm()


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", "[" * 100_000, '{"apiName": 3}', '{"apiName": "Other"}', "x" * 3_000_000, None]
)
async def test_something_else_there_is_told_and_fells_nothing(tmp_path: Path, answer: str | None) -> None:
    async with vtube_studio() as fake:
        fake.instead["AuthenticationTokenRequest"] = answer
        if answer is None:
            fake.instead = {"HotkeysInCurrentModelRequest": None}  # it hangs
        async with driven(fake.port, tmp_path) as desk:
            await until(lambda: desk.vts.state.problem and not desk.vts.state.asking and desk.alarm())

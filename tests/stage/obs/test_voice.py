"""The voice through OBS's sources, against a table in memory: when it takes part, what it plays, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.errors import TransientError
from bot.runtime.signal import Signal
from bot.stage import protocol as p
from bot.stage.hub import Overlay
from bot.stage.obs.changes import apply_all
from bot.stage.obs.inventory import read_inventory
from bot.stage.obs.mixer import MixerEvent, MixerListener, MixerState
from bot.stage.obs.setup import Wish, plan
from bot.stage.obs.voice import LINGER_S, LOOK_S, ObsVoice
from bot.types import Clause, Pcm
from tests.fakes.obs_in_memory import LINUX, WITH_BROWSER, ObsInMemory
from tests.fakes.stage_page import FakePage
from tests.support.virtual import virtual

RATE = 24_000


@pytest.fixture(autouse=True)
def _files_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write files without a thread: the jumping clock does not see it work."""

    async def at_once(work: Callable[..., Any], *given: Any) -> Any:
        return work(*given)

    monkeypatch.setattr(asyncio, "to_thread", at_once)


WISH = Wish("http://127.0.0.1:7878/stage/?token=a")


class Desk:
    """As much of a `Mixer` as the voice needs; it notes what was played and shown."""

    def __init__(self, obs: ObsInMemory) -> None:
        self.obs = obs
        self.changed = Signal()
        self.state = MixerState(connected=True)
        self.played: list[float] = []
        self.shown: list[str] = []
        self.stops = 0
        self._listeners: list[MixerListener] = []

    def listen(self, listener: MixerListener) -> None:
        self._listeners.append(listener)

    def connect(self, connected: bool) -> None:
        self.state = MixerState(connected=connected)
        self.changed.notify()

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        if not self.state.connected:
            raise TransientError("OBS is not connected")
        if request == "TriggerMediaInputAction":
            self.stops += 1
            return {}
        answer = await self.obs.call(request, data)
        if request == "SetInputSettings" and data:
            settings = data["inputSettings"]
            if "text" in settings:
                self.shown.append(settings["text"])
            else:
                with wave.open(settings["local_file"]) as file:
                    assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
                    self.played.append(file.getnframes() / RATE)
                for listener in self._listeners:
                    listener.mixer_event(MixerEvent("MediaInputPlaybackStarted", {"inputName": data["inputName"]}))
        return answer


@contextlib.asynccontextmanager
async def on_air(kinds: tuple[str, ...] = LINUX, *, set_up: bool = True) -> AsyncIterator[tuple[Overlay, Desk]]:
    obs = ObsInMemory(kinds)
    if set_up:
        await apply_all(obs.call, plan(await read_inventory(obs.call), WISH).changes)
    stage = Overlay(
        p.Settings(name="Mira", look=p.Look(), captions=p.Captions(), label="AI"),
        clock=asyncio.get_running_loop().time,
    )
    desk = Desk(obs)
    voice = asyncio.create_task(ObsVoice(stage, desk).run())  # type: ignore[arg-type]
    await asyncio.sleep(0.1)
    try:
        yield stage, desk
        assert not voice.done()
    finally:
        voice.cancel()
        await asyncio.wait({voice})


def begin(stage: Overlay, text: str, *, index: int = 0, epoch: int | None = None, seconds: float = 1.0) -> int:
    """Have a clause spoken; return its turn."""
    epoch = stage.begin() if epoch is None else epoch
    clip = stage.speak(epoch, Clause("t", index, text, text), RATE)
    assert clip
    stage.sound(clip, Pcm(bytes(int(RATE * seconds) * 2), RATE))
    stage.complete(clip)
    return epoch


@virtual
async def test_clauses_are_played_one_after_another_shown_and_heard() -> None:
    async with on_air() as (stage, desk):
        assert stage.audible
        epoch = begin(stage, "One.")
        begin(stage, "Two.", index=1, epoch=epoch, seconds=2)
        stage.end(epoch)
        await asyncio.sleep(0.5)
        assert desk.shown == ["One."]
        assert 300 < stage.clips[0].position_ms < 600
        assert await stage.played(epoch, 5) is True
        assert stage.heard() == "One. Two."
        assert desk.played == [1.0, 2.0]
        await asyncio.sleep(LINGER_S + 1)
        assert desk.shown == ["One.", "Two.", " "]
        epoch = begin(stage, "Three.")
        stage.end(epoch)
        assert await stage.played(epoch, 5) is True


@virtual
async def test_a_clause_without_sound_is_shown_for_its_time() -> None:
    async with on_air() as (stage, desk):
        epoch = stage.begin()
        assert stage.speak(epoch, Clause("t", 0, "🙂", ""), 0, silent_ms=800)
        stage.end(epoch)
        assert await stage.played(epoch, 5) is True
        assert desk.shown == ["🙂"]
        assert desk.played == []


@virtual
async def test_a_stop_silences_it_and_says_how_far_it_was_heard() -> None:
    async with on_air() as (stage, desk):
        epoch = begin(stage, "A long one that is cut.", seconds=8)
        begin(stage, "Never heard.", index=1, epoch=epoch)
        await asyncio.sleep(2)
        assert await stage.stop(epoch) is True
        assert 1_900 < stage.clips[0].position_ms < 2_200
        assert desk.stops == 1
        assert len(desk.played) == 1
        epoch = begin(stage, "The next.")
        stage.end(epoch)
        assert await stage.played(epoch, 5) is True
        assert stage.heard() == "The next."


@virtual
async def test_a_stop_of_what_was_not_begun_is_confirmed_too() -> None:
    async with on_air() as (stage, desk):
        epoch = stage.begin()
        clip = stage.speak(epoch, Clause("t", 0, "Half.", "Half."), RATE)
        assert clip
        stage.sound(clip, Pcm(bytes(RATE), RATE))  # and no more comes
        await asyncio.sleep(0.3)
        assert await stage.stop(epoch) is True
        assert desk.played == []


@virtual
async def test_where_the_stage_page_is_shown_or_nothing_is_set_up_it_takes_no_part() -> None:
    async with on_air(WITH_BROWSER) as (stage, _):
        assert not stage.audible
    async with on_air(set_up=False) as (stage, desk):
        assert not stage.audible
        await apply_all(desk.obs.call, plan(await read_inventory(desk.obs.call), WISH).changes)
        await asyncio.sleep(LOOK_S + 1)
        assert stage.audible, "set up while the show runs"


@virtual
async def test_beside_a_page_that_is_heard_it_is_silent() -> None:
    async with on_air(set_up=False) as (stage, desk), FakePage().open(stage):
        await apply_all(desk.obs.call, plan(await read_inventory(desk.obs.call), WISH).changes)
        await asyncio.sleep(LOOK_S + 1)
        epoch = begin(stage, "Once.")
        stage.end(epoch)
        assert await stage.played(epoch, 5) is True
        assert desk.played == []


@virtual
async def test_obs_that_goes_and_comes_back_in_mid_sentence_gets_the_rest() -> None:
    async with on_air() as (stage, desk):
        epoch = begin(stage, "A sentence of four seconds.", seconds=4)
        stage.end(epoch)
        await asyncio.sleep(1.5)
        desk.connect(False)
        await asyncio.sleep(0.5)
        assert not stage.audible
        desk.connect(True)
        assert await stage.played(epoch, 5) is True
        assert desk.played[0] == 4.0
        assert 2.3 < desk.played[1] < 2.7
        assert stage.heard() == "A sentence of four seconds."


@virtual
async def test_a_source_that_is_deleted_in_mid_sentence_ends_it_until_it_is_back() -> None:
    async with on_air() as (stage, desk):
        voice = desk.obs.inputs.pop("Haishin voice")
        begin(stage, "Into nothing.")
        await asyncio.sleep(1)
        assert not stage.audible
        desk.obs.inputs["Haishin voice"] = voice
        await asyncio.sleep(LOOK_S + 1)
        assert stage.audible


@virtual
async def test_its_files_are_gone_when_it_is() -> None:
    async with on_air() as (stage, desk):
        epoch = begin(stage, "Words.")
        stage.end(epoch)
        await stage.played(epoch, 5)
        file = Path(desk.obs.inputs["Haishin voice"]["settings"]["local_file"])
        assert file.exists()
        assert file.parent.stat().st_mode & 0o077 == 0
    assert not file.parent.exists()

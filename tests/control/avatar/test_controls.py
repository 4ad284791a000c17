"""Which model the stage shows: the file's, the operator's, and what happens when it cannot be shown."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.control.avatar.controls import ALARM, AvatarControls, read_worn
from bot.errors import Refused
from bot.stage.hub import Overlay
from bot.stage.models.library import Card, ModelKind, ModelLibrary
from bot.stage.models.messages import ModelState
from bot.stage.page import Page
from bot.stage.protocol import Captions, Look
from bot.stage.protocol import Settings as StageLook
from bot.stage.vts.client import VTubeStudio
from bot.stage.vts.settings import VtsSettings
from bot.telemetry.alarms import Alarms
from tests.support.fake_vts import vtube_studio


class Desk:
    """A stage with a library of two models, one of them broken."""

    def __init__(self, tmp_path: Path) -> None:
        file = tmp_path / "a.vrm"
        file.write_bytes(b"glTF")
        self.library = ModelLibrary(tmp_path)
        for name in ("mei", "torn"):
            self.library.add(name, Card(kind=ModelKind.VRM, file="a.vrm", licence="CC0"), {"a.vrm": file})
        (self.library.folder / "torn" / "a.vrm").unlink()
        self.look = StageLook(name="Mira", look=Look(), captions=Captions(), label="AI")
        self.stage = Overlay(self.look)
        self.alarms = Alarms(lambda: 0.0)
        self.avatar = AvatarControls(self.library, self.stage, self.alarms)

    def follow(self, persona: str, model: str) -> None:
        self.stage.configure(self.avatar.follow(persona, read_worn(self.library, model), self.look))
        self.avatar.look()

    @property
    def shown(self) -> str:
        return self.stage.settings.model.name if self.stage.settings.model else ""

    @property
    def alarm(self) -> str:
        return next((f"{a.text} {a.remedy}" for a in self.alarms.standing() if a.id == ALARM), "")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_persona_s_file_counts(desk: Desk) -> None:
    desk.follow("mira", "mei")
    assert desk.shown == "mei"
    desk.follow("xiaoyun", "")
    assert desk.shown == ""
    assert not desk.alarm


def test_a_missing_model_is_told_and_our_figure_is_shown(desk: Desk) -> None:
    desk.follow("mira", "gone")
    assert desk.shown == ""
    assert "'gone'" in desk.alarm
    assert "haishin vrm list" in desk.alarm
    desk.follow("mira", "mei")
    assert not desk.alarm


async def test_the_operator_s_choice_is_the_persona_s_for_this_run(desk: Desk) -> None:
    desk.follow("mira", "")
    assert (await desk.avatar.choose("mei")).ok
    assert desk.shown == "mei"
    desk.follow("guest", "")
    assert desk.shown == ""
    desk.follow("mira", "")  # the settings were read again, or the guest left
    assert desk.shown == "mei"
    view = await desk.avatar.state()
    assert (view.own, view.shown, view.chosen) == ("", "mei", True)
    assert {m.name: bool(m.problem) for m in view.models} == {"mei": False, "torn": True}
    await desk.avatar.choose(None)
    assert desk.shown == ""


async def test_our_own_figure_can_be_chosen(desk: Desk) -> None:
    desk.follow("mira", "mei")
    await desk.avatar.choose("")
    assert desk.shown == ""
    assert not desk.alarm


@pytest.mark.parametrize("name", ["torn", "gone"])
async def test_a_model_that_is_broken_is_refused(desk: Desk, name: str) -> None:
    desk.follow("mira", "mei")
    with pytest.raises(Refused):
        await desk.avatar.choose(name)
    assert desk.shown == "mei"


async def test_the_file_is_read_again_when_it_is_chosen(desk: Desk) -> None:
    desk.follow("mira", "torn")
    assert desk.alarm
    (desk.library.folder / "torn" / "a.vrm").write_bytes(b"glTF")
    await desk.avatar.choose(None)
    assert desk.shown == "torn"
    assert not desk.alarm


async def test_a_mapping_that_was_written_is_told_to_the_pages(desk: Desk) -> None:
    desk.follow("mira", "mei")
    card = desk.library.card("mei")
    desk.library.write_card("mei", card.model_copy(update={"mapping": {"emotions": {"joy": "fun"}}}))
    await desk.avatar.read_again()
    model = desk.stage.settings.model
    assert model
    assert model.mapping == {"emotions": {"joy": "fun"}}


def test_a_page_that_cannot_draw_it_calls_a_person(desk: Desk) -> None:
    socket: Any = None
    page = Page(socket, wants_audio=True)
    desk.stage._pages.add(page)
    desk.follow("mira", "mei")
    page.take_note(ModelState(name="mei", state="failed", detail="this browser has no WebGL"))
    desk.avatar.look()
    assert "no WebGL" in desk.alarm
    page.take_note(ModelState(name="mei", state="shown"))
    desk.avatar.look()
    assert not desk.alarm
    page.take_note(ModelState(name="old", state="failed", detail="of another model"))
    desk.avatar.look()
    assert not desk.alarm


async def test_while_vtube_studio_has_the_figure_the_page_draws_none(desk: Desk, tmp_path: Path) -> None:
    desk.follow("mira", "mei")
    async with vtube_studio() as fake, asyncio.TaskGroup() as group:
        settings = VtsSettings(enabled=True, port=fake.port)
        desk.avatar.vts = VTubeStudio(settings, desk.stage, desk.alarms, tmp_path)
        tasks = [group.create_task(run()) for run in desk.avatar.parts().values()]
        async with asyncio.timeout(10):
            while not ((model := desk.stage.settings.model) and model.kind == "none"):
                await asyncio.sleep(0.01)
            view = await desk.avatar.state()
            assert view.vts is not None
            assert view.vts.driving
            assert view.vts.emotions == {"joy": "Smile", "angry": "怒り"}
            desk.follow("guest", "")  # whoever is the host, it is drawn there
            assert desk.stage.settings.model is not None
            fake.instead["InjectParameterDataRequest"] = "{"
            while desk.stage.settings.model is not None:
                await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
    assert not (await desk.avatar.ask_vts()).detail.startswith("it is connected")

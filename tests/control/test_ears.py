"""The ears' controls: the switch, the button to talk, what is shown of what was heard."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import yaml

from bot.control.ears import MAX_LAST, MAX_TEXT, EarsControls
from bot.control.schemas.ears import EarsView, FloorCellIn
from bot.errors import Refused
from bot.hearing.ears import InputState, TalkMode
from bot.show.floor_settings import FloorEvent, FloorRule
from tests.support.ear_desk import EarDesk, said
from tests.support.virtual import virtual


def view(desk: EarDesk) -> EarsView:
    found = desk.controls.state()
    assert found is not None
    return found


def test_a_host_without_ears_refuses_every_order() -> None:
    controls = EarsControls()
    assert controls.state() is None
    assert not controls.open
    with pytest.raises(Refused, match="not enabled"):
        controls.switch(on=True)
    with pytest.raises(Refused, match="not enabled"):
        controls.talk(down=True)


async def test_ears_that_are_not_enabled_are_shown_and_refuse() -> None:
    desk = EarDesk(enabled=False)
    assert (view(desk).enabled, view(desk).on, view(desk).listening) == (False, False, False)
    with pytest.raises(Refused, match="not enabled"):
        desk.controls.switch(on=True)


async def test_switching_off_throws_away_what_waits_and_what_was_heard() -> None:
    desk = EarDesk()
    desk.inlet.put(np.ones(5000, np.float32), 1.0)
    desk.controls.speech_over(0, 2.0, said("earlier words", number=0))
    desk.controls.speech_heard(said("my password is", final=False))
    assert (view(desk).partial, [line.text for line in view(desk).last]) == ("my password is", ["earlier words"])
    desk.controls.switch(on=False)
    desk.controls.speech_heard(said("my password is swordfish", final=False))
    desk.controls.speech_paused(said("my password is swordfish", final=False))
    desk.controls.speech_over(1, 2.0, said("my password is swordfish"))
    shown = view(desk)
    assert (shown.on, shown.listening, shown.partial, shown.last) == (False, False, "", [])
    assert "swordfish" not in repr(vars(desk.controls))
    desk.controls.switch(on=True)
    assert (view(desk).partial, view(desk).last) == ("", [])
    waiting = desk.inlet.frames()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(waiting), 0.01)


async def test_few_utterances_are_kept_and_each_is_cut() -> None:
    desk = EarDesk()
    for n in range(30):
        desk.controls.speech_over(n, 1.0, said(f"{n} " + "x" * 9000))
    shown = view(desk).last
    assert len(shown) == MAX_LAST
    assert shown[0].text.startswith("29 ")
    assert len(shown[0].text) == MAX_TEXT
    desk.controls.speech_over(31, 1.0, None)
    assert len(view(desk).last) == MAX_LAST


async def test_a_button_is_held_and_let_go() -> None:
    desk = EarDesk(TalkMode.PUSH)
    assert not view(desk).listening
    assert desk.controls.talk(down=True).detail == "you are heard"
    desk.controls.talk(down=True)
    assert view(desk).listening
    assert desk.controls.talk(down=False).detail == "you are not heard"
    assert not view(desk).listening
    desk.controls.talk()
    assert view(desk).held
    desk.controls.talk()
    assert not view(desk).held


async def test_a_toggle_changes_at_each_press_alone() -> None:
    desk = EarDesk(TalkMode.TOGGLE)
    desk.controls.talk(down=True)
    desk.controls.talk(down=False)
    assert view(desk).listening
    desk.controls.talk()
    assert not view(desk).listening


async def test_an_open_microphone_has_no_button_and_ears_that_are_off_take_none() -> None:
    desk = EarDesk()
    assert "always heard" in desk.controls.talk(down=True).detail
    assert not desk.ears.held
    desk.controls.switch(on=False)
    with pytest.raises(Refused, match="off"):
        desk.controls.talk(down=True)


@virtual
async def test_a_button_whose_release_was_lost_is_let_go_after_a_while() -> None:
    desk = EarDesk(TalkMode.PUSH)
    desk.controls.talk(down=True, for_s=5)
    await asyncio.sleep(4)
    desk.controls.talk(down=True, for_s=5)
    await asyncio.sleep(4)
    assert view(desk).held
    await asyncio.sleep(2)
    assert not view(desk).held


@virtual
async def test_switching_off_lets_the_button_go() -> None:
    desk = EarDesk(TalkMode.PUSH)
    desk.controls.talk(down=True, for_s=5)
    desk.controls.switch(on=False)
    desk.controls.switch(on=True)
    assert not view(desk).held
    desk.controls.talk(down=True, for_s=50)
    await asyncio.sleep(10)
    assert view(desk).held


async def test_why_nothing_is_heard_is_shown_and_every_change_is_told() -> None:
    desk = EarDesk()
    told = asyncio.ensure_future(desk.controls.changed.wait())
    await asyncio.sleep(0)
    desk.ears.tell(InputState.NO_DEVICE, "there is no microphone; plug one in")
    await told
    assert (view(desk).input, view(desk).trouble) == ("no_device", "there is no microphone; plug one in")


async def test_the_floor_is_shown_and_changed_and_forbidden_rules_are_refused() -> None:
    desk = EarDesk()
    before = {row.event: row for row in desk.controls.table().rows}
    assert list(before) == list(FloorEvent)
    assert before[FloorEvent.CHAT].streamer is FloorRule.WAIT
    assert desk.controls.table().edited == ""
    shown = desk.controls.set_cell(FloorCellIn(event=FloorEvent.CHAT, state="streamer", rule=FloorRule.EXPIRE))
    assert {row.event: row.streamer for row in shown.rows}[FloorEvent.CHAT] is FloorRule.EXPIRE
    assert desk.floor.floor_settings.table.chat.streamer is FloorRule.EXPIRE
    assert yaml.safe_load(shown.edited) == {"floor": {"table": {"chat": {"streamer": "expire"}}}}
    with pytest.raises(Refused, match="never expire"):
        desk.controls.set_cell(FloorCellIn(event=FloorEvent.PAID, state="grace", rule=FloorRule.EXPIRE))
    assert desk.floor.floor_settings.table.paid.grace is not FloorRule.EXPIRE
    assert "paid" not in desk.controls.table().edited
    desk.controls.forget_edits()
    assert desk.controls.table().edited == ""


async def test_a_button_has_the_host_answer_what_was_said() -> None:
    desk = EarDesk()
    assert not desk.controls.answer().ok
    desk.floor.said_just_now = True
    assert desk.controls.answer().ok
    desk.controls.switch(on=False)
    with pytest.raises(Refused, match="off"):
        desk.controls.answer()

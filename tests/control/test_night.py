"""The night bank in the control room."""

from __future__ import annotations

import asyncio

import pytest

from bot.control.night import NightControls
from bot.errors import Refused
from bot.show.night.bank import Piece
from bot.show.night.settings import DraftState, PieceKind
from tests.show.night.test_accord import running
from tests.support.control import control_room
from tests.support.harness import Stagehand
from tests.support.night import Night, tale, through_the_night


@through_the_night
async def test_it_shows_what_the_bank_holds_and_what_was_used_last() -> None:
    night = Night(Stagehand())
    night.stock(3)
    night.bank.add(Piece(PieceKind.RECAP, "", f"[joy] {tale(4)}", night.clock()))
    taken = night.bank.take(None)
    assert taken is not None
    room = control_room(night.hand, night=night.accord)
    view = room.state().night
    assert view is not None
    assert (view.pieces, view.unsaid, view.spoken, view.seconds) == (4, 3, 0, 0.0)
    assert [(one.kind, one.pieces, one.unsaid) for one in view.kinds] == [("story", 3, 2), ("recap", 1, 1)]
    assert view.last is not None
    assert view.last.piece == taken.id
    assert view.last.words[:200] == tale(10_000)[:200]
    assert room.night.pieces()[-1].piece == taken.id


@through_the_night
async def test_a_silent_host_without_pieces_shows_nothing_and_refuses() -> None:
    night = Night(Stagehand(), talkativeness="silent")
    controls = NightControls(night.accord)
    assert controls.state() is None
    with pytest.raises(Refused, match="nothing unasked"):
        controls.draft()
    with pytest.raises(Refused, match="no night bank"):
        NightControls(None).draft()


@through_the_night
async def test_one_piece_is_dropped_also_when_it_was_to_be_next() -> None:
    night = Night(Stagehand(), talkativeness="seldom", bank=1)
    night.stock(2)
    controls = NightControls(night.accord)
    async with running(night):
        await asyncio.sleep(10)
        first, second = night.accord._ready, night.bank.pieces[1]
        assert first is not None
        assert (await controls.drop(first.id)).ok
        assert not (await controls.drop(first.id)).ok
        await night.hand.until(lambda: bool(night.hand.past), 400)
    assert night.hand.past[0].text == second.words


@through_the_night
async def test_a_piece_is_drafted_now_although_the_bank_is_full() -> None:
    night = Night(Stagehand(), talkativeness="seldom", bank=1, every_s=3600)
    night.stock(2)
    controls = NightControls(night.accord)
    async with running(night):
        await asyncio.sleep(30)
        assert len(night.bank.pieces) == 2
        controls.draft()
        await asyncio.sleep(20)
        assert len(night.bank.pieces) == 3
        assert str(night.accord.draft) == DraftState.KEPT
        night.teller.texts = [night.bank.pieces[-1].text] * 3
        controls.draft()
        await asyncio.sleep(20)
        assert str(night.accord.draft) == DraftState.DROPPED
        night.teller.mode = "down"
        controls.draft()
        await asyncio.sleep(20)
        assert str(night.accord.draft) == DraftState.DROPPED
        with pytest.raises(Refused, match="no model"):
            controls.draft()

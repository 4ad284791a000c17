"""What a page has to confirm before a payment counts as thanked for."""

from __future__ import annotations

import asyncio

from bot.store.payments import MAX_ATTEMPTS
from bot.types import CutKind, Kind, Money, TurnOutcome
from tests.fakes.stage_page import FakePage
from tests.support.harness import Stagehand
from tests.support.virtual import virtual


@virtual
async def test_what_no_page_confirmed_answers_a_line_and_thanks_for_no_payment() -> None:
    hand = Stagehand()
    async with hand.on_air(FakePage(mute=True)):
        await hand.chat("hi Mira, what are we playing?")
        await hand.until(lambda: bool(hand.past), 60)
        assert hand.fates["m1"] == ("answered", "said; no page confirmed that it was heard")
        await hand.chat("love the show", "bob", Kind.SUPER_CHAT, Money(500, "USD"))
        await hand.until(lambda: "m2" in hand.fates, 600)
    assert hand.fates["m2"] == ("dropped", "said; no page confirmed that it was heard")
    thanks = [turn for turn in hand.ledger.turns.values() if turn["ids"] == ["m2"]]
    assert len(thanks) == MAX_ATTEMPTS
    assert {turn["final"] for turn in thanks} == {""}
    assert not any(turn["heard"] for turn in thanks)


@virtual
async def test_a_page_that_begins_to_report_is_thanked_to_at_once() -> None:
    hand, page = Stagehand(), FakePage(mute=True)
    async with hand.on_air(page):
        await hand.chat("love the show", "bob", Kind.SUPER_CHAT, Money(500, "USD"))
        await hand.until(lambda: bool(hand.past), 60)
        assert hand.past[0].outcome is TurnOutcome.PUT_BACK
        page.mute = False
        await hand.until(lambda: "m1" in hand.fates, 120)
    assert hand.fates["m1"][0] == "answered"


@virtual
async def test_an_estimate_of_what_was_heard_thanks_for_no_payment() -> None:
    hand, page = Stagehand(), FakePage()
    async with hand.on_air(page):
        await hand.chat("hi Mira")
        await hand.until(lambda: bool(hand.past), 60)  # the page has reported once
        page.mute = page.deaf = True
        await hand.chat("love the show", "bob", Kind.SUPER_CHAT, Money(500, "USD"))
        await hand.until(lambda: any(clip.first_sent_at for clip in hand.stage.clips), 60)
        await asyncio.sleep(1.5)
        hand.floor.interrupt(CutKind.FAILED, "a test")
        await hand.until(lambda: len(hand.past) > 1, 60)
    turn = hand.ledger.turns[hand.past[1].turn.id]
    assert (turn["final"], turn["heard"]) == ("", [])
    assert hand.fates.get("m2", ("put_back", ""))[0] != "answered"

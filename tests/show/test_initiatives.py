"""What speaks beside the inbox: an initiative, its brief, and a gate that closes the chat."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

import pytest
from loguru import logger

from bot.runtime.signal import Signal
from bot.show.picking.initiatives import PASSED_TURNS
from bot.show.segments.segment import Brief
from bot.show.turn import FinishedTurn, HostPolicy, TurnPlan
from bot.types import Kind, Money, TurnKind
from tests.fakes.stage_page import FakePage
from tests.support.harness import Stagehand
from tests.support.virtual import virtual


@dataclass
class Pieces:
    """Has pieces to say, one after the other."""

    plans: deque[TurnPlan] = field(default_factory=deque)
    changed: Signal = field(default_factory=Signal)

    def next(self, now: float, quiet_since: float) -> TurnPlan | None:
        del now, quiet_since
        return self.plans.popleft() if self.plans else None

    def due_in(self, now: float, quiet_since: float) -> float | None:
        del now, quiet_since
        return None

    def add(self, plan: TurnPlan) -> None:
        self.plans.append(plan)
        self.changed.notify()


@dataclass
class Gate:
    """A gate that a test opens and closes."""

    open: bool = True
    addressed: bool = False


@virtual
async def test_an_initiative_speaks_when_no_message_waits_and_hears_what_became_of_it() -> None:
    hand, pieces = Stagehand(), Pieces()
    over: list[FinishedTurn] = []
    hand.show.lead(pieces)
    async with hand.on_air():
        pieces.add(TurnPlan(TurnKind.SEGMENT, lines=("Tonight we read a story.",), over=over.append))
        await hand.until(lambda: bool(over), 30)
        assert [turn.text for turn in over] == ["Tonight we read a story."]
        assert not over[0].interrupted
        assert not hand.llm.prompts


@virtual
async def test_a_message_that_waits_is_answered_before_an_initiative() -> None:
    hand, pieces = Stagehand(), Pieces()
    hand.show.lead(pieces)
    await hand.chat("hi Mira, what are we playing?")
    pieces.add(TurnPlan(TurnKind.SEGMENT, lines=("Tonight we read a story.",)))
    async with hand.on_air():
        await hand.until(lambda: len(hand.past) == 2, 60)
        assert [turn.plan.kind for turn in hand.past] == [TurnKind.ANSWER, TurnKind.SEGMENT]


@virtual
async def test_a_brief_reaches_the_model_with_its_material_and_the_reply_is_spoken() -> None:
    hand, pieces = Stagehand(), Pieces()
    hand.show.lead(pieces)
    async with hand.on_air():
        brief = Brief("Talk about lighthouses.", ("a viewer likes the one at Cape Hatteras",))
        pieces.add(TurnPlan(TurnKind.SEGMENT, brief=brief))
        await hand.until(lambda: bool(hand.past), 30)
        asked = hand.llm.prompts[0].lines[-1].text
        assert asked.startswith("Talk about lighthouses.")
        assert "Cape Hatteras" in asked
        assert hand.past[0].text == "Well hello there, thanks for dropping by tonight! Let us play something."


@virtual
async def test_what_was_prepared_is_said_when_no_model_answers() -> None:
    hand, pieces = Stagehand(), Pieces()
    hand.llm.mode = "down"
    hand.show.lead(pieces)
    async with hand.on_air():
        pieces.add(TurnPlan(TurnKind.SEGMENT, brief=Brief("Say goodbye.", prepared="See you tomorrow.")))
        await hand.until(lambda: bool(hand.past), 30)
        assert hand.past[0].text == "See you tomorrow."


@virtual
async def test_without_anything_prepared_a_piece_is_left_out_and_still_over() -> None:
    hand, pieces = Stagehand(), Pieces()
    over: list[FinishedTurn] = []
    hand.llm.mode = "down"
    hand.show.lead(pieces)
    async with hand.on_air():
        pieces.add(TurnPlan(TurnKind.SEGMENT, brief=Brief("Say something."), over=over.append))
        await hand.until(lambda: bool(over), 60)
        assert over[0].text == ""


@virtual
async def test_over_is_called_when_a_piece_is_skipped() -> None:
    hand, pieces = Stagehand(), Pieces()
    over: list[FinishedTurn] = []
    hand.show.lead(pieces)
    async with hand.on_air():
        pieces.add(
            TurnPlan(TurnKind.SEGMENT, lines=("This is a long story about a lighthouse. " * 6,), over=over.append)
        )
        await hand.until(lambda: len(hand.stage.heard()) > 30, 30)
        assert hand.show.skip()
        await hand.until(lambda: bool(over), 5)
        assert over[0].interrupted


@virtual
async def test_a_closed_gate_keeps_the_chat_and_lets_payments_through() -> None:
    hand, gate = Stagehand(), Gate(open=False)
    hand.show.gate_chat(gate)
    async with hand.on_air():
        await hand.chat("hi Mira, what are we playing?")
        await hand.chat("", "bob", Kind.GIFT, Money(500, "USD"))
        await hand.until(lambda: bool(hand.past), 30)
        await asyncio.sleep(15)
        assert hand.fates["m2"][0] == "answered"
        assert "m1" not in hand.fates
        gate.open = True
        hand.show.wake.notify()
        await hand.until(lambda: "m1" in hand.fates, 30)
        assert hand.fates["m1"][0] == "answered"


@virtual
async def test_a_busy_chat_passes_an_initiative_a_few_times_and_no_more() -> None:
    @dataclass
    class Due(Pieces):
        def due_in(self, now: float, quiet_since: float) -> float | None:
            return 0.0 if self.plans else None

    hand, pieces = Stagehand(), Due()
    hand.show.lead(pieces)
    async with hand.on_air():
        for n in range(8):
            await hand.chat(f"hi Mira, question number {n * 7919} about {'abcdefgh'[n] * 5}?", f"viewer{n}")
        pieces.add(TurnPlan(TurnKind.SEGMENT, lines=("Tonight we read a story.",)))
        await hand.until(lambda: any(turn.plan.kind is TurnKind.SEGMENT for turn in hand.past), 120)
        assert 1 <= len(hand.past) - 1 <= PASSED_TURNS + 1


@virtual
async def test_what_fails_at_the_end_of_a_turn_harms_no_later_one() -> None:
    def fail(_: FinishedTurn) -> None:
        raise RuntimeError("a listener is broken")

    hand, pieces = Stagehand(), Pieces()
    hand.show.lead(pieces)
    async with hand.on_air():
        pieces.add(TurnPlan(TurnKind.SEGMENT, lines=("The first piece is said.",), over=fail))
        pieces.add(TurnPlan(TurnKind.SEGMENT, lines=("The second piece is said.",)))
        await hand.until(lambda: len(hand.past) == 2, 60)
    assert [turn.text for turn in hand.past] == ["The first piece is said.", "The second piece is said."]


@virtual
async def test_a_show_that_is_cancelled_tells_what_was_heard_once() -> None:
    hand, pieces = Stagehand(), Pieces()
    over: list[FinishedTurn] = []
    hand.show.lead(pieces)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(hand.show.run())
        async with FakePage().open(hand.stage):
            pieces.add(
                TurnPlan(TurnKind.SEGMENT, lines=("A long tale of the sea. " * 9,), over=over.append, turn="t-1")
            )
            await hand.until(lambda: len(hand.stage.heard()) > 30, 30)
            running.cancel()
            await asyncio.wait({running})
    assert [turn.turn.id for turn in over] == ["t-1"]
    assert over[0].interrupted
    assert "tale" in over[0].text


@virtual
async def test_a_gate_may_let_through_what_speaks_to_the_host_alone() -> None:
    hand, gate = Stagehand(), Gate(addressed=True)
    hand.show.gate_chat(gate)
    async with hand.on_air():
        await hand.chat("what a lovely evening it is today", "ann")
        await hand.chat("Mira, what are we playing?", "bob")
        await hand.until(lambda: "m2" in hand.fates, 30)
        await asyncio.sleep(15)
        assert "m1" not in hand.fates
        gate.addressed = False
        hand.show.wake.notify()
        await hand.until(lambda: "m1" in hand.fates, 30)


@virtual
async def test_behind_a_closed_gate_the_host_does_not_speak_by_itself() -> None:
    hand, gate = Stagehand(manners=HostPolicy(greeting=False, idle_after_s=30)), Gate(open=False)
    hand.show.gate_chat(gate)
    async with hand.on_air():
        await asyncio.sleep(300)
        assert not hand.past
        gate.open = True
        hand.show.wake.notify()
        await hand.until(lambda: bool(hand.past), 40)
        assert hand.past[0].plan.kind is TurnKind.LINE


@dataclass
class Fragile(Pieces):
    """Raises while it is broken."""

    broken: str = ""
    asked: int = 0

    def next(self, now: float, quiet_since: float) -> TurnPlan | None:
        if self.broken == "next":
            self.asked += 1
            raise KeyError("next")
        return super().next(now, quiet_since)

    def due_in(self, now: float, quiet_since: float) -> float | None:
        if self.broken == "due_in":
            self.asked += 1
            raise ValueError("due_in")
        return 0.0 if self.plans else super().due_in(now, quiet_since)


@pytest.mark.parametrize("broken", ["next", "due_in"])
@virtual
async def test_an_initiative_that_fails_is_left_out_alone_told_once_and_taken_back(broken: str) -> None:
    hand, fragile, sound = Stagehand(), Fragile(broken=broken), Pieces()
    hand.show.lead(fragile)
    hand.show.lead(sound)
    told: list[str] = []
    sink = logger.add(lambda line: told.append(str(line)), level="ERROR")
    try:
        async with hand.on_air():
            fragile.add(TurnPlan(TurnKind.SEGMENT, lines=("This comes later.",)))
            sound.add(TurnPlan(TurnKind.SEGMENT, lines=("This is fine.",)))
            await hand.chat("hi Mira, what are we playing?")
            await hand.until(lambda: len(hand.past) == 2, 60)
            await asyncio.sleep(60)
            assert len(hand.past) == 2
            assert 2 <= fragile.asked <= 20
            assert sum("Fragile fails" in line for line in told) == 1
            fragile.broken = ""
            await hand.until(lambda: len(hand.past) == 3, 10)
            assert hand.past[-1].text == "This comes later."
    finally:
        logger.remove(sink)

"""Every cell of the floor's table as a scenario on the jumping clock: what comes, while who has the floor, and then."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field

import pytest
from pydantic import ValidationError

from bot.runtime.signal import Signal
from bot.show.floor_settings import FloorEvent, FloorRule, FloorSettings, FloorState, FloorTable
from bot.show.segments.segment import Brief
from bot.show.turn import FinishedTurn, TurnPlan
from bot.types import CutKind, Kind, Money, TurnKind
from tests.fakes.stage_page import FakePage
from tests.support.harness import Stagehand
from tests.support.streamer import Mic, beside
from tests.support.virtual import virtual

GRACE_S = 3.0
LONG = ("First there is this line.", "Then there is another one here.", "And then the last one of them all.")
STATES = [state for state in FloorState if state is not FloorState.FREE]
PAID = (FloorEvent.PAID, FloorEvent.PAID_LARGE)


@dataclass
class Pieces:
    """Has pieces to say, one after the other, and says so."""

    floor_event: FloorEvent = FloorEvent.SEGMENT
    plans: deque[TurnPlan] = field(default_factory=deque)
    changed: Signal = field(default_factory=Signal)

    def next(self, now: float, quiet_since: float) -> TurnPlan | None:
        del now, quiet_since
        return self.plans.popleft() if self.plans else None

    def due_in(self, now: float, quiet_since: float) -> float | None:
        del now, quiet_since
        return 0.0 if self.plans else None

    def add(self, plan: TurnPlan) -> None:
        self.plans.append(plan)
        self.changed.notify()


class Scene:
    """A host, a streamer, and something of each kind that wants to be said."""

    def __init__(self, event: FloorEvent, cells: dict[tuple[FloorEvent, FloorState], FloorRule]) -> None:
        rows: dict[str, dict[str, str]] = {}
        for (row, column), rule in cells.items():
            rows.setdefault(row.value, {})[column.value] = rule.value
        settings = FloorSettings(table=FloorTable.model_validate(rows), grace_s=GRACE_S)
        self.event = event
        self.hand = Stagehand()
        self.mic = Mic(self.hand, floor=settings)
        self.pieces = Pieces(event if event is FloorEvent.OWN_ACCORD else FloorEvent.SEGMENT)
        # What has the floor is of another kind, and below most others.
        self.others = Pieces(FloorEvent.SEGMENT if event is FloorEvent.OWN_ACCORD else FloorEvent.OWN_ACCORD)
        self.hand.show.lead(self.pieces)
        self.hand.show.lead(self.others)
        self.over: list[FinishedTurn] = []

    async def come(self) -> None:
        """Let it want to be said."""
        hand, line = self.hand, "This is what I wanted."
        match self.event:
            case FloorEvent.STREAMER:
                hand.show.answer(TurnPlan(TurnKind.STREAMER, lines=(line,)))
            case FloorEvent.OPERATOR:
                hand.show.say(line)
            case FloorEvent.PAID_LARGE:
                await hand.chat("", kind=Kind.SUPER_CHAT, amount=Money(50_00, "USD"))
            case FloorEvent.PAID:
                await hand.chat("", kind=Kind.SUPER_CHAT, amount=Money(2_00, "USD"))
            case FloorEvent.ALERT:
                await hand.chat("", kind=Kind.RAID)
            case FloorEvent.ADDRESSED:
                await hand.chat("Mira, how are you today?")
            case FloorEvent.CHAT:
                await hand.chat("what a nice evening for boats")
            case FloorEvent.SEGMENT | FloorEvent.OWN_ACCORD:
                self.pieces.add(TurnPlan(TurnKind.SEGMENT, lines=(line,), over=self.over.append))

    @property
    def sounds(self) -> bool:
        air = self.hand.show.on_air
        return air is not None and air.event is self.event and air.sounded

    async def begins(self, within_s: float) -> float:
        """Wait until it is heard; return after how many seconds."""
        began = asyncio.get_running_loop().time()
        await self.hand.until(lambda: self.sounds, within_s)
        return asyncio.get_running_loop().time() - began

    async def is_never_said(self, for_s: float = 12.0) -> None:
        end = asyncio.get_running_loop().time() + for_s
        while asyncio.get_running_loop().time() < end:
            assert not self.sounds
            await asyncio.sleep(0.02)
        assert not len(self.hand.inbox)


async def while_the_streamer_speaks(scene: Scene, rule: FloorRule) -> None:
    mic = scene.mic
    mic.begin()
    await asyncio.sleep(0.1)
    mic.heard("so I was thinking of this")
    await scene.come()
    if rule is FloorRule.CUT:
        assert await scene.begins(1.0) < 1.0
        return
    if rule is FloorRule.EXPIRE:
        await asyncio.sleep(1)
        mic.end("so I was thinking of this again")
        await scene.is_never_said()
        return
    await asyncio.sleep(3)
    assert not scene.sounds
    await mic.pause("so I was thinking of this again")
    if rule is FloorRule.NEXT_CLAUSE:
        await scene.begins(0.8)
        return
    await asyncio.sleep(0.5)
    mic.end("so I was thinking of this again")
    assert await scene.begins(6) >= GRACE_S


async def shortly_after_the_streamer_spoke(scene: Scene, rule: FloorRule) -> None:
    await scene.mic.say("so I was thinking of this again")
    await asyncio.sleep(0.5)
    await scene.come()
    if rule is FloorRule.EXPIRE:
        await scene.is_never_said()
    elif rule is FloorRule.WAIT:
        assert await scene.begins(6) >= GRACE_S - 0.6
    else:
        await scene.begins(0.8)


async def while_the_host_thinks(scene: Scene, rule: FloorRule) -> None:
    scene.hand.llm.first_s = 4.0
    before: list[FinishedTurn] = []
    scene.others.add(TurnPlan(TurnKind.SEGMENT, brief=Brief("tell something"), over=before.append))
    await scene.hand.until(lambda: scene.hand.show.on_air is not None, 1)
    await asyncio.sleep(0.5)
    await scene.come()
    scene.hand.llm.first_s = 0.1
    if rule is FloorRule.EXPIRE:
        await scene.is_never_said(20)
    elif rule is FloorRule.WAIT:
        assert await scene.begins(30) >= 3
        assert before[0].text
        assert not before[0].interrupted
    else:
        await scene.begins(1.0)
        assert [(t.text, t.cut) for t in before] == [("", CutKind.GAVE_WAY)]


async def while_the_host_speaks(scene: Scene, rule: FloorRule) -> None:
    before: list[FinishedTurn] = []
    scene.others.add(TurnPlan(TurnKind.SEGMENT, lines=LONG, over=before.append))
    await scene.hand.until(lambda: len(scene.hand.stage.heard()) > 5, 5)
    await scene.come()
    if rule is FloorRule.EXPIRE:
        await scene.is_never_said(15)
        return
    await scene.begins(20)
    match rule:
        case FloorRule.CUT:
            assert len(before[0].text) < len(LONG[0])
        case FloorRule.NEXT_CLAUSE:
            assert before[0].text == LONG[0]
        case FloorRule.WAIT:
            assert before[0].text == " ".join(LONG)
    assert before[0].interrupted is (rule is not FloorRule.WAIT)


SCENES = {
    FloorState.STREAMER: while_the_streamer_speaks,
    FloorState.GRACE: shortly_after_the_streamer_spoke,
    FloorState.THINKING: while_the_host_thinks,
    FloorState.SPEAKING: while_the_host_speaks,
}
CELLS = [
    cell
    for cell in itertools.product(FloorEvent, STATES, FloorRule)
    if not (cell[0] in PAID and cell[2] is FloorRule.EXPIRE)
]


@pytest.mark.parametrize(("event", "state", "rule"), CELLS)
@virtual
async def test_a_cell(event: FloorEvent, state: FloorState, rule: FloorRule) -> None:
    cells = {(event, state): rule}
    if state is FloorState.STREAMER:
        cells[event, FloorState.GRACE] = FloorRule.WAIT  # so that the grace is seen, too
    if state is FloorState.THINKING:
        cells[event, FloorState.SPEAKING] = FloorRule.WAIT  # what is thought of is heard in the end
    other = FloorEvent.SEGMENT if event is FloorEvent.OWN_ACCORD else FloorEvent.OWN_ACCORD
    for column in STATES:
        cells.setdefault((other, column), FloorRule.WAIT)
    scene = Scene(event, cells)
    async with beside(scene.mic):
        await SCENES[state](scene, rule)


@pytest.mark.parametrize("event", PAID)
def test_thanks_for_money_never_expire(event: FloorEvent) -> None:
    with pytest.raises(ValidationError, match="never expire"):
        FloorTable.model_validate({event.value: {"speaking": "expire"}})


def test_the_table_as_it_is() -> None:
    table = FloorTable()
    for event in FloorEvent:
        assert table.rule(event, FloorState.FREE) is FloorRule.CUT
        assert table.rule(event, FloorState.STREAMER) is not FloorRule.CUT  # nobody talks over a person by default
    assert table.rule(FloorEvent.STREAMER, FloorState.SPEAKING) is FloorRule.NEXT_CLAUSE


def test_how_large_a_payment_is_goes_by_its_currency() -> None:
    settings = FloorSettings()
    assert settings.is_large(Money(20_00, "USD"))
    assert not settings.is_large(Money(19_99, "USD"))
    assert not settings.is_large(Money(1999, "JPY"))
    assert settings.is_large(Money(2000, "jpy"))
    assert not settings.is_large(Money(10**9, "XYZ"))
    assert not settings.is_large(None)


@virtual
async def test_two_kinds_do_not_take_the_floor_from_each_other_for_ever() -> None:
    cut = {"thinking": "cut", "speaking": "cut"}
    settings = FloorSettings(table=FloorTable.model_validate({"chat": cut, "operator": cut}))
    hand = Stagehand()
    mic = Mic(hand, floor=settings)
    async with beside(mic, FakePage()):
        await hand.chat("what a nice evening for boats")
        await asyncio.sleep(0.1)
        hand.show.say("A word from the operator.")
        await hand.until(lambda: sum(bool(t.text) for t in hand.past) == 2, 60)
        assert len(hand.past) <= 4

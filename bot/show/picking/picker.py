"""Picks what is said next, and watches what takes the floor from the turn on air.

Orders come first, then answers to the streamer, the inbox, the programme, the own accord; the floor says which may.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from bot.inbox.entries import Choice, viewer_of
from bot.inbox.inbox import Inbox
from bot.persona.lines import Purpose, purpose_for
from bot.runtime.signal import Signal
from bot.show.floor import Floor
from bot.show.floor_settings import FloorEvent, FloorRule
from bot.show.performance import LEFT_OUT, Performance
from bot.show.picking.initiatives import Initiatives
from bot.show.picking.rivals import END_S, ROWS, choice_event, left_s, paid_event, rival_rule, sounding
from bot.show.picking.wording import plan_for
from bot.show.settlement import Settlement
from bot.show.turn import ChatGate, FinishedTurn, LiveTurn, Pick, TurnPlan
from bot.types import CutKind, MessageOutcome, TurnKind

#: Why a line is not answered whose viewer provoked blocked replies.
SHUNNED = "replies to this viewer were blocked again and again"
#: After a turn of which nothing was heard, the host says nothing unasked for so many seconds: what fails at once must
#: not be tried again and again.
UNHEARD_S = 3.0


class Picker:
    """All that may be said next. ``wake`` is notified by everything that may change that."""

    def __init__(
        self, *, inbox: Inbox, floor: Floor, performance: Performance, settlement: Settlement, wake: Signal
    ) -> None:
        self.inbox = inbox
        self.floor = floor
        self.orders: deque[TurnPlan] = deque()
        #: What is to be answered to the streamer.
        self.answer: TurnPlan | None = None
        self.initiatives = Initiatives(wake)
        self.gates: list[ChatGate] = []
        self.greeted = False
        #: Makes more of the greeting than a prepared line.
        self.greet: Callable[[TurnPlan], TurnPlan] = lambda plan: plan
        #: Since when nothing was heard, and when the last turn ended, heard or not; by the loop's clock.
        self.quiet_since = self.ended_at = 0.0
        self._performance = performance
        self._settlement = settlement
        self._wake = wake
        self._left_out: deque[Pick] = deque()  # taken from an initiative, and not to be said
        self._took = self._takes = False  # whether the turn on air, and the next one, took the floor from another
        performance.rivals = self.watch

    @property
    def chat_may_be_taken(self) -> bool:
        """Whether lines of the chat may be taken up, whatever the floor says."""
        return not self._performance.breaker.paused and all(gate.open for gate in self.gates)

    @property
    def idle_after_s(self) -> float:
        """After how much quiet the host speaks by itself; 0 for never, as behind a closed gate: it is a break there."""
        return self._performance.cast.policy.idle_after_s if all(gate.open for gate in self.gates) else 0.0

    @property
    def _idle_at(self) -> float:
        return max(self.quiet_since + self.idle_after_s, self.ended_at + min(UNHEARD_S, self.idle_after_s))

    @property
    def _only_addressed(self) -> bool:
        return any(gate.addressed for gate in self.gates)

    def line(self, purpose: Purpose) -> TurnPlan:
        """Return a turn that is a prepared line."""
        cast = self._performance.cast
        return TurnPlan(TurnKind.LINE, lines=(cast.lines.pick(purpose, cast.policy.language),))

    def waits(self) -> list[float]:
        """Return the seconds after which something may be said that nobody notifies of."""
        now, waits = _now(), []
        if self.idle_after_s and self.floor.admits(FloorEvent.OWN_ACCORD):
            waits.append(max(0.05, self._idle_at - now))
        if (ripe := self.inbox.ripe_in(now)) is not None and any(map(self.floor.admits, self._paid())):
            waits.append(ripe + 0.01)
        return [*waits, *self.initiatives.waits(now, self.quiet_since, self.floor.admits)]

    def began(self) -> None:
        """Take note that what was picked begins."""
        self._took, self._takes = self._takes, False

    def choose(self) -> Pick | None:
        """Return what is said now; None when there is nothing, or the floor does not allow it."""
        floor, policy = self.floor, self._performance.cast.policy
        self._leave_out(floor.leaves_out)
        if self._left_out:
            return self._left_out.popleft()
        if self.orders and floor.admits(FloorEvent.OPERATOR):
            return Pick(self.orders.popleft(), FloorEvent.OPERATOR)
        if not self.greeted and floor.admits(FloorEvent.OWN_ACCORD):
            self.greeted = True
            if policy.greeting:
                return Pick(self.greet(self.line(Purpose.GREETING)), FloorEvent.OWN_ACCORD)
        if self.answer and floor.admits(FloorEvent.STREAMER):
            plan, self.answer = self.answer, None
            return Pick(plan, FloorEvent.STREAMER)
        now = _now()
        if pick := self._choose_message(now):
            return pick
        if pick := self.initiatives.next(now, self.quiet_since, floor.admits):
            return pick
        if self.idle_after_s and now >= self._idle_at and floor.admits(FloorEvent.OWN_ACCORD):
            return Pick(self.line(Purpose.IDLE), FloorEvent.OWN_ACCORD)
        return None

    def _choose_message(self, now: float) -> Pick | None:
        cast = self._performance.cast
        chat = self.chat_may_be_taken and not self.initiatives.passed_over(now, self.quiet_since)
        groups = {group for group, event in ROWS.items() if self.floor.admits(event)}
        if any(self.floor.admits(event) for event in self._paid()):
            groups.add("paid")
        while choice := self.inbox.take_nowait(now, chat=chat, addressed=self._only_addressed, groups=groups):
            answered = self._as_may_be_answered(choice)
            if not answered.messages:
                self._settlement.end(choice.messages, MessageOutcome.DROPPED, SHUNNED)
                continue
            plan = plan_for(answered, cast.lines, cast.prompter, cast.policy)
            if plan.lines or any(m.text for m in plan.messages):
                self.initiatives.passed()
                return Pick(plan, choice_event(choice, self.floor.settings))
            why = "thanks are switched off" if plan.kind is TurnKind.THANKS else "it has no words"
            self._settlement.end(plan.messages, MessageOutcome.DROPPED, why)
        return None

    def _as_may_be_answered(self, choice: Choice) -> Choice:
        """Return a choice without what a viewer wrote to whom replies were blocked; thanks that are prepared go on."""
        breaker = self._performance.breaker
        if not (breaker.paused or breaker.shuns(viewer_of(choice.messages[0]))):
            return choice
        thanked = (m for m in choice.messages if purpose_for(m) is not None)
        return replace(choice, messages=tuple(replace(m, text="") for m in thanked))

    # --- who gives way to whom ----------------------------------------------------------------------

    def _paid(self) -> set[FloorEvent]:
        """Return the rows of the payments that wait; their order among each other stays."""
        return {paid_event(message, self.floor.settings) for message in self.inbox.payments()}

    def _waiting(self) -> set[FloorEvent]:
        """Return the rows of all that waits and might be said now."""
        now = _now()
        waiting = {ROWS[g] for g in self.inbox.waiting(chat=self.chat_may_be_taken, addressed=self._only_addressed)}
        if self.inbox.ripe_in(now) == 0:
            waiting |= self._paid()
        if self.orders:
            waiting.add(FloorEvent.OPERATOR)
        if self.answer:
            waiting.add(FloorEvent.STREAMER)
        return waiting | self.initiatives.due(now, self.quiet_since)

    def _leave_out(self, leaves_out: Callable[[FloorEvent], bool]) -> None:
        """Drop what waits and is not to be said any more, now that another has the floor."""
        if not any(map(leaves_out, FloorEvent)):
            return
        for group, event in ROWS.items():
            if leaves_out(event):
                self.inbox.leave_out(group, LEFT_OUT)
        if leaves_out(FloorEvent.OPERATOR):
            self.orders.clear()
        if leaves_out(FloorEvent.STREAMER):
            self.answer = None
        if leaves_out(FloorEvent.OWN_ACCORD):
            self.quiet_since = _now()
        if pick := self.initiatives.next(_now(), self.quiet_since, leaves_out):
            self._left_out.append(pick._replace(expired=True))

    async def watch(self, air: LiveTurn) -> None:
        """Interrupt the turn on air for what comes before it by the table: at once, or when its clause ends."""
        floor, last = self.floor, None
        table, state, expiring = None, None, frozenset[FloorEvent]()
        while True:
            if floor.table is not table or air.state is not state:
                table, state = floor.table, air.state
                expiring = frozenset(e for e in FloorEvent if table.rule(e, state) is FloorRule.EXPIRE)
            self._leave_out(expiring.__contains__)
            waiting = {event for event in self._waiting() if floor.admits(event)}
            rule = rival_rule(air, waiting, floor.settings, took=self._took)
            if rule is FloorRule.NEXT_CLAUSE:
                last = last or sounding(self._performance.stage.clips)
            left = math.inf if rule is FloorRule.WAIT else left_s(last) if last and rule is not FloorRule.CUT else 0.0
            if left <= END_S:
                await asyncio.sleep(left)
                self._takes = True
                floor.interrupt(CutKind.GAVE_WAY, "something else took the floor")
                return
            await self._wake.wait(None if left == math.inf else left - END_S)

    def ended(self, past: FinishedTurn | None = None) -> None:
        """Take note that a turn is over, or that the show begins. One of which nothing was heard ends no quiet."""
        self.ended_at = _now()
        if past is None or past.text:
            self.quiet_since = self.ended_at

    def put_back(self, pick: Pick, past: FinishedTurn) -> None:
        """Queue an order or an answer to the streamer again that gave way before a word of it was heard."""
        plan = pick.plan
        if past.text or past.cut not in (CutKind.BARGED_IN, CutKind.GAVE_WAY) or plan.turn or not self.floor.open:
            return
        if pick.event is FloorEvent.OPERATOR:
            self.orders.appendleft(plan)
        elif pick.event is FloorEvent.STREAMER and self.answer is None:
            self.answer = plan


def _now() -> float:
    return asyncio.get_running_loop().time()

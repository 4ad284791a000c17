"""The loop that is the architecture: pick what to say next, and perform it, one turn at a time.

orders ────┐
streamer ──┤
inbox ─────┼─▶ pick ─▶ Performance (think ─▶ guard ─▶ speak ─▶ commit what was heard)
programme ─┤
idle ──────┘

Whether each of them may speak just now, the floor says: `bot.show.floor`, docs/floor.md.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from bot.errors import Refused
from bot.inbox.inbox import Inbox
from bot.mind.memory.history import History
from bot.persona.lines import Purpose
from bot.runtime.metering import paid_for
from bot.runtime.signal import Signal
from bot.show.breaker import BlockBreaker
from bot.show.composer import Composer
from bot.show.floor import Floor
from bot.show.floor_settings import FloorEvent, FloorState
from bot.show.observer import Observer
from bot.show.outbound import Outbound
from bot.show.performance import Cast, Performance
from bot.show.picking.picker import Picker
from bot.show.settlement import Settlement
from bot.show.turn import ChatGate, FinishedTurn, Initiative, Judge, LiveTurn, Opinions, Pick, TurnPlan, TurnRecorder
from bot.stage.clip import ClausePlayback
from bot.stage.hub import Overlay
from bot.types import CutKind, Retraction, TurnKind
from bot.voice.speaker import Speaker
from moderation.worker import Worker

MAX_ORDERS = 8
#: Longest sleep of the loop, in seconds: what grows old in the inbox leaves with its reason at the latest then.
LOOK_S = 5.0


class Show(Observer):
    """One host on one stage.

    ``wake`` is notified by everything that may give the host something to say: the inbox, the floor, the stage.
    """

    def __init__(
        self,
        *,
        cast: Cast,
        inbox: Inbox,
        floor: Floor,
        stage: Overlay,
        composer: Composer,
        history: History,
        speaker: Speaker[ClausePlayback],
        judge: Judge,
        recorder: TurnRecorder,
        observer: Observer | None = None,
        opinions: Opinions | None = None,
        worker: Worker | None = None,
    ) -> None:
        observer = observer or Observer()
        self.cast = cast
        self.inbox = inbox
        self.floor = floor
        self.stage = stage
        self.composer = composer
        self.history = history
        self.speaker = speaker
        self.wake = Signal()
        settlement = Settlement(inbox, observer)
        self.performance = Performance(
            cast=cast,
            floor=floor,
            stage=stage,
            composer=composer,
            history=history,
            speaker=speaker,
            outbound=Outbound(judge, opinions, worker),
            recorder=recorder,
            settlement=settlement,
            observer=observer,
        )
        self._picker = Picker(
            inbox=inbox, floor=floor, performance=self.performance, settlement=settlement, wake=self.wake
        )
        self._farewell = False
        for signal in (inbox.arrived, stage.changed):
            signal.lead_to(self.wake)
        floor.changed.lead_to(stage.changed)  # what is held back on its way to the stage waits for the floor

    @property
    def on_air(self) -> LiveTurn | None:
        """The turn on air, if there is one."""
        return self.performance.on_air

    @property
    def turns(self) -> Sequence[FinishedTurn]:
        """The last turns, the newest last."""
        return self.performance.turns

    @property
    def breaker(self) -> BlockBreaker:
        """What pauses the answers to the chat when replies are blocked again and again."""
        return self.performance.breaker

    @property
    def takes_chat(self) -> bool:
        """Whether lines of the chat are taken up just now."""
        return self._picker.chat_may_be_taken and self.floor.open and self.stage.audible

    @property
    def quiet_since(self) -> float:
        """Since when no turn is on air, by the loop's clock; of the last one perhaps nothing was heard."""
        return self._picker.ended_at

    @property
    def unheard_since(self) -> float:
        """Since when nothing was heard or shown, by the loop's clock."""
        return self._picker.quiet_since

    @property
    def floor_state(self) -> FloorState:
        """Who has the floor just now."""
        if self.floor.streamer is not FloorState.FREE:
            return self.floor.streamer
        return self.on_air.state if self.on_air else FloorState.FREE

    def lead(self, initiative: Initiative) -> None:
        """Ask an initiative for something to say when no message waits, after those that were added before."""
        self._picker.initiatives.add(initiative)

    def greet_with(self, greet: Callable[[TurnPlan], TurnPlan]) -> None:
        """Make more of the greeting than a prepared line: ``greet`` is given its turn, and returns another."""
        self._picker.greet = greet

    def gate_chat(self, gate: ChatGate) -> None:
        """Take up lines of the chat only while a gate is open; its owner notifies ``wake`` when that changes."""
        self._picker.gates.append(gate)

    # --- orders -----------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Queue words to be spoken next. Raises `Refused` when too many wait, or the host is stopped."""
        if not self.floor.open:
            raise Refused("the host is stopped", remedy="Arm it again first.")
        if not self.order(TurnPlan(TurnKind.SAY, lines=(text,))):
            raise Refused("too many things to say are waiting", remedy="Wait until one was said.")

    def order(self, plan: TurnPlan) -> bool:
        """Queue a turn to be performed next; return False when too many wait, or the host is stopped."""
        if not self.floor.open or len(self._picker.orders) >= MAX_ORDERS:
            return False
        self._picker.orders.append(plan)
        self.wake.notify()
        return True

    def answer(self, plan: TurnPlan) -> None:
        """Queue an answer to the streamer for when the floor allows it; an answer that waits gives place to it."""
        if self.floor.open:
            self._picker.answer = plan
            self.wake.notify()

    def holds(self, plan: TurnPlan) -> bool:
        """Return whether a turn that was ordered, or answers the streamer, still waits or is on air."""
        waits = self._picker.answer is plan or any(one is plan for one in self._picker.orders)
        return waits or (self.on_air is not None and self.on_air.plan is plan)

    def withdraw(self, plan: TurnPlan, reason: str) -> None:
        """Take such a turn back: from what waits, or from the air."""
        self._picker.orders = deque(one for one in self._picker.orders if one is not plan)
        if self._picker.answer is plan:
            self._picker.answer = None
        if self.on_air is not None and self.on_air.plan is plan:
            self.floor.interrupt(CutKind.RETRACTED, reason)

    def line(self, purpose: Purpose) -> None:
        """Queue a prepared line to be spoken next, unless much is waiting."""
        if len(self._picker.orders) < MAX_ORDERS:
            self._picker.orders.append(self._picker.line(purpose))
            self.wake.notify()

    def stop(self, reason: str) -> None:
        """Silence the host until `rearm`; what was ordered is forgotten."""
        self._picker.orders.clear()
        self._picker.answer = None
        self.floor.stop(reason)
        self.performance.show_state()

    def rearm(self) -> None:
        """Release a stop: a person has looked at why the host was silent."""
        self.breaker.rearm()
        self.floor.rearm()
        self.performance.show_state()

    def close(self) -> None:
        """Refuse every further turn but a goodbye: the show is ending."""
        self._farewell = self.cast.policy.greeting and self._picker.greeted
        self.floor.close()

    def skip(self, reason: str = "skipped by the operator") -> bool:
        """Cut the turn on air; return False when there is none."""
        if self.on_air is None:
            return False
        self.floor.interrupt(CutKind.SKIPPED, reason)
        return True

    def retracted(self, retraction: Retraction) -> None:
        """Take back what was deleted: from the queue, from the air, from the history."""
        self.inbox.retract(retraction)
        self.performance.retract(retraction)

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer: what they wrote leaves the queue and the history. What they paid is still thanked for."""
        self.inbox.forget(source, viewer)
        self.history.retract(Retraction(source, author=viewer))

    def pending(self) -> Mapping[int, float]:
        """Return the clauses on air that are held back: index, and the seconds until each may be heard."""
        return self.speaker.release.waiting()

    # --- the loop ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take turn after turn until the floor is closed."""
        picker = self._picker
        picker.ended()
        self.performance.show_state()
        while (pick := await self._next()) is not None:
            picker.began()
            try:
                with paid_for(pick.plan.for_money):
                    await self.performance.perform(pick)
            finally:
                if self.breaker.silent and not self.floor.stopped:
                    self.stop(self.breaker.reason)
            picker.put_back(pick, self.turns[-1])
            picker.ended(self.turns[-1])
            self.performance.show_state()

    async def _next(self) -> Pick | None:
        """Wait for something to say; return None when the show ends."""
        while not self.floor.closing:
            if self.floor.open and self.stage.audible:
                if pick := self._picker.choose():
                    return pick
                await self.wake.wait(min([LOOK_S, *self._picker.waits()]))
            else:
                self.inbox.expire(_now())
                await self.wake.wait(1.0)
        if self._farewell and self.stage.audible and not self.floor.stopped:
            self._farewell = False
            return Pick(self._picker.line(Purpose.GOODBYE), FloorEvent.OPERATOR)
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()

"""The loop that is the architecture: pick what to say next, and perform it, one turn at a time.

orders ────┐
inbox ─────┼─▶ pick ─▶ Performance (think ─▶ guard ─▶ speak ─▶ commit what was heard)
programme ─┤
idle ──────┘
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.errors import Refused
from bot.inbox.entries import MAX_COUNTED, viewer_of
from bot.inbox.inbox import Choice, Inbox
from bot.inbox.payments import combined
from bot.mind.memory.history import History
from bot.persona.lines import Purpose, event_values, purpose_for
from bot.runtime.signal import Signal
from bot.show.breaker import BlockBreaker
from bot.show.composer import Composer
from bot.show.floor import Floor
from bot.show.observer import Observer
from bot.show.outbound import Outbound
from bot.show.performance import Cast, Performance
from bot.show.settlement import Settlement
from bot.show.turn import ChatGate, FinishedTurn, Initiative, Judge, LiveTurn, Opinions, TurnPlan, TurnRecorder
from bot.stage.clip import ClausePlayback
from bot.stage.hub import Overlay
from bot.types import CutKind, MessageOutcome, Retraction, TurnKind
from bot.voice.speaker import Speaker
from moderation.worker import Worker

#: From so many viewers on, the reply begins by saying that they all asked; of more than are counted it says nothing.
MANY_ASK = 3
MAX_ORDERS = 8
#: Answers to the chat, and seconds of them, for which an initiative that has something to say waits at most.
PASSED_TURNS, PASSED_S = 2, 45.0
#: Longest sleep of the loop, in seconds: what grows old in the inbox leaves with its reason at the latest then.
LOOK_S = 5.0
#: Why a line is not answered whose viewer provoked blocked replies.
SHUNNED = "replies to this viewer were blocked again and again"


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
        self._settlement = Settlement(inbox, observer)
        self.performance = Performance(
            cast=cast,
            floor=floor,
            stage=stage,
            composer=composer,
            history=history,
            speaker=speaker,
            outbound=Outbound(judge, opinions, worker),
            recorder=recorder,
            settlement=self._settlement,
            observer=observer,
        )
        self._initiatives: list[Initiative] = []
        self._gates: list[ChatGate] = []
        self._passed = 0  # answers since an initiative has something to say
        self._due_since: float | None = None
        self._orders: deque[TurnPlan] = deque()
        self._greeted = False
        self._farewell = False
        #: Since when nothing was said, by the loop's clock.
        self.quiet_since = 0.0
        for signal in (inbox.arrived, floor.changed, stage.changed):
            signal.lead_to(self.wake)

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
        return self._chat_may_be_taken and self.floor.open and self.stage.audible

    @property
    def _chat_may_be_taken(self) -> bool:
        return not self.breaker.paused and all(gate.open for gate in self._gates)

    @property
    def _idle_after_s(self) -> float:
        """After how much quiet the host speaks by itself; 0 for never, as behind a closed gate: it is a break there."""
        return self.cast.policy.idle_after_s if all(gate.open for gate in self._gates) else 0.0

    def lead(self, initiative: Initiative) -> None:
        """Ask an initiative for something to say when no message waits, after those that were added before."""
        self._initiatives.append(initiative)
        initiative.changed.lead_to(self.wake)

    def gate_chat(self, gate: ChatGate) -> None:
        """Take up lines of the chat only while a gate is open; its owner notifies ``wake`` when that changes."""
        self._gates.append(gate)

    # --- orders -----------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Let words be spoken next. Raises `Refused` when too many wait, or the host is stopped."""
        if not self.floor.open:
            raise Refused("the host is stopped", remedy="Arm it again first.")
        if not self.order(TurnPlan(TurnKind.SAY, lines=(text,))):
            raise Refused("too many things to say are waiting", remedy="Wait until one was said.")

    def order(self, plan: TurnPlan) -> bool:
        """Let a turn be performed next; return False when too many wait, or the host is stopped."""
        if not self.floor.open or len(self._orders) >= MAX_ORDERS:
            return False
        self._orders.append(plan)
        self.wake.notify()
        return True

    def holds(self, plan: TurnPlan) -> bool:
        """Return whether an ordered turn still waits or is on air."""
        return any(one is plan for one in self._orders) or (self.on_air is not None and self.on_air.plan is plan)

    def withdraw(self, plan: TurnPlan, reason: str) -> None:
        """Take an ordered turn back: from what waits, or from the air."""
        self._orders = deque(one for one in self._orders if one is not plan)
        if self.on_air is not None and self.on_air.plan is plan:
            self.floor.interrupt(CutKind.RETRACTED, reason)

    def line(self, purpose: Purpose) -> None:
        """Let a prepared line be spoken next, unless much is waiting."""
        if len(self._orders) < MAX_ORDERS:
            self._orders.append(self._line(purpose))
            self.wake.notify()

    def stop(self, reason: str) -> None:
        """Silence the host until `rearm`; what was ordered is forgotten."""
        self._orders.clear()
        self.floor.stop(reason)
        self.performance.show_state()

    def rearm(self) -> None:
        """Let the host speak again: a person has looked at why it was silent."""
        self.breaker.rearm()
        self.floor.rearm()
        self.performance.show_state()

    def close(self) -> None:
        """Let no further turn begin but a goodbye: the show is ending."""
        self._farewell = self.cast.policy.greeting and self._greeted
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
        self.quiet_since = _now()
        self.performance.show_state()
        while (plan := await self._next()) is not None:
            try:
                await self.performance.perform(plan)
            finally:
                if self.breaker.silent and not self.floor.stopped:
                    self.stop(self.breaker.reason)
            self.quiet_since = _now()
            self.performance.show_state()

    async def _next(self) -> TurnPlan | None:
        """Wait for something to say; return None when the show ends."""
        while not self.floor.closing:
            if self.floor.open and self.stage.audible:
                if plan := self._choose():
                    return plan
                waits = [LOOK_S]
                if self._idle_after_s:
                    waits.append(max(0.05, self.quiet_since + self._idle_after_s - _now()))
                if (ripe := self.inbox.ripe_in(_now())) is not None:
                    waits.append(ripe + 0.01)
                due = (one.due_in(_now(), self.quiet_since) for one in self._initiatives)
                waits += [max(0.01, seconds) for seconds in due if seconds is not None]
                await self.wake.wait(min(waits))
            else:
                self.inbox.expire(_now())
                await self.wake.wait(1.0)
        if self._farewell and self.stage.audible and not self.floor.stopped:
            self._farewell = False
            return self._line(Purpose.GOODBYE)
        return None

    def _choose(self) -> TurnPlan | None:
        policy = self.cast.policy
        if self._orders:
            return self._orders.popleft()
        if not self._greeted:
            self._greeted = True
            if policy.greeting:
                return self._line(Purpose.GREETING)
        chat = self._chat_may_be_taken and not self._passed_over()
        addressed = any(gate.addressed for gate in self._gates)
        while choice := self.inbox.take_nowait(_now(), chat=chat, addressed=addressed):
            answered = self._as_may_be_answered(choice)
            if not answered.messages:
                self._settlement.end(choice.messages, MessageOutcome.DROPPED, SHUNNED)
                continue
            plan = self._plan_for(answered)
            if plan.lines or any(m.text for m in plan.messages):
                self._passed += 1
                return plan
            why = "thanks are switched off" if plan.kind is TurnKind.THANKS else "it has no words"
            self._settlement.end(plan.messages, MessageOutcome.DROPPED, why)
        for initiative in self._initiatives:
            if own := initiative.next(_now(), self.quiet_since):
                self._due_since = None
                return own
        if self._idle_after_s and _now() >= self.quiet_since + self._idle_after_s:
            return self._line(Purpose.IDLE)
        return None

    def _passed_over(self) -> bool:
        """Return whether an initiative has waited long enough behind the chat; payments still go first."""
        now = _now()
        if not any(one.due_in(now, self.quiet_since) == 0 for one in self._initiatives):
            self._due_since = None
            return False
        if self._due_since is None:
            self._due_since, self._passed = now, 0
        return self._passed >= PASSED_TURNS or now - self._due_since >= PASSED_S

    def _as_may_be_answered(self, choice: Choice) -> Choice:
        """Return a choice without what a viewer wrote to whom replies were blocked; thanks that are prepared go on."""
        if not (self.breaker.paused or self.breaker.shuns(viewer_of(choice.messages[0]))):
            return choice
        thanked = (m for m in choice.messages if purpose_for(m) is not None)
        return replace(choice, messages=tuple(replace(m, text="") for m in thanked))

    def _line(self, purpose: Purpose) -> TurnPlan:
        return TurnPlan(TurnKind.LINE, lines=(self.cast.lines.pick(purpose, self.cast.policy.language),))

    def _plan_for(self, choice: Choice) -> TurnPlan:
        first, policy = choice.messages[0], self.cast.policy
        language = self.cast.prompter.answer_language(first.text, policy.language)
        purpose = purpose_for(first)
        if purpose is None:
            many = MANY_ASK <= choice.viewers < MAX_COUNTED
            lead = (self.cast.lines.pick(Purpose.MANY_ASK, language, count=choice.viewers),) if many else ()
            return TurnPlan(TurnKind.ANSWER, choice, lead, language)
        thanks = self._thanks(choice, purpose, language) if policy.thanks else ()
        return TurnPlan(TurnKind.THANKS, choice, thanks, language)

    def _thanks(self, choice: Choice, purpose: Purpose, language: str) -> tuple[str, ...]:
        """Word the thanks: one line for a run of gifts, one for several viewers whose gifts share a turn."""
        lines = self.cast.lines
        if choice.viewers > 1 and choice.group == "paid":
            names = tuple(dict.fromkeys(m.author.name for m in choice.messages))
            values = {"name": names, "count": len(choice.messages)}
            return (lines.pick(Purpose.THANKS_MANY, language, **values),)
        return (lines.pick(purpose, language, **event_values(combined(choice.messages))),)


def _now() -> float:
    return asyncio.get_running_loop().time()

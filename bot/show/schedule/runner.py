"""Plays the programme: one segment at a time, each run once.

clock, events, orders ─▶ Agenda (what is due, what waits) ─▶ Runner ─▶ the kind's ``perform`` over `AiredSegment`
                                                              └─▶ Keeper ─▶ the store: a crash resumes a run

What opens and closes a segment is written down before it is said, with the id of its turn. After a crash the record of
turns knows whether anybody heard it: then it is not said again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loguru import logger

from bot.errors import HaishinError
from bot.inbox.entries import Offer
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.show.observer import Observer
from bot.show.schedule.agenda import BY_ORDER, Agenda, Facts, NoFacts
from bot.show.schedule.file import ProgrammeFile
from bot.show.schedule.host import AiredSegment, Hands, NoHands
from bot.show.schedule.keeper import Keeper
from bot.show.schedule.performing import KEEP_S, perform
from bot.show.schedule.programme import Overlap
from bot.show.schedule.speech import Speech
from bot.show.segments.segment import ChatMode
from bot.show.turn import FinishedTurn
from bot.store.programme import SegmentRun, forget_viewer
from bot.store.tables import RunPhase, RunState
from bot.text.sanitize import has_word
from bot.types import Kind, Message, Retraction, TurnKind
from moderation import Verdict

#: The wall clock is looked at so often, in seconds: it may have been set, or the machine may have slept.
TICK_S = 5.0
#: How far back a start looks for runs.
REMEMBERED = dt.timedelta(days=2)
MAX_PAST = 100
#: Under this name the programme's own state is remembered; no segment can have it.
STATE = "#programme"
_ANSWERS = (TurnKind.ANSWER, TurnKind.THANKS, TurnKind.SAY, TurnKind.STREAMER)


class Runner(Observer):
    """Plays a programme. ``changed`` is notified of everything that `state` shows."""

    def __init__(
        self,
        speech: Speech,
        keeper: Keeper,
        clock: Callable[[], dt.datetime],
        *,
        facts: Facts | None = None,
        hands: Hands | None = None,
        tick_s: float = TICK_S,
    ) -> None:
        self.changed = Signal()
        self.agenda = Agenda(ProgrammeFile(), clock())
        self.air: AiredSegment | None = None
        self.held = False
        self.fault = ""
        self.past: deque[SegmentRun] = deque(maxlen=MAX_PAST)
        self._speech = speech
        self._keeper = keeper
        self._clock = clock
        self._facts = facts or NoFacts()
        self._hands = hands or NoHands()
        self._tick_s = tick_s
        self._memories: dict[str, dict[str, Any]] = {}
        self._wake = Signal()
        self._wake.lead_to(self.changed)
        self._ended_at = self._kept_at = 0.0
        speech.changed.lead_to(self._wake)

    # --- the programme in force -----------------------------------------------------------------------

    def adopt(self, file: ProgrammeFile, times: Mapping[str, dt.datetime] | None = None) -> None:
        """Take over a programme; the segment on air goes on to its end. ``times``: see `Agenda.adopt`."""
        self.fault = ""
        for run in self.agenda.adopt(file, times):
            self._note(run)
        self._wake.notify()

    def refuse(self, fault: str) -> None:
        """Show what is wrong with a new programme; the one before stays in force."""
        self.fault = fault
        logger.error("the programme is not taken over: {}", fault)
        self.changed.notify()

    # --- the loop -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Play the programme; runs as long as the show."""
        resumed = await self._take_up()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keeper.run())
            if resumed is not None:
                self._start(group, resumed)
            while True:
                self._look()
                if self.air is None and not self._speech.closing:
                    run = self.agenda.take(self._facts, ordered=self.held)
                    if run is not None:
                        self._start(group, run)
                elif self.air is not None and self._speech.closing:
                    self.air.end("the show is ending")
                await self._wake.wait(self._until_next())

    async def _take_up(self) -> SegmentRun | None:
        """Take up what an earlier start left; return the run that was on air and goes on."""
        self.air = None  # after a failure of this part, too
        self._speech.treat_chat(ChatMode.ALL)
        waits = backoff()
        while True:
            try:
                saved = await self._keeper.records.load(self._clock() - REMEMBERED)
                break
            except HaishinError as error:  # without the record things would be announced twice
                logger.error("the programme waits for its record: {}", error)
                await asyncio.sleep(next(waits))
        now, file = self._clock(), self.agenda.file
        state = saved.memories.get(STATE, {})
        self._memories = {name: value for name, value in saved.memories.items() if name != STATE}
        self.held = bool(state.get("held"))
        seen = _moment(state.get("seen"), now)
        self.agenda = Agenda(file, seen, saved.runs)
        self.past.extend(run for run in saved.runs if not run.alive)
        resumed: SegmentRun | None = None
        for run in saved.runs:
            if not run.alive:
                continue
            planned = file.planned.get(run.segment)
            if planned is not None and run.state is RunState.WAITING:
                self.agenda.restore(run)
            elif planned is not None and resumed is None and (now - seen).total_seconds() <= planned.segment.late:
                resumed = run
                if run.turn and has_word(await self._heard(run.turn)):
                    run.phase = RunPhase.BODY if run.phase is RunPhase.OPENING else run.phase
                    run.turn = ""
            else:
                run.state, run.note, run.ended_at = RunState.CUT, "the host was away too long to go on with it", now
                self._note(run)
        return resumed

    async def _heard(self, turn: str) -> str:
        try:
            return await self._keeper.records.heard(turn)
        except HaishinError as error:
            logger.error("whether a segment was announced is not known: {}", error)
            return "unknown"  # rather not announced than announced twice

    def _look(self) -> None:
        """Queue what is due, and end what is cut by it."""
        now = self._clock()
        changed = self.agenda.look(now, busy=self.air is not None)
        if self.air is None and not self.agenda.waiting and not self.held and not self._speech.closing:
            changed += self.agenda.quiet(now, self._quiet_s())
        for run in [*changed, *self.agenda.late(now)]:
            self._note(run)
        if self.air is not None and not self.held:
            for run in changed:
                overlap = self.agenda.file.planned[run.segment].segment.overlap
                if run.state is RunState.WAITING and overlap is Overlap.CUT:
                    self.agenda.reorder([run.segment])
                    self.air.end(f"cut by {run.segment}")
                    self._speech.interrupt()
        if _now() - self._kept_at >= KEEP_S:
            self._keep_state()

    def _quiet_s(self) -> float:
        """Return for how long nothing has been said and no segment was on."""
        return min(self._speech.quiet_s(), _now() - self._ended_at)

    def _until_next(self) -> float:
        waits = [self._tick_s]
        if (at := self.agenda.next_at()) is not None:
            waits.append((at - self._clock()).total_seconds())
        if self.air is None and (quiet := self.agenda.next_quiet_s()) is not None:
            waits.append(quiet - self._quiet_s())
        if self.air is None and self.agenda.waiting:
            waits.append(1.0)  # a condition may be met
        return max(0.001, min(waits))

    def _keep_state(self) -> None:
        self._kept_at = _now()
        self._keeper.remember(STATE, {"seen": self.agenda.seen.isoformat(), "held": self.held})

    def _note(self, run: SegmentRun) -> None:
        """Write down how a run stands, and show it."""
        if run.state is not RunState.MISSED or run.cause != "missed":
            self._keeper.put(run)
        if not run.alive:
            self.past.append(run)
            logger.info("the segment {} is {}{}", run.segment, run.state, f": {run.note}" if run.note else "")
        self.changed.notify()

    # --- one segment ----------------------------------------------------------------------------------

    def _start(self, group: asyncio.TaskGroup, run: SegmentRun) -> None:
        file = self.agenda.file
        run.state, run.started_at = RunState.ON_AIR, run.started_at or self._clock()
        memory = self._memories.setdefault(run.segment, {})
        self.air = AiredSegment(
            run, file.planned[run.segment], file.path.parent, memory, self._speech, self._hands, self._keeper,
            self._clock, _now(), run.aired_s,
        )  # fmt: skip
        self._note(run)
        logger.info("the segment {} is on", run.segment)
        group.create_task(self._perform(self.air), name=f"segment {run.segment}")

    async def _perform(self, air: AiredSegment) -> None:
        self._speech.treat_chat(air.chat)
        await perform(air)
        await self._leave(air)

    async def _leave(self, air: AiredSegment) -> None:
        """End a run: what follows it waits, and the chat is answered as ever."""
        run = air.segment_run
        run.aired_s = air.aired_s
        self._speech.treat_chat(ChatMode.ALL)
        self._hands.segment(air.planned.segment, begins=False)
        await self._hands.invite("")
        if self._speech.closing:
            self._keeper.put(run)  # it goes on after the next start
            self._keep_state()
        else:
            for name in air.planned.segment.cues.end:
                await air.cue(name, {"segment": run.segment})
            for follower in self.agenda.follow(run.segment, self._clock()):
                self._note(follower)
            air.forget_run()
            run.state = RunState.CUT if air.ending or run.note else RunState.DONE
            run.note, run.ended_at = run.note or air.ending, self._clock()
            self._note(run)
        self.air = None
        self._ended_at = _now()
        self._wake.notify()

    # --- what happens: see `bot.show.observer.Observer` -----------------------------------------------

    def read(self, message: Message) -> str:
        """Hand a line of the chat to the segment on air; return why it is not answered, when it is read as a vote."""
        if self.air is None:
            return ""
        self.air.hear(message)
        votes = self.air.chat is ChatMode.VOTES
        return f"read by the segment {self.air.segment_run.segment}" if votes else ""

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Queue the segments that an event calls."""
        del verdict, offer
        if message.kind is not Kind.CHAT:
            for run in self.agenda.event(message.kind, self._clock()):
                self._note(run)
                self._wake.notify()

    def retracted(self, retraction: Retraction) -> None:
        """Take back what a platform deleted from the segment on air."""
        if self.air is not None:
            self.air.retracted(retraction)

    def turn_over(self, turn: FinishedTurn) -> None:
        """Note that the segment on air was interrupted."""
        if self.air is not None and turn.plan.kind in _ANSWERS:
            self.air.interrupted = True

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer in what the segments remember; on the disk `bot.store.retention` does it."""
        for name, memory in self._memories.items():
            if forget_viewer(memory, viewer, source):
                self._keeper.remember(name, memory)

    # --- for `bot.show.schedule.state.Desk` -----------------------------------------------------------------

    def call(self, name: str) -> None:
        """Queue a segment as the next one by a person's order. Raises `Refused`."""
        for run in self.agenda.call(name, self._clock(), BY_ORDER):
            self._note(run)
        self.agenda.reorder([name])
        self._wake.notify()

    def end(self, why: str) -> bool:
        """End the segment on air, in mid-sentence; return False when there is none."""
        if self.air is None:
            return False
        self.air.end(why)
        self._speech.interrupt()
        return True

    def hold(self, *, on: bool) -> None:
        """Start nothing by itself while held; what is due then may be missed."""
        self.held = on
        self._keep_state()
        self._wake.notify()

    def leave_out(self, name: str, why: str) -> bool:
        """Remove a segment from what waits; return False when it does not wait."""
        gone = self.agenda.leave_out(name, why)
        for run in gone:
            self._note(run)
        return bool(gone)

    def reorder(self, names: Sequence[str]) -> None:
        """Move the waiting runs of these segments to the front, in this order."""
        self.agenda.reorder(names)
        self._wake.notify()


def _moment(text: object, now: dt.datetime) -> dt.datetime:
    """Return a moment that was written down; now, when there is none."""
    try:
        found = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return now
    return found if found.tzinfo else now


def _now() -> float:
    return asyncio.get_running_loop().time()

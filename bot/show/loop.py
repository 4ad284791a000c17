"""The loop that is the architecture: pick, think, guard, speak, and commit what was heard.

    inbox ─▶ pick ─▶ Composer (think) ─▶ guard ∥ Speaker (speak) ─▶ stage ─▶ heard ─▶ ledger, history

One turn at a time, and one turn is one task. Every way to interrupt it goes through `Show._interrupt`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace

from loguru import logger

from bot.errors import Refused
from bot.inbox.entries import MAX_COUNTED
from bot.inbox.inbox import Choice, Inbox
from bot.inbox.payments import combined
from bot.mind.memory.history import History
from bot.mind.prompt import Prompter
from bot.persona.lines import Lines, Purpose, event_values, purpose_for
from bot.runtime.signal import Signal
from bot.show.breaker import BlockBreaker, BlockedClause
from bot.show.composer import Composer, CompositionRequest
from bot.show.floor import Cut, Floor
from bot.show.outbound import Outbound
from bot.show.settlement import Settlement
from bot.show.turn import FinishedTurn, HostPolicy, Judge, Ledger, LiveTurn, Opinions, TurnPlan
from bot.stage.clip import ClausePlayback
from bot.stage.hub import Overlay
from bot.telemetry.timeline import Timeline
from bot.types import Clause, Message, Playback, Retraction, Spoken, Turn
from bot.voice.speaker import Speaker
from moderation import Action, Verdict

#: Clauses composed ahead of the one being spoken.
CLAUSES_AHEAD = 8
#: How often what was heard so far is written down, in seconds; a crash loses at most so much.
RECORD_EVERY_S = 0.5
KEPT_TURNS = 50
#: From so many viewers on, the reply begins by saying that they all asked; of more than are counted it says nothing.
MANY_ASK = 3
MAX_ORDERS = 8


class Show:
    """One host on one stage."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        floor: Floor,
        stage: Overlay,
        composer: Composer,
        prompter: Prompter,
        history: History,
        speaker: Speaker[ClausePlayback],
        judge: Judge,
        ledger: Ledger,
        lines: Lines,
        manners: HostPolicy,
        pulse: Signal,
        on_turn: Callable[[FinishedTurn], None] = lambda _p: None,
        on_outcome: Callable[[Message, str, str], None] = lambda _m, _o, _r: None,
        on_verdict: Callable[[Verdict], None] = lambda _v: None,
        on_block: Callable[[BlockedClause], None] = lambda _b: None,
        opinions: Opinions | None = None,
    ) -> None:
        self.inbox, self.floor, self.stage = inbox, floor, stage
        self.composer, self.prompter, self.history = composer, prompter, history
        self.speaker, self.ledger, self.lines = speaker, ledger, lines
        self.manners = manners
        self.outbound = Outbound(judge, opinions)
        self.guard = BlockBreaker(self._now)
        self.on_air: LiveTurn | None = None
        self.turns: deque[FinishedTurn] = deque(maxlen=KEPT_TURNS)
        self._pulse = pulse
        self._on_turn, self._on_verdict, self._on_block = on_turn, on_verdict, on_block
        self._settling = Settlement(inbox, ledger, on_outcome)
        self._orders: deque[TurnPlan] = deque()
        self._greeted = False
        self._quiet_since = 0.0
        stage.on_playback = self._heard_something
        stage.on_sound = self._first_sound

    # --- orders -----------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Let words spoken next. Raises `Refused` when too many wait, or the host is stopped."""
        if not self.floor.open:
            raise Refused("the host is stopped", remedy="Arm it again first.")
        if len(self._orders) >= MAX_ORDERS:
            raise Refused("too many things to say are waiting", remedy="Wait until one was said.")
        self._orders.append(TurnPlan("say", lines=(text,)))
        self._pulse.notify()

    def line(self, purpose: Purpose) -> None:
        """Let a prepared line spoken next, unless much is waiting."""
        if len(self._orders) < MAX_ORDERS:
            self._orders.append(TurnPlan("line", lines=(self.lines.pick(purpose, self.manners.language),)))
            self._pulse.notify()

    def stop(self, reason: str) -> None:
        """Silence the host until `rearm`; what was ordered is forgotten."""
        self._orders.clear()
        self.floor.stop(reason)
        self._show_state()

    def rearm(self) -> None:
        """Let the host speak again: a person has looked at why it was silent."""
        self.guard.rearm()
        self.floor.rearm()
        self._show_state()

    def skip(self) -> bool:
        """Cut the turn on air; False when there is none."""
        if self.on_air is None:
            return False
        self.floor.interrupt("skipped", "skipped by the operator")
        return True

    def retract(self, retraction: Retraction) -> list[Message]:
        """Take back what was deleted: from the queue, from the air, from the history. Give what was waiting."""
        gone = self.inbox.retract(retraction)
        if self.on_air and self.on_air.take_back(retraction):
            self.floor.interrupt("retracted", f"what it answers was taken back: {retraction.reason}")
        self.history.retract(retraction)
        return gone

    def pending(self) -> Mapping[int, float]:
        """Return the clauses on air that are held back: index, and the seconds until each may be heard."""
        return self.speaker.release.waiting()

    # --- the loop ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take turn after turn until the floor is closed."""
        self._quiet_since = self._now()
        self._show_state()
        while (job := await self._next()) is not None:
            await self._take_turn(job)
            self._quiet_since = self._now()
            self._show_state()

    async def _next(self) -> TurnPlan | None:
        """Wait for something to say; None when the show ends."""
        while not self.floor.closing:
            if self.floor.open and self.stage.audible:
                if job := self._choose():
                    return job
                wait: float | None = None
                if self.manners.idle_after_s:
                    wait = max(0.05, self._quiet_since + self.manners.idle_after_s - self._now())
                ripe = self.inbox.ripe_in(self._now())
                await self._pulse.wait(min(5.0 if wait is None else wait, 5.0 if ripe is None else ripe + 0.01, 5.0))
            else:
                self.inbox.expire(self._now())
                await self._pulse.wait(1.0)
        return None

    def _choose(self) -> TurnPlan | None:
        if self._orders:
            return self._orders.popleft()
        if self.manners.greeting and not self._greeted:
            self._greeted = True
            return TurnPlan("line", lines=(self.lines.pick(Purpose.GREETING, self.manners.language),))
        while choice := self.inbox.take_nowait(self._now()):
            job = self._job_for(choice)
            if job.lines or any(m.text for m in job.messages):
                return job
            why = "thanks are switched off" if job.why == "thanks" else "it has no words"
            self._settling.all(job.messages, "dropped", why)
        if self.manners.idle_after_s and self._now() >= self._quiet_since + self.manners.idle_after_s:
            return TurnPlan("line", lines=(self.lines.pick(Purpose.IDLE, self.manners.language),))
        return None

    def _job_for(self, choice: Choice) -> TurnPlan:
        first = choice.messages[0]
        language = self.prompter.answer_language(first.text, self.manners.language)
        purpose = purpose_for(first)
        if purpose is None:
            many = MANY_ASK <= choice.viewers < MAX_COUNTED
            lead = (self.lines.pick(Purpose.MANY_ASK, language, count=choice.viewers),) if many else ()
            return TurnPlan("answer", choice, lead, language)
        return TurnPlan(
            "thanks", choice, self._thanks(choice, purpose, language) if self.manners.thanks else (), language
        )

    def _thanks(self, choice: Choice, purpose: Purpose, language: str) -> tuple[str, ...]:
        """Word the thanks: one line for a run of gifts, one for several viewers whose gifts share a turn."""
        if choice.viewers > 1 and choice.group == "paid":
            names = tuple(dict.fromkeys(m.author.name for m in choice.messages))
            values = {"name": names, "count": len(choice.messages)}
            return (self.lines.pick(Purpose.THANKS_MANY, language, **values),)
        return (self.lines.pick(purpose, language, **event_values(combined(choice.messages))),)

    # --- one turn ---------------------------------------------------------------------------------

    async def _take_turn(self, job: TurnPlan) -> None:
        now, manners = self._now(), self.manners
        self.guard.after, self.guard.within_s = manners.pause_after_blocks, manners.pause_within_s
        self.speaker.release.delay_s = manners.release_delay_s
        deadline = now + manners.turn_s + manners.release_delay_s
        turn = Turn(f"t-{secrets.token_hex(6)}", self.stage.begin(), job.messages, deadline)
        air = self.on_air = LiveTurn(turn, job, Timeline(asyncio.get_running_loop().time), now)
        air.timeline.stamp("picked")
        self.floor.begin()
        self._show_state()
        try:
            async with asyncio.TaskGroup() as group:
                performing = group.create_task(self._perform(air))
                performing.add_done_callback(lambda _: self._pulse.notify())
                recording = group.create_task(self._record(air))
                over = await self._pulse.wait_until(
                    lambda: performing.done() or self.floor.cut is not None, turn.deadline - now
                )
                interrupted = not performing.done()
                if interrupted:
                    cut = self.floor.cut if over and self.floor.cut else Cut("deadline", "the turn took too long")
                    await self._interrupt(air, performing, cut)
                recording.cancel()
            if not interrupted:
                unheard = None if performing.result() else Cut("no_stage", "no page could be heard")
                if unheard is not None:
                    await self.stage.stop(turn.epoch)  # a page that opens later must not catch up with it
                await self._commit(air, unheard)
        except BaseExceptionGroup:
            await self.stage.stop(turn.epoch)
            await self._commit(air, Cut("failed", "an internal error"))
            raise
        finally:
            self.speaker.release.drop(turn.epoch)
            self.on_air = None
            if self.guard.paused and not self.floor.stopped:
                self.stop(self.guard.reason)

    async def _interrupt(self, air: LiveTurn, performing: asyncio.Task[bool], cut: Cut) -> None:
        """Silence the stage, cancel the turn, ask what was heard, commit that: always these four steps."""
        self.speaker.release.drop(air.turn.epoch)
        acknowledged = await self.stage.stop(air.turn.epoch)
        if not acknowledged:
            logger.warning("the stage did not confirm the stop in time; the clock's estimate counts")
        performing.cancel()
        await asyncio.wait({performing})
        await self._commit(air, cut)

    async def _perform(self, air: LiveTurn) -> bool:
        """Compose, guard and speak; True when all of it was heard."""
        clauses: asyncio.Queue[Clause | None] = asyncio.Queue(CLAUSES_AHEAD)
        async with asyncio.TaskGroup() as group:
            begun = group.create_task(self.ledger.begin(air.turn.id, air.turn.epoch, air.job.why, air.job.messages))
            composing = group.create_task(self._compose(air, clauses))
            releasing = group.create_task(self.speaker.release.run())
            while (clause := await clauses.get()) is not None:
                if not await self._say(air, clause, begun):
                    composing.cancel()
                    await self._say_in_character(air, clause.index, begun)
                    break
            await self.speaker.release.wait_empty()
            releasing.cancel()
        self.stage.end(air.turn.epoch)
        return await self.stage.played(air.turn.epoch, self.manners.return_s)

    async def _compose(self, air: LiveTurn, clauses: asyncio.Queue[Clause | None]) -> None:
        await self.composer.compose(air.turn.id, self._wishes(air.job), air.timeline, clauses.put)
        await clauses.put(None)

    def _wishes(self, job: TurnPlan) -> CompositionRequest:
        language = job.language or self.manners.language
        if job.choice is None or not (asked := [m for m in job.messages if m.text]):
            return CompositionRequest(job.lines, None, language)
        prompt = self.prompter.prompt(asked, self.history, viewers=job.choice.viewers)
        return CompositionRequest(job.lines, prompt, language, tuple(m.author.name for m in asked))

    async def _say(self, air: LiveTurn, clause: Clause, begun: asyncio.Task[None], *, prepared: bool = False) -> bool:
        """Speak one clause when it may be heard; False when moderation does not let it pass."""
        heard = tuple(m.text for m in air.job.messages if m.text) if air.job.why != "say" else ()

        async def check(what: Clause) -> Verdict:
            await begun
            # The persona's own line is no part of the reply that was cut, and repeats no viewer.
            verdict = await self.outbound.verdict(what, *(((), ()) if prepared else (air.clauses, heard)))
            if verdict.allowed:
                air.clauses.append(replace(what, text=verdict.text) if verdict.action is Action.MASK else what)
            return verdict

        verdict = await self.speaker.say(air.turn.epoch, clause, check)
        self._on_verdict(verdict)
        if not verdict.allowed:
            self._blocked(air, BlockedClause(self._now(), air.turn.id, air.job.why, verdict, clause.text, prepared))
        return verdict.allowed

    def _blocked(self, air: LiveTurn, blocked: BlockedClause) -> None:
        """Record what is not said. Its words are for the control room: the log gets a fingerprint of them."""
        air.blocked = blocked
        logger.warning("a clause is not said ({}): {}", blocked.fingerprint, blocked.because)
        logger.debug("the clause {} is {!r}", blocked.fingerprint, blocked.text)
        if blocked.prepared:
            logger.error("the prepared line was blocked too, so nothing is said: see 'refused' in the persona's lines")
        if self.guard.note(blocked):
            logger.error("the show pauses: {}", self.guard.reason)
        self._on_block(blocked)

    async def _say_in_character(self, air: LiveTurn, index: int, begun: asyncio.Task[None]) -> None:
        """Say a prepared line instead of what was blocked. That line, not the blocked text, is remembered."""
        line = self.lines.pick(Purpose.REFUSED, air.job.language or self.manners.language)
        written: list[Clause] = []

        async def put(clause: Clause) -> None:
            written.append(clause)

        await self.composer.compose(
            air.turn.id, CompositionRequest((line,), None, air.job.language or "en"), air.timeline, put
        )
        for offset, clause in enumerate(written):
            if not await self._say(air, replace(clause, index=index + offset), begun, prepared=True):
                return

    # --- what was heard ---------------------------------------------------------------------------

    def _heard_something(self, playback: Playback, _: Clause) -> None:
        if self.on_air and playback.epoch == self.on_air.turn.epoch and playback.position_ms > 0:
            self.on_air.timeline.stamp("heard")

    def _first_sound(self, epoch: int) -> None:
        if self.on_air and epoch == self.on_air.turn.epoch:
            self.on_air.timeline.stamp("first_audio")
            self.stage.show_state("speaking")

    async def _record(self, air: LiveTurn) -> None:
        """Write down what was heard while it is heard: the first word at once, then now and then."""
        written = ""
        while True:
            await self._pulse.wait_until(lambda before=written: self.stage.heard() != before)  # type: ignore[misc]
            written = self.stage.heard()
            await self.ledger.progress(air.turn.id, written)
            await asyncio.sleep(RECORD_EVERY_S)

    async def _commit(self, air: LiveTurn, cut: Cut | None) -> None:
        """Return what was heard to the ledger and the history; give each message its outcome."""
        heard = self.stage.heard()
        sounded = any(r.first_sent_at is not None for r in self.stage.reels)
        air.timeline.stamp("ended")
        silent = air.blocked is not None and not self.stage.reels
        complete = cut is None and not silent and all(r.finished and not r.truncated for r in self.stage.reels)
        state = "completed" if complete else "interrupted" if heard or cut else "failed" if silent else "expired"
        planned = " ".join(c.text for c in air.clauses)
        await self.ledger.finish(air.turn.id, heard, state, planned, air.timeline.as_ms())
        if not air.taken_back:
            self.history.commit(Spoken(air.turn.id, heard, interrupted=not complete), air.job.messages)
        outcome = self._settling.settle(air, heard, cut, sounded=sounded)
        now = dt.datetime.now(dt.UTC)
        past = FinishedTurn(air.turn, air.job, heard, outcome, not complete, air.timeline, now, air.blocked)
        self.turns.append(past)
        self._on_turn(past)

    def _show_state(self) -> None:
        if self.floor.stopped:
            self.stage.show_state("stopped")
        elif self.on_air is None:
            self.stage.show_state("idle")
        elif self.stage.state != "speaking":
            self.stage.show_state("thinking")
        self._pulse.notify()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

"""The loop that is the architecture: pick, think, guard, speak, and commit what was heard.

    inbox ─▶ pick ─▶ Composer (think) ─▶ guard ∥ Speaker (speak) ─▶ stage ─▶ heard ─▶ ledger, history

One turn at a time, and one turn is one task. Every way to interrupt it goes through `Show._interrupt`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from loguru import logger

from bot.composer import Composer, Wishes
from bot.errors import Refused
from bot.floor import Cut, Floor
from bot.inbox import Choice, Inbox
from bot.lines import Lines, Purpose, acknowledges, wording
from bot.mind.history import History
from bot.mind.prompt import Prompter
from bot.paid import combined
from bot.runtime import Pulse
from bot.stage.overlay import Overlay
from bot.stage.reel import Reel
from bot.timeline import Timeline
from bot.turns import Job, Judge, Ledger, Manners, OnAir, Past
from bot.types import Clause, Message, Playback, Retraction, Spoken, Turn
from bot.voice.scripts import language as language_of
from bot.voice.speaker import Speaker
from moderation import Context, Direction, Verdict

#: Clauses composed ahead of the one being spoken.
CLAUSES_AHEAD = 8
#: How many clauses before it an outbound check sees.
WINDOW = 3
#: How often what was heard so far is written down, in seconds; a crash loses at most so much.
RECORD_EVERY_S = 0.5
#: A paid event whose thanks could not be heard this often waits for a person.
MAX_ATTEMPTS = 3
KEPT_TURNS = 50
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
        speaker: Speaker[Reel],
        judge: Judge,
        ledger: Ledger,
        lines: Lines,
        manners: Manners,
        pulse: Pulse,
        on_turn: Callable[[Past], None] = lambda _p: None,
        on_outcome: Callable[[Message, str, str], None] = lambda _m, _o, _r: None,
        on_verdict: Callable[[Verdict], None] = lambda _v: None,
    ) -> None:
        self.inbox, self.floor, self.stage = inbox, floor, stage
        self.composer, self.prompter, self.history = composer, prompter, history
        self.speaker, self.judge, self.ledger, self.lines = speaker, judge, ledger, lines
        self.manners = manners
        self.on_air: OnAir | None = None
        self.turns: deque[Past] = deque(maxlen=KEPT_TURNS)
        self._pulse = pulse
        self._on_turn, self._on_outcome, self._on_verdict = on_turn, on_outcome, on_verdict
        self._orders: deque[Job] = deque()
        self._attempts: dict[str, int] = {}
        self._greeted = False
        self._quiet_since = 0.0
        stage.on_playback = self._heard_something
        stage.on_sound = self._first_sound

    # --- orders -----------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Have words spoken next. Raises `Refused` when too many wait, or the host is stopped."""
        if not self.floor.open:
            raise Refused("the host is stopped", remedy="Arm it again first.")
        if len(self._orders) >= MAX_ORDERS:
            raise Refused("too many things to say are waiting", remedy="Wait until one was said.")
        self._orders.append(Job("say", lines=(text,)))
        self._pulse.ring()

    def line(self, purpose: Purpose) -> None:
        """Have a prepared line spoken next, unless much is waiting."""
        if len(self._orders) < MAX_ORDERS:
            self._orders.append(Job("line", lines=(self.lines.pick(purpose, self.manners.language),)))
            self._pulse.ring()

    def stop(self, reason: str) -> None:
        """Silence the host until `rearm`; what was ordered is forgotten."""
        self._orders.clear()
        self.floor.stop(reason)
        self._show_state()

    def rearm(self) -> None:
        """Let the host speak again."""
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

    # --- the loop ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take turn after turn until the floor is closed."""
        self._quiet_since = self._now()
        self._show_state()
        while (job := await self._next()) is not None:
            await self._take_turn(job)
            self._quiet_since = self._now()
            self._show_state()

    async def _next(self) -> Job | None:
        """Wait for something to say; None when the show ends."""
        while not self.floor.closing:
            if self.floor.open and self.stage.audible:
                if job := self._choose():
                    return job
                wait: float | None = None
                if self.manners.idle_after_s:
                    wait = max(0.05, self._quiet_since + self.manners.idle_after_s - self._now())
                ripe = self.inbox.ripe_in(self._now())
                await self._pulse.rung(min(5.0 if wait is None else wait, 5.0 if ripe is None else ripe + 0.01, 5.0))
            else:
                self.inbox.expire(self._now())
                await self._pulse.rung(1.0)
        return None

    def _choose(self) -> Job | None:
        if self._orders:
            return self._orders.popleft()
        if self.manners.greeting and not self._greeted:
            self._greeted = True
            return Job("line", lines=(self.lines.pick(Purpose.GREETING, self.manners.language),))
        while choice := self.inbox.take_nowait(self._now()):
            job = self._job_for(choice)
            if job.lines or any(m.text for m in job.messages):
                return job
            self._all(job.messages, "dropped", "thanks are switched off" if job.why == "thanks" else "it has no words")
        if self.manners.idle_after_s and self._now() >= self._quiet_since + self.manners.idle_after_s:
            return Job("line", lines=(self.lines.pick(Purpose.IDLE, self.manners.language),))
        return None

    def _job_for(self, choice: Choice) -> Job:
        first = choice.messages[0]
        language = language_of(first.text, self.manners.language) if first.text else self.manners.language
        purpose = acknowledges(first)
        if purpose is None:
            return Job("answer", choice, language=language)
        return Job("thanks", choice, self._thanks(choice, purpose, language) if self.manners.thanks else (), language)

    def _thanks(self, choice: Choice, purpose: Purpose, language: str) -> tuple[str, ...]:
        """Word the thanks: one line for a run of gifts, one for several viewers whose gifts share a turn."""
        if choice.viewers > 1 and choice.group == "paid":
            names = tuple(dict.fromkeys(m.author.name for m in choice.messages))
            values = {"name": names, "count": len(choice.messages)}
            return (self.lines.pick(Purpose.THANKS_MANY, language, **values),)
        return (self.lines.pick(purpose, language, **wording(combined(choice.messages), language)),)

    # --- one turn ---------------------------------------------------------------------------------

    async def _take_turn(self, job: Job) -> None:
        now = self._now()
        turn = Turn(f"t-{secrets.token_hex(6)}", self.stage.begin(), job.messages, now + self.manners.turn_s)
        air = self.on_air = OnAir(turn, job, Timeline(asyncio.get_running_loop().time), now)
        air.timeline.stamp("picked")
        self.floor.begin()
        self._show_state()
        try:
            async with asyncio.TaskGroup() as group:
                performing = group.create_task(self._perform(air))
                performing.add_done_callback(lambda _: self._pulse.ring())
                recording = group.create_task(self._record(air))
                over = await self._pulse.until(
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
            self.on_air = None

    async def _interrupt(self, air: OnAir, performing: asyncio.Task[bool], cut: Cut) -> None:
        """The four steps, always these: silence the stage, cancel the turn, ask what was heard, commit that."""
        acknowledged = await self.stage.stop(air.turn.epoch)
        if not acknowledged:
            logger.warning("the stage did not confirm the stop in time; the clock's estimate counts")
        performing.cancel()
        await asyncio.wait({performing})
        await self._commit(air, cut)

    async def _perform(self, air: OnAir) -> bool:
        """Compose, guard and speak; True when all of it was heard."""
        clauses: asyncio.Queue[Clause | None] = asyncio.Queue(CLAUSES_AHEAD)
        async with asyncio.TaskGroup() as group:
            begun = group.create_task(self.ledger.begin(air.turn.id, air.turn.epoch, air.job.why, air.job.messages))
            composing = group.create_task(self._compose(air, clauses))
            while (clause := await clauses.get()) is not None:
                if not await self._say(air, clause, begun):
                    composing.cancel()
                    await self._say_in_character(air, clause.index, begun)
                    break
        self.stage.end(air.turn.epoch)
        return await self.stage.played(air.turn.epoch, self.manners.return_s)

    async def _compose(self, air: OnAir, clauses: asyncio.Queue[Clause | None]) -> None:
        await self.composer.compose(air.turn.id, self._wishes(air.job), air.timeline, clauses.put)
        await clauses.put(None)

    def _wishes(self, job: Job) -> Wishes:
        language = job.language or self.manners.language
        if job.choice is None or not (asked := [m for m in job.messages if m.text]):
            return Wishes(job.lines, None, language)
        prompt = self.prompter.prompt(asked, self.history, viewers=job.choice.viewers)
        return Wishes(job.lines, prompt, language, tuple(m.author.name for m in asked))

    async def _say(self, air: OnAir, clause: Clause, begun: asyncio.Task[None]) -> bool:
        """Speak one clause when it may be heard; False when moderation does not let it pass."""
        air.clauses.append(clause)

        async def check(what: Clause) -> Verdict:
            await begun
            return self._judge(air, what)

        verdict = await self.speaker.say(air.turn.epoch, clause, check)
        self._on_verdict(verdict)
        if verdict.allowed:
            air.released.append(clause.text)
            return True
        air.blocked = verdict
        air.clauses.remove(clause)
        logger.warning("a clause was blocked ({}): {!r}", ", ".join(verdict.rules), clause.text)
        return False

    def _judge(self, air: OnAir, clause: Clause) -> Verdict:
        """Judge what is shown and what is spoken, over a window of the clauses before; the stricter counts."""
        heard = tuple(m.text for m in air.job.messages if m.text) if air.job.why != "say" else ()
        context = Context(Direction.OUT, window=tuple(air.released[-WINDOW:]), heard=heard)
        shown = self.judge.check(clause.text, context)
        if not clause.speech or clause.speech == clause.text:
            return shown
        spoken = self.judge.check(clause.speech, context)
        return max(shown, spoken, key=lambda v: v.action.severity)

    async def _say_in_character(self, air: OnAir, index: int, begun: asyncio.Task[None]) -> None:
        """Say a prepared line instead of what was blocked. That line, not the blocked text, is remembered."""
        line = self.lines.pick(Purpose.REFUSED, air.job.language or self.manners.language)
        written: list[Clause] = []

        async def put(clause: Clause) -> None:
            written.append(clause)

        await self.composer.compose(air.turn.id, Wishes((line,), None, air.job.language or "en"), air.timeline, put)
        for offset, clause in enumerate(written):
            if not await self._say(air, replace(clause, index=index + offset), begun):
                return

    # --- what was heard ---------------------------------------------------------------------------

    def _heard_something(self, playback: Playback, _: Clause) -> None:
        if self.on_air and playback.epoch == self.on_air.turn.epoch and playback.position_ms > 0:
            self.on_air.timeline.stamp("heard")

    def _first_sound(self, epoch: int) -> None:
        if self.on_air and epoch == self.on_air.turn.epoch:
            self.on_air.timeline.stamp("first_audio")
            self.stage.show_state("speaking")

    async def _record(self, air: OnAir) -> None:
        """Write down what was heard while it is heard: the first word at once, then now and then."""
        written = ""
        while True:
            await self._pulse.until(lambda before=written: self.stage.heard() != before)  # type: ignore[misc]
            written = self.stage.heard()
            await self.ledger.progress(air.turn.id, written)
            await asyncio.sleep(RECORD_EVERY_S)

    async def _commit(self, air: OnAir, cut: Cut | None) -> None:
        """Give what was heard to the ledger and the history; give each message its outcome."""
        heard = self.stage.heard()
        sounded = any(r.first_sent_at is not None for r in self.stage.reels)
        air.timeline.stamp("ended")
        complete = cut is None and all(r.finished and not r.truncated for r in self.stage.reels)
        state = "completed" if complete else ("interrupted" if heard or cut else "expired")
        planned = " ".join(c.text for c in air.clauses)
        await self.ledger.finish(air.turn.id, heard, state, planned, air.timeline.as_ms())
        if not air.taken_back:
            self.history.commit(Spoken(air.turn.id, heard, interrupted=not complete), air.job.messages)
        outcome = self._settle(air, heard, cut, sounded=sounded)
        past = Past(air.turn, air.job, heard, outcome, not complete, air.timeline, dt.datetime.now(dt.UTC))
        self.turns.append(past)
        self._on_turn(past)

    def _settle(self, air: OnAir, heard: str, cut: Cut | None, *, sounded: bool) -> str:
        """Decide what became of the messages of a turn; give it in one word."""
        choice = air.job.choice
        if heard and choice is None:
            return "said"
        if heard:
            reason = "answered" if cut is None else f"answered in part: {cut.reason}"
            return self._all(air.job.messages, "answered", reason)
        if choice is None:
            return "said" if sounded and cut is None else (cut.kind if cut else "unheard")
        if cut is None and sounded:
            return self._all(air.job.messages, "answered", "said; no page confirmed that it was heard")
        kind, reason = (cut.kind, cut.reason) if cut else ("failed", "nothing could be said")
        left = air.remaining()
        if len(left) < len(air.job.messages):
            kept = {(m.source, m.id) for m in left}
            gone = [m for m in air.job.messages if (m.source, m.id) not in kept]
            self._all(gone, "dropped", f"what it answers was taken back: {air.taken_back[-1].reason}")
        if not left:
            return "dropped"
        key = left[0].id
        self._attempts[key] = self._attempts.get(key, 0) + (kind != "retracted")
        again = left[0].paid or kind == "no_stage"
        if again and self._attempts[key] < MAX_ATTEMPTS:
            self.inbox.put_back(replace(choice, messages=left))
            return f"put back: {reason}"
        if again:
            logger.error("a paid event could not be thanked for after {} attempts: see the ledger", MAX_ATTEMPTS)
        return self._all(left, "dropped", reason)

    def _all(self, messages: Iterable[Message], outcome: str, reason: str) -> str:
        for message in messages:
            self._attempts.pop(message.id, None)
            self.ledger.outcome(message, outcome, reason)
            self._on_outcome(message, outcome, reason)
        return outcome

    def _show_state(self) -> None:
        if self.floor.stopped:
            self.stage.show_state("stopped")
        elif self.on_air is None:
            self.stage.show_state("idle")
        elif self.stage.state != "speaking":
            self.stage.show_state("thinking")
        self._pulse.ring()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

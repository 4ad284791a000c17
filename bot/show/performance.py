"""One turn, from its plan to silence: think, guard, speak, and commit what was heard.

    plan ─▶ Composer ─▶ clauses ─▶ Outbound (check) ─▶ Speaker ─▶ stage ─▶ heard ─▶ recorder, history, outcomes

A turn is one task. Every way to interrupt it goes through `Performance._interrupt`. Nothing here waits for the
database: the recorder takes what it is told and writes it in its own time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import secrets
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace

from loguru import logger

from bot.inbox.entries import viewer_of
from bot.mind.memory.history import History
from bot.mind.memory.recollection import Recollection
from bot.mind.prompt import Prompter
from bot.persona.lines import Lines, Purpose
from bot.runtime.signal import Signal
from bot.show.breaker import BlockBreaker, BlockedClause
from bot.show.composer import Composer, CompositionRequest
from bot.show.floor import Cut, Floor
from bot.show.observer import Observer
from bot.show.outbound import Outbound
from bot.show.picking.wording import request_for
from bot.show.remembering.mind import Mind
from bot.show.settlement import Settlement, state_of
from bot.show.tools.turn_tools import TurnTools
from bot.show.turn import FinishedTurn, HostPolicy, LiveTurn, Pick, TurnPlan, TurnRecorder
from bot.stage.clip import ClausePlayback
from bot.stage.hub import Overlay
from bot.telemetry.timeline import Timeline
from bot.text.sanitize import has_word
from bot.types import Clause, CutKind, HostState, Playback, Retraction, Spoken, Turn, TurnKind
from bot.voice.speaker import Speaker
from moderation import Action, Verdict

#: Clauses composed ahead of the one being spoken.
CLAUSES_AHEAD = 8
#: How often what was heard so far is recorded after its first word, in seconds; a crash loses at most so much of it.
RECORD_EVERY_S = 2.0
#: Why something is not said that the table of the floor lets expire.
LEFT_OUT = "it was not to be said while another had the floor"
#: Finished turns that the control room can show.
KEPT_TURNS = 50


@dataclass
class Cast:
    """Who the host is just now. A new persona replaces all of it at once, between two turns or within one."""

    lines: Lines
    prompter: Prompter
    policy: HostPolicy


class Performance:
    """Performs turns on one stage, one at a time; a `bot.stage.playback.PlaybackListener`."""

    def __init__(
        self,
        *,
        cast: Cast,
        floor: Floor,
        stage: Overlay,
        composer: Composer,
        history: History,
        speaker: Speaker[ClausePlayback],
        outbound: Outbound,
        recorder: TurnRecorder,
        settlement: Settlement,
        observer: Observer,
    ) -> None:
        self.cast = cast
        self.floor = floor
        self.stage = stage
        self.composer = composer
        self.history = history
        self.speaker = speaker
        self.breaker = BlockBreaker(_now)
        #: The turn on air, if there is one.
        self.on_air: LiveTurn | None = None
        #: The last turns, the newest last.
        self.turns: deque[FinishedTurn] = deque(maxlen=KEPT_TURNS)
        self._outbound = outbound
        self._recorder = recorder
        self._settlement = settlement
        self._observer = observer
        self._over = Signal()  # the task of the turn has ended
        floor.changed.lead_to(self._over)
        stage.listener = self
        #: Watches for what takes the floor from a turn on air, as long as it lasts.
        self.rivals: Callable[[LiveTurn], Coroutine[None, None, None]] = _no_rivals
        #: What the streamer said of late that nobody answered.
        self.remarks: Callable[[], Sequence[str]] = tuple
        self.mind = Mind()
        #: What the model may call in a turn, by its plan and language.
        self.tools: Callable[[TurnPlan, str], TurnTools | None] = lambda _plan, _language: None
        #: By when something of a turn is to be said, by the loop's clock: then a line bridges the wait for the model.
        self.speak_by: Callable[[TurnPlan], float] = lambda _plan: math.inf
        #: When a sound was heard last, by the loop's clock, as far as a page has told.
        self.sound_at = -math.inf

    async def perform(self, pick: Pick) -> None:
        """Perform one turn; return when it is silent and everything about it is settled."""
        now, policy, plan = _now(), self.cast.policy, pick.plan
        self.breaker.after, self.breaker.within_s = policy.pause_after_blocks, policy.pause_within_s
        self.speaker.release.delay_s = policy.release_delay_s
        deadline = now + policy.turn_s + policy.release_delay_s
        turn = Turn(plan.turn or f"t-{secrets.token_hex(6)}", self.stage.begin(), plan.messages, deadline)
        air = self.on_air = LiveTurn(turn, plan, Timeline(asyncio.get_running_loop().time), now, event=pick.event)
        air.timeline.stamp("picked")
        self.speaker.release.gate = lambda: air.sounded or self.floor.admits(air.event)
        self.floor.begin()
        if pick.expired:
            self.floor.interrupt(CutKind.EXPIRED, LEFT_OUT)
        self.show_state()
        self._recorder.begin(turn.id, turn.epoch, plan.kind, plan.messages)
        try:
            await self._play(air)
        except BaseExceptionGroup:
            await self.stage.stop(turn.epoch)
            self._commit(air, Cut(CutKind.FAILED, "an internal error"))
            raise
        except asyncio.CancelledError:
            self._commit(air, Cut(CutKind.CLOSING, "the show was ended"))
            raise
        finally:
            self.speaker.release.drop(turn.epoch)
            self.on_air = None

    async def _play(self, air: LiveTurn) -> None:
        async with asyncio.TaskGroup() as group:
            speaking = group.create_task(self._speak(air))
            speaking.add_done_callback(lambda _: self._over.notify())
            beside = [group.create_task(self._record(air)), group.create_task(self.rivals(air))]
            over = await self._over.wait_until(
                lambda: speaking.done() or self.floor.cut is not None, air.turn.deadline - _now()
            )
            interrupted = not speaking.done()
            if interrupted:
                cut = self.floor.cut if over and self.floor.cut else Cut(CutKind.DEADLINE, "the turn took too long")
                await self._interrupt(air, speaking, cut)
            for task in beside:
                task.cancel()
        if not interrupted:
            unheard = None if speaking.result() else Cut(CutKind.NO_STAGE, "no page could be heard")
            if unheard is not None:
                await self.stage.stop(air.turn.epoch)  # a page that opens later must not catch up with it
            self._commit(air, unheard)

    async def _interrupt(self, air: LiveTurn, speaking: asyncio.Task[bool], cut: Cut) -> None:
        """Silence the stage, cancel the turn, ask what was heard, commit that: always these four steps."""
        self.speaker.release.drop(air.turn.epoch)
        if not await self.stage.stop(air.turn.epoch):
            logger.warning("the stage did not confirm the stop in time; the clock's estimate counts")
        speaking.cancel()
        await asyncio.wait({speaking})
        self._commit(air, cut)

    def retract(self, retraction: Retraction) -> None:
        """Take back what was deleted: from the air and from the history."""
        if self.on_air and self.on_air.take_back(retraction):
            self.floor.interrupt(CutKind.RETRACTED, f"what it answers was taken back: {retraction.reason}")
        self.history.retract(retraction)

    # --- speaking -----------------------------------------------------------------------------------

    async def _speak(self, air: LiveTurn) -> bool:
        """Compose, guard and speak; return True when all of it was heard."""
        clauses: asyncio.Queue[Clause | None] = asyncio.Queue(CLAUSES_AHEAD)
        async with asyncio.TaskGroup() as group:
            composing = group.create_task(self._compose(air, clauses))
            releasing = group.create_task(self.speaker.release.run())
            while (clause := await clauses.get()) is not None:
                if not await self._say(air, clause):
                    composing.cancel()
                    await self._say_in_character(air, clause.index)
                    break
            await self.speaker.release.wait_empty()
            releasing.cancel()
        self._observer.turn_made(air)
        self.stage.end(air.turn.epoch)
        return await self.stage.played(air.turn.epoch, self.cast.policy.return_s)

    async def _compose(self, air: LiveTurn, clauses: asyncio.Queue[Clause | None]) -> None:
        def take_back(since: int) -> int | None:
            waiting = [clauses.get_nowait() for _ in range(clauses.qsize())]
            for clause in waiting:
                if clause is None or clause.index < since:
                    clauses.put_nowait(clause)
            return next((clause.index for clause in waiting if clause and clause.index >= since), None)

        request = self.request(air.plan, await self.mind.recall(air.plan))
        if request.prompt is not None:
            tools = self.tools(air.plan, request.language)
            request = replace(request, tools=tools, speak_by=self.speak_by(air.plan))
        air.unanswered = not await self.composer.compose(air.turn.id, request, air.timeline, clauses.put, take_back)
        await clauses.put(None)

    def request(self, plan: TurnPlan, recalled: Recollection | None = None) -> CompositionRequest:
        """Return what the composer is asked for a plan, as things stand now."""
        cast, language = self.cast, self._language(plan)
        return request_for(
            plan, cast.lines, cast.prompter, self.history, language, self.remarks(),
            recalled=recalled, moment=self.mind.moment(plan),
        )  # fmt: skip

    async def _say(self, air: LiveTurn, clause: Clause, *, prepared: bool = False) -> bool:
        """Speak one clause when it may be heard; return False when moderation does not let it pass."""
        free = air.plan.reads_out or air.plan.kind in (TurnKind.SAY, TurnKind.STREAMER)
        heard = () if free else tuple(m.text for m in air.plan.messages if m.text)

        async def check(what: Clause) -> Verdict:
            # The persona's own line is no part of the reply that was cut, and repeats no viewer.
            said = ((), ()) if prepared else (air.clauses, heard)
            verdict = await self._outbound.verdict(what, *said, strict=air.plan.doubt)
            if verdict.allowed:
                air.clauses.append(replace(what, text=verdict.text) if verdict.action is Action.MASK else what)
            return verdict

        if (put_right := clause if prepared or free else self.mind.consistent(air.plan, clause)) is None:
            return True  # it would say once more what was just put right
        clause = put_right
        verdict = await self.speaker.say(air.turn.epoch, clause, check)
        self._observer.clause_judged(verdict)
        if not verdict.allowed:
            viewer = viewer_of(air.plan.messages[0]) if air.plan.messages else None
            self._block(air, BlockedClause(_now(), air.turn.id, air.plan.kind, verdict, clause.text, prepared, viewer))
        return verdict.allowed

    def _block(self, air: LiveTurn, blocked: BlockedClause) -> None:
        """Record what is not said. Its words are for the control room: the log gets a fingerprint of them."""
        air.blocked = blocked
        logger.warning("a clause is not said ({}): {}", blocked.fingerprint, blocked.because)
        logger.debug("the clause {} is {!r}", blocked.fingerprint, blocked.text)
        if blocked.prepared:
            logger.error("the prepared line was blocked too, so nothing is said: see 'refused' in the persona's lines")
        if self.breaker.note(blocked):
            logger.error("chat is not answered any more: {}", self.breaker.reason)
        self._observer.clause_blocked(blocked)

    async def _say_in_character(self, air: LiveTurn, index: int) -> None:
        """Say a prepared line instead of what was blocked. That line, not the blocked text, is remembered."""
        language = self._language(air.plan)
        line = self.cast.lines.pick(Purpose.REFUSED, language)
        written: list[Clause] = []

        async def put(clause: Clause) -> None:
            written.append(clause)

        await self.composer.compose(air.turn.id, CompositionRequest((line,), None, language), air.timeline, put)
        for offset, clause in enumerate(written):
            if not await self._say(air, replace(clause, index=index + offset), prepared=True):
                return

    def _language(self, plan: TurnPlan) -> str:
        return plan.language or self.cast.policy.language

    # --- what was heard -----------------------------------------------------------------------------

    def playback_advanced(self, playback: Playback) -> None:
        """Stamp when the audience heard the first sound, and note when it heard the last one."""
        if playback.position_ms > 0 and any(c.rate for c in self.stage.clips if c.clause.index == playback.clause):
            self.sound_at = _now()
        if self.on_air and playback.epoch == self.on_air.turn.epoch and playback.position_ms > 0:
            self.on_air.timeline.stamp("heard")

    def sound_began(self, epoch: int) -> None:
        """Stamp when the first sound was sent, and show that the host speaks."""
        if self.on_air and epoch == self.on_air.turn.epoch:
            self.on_air.sounded = True
            self.on_air.timeline.stamp("first_audio")
            self.stage.show_state(HostState.SPEAKING)

    async def _record(self, air: LiveTurn) -> None:
        """Record what was heard while it is heard: the first word at once, then now and then."""
        written = ""
        while True:
            await self.stage.changed.wait_until(lambda before=written: self._heard(air) != before)  # type: ignore[misc]
            written = self._heard(air)
            self._recorder.progress(air.turn.id, written)
            self._observer.words_heard(air.turn.id, written)
            if has_word(written):  # the first word acknowledges payments: until then nothing is put off
                air.timeline.stamp("first_word")
                await asyncio.sleep(RECORD_EVERY_S)

    def _heard(self, air: LiveTurn) -> str:
        """Return what the audience has heard of a turn. A payment wants a page's word for it: no estimate counts."""
        paid = any(message.paid for message in air.plan.messages)
        return "" if paid and air.timeline.ms("heard") is None else self.stage.heard()

    def _commit(self, air: LiveTurn, cut: Cut | None) -> None:
        """Settle each message, then commit what was heard to the history and the record, once. Nothing can wait."""
        if air.committed:
            return
        air.committed = True
        heard = self._heard(air)
        sounded = any(r.first_sent_at is not None for r in self.stage.clips)
        air.timeline.stamp("ended")
        silent = air.blocked is not None and not self.stage.clips
        complete = cut is None and not silent and all(r.finished and not r.truncated for r in self.stage.clips)
        outcome, detail = self._settlement.settle(air, heard, cut, sounded=sounded)
        if not air.taken_back:
            self.history.commit(Spoken(air.turn.id, heard, interrupted=not complete), air.plan.asked)
        state = state_of(complete=complete, cut=cut, heard=heard, silent=silent)
        planned = " ".join(c.text for c in air.clauses)
        withdrawn = bool(air.taken_back)
        self._recorder.finish(air.turn.id, heard, state, planned, air.timeline.as_ms(), withdrawn=withdrawn)
        now = dt.datetime.now(dt.UTC)
        past = FinishedTurn(
            air.turn, air.plan, heard, outcome, detail, not complete, air.timeline, now, air.blocked,
            cut.kind if cut else None, tuple(c.clause.emotion for c in self.stage.clips if c.position_ms > 0),
            air.unanswered,
        )  # fmt: skip
        self.turns.append(past)
        self._observer.turn_over(past)
        if air.plan.over is not None:
            try:
                air.plan.over(past)
            except Exception as error:  # noqa: BLE001 - what is told of a turn that is over cannot undo it
                logger.opt(exception=error).error("what waited for the end of a turn failed")

    def show_state(self) -> None:
        """Show on the pages what the host is doing."""
        if self.floor.stopped:
            self.stage.show_state(HostState.STOPPED)
        elif self.on_air is None:
            self.stage.show_state(HostState.IDLE)
        elif self.stage.state is not HostState.SPEAKING:
            self.stage.show_state(HostState.THINKING)


async def _no_rivals(_: LiveTurn) -> None: ...


def _now() -> float:
    return asyncio.get_running_loop().time()

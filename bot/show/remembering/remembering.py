"""Remembers what was heard: listens to turns that are over, and works on them in quiet moments.

    a turn is over ─▶ noted at once, by rules: promises, what the host said of itself
                   └─▶ in a quiet moment, by the model: facts of viewers who asked, what left the window, the episode

Nothing of this touches the model while a turn waits or is on air: what was begun is given up, and done again later.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from loguru import logger

from bot.errors import FatalError, HaishinError
from bot.mind.memory import summary
from bot.mind.memory.canon import clauses as clauses_in
from bot.mind.memory.canon import statements
from bot.mind.memory.extraction import Extractor
from bot.mind.memory.history import MAX_SUMMARIES, STREAMER, Summary, covers
from bot.mind.memory.promises import Promise, promises_in
from bot.mind.settings import Extraction, MemorySettings
from bot.runtime.metering import CallPurpose, calling_for
from bot.runtime.signal import Signal
from bot.show.loop import Show
from bot.show.observer import Observer
from bot.show.remembering.keeper import PREFIX
from bot.show.remembering.occasion import Occasion
from bot.show.remembering.viewers import piece_of
from bot.show.segments.segment import Brief
from bot.show.turn import FinishedTurn, TurnPlan
from bot.store.memory.pieces import Piece, PieceKind, Viewer
from bot.store.memory.store import MemoryStore
from bot.types import Exchange, Llm, Message, Retraction, TurnKind

#: It must have been quiet for so long before the model is asked, in seconds; how often it is looked.
QUIET_S, LOOK_S = 3.0, 3.0
#: The longest a piece of work may take, in seconds; after a failure nothing is tried for so long.
JOB_S, REST_S = 120.0, 60.0
#: Turns and lines that wait to be looked at; the oldest goes.
MAX_TURNS, MAX_LINES = 60, 200
#: Lines of one viewer in one piece of work.
BATCH: Final = 6
#: Exchanges put in short together; how often an episode is written anew; up to what age one is "last time".
CHUNK, LEAST_CHUNK = 12, 4
EPISODE_EVERY: Final = dt.timedelta(minutes=20)
LEAST_EPISODE: Final = 4
LAST_TIME: Final = dt.timedelta(days=30)
_GREET: Final = (
    "Your show begins. Say one sentence to everybody that picks up on last time; the note says what happened."
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A line that was answered, for the facts in it."""

    message: Message
    turn: str


class Remembering(Observer):
    """Remembers. ``llm`` returns the models as they may be asked beside the show; None: rules alone."""

    def __init__(
        self,
        show: Show,
        memory: MemoryStore,
        occasion: Occasion,
        settings: Callable[[], MemorySettings],
        *,
        llm: Callable[[], Llm | None],
        passes: Callable[[str], Awaitable[bool]],
        passes_now: Callable[[str], bool],
        used: Callable[[], Sequence[int]] = tuple,
        read_ahead: Callable[[], None] = lambda: None,
        persona: Callable[[], str] = str,
    ) -> None:
        self._show = show
        self._memory = memory
        self._occasion = occasion
        self._settings = settings
        self._llm = llm
        self._passes = passes
        self._passes_now = passes_now
        self._used = used
        self._read_ahead = read_ahead
        self._persona = persona
        self._turns: deque[FinishedTurn] = deque(maxlen=MAX_TURNS)
        self._lines: deque[_Told] = deque(maxlen=MAX_LINES)
        self._episode: list[Exchange] = []
        self._episode_of = occasion.began
        self._episode_at = occasion.clock()
        self._episode_grew = False
        self._stirred = Signal()
        self._rests_until = 0.0
        #: The last episode of an earlier show; empty: none.
        self.last_time: Piece | None = None
        #: How often the model was asked, and how often that was given up for a turn.
        self.asked = self.given_up = 0
        show.wake.lead_to(self._stirred)

    # --- what it hears ------------------------------------------------------------------------------

    def turn_over(self, turn: FinishedTurn) -> None:
        """Keep a turn of which something was heard until there is time for it."""
        if turn.text and self._settings().long_term:
            self._turns.append(turn)
            self._stirred.notify()

    def retracted(self, retraction: Retraction) -> None:
        """Forget what was taken back before anything is made of it."""
        self._turns = deque((t for t in self._turns if not _concerns(retraction, t.plan.asked)), MAX_TURNS)
        self._lines = deque((one for one in self._lines if not _concerns(retraction, (one.message,))), MAX_LINES)
        self._episode = [e for e in self._episode if not covers(retraction, e)]

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer."""
        self.retracted(Retraction(source, author=viewer))

    # --- what it does meanwhile ---------------------------------------------------------------------

    async def load(self) -> None:
        """Read what an earlier show left for this one. Raises `TransientError`."""
        now = self._occasion.clock()
        for piece in await self._memory.listed((PieceKind.EPISODE,), limit=5):
            if piece.at is not None and piece.slot != self._slot and now - piece.at < LAST_TIME:
                self.last_time = piece
                break
        for piece in reversed(await self._memory.listed((PieceKind.SUMMARY,), limit=MAX_SUMMARIES)):
            if piece.at is not None and piece.at >= self._occasion.began:  # the host was restarted in mid-show
                self._show.history.summaries.append(Summary(piece.text, (), piece.turn))

    def greeting(self, plan: TurnPlan) -> TurnPlan:
        """Return the greeting with a word on what happened last time, where something did."""
        piece = self.last_time
        if piece is None or not self._settings().long_term or not plan.lines:
            return plan
        language = self._show.cast.policy.language
        return TurnPlan(plan.kind, lines=plan.lines, language=language, brief=Brief(_GREET, (piece.text,)))

    async def run(self) -> None:
        """Work for as long as the show runs. What fails is left for later, and holds up nothing."""
        while True:
            try:
                await self._note_turns()
                job = self._next_job()
                if job is not None:
                    await self._in_quiet(job)
            except HaishinError as error:
                logger.info("memory rests for a while: {}", error)
                self._rests_until = asyncio.get_running_loop().time() + REST_S
            await self._stirred.wait(LOOK_S)

    @property
    def busy(self) -> bool:
        """Whether somebody waits, or something is said: then the model is left alone."""
        show = self._show
        return show.on_air is not None or len(show.inbox) > 0 or not show.floor.open

    async def _in_quiet(self, job: Callable[[], Awaitable[None]]) -> None:
        """Run a piece of work that asks the model; give it up the moment that something is to be said."""
        self.asked += 1
        async with asyncio.TaskGroup() as group:
            task = group.create_task(_quietly(job))
            task.add_done_callback(lambda _: self._stirred.notify())
            await self._stirred.wait_until(lambda: task.done() or self.busy, JOB_S)
            task.cancel()
        if task.cancelled():
            self.given_up += 1
            return
        if (error := task.result()) is not None:
            if isinstance(error, FatalError) and self._lines:  # whatever is wrong with it, the others go on
                self._lines.popleft()
            raise error
        self._read_ahead()  # the model's own work on the prompt of the show may be gone

    def _next_job(self) -> Callable[[], Awaitable[None]] | None:
        now = asyncio.get_running_loop().time()
        if self.busy or now < self._rests_until or now - self._show.quiet_since < QUIET_S:
            return None
        settings, llm = self._settings(), self._llm()
        if self._lines and settings.extraction is not Extraction.OFF:
            return self._extract
        if llm is not None and settings.history and len(self._left()) >= LEAST_CHUNK:
            return self._summarise
        due = self._occasion.clock() - self._episode_at >= EPISODE_EVERY
        if self._episode_grew and due and len(self._episode) >= LEAST_EPISODE:
            return self._write_episode
        return None

    # --- at once, by rules --------------------------------------------------------------------------

    async def _note_turns(self) -> None:
        while self._turns and self._settings().long_term:
            turn = self._turns[0]
            asked = [m for m in turn.plan.asked if m.source != STREAMER]
            promised, sayings = await asyncio.to_thread(_read, turn, self._occasion.local)
            viewer = Viewer(asked[0].source, asked[0].author.id) if len({m.author.id for m in asked}) == 1 else None
            for promise in promised:
                await self._keep_promise(promise, turn, viewer)
            for text in sayings:
                if await self._passes(text):
                    language = turn.plan.language or self._show.cast.policy.language
                    said = Piece(PieceKind.CANON, text, page=self._persona(), language=language, turn=turn.turn.id)
                    await self._memory.add(replace(said, weight=0.7))
            if used := list(self._used()):
                await self._memory.touch(used)
            if self._turns and self._turns[0] is turn:  # it may have been taken back meanwhile
                self._turns.popleft()
                self._lines.extend(
                    _Told(m, turn.turn.id) for m in asked if m.text and turn.plan.kind is TurnKind.ANSWER
                )
                self._add_to_episode(turn)

    async def _keep_promise(self, promise: Promise, turn: FinishedTurn, viewer: Viewer | None) -> None:
        """Keep a promise; to whom, only where that viewer asked to be remembered."""
        if turn.turn.id.startswith(PREFIX) or not await self._passes(promise.text):
            return
        known = viewer is not None and await self._memory.viewer(viewer.source, viewer.author_id) is not None
        whom = (viewer.source, viewer.author_id) if known and viewer else ("", "")
        await self._memory.add(
            Piece(
                PieceKind.PROMISE, promise.text, *whom, page=promise.due.value, language=promise.language,
                turn=turn.turn.id, weight=0.8, due_at=promise.at, at=self._occasion.clock(),
            )
        )  # fmt: skip

    def _add_to_episode(self, turn: FinishedTurn) -> None:
        if self._episode_of != self._occasion.began:  # another show has begun
            self._episode, self._episode_of, self._episode_at = [], self._occasion.began, self._occasion.clock()
        if turn.plan.kind in (TurnKind.ANSWER, TurnKind.SEGMENT, TurnKind.STREAMER):
            history = self._show.history
            self._episode += [e for e in history.latest(100_000)[-3:] if e.turn == turn.turn.id]
            del self._episode[:-60]
            self._episode_grew = True

    # --- in quiet moments, by the model -------------------------------------------------------------

    async def _extract(self) -> None:
        """Take the facts of one viewer's lines, a batch at a time, if they asked to be remembered."""
        first = self._lines[0].message
        key = (first.source, first.author.id)
        batch = [one for one in self._lines if (one.message.source, one.message.author.id) == key][:BATCH]
        if await self._memory.viewer(*key) is not None:
            llm = self._llm() if self._settings().extraction is Extraction.AUTO else None
            extractor = Extractor(llm, self._passes_now)
            for one in batch:
                for fact in await extractor.facts([one.message.text]):
                    await self._memory.add(piece_of(fact, Viewer(*key), one.turn))
        self._lines = deque((one for one in self._lines if one not in batch), MAX_LINES)

    def _left(self) -> list[Exchange]:
        return self._show.history.left(self._show.cast.prompter.kept_from)

    async def _summarise(self) -> None:
        """Put in short what left the window."""
        llm, history, chunk = self._llm(), self._show.history, self._left()[:CHUNK]
        if llm is None:
            return
        language = self._show.cast.policy.language
        text = await summary.in_short(llm, chunk, language)
        if not text or not await self._passes(text):
            text = ""
        left = self._left()
        if any(exchange not in left for exchange in chunk):
            return  # something of it was taken back meanwhile
        history.summaries.append(Summary(text, tuple(chunk), chunk[-1].turn))
        if text:
            await self._memory.add(
                Piece(
                    PieceKind.SUMMARY, text, language=language, turn=chunk[-1].turn,
                    turns=tuple(e.turn for e in chunk), about=_askers(chunk), weight=0.3,
                )
            )  # fmt: skip

    @property
    def _slot(self) -> str:
        return f"show {self._occasion.began:%Y-%m-%d %H:%M}"

    async def _write_episode(self) -> None:
        """Write what happened in this show so far; a newer one takes its place."""
        llm, exchanges, language = self._llm(), list(self._episode), self._show.cast.policy.language
        written = summary.in_short(llm, exchanges[-40:], language, summary.MAX_EPISODE) if llm else None
        text = summary.by_rules(exchanges) if written is None else await written
        self._episode_at, self._episode_grew = self._occasion.clock(), False
        if text and await self._passes(text) and all(e in self._episode for e in exchanges):
            await self._memory.add(
                Piece(
                    PieceKind.EPISODE, text, slot=self._slot, language=language, turn=exchanges[-1].turn,
                    turns=tuple(e.turn for e in exchanges), about=_askers(exchanges),
                )
            )  # fmt: skip


async def _quietly(job: Callable[[], Awaitable[None]]) -> HaishinError | None:
    try:
        with calling_for(CallPurpose.MEMORY):  # it waits while money is short
            await job()
    except HaishinError as error:
        return error
    except Exception as error:  # noqa: BLE001 - what a model or a viewer's line provokes must not end the memory
        logger.opt(exception=error).error("a piece of memory was not made")
        return FatalError("a piece of memory was not made", provider="memory")
    return None


def _read(turn: FinishedTurn, now: dt.datetime) -> tuple[list[Promise], list[str]]:
    """Return what was promised in a turn, and the sentences in which the host spoke of itself.

    What the operator had it say, and what reads a viewer's words aloud, is nothing that the host says of itself.
    """
    if turn.plan.kind is TurnKind.SAY or turn.plan.reads_out:
        return [], []
    said = [clause for clause in clauses_in(turn.text) if statements(clause)]
    return promises_in(turn.text, now), said[:4]


def _askers(exchanges: Sequence[Exchange]) -> tuple[Viewer, ...]:
    return tuple(dict.fromkeys(Viewer(a.source, a.author_id) for e in exchanges for a in e.asked if a.source))


def _concerns(retraction: Retraction, messages: Sequence[Message]) -> bool:
    return any(retraction.covers(m.source, m.id, m.author.id) for m in messages)

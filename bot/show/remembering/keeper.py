"""Keeps the host's promises: takes up what is due, once, or excuses what is long overdue.

What was heard counts, as everywhere: a promise ends when a word of its turn was heard. The turn bears the promise's
number, so that after a crash the record tells whether it was kept.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from loguru import logger

from bot.errors import HaishinError
from bot.mind.memory.promises import DueAt
from bot.runtime.signal import Signal
from bot.show.floor_settings import FloorEvent
from bot.show.observer import Observer
from bot.show.remembering.occasion import Occasion
from bot.show.segments.segment import Brief
from bot.show.turn import FinishedTurn, TurnPlan
from bot.store.memory.pieces import Piece, PieceState
from bot.store.memory.store import MemoryStore
from bot.types import Retraction, TurnKind

#: How often it is looked what is due, in seconds; how long it is quiet before one is taken up.
LOOK_S: Final = 15.0
QUIET_S: Final = 4.0
#: Tries of which nothing was heard, after which a promise is excused in silence; and the pause between two.
ATTEMPTS: Final = 4
PAUSE_S: Final = 60.0
#: With no break in the programme, "after the break" is after so long; later than this a promise is excused.
NO_BREAK: Final = dt.timedelta(minutes=30)
OVERDUE: Final = dt.timedelta(days=3)
PREFIX: Final = "promise-"

_KEEP: Final = (
    "Earlier you said to your audience what the note says. Now it is due. Keep it now, or say in your own way how it "
    "stands with it: one to three sentences, spoken to the people who listen."
)
_EXCUSE: Final = (
    "Earlier you said to your audience what the note says. It is long overdue and you did not keep it. Own up to it in "
    "one or two sentences, in your own way, and let it rest."
)


class PromiseKeeper(Observer):
    """An `Initiative`. ``name_of`` returns what somebody who was promised something is called; empty: nobody."""

    floor_event: Final = FloorEvent.OWN_ACCORD

    def __init__(
        self,
        memory: MemoryStore,
        occasion: Occasion,
        *,
        language: Callable[[], str],
        name_of: Callable[[Piece], Awaitable[str]],
        taken: Callable[[], bool] = lambda: False,
    ) -> None:
        self.enabled = True
        self.changed = Signal()
        self._memory = memory
        self._occasion = occasion
        self._language = language
        self._name_of = name_of
        self._taken = taken
        self._due: list[tuple[Piece, str]] = []
        self._on_air = 0
        self._tries: dict[int, tuple[int, float]] = {}
        self._ended: asyncio.Queue[tuple[int, PieceState]] = asyncio.Queue()
        self._settled: set[int] = set()

    # --- what the loop asks -------------------------------------------------------------------------

    def next(self, now: float, quiet_since: float) -> TurnPlan | None:
        """Return the turn that takes up what is due."""
        if not self._ready(now, quiet_since):
            return None
        piece, name = self._due.pop(0)
        self._on_air = piece.id
        late = piece.due_at is not None and self._occasion.clock() - piece.due_at > OVERDUE
        said = f"{name}: {piece.text}" if name else piece.text
        state = PieceState.EXCUSED if late else PieceState.KEPT

        def over(past: FinishedTurn) -> None:
            self._over(piece, state, past)

        return TurnPlan(
            TurnKind.SEGMENT,
            brief=Brief(_EXCUSE if late else _KEEP, (said,), prepared=piece.text),
            language=piece.language or self._language(),
            turn=f"{PREFIX}{piece.id}-{secrets.token_hex(4)}",
            over=over,
        )

    def due_in(self, now: float, quiet_since: float) -> float | None:
        """Return the seconds until it wants to speak; 0 when it does now."""
        if not self._due or not self.enabled:
            return None
        return 0.0 if self._ready(now, quiet_since) else max(0.5, QUIET_S - (now - quiet_since))

    def _ready(self, now: float, quiet_since: float) -> bool:
        return bool(self._due) and self.enabled and not self._taken() and now - quiet_since >= QUIET_S

    def _over(self, piece: Piece, state: PieceState, past: FinishedTurn) -> None:
        self._on_air = 0
        if past.text:
            self._settled.add(piece.id)
            self._ended.put_nowait((piece.id, state))
            return
        tries = self._tries.get(piece.id, (0, 0.0))[0] + 1
        self._tries[piece.id] = (tries, asyncio.get_running_loop().time() + PAUSE_S)
        if tries >= ATTEMPTS:
            self._settled.add(piece.id)
            self._ended.put_nowait((piece.id, PieceState.EXCUSED))

    # --- what it does meanwhile ---------------------------------------------------------------------

    async def settle(self, heard: Collection[str]) -> None:
        """End the promises whose turns were heard before a crash; ``heard`` are the last turns of the record."""
        for turn in heard:
            number = turn.removeprefix(PREFIX).partition("-")[0]
            if turn.startswith(PREFIX) and number.isdecimal() and (piece := await self._memory.get(int(number))):
                self._settled.add(piece.id)
                if piece.state is PieceState.ACTIVE:
                    await self._memory.change(piece.id, state=PieceState.KEPT)

    async def run(self) -> None:
        """Look for what is due, and write down what ended, for as long as the show runs."""
        while True:
            try:
                await self.look()
            except HaishinError as error:
                logger.info("what is due is not known just now: {}", error)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._write_down(*await self._ended.get())
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Read what is due. Raises `TransientError`."""
        self._occasion.look()
        if not self.enabled:
            self._due = []
            return
        moment, now = self._occasion.clock(), asyncio.get_running_loop().time()
        found = []
        for piece in await self._memory.due(moment):
            rests = self._tries.get(piece.id, (0, 0.0))[1] > now
            if (
                piece.id not in self._settled
                and piece.id != self._on_air
                and not rests
                and self._has_come(piece, moment)
            ):
                found.append((piece, await self._name_of(piece)))
        found = [one for one in found if one[0].id not in self._settled and one[0].id != self._on_air]
        before, self._due = [p.id for p, _ in self._due], found
        if [p.id for p, _ in found] != before:
            self.changed.notify()

    def retracted(self, retraction: Retraction) -> None:
        """Drop what was promised to somebody who is forgotten or banned."""
        if retraction.author:
            self._due = [(p, n) for p, n in self._due if not retraction.covers(p.source, "", p.author_id)]

    def _has_come(self, piece: Piece, now: dt.datetime) -> bool:
        made = piece.at or now
        if piece.page == DueAt.NEXT_STREAM:
            return self._occasion.began > made
        if piece.page == DueAt.AFTER_BREAK:
            ended = self._occasion.break_ended
            return (ended is not None and ended >= made) or now - made >= NO_BREAK or self._occasion.began > made
        return True

    async def _write_down(self, number: int, state: PieceState) -> None:
        while True:
            try:
                await self._memory.change(number, state=state)
            except HaishinError as error:
                logger.info("that a promise ended is written later: {}", error)
                await asyncio.sleep(LOOK_S)
            else:
                return

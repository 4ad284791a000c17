"""The host of its own accord: speaks when it was quiet for long enough, and never dies at night.

While there is time, pieces are made and kept (`bot.show.night.bank`). One of them is ready at any moment, so that it
can be said at once, whether a model answers or not. When none does, the models are asked every few seconds whether
they are back; the piece on air then gives way to the viewers who wait.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Final

from loguru import logger

from bot.errors import Refused
from bot.persona.lines import Purpose
from bot.runtime.signal import Signal
from bot.show.floor_settings import FloorEvent
from bot.show.loop import Show
from bot.show.night.ahead import SpeakingAhead
from bot.show.night.bank import NightBank, Piece
from bot.show.night.dial import Dial
from bot.show.night.drafting import Drafter, ModelAwayError
from bot.show.night.likeness import Said
from bot.show.night.settings import DraftState, NightSettings
from bot.show.observer import Observer
from bot.show.picking.picker import UNHEARD_S
from bot.show.turn import FinishedTurn, TurnPlan
from bot.types import CutKind, Kind, Message, MessageOutcome, Retraction, TurnKind

#: How often the models are asked whether they are back, in seconds; the pause grows while they say yes and then fail.
#: With the rest of the clause on air the show is back within 5 s.
PROBE_S: Final = 2.0
LONGEST_PROBE_S: Final = 60.0
#: How long the clause on air may still take when a model is back and viewers wait, in seconds.
LAST_CLAUSE_S: Final = 2.0
#: How soon it is asked again when a piece is overdue and none is ready, in seconds.
AGAIN_S: Final = 0.5
#: What a question may end with.
_ASKS: Final = ("?", "？", "吗", "呢", "か")


class OwnAccord(Observer):
    """An `Initiative` of the show's loop. ``away`` tells that no model answers."""

    floor_event: Final = FloorEvent.OWN_ACCORD

    def __init__(
        self,
        show: Show,
        bank: NightBank,
        drafter: Drafter,
        said: Said,
        settings: NightSettings,
        *,
        clock: Callable[[], dt.datetime],
        reached: Callable[[], Awaitable[bool]],
        taken: Callable[[], bool] = lambda: False,
        ahead: SpeakingAhead | None = None,
        patience: Callable[[], float] = lambda: 1.0,
        affordable: Callable[[], bool] = lambda: True,
    ) -> None:
        """Take the parts. ``reached`` asks the models whether they are back; ``taken`` says that a segment is on.

        ``ahead`` speaks the pieces ahead. ``patience`` says how much longer the pauses are just now, ``affordable``
        whether pieces may be drafted.
        """
        self.settings = settings
        self.changed = Signal()
        self.away = False
        self.bank = bank
        self.ahead = ahead
        self.draft = DraftState.NONE
        self._show = show
        self._drafter = drafter
        self._said = said
        self._clock = clock
        self._reached = reached
        self._taken = taken
        self._affordable = affordable
        self._ready: Piece | None = None
        #: The last piece that went on air.
        self._plan: TurnPlan | None = None
        self._saying: Piece | None = None
        #: The last piece that was taken out of the bank, before it is durable and ready.
        self._taken_out: Piece | None = None
        self._wanted = Signal()
        self._hurry = Signal()
        self._dial = Dial(show, settings, patience=patience, mute=lambda: self._mute)
        show.performance.speak_by = self._dial.speak_by
        show.lead(self)

    def update(self, settings: NightSettings) -> None:
        """Take over other settings."""
        self.settings = self._dial.settings = settings
        self._said.age = dt.timedelta(hours=settings.remember_h)
        if self.ahead is not None:
            self.ahead.settings = settings
        self.changed.notify()
        self._wanted.notify()

    # --- what an operator orders ----------------------------------------------------------------------

    def draft_now(self) -> None:
        """Order a piece that is drafted as soon as the model is free, also when the bank is full. Raises `Refused`."""
        if self.settings.pause_s == float("inf"):
            raise Refused("the host says nothing unasked", remedy="Set night.talkativeness first.")
        if not self._affordable():
            raise Refused("the budget runs low", remedy="See 'budget' in the settings, and docs/budget.md.")
        if self.away:
            raise Refused("no model answers just now", remedy="It is asked every few seconds; try again then.")
        self.draft = DraftState.WANTED
        self._hurry.notify()

    async def drop(self, piece: str) -> bool:
        """Drop one piece by its id, with its sound; return whether it was there."""
        if self._ready is not None and self._ready.id == piece:
            self._ready = None
        gone = self.bank.drop(piece)
        if gone:
            await self.bank.save()
        self._wanted.notify()
        return gone

    # --- what the loop asks -------------------------------------------------------------------------

    def next(self, now: float, quiet_since: float) -> TurnPlan | None:
        """Return what is said now that it was quiet for long enough."""
        if now < self._dial.due_at(quiet_since, self._dial.pause_s) or self._taken():
            return None
        piece, self._ready = self._ready, None
        if piece is not None:
            self._saying = piece
            self._wanted.notify()
            self._plan = TurnPlan(TurnKind.SEGMENT, lines=(piece.text,))
            return self._plan
        if now >= self._dial.due_at(quiet_since, self._dial.line_pause_s):
            self._plan = TurnPlan(TurnKind.LINE, lines=(self._show.cast.lines.pick(Purpose.IDLE, self._language),))
            return self._plan
        return None

    def due_in(self, now: float, quiet_since: float) -> float | None:
        """Return the seconds until it wants to speak; never 0, because nobody waits behind it."""
        pause = self._dial.pause_s
        if pause == float("inf") or self._taken():
            return None
        left = self._dial.due_at(quiet_since, pause) - now
        return left if left > 0 else AGAIN_S

    @property
    def _mute(self) -> bool:
        return self.ahead is None or self.ahead.mute

    @property
    def _language(self) -> str:
        return self._show.cast.policy.language

    # --- what it hears ------------------------------------------------------------------------------

    def turn_over(self, turn: FinishedTurn) -> None:
        """Remember what was said. An answer that a model gave tells that it is back."""
        if turn.text:
            self._dial.turn_over()
            self._said.add(turn.text, self._clock())
        if turn.plan.kind is TurnKind.SEGMENT and turn.plan is not self._plan:  # a piece was taken in with its draft
            self._drafter.meanings.add(turn.text, self._clock())
        took = turn.timeline.ms("heard")
        if turn.plan is self._plan and took is not None:
            self._dial.took(took / 1000)
        if turn.plan is self._plan and not turn.text:
            self._dial.rests_until = asyncio.get_running_loop().time() + UNHEARD_S

    def provider_failed(self, what: str, error: BaseException | None) -> None:
        """Take note that no model answered a turn."""
        if what == "llm" and error is not None:
            self._lose()

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Keep a question that was left over for a quiet minute."""
        del reason
        left = outcome in (MessageOutcome.EXPIRED, MessageOutcome.DROPPED)
        if left and message.kind is Kind.CHAT and message.text.rstrip(" 。.!！").endswith(_ASKS):
            self._drafter.left_over.append(message)

    def retracted(self, retraction: Retraction) -> None:
        """Forget what was deleted, and the answers to it."""
        kept = [m for m in self._drafter.left_over if not retraction.covers(m.source, m.id, m.author.id)]
        self._drafter.left_over.clear()
        self._drafter.left_over.extend(kept)
        if self._ready is not None and self._ready.about[1] and retraction.covers(*self._ready.about):
            self._ready = None
        if self.bank.retract(retraction):
            self._wanted.notify()

    # --- what it does meanwhile -----------------------------------------------------------------------

    async def run(self) -> None:
        """Keep a piece ready, fill the bank while there is time, and look for the models when they are away."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_ready())
            group.create_task(self._fill())
            if self.ahead is not None:
                self.ahead.at_hand = lambda: [p for p in (self._saying, self._taken_out) if p is not None]
                group.create_task(self.ahead.run())

    async def _keep_ready(self) -> None:
        """Fetch the next piece. It counts as said, durably, before it can be: a crash repeats nothing."""
        before = -1
        while True:
            if self._ready is None and self.settings.pause_s != float("inf"):
                hours = self.settings.again_after_h if self.away else self.settings.remember_h
                piece = self._taken_out = self._take(dt.timedelta(hours=hours))
                if piece is not None:
                    await self.bank.save()
                    self._ready = piece if piece in self.bank.pieces else None  # it may have been deleted meanwhile
                    self.changed.notify()
            if before != (before := len(self.bank.pieces)):
                await self.bank.save()
            await self._wanted.wait(5.0)

    def _take(self, again_after: dt.timedelta) -> Piece | None:
        if self.ahead is None:
            return self.bank.take(again_after)
        return self.bank.take(again_after, self.ahead.spoken, mute=self.ahead.mute)

    async def _fill(self) -> None:
        pause = PROBE_S
        while True:
            if self.settings.pause_s == float("inf"):
                await asyncio.sleep(PROBE_S)
            elif self.away:
                await asyncio.sleep(pause)
                back = await self._is_back()
                pause = PROBE_S if not back else min(pause * 2, LONGEST_PROBE_S)
                if back:
                    await self._give_way()
            else:
                pause = await self._prepare(pause)

    async def _prepare(self, pause: float) -> float:
        """Make one piece if one is wanted and the model has time; return the pause before the next probe."""
        ordered = self.draft is DraftState.WANTED
        full = self.bank.unsaid >= self.settings.bank and not ordered
        if full or self._drafter.busy or not self._show.floor.open or not self._affordable():
            await self._hurry.wait(1.0)
            return pause
        try:
            piece = await self._drafter.draft(self.settings)
        except ModelAwayError as error:
            logger.info("no piece can be prepared: {}", error)
            self._lose()
            self.draft = DraftState.DROPPED if ordered else self.draft
            return pause
        if piece is not None:
            self.bank.add(piece)
            self._said.add(piece.words, self._clock())
            self._drafter.meanings.add(piece.words, self._clock())
            self._wanted.notify()
        if ordered and (piece is not None or not self._drafter.busy):  # one that was given up is made anew
            self.draft = DraftState.DROPPED if piece is None else DraftState.KEPT
            self.changed.notify()
        if self.draft is not DraftState.WANTED:
            short = self.bank.unsaid < 2 and piece is not None
            await self._hurry.wait(1.0 if short else self.settings.every_s)
        return PROBE_S

    async def _is_back(self) -> bool:
        """Ask the models; return whether they say that they are back."""
        if not await self._reached():
            return False
        logger.info("a model answers again")
        self.away = False
        self.changed.notify()
        return True

    async def _give_way(self) -> None:
        """End the piece on air with its clause, in time, once a viewer waits whom a model can answer."""
        show, air = self._show, self._show.on_air
        if air is None or air.plan is not self._plan:
            return
        await show.wake.wait_until(lambda: show.on_air is not air or len(show.inbox) > 0)
        heard = self._clauses_heard()
        await show.wake.wait_until(lambda: show.on_air is not air or self._clauses_heard() > heard, LAST_CLAUSE_S)
        if show.on_air is air:
            show.floor.interrupt(CutKind.SKIPPED, "a model answers again, and viewers wait")

    def _clauses_heard(self) -> int:
        return sum(clip.finished for clip in self._show.stage.clips)

    def _lose(self) -> None:
        if not self.away:
            self.away = True
            self._wanted.notify()
            logger.warning("no model answers: the host speaks from the night bank ({} pieces)", len(self.bank.pieces))

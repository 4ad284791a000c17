"""The operator's desk: carries out the orders of the web side, and tells it how things stand."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from loguru import logger

from bot import __version__
from bot.control.chat_room import ChatRoom
from bot.control.moderation import ModerationControls
from bot.control.schemas.chat import ChatIn, ChatStatus
from bot.control.schemas.panel import (
    ActIn,
    Counts,
    Done,
    PanelState,
    Part,
    Receipt,
    Role,
    SignIn,
    Stage,
)
from bot.control.views.platforms import alarms, connections, holds, measure, signing_in, streams
from bot.control.views.show import _item, _now, _past
from bot.inbox.inbox import Offer
from bot.intake.intake import Intake
from bot.persona.lines import Purpose
from bot.persona.persona import Persona
from bot.runtime.signal import Signal
from bot.show.loop import Show
from bot.show.turn import FinishedTurn
from bot.sources.registry import Platforms
from bot.sources.source import ActionKind, ChannelAction
from bot.telemetry.metrics import Metrics
from bot.text.sanitize import fit
from bot.types import Author, Message, Retraction
from moderation import Verdict
from moderation.corrections.cases import Cases

_OUTCOMES = ("answered", "folded", "held", "expired", "refused", "dropped")
#: How long an order to stop waits for the stage page's word.
STOP_S = 0.5
#: How long an order to sign in waits for the platform's address.
SIGN_IN_S = 10.0


class Forgetting(Protocol):
    """The ledger as far as deletions go."""

    async def retract(self, *, message: str | None = None, author: str | None = None, source: str | None = None) -> int:
        """Forget the words of a deleted message, of a banned viewer, or of a platform's chat."""
        ...


class ControlRoom:
    """Implements `bot.web.routes.control.Control` over a show. ``parts`` gives the health of the long-lived parts."""

    def __init__(
        self,
        show: Show,
        intake: Intake,
        room: ChatRoom,
        persona: Persona,
        metrics: Metrics,
        pulse: Signal,
        parts: Callable[[], list[Part]],
        ledger: Forgetting,
        cases: Cases | None = None,
    ) -> None:
        self.platforms = Platforms(intake.offer, self.retract, show.inbox, pulse)
        self.moderation = ModerationControls(show, intake, self.platforms, pulse, Cases() if cases is None else cases)
        self.moderation.on_settled = lambda _message: self.counts.subtract(("held",))
        self.on_retract: Callable[[Retraction], None] = lambda _retraction: None
        self.platforms.on_event = lambda source, kind: metrics.events.labels(source, fit(kind, 30)).inc()
        self.changed = pulse
        self.room = room
        self.persona = persona
        self.counts: Counter[str] = Counter()
        self._ledger = ledger
        self._show, self._intake, self._metrics, self._parts = show, intake, metrics, parts
        self._ids = itertools.count(1)
        self._boot = f"{int(time.time()):x}"
        self._since = time.monotonic()

    # --- what comes in ----------------------------------------------------------------------------

    async def chat(self, line: ChatIn) -> Receipt:
        """Take a line of the local chat."""
        author = Author(f"local:{line.author.casefold()}", line.author)
        message = Message(f"local-{self._boot}-{next(self._ids)}", "local", author, line.text)
        offer = await self._intake.offer(message)
        return Receipt.model_validate({"id": message.id, "outcome": offer.outcome, "reason": offer.reason})

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Show a new line in the room, unless it was refused."""
        self.counts["received"] += 1
        self._metrics.verdicts.labels("in", verdict.action.value).inc()
        if offer.outcome != "refused" and message.text:
            self.room.add(message if verdict.text == message.text else replace(message, text=verdict.text))
        self.changed.notify()

    def outcome(self, message: Message, outcome: str, reason: str) -> None:
        """Count what became of a message and tell the room."""
        self.counts[outcome] += 1
        self._metrics.messages.labels(outcome).inc()
        if outcome in _OUTCOMES:
            self.room.outcome(message, outcome, reason)
        self.changed.notify()

    def turn_over(self, past: FinishedTurn) -> None:
        """Put what was heard into the room, and the turn into the metrics."""
        self._metrics.turns.labels(past.outcome.partition(":")[0]).inc()
        if (ms := past.timeline.ms("first_audio")) is not None:
            self._metrics.first_audio.observe(ms / 1000)
        if past.text:
            self.room.said(past.turn.id, self.persona.name, past.text)
        self.changed.notify()

    async def retract(self, retraction: Retraction) -> None:
        """Take back a message, all of a viewer's, or all of a platform's chat."""
        r = retraction
        self.on_retract(r)
        gone = self._show.retract(r)
        self._intake.retract(r)
        self.moderation.retract(r)
        self.room.remove({m.id for m in gone})
        self.room.take_back(r)
        self.changed.notify()
        await self._ledger.retract(message=r.id or None, author=r.author or None, source=r.source or None)

    # --- orders -----------------------------------------------------------------------------------

    def say(self, text: str) -> Receipt:
        """Let words spoken next."""
        self._show.say(text)
        return Receipt(id=f"say-{next(self._ids)}", outcome="queued", reason="it is said next, if moderation allows")

    def skip(self) -> Done:
        """Cut the turn on air."""
        ok = self._show.skip()
        return Done(ok=ok, detail="cut" if ok else "nothing is being said")

    def drop(self, item: str) -> Done:
        """Take an item out of the queue."""
        ok = self._show.inbox.drop(item, "dropped by the operator")
        self.changed.notify()
        return Done(ok=bool(ok), detail="dropped" if ok else "it is not in the queue any more")

    async def stop(self) -> Done:
        """Press the panic latch; return when the stage page has confirmed the silence, at the latest after 0.5 s."""
        began = time.monotonic()
        self._show.stop("stopped by the operator")
        silent = await self.changed.wait_until(lambda: self._show.stage.silent, STOP_S)
        ms = (time.monotonic() - began) * 1000
        logger.warning("stop was pressed: the host is silent until it is armed again ({:.0f} ms)", ms)
        how = (
            f"confirmed by the stage page after {ms:.0f} ms" if silent else "the stage page did not confirm it in time"
        )
        return Done(ok=True, detail=f"silent until armed again; {how}")

    def rearm(self) -> Done:
        """Release the panic latch."""
        if not self._show.floor.stopped:
            return Done(ok=False, detail="the host was not stopped")
        logger.info("the host is armed again")
        self._show.rearm()
        self.moderation.rearmed()
        self._show.line(Purpose.PANIC_OVER)
        return Done(ok=True, detail="armed again")

    async def act(self, order: ActIn) -> Done:
        """Do something on a platform."""
        done = await self.platforms.act(
            order.source,
            ChannelAction(
                ActionKind(order.action), order.user, order.message, order.text, order.seconds, tuple(order.choices)
            ),
        )
        logger.info("by the operator, on {}: {}", order.source, done)
        return Done(ok=True, detail=done)

    async def sign_in(self, source: str, role: Role) -> SignIn:
        """Begin a sign-in; return it with its address once the platform has named one, or with its failure."""
        steps = self.platforms.sign_ins
        self.platforms.begin_sign_in(source, role)
        await self.changed.wait_until(lambda: bool(steps[source].url) or steps[source].state != "waiting", SIGN_IN_S)
        return signing_in(source, steps[source], asyncio.get_running_loop().time())

    def reconnect(self, source: str) -> Done:
        """Let a connection that waits try again now."""
        self.platforms.reconnect(source)
        return Done(ok=True, detail="trying again now")

    # --- how things stand -------------------------------------------------------------------------

    def status(self) -> ChatStatus:
        """Return what the chat page shows of the host."""
        return ChatStatus(host=self.persona.name, state=self._show.stage.state, audible=self._show.stage.audible)

    def metrics(self) -> bytes:
        """Return the metrics."""
        stage = self._show.stage
        self._metrics.pages.set(stage.pages)
        self._metrics.audible.set(stage.audible)
        self._metrics.queue.set(len(self._show.inbox))
        guard = self._show.guard
        self._metrics.blocked.set(guard.blocks)
        self._metrics.silences.set(guard.silences)
        self._metrics.pauses.set(guard.pauses)
        self._metrics.paused.set(guard.paused)
        measure(self.platforms, self._metrics, self._show.inbox, time.monotonic())
        return self._metrics.text()

    def state(self) -> PanelState:
        """Return everything that the control room shows."""
        show, stage = self._show, self._show.stage
        now = time.monotonic()
        return PanelState(
            version=__version__,
            persona=self.persona.name,
            languages=list(self.persona.languages),
            state=stage.state,
            stopped_because=show.floor.stopped_because,
            uptime_s=round(now - self._since, 1),
            now=_now(show.on_air, stage.reels, stage.heard(), now, show.pending()) if show.on_air else None,
            queue=[_item(i) for i in show.inbox.items(now)],
            stage=Stage(audible=stage.audible, pages=stage.pages, detail=stage.describe()),
            parts=self._parts(),
            turns=[_past(p) for p in reversed(list(show.turns)[-20:])],
            counts=Counts(**{k: self.counts[k] for k in ("received", *_OUTCOMES)}),
            connections=connections(self.platforms, now),
            streams=streams(self.platforms),
            holds=holds(self.platforms, now),
            alarms=alarms(self.platforms, now),
            moderation=self.moderation.state(),
        )

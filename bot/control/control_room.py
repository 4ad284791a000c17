"""The control room: carries out an operator's orders, and tells the web side how things stand."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

from loguru import logger

from bot import __version__
from bot.control.budget import BudgetControls
from bot.control.chat_room import ChatRoom
from bot.control.ears import EarsControls
from bot.control.eyes import EyesControls
from bot.control.health import Parts
from bot.control.memory import MemoryControls
from bot.control.mixer import MixerControls
from bot.control.moderation import ModerationControls
from bot.control.night import NightControls
from bot.control.programme import ProgrammeControls
from bot.control.pronunciations import PronunciationControls
from bot.control.schemas.chat import ChatIn, ChatStatus
from bot.control.schemas.panel import (
    ActIn,
    Counts,
    Done,
    PanelState,
    Receipt,
    Role,
    SignIn,
    Stage,
)
from bot.control.streams import StreamStates
from bot.control.tools import ToolControls
from bot.control.views.platforms import alarms, connections, holds, measure, signing_in, streams
from bot.control.views.show import finished_turn, now_on_air, queue_item
from bot.inbox.inbox import Offer
from bot.inbox.observer import MessageObserver
from bot.intake.intake import Intake
from bot.mind.tools.toolbox import ToolBox
from bot.persona.lines import Purpose
from bot.persona.persona import Persona
from bot.runtime.signal import Signal
from bot.show.loop import Show
from bot.show.night.accord import OwnAccord
from bot.show.observer import Observer
from bot.show.schedule.state import Desk
from bot.show.turn import FinishedTurn
from bot.sources.registry import SourceRegistry
from bot.sources.source import ActionKind, ChannelAction
from bot.stage.director.director import Director
from bot.stage.watchdog.watchdog import Watchdog
from bot.telemetry.alarms import Alarms
from bot.telemetry.metrics import Metrics
from bot.text.sanitize import fit
from bot.types import Author, Message, MessageOutcome, Retraction
from bot.vision.eyes import Eyes
from moderation import Verdict
from moderation.corrections.cases import Cases

#: The ends of a message that the control room counts and the chat page is told.
_COUNTED = tuple(outcome for outcome in MessageOutcome if outcome is not MessageOutcome.QUEUED)
#: How long an order to stop waits for the stage page's word.
STOP_S = 0.5
#: How long an order to sign in waits for the platform's address.
SIGN_IN_S = 10.0


class Forgetting(Protocol):
    """The ledger as far as a viewer's wish to be forgotten goes."""

    async def forget(self, author_id: str, source: str | None = None) -> int:
        """Forget a viewer; return the number of their lines and payments. Raises `TransientError`."""
        ...


@dataclass
class Controls:
    """What the control room is made of; `bot.app.build` makes it."""

    show: Show
    intake: Intake
    sources: SourceRegistry
    streams: StreamStates
    alarms: Alarms
    parts: Parts
    ledger: Forgetting
    observer: MessageObserver
    cases: Cases
    director: Director | None = None
    watchdog: Watchdog | None = None
    programme: Desk | None = None
    ears: EarsControls = field(default_factory=EarsControls)
    night: OwnAccord | None = None
    tools: ToolBox | None = None
    budget: BudgetControls = field(default_factory=BudgetControls)
    names: PronunciationControls = field(default_factory=PronunciationControls)
    eyes: Eyes | None = None
    #: Told of each viewer who is to be forgotten: source and id.
    forget: Callable[[str, str], None] = lambda _source, _viewer: None


class ControlRoom(Observer):
    """What an operator may see and order. ``changed`` is notified of everything that the page shows."""

    def __init__(self, controls: Controls, room: ChatRoom, persona: Persona, metrics: Metrics) -> None:
        c = controls
        self.changed = Signal()
        self.room = room
        self.persona = persona
        self.alarms = c.alarms
        self.sources = c.sources
        self.streams = c.streams
        self.counts: Counter[str] = Counter()
        #: How fast the model on this machine is, in words; empty until it was measured.
        self.machine = ""
        self.moderation = ModerationControls(
            c.show,
            c.intake,
            c.sources,
            c.alarms,
            c.observer,
            c.cases,
            settle_held=lambda _message: self.counts.subtract((MessageOutcome.HELD,)),
            show_line=self.room.add,
        )
        self.mixer = MixerControls(c.director, c.watchdog)
        self.ears = c.ears
        self.programme = ProgrammeControls(c.programme, self.mixer.cues)
        self.night = NightControls(c.night)
        self.tools = ToolControls(c.tools)
        self.budget = c.budget
        self.memory = MemoryControls()
        self.names = c.names
        self.eyes = EyesControls(c.eyes)
        self._show = c.show
        self._intake = c.intake
        self._parts = c.parts
        self._ledger = c.ledger
        self._forget = c.forget
        self._metrics = metrics
        self._ids = itertools.count(1)
        self._boot = f"{int(time.time()):x}"
        self._since = time.monotonic()
        parts = (
            self.moderation, self.mixer, self.programme, self.night, self.ears, self.tools, self.eyes, self.budget,
            self.memory,
        )  # fmt: skip
        own = [part.changed for part in parts]
        for signal in (c.show.wake, c.sources.changed, c.streams.changed, c.alarms.changed, c.parts.changed, *own):
            signal.lead_to(self.changed)

    # --- what comes in ----------------------------------------------------------------------------

    async def chat(self, line: ChatIn) -> Receipt:
        """Take a line of the local chat."""
        author = Author(f"local:{line.author.casefold()}", line.author)
        message = Message(f"local-{self._boot}-{next(self._ids)}", "local", author, line.text)
        offer = await self._intake.offer(message)
        return Receipt.model_validate({"id": message.id, "outcome": offer.outcome, "reason": offer.reason})

    # --- what happens: see `bot.show.observer.Observer` ---------------------------------------------

    def received(self, source: str, kind: str) -> None:
        """Count an event of a platform."""
        self._metrics.events.labels(source, fit(kind, 30)).inc()

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Show a new line in the room; one that moderation stops is shown when a person allows it."""
        self.counts["received"] += 1
        self._metrics.verdicts.labels("in", verdict.action.value).inc()
        self._metrics.doubts.inc(verdict.doubt)
        if offer.outcome not in (MessageOutcome.REFUSED, MessageOutcome.HELD) and message.text:
            self.room.add(message if verdict.text == message.text else replace(message, text=verdict.text))
        self.changed.notify()

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Count what became of a message and tell the room."""
        self.counts[outcome] += 1
        self._metrics.messages.labels(outcome.value).inc()
        if outcome in _COUNTED:
            self.room.outcome(message, outcome, reason)
        self.changed.notify()

    def turn_over(self, turn: FinishedTurn) -> None:
        """Put what was heard into the room, and the turn into the metrics."""
        self._metrics.turns.labels(turn.outcome.value).inc()
        if (ms := turn.timeline.ms("first_audio")) is not None:
            self._metrics.first_audio.observe(ms / 1000)
        if turn.text:
            self.room.said(turn.turn.id, self.persona.name, turn.text)
        self.changed.notify()

    def clause_judged(self, verdict: Verdict) -> None:
        """Count a verdict on what the host says."""
        self._metrics.verdicts.labels("out", verdict.action.value).inc()

    def provider_failed(self, what: str, error: BaseException | None) -> None:
        """Count a model or a voice that failed in the middle of a turn."""
        self._metrics.failures.labels(what.partition(":")[0], "reply").inc()
        logger.warning("{} failed in mid-turn{}", what, f" ({error})" if error else "")

    def retracted(self, retraction: Retraction) -> None:
        """Take back a message, all of a viewer's, or all of a platform's chat, from the room."""
        self.room.take_back(retraction)
        self.changed.notify()

    # --- orders -----------------------------------------------------------------------------------

    def say(self, text: str) -> Receipt:
        """Queue words to be spoken next."""
        self._show.say(text)
        return Receipt(id=f"say-{next(self._ids)}", outcome="queued", reason="it is said next, if moderation allows")

    def skip(self) -> Done:
        """Cut the turn on air."""
        ok = self._show.skip()
        return Done(ok=ok, detail="cut" if ok else "nothing is being said")

    def drop(self, item: str, source: str = "") -> Done:
        """Drop an item of the queue; ``source`` tells which, where several platforms have one of that id."""
        ok = self._show.inbox.drop(item, "dropped by the operator", source)
        self.changed.notify()
        return Done(ok=bool(ok), detail="dropped" if ok else "it is not in the queue any more")

    async def stop(self) -> Done:
        """Press the panic latch; return when the stage page has confirmed the silence, at the latest after 0.5 s."""
        began = time.monotonic()
        self._show.stop("stopped by the operator")
        silent = await self._show.stage.changed.wait_until(lambda: self._show.stage.silent, STOP_S)
        ms = (time.monotonic() - began) * 1000
        logger.warning("stop was pressed: the host is silent until it is armed again ({:.0f} ms)", ms)
        how = (
            f"confirmed by the stage page after {ms:.0f} ms" if silent else "the stage page did not confirm it in time"
        )
        return Done(ok=True, detail=f"silent until armed again; {how}")

    def rearm(self) -> Done:
        """Release the panic latch."""
        if not (self._show.floor.stopped or self._show.breaker.paused):
            return Done(ok=False, detail="the host was not stopped")
        logger.info("the host is armed again")
        self._show.rearm()
        self.moderation.rearmed()
        self._show.line(Purpose.PANIC_OVER)
        return Done(ok=True, detail="armed again")

    async def act(self, order: ActIn) -> Done:
        """Run an action on a platform."""
        action = ChannelAction(
            ActionKind(order.action), order.user, order.message, order.text, order.seconds, tuple(order.choices)
        )
        done = await self.sources.act(order.source, action)
        if order.action in ("allow", "deny"):
            self.streams.release(order.source, order.message)
        logger.info("by the operator, on {}: {}", order.source, done)
        return Done(ok=True, detail=done)

    async def sign_in(self, source: str, role: Role) -> SignIn:
        """Begin a sign-in; return it with its address once the platform has named one, or with its failure."""
        steps = self.sources.sign_ins
        self.sources.begin_sign_in(source, role)
        await self.sources.changed.wait_until(
            lambda: bool(steps[source].url) or steps[source].state != "waiting", SIGN_IN_S
        )
        return signing_in(source, steps[source], asyncio.get_running_loop().time())

    def reconnect(self, source: str) -> Done:
        """Reconnect a connection that waits."""
        self.sources.reconnect(source)
        return Done(ok=True, detail="trying again now")

    async def retry_provider(self, kind: str, name: str) -> Done:
        """Try a model, a voice or a judge at once that rests or is down. Raises `Refused`."""
        part = await self._parts.retry_now(kind, name)
        self.changed.notify()
        return Done(ok=part.state == "up", detail=part.detail or f"{name} is {part.state}")

    def dismiss_alarm(self, alarm: str) -> Done:
        """Take an alarm off the page: a person has seen it. What goes on to be wrong raises it again."""
        ok = self.alarms.clear(alarm)
        return Done(ok=ok, detail="dismissed" if ok else "it does not stand any more")

    async def forget_viewer(self, source: str, viewer: str) -> Done:
        """Forget a viewer everywhere but in what they still are to be thanked for. Raises `TransientError`."""
        self._show.forget(source, viewer)
        self.moderation.forget(source, viewer)
        self._forget(source, viewer)
        self.room.take_back(Retraction(source, author=viewer, reason="forgotten at the viewer's wish"))
        rows = await self._ledger.forget(viewer, source)
        logger.info("by the operator: a viewer of {} is forgotten", source)
        self.changed.notify()
        return Done(ok=True, detail=f"{rows} lines and payments are without name and words now")

    # --- how things stand -------------------------------------------------------------------------

    def status(self) -> ChatStatus:
        """Return what the chat page shows of the host."""
        return ChatStatus(
            host=self.persona.name, state=cast("Any", self._show.stage.state.value), audible=self._show.stage.audible
        )

    def down(self) -> dict[str, str]:
        """Return the parts that are down, with the reason of each."""
        return self._parts.down()

    def metrics(self) -> bytes:
        """Return the metrics."""
        stage = self._show.stage
        self._metrics.pages.set(stage.pages)
        self._metrics.audible.set(stage.audible)
        self._metrics.queue.set(len(self._show.inbox))
        guard = self._show.breaker
        self._metrics.blocked.set(guard.blocks)
        self._metrics.silences.set(guard.silences)
        self._metrics.pauses.set(guard.pauses)
        self._metrics.paused.set(guard.paused)
        for reason, count in self._intake.shedder.thinned.items():
            self._metrics.thinned.labels(reason).set(count)
        self._metrics.shunned.set(len(guard.shunned()))
        self._metrics.unjudged.set(self._intake.unjudged)
        self.budget.measure(self._metrics)
        measure(self.sources, self._metrics, self._show.inbox, time.monotonic())
        return self._metrics.text()

    def state(self) -> PanelState:
        """Return everything that the control room shows."""
        show, stage = self._show, self._show.stage
        now = time.monotonic()
        return PanelState(
            version=__version__,
            persona=self.persona.name,
            machine=self.machine,
            languages=list(self.persona.languages),
            state=cast("Any", stage.state.value),
            stopped_because=show.floor.stopped_because,
            uptime_s=round(now - self._since, 1),
            now=now_on_air(show.on_air, stage.clips, stage.heard(), now, show.pending()) if show.on_air else None,
            queue=[queue_item(i) for i in show.inbox.items(now)],
            stage=Stage(audible=stage.audible, pages=stage.pages, detail=stage.describe(), mood=stage.feeling.words()),
            parts=self._parts.all(),
            turns=[finished_turn(p) for p in reversed(list(show.turns)[-20:])],
            counts=Counts(**{k: self.counts[k] for k in ("received", *_COUNTED)}),
            connections=connections(self.sources, now),
            streams=streams(self.streams),
            holds=holds(self.streams, now),
            alarms=alarms(self.alarms, now),
            moderation=self.moderation.state(),
            mixer=self.mixer.state(),
            programme=self.programme.state(),
            ears=self.ears.state(),
            night=self.night.state(),
            tools=self.tools.state(),
            budget=self.budget.state(),
            memory=self.memory.state(),
            eyes=self.eyes.state(),
        )

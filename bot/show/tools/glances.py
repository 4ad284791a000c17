"""The host looks of its own accord: when the scene changes, when a gift or a raid comes, or now and then.

What was seen is said when the host has a moment, and forgotten. Closed eyes see nothing, and what they saw before and
nobody said is thrown away.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from loguru import logger

from bot.errors import HaishinError
from bot.inbox.entries import Offer
from bot.runtime.metering import CallPurpose, calling_for
from bot.runtime.signal import Signal
from bot.show.floor_settings import FloorEvent
from bot.show.observer import Observer
from bot.show.segments.segment import Brief
from bot.show.turn import TurnPlan
from bot.types import Kind, Message, MessageOutcome, TurnKind
from bot.vision.settings import GlanceEvent, VisionSettings
from moderation import Verdict

#: What was seen is worth a word for so long, in seconds; between two looks lie at least so many.
STALE_S: Final = 45.0
APART_S: Final = 20.0
#: The host says it when nobody said anything for so long, in seconds.
QUIET_S: Final = 2.0
#: How often the scene on air and the clock are looked at, in seconds.
LOOK_S: Final = 1.0
#: A scene is looked at when it has stood for so long: a transition shows two pictures at once. Seconds.
SETTLED_S: Final = 2.0
_HOUR_S: Final = 3600.0

_EVENTS: Final = {
    Kind.GIFT: GlanceEvent.GIFT,
    Kind.CHEER: GlanceEvent.GIFT,
    Kind.SUPER_CHAT: GlanceEvent.GIFT,
    Kind.SUB: GlanceEvent.GIFT,
    Kind.GUARD: GlanceEvent.GIFT,
    Kind.RAID: GlanceEvent.RAID,
}
_QUESTION: Final = "What is on the picture of the stream now, and what is worth a remark?"
_TASK: Final = (
    "You just looked at the picture of your own stream, because {why}. The note says what is on it. Say one or two "
    "short sentences about it, in your own way, to the people who watch the same picture."
)
_WHY: Final = {
    GlanceEvent.SCENE: "the scene changed",
    GlanceEvent.GIFT: "somebody gave you something",
    GlanceEvent.RAID: "a crowd of guests just came in",
    None: "it was time for a look",
}


class Sight(Protocol):
    """The eyes; `bot.vision.eyes.Eyes`."""

    changed: Signal
    generation: int

    @property
    def on(self) -> bool:
        """Whether they are open."""
        ...

    async def look(self, question: str) -> str:
        """Return what is seen. Raises `HaishinError`."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    text: str
    why: GlanceEvent | None
    at: float
    generation: int


class Glances(Observer):
    """An `Initiative`. ``scene`` returns the scene on air, empty for none; ``patience`` how many times longer to wait.

    ``passes`` says whether moderation would let the host see a description.
    """

    floor_event: Final = FloorEvent.OWN_ACCORD

    def __init__(
        self,
        eyes: Sight,
        settings: VisionSettings,
        *,
        clock: Callable[[], float],
        scene: Callable[[], str],
        language: Callable[[], str],
        passes: Callable[[str], Awaitable[bool]],
        patience: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.changed = Signal()
        self._eyes = eyes
        self._settings = settings
        self._clock = clock
        self._scene = scene
        self._language = language
        self._passes = passes
        self._patience = patience
        self._wanted: GlanceEvent | None = None
        self._seen: _Seen | None = None
        self._looks: deque[float] = deque()
        self._last = clock()
        self._on_air = scene()
        self._switched: float | None = None

    # --- what the loop asks -------------------------------------------------------------------------

    def next(self, now: float, quiet_since: float) -> TurnPlan | None:
        """Return the turn that says what was seen."""
        seen = self._fresh(now)
        if seen is None or now - quiet_since < QUIET_S:
            return None
        self._seen = None
        task = _TASK.format(why=_WHY[seen.why])
        return TurnPlan(TurnKind.SEGMENT, brief=Brief(task, (seen.text,)), language=self._language())

    def due_in(self, now: float, quiet_since: float) -> float | None:
        """Return the seconds until it wants to speak; 0 when it does now."""
        if self._fresh(now) is None:
            return None
        return max(0.0, QUIET_S - (now - quiet_since))

    def _fresh(self, now: float) -> _Seen | None:
        seen = self._seen
        if seen is not None and (
            now - seen.at > STALE_S or not self._eyes.on or seen.generation != self._eyes.generation
        ):
            self._seen = seen = None
        return seen

    # --- what it hears and does ---------------------------------------------------------------------

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Take note of a gift or a raid."""
        del verdict
        event = _EVENTS.get(message.kind)
        if event in self._settings.events and offer.outcome is MessageOutcome.QUEUED:
            self._wanted = event

    async def run(self) -> None:
        """Look when there is a reason and the rates allow it, for as long as the show runs."""
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._clock()
            self._watch_scene(now)
            if (reason := self._reason(now)) is not None and self._may(now):
                await self._look(reason[0], now)

    def _watch_scene(self, now: float) -> None:
        scene = self._scene()
        if scene and scene != self._on_air:
            self._switched = now if self._on_air else None  # the first one that is seen is no change
            self._on_air = scene
        if self._switched is not None and now - self._switched >= SETTLED_S:
            self._switched = None
            if GlanceEvent.SCENE in self._settings.events:
                self._wanted = GlanceEvent.SCENE

    def _reason(self, now: float) -> tuple[GlanceEvent | None] | None:
        """Return why to look now, in brackets; None for no reason."""
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            return (wanted,)
        every = self._settings.every_s * self._patience()
        return (None,) if every and now - self._last >= every else None

    def _may(self, now: float) -> bool:
        """Return whether the eyes are open and no rate is used up; a host that saves looks more seldom."""
        while self._looks and now - self._looks[0] > _HOUR_S:
            self._looks.popleft()
        most = self._settings.per_hour / self._patience()
        apart = not self._looks or now - self._looks[-1] >= APART_S * self._patience()
        return self._eyes.on and apart and len(self._looks) < most

    async def _look(self, why: GlanceEvent | None, now: float) -> None:
        self._looks.append(now)
        self._last = now
        generation = self._eyes.generation
        try:
            with calling_for(CallPurpose.GLANCE):
                text = await self._eyes.look(_QUESTION)
            if not await self._passes(text):
                logger.info("what was seen is left out: moderation would not let the host say it")
                return
        except HaishinError as error:
            logger.info("the host could not look: {}", error)
            return
        if self._eyes.generation == generation:
            self._seen = _Seen(text, why, self._clock(), generation)
            self.changed.notify()

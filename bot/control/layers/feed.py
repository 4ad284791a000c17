"""Tells the stage's layers what viewers may see. The show knows nothing of it, and goes on when it fails.

Lines of the chat come from the chat room, so a layer shows exactly what the chat page shows; payments without words
come from the way in. What was deleted goes at once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from loguru import logger

from bot.control.layers.goals import GoalCounts
from bot.control.layers.lines import alert, chat_line, clean, is_event, key_of
from bot.control.streams import StreamStates
from bot.inbox.entries import Offer
from bot.persona.lines import Lines
from bot.runtime.signal import Signal
from bot.show.loop import Show
from bot.show.observer import Observer
from bot.show.schedule.state import Desk
from bot.show.segments.registry import SegmentKind
from bot.sources.registry import SourceRegistry
from bot.stage.director.director import Director
from bot.stage.director.settings import ShowState
from bot.stage.layers import files, style
from bot.stage.layers.emotes import Emotes
from bot.stage.layers.messages import MAX_NAME, Answering, Dress, Goals, Screen, SegmentState, VoteState
from bot.stage.settings import StageSettings
from bot.telemetry.alarms import Alarms
from bot.types import Message, MessageOutcome, Retraction
from moderation import Verdict

#: How often it is looked at how things stand, in seconds: after a change, and without one.
LOOK_S, IDLE_S = 0.4, 1.0
#: How often it is looked whether a list of emotes is due, in seconds.
EMOTES_S = 5.0
#: Messages that are remembered, to be told once and to be taken back.
MAX_SHOWN = 3000
#: Lines of a platform that pages are told in a second; nobody reads more. Payments are not counted.
LINES_A_SECOND = 40
LABEL = "label"


@dataclass(frozen=True, slots=True)
class Sight:
    """What the layers show of. ``lines`` and ``language`` are those of who is the host now."""

    show: Show
    streams: StreamStates
    sources: SourceRegistry
    alarms: Alarms
    changed: Signal
    lines: Callable[[], Lines]
    language: Callable[[], str]
    desk: Desk | None = None
    director: Director | None = None
    #: The number of the Twitch channel; empty while it is not known.
    channel: Callable[[], str] = str


class LayerFeed(Observer):
    """Fills the board of the stage."""

    def __init__(self, sight: Sight, settings: StageSettings) -> None:
        self._sight = sight
        self._board = sight.show.stage.board
        self._goals = GoalCounts(settings.goals)
        self.settings = settings
        self._lines = sight.lines()
        self._own = Lines(self._lines.script, self._lines.default)
        #: Source, id and author of what was told, by its key.
        self._told: OrderedDict[str, tuple[str, str, str]] = OrderedDict()
        self._rates: dict[str, tuple[float, int]] = {}
        self._read = 0
        self._looked: dict[str, tuple[Path, int]] = {}
        self._was_heard = False
        self.update(settings)

    def update(self, settings: StageSettings) -> None:
        """Take over settings, on air."""
        self.settings = settings
        self._board.css = settings.css
        self._board.files = files.named(settings.alerts.tiers)
        self._goals.update(settings.goals)

    # --- what happens: the chat room's lines, and what is paid without words ---------------------------

    def line(self, message: Message) -> None:
        """Show a line that stands in the chat room."""
        if is_event(message):
            self._event(message)
        elif self._may_tell(message.source) and self._first(message):
            self._board.line(chat_line(message, self._emotes()))

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Show what somebody did; one whose words wait for a person is shown when they are allowed."""
        del verdict
        if is_event(message) and offer.outcome not in (MessageOutcome.REFUSED, MessageOutcome.HELD):
            self._event(message)

    def take_back(self, retraction: Retraction) -> None:
        """Take what was deleted off the pages."""
        gone = [key for key, (source, id_, author) in self._told.items() if retraction.covers(source, id_, author)]
        self._board.gone(gone)

    def _event(self, message: Message) -> None:
        if not self._first(message):
            return
        self._goals.take(message)
        self._board.line(chat_line(message, self._emotes()))
        lines = self._sight.lines()
        if lines is not self._lines:  # another persona is the host
            self._lines, self._own = lines, Lines(lines.script, lines.default)
        self._board.alert(alert(message, self._own, self._sight.language()))

    def _first(self, message: Message) -> bool:
        key = key_of(message)
        if key in self._told:
            return False
        self._told[key] = message.source, message.id, message.author.id
        while len(self._told) > MAX_SHOWN:
            self._told.popitem(last=False)
        return True

    def _may_tell(self, source: str) -> bool:
        now = asyncio.get_running_loop().time()
        since, count = self._rates.get(source, (now, 0))
        if now - since >= 1:
            since, count = now, 0
        self._rates[source] = since, count + 1
        return count < LINES_A_SECOND

    def _emotes(self) -> Emotes | None:
        return self._board.emotes if self.settings.emotes else None

    # --- how things stand ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep the board told of how things stand."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_emotes(), name="lists of emotes")
            await self._keep()

    async def _read_emotes(self) -> None:
        """Keep the lists of emotes fresh; a server that hangs holds up nothing else."""
        while True:
            wanted = self.settings.emote_sets if self.settings.emotes else []
            channel = self.settings.emote_channel or self._sight.channel()
            await self._board.emotes.sets.refresh(channel, wanted)
            await asyncio.sleep(EMOTES_S)

    async def _keep(self) -> None:
        while True:
            self._look()
            await self._read_style()
            await self._board.playing.look(self.settings.now_playing)
            await self._sight.changed.wait(IDLE_S)
            await asyncio.sleep(LOOK_S)

    def _look(self) -> None:
        board, sight = self._board, self._sight
        sources = [name for name in sight.sources.sources if name != "replay"]
        board.dress(self._dress([*sources, "local"]))
        board.show(board.playing.now(self._media()))
        board.show(self._answering())
        hype = max((stream.hype_level for stream in sight.streams.streams.values()), default=0)
        board.show(Goals(goals=self._goals.state(), hype=max(0, min(hype, 1000))))
        board.show(self._vote())
        board.show(self._segment())
        board.show(Screen(state=cast("Any", self._screen().value)))
        if board.label_hidden:
            sight.alarms.raise_alarm(
                LABEL,
                "the AI label cannot be seen on an open stage page",
                "Something in the page's style hides it: stage.css, or the style of the source in OBS.",
            )
        else:
            sight.alarms.clear(LABEL)

    def _dress(self, sources: list[str]) -> Dress:
        settings, alerts = self.settings, self.settings.alerts
        return Dress(
            theme=settings.theme,
            css=style.version(settings.css),
            sources=sources,
            volume=alerts.volume if alerts.sounds else 0.0,
            files={name: found for name, file in self._board.files.items() if (found := style.version(file))},
        )

    def _media(self) -> str:
        """Return the segment on air that plays a file, by its name."""
        air = self._sight.desk.on_air() if self._sight.desk else None
        return air.segment if air is not None and air.kind == SegmentKind.MEDIA else ""

    def _answering(self) -> Answering:
        air = self._sight.show.on_air
        if air is None or not air.turn.messages or air.taken_back:
            return Answering()
        first, *others = air.turn.messages
        return Answering(
            key=key_of(first),
            source=first.source,
            author=clean(first.author.name, MAX_NAME),
            kind=first.kind.value,
            text=clean(first.text),
            more=len(others),
        )

    def _vote(self) -> VoteState:
        asked = self._sight.desk.asked() if self._sight.desk else None
        if asked is None:
            return VoteState()
        return VoteState(
            kind=asked.kind,
            title=clean(asked.title, 300) or asked.kind,
            choices=[clean(choice, 60) for choice in asked.choices],
            counts=list(asked.counts),
            number=asked.number,
            total=asked.of,
            left_s=round(asked.left_s, 1),
            answer=clean(asked.answer, 300),
        )

    def _segment(self) -> SegmentState:
        desk = self._sight.desk
        if desk is None:
            return SegmentState()
        air, coming = desk.on_air(), clean(desk.next(), 100)
        if air is None:
            return SegmentState(next=coming)
        left = air.remaining_s
        length = None if left is None else round(air.aired_s + left)
        return SegmentState(name=clean(air.segment, 100), kind=air.kind, left_s=left, length_s=length, next=coming)

    def _screen(self) -> ShowState:
        """Return where the show stands; without a mixer, and so without a director, as far as that is known."""
        sight = self._sight
        if sight.director is not None:
            return sight.director.state
        self._was_heard = self._was_heard or sight.show.stage.audible
        air = sight.desk.on_air() if sight.desk else None
        if sight.show.floor.closing or (air and air.kind == SegmentKind.GOODBYE):
            return ShowState.ENDING
        if air and air.kind == SegmentKind.BREAK:
            return ShowState.BREAK
        return ShowState.LIVE if self._was_heard else ShowState.STARTING

    async def _read_style(self) -> None:
        """Say in the log what is wrong with the streamer's own files, once for each time that one was written."""
        for name, own in self._board.files.items():
            if self._looked.get(name) != (seen := (own, style.version(own))):
                self._looked[name] = seen
                try:
                    await asyncio.to_thread(files.read, name, own)
                except ValueError as error:
                    logger.warning("stage.alerts, {}: {}", name, error)
        file, version = self.settings.css, style.version(self.settings.css)
        if file is None or version == self._read:
            return
        self._read = version
        try:
            found = style.warnings(await asyncio.to_thread(style.read, file))
        except ValueError as error:
            found = [str(error)]
        for words in found:
            logger.warning("stage.css: {}", words)

"""Builds what plays the programme, where one is configured, and takes over its file whenever it is written."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import watchfiles

from bot.app.mixing import platform_live, watching
from bot.app.recast import invite
from bot.control.streams import StreamStates
from bot.errors import HaishinError, ProviderError, Refused
from bot.mind.failover import LlmChain
from bot.show.schedule.agenda import reckon
from bot.show.schedule.file import read
from bot.show.schedule.keeper import Keeper
from bot.show.schedule.programme import Segment
from bot.show.schedule.runner import Runner
from bot.show.schedule.speech import ShowSpeech
from bot.show.schedule.state import Desk
from bot.show.segments.registry import SegmentKind
from bot.sources.registry import SourceRegistry
from bot.sources.source import ActionKind, ChannelAction
from bot.stage import media
from bot.stage.director.director import Director
from bot.stage.director.settings import ShowState
from bot.stage.director.standing import SegmentOnAir
from bot.stage.obs.mixer import Mixer
from bot.store.programme import ProgrammeLedger
from bot.telemetry.alarms import Alarms

if TYPE_CHECKING:
    from bot.app.app import App

#: The alarm of a file with a fault, and how much of the fault it tells, in characters.
ALARM, MAX_FAULT = "programme", 600
#: In which state of the show a segment of a kind is.
_STATES = {SegmentKind.BREAK: ShowState.BREAK, SegmentKind.GOODBYE: ShowState.ENDING}


@dataclass(frozen=True, slots=True)
class Programming:
    """What plays the programme; all of it is None when none is configured."""

    runner: Runner | None = None
    desk: Desk | None = None
    path: Path | None = None
    alarms: Alarms | None = None

    @property
    def zone(self) -> str:
        """The time zone of the programme; empty where there is none."""
        return "" if self.runner is None else self.runner.agenda.file.programme.zone

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return the long-lived parts by their names."""
        return {} if self.runner is None else {"programme": self.runner.run, "programme's file": self.watch}

    async def watch(self) -> None:
        """Take over the file whenever it is written. One with a fault leaves the programme before in force."""
        if self.path is None:
            return
        path = self.path.resolve()
        # The folder is watched, not the file: editors replace files.
        async for changes in watchfiles.awatch(path.parent, recursive=False):
            if any(Path(changed).resolve() == path for _, changed in changes):
                await self.open()

    async def open(self) -> None:
        """Read the file; what is wrong with it is shown, and the programme before goes on. Never raises."""
        if self.runner is None or self.path is None or self.alarms is None:
            return
        try:
            file = await asyncio.to_thread(read, self.path)
        except HaishinError as error:
            self.runner.refuse(str(error))
            what = f"the programme is not taken over: {str(error)[:MAX_FAULT]}"
            self.alarms.raise_alarm(ALARM, what, error.remedy or "The one before goes on; mend the file.")
            return
        self.alarms.clear(ALARM)
        times = await asyncio.to_thread(reckon, file, self.runner.agenda.seen)
        self.runner.adopt(file, times)


async def open_programme(
    app: App, llm: LlmChain, store: ProgrammeLedger, streams: StreamStates, alarms: Alarms
) -> Programming:
    """Make what plays the programme of the settings, and read it. Nothing is made when there is none."""
    path = app.settings.programme
    if path is None:
        return Programming()

    def clock() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    speech = ShowSpeech(app.show, llm.aside)
    hands = ShowHands(app.sources, app.mixing.director, app.mixing.mixer, streams, host=partial(invite, app))
    facts = StreamFacts(streams, app.sources, lambda: app.hearing.streamer_speaking)
    runner = Runner(speech, Keeper(store, clock), clock, facts=facts, hands=hands)
    app.intake.reader = runner.read
    app.observers.add(runner)
    programming = Programming(runner, Desk(runner, clock), path, alarms)
    await programming.open()
    return programming


class StreamFacts:
    """What the platforms and the ears tell: `bot.show.schedule.agenda.Facts`."""

    def __init__(
        self, streams: StreamStates, sources: SourceRegistry, speaking: Callable[[], bool | None] = lambda: None
    ) -> None:
        self._streams = streams
        self._sources = sources
        self._speaking = speaking

    def viewers(self) -> int | None:
        """Return how many watch, on all platforms together that tell it."""
        return watching(self._streams, self._sources)

    def live(self) -> bool | None:
        """Return whether any platform says that the stream is live."""
        return platform_live(self._streams, self._sources)

    def streamer_speaking(self) -> bool | None:
        """Return whether the streamer speaks; None when no ears are open."""
        return self._speaking()


class ShowHands:
    """What a segment may move: `bot.show.schedule.host.Hands` over platforms, director and mixer."""

    def __init__(
        self,
        sources: SourceRegistry,
        director: Director | None,
        mixer: Mixer | None,
        streams: StreamStates | None = None,
        *,
        host: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._host = host
        self._sources = sources
        self._streams = {} if streams is None else streams.streams
        self._director = director
        self._mixer = mixer

    async def cue(self, name: str, values: Mapping[str, object]) -> bool:
        """Run a cue; return whether it was done."""
        return self._director is not None and await self._director.cue(name, values)

    def segment(self, segment: Segment, *, begins: bool) -> None:
        """Tell the director."""
        if self._director is not None:
            on_air = SegmentOnAir(segment.name, segment.kind, segment.scene, _STATES.get(segment.kind))
            self._director.segment(on_air, begins=begins)

    async def invite(self, persona: str) -> None:
        """Exchange who the host is; see `bot.app.recast.invite`."""
        if self._host is not None:
            await self._host(persona)

    async def act(self, action: str, values: Mapping[str, object]) -> str:
        """Run an action on every platform that can; return what was done. Raises `Refused` when none did."""
        wanted = _ACTIONS.get(action, ())
        done: list[str] = []
        why = ""
        for name, source in self._sources.sources.items():
            kind = next((kind for kind in wanted if kind in source.actions), None)
            if kind is None:
                continue
            if kind is ActionKind.POLL and name in self._streams:
                self._streams[name].poll = None  # what an earlier one of the same title came to does not count
            try:
                done.append(f"{name}: {await self._sources.act(name, _order(kind, values))}")
            except (Refused, ProviderError) as error:
                why = f"{name}: {error}"
        if not done:
            raise Refused(why or f"no platform here can do {action!r}", remedy="See docs/programme.md.")
        return "; ".join(done)

    def votes(self, title: str, choices: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Return the votes of the platforms' own polls of this title, by platform.

        A platform may cut a title: then its beginning counts.
        """
        found: dict[str, Sequence[int]] = {}
        for name, stream in self._streams.items():
            poll = stream.poll
            if poll is None or not poll.title or not title.casefold().startswith(poll.title.strip().casefold()):
                continue
            theirs = {choice.strip().casefold(): n for choice, n in zip(poll.choices, poll.votes, strict=False)}
            if all(choice.casefold() in theirs for choice in choices):
                found[name] = [theirs[choice.casefold()] for choice in choices]
        return found

    async def play(self, source: str, file: Path | None) -> float:
        """Play a file in a media source of the mixer; return its length in seconds. Raises `Refused`."""
        if self._mixer is None:
            raise Refused("no video mixer is configured", remedy="See docs/obs.md: obs.enabled.")
        return await media.play(self._mixer, source, file)


#: What stands for an action of a segment on the platforms, the best first.
_ACTIONS = {
    "announce": (ActionKind.ANNOUNCE, ActionKind.SEND),
    "poll": (ActionKind.POLL,),
    "title": (ActionKind.TITLE,),
    "raid": (ActionKind.RAID,),
}


def _order(kind: ActionKind, values: Mapping[str, object]) -> ChannelAction:
    choices = values.get("choices")
    seconds = values.get("seconds")
    return ChannelAction(
        kind,
        user=str(values.get("channel") or ""),
        category=str(values.get("category") or ""),
        text=str(values.get("text") or values.get("title") or ""),
        seconds=int(seconds) if isinstance(seconds, int | float) else 60,
        choices=tuple(map(str, choices)) if isinstance(choices, list | tuple) else (),
    )

"""What a segment on air may do: a `bot.show.segments.segment.SegmentHost` over the show."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from loguru import logger

from bot.errors import HaishinError, Refused
from bot.runtime.signal import Signal
from bot.show.schedule.file import Planned
from bot.show.schedule.keeper import Keeper
from bot.show.schedule.programme import Segment
from bot.show.schedule.speech import Speech, new_turn
from bot.show.segments.segment import Brief, ChatMode, Heard
from bot.store.programme import SegmentRun
from bot.text.sanitize import has_word
from bot.types import Message, Retraction

#: Lines of the chat that wait for a segment to read them; beyond that the oldest leaves.
MAX_LINES = 20_000
#: Deletions that are remembered while a segment is on.
MAX_DELETIONS = 2000
#: After a piece of which nothing was heard, a segment goes on no sooner, in seconds: it must not ask in a circle.
UNHEARD_S = 1.0
#: How long an order to the mixer may take, in seconds.
CUE_S = 10.0
_CAME_BACK = "\nYou were interrupted by your viewers. Come back to this in a few words first."


class Hands(Protocol):
    """What a segment may move beside the voice: director, platforms, mixer."""

    async def cue(self, name: str, values: Mapping[str, object]) -> bool:
        """Run a cue; return whether it was done."""
        ...

    def segment(self, segment: Segment, *, begins: bool) -> None:
        """Take note that a segment begins or ends: its scene. Returns at once."""
        ...

    async def invite(self, persona: str) -> None:
        """Set the persona that is the host from now on; an empty name brings back the channel's own. Never raises."""
        ...

    async def act(self, action: str, values: Mapping[str, object]) -> str:
        """Run an action on the platforms; return what was done. Raises `Refused`."""
        ...

    def votes(self, title: str, choices: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Return the votes of the platforms' own polls, by platform."""
        ...

    async def play(self, source: str, file: Path | None) -> float:
        """Play a file; return its length in seconds. Raises `Refused`."""
        ...


class NoHands:
    """There is neither a director nor a mixer nor a platform."""

    async def cue(self, name: str, values: Mapping[str, object]) -> bool:
        """Do nothing."""
        del name, values
        return False

    def segment(self, segment: Segment, *, begins: bool) -> None:
        """Do nothing."""

    async def invite(self, persona: str) -> None:
        """Do nothing."""

    async def act(self, action: str, values: Mapping[str, object]) -> str:
        """Refuse it."""
        del values
        raise Refused(f"no platform can do {action!r}", remedy="Connect one: see docs/twitch.md.")

    def votes(self, title: str, choices: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Return that there is no poll."""
        del title, choices
        return {}

    async def play(self, source: str, file: Path | None) -> float:
        """Refuse it."""
        del source, file
        raise Refused("there is no mixer to play a file", remedy="Set up OBS first.")


@dataclass(eq=False)
class AiredSegment:
    """The segment on air, as itself sees it. ``began`` is a moment of the loop's clock."""

    segment_run: SegmentRun
    planned: Planned
    folder: Path
    memory: dict[str, Any]
    speech: Speech
    hands: Hands
    keeper: Keeper
    clock: Callable[[], dt.datetime]
    began: float
    aired_before_s: float = 0.0
    extra_s: float = 0.0
    #: Why it is to end before its end; empty while it may go on.
    ending: str = ""
    #: Whether a viewer was answered since its last piece.
    interrupted: bool = False
    #: Whether nothing was heard of its last piece: then it does not keep the host from speaking of its own accord.
    speechless: bool = False
    #: ``changed`` is notified when a line came, ``over`` when it is to end or has another length.
    changed: Signal = field(default_factory=Signal)
    over: Signal = field(default_factory=Signal)
    _lines: deque[Message] = field(default_factory=lambda: deque(maxlen=MAX_LINES))
    _deletions: deque[Retraction] = field(default_factory=lambda: deque(maxlen=MAX_DELETIONS))

    # --- what the programme asks --------------------------------------------------------------------

    @property
    def aired_s(self) -> float:
        """How long it has been on air, in seconds."""
        return self.aired_before_s + _now() - self.began

    @property
    def chat(self) -> ChatMode:
        """How chat is treated meanwhile."""
        return self.planned.segment.chat or self.planned.kind.chat

    def hear(self, message: Message) -> None:
        """Keep a line of the chat for the segment."""
        self._lines.append(message)
        self.changed.notify()

    def retracted(self, retraction: Retraction) -> None:
        """Take back lines that a platform deleted."""
        self._deletions.append(retraction)
        kept = [m for m in self._lines if not retraction.covers(m.source, m.id, m.author.id)]
        if len(kept) != len(self._lines):
            self._lines = deque(kept, MAX_LINES)

    def forget_run(self) -> None:
        """Forget what the segment kept for this run alone: it may hold what viewers wrote."""
        if self.memory.get("state"):
            self.memory["state"] = {}
            self.keeper.remember(self.segment_run.segment, self.memory)

    def end(self, why: str) -> None:
        """End it before its end."""
        self.ending = self.ending or why
        self.over.notify()

    # --- what the segment asks: see `SegmentHost` -----------------------------------------------------

    @property
    def run(self) -> str:
        """The name of this run."""
        return self.segment_run.run

    @property
    def language(self) -> str:
        """The show's language."""
        return self.speech.language

    @property
    def remaining_s(self) -> float:
        """Seconds until its time is up; infinite when it has no length."""
        length = self.planned.segment.length
        return math.inf if length is None else max(0.0, length + self.extra_s - self.aired_s)

    async def save(self) -> None:
        """Make ``memory`` durable."""
        if self.keeper.remember(self.segment_run.segment, self.memory):
            await self.keeper.settled()

    async def say(self, text: str) -> Heard:
        """Speak words as they are; return what was heard."""
        return await self.speak(text, new_turn())

    async def improvise(self, brief: Brief) -> Heard:
        """Speak what the model composes; return what was heard. After an interruption the host returns to its topic."""
        return await self.speak(brief, new_turn())

    async def speak(self, what: str | Brief, turn: str) -> Heard:
        """Speak in the turn of that id; return what was heard."""
        heard = await self.speech.speak(lambda: self._worded(what), turn)
        self.speechless = not has_word(heard.text)
        if self.speechless:
            self.speech.changed.notify()
            await asyncio.sleep(UNHEARD_S)
        return heard

    def _worded(self, what: str | Brief) -> str | Brief:
        interrupted, self.interrupted = self.interrupted, False
        if interrupted and isinstance(what, Brief):
            return replace(what, task=what.task + _CAME_BACK)
        return what

    async def ask(self, task: str, material: Sequence[str] = (), *, max_tokens: int = 60) -> str:
        """Return the model's answer unspoken; empty when no model answers in time."""
        return await self.speech.ask(task, material, max_tokens)

    async def wait(self, seconds: float) -> None:
        """Wait, at most until its time is up."""
        end = _now() + seconds
        while (left := min(end - _now(), self.remaining_s)) > 0:
            await self.over.wait(left)  # its time may be made longer meanwhile

    async def next_line(self, seconds: float) -> Message | None:
        """Return the next line of the chat that came in since the last call; None when none comes in time."""
        if not self._lines:
            await self.changed.wait_until(lambda: bool(self._lines), max(0.0, min(seconds, self.remaining_s)))
        return self._lines.popleft() if self._lines else None

    def stands(self, source: str, message_id: str, author_id: str) -> bool:
        """Return whether a line that was read may still be used."""
        return not any(one.covers(source, message_id, author_id) for one in self._deletions)

    async def cue(self, name: str, values: Mapping[str, object] | None = None) -> bool:
        """Run a cue of the director; return whether it was done."""
        try:
            async with asyncio.timeout(CUE_S):
                return await self.hands.cue(name, values or {})
        except Exception as error:  # noqa: BLE001 - a mixer that fails must not fell the segment
            logger.warning("the cue {!r} of the segment {} failed: {}", name, self.segment_run.segment, error)
            return False

    async def act(self, action: str, values: Mapping[str, object]) -> str:
        """Return what was done on the platforms. Raises `Refused`."""
        try:
            return await self.hands.act(action, values)
        except Refused:
            raise
        except HaishinError as error:
            raise Refused(str(error), remedy=error.remedy) from error

    def votes(self, title: str, choices: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Return the votes of the platforms' own polls of this title, by platform."""
        return self.hands.votes(title, choices)

    async def play(self, source: str, file: Path | None) -> float:
        """Play a file in a media source of the mixer; return its length in seconds. Raises `Refused`."""
        return await self.hands.play(source, file)

    async def recent(self, hours: float) -> Sequence[str]:
        """Return what happened of late, one plain sentence each; nothing when the record does not answer."""
        try:
            return await self.keeper.records.recent(self.clock() - dt.timedelta(hours=hours))
        except HaishinError as error:
            logger.warning("what happened of late is not known: {}", error)
            return ()


def _now() -> float:
    return asyncio.get_running_loop().time()

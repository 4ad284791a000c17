"""A host for segments without a show: it notes what it is asked to do, on the clock of the test."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import Refused
from bot.show.segments.segment import Brief, Heard
from bot.types import Author, Message

#: What a segment may keep, in bytes of JSON.
MOST_MEMORY = 64 * 1024


class Killed(BaseException):
    """The process ends here: what is not durable is gone."""


def line(text: str, viewer: str = "ana", source: str = "twitch", at: float = 0.0) -> Message:
    line.count += 1  # type: ignore[attr-defined]
    return Message(f"m{line.count}", source, Author(viewer, viewer), text, at=at)  # type: ignore[attr-defined]


line.count = 0  # type: ignore[attr-defined]


async def read_at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    """Take the place of `asyncio.to_thread` on the jumping clock, which would jump on while the thread works."""
    return function(*arguments)


@dataclass
class NotingHost:
    """``chat`` holds lines with the second at which each comes in. ``dies_at`` is the step at which it is killed."""

    memory: dict[str, Any] = field(default_factory=dict)
    run: str = "evening 1"
    folder: Path = Path()
    language: str = "en"
    chat: Sequence[tuple[float, Message]] = ()
    model: Callable[[Brief], str] = lambda brief: brief.prepared or f"About {brief.task[:40]}"
    judge: Callable[[str, Sequence[str]], str] = lambda task, material: ""
    refuses: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    #: The votes of the platforms' own polls.
    polls: Mapping[str, Sequence[int]] = field(default_factory=dict)
    events: Sequence[str] = ()
    length_s: float = 30.0
    lasts_s: float = float("inf")
    gone: set[str] = field(default_factory=set)
    dies_at: int = -1
    dies_after: bool = False
    #: What was done, in order: ("say", words), ("improvise", task), ("cue", name), ("act", action), ("play", file).
    done: list[tuple[str, str]] = field(default_factory=list)
    briefs: list[Brief] = field(default_factory=list)
    asks: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    kept: str = "{}"
    largest: int = 0
    steps: int = 0
    dead: bool = False

    def __post_init__(self) -> None:
        self.kept = json.dumps(self.memory)
        self._now = asyncio.get_running_loop().time
        self._began = self._now()
        self._chat = deque(sorted(self.chat, key=lambda pair: pair[0]))

    def after_the_crash(self, **changes: Any) -> NotingHost:
        """Return the host that comes after this one: with what was durable, and the chat that it did not read."""
        values = {
            name: getattr(self, name)
            for name in (
                "run",
                "folder",
                "language",
                "model",
                "judge",
                "refuses",
                "answers",
                "polls",
                "events",
                "length_s",
            )
        } | {"memory": json.loads(self.kept), "done": self.done, "briefs": self.briefs, "gone": self.gone}
        rest = [(max(0.0, at - (self._now() - self._began)), message) for at, message in self._chat]
        return NotingHost(**(values | {"chat": rest} | changes))

    def spoken(self) -> list[str]:
        return [what for kind, what in self.done if kind in ("say", "improvise")]

    async def _step(self, kind: str, what: str, seconds: float = 0.0) -> None:
        if self.dead:
            raise Killed
        self.steps += 1
        if self.steps == self.dies_at and not self.dies_after:
            self.dead = True
            raise Killed
        if kind not in ("save", "wait", "line", "ask", "recent"):
            self.done.append((kind, what))
        if seconds:
            await asyncio.sleep(seconds)
        if self.steps == self.dies_at:
            if kind == "save":
                self._keep()
            self.dead = True
            raise Killed

    def _keep(self) -> None:
        self.kept = json.dumps(self.memory)
        self.largest = max(self.largest, len(self.kept.encode()))
        assert self.largest <= MOST_MEMORY

    @property
    def remaining_s(self) -> float:
        return self.lasts_s

    async def save(self) -> None:
        await self._step("save", "")
        self._keep()

    async def say(self, text: str) -> Heard:
        await self._step("say", text, len(text) / 14)
        return Heard(text, complete=True)

    async def improvise(self, brief: Brief) -> Heard:
        self.briefs.append(brief)
        text = self.model(brief)
        await self._step("improvise", brief.task, max(1.0, len(text) / 14))
        return Heard(text, complete=bool(text))

    async def ask(self, task: str, material: Sequence[str] = (), *, max_tokens: int = 60) -> str:
        self.asks.append((task, material))
        await self._step("ask", task, 0.5)
        return self.judge(task, material)

    async def wait(self, seconds: float) -> None:
        await self._step("wait", "", seconds)

    async def next_line(self, seconds: float) -> Message | None:
        await self._step("line", "")
        now = self._now() - self._began
        if self._chat and self._chat[0][0] <= now + seconds:
            at, message = self._chat.popleft()
            if at > now:
                await asyncio.sleep(at - now)
            return message
        await asyncio.sleep(seconds)
        return None

    def stands(self, source: str, message_id: str, author_id: str) -> bool:
        return message_id not in self.gone

    async def cue(self, name: str, values: Mapping[str, object] | None = None) -> bool:
        await self._step("cue", name)
        return True

    async def act(self, action: str, values: Mapping[str, object]) -> str:
        await self._step("act", f"{action} {values.get('channel', '')}".strip())
        if action in self.refuses or f"{action} {values.get('channel', '')}" in self.refuses:
            raise Refused(f"{action} is not possible here")
        return self.answers.get(action, "done")

    def votes(self, title: str, choices: Sequence[str]) -> Mapping[str, Sequence[int]]:
        return self.polls

    async def play(self, source: str, file: Path | None) -> float:
        await self._step("play", file.name if file else "stop")
        if "play" in self.refuses:
            raise Refused("there is no mixer")
        return self.length_s

    async def recent(self, hours: float) -> Sequence[str]:
        await self._step("recent", "")
        return self.events

"""A show of the harness with commands, between three platforms that take what is written, one of which only reads."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.inbox.inbox import Limits, Offer
from bot.show.chat_replies import ChatReplies
from bot.show.commands.commands import Commands
from bot.show.commands.settings import CommandSettings, Timer
from bot.types import Author, Kind, Message, MessageOutcome, Role
from tests.show.test_chat_replies import Writer
from tests.support.harness import Stagehand

_ids = count(1)


@dataclass
class Shelf:
    """A programme and a director that take notes. ``fails`` is raised, ``each_s`` is how long an order takes."""

    orders: list[tuple[str, str]] = field(default_factory=list)
    values: list[Mapping[str, object]] = field(default_factory=list)
    known: tuple[str, ...] = ("Quiz", "Break")
    coming: str = "Quiz at 21:00"
    fails: Exception | None = None
    each_s: float = 0.0

    def next(self) -> str:
        return self.coming

    async def segment(self, name: str) -> bool:
        return await self._order("segment", name)

    async def scene(self, name: str) -> bool:
        return await self._order("scene", name)

    async def cue(self, name: str, values: Mapping[str, object]) -> bool:
        self.values.append(values)
        return await self._order("cue", name)

    async def _order(self, what: str, name: str) -> bool:
        await asyncio.sleep(self.each_s)
        if self.fails:
            raise self.fails
        self.orders.append((what, name))
        return name.casefold() in {one.casefold() for one in self.known} or what == "cue"


class Records:
    """The outcomes of an earlier run."""

    def __init__(self, last: tuple[MessageOutcome, str] | None) -> None:
        self.last = last
        self.asked: list[tuple[str, str, str]] = []

    async def last_outcome(self, source: str, author_id: str, *, but: str = "") -> tuple[MessageOutcome, str] | None:
        self.asked.append((source, author_id, but))
        return self.last


class Desk:
    """Everything at hand."""

    def __init__(
        self,
        timers: Sequence[Timer] = (),
        *,
        limits: Limits | None = None,
        outcomes: Records | None = None,
        answer: str = "all",
        **settings: Any,
    ) -> None:
        self.hand = Stagehand(limits=limits or Limits(per_viewer=10, burst=50))
        self.hand.intake.answer = answer  # type: ignore[assignment]
        self.twitch, self.web = Writer("twitch"), Writer("bilibili_web")
        self.open = Writer("bilibili_open", actions=frozenset())
        self.hand.registry.sources = {s.name: s for s in (self.twitch, self.web, self.open)}
        self.page: list[str] = []
        self.replies = ChatReplies(self.hand.registry, self.hand.moderator, lambda _source: "off")
        self.replies.pages["local"] = self.page.append
        self.commands = Commands(
            self.hand.show, self.replies, CommandSettings(**settings), timers, host=lambda: "Mira", outcomes=outcomes
        )
        self.hand.intake.commands = self.commands
        self.hand.observers.add(self.replies, self.commands)

    async def line(
        self, text: str, who: str = "ann", *roles: Role, source: str = "twitch", name: str = "", **more: Any
    ) -> Offer:
        """Let somebody write a line; ``who`` is the id."""
        author = Author(who, name or who, frozenset(roles), more.pop("badges", ()))
        message = Message(more.pop("id", f"m{next(_ids)}"), source, author, text, more.pop("kind", Kind.CHAT), **more)
        return await self.hand.intake.offer(message)

    async def asked(self, text: str, who: str = "ann", *roles: Role, **more: Any) -> list[str]:
        """Return what is written into the chat of Twitch on a line, within a second."""
        before = len(self.twitch.texts)
        await self.line(text, who, *roles, **more)
        await asyncio.sleep(1)
        return self.twitch.texts[before:]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write and carry out until the block ends."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.replies.run()), group.create_task(self.commands.run())]
            yield
            await asyncio.sleep(1)
            for task in tasks:
                assert not task.done()
                task.cancel()

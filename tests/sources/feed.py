"""A feed that keeps what a source hands over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.runtime.signal import Signal
from bot.sources.source import Link, LinkState, Notice
from bot.types import Message, Retraction


class RecordingFeed:
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.retractions: list[Retraction] = []
        self.notices: list[Notice] = []
        self.links: list[Link] = []
        self.pulse = Signal()

    async def offer(self, message: Message) -> None:
        self.messages.append(message)
        self.pulse.notify()

    async def retract(self, retraction: Retraction) -> None:
        self.retractions.append(retraction)
        self.pulse.notify()

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)
        self.pulse.notify()

    def link(self, link: Link) -> None:
        self.links.append(link)
        self.pulse.notify()

    @property
    def state(self) -> LinkState | None:
        return self.links[-1].state if self.links else None

    @property
    def ids(self) -> list[str]:
        return [m.id for m in self.messages]

    async def until(self, true: Callable[[], bool], timeout: float = 5.0) -> None:
        assert await self.pulse.wait_until(true, timeout), f"it did not happen within {timeout} s: {self.links[-3:]}"

    async def live(self, timeout: float = 5.0) -> None:
        """Wait for the connection to hear."""
        await self.until(lambda: self.state is LinkState.LIVE, timeout)
        await asyncio.sleep(0)

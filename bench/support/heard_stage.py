"""The real stage page in Chromium, playing into a virtual loudspeaker, and a note of all that the host sends to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import websockets
from playwright.async_api import Page, WebSocket, async_playwright

from bench.support.heard import Sound, resampled
from bench.support.host import Host
from bot.runtime.signal import Signal
from bot.stage.protocol import HEADER, MAGIC
from tests.browser.chromium import AUTOPLAY, FLAGS, installed

#: What a wait lasts at the most, in seconds.
WAIT_S = 30.0

Event = tuple[float, dict[str, Any]]


@dataclass(slots=True)
class HeardStage:
    """The page. ``events`` came over a socket of this process, with the moment of each.

    ``pcm`` is the sound that the page was sent, by epoch and clause; ``reports`` is what it said.
    """

    page: Page
    events: list[Event] = field(default_factory=list)
    reports: list[Event] = field(default_factory=list)
    pcm: dict[tuple[int, int], bytearray] = field(default_factory=dict)
    changed: Signal = field(default_factory=Signal)

    def first(self, since: float, what: Callable[[dict[str, Any]], bool], until: float = float("inf")) -> Event | None:
        """Return the first message of a kind after a moment."""
        return next((event for event in self.events if since <= event[0] < until and what(event[1])), None)

    async def wait(
        self, since: float, what: Callable[[dict[str, Any]], bool], within_s: float = WAIT_S
    ) -> Event | None:
        """Return the first message of a kind after a moment; None when it does not come."""
        await self.changed.wait_until(lambda: self.first(since, what) is not None, within_s)
        return self.first(since, what)

    @property
    def state(self) -> str:
        """What the host does, as the pages were told last."""
        return next((str(m["state"]) for _, m in reversed(self.events) if m["type"] in ("state", "hello")), "")

    def clauses(self, epoch: int) -> list[tuple[dict[str, Any], Sound]]:
        """Return what was sent of a turn: each clause's announcement, and its sound as a tape has it."""
        said = [m for _, m in self.events if m["type"] == "speak" and m["epoch"] == epoch and m["rate"]]
        return [(m, resampled(bytes(self.pcm.get((epoch, m["clause"]), b"")), m["rate"])) for m in said]

    async def follow(self, url: str) -> None:
        """Take note of all messages to the pages until cancelled."""
        async with websockets.connect(url, max_size=None) as socket:
            async for frame in socket:
                if isinstance(frame, str):
                    self.events.append((time.monotonic(), json.loads(frame)))
                    self.changed.notify()

    def listen(self, socket: WebSocket) -> None:
        """Keep what goes over a socket of the page."""

        # Playwright wants functions: it writes attributes into them.
        def received(frame: str | bytes) -> None:
            self.received(frame)

        def sent(frame: str | bytes) -> None:
            self.reports.append((time.monotonic(), json.loads(frame)))

        socket.on("framereceived", received)
        socket.on("framesent", sent)

    def received(self, frame: str | bytes) -> None:
        """Keep the sound of a frame that the page was sent."""
        if isinstance(frame, bytes) and len(frame) > HEADER.size:
            magic, _, _, epoch, clause, sequence = HEADER.unpack_from(frame)
            if magic == MAGIC:
                sound = self.pcm.setdefault((epoch, clause), bytearray())
                if sequence == 0:
                    sound.clear()
                sound += frame[HEADER.size :]


@contextlib.asynccontextmanager
async def heard_stage(h: Host) -> AsyncIterator[HeardStage]:
    """Open the page, small and drawn seldom, until the block ends; it is heard in this process's sound server."""
    async with async_playwright() as playwright, asyncio.TaskGroup() as group:
        browser = await playwright.chromium.launch(
            executable_path=installed(), args=[*FLAGS, AUTOPLAY], ignore_default_args=["--mute-audio"]
        )
        context = await browser.new_context(viewport={"width": 320, "height": 180})
        stage = HeardStage(await context.new_page())
        stage.page.on("websocket", lambda socket: stage.listen(socket))  # noqa: PLW0108 - as there
        await stage.page.goto(h.page("stage") + "&fps=5")
        following = group.create_task(stage.follow(h.socket("stage", role="view")))
        try:
            yield stage
        finally:
            following.cancel()
            await browser.close()

"""A Twitch source beside the fake Twitch, signed in, and what tests ask of the two."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loguru import logger

from bot.sources import credentials
from bot.sources.settings import Rates, Twitch
from bot.sources.source import LinkState
from bot.sources.twitch import connection as module
from bot.sources.twitch.source import Source
from bot.sources.twitch.subscriptions import SCOPES_BOT, SCOPES_STREAMER, WANTED
from tests.fakes.twitch import FakeTwitch, fake_twitch
from tests.sources.feed import RecordingFeed

STREAMER, BOT = "1001", "1002"
ALL_SCOPES = tuple(sorted({*SCOPES_BOT, *SCOPES_STREAMER}))
#: A generous wait: two cores that many share. Nothing here waits for so long unless it fails.
PATIENCE_S = 15.0
#: Every subscription that is wanted: type and version.
ALL_TYPES = frozenset((w.type, w.version) for w in WANTED)


@dataclass
class Rig:
    twitch: FakeTwitch
    feed: RecordingFeed
    source: Source
    file: Path
    running: asyncio.Task[None] | None = field(default=None)

    @property
    def state(self) -> LinkState | None:
        return self.feed.state

    def sign_in(
        self, role: str = "bot", user: str = STREAMER, scopes: tuple[str, ...] = ALL_SCOPES, left_s: float = 14_000
    ) -> str:
        """Write a sign-in into the file, as if somebody had signed in; return its refresh token."""
        access, refresh = self.twitch.mint(user, scopes)
        stored = credentials.read(self.file)
        ends_at = time.time() + left_s
        stored[role] = {
            "role": role,
            "user": user,
            "login": self.twitch.accounts[user].login,
            "access": access,
            "refresh": refresh,
            "scopes": list(scopes),
            "ends_at": ends_at,
        }
        credentials.write(self.file, stored)
        return refresh

    def stored(self) -> dict[str, Any]:
        return dict(json.loads(self.file.read_text()))

    @asynccontextmanager
    async def running_source(self, *, live: bool = True) -> AsyncIterator[None]:
        """Run the source until the block ends, and see that it ends well."""
        async with asyncio.TaskGroup() as group:
            self.running = group.create_task(self.source.run())
            if live:
                await self.live()
            yield
            assert not self.running.done(), "a source runs for ever"
            self.running.cancel()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that the feed need not tell of."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                await asyncio.sleep(0.01)

    async def live(self) -> None:
        await self.feed.live(PATIENCE_S)

    async def reaches(self, state: LinkState, after: int = 0) -> None:
        """Wait until a state was told, counted from the ``after``-th link."""
        await self.feed.until(lambda: any(link.state is state for link in self.feed.links[after:]), PATIENCE_S)

    async def hears(self, text: str) -> None:
        """Show that a line of the chat arrives, as long as it takes: it is written once, and must not be lost."""
        before = len(self.feed.messages)
        await self.twitch.chat("ann", text)
        await self.feed.until(lambda: any(m.text == text for m in self.feed.messages[before:]), PATIENCE_S)

    async def hears_again(self, text: str) -> None:
        """Show that it hears after an outage: wait for all subscriptions and for live, then a line arrives."""
        await self.until(lambda: self.subscribed() == ALL_TYPES and self.state is LinkState.LIVE)
        await self.hears(text)

    def subscribed(self) -> frozenset[tuple[str, str]]:
        """Return the types that Twitch really holds, over all sessions."""
        sessions = self.twitch.sessions.values()
        return frozenset((sub["type"], sub["version"]) for s in sessions for sub in s.subscriptions.values())

    def calls(self, path: str) -> list[Any]:
        return [c for c in self.twitch.calls if c.path == path]


@asynccontextmanager
async def rig(folder: Path, *, signed_in: bool = True, **settings: Any) -> AsyncIterator[Rig]:
    """Return a source beside a fake Twitch; ``settings`` are those of `Twitch`."""
    async with fake_twitch() as twitch:
        config = Twitch(
            **{
                "client_id": "fakeclient",
                "channel": "streamer",
                "api": f"{twitch.base}/helix/",
                "id": f"{twitch.base}/",
                "eventsub": twitch.ws,
                **settings,
            }
        )
        feed, file = RecordingFeed(), folder / "twitch.json"
        made = Rig(twitch, feed, Source(config, Rates(), feed, file), file)
        if signed_in:
            made.sign_in()
        yield made


def hurry(monkeypatch: Any, **seconds: float) -> None:
    """Make the watch look more often: by default each twentieth of a second, comparing each fifth."""
    for name, value in {"LOOK_S": 0.05, "COMPARE_S": 0.2, "TELL_S": 0.1, **seconds}.items():
        assert hasattr(module, name)
        monkeypatch.setattr(module, name, value)


@contextmanager
def logged() -> Iterator[list[str]]:
    """Keep what is logged at any level, with what the errors in it say."""
    lines: list[str] = []
    number = logger.add(lambda m: lines.append(str(m)), level="TRACE", format="{level} {message}\n{exception}")
    try:
        yield lines
    finally:
        logger.remove(number)

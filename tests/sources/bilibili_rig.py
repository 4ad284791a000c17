"""Both of Bilibili's sources, connected to the fake one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sources.bilibili import login
from bot.sources.bilibili.open_source import Source as OpenSource
from bot.sources.bilibili.web_source import Source as WebSource
from bot.sources.settings import BilibiliOpen, BilibiliWeb, Rates
from bot.sources.source import LinkState
from tests.fakes.bilibili import FakeBilibili, fake_bilibili
from tests.sources.feed import RecordingFeed


def open_source(bili: FakeBilibili, feed: RecordingFeed, folder: Path, **settings: Any) -> OpenSource:
    values: dict[str, Any] = {
        "app_id": bili.app_id, "access_key": bili.access_key, "access_secret": bili.access_secret, "code": bili.code,
        "host": bili.base, **settings,
    }  # fmt: skip
    return OpenSource(BilibiliOpen(**values), Rates(), feed, folder / "bilibili_open.json")


def web_source(
    bili: FakeBilibili, feed: RecordingFeed, folder: Path, *, signed_in: bool = True, **settings: Any
) -> WebSource:
    values: dict[str, Any] = {"room": bili.short_room, "base": bili.base, **settings}
    file = folder / "bilibili_web.json"
    if signed_in:
        login.store(file, login.Cookies(bili.sessdata, bili.csrf, bili.uid, "refresh", 4e9))
    return WebSource(BilibiliWeb(**values), Rates(), feed, file)


@dataclass
class Rig:
    bili: FakeBilibili
    feed: RecordingFeed
    source: OpenSource | WebSource

    @property
    def kind(self) -> str:
        return "open" if isinstance(self.source, OpenSource) else "web"

    async def again(self, before: int, timeout: float = 20.0) -> None:
        """Wait until it is live once more: the links told before number ``before`` do not count."""

        def back() -> bool:
            states = [link.state for link in self.feed.links[before:]]
            return LinkState.CONNECTING in states and states[-1] is LinkState.LIVE

        await self.feed.until(back, timeout)

    async def hears(self, text: str = "还在吗", timeout: float = 5.0) -> None:
        """See a line arrive."""
        name = await self.bili.danmaku(text)
        await self.feed.until(lambda: name in self.feed.ids, timeout)


@asynccontextmanager
async def rig(kind: str, folder: Path, *, signed_in: bool = True, **options: Any) -> AsyncIterator[Rig]:
    """Run one source until the block ends."""
    settings = options.pop("settings", {})
    async with fake_bilibili(**options) as bili:
        feed = RecordingFeed()
        if kind == "open":
            source: OpenSource | WebSource = open_source(bili, feed, folder, **settings)
        else:
            source = web_source(bili, feed, folder, signed_in=signed_in, **settings)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(source.run())
            try:
                yield Rig(bili, feed, source)
            finally:
                running.cancel()


def stored(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text())
    return found

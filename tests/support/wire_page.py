"""The fake stage page behind a real WebSocket, for tests that run the whole host as a process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import websockets

from tests.fakes.stage_page import FakePage


@contextlib.asynccontextmanager
async def wire_page(url: str) -> AsyncIterator[FakePage]:
    """Open a stage page that plays by the real clock."""
    page = FakePage()
    async with websockets.connect(url, max_size=None) as ws, asyncio.TaskGroup() as group:

        async def hear() -> None:
            with contextlib.suppress(websockets.ConnectionClosed):
                async for frame in ws:
                    await (page.send_bytes(frame) if isinstance(frame, bytes) else page.send_text(frame))

        async def tell() -> None:
            with contextlib.suppress(websockets.ConnectionClosed):
                while (text := await page.receive_text()) is not None:
                    await ws.send(text)

        tasks = [group.create_task(work()) for work in (hear, tell, page.play)]
        try:
            yield page
        finally:
            for task in tasks:
                task.cancel()


async def until(true: object, within_s: float = 40.0) -> None:
    """Wait until a callable is true, by the real clock."""
    async with asyncio.timeout(within_s):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.02)

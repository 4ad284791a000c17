"""The stage page and its socket without the rest of the host: for what is measured on the page alone."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import WSMsgType, web

from bench.support.host import ROOT
from bot.stage.hub import Overlay
from bot.stage.models.library import ModelLibrary

#: Where the page lies once it was built.
DIST = ROOT / "overlay" / "dist" / "stage"


class Line:
    """A socket of the hub over aiohttp."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self._ws = ws

    async def send_text(self, data: str) -> None:
        await self._ws.send_str(data)

    async def send_bytes(self, data: bytes) -> None:
        await self._ws.send_bytes(data)

    async def receive_text(self) -> str | None:
        message = await self._ws.receive()
        return str(message.data) if message.type is WSMsgType.TEXT else None

    async def close(self, code: int, reason: str) -> None:
        await self._ws.close(code=code, message=reason.encode())


@contextlib.asynccontextmanager
async def served(stage: Overlay, models: ModelLibrary | None = None, dist: Path = DIST) -> AsyncIterator[str]:
    """Serve the page, its socket and the files of models; yield the page's address."""

    async def socket(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await stage.serve(Line(ws), request.query["role"] == "audio", running=request.query["audio"] == "running")
        return ws

    async def index(_: web.Request) -> web.FileResponse:
        return web.FileResponse(dist / "index.html")

    async def model(request: web.Request) -> web.StreamResponse:
        found = models.file(request.match_info["name"], request.match_info["path"]) if models else None
        return web.FileResponse(found[0]) if found else web.Response(status=404)

    app = web.Application()
    app.add_routes([
        web.get("/ws/stage", socket), web.get("/stage/", index), web.get("/stage/models/{name}/{path:.+}", model),
        web.static("/stage", dist),
    ])  # fmt: skip
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/stage/?token=x"
    finally:
        await runner.cleanup()

"""Servers that speak the real protocols of the services we depend on, on loopback, and misbehave when told to.

Each fake has a ``mode``: empty, or one of `MODES`; it is also set by ``POST /misbehave {"mode": …}``. A request
that the client abandons sets ``gone``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

#: What a server can do wrong: say nothing; stop in the middle; refuse the key; know no such thing; want a pause;
#: fail; break the connection in the middle; end in the middle as if all were well; send what is no answer, or one
#: of another shape; send none; be late; never end; send far too much at once.
MODES = (
    *("hang", "stall", "401", "404", "429", "500", "cut", "short"),
    *("garbage", "shape", "empty", "slow", "endless", "huge"),
)
RETRY_AFTER_S = 7
SLOW_S = 0.3
ENDLESS = 10_000
HUGE = 64 << 20

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Fake:
    """What the fakes have in common. ``requests`` holds the bodies in their order, ``clients`` whence they came."""

    def __init__(self) -> None:
        self.mode = ""
        self.requests: list[Any] = []
        self.clients: list[Any] = []
        self.gone = asyncio.Event()
        self.port = 0

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def misbehave(self, request: web.Request) -> web.Response:
        """Set the mode."""
        mode = (await request.json())["mode"]
        if mode and mode not in MODES:
            raise web.HTTPBadRequest(text=f"no mode {mode}")
        self.mode = mode
        return web.json_response({"mode": mode})

    def refusal(self) -> web.Response | None:
        """Return the answer of the modes that are a status, in the shape that most services use."""
        if not self.mode.isdigit():
            return None
        headers = {"Retry-After": str(RETRY_AFTER_S)} if self.mode == "429" else {}
        body = {"error": {"message": f"this is a {self.mode}", "type": "fake", "code": None}}
        return web.json_response(body, status=int(self.mode), headers=headers)

    def watched(self, handler: Handler) -> Handler:
        """Wrap a handler so that ``gone`` tells when its client went away, and "hang" and "slow" are done."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                if self.mode == "hang":
                    await asyncio.sleep(3600)
                if self.mode == "slow":
                    await asyncio.sleep(SLOW_S)
                return await handler(request)
            except (asyncio.CancelledError, ConnectionError):
                self.gone.set()
                raise

        return handle

    async def pause(self) -> None:
        """Let other tasks run; in the mode "stall", for ever."""
        await asyncio.sleep(3600 if self.mode == "stall" else 0.001)


@asynccontextmanager
async def serving(fake: Fake, routes: list[web.RouteDef]) -> AsyncIterator[None]:
    """Listen on a free port of loopback until the block ends."""

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        fake.clients.append(request.transport and request.transport.get_extra_info("peername"))
        return await handler(request)

    app = web.Application(client_max_size=1 << 20, middlewares=[note])
    app.add_routes([*routes, web.post("/misbehave", fake.misbehave)])
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        fake.port = runner.addresses[0][1]
        yield
    finally:
        await runner.cleanup()


async def pour(request: web.Request) -> web.StreamResponse:
    """Send `HUGE` bytes, as long as somebody takes them; the header names no length."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(HUGE >> 16):
        await response.write(b" " * (1 << 16))
    return response


def break_off(request: web.Request) -> None:
    """Break the connection without a goodbye."""
    if request.transport is not None:
        request.transport.abort()

"""The one HTTP server: pages, sockets, API. Everything passes the gate of `bot.web.auth.gate` first."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.websockets import WebSocketState

from bot import __version__
from bot.errors import ConfigError
from bot.web.auth.gate import LOOPBACK, Gate
from bot.web.routes.control import Control, routes

#: A page's frames are small; a larger one closes its socket (1009).
MAX_FRAME = 64 * 1024
MAX_PANELS = 16
MAX_CHATS = 100
#: The control room is told of changes at most this often, and of nothing new this often.
PANEL_EVERY_S, PANEL_IDLE_S = 0.2, 1.0


class Sock:
    """A Starlette WebSocket in the shape that the stage wants."""

    def __init__(self, websocket: WebSocket) -> None:
        self._ws = websocket

    async def send_text(self, data: str) -> None:
        """Send a text frame; a socket that is gone is no error, its reader ends by itself."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._ws.send_text(data)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._ws.send_bytes(data)

    async def receive_text(self) -> str | None:
        """Return the next text frame; ``""`` for a binary one, None at the end."""
        if self._ws.client_state is not WebSocketState.CONNECTED:
            return None
        message = await self._ws.receive()
        if message["type"] != "websocket.receive":
            return None
        return message.get("text") or ""

    async def close(self, code: int, reason: str) -> None:
        """Close it."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._ws.close(code, reason[:120])


class StageHub(Protocol):
    """The stage as the server sees it."""

    async def serve(self, socket: Any, wants_audio: bool, *, running: bool = True) -> None:
        """Serve a page until it goes."""
        ...


def create_app(control: Control, stage: StageHub, pages: Path) -> FastAPI:
    """Build the application without its gate."""
    app = FastAPI(title="Haishin", version=__version__, docs_url=None, redoc_url=None)
    app.include_router(routes(control))
    _sockets(app, control, stage)

    @app.get("/", include_in_schema=False)
    async def root(request: Request) -> RedirectResponse:
        return RedirectResponse(f"/panel/?{request.url.query}")

    for name in ("stage", "panel", "chat"):
        folder = pages / name
        if folder.is_dir():
            app.mount(f"/{name}", StaticFiles(directory=folder, html=True), name=name)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        """Return what is wrong without repeating the input: it may not even be valid Unicode."""
        words = [f"{'.'.join(str(p) for p in e['loc'][1:]) or 'body'}: {e['msg']}" for e in error.errors()[:5]]
        return JSONResponse({"detail": "; ".join(words)[:500]}, status_code=422)

    return app


def _sockets(app: FastAPI, control: Control, stage: StageHub) -> None:
    open_now = {"panel": 0, "chat": 0}

    @contextlib.contextmanager
    def seat(kind: str) -> Iterator[None]:
        open_now[kind] += 1
        try:
            yield
        finally:
            open_now[kind] -= 1

    @app.websocket("/ws/stage")
    async def stage_socket(websocket: WebSocket) -> None:
        role = websocket.query_params.get("role", "view")
        await websocket.accept()
        if role not in ("audio", "view"):
            await websocket.close(1008, "role is audio or view")
            return
        running = websocket.query_params.get("audio", "running") == "running"
        await stage.serve(Sock(websocket), role == "audio", running=running)

    @app.websocket("/ws/panel")
    async def panel_socket(websocket: WebSocket) -> None:
        await websocket.accept()
        if open_now["panel"] >= MAX_PANELS:
            await websocket.close(1013, "too many control rooms are open")
            return
        with seat("panel"):
            await _until_gone(websocket, lambda send: _panel(control, send))

    @app.websocket("/ws/chat")
    async def chat_socket(websocket: WebSocket) -> None:
        await websocket.accept()
        if open_now["chat"] >= MAX_CHATS:
            await websocket.close(1013, "too many chat pages are open")
            return
        with seat("chat"):
            await _until_gone(websocket, lambda send: _chat(control, send))


Sender = Callable[[BaseModel], Awaitable[None]]


async def _until_gone(websocket: WebSocket, tell: Callable[[Sender], Awaitable[None]]) -> None:
    """Run a teller until the page goes. What such a page sends is read and ignored."""
    sock = Sock(websocket)

    async def send(message: BaseModel) -> None:
        await sock.send_text(message.model_dump_json())

    async def told() -> None:
        await tell(send)

    async def drain() -> None:
        while await sock.receive_text() is not None:
            pass

    async with asyncio.TaskGroup() as group:
        telling = group.create_task(told())
        await drain()
        telling.cancel()


async def _panel(control: Control, send: Sender) -> None:
    while True:
        await send(control.state())
        await asyncio.sleep(PANEL_EVERY_S)
        await control.changed.wait(PANEL_IDLE_S - PANEL_EVERY_S)


async def _chat(control: Control, send: Sender) -> None:
    with control.room.watch() as watcher:
        await send(control.room.hello())
        while True:
            await watcher.pulse.wait_until(lambda: bool(watcher.frames))
            while watcher.frames:
                await send(watcher.frames.popleft())


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the application decides how a show ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def bind(host: str, port: int) -> socket.socket:
    """Take the port, or say who else might have it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets two programs share a port otherwise
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"port {port} is taken: another Haishin, or another program, is listening there",
                remedy=f"stop it, or choose another port: HAISHIN_WEB__PORT={port + 1}",
            ) from None
        raise ConfigError(
            f"cannot listen on {host} port {port}: {error.strerror or error}",
            remedy="check web.host and web.port in the configuration",
        ) from None
    sock.setblocking(False)  # noqa: FBT003 - the socket's own signature
    return sock


def make_server(app: FastAPI, *, token: str, host: str, origins: Iterable[str]) -> Server:
    """Wrap the application into its gate and a server."""
    hosts = {*LOOPBACK, host} if host in LOOPBACK else set()
    gate = Gate(app, token=token, origins=origins, hosts=hosts)
    config = uvicorn.Config(
        gate,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        limit_concurrency=600,
        backlog=256,
    )
    return Server(config)

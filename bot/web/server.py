"""The one HTTP server: pages, sockets, API. Everything passes the gate of `bot.web.auth.gate` first."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from loguru import logger

from bot import __version__
from bot.control.control_room import ControlRoom
from bot.errors import ConfigError
from bot.stage.hub import Overlay
from bot.web.auth.gate import Gate
from bot.web.routes.control import routes
from bot.web.settings import LOOPBACK, MIN_TOKEN, is_loopback
from bot.web.sockets import add_sockets

#: A page's frames are small; a larger one closes its socket (1009).
MAX_FRAME = 64 * 1024


def create_app(control: ControlRoom, stage: Overlay, pages: Path) -> FastAPI:
    """Build the application without its gate."""
    app = FastAPI(title="Haishin", version=__version__, docs_url=None, redoc_url=None)
    app.include_router(routes(control))
    add_sockets(app, control, stage)

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


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the application decides how a show ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that has the port. Raise `ConfigError` that says who else might have it."""
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
    if len(token) < MIN_TOKEN:  # the settings refuse it where others can reach the host
        logger.warning("the key to the pages has {} characters: any program here can guess it", len(token))
    hosts = {*LOOPBACK, host} if is_loopback(host) else set()
    gate = Gate(app, token=token, origins=origins, hosts=hosts)
    config = uvicorn.Config(
        gate,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME,
        # The pages are on this machine or in its network; compressing for each of them costs more than it saves.
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        limit_concurrency=600,
        backlog=256,
    )
    return Server(config)

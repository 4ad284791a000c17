"""The door: the one port, open from the first moment of a run. Everything passes the gate of `bot.web.auth.gate` first.

Until the host is ready it shows the waiting page; then the application takes its place on the same connections' port.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import cast

import uvicorn
from loguru import logger
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.errors import ConfigError
from bot.runtime.machine import allow_open_files
from bot.web.auth.gate import Gate
from bot.web.auth.token import all_keys, read_or_make_token
from bot.web.connections import LEAST_STRANGERS, MAX_STRANGERS, Connection, Strangers
from bot.web.frames import QuickSocket
from bot.web.settings import LOOPBACK, MIN_TOKEN, Web, is_loopback
from bot.web.waiting import Waiting

#: A page's frames are small; a larger one closes its socket (1009).
MAX_FRAME = 64 * 1024
#: Connections that wait to be accepted, and files that may be open at once. Both as far as the system allows.
BACKLOG, OPEN_FILES = 2048, 4096
#: So many are accepted in one go. asyncio accepts up to three times as many as this before it tells of the first one,
#: which is too many where few files may be open.
AT_ONCE = 16
#: How long the server may take to close.
CLOSE_S = 1.5


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the application decides how a show ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class Door:
    """The open port. ``token`` is the key to it; ``waiting`` is told how far the start is."""

    def __init__(self, web: Web, token: str, sock: socket.socket) -> None:
        self.token = token
        self.port: int = sock.getsockname()[1]
        self.waiting = Waiting()
        self._app: ASGIApp = self.waiting
        self._sock = sock
        self._server = make_server(self, token=token, host=web.host, origins=web.origins)
        self._serving: asyncio.Task[None] | None = None

    @property
    def keys(self) -> list[str]:
        """What no log may show."""
        return all_keys(self.token)

    async def serve(self, group: asyncio.TaskGroup) -> None:
        """Begin to answer, in a task of the group."""
        self._serving = group.create_task(self._server.serve(sockets=[self._sock]), name="web server")
        while not self._server.started:
            await asyncio.sleep(0.005)
        self._sock.listen(BACKLOG)  # the server has set it to what it accepts at once

    def open(self, app: ASGIApp) -> None:
        """Set the application that answers from now on."""
        self._app = app

    async def close(self) -> None:
        """Tell the pages that the host goes, and stop answering. A second call does nothing."""
        self._server.should_exit = True
        serving, self._serving = self._serving, None
        if serving is not None:
            done, _ = await asyncio.wait({serving}, timeout=CLOSE_S)
            if not done:
                serving.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to what answers now."""
        await self._app(scope, receive, send)


@contextlib.asynccontextmanager
async def open_door(web: Web, data: Path) -> AsyncIterator[Door]:
    """Listen, and show the waiting page. Raise `ConfigError` for a port or a token's file that cannot be had."""
    with contextlib.closing(bind(web.host, web.port)) as sock:
        door = Door(web, token_of(web, data), sock)
        failure: BaseException | None = None
        async with asyncio.TaskGroup() as group:
            try:
                await door.serve(group)
                yield door
            except BaseException as error:  # noqa: BLE001 - raised below: the group would wrap it into a group of errors
                failure = error
            await door.close()
        if failure is not None:
            raise failure


def token_of(web: Web, data: Path) -> str:
    """Return the key to every page: the configured one, or that of this installation. Raise `ConfigError`."""
    if token := web.token.get_secret_value():
        return token
    try:
        return read_or_make_token(data / "token")
    except OSError as error:
        raise ConfigError(
            f"the key to the pages cannot be kept in {data / 'token'}: {error.strerror or error}",
            remedy="check the folder's rights and the free space, or set HAISHIN_TOKEN",
        ) from None


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the port. Raise `ConfigError` that says who else might have it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets two programs share a port otherwise
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)
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


def make_server(app: ASGIApp, *, token: str, host: str, origins: Iterable[str]) -> Server:
    """Wrap an application into its gate and a server."""
    if len(token) < MIN_TOKEN:  # the settings refuse it where others can reach the host
        logger.warning("the key to the pages has {} characters: any program here can guess it", len(token))
    hosts = {*LOOPBACK, host} if is_loopback(host) else set()
    gate = Gate(app, token=token, origins=origins, hosts=hosts)
    strangers = Strangers(max(LEAST_STRANGERS, min(MAX_STRANGERS, allow_open_files(OPEN_FILES) // 4)))
    config = uvicorn.Config(
        gate,
        http=cast("type[asyncio.Protocol]", partial(Connection, strangers)),
        ws=QuickSocket,
        ws_max_size=MAX_FRAME,
        # The pages are on this machine or in its network; compressing for each of them costs more than it saves.
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        backlog=AT_ONCE,
    )
    return Server(config)

"""One connection to a live socket of Bilibili: sign in, send heartbeats, deliver the events, notice a dead peer.

The open platform and the web use the same frames; only the body of the first one differs. When no frame arrives for
`DEAD_S`, the connection is ended here, because a dead peer does not close it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from loguru import logger
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from bot.errors import TransientError
from bot.sources.bilibili import frames
from bot.sources.connection import ConnectionMonitor, DeniedError, worst_of

#: How often a heartbeat is sent, and how long after the last sign of life the socket counts as dead, in seconds.
#: The platform closes a connection that is silent for 60 to 70 s. It answers each heartbeat at once.
HEARTBEAT_S, DEAD_S = 15.0, 22.0
OPEN_S, AUTH_S = 8.0, 5.0
#: The largest frame that is accepted, in bytes. Those of a busy room have some hundred thousand.
MAX_FRAME = 8 << 20
#: Code of the reply when the key is wrong or has expired.
_AUTH_REFUSED = -101

Event = dict[str, Any]


class KeyRefusedError(TransientError):
    """The key of the socket has expired. The next attempt asks for a new one; a wrong sign-in is found there."""


async def receive_events(
    urls: Sequence[str],
    auth: dict[str, Any] | str,
    monitor: ConnectionMonitor,
    deliver: Callable[[Event], Awaitable[None]],
    ready: Callable[[Callable[[], Awaitable[None]]], None],
    *,
    name: str,
) -> None:
    """Receive from the first socket of ``urls`` that answers, until it is lost.

    Raises `TransientError` at the loss, or `DeniedError`.

    ``ready`` is called once the platform has accepted the sign-in. It gets a function that closes the socket; events
    that were sent before are still delivered then. ``deliver`` is awaited for each event, one after the other, so
    a payment is on the disk before the next event is read.
    """
    last: Exception = TransientError("the platform named no address", provider=name)
    for url in urls:
        try:
            connection = connect(
                url,
                max_size=MAX_FRAME,
                compression=None,
                ping_interval=None,
                open_timeout=OPEN_S,
                close_timeout=1.0,
                max_queue=16,
            )
            async with connection as socket:
                await _sign_in(socket, auth, monitor, name)
                ready(socket.close)
                try:
                    await _receive(socket, monitor, deliver, name)
                except BaseExceptionGroup as group:
                    raise worst_of(group) from None
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
            logger.info("{}: {} does not answer: {}", name, _host_of(url), type(error).__name__)
            last = TransientError(f"{_host_of(url)} does not answer ({type(error).__name__})", provider=name)
        except ConnectionClosed as closed:
            raise TransientError(f"the connection was closed ({_close_code(closed)})", provider=name) from None
    raise last


def _host_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[0][:100]


def _close_code(closed: ConnectionClosed) -> str:
    return str(closed.rcvd.code) if closed.rcvd else "without a word"


async def _sign_in(socket: ClientConnection, auth: dict[str, Any] | str, monitor: ConnectionMonitor, name: str) -> None:
    await socket.send(frames.auth(auth))
    try:
        async with asyncio.timeout(AUTH_S):
            while True:
                for packet in _packets(await socket.recv(), monitor):
                    if packet.operation == frames.Operation.AUTH_REPLY:
                        _check_auth_reply(frames.read_json(packet.body), name)
                        monitor.record_frame()
                        return
    except TimeoutError:
        raise TransientError("the platform did not answer the sign-in", provider=name) from None


def _check_auth_reply(answer: dict[str, Any] | None, name: str) -> None:
    code = answer.get("code") if answer else None
    if code == _AUTH_REFUSED:
        raise KeyRefusedError("the socket did not take the key", provider=name)
    if code != 0:
        raise DeniedError(f"the socket refuses ({code})", provider=name, remedy="Sign in again, or check the keys.")


async def _receive(
    socket: ClientConnection, monitor: ConnectionMonitor, deliver: Callable[[Event], Awaitable[None]], name: str
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_send_heartbeats(socket, monitor, name))
        while True:
            frame = await socket.recv()
            monitor.record_frame()
            for packet in _packets(frame, monitor):
                if packet.operation == frames.Operation.MESSAGE:
                    await _deliver(packet.body, monitor, deliver)
                    monitor.record_frame()  # time that the database took does not count as silence


async def _deliver(body: bytes, monitor: ConnectionMonitor, deliver: Callable[[Event], Awaitable[None]]) -> None:
    event = frames.read_json(body)
    if event is None:
        monitor.count_fault("a message that is no JSON object")
        return
    await deliver(event)


def _packets(frame: str | bytes, monitor: ConnectionMonitor) -> list[frames.Packet]:
    if isinstance(frame, str):
        monitor.count_fault("a frame of text")
        return []
    return frames.unpack(frame, monitor.count_fault)


async def _send_heartbeats(socket: ClientConnection, monitor: ConnectionMonitor, name: str) -> None:
    """Send heartbeats. Raises `TransientError` when nothing arrives for `DEAD_S`."""
    due = monitor.now()
    while True:
        now = monitor.now()
        if now >= due:
            await socket.send(frames.heartbeat())
            due = now + HEARTBEAT_S
        if (silent := now - monitor.heard_at) > DEAD_S:
            raise TransientError(f"nothing was heard for {silent:.0f} s", provider=name)
        await asyncio.sleep(max(0.05, min(due - now, monitor.heard_at + DEAD_S - now + 0.01)))

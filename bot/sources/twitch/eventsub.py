"""The EventSub client: twitchio's, with the parts replaced that could leave a channel deaf for ever.

Its socket reports every frame and its loss, and never reconnects by itself. A notification is handed over as it came,
before a missing key in it can raise an error inside the library.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import twitchio
from loguru import logger
from twitchio.eventsub.websockets import Websocket

from bot.errors import TransientError
from bot.sources.twitch.helix import REQUEST_S, Http

#: How long a closed socket may take to hand over what it has read already, in seconds.
LAST_WORDS_S = 6.0

# --- the socket -----------------------------------------------------------------------------------


class Socket(Websocket):
    """The library's EventSub socket, which reports each frame and its loss to its `EventSubClient`."""

    @property
    def _last_keepalive(self) -> dt.datetime:
        """Return the present time, so that the library's own check, which uses the wall clock, never acts."""
        return dt.datetime.now()  # noqa: DTZ005 - compared with the library's own

    @_last_keepalive.setter
    def _last_keepalive(self, at: dt.datetime | None) -> None:
        """Ignore what the library sets at the start."""

    @property
    def _owner(self) -> EventSubClient:
        owner = self._client
        assert isinstance(owner, EventSubClient)  # noqa: S101 - `EventSubClient.open` makes it so
        return owner

    async def _listen(self) -> None:
        """Read frames until the end. The library's own reader ends at the first frame that is not a message."""
        socket = self._socket
        assert socket is not None  # noqa: S101 - `connect` has just set it
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._owner.on_frame(self._token_for or "")
                    await self._read(message.data)
        finally:
            self._owner.report_lost(self)

    async def _read(self, text: str) -> None:
        """Read one frame. A broken one is counted, and the next one is still read."""
        try:
            data = json.loads(text)
            match data["metadata"]["message_type"]:
                case "notification":
                    await self._owner.on_notification(data)
                case "session_welcome":
                    await self._process_welcome(data)
                case "session_reconnect":
                    # A new socket is opened beside this one, which is read until then.
                    url = data["payload"]["session"]["reconnect_url"]
                    if isinstance(url, str) and url.startswith(("wss://", "ws://127.0.0.1:")):
                        self._owner.report_move(self, url)
                    else:
                        self._owner.on_fault("an address to move to that is none of a socket", "")
                case "revocation":
                    gone = data["payload"]["subscription"]
                    self._owner.on_revoked(str(gone["type"]), str(gone["status"]))
                case "session_keepalive":
                    pass
                case _:
                    self._owner.on_fault("a frame of an unknown kind", "")
        except Exception as error:  # noqa: BLE001 - as said
            self._owner.on_fault("a frame that cannot be read", type(error).__name__)

    async def _create_connection_task(self) -> None:
        """Report the loss. The library would reconnect here, and may then receive nothing for ever."""
        self._owner.report_lost(self)


class EventSubClient(twitchio.Client):
    """A client of the library for the time of one connection.

    ``on_notification`` is awaited for each notification (the whole frame, as it came), in their order.
    The others are called at once: ``on_frame`` at each frame of a user's socket, ``on_fault`` at one that
    cannot be read (what, and more about it), ``on_lost`` at the loss of a socket that was not replaced,
    ``on_move`` when the service asks for another connection, ``on_revoked`` with the raw type and the
    status of a subscription that was taken away.
    """

    def __init__(
        self,
        http: Http,
        *,
        on_notification: Callable[[Mapping[str, Any]], Awaitable[None]],
        on_frame: Callable[[str], None],
        on_fault: Callable[[str, str], None],
        on_lost: Callable[[str], None],
        on_move: Callable[[str, str], None],
        on_revoked: Callable[[str, str], None],
    ) -> None:
        super().__init__(client_id=http.client_id, session=http._requests)  # noqa: SLF001 - both are ours
        self._http = http
        self.on_notification, self.on_frame, self.on_fault = on_notification, on_frame, on_fault
        self._on_lost, self._on_move, self.on_revoked = on_lost, on_move, on_revoked
        self._sockets: dict[str, Socket] = {}
        self._leaving: set[Socket] = set()

    async def open(self, user: str, url: str) -> str:
        """Open a socket for a user's subscriptions, close the old one, and return the id of the session.

        Raises `TransientError` when there is no welcome within ten seconds.
        """
        socket = Socket(client=self, token_for=user, http=self._http, reconnect_attempts=0)
        try:
            async with asyncio.timeout(REQUEST_S):
                await socket.connect(url=url, fail_once=True)
        except (TimeoutError, Exception) as error:  # noqa: BLE001 - the library raises of all kinds
            await self._close(socket)
            raise TransientError(f"no welcome from EventSub ({type(error).__name__})", provider="twitch") from None
        except asyncio.CancelledError:
            await self._close(socket)
            raise
        old = self._sockets.get(user)
        self._sockets[user] = socket
        if old is not None:
            await self._close(old)
        return socket.session_id or ""

    async def _close(self, socket: Socket) -> None:
        """Close a socket. Frames that it has read already are still handed over: one may be a payment."""
        self._leaving.add(socket)
        listening, socket._listen_task = socket._listen_task, None  # noqa: SLF001 - `close` would cut it off
        await socket.close()
        if listening is not None and listening is not asyncio.current_task():
            await asyncio.wait({listening}, timeout=LAST_WORDS_S)
            listening.cancel()
            await asyncio.wait({listening}, timeout=1.0)
        self._leaving.discard(socket)

    def report_lost(self, socket: Websocket) -> None:
        """Report that the other side closed a socket."""
        for user, held in self._sockets.items():
            if held is socket and socket not in self._leaving:
                self._on_lost(user)

    def report_move(self, socket: Websocket, url: str) -> None:
        """Report that the service asks for another connection."""
        for user, held in self._sockets.items():
            if held is socket:
                self._on_move(user, url)

    def dispatch(self, event: str, payload: Any | None = None) -> None:
        """Handle an event of the library here, instead of in a task for each."""
        if event == "websocket_closed" and payload is not None:
            self.report_lost(payload.socket)

    async def end(self) -> None:
        """Close everything."""
        sockets, self._sockets = list(self._sockets.values()), {}
        for socket in sockets:
            await self._close(socket)
        try:
            await self.close(save_tokens=False)
        except Exception as error:  # noqa: BLE001 - it is thrown away
            logger.debug("the client did not close well: {}", type(error).__name__)

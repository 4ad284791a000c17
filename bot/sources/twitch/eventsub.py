"""Every place where we reach into twitchio, so that its faults are outlived in one file.

The library keeps the EventSub socket, the routes of Helix and the sign-in. What it does not do, or
does so that a channel goes deaf for ever, is done here: requests with deadlines, a bound, one lock for
refreshing and no secret in an address or an error; a socket that tells of every frame and of its loss,
and never reconnects by itself; notifications as they came, before a missing key can lose them.
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

#: How long what a closed socket has read already may take to be handed over, in seconds.
LAST_WORDS_S = 6.0
# --- the socket -----------------------------------------------------------------------------------


class Socket(Websocket):
    """The library's EventSub socket. It tells its `EventSubClient` of each frame. A lost one is replaced."""

    @property
    def _last_keepalive(self) -> dt.datetime:
        """Keep the library's own watch quiet: it looks each ten seconds, by the wall clock."""
        return dt.datetime.now()  # noqa: DTZ005 - compared with the library's own

    @_last_keepalive.setter
    def _last_keepalive(self, at: dt.datetime | None) -> None:
        """Take what the library sets at the start."""

    @property
    def _owner(self) -> EventSubClient:
        owner = self._client
        assert isinstance(owner, EventSubClient)  # noqa: S101 - `EventSubClient.open` makes it so
        return owner

    async def _listen(self) -> None:
        """Read frames until the end. The library's own reader dies of the first frame that is no message."""
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
        """Read one frame. Whatever it holds, the next one is heard."""
        try:
            data = json.loads(text)
            match data["metadata"]["message_type"]:
                case "notification":
                    await self._owner.on_notification(data)
                case "session_welcome":
                    await self._process_welcome(data)
                case "session_reconnect":
                    # A new socket is opened beside this one, which is heard until then.
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
        """Tell of the loss; the library would reconnect here, and may go deaf for ever."""
        self._owner.report_lost(self)


class EventSubClient(twitchio.Client):
    """One client of the library, for as long as one connection lasts.

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
        """Open a socket for a user's subscriptions, in the place of the present one; return the session's id.

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
        """Close a socket. What it has read already is still handed over: it may be a payment."""
        self._leaving.add(socket)
        listening, socket._listen_task = socket._listen_task, None  # noqa: SLF001 - `close` would cut it off
        await socket.close()
        if listening is not None and listening is not asyncio.current_task():
            await asyncio.wait({listening}, timeout=LAST_WORDS_S)
            listening.cancel()
            await asyncio.wait({listening}, timeout=1.0)
        self._leaving.discard(socket)

    def report_lost(self, socket: Websocket) -> None:
        """Record that the other side closed a socket."""
        for user, held in self._sockets.items():
            if held is socket and socket not in self._leaving:
                self._on_lost(user)

    def report_move(self, socket: Websocket, url: str) -> None:
        """Record that the service asks for another connection."""
        for user, held in self._sockets.items():
            if held is socket:
                self._on_move(user, url)

    def dispatch(self, event: str, payload: Any | None = None) -> None:
        """Take the library's events without a task for each."""
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

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
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import twitchio
from loguru import logger
from twitchio.authentication.tokens import ManagedHTTPClient
from twitchio.eventsub.websockets import Websocket
from twitchio.exceptions import HTTPException
from twitchio.http import Route

from bot.errors import Fatal, ProviderError, Quota, Transient
from bot.runtime.ratelimit import Bucket
from bot.sources.connection import Denied, Expired

#: A request is given up after this, and an answer beyond this size is no answer.
REQUEST_S = 10.0
MAX_ANSWER = 4 << 20
#: How long what a closed socket has read already may take to be handed over, in seconds.
LAST_WORDS_S = 6.0
#: Points a second that Helix gives, and how many at once (its documentation: 800 a minute).
HELIX_PER_S, HELIX_BURST = 800 / 60, 200

Renew = Callable[["Http", str, str], Awaitable[str]]


class Http(ManagedHTTPClient):
    """The library's client for Helix and the sign-in, over requests of our own.

    ``access(user)`` gives a user's token; ``renew(http, user, stale)`` a new one in the place of one that
    was refused, asked for through ``http``. Raises what `HTTPException` says, without addresses; `Quota`
    on a 429; `Transient` when nothing can be reached.
    """

    def __init__(
        self,
        *,
        client_id: str,
        api: str,
        id_base: str,
        session: aiohttp.ClientSession,
        access: Callable[[str], str],
        renew: Renew,
    ) -> None:
        super().__init__(client_id=client_id, session=session)
        self._api, self._id, self._access, self._renew = api, id_base, access, renew
        self._requests = session
        self.bucket = Bucket(HELIX_PER_S, HELIX_BURST, asyncio.get_running_loop().time)

    async def request(self, route: Route) -> Any:
        """Make a request: at most three times, when the token was old or the service away for a moment."""
        user = route.token_for
        renewed = retried = False
        while True:
            token = self._access(user) if user else ""
            status, headers, data = await self._once(route, token)
            if status == 401 and token and not renewed:
                renewed = True
                await self._renew(self, user, token)
                continue
            if status == 503 and not retried:
                retried = True
                await asyncio.sleep(1.0)
                continue
            self._raise(status, headers, data)
            if not (data is None or isinstance(data, dict)):
                raise Transient("Twitch answered with what is no answer", provider="twitch")
            return data

    async def _once(self, route: Route, token: str) -> tuple[int, Mapping[str, str], Any]:
        address, form = self._address(route)
        headers = {k: v for k, v in route.headers.items() if k.lower() != "authorization"}
        headers |= {"Client-ID": self.client_id, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif own := route.headers.get("Authorization"):
            headers["Authorization"] = own
        if form is None and route.use_id is False:
            await self.bucket.take(most_s=REQUEST_S)
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            async with (
                asyncio.timeout(REQUEST_S),
                self._requests.request(
                    route.method, address, headers=headers, data=form, json=route.json or None
                ) as answer,
            ):
                raw = bytearray()
                async for chunk in answer.content.iter_chunked(1 << 16):
                    raw += chunk
                    if len(raw) > MAX_ANSWER:
                        raise Transient("Twitch answered with more than 4 MB", provider="twitch")
                self._follow(route, answer.headers)
                return answer.status, answer.headers, _data(raw)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            # No `from error`: aiohttp's errors carry the address, and the address may carry a key.
            raise Transient(
                f"Twitch cannot be reached ({type(error).__name__})",
                provider="twitch",
                remedy="Check the connection to the internet.",
            ) from None

    def _address(self, route: Route) -> tuple[str, dict[str, str] | None]:
        """Give the address, and for the sign-in the form: its keys do not belong into an address."""
        split = urlsplit(route.url)
        if route.use_id:
            path = self._id + route.path.lstrip("/")
            return path, dict(parse_qsl(split.query)) if route.method == "POST" else None
        return self._api + route.path.lstrip("/") + (f"?{split.query}" if split.query else ""), None

    def _follow(self, route: Route, headers: Mapping[str, str]) -> None:
        if route.use_id:
            return
        try:
            limit, left = int(headers["Ratelimit-Limit"]), int(headers["Ratelimit-Remaining"])
            reset = int(headers["Ratelimit-Reset"]) - dt.datetime.now(dt.UTC).timestamp()
        except (KeyError, ValueError):
            return
        self.bucket.follow(limit, left, max(0.0, min(60.0, reset)))

    def _raise(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        if status < 400:
            return
        said = data.get("message", "") if isinstance(data, dict) else ""
        if status == 429:
            reset = headers.get("Ratelimit-Reset", "")
            now = dt.datetime.now(dt.UTC).timestamp()
            wait = max(1.0, min(60.0, float(reset) - now)) if reset.isdigit() else 5.0
            if headers.get("Ratelimit-Remaining", "0") == "0":  # else it is a limit of this one thing alone
                self.bucket.refuse(wait)
            words = (
                f"Twitch asks for a pause: {said[:200]}"
                if isinstance(said, str) and said
                else "Twitch asks for a pause"
            )
            raise Quota(words, provider="twitch", retry_after_s=wait)
        raise HTTPException(f"Twitch answered {status}: {str(said)[:200]}", status=status, extra={"message": str(said)})


def _data(raw: bytes | bytearray) -> Any:
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return raw[:200].decode("utf-8", "replace")


def explain(error: Exception, what: str) -> ProviderError:
    """Put the library's error into one of ours, with what to do."""
    if isinstance(error, ProviderError):
        return error
    if not isinstance(error, HTTPException):
        return Transient(f"{what}: {type(error).__name__}", provider="twitch")
    said = str(error.extra.get("message", ""))[:200]
    words = f"{what}: {said or f'Twitch answered {error.status}'}"
    if error.status == 401:
        return Expired(words, provider="twitch", remedy="Sign in again: haishin login twitch")
    if error.status == 403:
        return Denied(words, provider="twitch", remedy="The account needs this right: see docs/twitch.md.")
    if error.status >= 500:
        return Transient(words, provider="twitch")
    return Fatal(words, provider="twitch")


# --- the socket -----------------------------------------------------------------------------------


class Socket(Websocket):
    """The library's EventSub socket, which tells its `Ears` of each frame, and is never repaired: it is replaced."""

    @property
    def _last_keepalive(self) -> dt.datetime:
        """Keep the library's own watch quiet: it looks each ten seconds, by the wall clock."""
        return dt.datetime.now()  # noqa: DTZ005 - compared with the library's own

    @_last_keepalive.setter
    def _last_keepalive(self, at: dt.datetime | None) -> None:
        """Take what the library sets at the start."""

    @property
    def _ears(self) -> Ears:
        ears = self._client
        assert isinstance(ears, Ears)  # noqa: S101 - `Ears.open` makes it so
        return ears

    async def _listen(self) -> None:
        """Read frames until the end. The library's own reader dies of the first frame that is no message."""
        socket = self._socket
        assert socket is not None  # noqa: S101 - `connect` has just set it
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._ears.frame(self._token_for or "")
                    await self._read(message.data)
        finally:
            self._ears.lost(self)

    async def _read(self, text: str) -> None:
        """Read one frame. Whatever it holds, the next one is heard."""
        try:
            data = json.loads(text)
            match data["metadata"]["message_type"]:
                case "notification":
                    await self._ears.notification(data)
                case "session_welcome":
                    await self._process_welcome(data)
                case "session_reconnect":
                    # A new socket is opened beside this one, which is heard until then.
                    url = data["payload"]["session"]["reconnect_url"]
                    if isinstance(url, str) and url.startswith(("wss://", "ws://127.0.0.1:")):
                        self._ears.move(self, url)
                    else:
                        self._ears.fault("an address to move to that is none of a socket", "")
                case "revocation":
                    gone = data["payload"]["subscription"]
                    self._ears.revoked(str(gone["type"]), str(gone["status"]))
                case "session_keepalive":
                    pass
                case _:
                    self._ears.fault("a frame of an unknown kind", "")
        except Exception as error:  # noqa: BLE001 - as said
            self._ears.fault("a frame that cannot be read", type(error).__name__)

    async def _create_connection_task(self) -> None:
        """Tell of the loss; the library would reconnect here, and may go deaf for ever."""
        self._ears.lost(self)


class Ears(twitchio.Client):
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
        self.notification, self.frame, self.fault = on_notification, on_frame, on_fault
        self._on_lost, self._on_move, self.revoked = on_lost, on_move, on_revoked
        self._sockets: dict[str, Socket] = {}
        self._leaving: set[Socket] = set()

    async def open(self, user: str, url: str) -> str:
        """Open a socket for a user's subscriptions, in the place of the present one; give the session's id.

        Raises `Transient` when there is no welcome within ten seconds.
        """
        socket = Socket(client=self, token_for=user, http=self._http, reconnect_attempts=0)
        try:
            async with asyncio.timeout(REQUEST_S):
                await socket.connect(url=url, fail_once=True)
        except (TimeoutError, Exception) as error:  # noqa: BLE001 - the library raises of all kinds
            await self._close(socket)
            raise Transient(f"no welcome from EventSub ({type(error).__name__})", provider="twitch") from None
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

    def lost(self, socket: Websocket) -> None:
        """A socket was closed by the other side."""
        for user, held in self._sockets.items():
            if held is socket and socket not in self._leaving:
                self._on_lost(user)

    def move(self, socket: Websocket, url: str) -> None:
        """The service asks for another connection."""
        for user, held in self._sockets.items():
            if held is socket:
                self._on_move(user, url)

    def dispatch(self, event: str, payload: Any | None = None) -> None:
        """Take the library's events without a task for each."""
        if event == "websocket_closed" and payload is not None:
            self.lost(payload.socket)

    async def end(self) -> None:
        """Close everything."""
        sockets, self._sockets = list(self._sockets.values()), {}
        for socket in sockets:
            await self._close(socket)
        try:
            await self.close(save_tokens=False)
        except Exception as error:  # noqa: BLE001 - it is thrown away
            logger.debug("the client did not close well: {}", type(error).__name__)

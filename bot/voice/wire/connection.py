"""Connections to services that speak: one session each, errors of our own tree, and an end that nobody waits for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, cast

import aiohttp

from bot.errors import ProviderError, TransientError
from bot.runtime.http_errors import is_on_this_machine, refused, trust

#: The largest message of a socket: some seconds of sound in base64 or hexadecimal.
_MAX_MESSAGE: Final = 8 << 20
_MAX_ERROR_BYTES: Final = 4096
#: Longest wait for the other side to say goodbye. A clause that is cut must be over at once.
_GOODBYE_S: Final = 0.02
#: The codes of a socket that was closed because all was said, or because the service goes away.
_AT_THE_END: Final = (None, 1000, 1001, 1005)
#: Characters of what is no object that are told.
_MAX_NOISE: Final = 60


@dataclass(frozen=True, slots=True)
class Service:
    """Who is spoken to: the provider's name, and what a person can do about a refused key and a missing thing."""

    name: str
    missing_remedy: str
    key_remedy: str = "Is 'api_key' whole, and does it belong to this service?"
    down_remedy: str = "Check the connection to the internet, and 'base_url'."

    def refused(self, status: int, said: str, headers: Mapping[str, str] | None = None) -> ProviderError:
        """Return the error for a status that is no success."""
        return refused(
            status,
            said,
            provider=self.name,
            key_remedy=self.key_remedy,
            missing_remedy=self.missing_remedy,
            retry_after=(headers or {}).get("Retry-After"),
        )

    def broken(self, what: str) -> TransientError:
        """Return the error for an answer that is none."""
        return TransientError(what, provider=self.name)


@asynccontextmanager
async def open_session(
    base_url: str, *, timeout_s: float, headers: Mapping[str, str] | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session whose connections are kept between clauses; ``timeout_s`` is the longest silence of one."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=8, keepalive_timeout=300, ssl=trust(base_url.replace("wss:", "https:", 1))
        ),
        headers={"Accept-Encoding": "identity", **(headers or {})},
        timeout=aiohttp.ClientTimeout(sock_connect=5.0, sock_read=timeout_s),
        trust_env=not is_on_this_machine(base_url),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trace_configs=[_not_elsewhere()],
    ) as session:
        yield session


def _not_elsewhere() -> aiohttp.TraceConfig:
    """Return what refuses to follow a service elsewhere: a socket has no option for it, and the key is for this one."""

    async def refuse(_session: object, _context: object, params: aiohttp.TraceRequestRedirectParams) -> None:
        answer = params.response
        answer.close()
        raise aiohttp.WSServerHandshakeError(
            answer.request_info, answer.history, status=answer.status, message="", headers=answer.headers
        )

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace


@contextmanager
def errors_of(service: Service) -> Iterator[None]:
    """Raise the errors of a connection, and of an answer of another shape, as ours."""
    try:
        yield
    except aiohttp.WSServerHandshakeError as error:
        raise service.refused(error.status, error.message, error.headers) from error
    except TimeoutError as error:
        raise service.broken("the service did not answer in time") from error
    except (aiohttp.ClientError, ConnectionError) as error:
        raise TransientError(
            f"the connection failed: {str(error)[:200] or type(error).__name__}",
            provider=service.name,
            remedy=service.down_remedy,
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise service.broken(f"the service sent no proper answer: {type(error).__name__} {str(error)[:100]}") from error


@asynccontextmanager
async def post(
    session: aiohttp.ClientSession, service: Service, url: str, **request: Any
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Post a request, once more when the connection that was kept had been closed. Raises `ProviderError`."""
    try:
        response = await session.post(url, allow_redirects=False, **request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
        response = await session.post(url, allow_redirects=False, **request)
    async with response:
        if not 200 <= response.status < 300:
            body = await beginning(response, _MAX_ERROR_BYTES)
            raise service.refused(response.status, _words(body), response.headers)
        yield response


async def beginning(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body of a response, of one that is longer than ``most`` bytes hardly more than that."""
    body = b""
    async for data in response.content.iter_any():
        body += data
        if len(body) > most:
            break
    return body


@asynccontextmanager
async def open_socket(
    session: aiohttp.ClientSession, service: Service, url: str, *, timeout_s: float, **options: Any
) -> AsyncIterator[Socket]:
    """Open a WebSocket for one clause. Leaving the block closes it at once, which stops the synthesis."""
    async with asyncio.timeout(timeout_s + 5.0):
        socket = await session.ws_connect(
            url,
            max_msg_size=_MAX_MESSAGE,
            timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE_S),
            compress=0,
            **options,
        )
    try:
        yield Socket(socket, service, timeout_s)
    finally:
        with suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
            await socket.close()


class Socket:
    """A WebSocket as the services use it: JSON or bytes, with a deadline for each message."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, service: Service, timeout_s: float) -> None:
        self._socket = socket
        self._service = service
        self._timeout_s = timeout_s

    async def send(self, message: Mapping[str, Any] | bytes) -> None:
        """Send an object as JSON, or bytes as they are. When the service hangs up, `messages` tells what it said."""
        with suppress(aiohttp.ClientConnectionError, ConnectionError):
            if isinstance(message, bytes):
                await self._socket.send_bytes(message)
            else:
                await self._socket.send_str(json.dumps(message, ensure_ascii=False))

    async def messages(self) -> AsyncIterator[dict[str, Any] | bytes]:
        """Yield what comes until the service closes the socket. Raises `ProviderError` when it closes it in anger.

        A text that is no object, such as a lone "ping", says nothing.
        """
        heard, noise = False, ""
        while True:
            async with asyncio.timeout(self._timeout_s):
                message = await self._socket.receive()
            if message.type is aiohttp.WSMsgType.BINARY:
                heard = True
                yield bytes(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                for found in _objects(message.data):
                    heard = True
                    yield found
                noise = noise or ("" if heard else message.data.strip()[:_MAX_NOISE])
            elif message.type is aiohttp.WSMsgType.ERROR:
                raise self._service.broken(f"the connection failed: {str(message.data)[:100]}")
            else:
                self._closed(message.extra)
                if noise and not heard:
                    raise self._service.broken(f"the service sent no object, but {noise!r}")
                return

    async def objects(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the objects that come; see `messages`. Raises `TransientError` for bytes that are none."""
        async with aclosing(cast("Any", self.messages())) as messages:
            async for message in messages:
                if isinstance(message, bytes) and not message.lstrip().startswith(b"{"):
                    raise self._service.broken("the service sent bytes in place of an object")
                yield parsed(message) if isinstance(message, bytes) else message

    def _closed(self, reason: object) -> None:
        """Raise the error for a socket that was closed for anything but its time: a policy, a key, a fault, a break."""
        code = self._socket.close_code
        if code not in _AT_THE_END:
            words = f": {str(reason)[:200]}" if reason else ""
            raise self._service.broken(f"the service closed the connection ({code}){words}")


def _objects(text: str) -> list[dict[str, Any]]:
    """Return the objects of a text: one, those of a list, or none. Raises `ValueError` for a broken one."""
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return []
    found = json.loads(text.lstrip("\ufeff"))
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)]


def parsed(text: str | bytes) -> dict[str, Any]:
    """Parse an object of JSON. Raises `ValueError` for anything else."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"no object, but {type(value).__name__}")  # noqa: TRY004 - not our error
    return value


def _words(body: bytes) -> str:
    """Return the words of an error: of JSON its message, else its text."""
    text = body.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        found: Any = json.loads(text)
        while isinstance(found, dict):
            found = next((found[key] for key in ("message", "detail", "error", "Exception") if found.get(key)), text)
        return str(found)
    return text

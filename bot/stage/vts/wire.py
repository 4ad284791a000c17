"""One connection to VTube Studio's public API: a request, its answer, and events in between. Everything is bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Any, Final, TypeAlias

import aiohttp

from bot.errors import FatalError, TransientError

API, VERSION = "VTubeStudioPublicAPI", "1.0"
#: Who we say that we are; with another name a token is not valid. 3 to 32 characters each.
PLUGIN, DEVELOPER = "Haishin", "Haishin"
#: Longest wait for the connection, and for an answer, in seconds; largest message, in bytes.
CONNECT_S, ANSWER_S, MAX_MESSAGE = 4.0, 3.0, 1 << 20
_START: Final = "start VTube Studio, and in its settings turn on 'Start API'; its port is stage.vts.port"

OnEvent: TypeAlias = Callable[[str, Mapping[str, Any]], None]


class Code(IntEnum):
    """Numbers of VTube Studio's errors that we act on."""

    API_OFF = 1
    NOT_AUTHENTICATED = 8
    DENIED = 50
    BEING_ASKED = 51
    NO_PARAMETER = 453
    TAKEN = 454


class Declined(TransientError):  # noqa: N818 - no failure: an answer
    """VTube Studio answered a request with an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"VTube Studio declines: {message[:200]} ({code})", provider="vts")
        self.code = code


class Wire:
    """The requests over one socket, one after another."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, on_event: OnEvent) -> None:
        self._socket = socket
        self._on_event = on_event
        self._sent = 0

    async def request(
        self, kind: str, data: Mapping[str, Any] | None = None, within_s: float = ANSWER_S
    ) -> dict[str, Any]:
        """Return the data of the answer. Raise `Declined`; or `TransientError`, after which the wire is of no use."""
        self._sent += 1
        number = str(self._sent)
        message = {"apiName": API, "apiVersion": VERSION, "requestID": number, "messageType": f"{kind}Request",
                   "data": dict(data or {})}  # fmt: skip
        try:
            async with asyncio.timeout(within_s):
                await self._socket.send_str(json.dumps(message, allow_nan=False))
                while True:
                    answer = await self._receive()
                    found = self._answer_to(number, kind, answer)
                    if found is not None:
                        return found
        except TimeoutError:
            raise TransientError(f"VTube Studio did not answer within {within_s:g} s: {kind}", provider="vts") from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise _lost(error) from None

    def _answer_to(self, number: str, kind: str, answer: Mapping[str, Any]) -> dict[str, Any] | None:
        data = answer.get("data")
        data = data if isinstance(data, dict) else {}
        said = answer.get("messageType")
        if answer.get("requestID") == number:
            if said == "APIError":
                code = data.get("errorID")
                raise Declined(code if isinstance(code, int) else 0, str(data.get("message")))
            if said == f"{kind}Response":
                return data
        if isinstance(said, str) and said.endswith("Event"):
            self._on_event(said, data)
        return None

    async def _receive(self) -> Mapping[str, Any]:
        frame = await self._socket.receive()
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise _lost(None)
        try:
            message = json.loads(frame.data)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or message.get("apiName") != API:
            raise FatalError("what answers there is not VTube Studio", provider="vts", remedy="correct stage.vts.port")
        return message


@asynccontextmanager
async def connect(host: str, port: int, on_event: OnEvent) -> AsyncIterator[Wire]:
    """Open a connection; leaving the block closes it. Raise `ProviderError`."""
    address = f"[{host}]" if ":" in host else host
    async with aiohttp.ClientSession(trust_env=False) as session:
        try:
            async with asyncio.timeout(CONNECT_S):
                socket = await session.ws_connect(
                    f"ws://{address}:{port}/", max_msg_size=MAX_MESSAGE, compress=0,
                    timeout=aiohttp.ClientWSTimeout(ws_close=0.2),
                )  # fmt: skip
        except TimeoutError:
            raise TransientError(f"VTube Studio at {host}:{port} does not answer in time", remedy=_START) from None
        except aiohttp.WSServerHandshakeError:
            raise FatalError(
                f"what answers at {host}:{port} is not VTube Studio", remedy="correct stage.vts.host and stage.vts.port"
            ) from None
        except (aiohttp.ClientError, ConnectionError, OSError, ValueError):
            raise TransientError(f"VTube Studio does not answer at {host}:{port}", remedy=_START) from None
        try:
            yield Wire(socket, on_event)
        finally:
            await socket.close()


def _lost(error: Exception | None) -> TransientError:
    why = f" ({type(error).__name__})" if error is not None else ""
    return TransientError(
        f"the connection to VTube Studio ended{why}", provider="vts", remedy="see whether it still runs"
    )

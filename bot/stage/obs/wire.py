"""One connection to obs-websocket 5, blocking: the only file that knows the library.

The library connects and signs in. What it does not do is done here: a reply is matched with its request, what comes
is bounded, and every fault is one of `bot.errors`. It writes the password into its log, so it gets none before it
has logged, and its log is silenced.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import socket
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from bot.errors import FatalError, ProviderError, TransientError
from bot.stage.obs.mixer import Declined
from bot.stage.obs.settings import ObsSettings

#: Longest silence of OBS in the middle of an answer, in seconds.
TIMEOUT_S = 3.0
#: Largest message that is read, in bytes. A picture of 1920 pixels is about 4 MB.
MAX_MESSAGE = 32 << 20
#: Kinds of events, as bits of ``eventSubscriptions``: all that are rare, and the volume meters.
RARE, METERS = 0x7FF, 1 << 16

_SERVER = "in OBS: Tools → WebSocket Server Settings"
_CLOSED_BECAUSE = {
    4009: FatalError(
        "OBS refuses the password", remedy=f"copy it anew into obs.password; it is shown {_SERVER} → Show Connect Info"
    ),
    4010: FatalError("this OBS speaks another version of its protocol", remedy="use OBS 28 or newer"),
    4011: TransientError("OBS ended the connection: somebody removed it", remedy=f"look {_SERVER}"),
}


class Wire:
    """One connection, for one thread at a time; `abort` may be called from any."""

    def __init__(self, settings: ObsSettings, events: int = 0) -> None:
        """Take where OBS is, and the kinds of ``events`` that are wanted."""
        self._settings = settings
        self._events = events
        self._client: Any = None
        self._socket: Any = None
        self._aborted = False
        self._sent = 0
        self._read = 0
        self._close_code = 0

    def open(self) -> None:
        """Connect and sign in. Raise `TransientError` or, where a person must change something, `FatalError`."""
        s = self._settings
        host = f"[{s.host}]" if ":" in s.host else s.host
        try:
            client = _client_class()(self._adopt, host=host, port=s.port, password="", subs=self._events,
                                     timeout=TIMEOUT_S)  # fmt: skip
            _check_hello(client.server_hello, has_password=bool(s.password.get_secret_value()))
            client.password = s.password.get_secret_value()
            client.authenticate()
        except Exception as error:  # noqa: BLE001 - whatever the library raises is one of our kinds of faults
            found = self._fault(error)
            self.abort()
            raise found from None
        self._client = client

    def request(self, name: str, data: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Return the answer to a request. Raise `Declined`, or `TransientError`, after which the wire is of no use."""
        self._sent += 1
        payload: dict[str, Any] = {"requestType": name, "requestId": str(self._sent)}
        if data:
            payload["requestData"] = dict(data)
        try:
            text = json.dumps({"op": 6, "d": payload}, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise Declined(f"{name}: not a request that can be written: {error}", code=400) from None
        try:
            self._socket.send(text)
            message = self._receive()
        except Exception as error:  # noqa: BLE001 - as in open
            raise self._fault(error) from None
        match message:
            case {"op": 7, "d": {"requestId": found, "requestStatus": {"result": bool(good), **status}, **answer}} if (
                found == payload["requestId"]
            ):
                if good:
                    return _mapping(answer.get("responseData"))
                code, comment = status.get("code"), status.get("comment")
                raise Declined(
                    f"OBS declines {name}: {str(comment)[:300] if comment else f'code {code}'}",
                    code=code if isinstance(code, int) else 0,
                )
        raise TransientError(f"OBS answered something else than {name} was asked")

    def events(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the events as they come, until the connection ends: then raise `TransientError`."""
        try:
            self._socket.settimeout(None)
            while True:
                match self._receive():
                    case {"op": 5, "d": {"eventType": str(name), **event}}:
                        yield name[:100], _mapping(event.get("eventData"))
        except GeneratorExit:
            raise
        except Exception as error:  # noqa: BLE001 - as in open
            raise self._fault(error) from None

    def abort(self) -> None:
        """End the connection at once; a thread that waits in it gets an error."""
        self._aborted = True
        sock = getattr(self._socket, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                sock.close()

    def _receive(self) -> Any:
        self._read = 0
        text = self._socket.recv()
        if not text:
            raise ConnectionError("closed")
        return json.loads(text)

    def _adopt(self, sock: Any) -> None:
        """Take the library's socket before it connects, and bound what it reads."""
        self._socket = sock
        if self._aborted:
            raise ConnectionError("aborted")
        handshake, strict, frame = sock.connect, sock.frame_buffer.recv_strict, sock.recv_frame

        def directly(url: str, **options: Any) -> None:
            # The library would ask the proxy of the environment, also for this machine itself.
            where = self._settings.host, self._settings.port
            direct = socket.create_connection(where, TIMEOUT_S)
            direct.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            handshake(url, socket=direct, **options)

        def bounded(size: int) -> Any:
            self._read += size
            if self._read > MAX_MESSAGE:
                raise ValueError(f"a message of more than {MAX_MESSAGE >> 20} MB")
            return strict(size)

        def noticed() -> Any:
            found = frame()
            if found.opcode == 0x8 and len(found.data) >= 2:
                self._close_code = int.from_bytes(found.data[:2], "big")
            return found

        sock.connect, sock.frame_buffer.recv_strict, sock.recv_frame = directly, bounded, noticed

    def _fault(self, error: Exception) -> ProviderError:
        """Return what the library raised as one of our errors, with what a person can do."""
        where = f"{self._settings.host}:{self._settings.port}"
        if isinstance(error, ProviderError):
            return error
        if isinstance(error, ImportError):
            return FatalError(
                f"the package {error.name or 'obsws-python'!r} is not installed",
                remedy=f"{sys.executable} -m pip install obsws-python==1.8.0",
            )
        if known := _CLOSED_BECAUSE.get(self._close_code):
            return type(known)(str(known), remedy=known.remedy)
        if isinstance(error, socket.gaierror):
            return TransientError(f"nobody knows the machine {self._settings.host!r}", remedy="correct obs.host")
        if isinstance(error, ConnectionRefusedError):
            remedy = f"start OBS, and {_SERVER} → Enable WebSocket server, with this port"
            return TransientError(f"OBS does not answer at {where}", remedy=remedy)
        name, connected = type(error).__name__, bool(getattr(self._socket, "connected", False))
        if name in ("WebSocketBadStatusException", "WebSocketProtocolException") or (
            isinstance(error, ValueError) and self._client is None
        ):
            return FatalError(
                f"what answers at {where} is not OBS", remedy=f"correct obs.host and obs.port; they stand {_SERVER}"
            )
        if isinstance(error, TimeoutError) or name == "WebSocketTimeoutException":
            if connected and self._client is None:
                return FatalError(f"no greeting of obs-websocket 5 came from {where}", remedy="use OBS 28 or newer")
            return TransientError(f"OBS at {where} does not answer in time", remedy="see whether OBS hangs")
        return TransientError(f"the connection to OBS ended ({name})", remedy="see whether OBS still runs")


def _check_hello(hello: Any, *, has_password: bool) -> None:
    """Raise `FatalError` when a greeting shows that no sign-in can succeed."""
    match hello:
        case {"op": 0, "d": {"rpcVersion": int(version), **rest}}:
            if version < 1:
                raise FatalError(f"this OBS speaks protocol version {version}, not 1", remedy="use OBS 28 or newer")
        case _:
            raise ValueError("not a greeting")
    match rest.get("authentication"):
        case None:
            return
        case {"salt": str(), "challenge": str()}:
            if not has_password:
                raise FatalError(
                    "OBS wants a password", remedy=f"set obs.password; it is shown {_SERVER} → Show Connect Info"
                )
        case _:
            raise ValueError("not a greeting")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


@functools.cache
def _client_class() -> Any:
    """Return the library's client, which hands over its socket before it uses it. Raise `ImportError`."""
    from obsws_python.baseclient import ObsClient  # noqa: PLC0415 - an extra: imported when it is wanted

    log = logging.getLogger("obsws_python")
    log.setLevel(logging.CRITICAL + 1)
    log.propagate = False

    class Client(ObsClient):  # type: ignore[misc]
        def __init__(self, adopt: Any, **options: Any) -> None:
            self._adopt = adopt
            super().__init__(**options)

        @property
        def ws(self) -> Any:
            return self._ws

        @ws.setter
        def ws(self, sock: Any) -> None:
            self._ws = sock
            self._adopt(sock)

    return Client

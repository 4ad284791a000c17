"""What the fake Bilibili knows: sockets, sessions, sign-ins, and how it misbehaves."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.bilibili.events import Room
from tests.fakes.bilibili.frames import BROKEN
from tests.fakes.bilibili.viewers import Ids

#: What each fault does, in one line; ``POST /_fake/misbehave {"fault": NAME, …}`` begins one.
FAULTS = {
    "drop": "the sockets are reset (TCP RST)",
    "close": "the sockets are closed",
    "half_open": "the sockets stay open and nothing is sent any more",
    "no_heartbeat_reply": "heartbeats get no reply; for_s=…",
    "plain": "bodies are plain; for_s=…",
    "zlib": "bodies are zlib; for_s=…",
    "brotli": "bodies are brotli; for_s=…",
    "duplicate": "every event is sent twice; for_s=…",
    "unknown_event": "an event nobody knows is sent",
    "text_frame": "a frame of text is sent",
    "missing_key": "the next event lacks a key; key=…",
    "wrong_type": "a key of the next event has another type; key=…",
    "negative_amount": "the next event's amounts are negative",
    "interaction_end": "the open platform ends the sessions and says so",
    "code_7003": "the open platform forgets the sessions without a word",
    "code_7001": "the open platform asks for a pause; for_s=…",
    "rest_down": "requests are cut off; for_s=…",
    "rest_5xx": "requests fail with 502; for_s=…",
    "rest_412": "requests are refused with 412; for_s=…",
    "code_352": "the site takes everybody for a machine (-352); for_s=…",
    "expire_cookie": "nobody is signed in any more (-101)",
    "bad_signature": "every signature is wrong (4002); for_s=…",
    "auth_refused": "the sockets refuse the key; for_s=…",
    "ws_refuse": "new sockets are refused with 503; for_s=…",
    "one_host": "one address alone is named; for_s=…",
    "dead_host": "the first address that is named does not answer; for_s=…",
    "down": "requests are cut off, sockets reset and refused; for_s=…",
    **dict.fromkeys(BROKEN, "one broken frame is sent"),
}
FOREVER = 10.0**9


@dataclass
class Socket:
    ws: web.WebSocketResponse
    kind: str  # "open" or "web"
    uid: int = 0
    protover: int = 0
    game: str = ""
    silent: bool = False
    beats: int = 0


@dataclass
class Call:
    path: str
    body: dict[str, Any]
    cookies: dict[str, str]


@dataclass
class Game:
    id: str
    started_at: float
    beat_at: float
    auth: str


@dataclass
class Qr:
    key: str
    polls: int = 0
    state: int = 86101


@dataclass
class State:
    port: int = 0
    room: Room = field(default_factory=Room)
    short_room: int = 92613
    app_id: int = 1700000000001
    access_key: str = "fakekey"
    access_secret: str = "fakesecret"
    code: str = "FAKECODE1"
    #: The account that can sign in.
    uid: int = 4242
    uname: str = "配信机"
    csrf: str = "c5rf" * 8
    sessdata: str = "5e55d4ta%2C1797000000%2Ca1b2c"
    cookie_life_s: float = 15 * 24 * 3600.0
    signed_in: bool = True
    #: A QR code is scanned and confirmed after so many polls each; None: never.
    qr_after: int | None = 1
    cooling_s: float = 0.0
    game_life_s: float = 60.0
    ids: Ids = field(default_factory=Ids)
    sockets: list[Socket] = field(default_factory=list)
    games: dict[str, Game] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    ended_at: float = -FOREVER
    qrs: dict[str, Qr] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    silenced: dict[int, int] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    on_written: Callable[[str], Awaitable[object]] = field(default=lambda _text: asyncio.sleep(0))
    wrote_at: float = -FOREVER
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=20_000))
    sent: Counter[str] = field(default_factory=Counter)
    faults: dict[str, float] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    def now() -> float:
        return asyncio.get_running_loop().time()

    def is_on(self, fault: str) -> bool:
        return self.faults.get(fault, -FOREVER) > self.now()

    def begin(self, fault: str, for_s: float, **options: Any) -> None:
        self.faults[fault] = self.now() + for_s
        self.options[fault] = options

    def once(self, fault: str) -> dict[str, Any] | None:
        """Return the options of a fault of one moment, and end it."""
        if not self.is_on(fault):
            return None
        del self.faults[fault]
        return self.options.pop(fault, {})

    def heal(self) -> None:
        self.faults.clear()
        self.options.clear()
        self.signed_in = True
        for socket in self.sockets:
            socket.silent = False

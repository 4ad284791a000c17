"""What the fake Twitch knows: accounts, tokens, sessions, subscriptions, and how it misbehaves."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

#: What each fault does, in one line; ``POST /_fake/misbehave {"fault": NAME, …}`` begins one.
FAULTS = {
    "drop": "the sockets are reset (TCP RST)",
    "close": "the sockets are closed; code=4000…4007",
    "half_open": "the sockets stay open and nothing is sent any more",
    "reconnect_same": "session_reconnect; the new socket keeps the session's id",
    "reconnect_new": "session_reconnect; the new socket has another session id",
    "revoke": "subscriptions are revoked; type=…, status=authorization_revoked|user_removed|version_removed",
    "duplicate": "every notification is sent twice",
    "helix_down": "requests are cut off; for_s=…",
    "helix_5xx": "requests fail with 500; for_s=…, only=subscriptions",
    "helix_429": "requests are refused with 429; for_s=…",
    "helix_hang": "requests are never answered; for_s=…",
    "expire_tokens": "all access tokens are invalid from now on; refreshing works",
    "kill_refresh": "no token can be refreshed any more",
    "missing_key": "the next notification lacks a key; key=…",
    "wrong_type": "a key of the next notification has another type; key=…",
    "unknown_event": "an event nobody knows is sent",
    "huge_frame": "a notification of 2 MB is sent",
    "garbage": "a frame that is no JSON is sent",
    "odd_frame": "a frame of JSON that is no message is sent",
    "no_welcome": "new sockets are not welcomed; for_s=…",
    "forget_subscriptions": "subscriptions vanish without a word; keepalives go on",
    "no_keepalive": "no keepalives are sent; for_s=…",
    "ws_refuse": "new sockets are refused with 503; for_s=…",
    "down": "requests are cut off and sockets reset and refused; for_s=…",
}


@dataclass
class Account:
    id: str
    login: str
    name: str


@dataclass
class Token:
    user: str
    scopes: tuple[str, ...]
    refresh: str
    expires_at: float
    dead: bool = False


@dataclass
class Session:
    id: str
    user: str
    socket: web.WebSocketResponse | None
    keepalive_s: float
    sent_at: float = 0.0
    silent: bool = False
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    connected: bool = True
    moving: bool = False
    keep_id: bool = True


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    user: str
    status: int = 0


class State:
    def __init__(self) -> None:
        self.port = 0
        self.accounts = {
            "1001": Account("1001", "streamer", "Streamer"),
            "1002": Account("1002", "haishin_bot", "Haishin_Bot"),
        }
        self._by_login: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}
        self.refresh: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.used_refresh: set[str] = set()
        self.devices: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, Session] = {}
        self.calls: deque[Call] = deque(maxlen=20_000)
        self.sent: Counter[str] = Counter()
        self.refreshes = 0
        self.points = 800.0
        self.points_at = 0.0
        self.token_life_s = 4 * 3600.0
        #: The device code is approved after so many polls, as ``approve_as``; None: by hand alone.
        self.approve_after: int | None = 2
        self.approve_as = "1002"
        #: What the device flow says: seconds between two questions, how long a code lasts, how often it asks to be
        #: slower, and whether the person refuses.
        self.device_interval_s = 5
        self.device_life_s = 1800.0
        self.slow_downs = 0
        self.refuses_device = False
        #: How many watch the streamer; None while the stream is not on.
        self.watching: int | None = None
        #: Types of subscriptions, and paths of Helix, that are refused, with the status and the message.
        self.refused: dict[str, tuple[int, str]] = {}
        #: Every request to the sign-in: the query as it stood in the address, and the fields.
        self.asked: deque[tuple[str, dict[str, str]]] = deque(maxlen=1000)
        self.subscribe_within_s: float | None = 10.0
        self.faults: dict[str, float] = {}
        self.options: dict[str, dict[str, Any]] = {}
        self.shouted: dict[str, float] = {}
        self.ids = itertools.count(1)
        self.changed = asyncio.Event()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @staticmethod
    def now() -> float:
        return asyncio.get_running_loop().time()

    def account(self, login: str) -> Account:
        """Return a viewer, made at first sight."""
        if (known := self._by_login.get(login.lower())) is not None:
            return known
        for account in self.accounts.values():
            if account.login == login.lower():
                self._by_login[account.login] = account
                return account
        made = Account(str(50_000 + len(self.accounts)), login.lower(), login)
        self.accounts[made.id] = made
        self._by_login[made.login] = made
        return made

    def mint(self, user: str, scopes: tuple[str, ...]) -> tuple[str, str]:
        """Make a pair of tokens."""
        access, refresh = f"at{secrets.token_hex(14)}", f"rt{secrets.token_hex(24)}"
        self.tokens[access] = Token(user, tuple(scopes), refresh, self.now() + self.token_life_s)
        self.refresh[refresh] = (user, tuple(scopes))
        return access, refresh

    def is_on(self, fault: str) -> bool:
        """Whether a fault goes on now."""
        return self.faults.get(fault, 0.0) > self.now()

    def begin(self, fault: str, for_s: float, **options: Any) -> None:
        self.faults[fault] = self.now() + for_s
        self.options[fault] = options

    def heal(self) -> None:
        self.faults.clear()
        self.options.clear()
        for session in self.sessions.values():
            session.silent = False

"""The requests of the open platform: signatures, bounds, and its error codes in words.

Each request carries six ``x-bili-`` headers; the signature is HMAC-SHA256 with the developer's secret
over them, sorted, one ``name:value`` a line.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import httpx

from bot.errors import ProviderError, QuotaError, TransientError
from bot.sources.connection import DeniedError
from bot.sources.settings import BilibiliOpen

NAME = "bilibili_open"
TIMEOUT_S = 8.0
#: The largest answer that is read, in bytes.
MAX_ANSWER = 1 << 20

#: Codes of a session that is over; a new one must be started.
GAME_OVER = frozenset({7000, 7003})
#: Codes of a session that was started too soon after the last one, or while that one runs; the waits, in seconds.
COOLING, RUNNING = 7001, 7002
COOLING_S, RUNNING_S = 10.0, 5.0

_KEYS = "Check sources.bilibili_open.access_key and access_secret on open-live.bilibili.com."
#: What a person can do, by code.
_DENIED: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        4000: ("the platform does not understand the request", "Check sources.bilibili_open.app_id: a number."),
        4001: ("the application is not valid", "Check sources.bilibili_open.app_id and that it was approved."),
        4002: ("the signature is wrong", _KEYS),
        4003: ("the request is too old", "Set the clock of this machine: it is minutes off."),
        4007: ("this address is not on the application's list", "Add it on open-live.bilibili.com."),
        4008: ("the application lacks the right", "Ask for it on open-live.bilibili.com."),
        4009: ("the application may not call this", "Ask for it on open-live.bilibili.com."),
        5004: ("the room is not on the application's list", "Add the room, or publish the application."),
        5005: ("the room is barred from the application", "Ask the platform's support."),
        7007: ("the identity code is wrong", "Copy it (身份码) from link.bilibili.com again: a newer one voids it."),
        8002: ("the application may not enter this room", "Publish it, or add the streamer to its testers."),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Session:
    """A started session. ``auth`` is the ready body of the socket's first frame, ``streamer_id`` an open id."""

    game: str
    auth: str
    urls: tuple[str, ...]
    room: int
    streamer: str
    streamer_id: str = ""


class OpenApi:
    """Start, keep and end sessions, all with one `httpx.AsyncClient`."""

    def __init__(self, config: BilibiliOpen, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http

    async def start(self) -> Session:
        """Start a session. Raises `DeniedError`, `QuotaError` (try later) or `TransientError`."""
        body = {"code": self._config.code.get_secret_value(), "app_id": self._config.app_id}
        data = await self._post("/v2/app/start", body)
        try:
            game, socket, anchor = data["game_info"], data["websocket_info"], data["anchor_info"]
            urls = tuple(url for url in socket["wss_link"][:8] if isinstance(url, str))
            return Session(
                str(game["game_id"]),
                str(socket["auth_body"]),
                urls,
                int(anchor["room_id"]),
                str(anchor["uname"])[:60],
                str(anchor.get("open_id") or ""),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TransientError(f"an answer without {error}", provider=NAME) from None

    async def heartbeat(self, game: str) -> bool:
        """Keep a session alive; return False when it is over."""
        try:
            await self._post("/v2/app/heartbeat", {"game_id": game})
        except SessionOverError:
            return False
        return True

    async def end(self, game: str) -> None:
        """End a session; do nothing when it is over already."""
        try:
            await self._post("/v2/app/end", {"game_id": game, "app_id": self._config.app_id})
        except SessionOverError:
            return

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        content = json.dumps(body, separators=(",", ":")).encode()
        try:
            answer = await self._http.post(
                self._config.host.rstrip("/") + path, content=content, headers=self._headers(content)
            )
        except httpx.HTTPError as error:
            raise TransientError(f"the platform does not answer ({type(error).__name__})", provider=NAME) from None
        if answer.status_code == 429:
            raise QuotaError("too many requests", provider=NAME, retry_after_s=30.0)
        if answer.status_code != 200 or len(answer.content) > MAX_ANSWER:
            raise TransientError(f"the platform answers {answer.status_code}", provider=NAME)
        return _read(answer.content)

    def _headers(self, content: bytes) -> dict[str, str]:
        signed = {
            "x-bili-accesskeyid": self._config.access_key,
            "x-bili-content-md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            "x-bili-signature-method": "HMAC-SHA256",
            "x-bili-signature-nonce": uuid.uuid4().hex,
            "x-bili-signature-version": "1.0",
            "x-bili-timestamp": str(int(time.time())),
        }
        text = "\n".join(f"{name}:{signed[name]}" for name in sorted(signed))
        secret = self._config.access_secret.get_secret_value().encode()
        signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
        return {
            **signed,
            "Authorization": signature,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }


class SessionOverError(ProviderError):
    """The session is over."""


def _read(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
        code, data = answer["code"], answer.get("data")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise TransientError("an answer that cannot be read", provider=NAME) from None
    if code == 0:
        return data if isinstance(data, dict) else {}
    said = str(answer.get("message", ""))[:80]
    if code in GAME_OVER:
        raise SessionOverError(f"the session is over ({code})", provider=NAME)
    if code == COOLING:
        raise QuotaError("started too often: the platform asks for a pause", provider=NAME, retry_after_s=COOLING_S)
    if code == RUNNING:
        raise QuotaError(
            "another session of this application runs in the room",
            provider=NAME,
            remedy="It ends within a minute by itself; close other programs with the same keys.",
            retry_after_s=RUNNING_S,
        )
    if code in _DENIED:
        what, remedy = _DENIED[code]
        raise DeniedError(f"{what} ({code})", provider=NAME, remedy=remedy)
    raise TransientError(f"the platform says {code}: {said}", provider=NAME)

"""The gate before every route: token, origin, host, size. Nothing behind it runs for a stranger.

The token goes in ``Authorization: Bearer``, or as ``?token=`` where a page cannot set headers. A page
that was opened with it gets a cookie that opens the page's own files, and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.auth.guesses import Guesses
from bot.web.auth.refusal import HEADERS, answer_live, deny
from bot.web.auth.token import page_key

#: No request of ours is larger; a line of chat is at most 2 kB.
MAX_BODY = 64 * 1024
#: No request of ours has more fields in its query.
MAX_FIELDS = 20
PAGES = ("/stage/", "/panel/", "/chat/")
#: Whether the process serves at all, for Docker and the like. The one path without a token.
LIVE = "/live"


class TooLarge(Exception):  # noqa: N818 - a signal inside this module
    """A body went over the limit while it was read."""


class Refusal(NamedTuple):
    """Why a request does not pass. ``guess`` is whether it came with a token, which is wrong."""

    status: int
    detail: str
    guess: bool = False


_FOREIGN = Refusal(403, "calls from other web pages are not allowed")
_NO_TOKEN = "the token is missing or wrong; open the address that Haishin printed at its start"  # noqa: S105 - words


class Gate:
    """ASGI middleware. ``hosts`` are the names under which we may be called; empty allows any."""

    def __init__(self, app: ASGIApp, *, token: str, origins: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._token = token.encode()
        self._origins = {o.rstrip("/").lower() for o in origins}
        self._hosts = {h.lower() for h in hosts}
        self._cookie = f"haishin-{hashlib.sha256(self._token).hexdigest()[:8]}"
        self._page_key = page_key(token).encode()
        self._guesses = Guesses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        if refusal := self._refuse(scope, headers):
            await self._turn_away(scope, receive, send, refusal, as_page="text/html" in headers.get("accept", ""))
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif _is_live(scope):
            await answer_live(send)
        elif headers.get("content-length", "").isdecimal() and int(headers["content-length"]) > MAX_BODY:
            await deny(scope, receive, send, 413, f"a request has at most {MAX_BODY // 1024} kB")
        else:
            by_query = self._asked_by_query(scope) and scope["path"].startswith(PAGES)
            await self._limited(scope, receive, send, keep=by_query)

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal, *, as_page: bool) -> None:
        status, detail, guess = refusal
        if guess and not await self._guesses.wrong(_client(scope)):
            status, detail = 429, "too many wrong tokens; try again later"
        await deny(scope, receive, send, status, detail, as_page=as_page)

    async def _limited(self, scope: Scope, receive: Receive, send: Send, *, keep: bool) -> None:
        """Pass a request on, counting its body; ``keep`` adds the cookie of the pages to the answer."""
        seen = 0
        started = False

        async def count() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise TooLarge  # the application may catch it: what it then answers is held back below
            return message

        async def add_headers(message: Message) -> None:
            nonlocal started
            if seen > MAX_BODY and not started:
                return
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], *HEADERS]
                if keep:
                    cookie = f"{self._cookie}={self._page_key.decode()}; Path=/; HttpOnly; SameSite=Strict"
                    message["headers"].append((b"set-cookie", cookie.encode()))
            await send(message)

        with contextlib.suppress(TooLarge):
            await self._app(scope, count, add_headers)
        if seen > MAX_BODY and not started:
            await deny(scope, receive, send, 413, f"a request has at most {MAX_BODY // 1024} kB")

    def _refuse(self, scope: Scope, headers: dict[str, str]) -> Refusal | None:
        host = headers.get("host", "")
        if self._hosts and _hostname(host) not in self._hosts:
            return Refusal(403, "this name is not one of ours")
        origin = headers.get("origin")
        if origin is not None and not self._known_origin(origin, host):
            return _FOREIGN
        if headers.get("sec-fetch-site") == "cross-site" and scope["type"] == "http" and scope["method"] != "GET":
            return _FOREIGN
        if _is_live(scope) or self._has_token(scope, headers):
            return None
        given = bool(_bearer(headers) or _query_tokens(scope))
        return Refusal(401, _NO_TOKEN, given)

    def _known_origin(self, origin: str, host: str) -> bool:
        origin = origin.rstrip("/").lower()
        return origin in self._origins or origin in (f"http://{host.lower()}", f"https://{host.lower()}")

    def _has_token(self, scope: Scope, headers: dict[str, str]) -> bool:
        if _equal(_bearer(headers), self._token) or self._asked_by_query(scope):
            return True
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(PAGES)
        return is_page and _equal(self._cookie_of(headers.get("cookie", "")), self._page_key)

    def _asked_by_query(self, scope: Scope) -> bool:
        return any(_equal(value, self._token) for value in _query_tokens(scope))

    def _cookie_of(self, raw: str) -> str:
        try:
            morsel = SimpleCookie(raw[:4096]).get(self._cookie)
        except CookieError:
            return ""
        return morsel.value if morsel else ""


def _is_live(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] == LIVE and scope["method"] in ("GET", "HEAD")


def _bearer(headers: dict[str, str]) -> str:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def _query_tokens(scope: Scope) -> list[str]:
    """Return the tokens of a query; none when it has more fields than any page of ours sends."""
    try:
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=MAX_FIELDS)
    except ValueError:
        return []
    return query.get("token", [])


def _equal(given: str, wanted: bytes) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted)


def _client(scope: Scope) -> str:
    return str((scope.get("client") or ("unknown",))[0])


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""

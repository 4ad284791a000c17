"""The gate before every route: key, origin, host, size. Nothing behind it runs for a stranger.

A key goes in ``Authorization: Bearer``, or as ``?token=`` where a page cannot set headers. A page
that was opened with it gets a cookie that opens the page's own files, and nothing else.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.auth.guesses import Guesses
from bot.web.auth.keys import Access, Keys, bearer, query_tokens
from bot.web.auth.refusal import HEADERS, NO_STORE, answer_live, deny
from bot.web.auth.unread import Unread

#: No request of ours is larger; a line of chat is at most 2 kB.
MAX_BODY = 64 * 1024
#: Whether the process serves at all, for Docker and the like. The one path without a token.
LIVE = "/live"
#: Under this name in a request's state the server keeps what is to be called once a key was right.
ADMIT = "admit"

#: A name or an address, IPv6 in brackets, and perhaps a port. Nothing else is a host.
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s\[\]:/?#@\\]+)(?::\d{1,5})?", re.IGNORECASE)


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
        self._keys = Keys(token)
        self._origins = {o.rstrip("/").lower() for o in origins}
        self._hosts = {h.lower() for h in hosts}
        self._guesses = Guesses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        if scope["type"] == "http":
            unread = Unread(headers, receive, send)
            receive, send = unread.receive, unread.send
        found = self._refuse_from(scope, headers) or self._check(scope, headers)
        if isinstance(found, Refusal):
            await self._turn_away(scope, receive, send, found, as_page="text/html" in headers.get("accept", ""))
        elif found is None:
            await answer_live(send)
        elif headers.get("content-length", "").isdecimal() and int(headers["content-length"]) > MAX_BODY:
            await deny(scope, receive, send, 413, f"a request has at most {MAX_BODY // 1024} kB")
        else:
            if admit := scope.get("state", {}).get(ADMIT):
                admit()
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            else:
                await self._limited(scope, receive, send, cookie=found.cookie)

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send, refusal: Refusal, *, as_page: bool) -> None:
        status, detail, guess = refusal
        if guess and not await self._guesses.wrong(_client(scope)):
            status, detail = 429, "too many wrong tokens; try again later"
        await deny(scope, receive, send, status, detail, as_page=as_page)

    async def _limited(self, scope: Scope, receive: Receive, send: Send, *, cookie: str) -> None:
        """Pass a request on, counting its body; the answer gets the headers that it lacks, and the cookie."""
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
                own = {name.lower() for name, _ in message["headers"]}
                more = [pair for pair in (*HEADERS, NO_STORE) if pair[0] not in own]
                if cookie:
                    more.append((b"set-cookie", cookie.encode()))
                message["headers"] = [*message["headers"], *more]
            await send(message)

        with contextlib.suppress(TooLarge):
            await self._app(scope, count, add_headers)
        if seen > MAX_BODY and not started:
            await deny(scope, receive, send, 413, f"a request has at most {MAX_BODY // 1024} kB")

    def _refuse_from(self, scope: Scope, headers: dict[str, str]) -> Refusal | None:
        """Return why a request is refused whatever key it has: for the name it calls us by, or the page it is from."""
        host = headers.get("host", "")
        if self._hosts and _hostname(host) not in self._hosts:
            return Refusal(403, "this name is not one of ours")
        origin = headers.get("origin")
        if origin is not None and not self._known_origin(origin, host):
            return _FOREIGN
        if headers.get("sec-fetch-site") == "cross-site" and scope["type"] == "http" and scope["method"] != "GET":
            return _FOREIGN
        return None

    def _check(self, scope: Scope, headers: dict[str, str]) -> Access | Refusal | None:
        """Return what the request may have, or why it may not; None for the one question that needs no key."""
        if _is_live(scope):
            return None
        given = bool(bearer(headers) or query_tokens(scope))
        return self._keys.check(scope, headers) or Refusal(401, _NO_TOKEN, given)

    def _known_origin(self, origin: str, host: str) -> bool:
        origin = origin.rstrip("/").lower()
        return origin in self._origins or origin in (f"http://{host.lower()}", f"https://{host.lower()}")


def _is_live(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] == LIVE and scope["method"] in ("GET", "HEAD")


def _client(scope: Scope) -> str:
    return str((scope.get("client") or ("unknown",))[0])


def _hostname(host: str) -> str:
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else ""

"""The gate before every route: token, origin, host, size. Nothing behind it runs for a stranger.

The token goes in ``Authorization: Bearer``, or as ``?token=`` where a page cannot set headers. A page
that was opened with it gets a cookie that opens the page's own files (and nothing else).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import html
import json
import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: No request of ours is larger; a line of chat is at most 2 kB.
MAX_BODY = 64 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PAGES = ("/stage/", "/panel/", "/chat/")

_HEADERS = [
    (b"content-security-policy", (
        b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        b"script-src 'self'; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        b"form-action 'none'; frame-ancestors 'self'"
    )),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]  # fmt: skip


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Haishin</title>
<body style="font:18px/1.6 system-ui,sans-serif;background:#0e1016;color:#e8eaf0;padding:15vh 10vw">
<h1 style="font-size:24px">This page needs its key</h1><p>{detail}.</p></body></html>"""


class TooLarge(Exception):  # noqa: N818 - a signal inside this module
    """A body went over the limit while it was read."""


class Gate:
    """ASGI middleware. ``hosts`` are the names under which we may be called; empty allows any."""

    def __init__(self, app: ASGIApp, *, token: str, origins: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._token = token.encode()
        self._origins = {o.rstrip("/").lower() for o in origins}
        self._hosts = {h.lower() for h in hosts}
        self._cookie = f"haishin-{hashlib.sha256(self._token).hexdigest()[:8]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        if refusal := self._refuse(scope, headers):
            as_page = "text/html" in headers.get("accept", "")
            await _deny(scope, receive, send, *refusal, as_page=as_page)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        if int(headers["content-length"]) > MAX_BODY if headers.get("content-length", "").isdecimal() else False:
            await _deny(scope, receive, send, 413, f"a request has at most {MAX_BODY // 1024} kB")
            return
        await self._limited(scope, receive, send, keep=self._asked_by_query(scope) and scope["path"].startswith(PAGES))

    async def _limited(self, scope: Scope, receive: Receive, send: Send, *, keep: bool) -> None:
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
                message["headers"] = [*message["headers"], *_HEADERS]
                if keep:
                    cookie = f"{self._cookie}={self._token.decode()}; Path=/; HttpOnly; SameSite=Strict"
                    message["headers"].append((b"set-cookie", cookie.encode()))
            await send(message)

        with contextlib.suppress(TooLarge):
            await self._app(scope, count, add_headers)
        if seen > MAX_BODY and not started:
            await _deny(scope, receive, send, 413, f"a request has at most {MAX_BODY // 1024} kB")

    def _refuse(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if self._hosts and _hostname(host) not in self._hosts:
            return 403, "this name is not one of ours"
        origin = headers.get("origin")
        if origin is not None and not self._known_origin(origin, host):
            return 403, "calls from other web pages are not allowed"
        if headers.get("sec-fetch-site") == "cross-site" and scope["type"] == "http" and scope["method"] != "GET":
            return 403, "calls from other web pages are not allowed"
        if not self._has_token(scope, headers):
            return 401, "the token is missing or wrong; open the address that Haishin printed at its start"
        return None

    def _known_origin(self, origin: str, host: str) -> bool:
        origin = origin.rstrip("/").lower()
        return origin in self._origins or origin in (f"http://{host.lower()}", f"https://{host.lower()}")

    def _has_token(self, scope: Scope, headers: dict[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._equal(given.strip()):
            return True
        if self._asked_by_query(scope):
            return True
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(PAGES)
        return is_page and self._equal(self._cookie_of(headers.get("cookie", "")))

    def _asked_by_query(self, scope: Scope) -> bool:
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=20)
        return any(self._equal(value) for value in query.get("token", []))

    def _cookie_of(self, raw: str) -> str:
        try:
            morsel = SimpleCookie(raw[:4096]).get(self._cookie)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    def _equal(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._token)


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


async def _deny(scope: Scope, receive: Receive, send: Send, status: int, detail: str, *, as_page: bool = False) -> None:
    """Answer with a status and a sentence, before any route sees the request; a person in a browser gets a page."""
    body, kind = json.dumps({"detail": detail}).encode(), b"application/json"
    if as_page:
        body, kind = _PAGE.format(detail=html.escape(detail)).encode(), b"text/html; charset=utf-8"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *_HEADERS]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    prefix = ""
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": detail})
            return
        prefix = "websocket."
    await send({"type": f"{prefix}http.response.start", "status": status, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": body})


def read_or_make_token(file: Path) -> str:
    """Return the token of this installation: read from a 0600 file, or made and kept there at first start."""
    if file.is_file():
        token = file.read_text("ascii", "ignore").strip()
        if len(token) >= 16:
            return token
    token = secrets.token_urlsafe(24)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600, exist_ok=True)
    file.chmod(0o600)
    file.write_text(token + "\n", "ascii")
    return token

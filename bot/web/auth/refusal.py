"""How the gate says no: with a status and a sentence, before any route sees the request."""

from __future__ import annotations

import html
import json

from starlette.types import Receive, Scope, Send

#: Headers of every answer.
HEADERS = [
    (b"content-security-policy", (
        b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        b"script-src 'self'; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        b"form-action 'none'; frame-ancestors 'self'"
    )),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]  # fmt: skip
#: Of every answer that says nothing else about it: neither the API's answers nor a refusal may be kept.
NO_STORE = (b"cache-control", b"no-store")

#: When to ask again, in seconds: after too many wrong keys, and while the host gets ready.
RETRY_AFTER = {429: b"5", 503: b"2"}

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Haishin</title>
<body style="font:18px/1.6 system-ui,sans-serif;background:#0e1016;color:#e8eaf0;padding:15vh 10vw">
<h1 style="font-size:24px">This page needs its key</h1><p>{detail}.</p></body></html>"""


async def deny(scope: Scope, receive: Receive, send: Send, status: int, detail: str, *, as_page: bool = False) -> None:
    """Answer a request or a handshake with a status and a sentence; a person in a browser gets a page."""
    body, kind = json.dumps({"detail": detail}).encode(), b"application/json"
    if as_page:
        body, kind = _PAGE.format(detail=html.escape(detail)).encode(), b"text/html; charset=utf-8"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *HEADERS, NO_STORE]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status in RETRY_AFTER:
        headers.append((b"retry-after", RETRY_AFTER[status]))
    prefix = ""
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": detail})
            return
        prefix = "websocket."
    await send({"type": f"{prefix}http.response.start", "status": status, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": body})


async def answer_live(send: Send) -> None:
    """Answer that the process serves: no content, so a stranger learns nothing else."""
    await send({"type": "http.response.start", "status": 204, "headers": [*HEADERS, NO_STORE]})
    await send({"type": "http.response.body", "body": b""})

"""What the port answers until the host is ready: a small page that goes on by itself, and 503 to all else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from enum import StrEnum
from pathlib import Path

from starlette.types import Receive, Scope, Send

from bot.web.auth.refusal import HEADERS, NO_STORE, RETRY_AFTER, deny
from bot.web.auth.token import Page

_FILE = Path(__file__).with_name("waiting.html")
#: The addresses of pages. Their files are asked for by the real pages alone.
_PAGES = frozenset({"/", *(f"/{page}{end}" for page in Page for end in ("", "/", "/index.html"))})
_STARTING = "Haishin is starting"


class Part(StrEnum):
    """What the host is at while it starts, in this order. The page has words for each."""

    CODE = "code"
    MODERATION = "moderation"
    DATABASE = "database"
    WEIGHTS = "weights"
    MODELS = "models"
    SHOW = "show"


class Waiting:
    """The application of the start. ``progress`` goes from 0 to 1 and never back."""

    def __init__(self) -> None:
        self.part = Part.CODE
        self.progress = 0.0
        html = _FILE.read_bytes()
        self._page = html
        self._headers = [(name, _policy(html) if name == b"content-security-policy" else v) for name, v in HEADERS]

    def enter(self, part: Part, share: float = 0.0) -> None:
        """Tell which part is at work, and how much of it is done, from 0 to 1."""
        parts = list(Part)
        self.part = part
        self.progress = max(self.progress, (parts.index(part) + min(1.0, max(0.0, share))) / len(parts))

    def fetched(self, done: int, total: int) -> None:
        """Tell how far the download of some weights is, in bytes."""
        self.enter(Part.WEIGHTS, done / total if total else 0.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer: a page to a browser that opens one, else how far the start is."""
        if scope["type"] == "websocket":
            await deny(scope, receive, send, 503, _STARTING)
            return
        accept = dict(scope["headers"]).get(b"accept", b"")
        is_page = scope["path"] in _PAGES and scope["method"] in ("GET", "HEAD")
        if is_page and accept != b"application/json":
            await self._answer(send, 200, b"text/html; charset=utf-8", self._page)
            return
        state = {
            "status": "starting",
            "part": self.part,
            "progress": round(self.progress, 3),
            "detail": f"{_STARTING}; ask again in some seconds",
        }
        # The waiting page asks its own address for this, again and again: an error would fill the browser's console.
        await self._answer(send, 200 if is_page else 503, b"application/json", json.dumps(state).encode())

    async def _answer(self, send: Send, status: int, kind: bytes, body: bytes) -> None:
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *self._headers, NO_STORE]
        if status in RETRY_AFTER:
            headers.append((b"retry-after", RETRY_AFTER[status]))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _policy(html: bytes) -> bytes:
    """Return the policy of the page: nothing but its own style and its one script runs, and it may ask its own host."""
    found = re.search(rb"<script>(.*)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(found[1] if found else b"").digest())
    return (
        b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; script-src 'sha256-"
        + digest
        + b"'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )

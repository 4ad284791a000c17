"""What opens what: the token everything, a weak key its page, a cookie the files of pages."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.types import Scope

from bot.web.auth.token import WITH_KEYS, Page, page_key, weak_key, weak_page_key

#: No request of ours has more fields in its query.
MAX_FIELDS = 20


class Access(NamedTuple):
    """A request may pass. ``cookie`` is the header that lets its page fetch the page's own files; mostly empty."""

    cookie: str = ""


class Keys:
    """The token and what is derived from it."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        name = f"haishin-{hashlib.sha256(self._token).hexdigest()[:8]}"
        self._weak = {page: weak_key(token, page).encode() for page in WITH_KEYS}
        # Two names: a browser sends both cookies to a page that was opened with either key.
        self._cookies = {page: {name: page_key(token).encode()} for page in Page}
        for page in WITH_KEYS:
            self._cookies[page][f"{name}-{page}"] = weak_page_key(token, page).encode()
        self._all_pages = _cookie(name, page_key(token), "/")
        self._one_page = {
            page: _cookie(f"{name}-{page}", weak_page_key(token, page), f"/{page}/") for page in WITH_KEYS
        }

    def check(self, scope: Scope, headers: dict[str, str]) -> Access | None:
        """Return what a request may have, or None when nothing that it brought opens what it asks for."""
        page = _page_of(scope)
        is_file = page is not None and scope["type"] == "http"
        asked = query_tokens(scope)
        if any(_equal(value, self._token) for value in asked):
            return Access(self._all_pages if is_file else "")
        if _equal(bearer(headers), self._token):
            return Access()
        if page is None:
            return None
        if weak := self._weak.get(page):
            if any(_equal(value, weak) for value in asked):
                return Access(self._one_page[page] if is_file else "")
            if _equal(bearer(headers), weak):
                return Access()
        if is_file and any(
            _equal(value, wanted)
            for name, value in _cookies_in(headers.get("cookie", ""))
            if (wanted := self._cookies[page].get(name))
        ):
            return Access()
        return None


def bearer(headers: dict[str, str]) -> str:
    """Return the key of the header ``Authorization``, or nothing."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def query_tokens(scope: Scope) -> list[str]:
    """Return the tokens of a query; none when it has more fields than any page of ours sends."""
    try:
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=MAX_FIELDS)
    except ValueError:
        return []
    return query.get("token", [])


def _page_of(scope: Scope) -> Page | None:
    """Return whose files a request wants to read, or whose socket it wants to open."""
    path: str = scope["path"]
    if scope["type"] == "websocket":
        return next((page for page in Page if path == f"/ws/{page}"), None)
    if scope["method"] not in ("GET", "HEAD"):
        return None
    return next((page for page in Page if path == f"/{page}" or path.startswith(f"/{page}/")), None)


def _cookie(name: str, value: str, path: str) -> str:
    return f"{name}={value}; Path={path}; HttpOnly; SameSite=Strict"


def _cookies_in(raw: str) -> Iterator[tuple[str, str]]:
    try:
        found = SimpleCookie(raw[:4096])
    except CookieError:
        return
    for name, morsel in found.items():
        yield name, morsel.value


def _equal(given: str, wanted: bytes) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted)

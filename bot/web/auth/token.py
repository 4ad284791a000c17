"""The key to every page: where it comes from, and the weaker keys that are derived from it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from enum import StrEnum
from pathlib import Path

from bot.runtime.private import make_folder
from bot.web.settings import MIN_TOKEN


class Page(StrEnum):
    """The pages, by the first part of their paths."""

    STAGE = "stage"
    CHAT = "chat"
    PANEL = "panel"


#: Pages with a key of their own. The panel gives every order, so it takes the token itself.
WITH_KEYS = (Page.STAGE, Page.CHAT)


def page_key(token: str) -> str:
    """Return what a page's cookie holds: good for the files of the pages, and of no use for anything else.

    A cookie is sent to every port of its host, so to other programs too: the token itself must not be in it.
    """
    return _derived(token, "pages")


def weak_key(token: str, page: Page) -> str:
    """Return the key that opens one page, its files and its socket, and nothing else: 64 hexadecimal digits."""
    return _derived(token, page.value)


def weak_page_key(token: str, page: Page) -> str:
    """Return what the cookie of a page holds that was opened with its weak key: good for that page's files alone."""
    return _derived(token, f"{page.value} pages")


def page_query(token: str, page: Page) -> str:
    """Return the query that opens a page: with its own key where it has one."""
    return f"?token={weak_key(token, page) if page in WITH_KEYS else token}"


def all_keys(token: str) -> list[str]:
    """Return the token and everything that is derived from it: what no log may show."""
    return [
        token,
        page_key(token),
        *(weak_key(token, page) for page in WITH_KEYS),
        *(weak_page_key(token, page) for page in WITH_KEYS),
    ]


def read_or_make_token(file: Path) -> str:
    """Return the token of this installation: read from a file, or made and kept there at first start.

    The file belongs to its owner alone (0600), also when it did not before. Raise `OSError`.
    """
    if file.is_file():
        with contextlib.suppress(OSError):  # somebody else's file: it is read, and stays theirs
            file.chmod(0o600)
        token = file.read_text("ascii", "ignore").strip()
        if len(token) >= MIN_TOKEN:
            return token
    token = secrets.token_urlsafe(24)
    make_folder(file.parent)
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(token + "\n")
    return token


def _derived(token: str, purpose: str) -> str:
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()

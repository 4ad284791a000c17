"""The key to every page: where it comes from, and what is derived from it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from bot.web.settings import MIN_TOKEN


def page_key(token: str) -> str:
    """Return what a page's cookie holds: good for the files of the pages, and of no use for anything else.

    A cookie is sent to every port of its host, so to other programs too: the token itself must not be in it.
    """
    return hmac.new(token.encode(), b"pages", hashlib.sha256).hexdigest()


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
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(token + "\n")
    return token

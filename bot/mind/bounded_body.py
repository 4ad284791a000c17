"""Bound what a server may send as one answer, so that one that never ends takes no memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final, cast

#: The longest line, and the longest body, in bytes as they come over the wire. A chunk of an answer has some hundreds.
MAX_LINE: Final = 256 * 1024
MAX_BODY: Final = 16 * 1024 * 1024
#: What is read of a refusal.
MAX_REFUSAL: Final = 64 * 1024

_BOM: Final = b"\xef\xbb\xbf"
#: More than the one that ends an event. Each costs a reader as much time as a line with something in it.
_MANY: Final = re.compile(rb"\n{3,}")
_EMPTY: Final = re.compile(rb"\r?\n\s+")


class TooLongError(ValueError):
    """A server sends more than any answer has."""


async def limit(response: Any) -> None:
    """Bound the body of a response of httpx or httpx2 that is not read yet: a hook for events of ``response``."""
    body, refused = response.aiter_bytes, response.status_code >= 400
    response.aiter_bytes = lambda _chunk_size=None: bounded(body(), refused=refused)


async def limit_lines(response: Any) -> None:
    """Bound it as `limit` does, and leave empty lines out."""
    body, refused = response.aiter_bytes, response.status_code >= 400
    response.aiter_bytes = lambda _chunk_size=None: bounded(body(), refused=refused, empty_lines=refused)


async def bounded(body: AsyncIterator[bytes], *, refused: bool, empty_lines: bool = True) -> AsyncIterator[bytes]:
    """Pass on a body of lines. Raises `TooLongError`.

    Of one that is ``refused`` only the beginning is passed on. Of many empty lines one is; without ``empty_lines``
    none: proxies send them to keep a connection alive.
    """
    whole = line = 0
    ended = True  # the last byte ended a line
    async with aclosing(cast("Any", body)) as chunks:
        async for chunk in chunks:
            if not whole:  # a byte order mark would hide the first line
                chunk = chunk.removeprefix(_BOM)  # noqa: PLW2901 - the rest of it is what counts
            whole += len(chunk)
            if refused and whole > MAX_REFUSAL:
                return
            first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
            longest = line + (first if first >= 0 else len(chunk))
            line = longest if last < 0 else len(chunk) - last - 1
            if max(longest, line) > MAX_LINE or whole > MAX_BODY:
                raise TooLongError("an answer without end")
            if empty_lines:
                yield _MANY.sub(b"\n\n", chunk)
                continue
            kept = _EMPTY.sub(b"\n", chunk)
            kept = kept.lstrip() if ended else kept
            ended = kept.endswith(b"\n") if kept else ended
            if kept:
                yield kept

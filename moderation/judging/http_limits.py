"""What judges that are asked over HTTP share: an answer of bounded size, and one meaning for each status."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import httpx

from moderation.judging.judge import JudgeError

#: The largest answer that is read, in bytes. A judge's answer has a few thousand.
MAX_ANSWER: Final = 1 << 18
#: An idle connection is kept for 55 s, less than the 60 s after which common servers close theirs: a new one to a cloud
#: would take two or three round trips of the time that a judge has.
POOL: Final = httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=55.0)
#: The longest pause that a service may ask for, in seconds.
_MAX_RETRY_AFTER_S: Final = 3600.0


class BoundedStream(httpx.AsyncByteStream):
    """An answer that ends in `ValueError` when it grows beyond `MAX_ANSWER`."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the pieces as they come."""
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > MAX_ANSWER:
                raise ValueError("the answer is far too large")
            yield piece

    async def aclose(self) -> None:
        """Close it."""
        await self._stream.aclose()


async def bound(response: httpx.Response) -> None:
    """Limit the size of an answer: a client's event hook for responses.

    Raises `ValueError` for a compressed answer, whose real size is only known after it was unpacked.
    """
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ValueError("a compressed answer that nobody asked for")
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = BoundedStream(response.stream)


def refused(status: int, *, key_remedy: str, missing_remedy: str, retry_after: str | None = None) -> JudgeError:
    """Return the error for an answer with a status that is no success; ``retry_after`` is its header Retry-After."""
    if status in (401, 403):
        return JudgeError(f"the server refuses the key ({status})", remedy=key_remedy, fatal=True)
    if status == 404:
        return JudgeError("not found", remedy=missing_remedy, fatal=True)
    if status in (402, 429):
        return JudgeError("the limit is reached", retry_after_s=_seconds(retry_after))
    return JudgeError(f"the server answered {status}")


def is_on_this_machine(url: str) -> bool:
    """Return whether a URL leads to this machine. A proxy of the environment is for the internet, not for those."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def _seconds(header: str | None) -> float:
    try:
        return min(_MAX_RETRY_AFTER_S, max(0.0, float(header))) if header else 0.0
    except ValueError:
        return 0.0

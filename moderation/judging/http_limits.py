"""Answers of a service over HTTP, read no further than an honest one would go.

The judges speak through two libraries, whose classes are alike and not related; what is here goes with either.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final, Protocol

#: The largest answer of a service that is read, in bytes; theirs have a few thousand.
MAX_ANSWER: Final = 1 << 18


class _Stream(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class Bounded:
    """A stream that ends in `ValueError` beyond `MAX_ANSWER`. To be mixed into a library's own class of streams."""

    def __init__(self, stream: _Stream) -> None:
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


def unpacked(headers: Mapping[str, str]) -> None:
    """Raise `ValueError` if an answer is packed: how large it will become is known too late."""
    if headers.get("content-encoding", "identity") != "identity":
        raise ValueError("a packed answer that nobody asked for")

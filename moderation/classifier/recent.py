"""What was judged lately, by its text: a chat says the same again and again."""

from __future__ import annotations

from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """At most ``most`` values by text; the one that was not met for the longest time is forgotten first. Thread-safe.

    A text longer than ``longest`` is not kept: hostile ones must not fill the memory.
    """

    def __init__(self, most: int, longest: int) -> None:
        self._most, self._longest = most, longest
        self._known: dict[str, V] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._known)

    def get(self, text: str) -> V | None:
        """Return the value of a text; None when it is not known."""
        with self._lock:
            found = self._known.pop(text, None)
            if found is not None:
                self._known[text] = found
        return found

    def put(self, text: str, value: V) -> None:
        """Keep the value of a text."""
        if len(text) > self._longest:
            return
        with self._lock:
            self._known[text] = value
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]

"""Skip the arguments of a call that a model wrote into its text."""

from __future__ import annotations

from typing import Final

#: Arguments whose brackets are never closed are thrown away up to so many characters.
MAX_ARGUMENTS: Final = 4000
_OPENERS: Final = frozenset("([{")
_CLOSERS: Final = frozenset(")]}")


class HiddenArguments:
    """Skips from an opening bracket to the one that closes it, whatever stands in its strings."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""  # what opened the string that goes on
        self._escaped = False
        self._skipped = 0

    def skip(self, text: str) -> int:
        """Skip in the next piece; return the index behind the last bracket, or -1 while it is not closed."""
        for at, char in enumerate(text):
            self._skipped += 1
            if self._quote:
                ends = char == self._quote and not self._escaped
                self._escaped = char == "\\" and not self._escaped
                self._quote = "" if ends else self._quote
            elif char in "\"'":
                self._quote = char
            elif char in _OPENERS:
                self._depth += 1
            elif char in _CLOSERS:
                self._depth -= 1
                if self._depth <= 0:
                    return at + 1
            if self._skipped >= MAX_ARGUMENTS:
                return at + 1
        return -1

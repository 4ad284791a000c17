"""Skip the stretches of a reply that nobody sees or hears: thoughts, and brackets that were never closed."""

from __future__ import annotations

from typing import Final

from bot.mind.reply import markup

#: A bracket that was not closed within the hold is thrown away up to its end or so many characters.
MAX_DISCARD: Final = 240


class HiddenStretch:
    """Tells how far to skip. At most one stretch is open at a time; ``thought`` says whether it is a thought."""

    def __init__(self) -> None:
        self.thought = False
        self._closer = ""
        self._skipped = 0

    @property
    def active(self) -> bool:
        """Whether the parser is inside such a stretch."""
        return self.thought or bool(self._closer)

    def open_thought(self) -> None:
        """Begin a thought. Only its closing tag ends it."""
        self.thought = True

    def open_bracket(self, closer: str) -> None:
        """Begin a bracket whose closer was not found within the hold."""
        self._closer, self._skipped = closer, 0

    def skip(self, text: str, at: int, *, final: bool) -> int:
        """Return the index behind what can be skipped now; -1 when more text must come first."""
        return self._skip_thought(text, at, final=final) if self.thought else self._skip_bracket(text, at)

    def _skip_thought(self, text: str, at: int, *, final: bool) -> int:
        if closing := markup.THOUGHT_END.search(text, at):
            self.thought = False
            return closing.end()
        tail = text.rfind("<", max(at, len(text) - markup.MAX_TAG))
        if tail < 0 or final:
            return len(text)
        return tail if tail > at else -1

    def _skip_bracket(self, text: str, at: int) -> int:
        char = text[at]
        self._skipped += 1
        if char in (self._closer, "\n") or self._skipped >= MAX_DISCARD:
            self._closer = ""
        return at if char == "\n" else at + 1

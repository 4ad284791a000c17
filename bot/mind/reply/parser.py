"""Parse what a language model streams into what may be shown, spoken and acted.

Models write more than speech: tags, stage directions, thoughts, markdown, their own name, the next
speaker's line, the marks of their chat template. `ReplyParser` takes the deltas, cut anywhere, and
returns pieces: plain text, an `Emotion`, a `Gesture`. The pieces do not depend on the cuts.

    delta ─▶ clean ─▶ ThoughtFilter ─▶ MarkupReader ─▶ ReplyOutput (length, loops) ─▶ pieces
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.mind.reply import markup
from bot.mind.reply.degeneration import DegenerationDetector, Fault
from bot.mind.reply.markup import HOLD
from bot.mind.reply.names import Names
from bot.mind.reply.output import MAX_CHARS, End, Piece
from bot.mind.reply.reader import MarkupReader
from bot.mind.reply.written_calls import WrittenCalls
from bot.mind.thoughts.filter import ThoughtFilter

__all__ = ["HOLD", "MAX_CHARS", "DegenerationDetector", "End", "Fault", "Piece", "ReplyParser"]

#: Stands in the text where everything before turned out to be a thought. No other control character is left in it.
_VOID: Final = "\x00"


class ReplyParser:
    """Parses one reply. ``name`` is the persona's; a line that begins with one of the names ``others`` ends the reply.

    ``ended`` says why nothing more will come; then the caller should stop the model. ``voided`` counts how often all
    that was returned turned out to be a thought: then the caller should drop what it can of it. That may also happen
    after the end, which is then none: a caller that can wait goes on to feed.
    """

    def __init__(self, name: str = "", others: Sequence[str] = (), max_chars: int = MAX_CHARS) -> None:
        self.voided = 0
        self._names = Names(name, others)
        self._thoughts = ThoughtFilter(names=self._names.own, void=_VOID)
        self._half = ""  # the first half of a surrogate pair
        self._max_chars = max_chars
        self._calls = WrittenCalls()
        self._reader = MarkupReader(self._names, max_chars)

    @property
    def ended(self) -> End | None:
        """Why nothing more will come."""
        return self._reader.ended

    def feed(self, delta: str) -> list[Piece]:
        """Parse the next delta and return the pieces that are certain now."""
        text, self._half = markup.join_surrogates(self._half + delta)
        return self._take(self._thoughts.feed(markup.clean(text)), final=False)

    def flush(self) -> list[Piece]:
        """Return the pieces that were held back. Call this when the stream is over."""
        half, self._half = self._half, ""
        text = self._thoughts.feed(half) + self._thoughts.flush()
        return self._take(text + self._thoughts.leftover(), final=True)

    def _take(self, text: str, *, final: bool) -> list[Piece]:
        first, *later = text.split(_VOID)
        self._read(first, final=final and not later)
        for number, part in enumerate(later, 1):
            self.voided += 1
            self._calls = WrittenCalls()
            self._reader = MarkupReader(self._names, self._max_chars)
            self._read(part, final=final and number == len(later))
        return self._reader.take()

    def _read(self, text: str, *, final: bool) -> None:
        self._reader.read(self._calls.feed(text, final=final), final=final)

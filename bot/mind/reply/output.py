"""Collect the pieces of a parsed reply, up to its greatest length."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias

from bot.mind.reply import markup
from bot.mind.reply.degeneration import Fault
from bot.mind.reply.loops import ClauseCounter, parts
from bot.types import Emotion, Gesture

#: A piece of text is a plain `str`; the two enums are strings too, so ask for them first.
Piece: TypeAlias = str | Emotion | Gesture

#: The longest reply in characters, about 40 s of English speech.
MAX_CHARS = 600
#: From these parts of the longest reply on, it ends at a sentence, at a comma, at a space.
_AT_SENTENCE, _AT_COMMA, _AT_SPACE = 0.8, 0.9, 0.96


class End(StrEnum):
    """Why a reply was ended before its stream."""

    LENGTH = "too long"
    TEMPLATE = "a mark of the chat template"
    TURN = "the next speaker's turn"
    NO_LETTERS = Fault.NO_LETTERS.value
    REPEATED = Fault.REPEATED.value
    UNDECODABLE = Fault.UNDECODABLE.value

    @property
    def garbage(self) -> bool:
        """Whether the model fell apart: what it said so far should not be trusted either."""
        return self in (End.NO_LETTERS, End.REPEATED, End.UNDECODABLE)


class ReplyOutput:
    """The pieces so far: joins neighbouring text, keeps white space single, stops at the longest reply."""

    def __init__(self, max_chars: int) -> None:
        self.chars = 0  # characters given
        self.last = ""  # the last of them
        self.gap = ""  # white space not given yet: "", " " or a new line
        self.dropped = False  # markup stood in the gap
        self._max = max_chars
        self._out: list[Piece] = []
        self._waiting: list[Piece] = []  # the clause so far, while it may become one that is said too often
        self._clauses = ClauseCounter()

    def take(self) -> list[Piece]:
        """Return the pieces that were added since the last call, and forget them."""
        out, self._out = self._out, []
        return out

    def act(self, asked: Sequence[Emotion | Gesture]) -> None:
        """Add what a tag asked for, which may be nothing."""
        (self._waiting or self._out).extend(asked)
        self.dropped = True

    def say(self, text: str) -> End | None:
        """Add text. Return why the reply ends with it: its greatest length, or a clause said once too often."""
        if self.gap and self.chars and not (self.dropped and self.gap == " " and text[0] in markup.CLINGS):
            text = self.gap + text
        self.gap, self.dropped = "", False
        text = markup.loose_joiners(self.last, text)
        ended = False
        if self.chars + len(text) >= self._max * _AT_SENTENCE:
            kept = self._shorten(text)
            ended, text = kept < len(text), text[:kept]
        if text:
            self.chars += len(text)
            self.last = text[-1]
            for part in parts(text):
                if self._add(part):
                    return End.REPEATED
        return End.LENGTH if ended else None

    def finish(self) -> bool:
        """End the last clause, which may have no sign at its end; return True when it was said too often before."""
        looped = self._clauses.end()
        if not looped:
            self._release()
        self._waiting = []
        return looped

    def _add(self, part: str) -> bool:
        if self._clauses.add(part):
            self._waiting = []
            return True
        self._waiting.append(part)
        if not self._clauses.may_loop():
            self._release()
        return False

    def _release(self) -> None:
        for piece in self._waiting:
            if type(piece) is str and self._out and type(self._out[-1]) is str:
                self._out[-1] += piece
            else:
                self._out.append(piece)
        self._waiting = []

    def _shorten(self, text: str) -> int:
        last = self.last
        for index, char in enumerate(text):
            used = (self.chars + index) / self._max
            white = char.isspace()
            if (
                used >= 1
                or (used >= _AT_SENTENCE and last and (last in "。！？\n" or (white and last in markup.ENDERS)))
                or (used >= _AT_COMMA and last and (last in "，、；" or (white and last in ",;:")))
                or (used >= _AT_SPACE and white)
            ):
                return index
            last = char
        return len(text)

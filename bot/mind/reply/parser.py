"""Parse what a language model streams into what may be shown, spoken and acted.

Models write more than speech: tags, stage directions, thoughts, markdown, their own name, the next
speaker's line, the marks of their chat template. `ReplyParser` takes the deltas, cut anywhere, and
returns pieces: plain text, an `Emotion`, a `Gesture`. The pieces do not depend on the cuts, and the
parser never holds back more than `HOLD` characters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from bot.mind.reply import markup
from bot.mind.reply.acting import find_acts, is_aside, is_direction, may_be_aside
from bot.mind.reply.degeneration import DegenerationDetector, Fault
from bot.mind.reply.hidden import HiddenStretch
from bot.mind.reply.markup import HOLD
from bot.mind.reply.output import MAX_CHARS, End, Piece, ReplyOutput
from bot.types import Emotion, Gesture

__all__ = ["HOLD", "MAX_CHARS", "DegenerationDetector", "End", "Fault", "Piece", "ReplyParser"]

_NEED_MORE: Final = -1


class ReplyParser:
    """Parses one reply. ``name`` is the persona's; a line that begins with one of the names ``others`` ends the reply.

    ``ended`` says why nothing more will come; then the caller should stop the model.
    """

    def __init__(self, name: str = "", others: Sequence[str] = (), max_chars: int = MAX_CHARS) -> None:
        self.ended: End | None = None
        self._sanity = DegenerationDetector()
        self._names = markup.Names(name, others)
        self._half = ""  # the first half of a surrogate pair
        self._held = ""
        self._given = ReplyOutput(max_chars)
        self._line = True  # at the start of a line
        self._lines = 0
        self._fresh = True  # at the start of a line or a sentence
        self._role = False  # a template's role name may stand here
        self._hidden = HiddenStretch()
        self._fenced = False
        self._closer = ""  # what closes the quotation mark that opened the reply

    def feed(self, delta: str) -> list[Piece]:
        """Parse the next delta and return the pieces that are certain now."""
        if self.ended is not None:
            return []
        text, self._half = markup.join_surrogates(self._half + delta)
        return self._take(text, final=False)

    def flush(self) -> list[Piece]:
        """Return the pieces that were held back. Call this when the stream is over."""
        text, self._half = self._half, ""
        return self._take(text, final=True)

    def _take(self, text: str, *, final: bool) -> list[Piece]:
        fault = None
        if self.ended is None and (fault := self._sanity.check(text)):
            text = text[: fault[1]]
        self._held += markup.clean(text)
        at, held = 0, self._held
        while at < len(held) and self.ended is None:
            step = self._step(held, at, final=final)
            if step == _NEED_MORE:
                break
            at = step
        self._held = "" if final or self.ended is not None else held[at:]
        if fault and self.ended is None:
            self.ended = End(fault[0].value)
            self._held = ""
        return self._given.take()

    # --- one step: each returns the index behind what it read, or _NEED_MORE ----------------------

    def _step(self, text: str, at: int, *, final: bool) -> int:
        if self._hidden.active:
            return self._skip_hidden(text, at, final=final)
        char = text[at]
        if char.isspace():
            return self._white(text, at)
        if self._fresh:
            step = self._start(text, at, final=final)
            if step != at:
                return step
        if run := markup.PLAIN.match(text, at):
            self._say(run[0])
            return run.end()
        return self._special(char)(text, at, final)

    def _special(self, char: str) -> Callable[[str, int, bool], int]:
        if char in markup.BRACKETS:
            return self._bracket
        if char == "<":
            return self._angle
        if char in "*_":
            return self._star
        if char in "(（":
            return self._paren
        if char == "`":
            return self._backtick
        if char == "\\":
            return self._escape
        if char in markup.QUOTES or char in markup.CLOSING_QUOTES:
            return self._quote
        return self._drop  # a bracket's closer without an opener

    def _drop(self, _text: str, at: int, _final: bool) -> int:
        self._given.dropped = True
        return at + 1

    def _white(self, text: str, at: int) -> int:
        if text[at] == "\n":
            self._given.gap = "\n"
            self._line = self._fresh = True
            self._lines += 1
        else:
            self._given.gap = self._given.gap or " "
            self._fresh = self._fresh or self._given.last in markup.ENDERS
        return at + 1

    def _start(self, text: str, at: int, *, final: bool) -> int:
        """Skip what may open a line or a sentence: list marks, headings, names, the quotation mark around the reply."""
        window = text[at : at + HOLD]
        open_end = not final and len(window) < HOLD
        if self._role:
            if open_end and window.isalpha():
                return _NEED_MORE
            self._role = False
            if role := markup.ROLE.match(window):
                return at + role.end()
        if self._line:
            taken = markup.line_mark(window, first=self._lines == 0 and self._given.chars == 0, open_end=open_end)
            if taken:
                self._given.dropped = True
                return _NEED_MORE if taken < 0 else at + taken
        if self._given.chars == 0 and not self._closer and window[0] in markup.QUOTES:
            self._closer = markup.QUOTES[window[0]]
            return at + 1
        who, taken = self._names.match(window, open_end=open_end)
        if who is markup.Whose.UNSURE:
            return _NEED_MORE
        if who is markup.Whose.OTHER:
            self.ended = End.TURN
        return at + taken

    def _bracket(self, text: str, at: int, final: bool) -> int:
        closer = markup.BRACKETS[text[at]]
        found, more = markup.find(text, at + 1, closer, final=final)
        if more:
            return _NEED_MORE
        if found < 0:
            return self._discard(closer, at + 1)
        content = text[at + 1 : found]
        if asked := find_acts(content):
            return self._act(asked, found + 1)
        if markup.is_template(content):
            return self._template(found + 1, starts=False)
        if text[at] == "[":
            if found + 1 == len(text) and not final:
                return _NEED_MORE
            if text[found + 1 : found + 2] == "(":
                self._say(markup.MARKS.sub("", content))
                return self._discard(")", found + 2)
        return self._act([], found + 1)

    def _angle(self, text: str, at: int, final: bool) -> int:
        if at + 1 == len(text):
            return at + 1 if final else _NEED_MORE
        if not (text[at + 1].isalpha() or text[at + 1] in "/|｜!<?"):
            self._say("<")
            return at + 1
        found, more = markup.find(text, at + 1, ">", final=final)
        if more:
            return _NEED_MORE
        if found < 0:
            return len(text) if final else self._drop(text, at, final)
        content = text[at + 1 : found]
        tag = markup.Tag.parse(content)
        if tag.template:
            return self._template(found + 1, starts=tag.starts)
        if tag.hides:
            self._hidden.open_thought()
            return found + 1
        return self._act(find_acts(content), found + 1)

    def _star(self, text: str, at: int, final: bool) -> int:
        mark = text[at]
        run = markup.run_of(text, at, mark)
        end = at + run
        if end == len(text) and not final and run < HOLD:
            return _NEED_MORE
        after = text[end : end + 1]
        joined = not self._given.gap and not self._given.dropped and self._given.last.isalnum()
        if run > 1:
            return self._literal(mark * run, end) if mark == "_" and joined and after.isalnum() else self._act([], end)
        if mark == "_" and (joined or not after.isalpha()):
            return self._literal(mark, end)
        if mark == "*" and (not after or after.isspace()):
            return self._literal(mark, end) if self._given.gap == " " and after else self._act([], end)
        if mark == "*" and joined and self._given.last.isdigit() and after.isdigit():
            return self._literal(mark, end)
        found, more = markup.find(text, end, mark, final=final)
        if more:
            return _NEED_MORE
        if found < 0:
            content = markup.rest_of_line(text, end)
            return self._discard(mark, end) if mark == "*" and is_direction(content) else self._act([], end)
        content = text[end:found]
        if is_direction(content):
            return self._act(find_acts(content), found + 1)
        self._say(markup.MARKS.sub("", content))
        return found + 1

    def _paren(self, text: str, at: int, final: bool) -> int:
        found, more = markup.find(text, at + 1, ")）", final=final)
        if more and may_be_aside(text[at + 1 :]):
            return _NEED_MORE
        content = text[at + 1 : found] if found >= 0 else ""
        if is_aside(content, opens=self._fresh):
            return self._act(find_acts(content), found + 1)
        return self._literal(text[at], at + 1)

    def _backtick(self, text: str, at: int, final: bool) -> int:
        run = markup.run_of(text, at, "`")
        end = at + run
        if end == len(text) and not final and run < HOLD:
            return _NEED_MORE
        if run < 3:
            return self._act([], end)
        if not self._fenced and (info := markup.INFO.match(text, end)):
            if info.end() == len(text) and not final and info.end() - end < HOLD - 4:
                return _NEED_MORE
            if text[info.end() : info.end() + 1] in ("\n", ""):
                end = info.end()
        self._fenced = not self._fenced
        return self._act([], end)

    def _escape(self, text: str, at: int, final: bool) -> int:
        if not final and text[at + 1 :] in ("", "n"):
            return _NEED_MORE
        if text[at + 1 : at + 2] == "n" and not text[at + 2 : at + 3].islower():
            self._white("\n", 0)
            return at + 2
        return at + 2 if text[at + 1 : at + 2] in ("*", "_", "`", "#", "[", "]") else at + 1

    def _quote(self, text: str, at: int, _final: bool) -> int:
        if self._closer and text[at] == self._closer and self._given.chars:
            self._closer = ""
            return at + 1
        return self._literal(text[at], at + 1)

    # --- what is neither seen nor heard ----------------------------------------------------------

    def _skip_hidden(self, text: str, at: int, *, final: bool) -> int:
        was_thought = self._hidden.thought
        step = self._hidden.skip(text, at, final=final)
        if was_thought and not self._hidden.thought:
            self._line = self._fresh = True
        return step

    def _discard(self, closer: str, at: int) -> int:
        self._hidden.open_bracket(closer)
        self._given.dropped = True
        return at

    def _template(self, end: int, *, starts: bool) -> int:
        if self._given.chars:
            self.ended = End.TEMPLATE
        elif starts:
            self._role = self._line = self._fresh = True
        return end

    # --- what goes out ---------------------------------------------------------------------------

    def _act(self, asked: Sequence[Emotion | Gesture], end: int) -> int:
        self._given.act(asked)
        return end

    def _literal(self, text: str, end: int) -> int:
        self._say(text)
        return end

    def _say(self, text: str) -> None:
        if text:
            self._line = self._fresh = False
            if self._given.say(text):
                self.ended = End.LENGTH

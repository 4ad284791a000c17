"""Read the markup of a reply, step by step: what is text, what is acted, what is dropped, what ends it."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Final

from bot.mind.reply import framed, latex, markup
from bot.mind.reply.acting import find_acts, is_aside, is_direction, may_be_aside, tells
from bot.mind.reply.degeneration import DegenerationDetector
from bot.mind.reply.hidden import HiddenBracket
from bot.mind.reply.markup import HOLD
from bot.mind.reply.names import Names, Whose
from bot.mind.reply.output import End, Piece, ReplyOutput
from bot.text.faces import is_face, may_be_face
from bot.types import Emotion, Gesture

_NEED_MORE: Final = -1
_MAX_GROUPS: Final = 16
_FRAMES: Final = {"(": ")）", "（": ")）", "＊": "＊", "〈": "〉", "＜": "＞"}


class MarkupReader:
    """Reads text that is for the audience, cut anywhere. It never holds back more than `HOLD` characters.

    ``ended`` says why nothing more will come.
    """

    def __init__(self, names: Names, max_chars: int) -> None:
        self.ended: End | None = None
        self._names = names
        self._sanity = DegenerationDetector()
        self._held = ""
        self._given = ReplyOutput(max_chars)
        self._line = True  # at the start of a line
        self._lines = 0
        self._fresh = True  # at the start of a line or a sentence
        self._role = False  # a template's role name may stand here
        self._hidden = HiddenBracket()
        self._fenced = False
        self._math = False  # a dollar sign opened a formula
        self._groups: list[str] = []  # the braces of LaTeX that are open, each with what joins it to the next
        self._closer = ""  # what closes the quotation mark that opened the reply

    def take(self) -> list[Piece]:
        """Return the pieces that became certain since the last call."""
        return self._given.take()

    def read(self, text: str, *, final: bool) -> None:
        """Read the next piece; after the ``final`` one nothing is held back."""
        if self._over():
            return
        if fault := self._sanity.check(text):
            text = text[: fault[1]]
        self._held += markup.without_broken(text)
        at, held = 0, self._held
        while at < len(held) and not self._over():
            step = self._step(held, at, final=final)
            if step == _NEED_MORE:
                break
            at = step
        self._held = "" if self._over() else held[at:]
        if fault and not self._over():
            self.ended = End(fault[0].value)
        if (final or self._over()) and self._given.finish():
            self.ended = self.ended or End.REPEATED

    def _over(self) -> bool:
        return self.ended is not None

    # --- one step: each returns the index behind what it read, or _NEED_MORE ----------------------

    def _step(self, text: str, at: int, *, final: bool) -> int:
        if self._hidden.active:
            return self._hidden.skip(text, at)
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
        if char in markup.QUOTES or char in markup.CLOSING_QUOTES:
            return self._quote
        signs = {
            "<": self._angle, "*": self._star, "_": self._star, "(": self._paren, "（": self._paren,
            "＊": self._paren, "〈": self._paren, "＜": self._paren,
            "`": self._backtick, "\\": self._escape, "&": self._entity, "$": self._dollar,
        }  # fmt: skip
        return signs.get(char, self._drop)  # what is left is a bracket's closer without an opener

    def _drop(self, text: str, at: int, final: bool) -> int:
        if text[at] == "}" and self._groups:
            if self._groups[-1] and at + 1 == len(text) and not final:
                return _NEED_MORE
            joiner = self._groups.pop()
            if joiner and text[at + 1 : at + 2] == "{":
                self._groups.append("")
                return self._literal(joiner, at + 2)
            return at + 1
        self._given.dropped = True
        return at + 1

    def _white(self, text: str, at: int) -> int:
        if text[at] == "\n":
            self._given.gap = "\n"
            self._line = self._fresh = True
            self._lines += 1
            self._groups = []
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
        acted, taken = framed.unheard(window, line=self._line, behind=self._given.chars > 0, open_end=open_end)
        if taken == framed.WHOLE_LINE:
            return self._discard("\n", at + 1)
        if taken:
            return _NEED_MORE if taken < 0 else self._act(find_acts(acted), at + taken)
        if self._given.chars == 0 and not self._closer and window[0] in markup.QUOTES:
            self._closer = markup.QUOTES[window[0]]
            return at + 1
        who, taken = self._names.match(window, open_end=open_end)
        if who is Whose.UNSURE:
            return _NEED_MORE
        if who is Whose.OTHER:
            self.ended = End.TURN
        return at + taken

    def _bracket(self, text: str, at: int, final: bool) -> int:
        closer = markup.BRACKETS[text[at]]
        if text[at] == "{" and (self._groups or (self._given.last in ("^", "_") and not self._given.gap)):
            return self._open_group("", at + 1)
        found, more = markup.find(text, at + 1, closer, final=final)
        if more:
            return _NEED_MORE
        if found < 0:
            # Small models put a whole answer where a tag should stand: then the brackets alone go.
            told = text[at] == "[" and self._given.chars == 0 and tells(text[at + 1 : at + 49])
            return at + 1 if told else self._discard(closer, at + 1)
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
            if self._given.chars == 0 and content[-1:] in markup.ENDERS and tells(content):
                return at + 1
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
        if tag.breaks:
            return self._break(content, found + 1)
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
            acts = mark == "*" and content[:1].isalnum() and is_direction(content)  # a lone star is among other signs
            return self._discard(mark, end) if acts else self._act([], end)
        content = text[end:found]
        if is_direction(content):
            return self._act(find_acts(content), found + 1)
        self._say(markup.MARKS.sub("", content))
        return found + 1

    def _paren(self, text: str, at: int, final: bool) -> int:
        """Read brackets that stand around words as a rule: only what acts is acted; stars in a face open nothing."""
        found, more = markup.find(text, at + 1, _FRAMES[text[at]], final=final)
        if more and (may_be_aside(text[at + 1 :]) or may_be_face(text[at + 1 :])):
            return _NEED_MORE
        content = text[at + 1 : found] if found >= 0 else ""
        if found >= 0 and is_face(text[at : found + 1]):
            return self._literal(text[at : found + 1], found + 1)
        if not is_aside(content, opens=self._fresh):
            return self._literal(text[at], at + 1)
        doubled = content[:1] in ("(", "（")
        if doubled and found + 1 == len(text) and not final:
            return _NEED_MORE
        return self._act(find_acts(content), found + 1 + (doubled and text[found + 1 : found + 2] in (")", "）")))

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
        found = latex.escape(text, at, final=final)
        if found is None:
            return _NEED_MORE
        if found.text.isspace():
            self._white(found.text, 0)
        else:
            self._say(found.text)
        return found.end if found.joiner is None else self._open_group(found.joiner, found.end)

    def _open_group(self, joiner: str, end: int) -> int:
        if len(self._groups) < _MAX_GROUPS:
            self._groups.append(joiner)
        return end

    def _entity(self, text: str, at: int, final: bool) -> int:
        if not (found := markup.ENTITY.match(text, at)):
            return self._literal("&", at + 1) if final or not markup.ENTITY_START.match(text, at) else _NEED_MORE
        meant = markup.clean(html.unescape(found[0]))
        if meant.isspace():
            return self._white(" ", 0) - 1 + found.end()
        if meant == found[0]:
            return self._literal("&", at + 1)
        return self._literal(markup.SPECIAL.sub("", meant), found.end())

    def _dollar(self, text: str, at: int, final: bool) -> int:
        behind = text[at + 1 : at + 2]
        if not behind and not final:
            return _NEED_MORE
        if behind and behind in "$\\":
            self._math = behind == "\\"
            return self._act([], at + (2 if behind == "$" else 1))
        if self._math:
            self._math = False
            return self._act([], at + 1)
        return self._literal("$", at + 1)

    def _quote(self, text: str, at: int, _final: bool) -> int:
        if self._closer and text[at] == self._closer and self._given.chars:
            self._closer = ""
            return at + 1
        return self._literal(text[at], at + 1)

    # --- what is neither seen nor heard ----------------------------------------------------------

    def _break(self, content: str, end: int) -> int:
        """Put the white space of a page's tag between words: a cell or an inner break a space, others a line."""
        self._white("\n" if content.strip("/ ")[:1] in "pPdDlL" or not self._given.chars else " ", 0)
        return end

    def _discard(self, closer: str, at: int) -> int:
        self._hidden.open(closer)
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
            self.ended = self._given.say(text)

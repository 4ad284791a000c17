"""Let through what a model writes for the audience: no thoughts, no calls of tools, no channels but the last.

The filter works on text cut anywhere, holds back at most one unfinished mark, and keeps at most `KEPT` characters of
what may turn out to be the answer after all.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from bot.mind.thoughts import marks, phrases
from bot.mind.thoughts.arguments import HiddenArguments
from bot.mind.thoughts.marks import Mark, MarkKind

#: Most characters that are kept of a stretch that may yet be the answer.
KEPT: Final = 4000
_MAX_HEADER: Final = 200
_MAX_HEAD: Final = 300
_MAX_DEPTH: Final = 16
#: Brackets with their content: they are no words of an answer.
_BRACKETS: Final = re.compile(r"\[[^\]]*\]|【[^】]*】|<[^>]*>|\*[^*]*\*|\([^)]*\)|（[^）]*）|\{[^}]*\}")
_SPEAKERS: Final = frozenset(("", "assistant", "model"))
_FENCE: Final = re.compile("```")
_ASIDE: Final = re.compile("[)）」』]")
_CHANNEL: Final = "channel"


class _State(StrEnum):
    VISIBLE = "visible"
    HIDDEN = "hidden"  # between two marks
    HEADER = "header"  # the name of a channel or a speaker
    UNTIL = "until"  # up to the words that end it: a thought that plain words announced, a block of data
    DOUBT = "doubt"  # a tag that nobody knows, in front of the answer
    ARGUMENTS = "arguments"  # of a call that was written as text
    COMMENT = "comment"
    REST = "rest"


class ThoughtFilter:
    """Filters one reply.

    With ``inside`` the reply begins within a thought, as from servers whose template opens it in the prompt. Then, and
    in a tag that nobody knows, the words are kept: when no other words came, `leftover` has them.

    ``names`` are of people, in small letters. None: it is not the audience that reads the reply, so data stays in it,
    and tags that nobody knows. ``void`` is what takes
    the place of a closing mark without an opening one: what stood before was a thought. Without it the mark stays.
    """

    def __init__(self, *, inside: bool = False, names: frozenset[str] | None = None, void: str = "") -> None:
        #: A closing mark came, with words on both sides, though no thought had been opened.
        self.lonely = False
        #: The thought that the reply began ``inside`` is over.
        self.closed = not inside
        self._names = names
        self._void = void
        self._state = _State.HIDDEN if inside else _State.VISIBLE
        self._stack = ["think"] if inside else []  # what is open, the outermost first
        self._thought = inside  # a thought was opened
        self._held = ""
        self._undecided = not inside  # whether the reply begins with a phrase
        self._ends: re.Pattern[str] | None = None  # what ends `_State.UNTIL`
        self._tail = ""
        self._arguments = HiddenArguments()
        self._header = ""
        self._constrained = False  # the form of the channel's text follows, which is no word of it
        self._head = ""  # the first visible text
        self._pending = ""  # a lonely mark behind which nothing stands yet
        self._doubted = ""  # the unknown tag's name
        self._kept: list[str] = []
        self._room = KEPT

    def feed(self, text: str) -> str:
        """Filter the next piece; return what is certainly for the audience."""
        self._held += text
        return self._run(final=False)

    def flush(self) -> str:
        """Return what was held back. Call this when the stream is over."""
        out = self._run(final=True)
        if self._state is _State.HEADER:
            out += self._end_header()
        return out

    def leftover(self) -> str:
        """Return the words that were kept back in doubt, when there are no others; call it after `flush`."""
        if not self._in_front() or not self._kept:
            return ""
        inner = ThoughtFilter()
        kept = "".join(self._kept)
        return inner.feed(kept) + inner.flush()

    def _run(self, *, final: bool) -> str:
        if self._undecided and not self._decide(final=final):
            return ""
        out: list[str] = []
        text, at = self._held, 0
        partial = None if final else marks.PARTIAL.search(text)
        whole = partial.start() if partial else len(text)
        for found in marks.MARK.finditer(text):
            if found.start() >= whole:
                break
            out.append(self._pass(text[at : found.start()]))
            out.append(self._mark(found[0]))
            at = found.end()
        out.append(self._pass(text[at:whole]))
        self._held = text[whole:]
        return "".join(out)

    def _decide(self, *, final: bool) -> bool:
        found = phrases.opening(self._held, final=final)
        if isinstance(found, phrases.Undecided):
            return False
        self._undecided = False
        if found is not None:
            self._ends, opened = found
            self._held = self._held[opened:]
            self._state, self._thought = _State.UNTIL, True
        return True

    # --- text between marks -------------------------------------------------------------------------

    def _pass(self, text: str) -> str:
        if not text:
            return ""
        if self._state is _State.VISIBLE:
            return self._show(text)
        if self._state is _State.HEADER:
            return self._read_header(text)
        if self._state is _State.UNTIL:
            return self._look_for_end(text)
        if self._state is _State.ARGUMENTS:
            return self._skip_arguments(text)
        if self._state is _State.DOUBT or not self.closed:
            self._keep(text)
        return ""

    def _show(self, text: str) -> str:
        if self._pending and (words := text.lstrip()):
            text = text[: len(text) - len(words)] + self._pending + words
            self._pending, self.lonely = "", not self._thought
        if len(self._head) < _MAX_HEAD:
            self._head += text[:_MAX_HEAD]
        return text

    def _in_front(self) -> bool:
        """Return whether no word of the answer was let through yet."""
        return len(self._head) < _MAX_HEAD and not any(map(str.isalnum, _BRACKETS.sub("", self._head)))

    def _look_for_end(self, text: str) -> str:
        joined = self._tail + text
        if self._ends and (found := self._ends.search(joined)):
            self._state = _State.VISIBLE
            return self._pass(joined[found.end() :])
        self._tail = joined[-phrases.TAIL :]
        return ""

    def _skip_arguments(self, text: str) -> str:
        if (end := self._arguments.skip(text)) < 0:
            return ""
        self._state = _State.VISIBLE
        return self._pass(text[end:])

    def _keep(self, text: str) -> None:
        self._kept.append(text[: self._room])
        self._room -= len(self._kept[-1])

    # --- the header of a channel --------------------------------------------------------------------

    def _read_header(self, text: str) -> str:
        name, line_end, behind = text.partition("\n")
        self._header += name
        if line_end or len(self._header) > _MAX_HEADER:
            return self._end_header() + self._pass(behind)
        return ""

    def _end_header(self) -> str:
        """Decide by its name whether a channel is for the audience; return what of the header is."""
        words, self._header = self._header.split(maxsplit=1), ""
        if self._constrained:
            words, self._constrained = words[:1], False
        name = words[0].casefold() if words else ""
        visible = name in _SPEAKERS if self._stack == ["start"] else name.startswith(("final", "response", "answer"))
        if visible:
            self._stack, self._state, self.closed = [], _State.VISIBLE, True
            return self._show(words[1]) if len(words) > 1 and self._head == "" else ""
        self._thought = True
        self._stack, self._state = [_CHANNEL], _State.HIDDEN
        return ""

    # --- marks --------------------------------------------------------------------------------------

    def _mark(self, text: str) -> str:  # noqa: PLR0911 - one return for each state
        mark = marks.parse(text, self._names or frozenset())
        if self._state is _State.REST:
            return ""
        if self._state is _State.COMMENT:
            if mark.kind is MarkKind.COMMENT_END:
                self._state = _State.VISIBLE
            return ""
        if self._state is _State.ARGUMENTS:
            return self._pass(text)
        if self._state is _State.HEADER:
            if mark.kind is MarkKind.MESSAGE:
                return self._end_header()
            if mark.name == "constrain":
                self._header, self._constrained = self._header + " ", True
                return ""
            if mark.kind not in (MarkKind.CHANNEL, MarkKind.START, MarkKind.END):
                return self._end_header() + self._mark(text)
        if mark.kind is MarkKind.CHANNEL or (mark.kind is MarkKind.START and not self._shown()):
            self._header, self._stack, self._state = "", [mark.kind.value], _State.HEADER
            return ""
        if self._state is _State.DOUBT:
            return self._in_doubt(mark, text)
        if self._state is _State.VISIBLE:
            return self._in_answer(mark, text)
        self._in_thought(mark)
        return ""

    def _shown(self) -> bool:
        return self._state is _State.VISIBLE and not self._in_front()

    def _in_answer(self, mark: Mark, text: str) -> str:  # noqa: C901 - one case for each kind of mark
        audience, front = self._names is not None, self._in_front()
        match mark.kind:
            case MarkKind.CALL | MarkKind.CALL_END if mark.name == "inst" and not front:
                return self._show(text)  # another turn, which ends the reply
            case MarkKind.OPEN | MarkKind.CALL:
                self._thought = self._thought or mark.kind is MarkKind.OPEN
                self._stack, self._state = [mark.name], _State.HIDDEN
                return "" if front or marks.is_unseen(mark.name) else " "
            case MarkKind.ARGUMENTS if audience:
                self._arguments, self._state = HiddenArguments(), _State.ARGUMENTS
                return self._pass(text) if text[0] in "{[" else ""
            case MarkKind.FENCE if audience:
                self._ends, self._tail, self._state = _FENCE, "", _State.UNTIL
            case MarkKind.ASIDE if audience:
                self._ends, self._tail, self._state = _ASIDE, "", _State.UNTIL
            case MarkKind.BYTE:
                return self._show("\n" if mark.name in ("0a", "0d") else "")
            case MarkKind.UNKNOWN if audience and front:
                self._doubted, self._state = mark.name, _State.DOUBT
            case MarkKind.CLOSE | MarkKind.ANSWER:
                if not front and not (self._thought and mark.kind is MarkKind.ANSWER):
                    self._pending = self._void or text
            case MarkKind.COMMENT | MarkKind.REST:
                self._state = _State(mark.kind.value)
            case MarkKind.MESSAGE if front:
                pass
            case MarkKind.CALL_END | MarkKind.FRAME:
                pass
            case _:
                return self._show(text)
        return ""

    def _in_doubt(self, mark: Mark, text: str) -> str:
        if mark.name == self._doubted and mark.kind in (MarkKind.UNKNOWN_END, MarkKind.CLOSE):
            self._state = _State.VISIBLE
            self._keep("\n")
        else:
            self._keep(text)
        return ""

    def _in_thought(self, mark: Mark) -> None:
        if self._state is _State.UNTIL:
            if mark.kind in (MarkKind.CLOSE, MarkKind.ANSWER):
                self._state = _State.VISIBLE
            return
        in_channel = self._stack[:1] == [_CHANNEL]
        match mark.kind:
            case MarkKind.OPEN | MarkKind.CALL:
                if len(self._stack) < _MAX_DEPTH:
                    self._stack.append(mark.name)
            case MarkKind.CLOSE:
                self._close(mark.name, of_thought=True)
            case MarkKind.CALL_END:
                self._close(mark.name, of_thought=False)
            case MarkKind.ANSWER if in_channel or not self._of_call():
                self._stack = []
            case MarkKind.END if in_channel or self._stack[:1] == ["im_start"]:
                self._stack = []
        if not self._stack:
            self._state, self.closed = _State.VISIBLE, True

    def _of_call(self) -> bool:
        return marks.parse(f"<{self._stack[0]}>").kind is MarkKind.CALL

    def _close(self, name: str, *, of_thought: bool) -> None:
        if name in self._stack:
            del self._stack[self._stack.index(name) :]
        elif of_thought and not self._of_call():  # models close <think> with </thinking>
            self._stack.pop()

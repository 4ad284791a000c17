"""Take an answer out of the JSON into which a model wrapped it: ``{"answer": "Hello there."}``.

The words come as soon as their string begins. Braces and keys are never passed on; what has no words for the audience
has none at all, so that another model is asked. A call of a tool stays as it is: those who read calls know it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

#: What models call the words of an answer, in small letters.
NAMES: Final = frozenset((
    "answer", "response", "reply", "text", "message", "content", "output", "speech", "say", "says", "said", "spoken",
    "speak", "utterance", "final_answer", "final", "line", "dialogue", "output_text", "assistant", "value",
    "回答", "回复", "回覆", "答案", "答复", "内容", "內容", "台词", "台詞", "返信", "返答", "応答", "発言", "セリフ",
))  # fmt: skip
#: What may hold them.
_HOLDERS: Final = NAMES | {"choices", "data", "result", "results", "delta", "parts", "items"}
#: What an object has that calls a tool, or tells of an error. "action" is none: hosts smile and wave by that name.
_CALLS: Final = frozenset((
    "tool", "tool_name", "tool_call", "tool_calls", "tools", "function", "function_call", "function_name", "arguments",
    "args", "parameters", "params", "tool_input", "action_input",
))  # fmt: skip
_ERRORS: Final = frozenset(("error", "errors", "error_code", "error_message", "error_msg"))
_NOTHING: Final = frozenset(("", "null", "none", "false", "no", "0"))
#: Who speaks in an object that holds what others said.
_OTHERS: Final = frozenset(("user", "system", "tool", "viewer", "human", "developer", "function"))
#: Also the name for the words of an error, which another part of the object tells: they wait for its end.
_WEAK: Final = frozenset(("message", "detail"))
_QUOTES: Final = {'"': '"', "'": "'", "“": "”"}
_ESCAPES: Final = {"n": "\n", "t": " ", "r": " ", "b": "", "f": " "}
#: The start of an answer in JSON: a feeling, a fence or the word perhaps, then a bracket and what can only be data.
_BEFORE: Final = r"\s*(?:\[[a-z]{2,12}\]\s*)?(?:`{3}\s*(?:[\w+-]{1,12}\s*)?|json\s*)?\s*"
_START: Final = re.compile(rf"(?i)({_BEFORE})(?:\[\s*)?\{{\s*(?:[\"'“}}]|[a-z_]{{2,20}}\s*:)")
_MAY_START: Final = re.compile(
    r"(?i)\s*(?:\[[a-z]{0,12}(?:\]\s*)?)?(?:`{1,3}\s*[\w+-]{0,12}\s*|j(?:s(?:o(?:n\s*)?)?)?)?(?:\[\s*)?(?:\{\s*(?:[a-z_]{1,20}\s*)?)?\Z"
)
_FEELING: Final = re.compile(r"\s*(\[[a-z]{2,12}\])", re.IGNORECASE)
#: What follows a quotation mark that ends a string, and what may: models forget to escape those within one.
_ENDS: Final = re.compile(r".\s*(?:[}\]]|,\s*[\"'“{\[}\]])", re.DOTALL)
_MAY_END: Final = re.compile(r".\s*(?:,\s*)?\Z", re.DOTALL)
_AFTER: Final = re.compile(r"[\s`,;\]}]*")
#: Most characters of an object that are kept, in case that it is a call.
_KEPT: Final = 4000
_MAX_DEPTH: Final = 16
_LONGEST_KEY: Final = 40


class _State(StrEnum):
    START = "start"  # nothing but what may stand before an object came
    PLAIN = "plain"
    INSIDE = "inside"
    AFTER = "after"


class _Level:
    """An object or a list that is open: whether its strings may be for the audience, and where in it we are."""

    def __init__(self, *, listed: bool, told: bool, key: str = "", calls: bool = False) -> None:
        self.listed = listed
        self.told = told
        self.of = key  # the key under which it stands
        self.calls = calls  # whatever stands in it is a call
        self.key = ""
        self.value = listed  # a value comes next, not a key
        self.literal = ""

    @property
    def tells(self) -> bool:
        """Whether the string that comes next is for the audience."""
        return self.told and self.value and (self.listed or self.key in NAMES)

    @property
    def holds(self) -> bool:
        """Whether the object or list that comes next may hold words for the audience."""
        return self.told and self.value and (self.listed or self.key in _HOLDERS)


class Unwrapper:
    """Passes one answer on, cut anywhere. It holds back what may be the start of an object, and nothing of other text.

    With ``keeps`` data without words stays as it is: not the audience reads it, but who may have asked for it.
    """

    def __init__(self, *, keeps: bool = False) -> None:
        self._keeps = keeps
        self._state = _State.START
        self._held = ""
        self._begin()

    def _begin(self) -> None:
        self._levels: list[_Level] = []
        self._quote = ""  # what ends the string that goes on
        self._string = ""  # a key, or words that wait
        self._passes = self._waits = False  # the words of the string that goes on
        self._escape = ""
        self._closing = ""  # a quotation mark that may end it, and what followed
        self._told = False  # words were passed on
        self._telling: tuple[_Level | None, str] = (None, "")  # the list and the name by which they may go on
        self._call = self._error = False
        self._later = ""
        self._raw = ""

    def feed(self, text: str) -> str:
        """Take the next piece; return what of it is for the audience."""
        if self._state is _State.PLAIN:
            return text
        self._held += text
        return self._run(final=False)

    def flush(self) -> str:
        """Return what was held back. Call this when the answer is over."""
        out = self._run(final=True)
        if self._closing and self._quote:
            self._end_string()
        if self._state is _State.INSIDE:
            out += self._close()
        return out

    def _run(self, *, final: bool) -> str:
        if self._state is _State.START:
            if (found := _START.match(self._held)) is None:
                return "" if not final and _MAY_START.match(self._held) else self._plain()
            feeling = _FEELING.match(found[1])
            self._held = self._held[found.end(1) :]
            self._state = _State.INSIDE
            return (f"{feeling[1]} " if feeling else "") + self._inside(final=final)
        if self._state is _State.INSIDE:
            return self._inside(final=final)
        if self._state is _State.AFTER:
            return self._after(final=final)
        return self._plain()

    def _plain(self) -> str:
        self._state = _State.PLAIN
        held, self._held = self._held, ""
        return held

    def _after(self, *, final: bool) -> str:
        found = _AFTER.match(self._held)
        self._held = self._held[found.end() if found else 0 :]
        if not self._held:
            return ""
        if self._held[0] == "{":  # another object
            if len(self._held) < 2 and not final:
                return ""
            self._begin()
            self._state = _State.INSIDE
            return " " + self._inside(final=final)
        return " " + self._plain()

    # --- within an object ---------------------------------------------------------------------------

    def _inside(self, *, final: bool) -> str:
        out: list[str] = []
        held, self._held = self._held, ""
        for at, char in enumerate(held):
            if len(self._raw) < _KEPT:
                self._raw += char
            out.append(self._take(char))
            if not self._levels:
                out.append(self._close())
                self._held = held[at + 1 :]
                out.append(self._after(final=final))
                break
        return "".join(out)

    def _take(self, char: str) -> str:
        if self._closing:
            return self._decide(self._closing + char)
        return self._in_string(char) if self._quote else self._outside(char)

    def _outside(self, char: str) -> str:
        level = self._levels[-1] if self._levels else None
        if char in "{[":
            self._open(char, level)
        elif level is None:
            pass
        elif char in "}]":
            self._end_literal(level)
            self._levels.pop()
        elif char in _QUOTES:
            return self._open_string(char, level)
        elif char == ",":
            self._end_literal(level)
            level.value = level.listed
        elif char == ":":
            level.key = _name(level.literal) if level.literal and not level.value else level.key
            level.value, level.literal = True, ""
        elif not char.isspace():
            level.literal += char
        return ""

    def _open(self, char: str, level: _Level | None) -> None:
        key = "" if level is None else level.key
        named = level is not None and level.value and not level.listed
        self._error = self._error or (named and key in _ERRORS)
        calls = named and key in _CALLS and not self._told
        self._call = self._call or (calls and char == "{") or (level is not None and level.calls)
        told = level is None or (level.holds and not self._may_not(level))
        if len(self._levels) < _MAX_DEPTH:
            self._levels.append(_Level(listed=char == "[", told=told, key=key, calls=calls))

    def _open_string(self, char: str, level: _Level) -> str:
        self._quote, self._string = _QUOTES[char], ""
        self._call = self._call or level.calls
        tells = level.tells and not self._may_not(level)
        self._waits = tells and not level.listed and level.key in _WEAK
        self._passes = tells and not self._waits
        return " " if self._passes and self._told else ""

    def _end_literal(self, level: _Level) -> None:
        """Take note of a number, of true, false and null."""
        if level.literal and level.value and not level.listed:
            self._value(level, level.literal)
        level.literal = ""

    def _value(self, level: _Level, value: str) -> None:
        """Take note of what a value says of its object, when it is a word and none for the audience."""
        word = value.strip().casefold()
        if level.key in _ERRORS:
            self._error = self._error or word not in _NOTHING
        elif level.key in _CALLS:
            self._call = self._call or (word not in _NOTHING and not self._told)
        elif level.key == "role" and word in _OTHERS:
            level.told = False

    def _may_not(self, level: _Level) -> bool:
        """Return whether nothing more of this object is for the audience: it has told it, or is a call or an error."""
        if self._call or self._error or not self._told:
            return self._call or self._error
        of, name = self._telling
        return of is None or of not in self._levels or not (level.listed or level.key in (name, of.of))

    def _in_string(self, char: str) -> str:
        if self._escape or char == "\\":
            return self._escaped(char)
        if char != self._quote:
            return self._letter(char)
        if self._passes or self._waits:
            self._closing = char
        else:
            self._end_string()
        return ""

    def _decide(self, closing: str) -> str:
        """Find out whether a quotation mark ended the string, or stands within it."""
        self._closing = ""
        if _ENDS.match(closing):
            self._end_string()
            return "".join(map(self._outside, closing[1:]))
        if _MAY_END.match(closing):
            self._closing = closing
            return ""
        return "".join(map(self._letter, closing[:-1])) + self._in_string(closing[-1])

    def _letter(self, char: str) -> str:
        if self._passes:
            if not self._told:
                level = self._levels[-1]
                lists = [one for one in self._levels if one.listed and one.of != "choices"]
                self._told, self._telling = True, (lists[-1] if lists else None, level.key)
            return char
        if self._waits or len(self._string) < _LONGEST_KEY:
            self._string += char
        return ""

    def _escaped(self, char: str) -> str:
        self._escape += char
        if len(self._escape) == 1 or (self._escape[1] == "u" and len(self._escape) < 6):
            return ""
        escape, self._escape = self._escape, ""
        if escape[1] != "u":
            return self._letter(_ESCAPES.get(escape[1], escape[1]))
        try:
            return self._letter(chr(int.from_bytes(bytes.fromhex(escape[2:]))))
        except ValueError:
            return ""

    def _end_string(self) -> None:
        level, self._quote = self._levels[-1], ""
        if self._waits:
            self._later = self._later or self._string
        elif not level.value:
            level.key = _name(self._string)
        elif not self._passes and not level.listed:
            self._value(level, self._string)
        self._waits = self._passes = False

    def _close(self) -> str:
        """End the object: return the words that waited, or the whole of it where it is a call."""
        self._state = _State.AFTER
        if self._call:
            return self._raw
        if not self._told and self._later and not self._error:
            self._told = True
            return self._later
        return self._raw if self._keeps and not self._told else ""


def _name(key: str) -> str:
    return re.sub(r"[\s-]+", "_", key.strip().casefold())

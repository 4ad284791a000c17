r"""Read what a backslash means: a command of LaTeX keeps what it holds (``\boxed{42}`` is 42), an escape its sign."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_NAME: Final = re.compile(r"[A-Za-z]{1,24}")
_SYMBOLS: Final = {
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "approx": "≈", "neq": "≠", "ne": "≠", "leq": "≤", "le": "≤",
    "geq": "≥", "ge": "≥", "infty": "∞", "rightarrow": "→", "Rightarrow": "⇒", "leftarrow": "←", "degree": "°",
    "circ": "°", "sum": "∑", "int": "∫", "prod": "∏", "to": "→", "cbrt": "∛", "ldots": "…", "cdots": "…", "dots": "…",
    "sqrt": "√", "heartsuit": "♥", "quad": " ", "qquad": " ",
}  # fmt: skip
#: Commands that begin like a break that was written out: "Hey\\nthere".
_WRITTEN_LIKE_A_BREAK: Final = frozenset(
    "nu neq ne ni not nabla neg nleq ngeq notin rho right rightarrow rangle rm ref rceil rfloor times to text textbf "
    "textit textrm texttt textcolor textstyle textsc tfrac tan tanh tau theta tilde top triangle tag thinspace".split()
)
_CODE: Final = re.compile("[0-9a-fA-F]{1,4}")
_CODE_DIGITS: Final = 4
_SILENT: Final = frozenset("left right big Big bigg Bigg displaystyle textstyle limits".split())
#: What these hold is for the typesetter.
_EMPTY: Final = frozenset("begin end color textcolor label ref cite tag vspace hspace".split())
#: Longest degree of a root with its brackets, in characters.
_DEGREE: Final = 8
_FRACTIONS: Final = frozenset("frac dfrac tfrac cfrac".split())


class Escape(NamedTuple):
    """What an escape says, the index behind it, and what joins the two groups that it opens; None: it opens none."""

    text: str
    end: int
    joiner: str | None = None


def escape(text: str, at: int, *, final: bool) -> Escape | None:  # noqa: C901, PLR0911 - one return for each form
    """Return what the backslash at ``at`` means; None when more text must come first."""
    char = text[at + 1 : at + 2]
    behind = text[at + 2 : at + 3]
    if not final and (not char or (char in "nrt" and not behind)):
        return None
    if char and char in "nrt" and not behind.islower():
        return Escape("\n", at + 2)
    if char == "u" and (code := _CODE.match(text, at + 2)):
        if len(code[0]) == _CODE_DIGITS:
            return Escape(char if (char := chr(int(code[0], 16))).isprintable() else "", code.end())
        if not final and code.end() == len(text):
            return None
    if char == "\\":
        return Escape("\n", at + 2)
    if char and char in ",;":
        return Escape(" ", at + 2)
    if char and char in "%$&":
        return Escape(char, at + 2)
    if char and char in "*_`#[](){}":
        return Escape("", at + 2)
    if not (name := _NAME.match(text, at + 1)):
        return Escape("", at + 1)
    end = name.end()
    if end == len(text) and not final:
        return None
    if char in "nrt" and name[0] not in _WRITTEN_LIKE_A_BREAK:
        return Escape("\n", at + 2)
    return _command(name[0], text, end, at, final=final)


def _command(name: str, text: str, end: int, at: int, *, final: bool) -> Escape | None:
    if name == "sqrt" and text[end : end + 1] == "[":
        closed = text.find("]", end, end + _DEGREE)
        if not final and ((closed < 0 and len(text) < end + _DEGREE) or closed + 1 == len(text)):
            return None
        if closed > 0:
            sign = "∛" if text[end + 1 : closed].strip() == "3" else "√"
            held = text[closed + 1 : closed + 2] == "{"
            return Escape(sign, closed + 1 + held, "" if held else None)
    holds = text[end : end + 1] == "{"
    if name in _EMPTY and holds:
        closed = text.find("}", end, end + 32)
        if closed < 0 and not final and len(text) < end + 32:
            return None
        return Escape("", closed + 1 if closed > 0 else end)
    if holds:
        return Escape(_SYMBOLS.get(name, ""), end + 1, "/" if name in _FRACTIONS else "")
    if name in _SYMBOLS or name in _SILENT:
        return Escape(_SYMBOLS.get(name, ""), end)
    if at and text[at - 1].isalnum():  # the name of a command is a word of its own
        return Escape(" ", at + 1)
    return Escape("", at + 1)

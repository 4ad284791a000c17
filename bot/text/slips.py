"""Usual slips of the keyboard in a YAML file, and what to do about each: what a person typed and did not mean."""

from __future__ import annotations

import re

_FORM = "(switch the input method to half-width)"
_ESCAPE = "inside double quotes a backslash begins an escape: write '...' in single quotes, or \\\\ for each \\"
#: Usual slips of the keyboard in a line, and what to do about each.
_SLIPS = [
    (re.compile(slip), advice)
    for slip, advice in (
        (r"[ \u3000\xa0]*\t", "indent with spaces: YAML takes no tab"),
        (r" *[\u3000\xa0\u2000-\u200a]", "indent with plain spaces; there is a wide one, or one that does not break"),
        (r"\s*(?:- )?[\w-]+：", f"write the colon as ':' with a space after it; this one is the full-width ： {_FORM}"),
        (r'.*"[^"]*\\[^"\\/bfnrt]|.*"[A-Za-z]:\\', _ESCAPE),
        (
            r"\s*(?:- )?[“”„‘’＂]|.*[:\[,]\s*[“”„‘’＂「]",
            "use straight quotes \" or ', or none; these are typographic ones",
        ),
        (r"\s*[－–—•·]\s", "begin an item of a list with '- '; this is another dash"),
        (r".*[\u200b-\u200f\u2028-\u202e\u2060\ufeff\xa0]", "take the invisible character out of this line"),
        (r"\s*(?:- )?[\w-]+:[^\s/]", "write a space after the colon"),
        (r".*[\uff01-\uff5e\u3000【】]", f"write letters, figures and signs in their half-width form {_FORM}"),
    )
]


def hint(line: str) -> str:
    """Return advice for a line that holds a usual slip of the keyboard, else an empty string."""
    return next((advice for slip, advice in _SLIPS if slip.match(line)), "")


_QUOTED = re.compile(r"[“”„＂][^“”„＂]+[“”＂]|[‘’][^‘’]+[‘’]")
_PATH, _CONTROL, _SUFFIX = re.compile(r'"[^"]*\b[A-Za-z]:\\'), re.compile(r"[\x00-\x1f]"), re.compile(r"\S+\.\w{1,5}")


def misread(style: str | None, text: str, raw: str) -> tuple[str, str]:
    """Return what is wrong with a scalar that YAML reads otherwise than it was meant, and what to do; else empty texts.

    ``style`` is the kind of its quotes (None: it has none), ``text`` what YAML makes of it, ``raw`` the line from its
    beginning.
    """
    if style is None and _QUOTED.fullmatch(text):
        return "typographic quotes around a text become a part of it", "use straight quotes \" or ', or none"
    # "C:\new" is a path with a line break in it.
    if style == '"' and _CONTROL.search(text) and (_PATH.match(raw) or _SUFFIX.fullmatch(_CONTROL.sub("", text))):
        return "a backslash in a path became a control character", _ESCAPE
    return "", ""


def remedy(text: str, line: int, problem: str) -> str:
    """Return what to do about a ``problem`` that YAML has with a line of a text."""
    lines = text.splitlines()
    # A missing colon is noticed on the line after.
    for number in (line, line - 1):
        if 0 < number <= len(lines) and (advice := hint(lines[number - 1])):
            return advice
    if "\\t" in problem:
        return "indent with spaces: YAML takes no tab"
    if "escape" in problem:
        return _ESCAPE
    if re.search("alias|anchor|tag", problem):
        return "put a text that begins with *, & or ! into quotes"
    if "mapping values are not allowed" in problem:
        return "put a text that holds ': ' into quotes, and check the indentation"
    return "check the indentation, the quotes and the brackets around this line"

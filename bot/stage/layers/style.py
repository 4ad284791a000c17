"""The streamer's own style for the layers: read from a CSS file, bounded, and looked over for what it cannot do.

Whatever it says, the page's policy (`bot.web.auth.refusal`) loads nothing from elsewhere and runs no script out of it;
a picture in a ``data:`` address is drawn as a picture, so a script in an SVG stays asleep.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

#: Largest file that is read, in bytes.
MAX_BYTES = 256 << 10

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_RULE: Final = re.compile(r"([^{}]*)\{([^{}]*)\}")
_LABEL: Final = re.compile(r"#label\b|\[id[~|^$*]?=['\"]?label")
_HIDES: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*(?:0?\.0*|0)(?![\d.])"
    r"|opacity\s*:\s*0?\.[0-3]|font-size\s*:\s*0|clip-path|color\s*:\s*transparent|content-visibility\s*:\s*hidden"
)
_URL: Final = re.compile(r"url\(\s*['\"]?\s*([^)\s'\"]*)", re.IGNORECASE)
_LOADS: Final = re.compile(r"@import|javascript:|expression\s*\(", re.IGNORECASE)


def version(file: Path | None) -> int:
    """Return what changes whenever a style is written, never 0; 0 when there is none. Does not read it."""
    if file is None:
        return 0
    try:
        found = file.stat()
    except OSError:
        return 0
    return max(1, found.st_mtime_ns // 1_000_000 ^ found.st_size)


def read(file: Path) -> str:
    """Return a style. Raises `ValueError` with what is wrong."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise ValueError(f"{file} has more than {MAX_BYTES >> 10} kB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is no text in UTF-8 (byte {error.start})") from error
    if "\0" in text:
        raise ValueError(f"{file} is no text: it holds a NUL")
    return text


def warnings(css: str) -> list[str]:
    """Return in words what a streamer should know of a style: that it hides the AI label, or asks for files elsewhere.

    It reads what is written plainly; the page itself tells whether its label can be seen (`LabelSeen`).
    """
    plain = _COMMENT.sub(" ", css)
    found = []
    if any(_LABEL.search(names) and _HIDES.search(what.lower()) for names, what in _RULE.findall(plain)):
        found.append("it hides the AI label; platforms, and the law in places, ask that viewers see it")
    if _LOADS.search(plain) or any(not where.lower().startswith(("data:", "#")) for where in _URL.findall(plain)):
        found.append(
            "it asks for files, which the page does not load from elsewhere; put pictures into data: addresses"
        )
    return found

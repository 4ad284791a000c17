"""The process that reads a PDF: what takes too long or too much memory there costs the show nothing.

Run as a file with the path and the most pages. It prints one line of JSON for each page, ``{"page": 3, "text": "…"}``,
and last ``{"pages": 12}``, or ``{"error": "encrypted"}``: encrypted, missing (the package), broken.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any, Final

#: Memory that it may take, in bytes, where the system can bound it, and the longest text of one page, in characters.
MEMORY: Final = 1 << 30
MAX_TEXT: Final = 20_000


def read(path: str, most: int) -> None:
    """Print the text of the first ``most`` pages."""
    try:
        from pypdf import PdfReader  # noqa: PLC0415 - it may be missing, which is then said
    except ImportError:
        _say(error="missing")
        return
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not _opens(reader):
            _say(error="encrypted")
            return
        count = len(reader.pages)
    except Exception:  # noqa: BLE001 - a parser of hostile files has any error
        _say(error="broken")
        return
    for number in range(min(count, most)):
        text = ""
        with suppress(Exception):  # one page that cannot be read hides no other
            text = reader.pages[number].extract_text() or ""
        _say(page=number + 1, text=text[:MAX_TEXT])
    _say(pages=count)


def _opens(reader: Any) -> bool:
    """Return whether it opens without a password, as many do that only forbid printing."""
    with suppress(Exception):
        return bool(reader.decrypt(""))
    return False


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _bound_memory() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - only where the system has it

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _bound_memory()
    read(sys.argv[1], int(sys.argv[2]))

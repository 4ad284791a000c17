"""Read the text of a PDF, bounded in size, pages and time."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.errors import ConfigError
from bot.mind.memory.pages import pdf_worker

#: The largest file in bytes, the most pages, and the longest time in seconds.
MAX_FILE: Final = 50 * 1024 * 1024
MAX_PAGES: Final = 300
MAX_S: Final = 60.0
#: The longest line of the worker, in bytes: one page, written as JSON.
_LINE: Final = 512 * 1024

_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class PdfText:
    """The pages that have text, by number, and what was left out, in words; empty when nothing was."""

    pages: tuple[tuple[int, str], ...]
    cut: str = ""


async def read_pdf(file: Path, *, most: int = MAX_PAGES, within_s: float = MAX_S) -> PdfText:
    """Return the text of a PDF. Raise `ConfigError` with a remedy for one that cannot be used."""
    if file.stat().st_size > MAX_FILE:
        raise ConfigError(
            f"{file.name}: larger than {MAX_FILE >> 20} MB", remedy="save it without pictures, or as text"
        )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, pdf_worker.__file__, str(file), str(most)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LINE,
    )
    pages: list[tuple[int, str]] = []
    told: dict[str, Any] = {}
    late = False
    try:
        async with asyncio.timeout(within_s):
            while process.stdout and (line := await process.stdout.readline()):
                told = dict(json.loads(line))
                if text := _joined(str(told.get("text") or "")):
                    pages.append((int(told["page"]), text))
    except TimeoutError:
        late = True
    except (ValueError, KeyError, TypeError):
        told = {}
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if error := _error(file, told, late=late, empty=not pages):
        raise error
    if late or "pages" not in told:
        why = f"it took longer than {within_s:.0f} s" if late else "reading it broke off"
        return PdfText(tuple(pages), f"{file.name}: only the first {pages[-1][0]} pages are known: {why}")
    if told["pages"] > most:
        return PdfText(tuple(pages), f"{file.name}: only the first {most} of {told['pages']} pages are known")
    return PdfText(tuple(pages))


def _error(file: Path, told: dict[str, Any], *, late: bool, empty: bool) -> ConfigError | None:
    match told.get("error"):
        case "missing":
            return ConfigError(
                f"{file.name}: PDFs need the package 'pypdf'",
                remedy="install it with: pip install 'haishin[pdf]', or save the file as text",
            )
        case "encrypted":
            return ConfigError(f"{file.name}: it is encrypted", remedy="save it without a password")
        case "broken":
            return ConfigError(f"{file.name}: it is broken, or no PDF", remedy="open it in a viewer and save it anew")
    if empty and late:
        return ConfigError(f"{file.name}: it could not be read in time", remedy="save it as text")
    if empty and "pages" not in told:
        return ConfigError(f"{file.name}: it is broken, or too large to read", remedy="save it as text")
    if empty:
        return ConfigError(
            f"{file.name}: it has no text, only pictures", remedy="let a program recognise its text first"
        )
    return None


def _joined(text: str) -> str:
    """Return a page's text with the words whole that a line's end divided."""
    return _HYPHEN.sub("", text.replace("\0", " ")).strip()

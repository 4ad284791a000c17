"""Read a persona's folder of knowledge into passages: Markdown, plain text and PDF."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import ConfigError
from bot.mind.memory.knowledge import passages
from bot.mind.memory.pages.pdf import read_pdf
from bot.store.memory.pieces import Piece, PieceKind
from bot.text.encoding import read_text
from bot.text.scripts import language

#: The largest text file in bytes, the most files of a folder, and the most passages of them all.
MAX_FILE: Final = 2 * 1024 * 1024
MAX_FILES: Final = 200
MAX_PASSAGES: Final = 20_000

SUFFIXES: Final = frozenset({".md", ".txt", ".pdf"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one file, and what to do about it."""

    file: str
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The passages of a folder, those of one page together and in order, and what could not be read."""

    pieces: tuple[Piece, ...]
    troubles: tuple[Trouble, ...]


async def read_folder(folder: Path) -> Reading:
    """Return what the files of a folder say; one that cannot be read hides no other. No folder has no files."""
    files = await asyncio.to_thread(_files, folder)
    troubles: list[Trouble] = []
    if len(files) > MAX_FILES:
        troubles.append(Trouble(folder.name, f"only the first {MAX_FILES} of {len(files)} files are known"))
    pieces: list[Piece] = []
    for file in files[:MAX_FILES]:
        try:
            pages, cut = await _pages(file)
        except ConfigError as error:
            troubles.append(Trouble(file.name, str(error), error.remedy))
            continue
        except OSError as error:
            troubles.append(Trouble(file.name, f"cannot be read: {error.strerror or error}", "check the file"))
            continue
        if cut:
            troubles.append(Trouble(file.name, cut, "divide it into several files"))
        pieces += await asyncio.to_thread(_pieces, pages)
        if len(pieces) > MAX_PASSAGES:
            what = f"only the first {MAX_PASSAGES} passages of the folder are known; they end in this file"
            troubles.append(Trouble(file.name, what, "leave out what the host need not know"))
            break
    return Reading(tuple(pieces[:MAX_PASSAGES]), tuple(troubles))


def _files(folder: Path) -> list[Path]:
    found = (file for file in folder.glob("*") if file.suffix.lower() in SUFFIXES and not file.name.startswith("."))
    return sorted(file for file in found if file.is_file())


async def _pages(file: Path) -> tuple[list[tuple[str, str]], str]:
    """Return the pages of a file, each with its name, and what was cut."""
    if file.suffix.lower() == ".pdf":
        found = await read_pdf(file)
        return [(f"{file.stem}, page {number}", text) for number, text in found.pages], found.cut
    text = await asyncio.to_thread(read_text, file, MAX_FILE, name=file.name)
    return [(file.stem, text)], ""


def _pieces(pages: Iterable[tuple[str, str]]) -> list[Piece]:
    return [
        Piece(PieceKind.KNOWLEDGE, passage.text, origin=passage.heading, page=name, language=language(passage.text))
        for name, text in pages
        for passage in passages(name, text)
    ]

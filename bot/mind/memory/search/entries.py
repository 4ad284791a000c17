"""How a piece is indexed: which of its words count how much, and what is embedded of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bot.mind.memory.search.index import Entry
from bot.mind.memory.search.terms import terms
from bot.mind.memory.search.vector_index import script_of
from bot.store.memory.pieces import Piece, PieceKind, guest_of

#: What the words beside the text count: the line it was taken from, the page, the day, and the neighbours on its page.
#: Chosen on five dialogues of LoCoMo; `bench/memory.py` measures the other five.
ORIGIN: Final = 0.7
PAGE: Final = 0.5
DAY: Final = 0.5
NEIGHBOURS: Final = (0.4, 0.25)

_MONTHS: Final = "January February March April May June July August September October November December".split()


def owner_of(source: str, author_id: str) -> str:
    """Return the name under which a viewer's pieces stand in the index; empty for nobody's."""
    return f"{source}\n{author_id}" if author_id else ""


def pages_of(guest: str = "") -> str:
    """Return the name under which a persona's pages stand in the index; ``guest`` is empty for the channel's own."""
    return f"\n\n{guest}"


def embedded(piece: Piece) -> str:
    """Return what is embedded of a piece: its text, and the line that it was taken from where that says more."""
    if piece.kind is PieceKind.KNOWLEDGE and piece.origin:
        return f"{piece.origin}: {piece.text}"
    return f"{piece.text} ({piece.origin})" if piece.origin and piece.origin not in piece.text else piece.text


def entries_of(pieces: Sequence[Piece]) -> list[Entry]:
    """Return the entries of pieces in their order; those that follow one another on one page lend each other words."""
    own = [terms(piece.text) for piece in pieces]
    found = []
    for at, piece in enumerate(pieces):
        parts: list[tuple[Mapping[str, float], float]] = [(own[at], 1.0)]
        if piece.origin and piece.origin != piece.text:
            parts.append((terms(piece.origin), ORIGIN))
        knows = piece.kind is PieceKind.KNOWLEDGE
        if piece.page and knows:
            parts.append((terms(piece.page), PAGE))
        if piece.at and not knows:
            parts.append((terms(day(piece.at)), DAY))
        if piece.page:
            parts += [(own[other], weight) for other, weight in _neighbours(pieces, at)]
        found.append(
            Entry(
                piece.id,
                piece.kind.value,
                pages_of(guest_of(piece.page)) if knows else owner_of(piece.source, piece.author_id),
                _sum(parts),
                script_of(embedded(piece)),
                piece.weight,
                piece.at,
            )
        )
    return found


def day(at: dt.datetime) -> str:
    """Return a day in words of English and Chinese."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year} {at.month}月{at.day}日"


def _neighbours(pieces: Sequence[Piece], at: int) -> Iterator[tuple[int, float]]:
    """Yield which pieces stand beside one on its page, each with what its words count."""
    for apart, weight in enumerate(NEIGHBOURS, 1):
        for other in (at - apart, at + apart):
            if 0 <= other < len(pieces) and _place(pieces[other]) == _place(pieces[at]):
                yield other, weight


def _place(piece: Piece) -> tuple[str, ...]:
    return piece.kind, piece.page, piece.source, piece.author_id


def _sum(parts: Iterable[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    whole: defaultdict[str, float] = defaultdict(float)
    for found, weight in parts:
        for term, count in found.items():
            whole[term] += weight * count
    return dict(whole)

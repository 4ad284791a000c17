"""The night bank: pieces that were prepared and checked while there was time, for when the model is away.

A piece is said when it never was, else when it was not for hours. It counts as said before it goes on air, durably.
The bank is one small file beside the database: at most `MOST` pieces.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bot.show.night.settings import PieceKind
from bot.store.spool import Spool
from bot.types import Retraction

#: Pieces that are kept, and the longest of them, in characters.
MOST: Final = 600
LONGEST: Final = 1200
#: What happened of late is old news after so long.
_NEWS: Final = dt.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Piece:
    """One prepared piece. ``about`` is the line that it answers, if any: source, message, author."""

    kind: PieceKind
    topic: str
    text: str
    made_at: dt.datetime
    said_at: dt.datetime | None = None
    about: tuple[str, str, str] = ("", "", "")

    @property
    def words(self) -> str:
        """What is heard of it: the text without its tag."""
        return self.text.partition("] ")[2] or self.text


class NightBank:
    """The pieces, and their file. ``file`` None keeps them in memory alone."""

    def __init__(self, file: Path | None, clock: Callable[[], dt.datetime]) -> None:
        self._spool = Spool(file, _values, _piece)
        self._clock = clock
        self.pieces: list[Piece] = []

    async def load(self) -> None:
        """Take up what an earlier run left."""
        self.pieces = (await asyncio.to_thread(self._spool.load))[-MOST:]

    async def save(self) -> None:
        """Make the pieces durable. Never raises: what cannot be written is logged."""
        await self._spool.keep(self.pieces)

    @property
    def unsaid(self) -> int:
        """How many pieces were never said."""
        return sum(piece.said_at is None for piece in self.pieces)

    def add(self, piece: Piece) -> None:
        """Keep a piece; when there is no room, what was said longest ago goes, else the oldest."""
        if len(self.pieces) >= MOST:
            far = dt.datetime.max.replace(tzinfo=dt.UTC)
            self.pieces.remove(min(self.pieces, key=lambda p: (p.said_at or far, p.made_at)))
        self.pieces.append(replace(piece, text=piece.text[:LONGEST]))

    def take(self, again_after: dt.timedelta | None) -> Piece | None:
        """Return the next piece, which counts as said now; None when there is none.

        One that was never said comes first, the oldest of them; then, where ``again_after`` is given, what was said
        longest ago, if it is so long ago.
        """
        now = self._clock()
        self.pieces = [p for p in self.pieces if p.kind is not PieceKind.RECAP or now - p.made_at < _NEWS]
        fresh = [piece for piece in self.pieces if piece.said_at is None]
        if not fresh and again_after is not None:
            said = [p for p in self.pieces if p.said_at and now - p.said_at >= again_after]
            fresh = sorted(said, key=lambda p: p.said_at or now)
        if not fresh:
            return None
        at = self.pieces.index(fresh[0])
        self.pieces[at] = replace(fresh[0], said_at=now)
        return self.pieces[at]

    def last_used(self, kind: PieceKind, topic: str) -> dt.datetime | None:
        """Return when a piece about something was made last."""
        return max((p.made_at for p in self.pieces if p.kind is kind and p.topic == topic), default=None)

    def retract(self, retraction: Retraction) -> bool:
        """Drop the answers to what was deleted; return whether there were any."""
        kept = [p for p in self.pieces if not (p.about[1] and retraction.covers(*p.about))]
        gone = len(kept) < len(self.pieces)
        self.pieces = kept
        return gone


def _values(piece: Piece) -> dict[str, Any]:
    return {
        "kind": piece.kind.value,
        "topic": piece.topic,
        "text": piece.text,
        "made_at": piece.made_at.isoformat(),
        "said_at": piece.said_at.isoformat() if piece.said_at else "",
        "about": list(piece.about),
    }


def _piece(value: dict[str, Any]) -> Piece:
    source, message, author = map(str, value["about"])
    made, said = (dt.datetime.fromisoformat(t) if t else None for t in (value["made_at"], value["said_at"]))
    if made is None or made.tzinfo is None or (said is not None and said.tzinfo is None):
        raise ValueError("a time has no zone")
    text = str(value["text"])[:LONGEST]
    return Piece(PieceKind(value["kind"]), str(value["topic"]), text, made, said, (source, message, author))

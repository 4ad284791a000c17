"""The night bank: pieces that were prepared and checked while there was time, for when the model is away.

A piece is said when it never was, else when it was not for hours. It counts as said before it goes on air, durably.
The bank is one small file beside the database: at most `MOST` pieces. What one persona prepared, no other says.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bot.runtime.signal import Signal
from bot.show.night.settings import PieceKind
from bot.store.spool import Spool
from bot.types import Retraction

#: Pieces that are kept, and the longest of them, in characters.
MOST: Final = 600
LONGEST: Final = 1200
#: The bank's file in the data folder.
FILE: Final = "night-bank.jsonl"
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
    persona: str = ""

    @property
    def id(self) -> str:
        """Return what names it: the same text at the same moment is the same piece."""
        return hashlib.sha256(f"{self.made_at.isoformat()} {self.text}".encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def words(self) -> str:
        """What is heard of it: the text without its tag."""
        return self.text.partition("] ")[2] or self.text


class NightBank:
    """The pieces, and their file. ``file`` None keeps them in memory alone."""

    def __init__(
        self, file: Path | None, clock: Callable[[], dt.datetime], persona: Callable[[], str] = lambda: ""
    ) -> None:
        """Take the file. ``persona`` tells whose pieces may be said now; no name means any."""
        self.changed = Signal()
        self._persona = persona
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
        return sum(piece.said_at is None for piece in self.own())

    def own(self) -> list[Piece]:
        """Return the pieces that the host may say: those of its persona."""
        mine = self._persona()
        return [piece for piece in self.pieces if not piece.persona or not mine or piece.persona == mine]

    def in_order(self) -> list[Piece]:
        """Return its pieces in the order of their use: what was never said, then what was said longest ago."""
        own = self.own()
        said = sorted((piece for piece in own if piece.said_at), key=lambda p: p.said_at or p.made_at)
        return [piece for piece in own if piece.said_at is None] + said

    def add(self, piece: Piece) -> None:
        """Keep a piece; when there is no room, what was said longest ago goes, else the oldest."""
        if len(self.pieces) >= MOST:
            far = dt.datetime.max.replace(tzinfo=dt.UTC)
            self.pieces.remove(min(self.pieces, key=lambda p: (p.said_at or far, p.made_at)))
        self.pieces.append(replace(piece, text=piece.text[:LONGEST], persona=self._persona()))
        self.changed.notify()

    def take(
        self, again_after: dt.timedelta | None, spoken: Callable[[Piece], bool] = lambda _: False, *, mute: bool = False
    ) -> Piece | None:
        """Return the next piece, which counts as said now; None when there is none.

        One that was never said comes first, the oldest of them; then, where ``again_after`` is given, what was said
        longest ago, if it is so long ago. Of both, what was ``spoken`` ahead comes first; while the host is ``mute``
        that alone is heard, so that it goes before all else.
        """
        now = self._clock()
        self.pieces = [p for p in self.pieces if p.kind is not PieceKind.RECAP or now - p.made_at < _NEWS]
        may = [p for p in self.in_order() if p.said_at is None or (again_after and now - p.said_at >= again_after)]
        if not may:
            return None
        # A stable order: of those that are alike in this, the first one stays the first.
        best = min(may, key=lambda p: (mute and not spoken(p), p.said_at is not None, not spoken(p)))
        at = self.pieces.index(best)
        self.pieces[at] = replace(best, said_at=now)
        self.changed.notify()
        return self.pieces[at]

    def drop(self, piece: str) -> bool:
        """Drop one piece by its id; return whether it was there."""
        kept = [one for one in self.pieces if one.id != piece]
        gone = len(kept) < len(self.pieces)
        self.pieces = kept
        self.changed.notify()
        return gone

    def last_used(self, kind: PieceKind, topic: str) -> dt.datetime | None:
        """Return when a piece about something was made last."""
        return max((p.made_at for p in self.pieces if p.kind is kind and p.topic == topic), default=None)

    async def forget(self, source: str, viewer: str) -> bool:
        """Drop the answers to a viewer, on the disk too; return whether there were any."""
        gone = self.retract(Retraction(source, author=viewer))
        if gone:
            await self.save()
        return gone

    def retract(self, retraction: Retraction) -> bool:
        """Drop the answers to what was deleted; return whether there were any."""
        kept = [p for p in self.pieces if not (p.about[1] and retraction.covers(*p.about))]
        gone = len(kept) < len(self.pieces)
        self.pieces = kept
        if gone:
            self.changed.notify()
        return gone


def _values(piece: Piece) -> dict[str, Any]:
    return {
        "kind": piece.kind.value,
        "topic": piece.topic,
        "text": piece.text,
        "made_at": piece.made_at.isoformat(),
        "said_at": piece.said_at.isoformat() if piece.said_at else "",
        "about": list(piece.about),
        "persona": piece.persona,
    }


def _piece(value: dict[str, Any]) -> Piece:
    source, message, author = map(str, value["about"])
    made, said = (dt.datetime.fromisoformat(t) if t else None for t in (value["made_at"], value["said_at"]))
    if made is None or made.tzinfo is None or (said is not None and said.tzinfo is None):
        raise ValueError("a time has no zone")
    text = str(value["text"])[:LONGEST]
    about, persona = (source, message, author), str(value.get("persona", ""))
    return Piece(PieceKind(value["kind"]), str(value["topic"]), text, made, said, about, persona)

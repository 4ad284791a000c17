"""The night bank as an operator sees it and orders it."""

from __future__ import annotations

from collections import Counter

from loguru import logger

from bot.control.schemas.night import NightKind, NightPiece, NightView
from bot.control.schemas.panel import Done
from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.show.night.accord import OwnAccord
from bot.show.night.bank import Piece
from bot.show.night.settings import PieceKind, Talkativeness
from bot.text.sanitize import fit

#: Pieces that are listed, and how much of each, in characters.
MAX_PIECES, MAX_WORDS = 600, 300


class NightControls:
    """What may be ordered of the night bank; without one every order is refused."""

    def __init__(self, night: OwnAccord | None) -> None:
        self.changed = night.bank.changed if night else Signal()
        self._night = night

    def _need(self) -> OwnAccord:
        if self._night is None:
            raise Refused("there is no night bank", remedy="See docs/night.md.")
        return self._night

    async def drop(self, piece: str) -> Done:
        """Drop one piece, with its sound. Raises `Refused`."""
        ok = await self._need().drop(piece)
        if ok:
            logger.info("by the operator: a piece of the night bank is dropped")
        return Done(ok=ok, detail="dropped" if ok else "it is not in the bank any more")

    def draft(self) -> Done:
        """Order a piece that is drafted at once. Raises `Refused`."""
        self._need().draft_now()
        return Done(ok=True, detail="a piece is drafted as soon as nobody waits for the model")

    def state(self) -> NightView | None:
        """Return how the bank stands; None where the host never speaks unasked and nothing is kept."""
        night = self._night
        if night is None or (night.settings.talkativeness is Talkativeness.SILENT and not night.bank.pieces):
            return None
        own = night.bank.own()
        all_of = Counter(piece.kind for piece in own)
        unsaid = Counter(piece.kind for piece in own if piece.said_at is None)
        said = [piece for piece in own if piece.said_at]
        last = max(said, key=lambda p: p.said_at or p.made_at, default=None)
        ahead = night.ahead
        return NightView(
            talks=night.settings.talkativeness,
            away=night.away,
            mute=ahead is not None and ahead.mute,
            pieces=len(own),
            unsaid=unsaid.total(),
            spoken=ahead.ready if ahead else 0,
            ahead=night.settings.ahead if ahead else 0,
            seconds=round(ahead.seconds, 1) if ahead else 0.0,
            kinds=[NightKind(kind=k, pieces=all_of[k], unsaid=unsaid[k]) for k in PieceKind if all_of[k]],
            last=self._piece(last) if last else None,
            draft=night.draft,
        )

    def pieces(self) -> list[NightPiece]:
        """Return the pieces in the order of their use."""
        return [] if self._night is None else [self._piece(p) for p in self._night.bank.in_order()[:MAX_PIECES]]

    def _piece(self, piece: Piece) -> NightPiece:
        ahead = self._night.ahead if self._night else None
        return NightPiece(
            piece=piece.id, kind=piece.kind, words=fit(piece.words, MAX_WORDS), made_at=piece.made_at,
            said_at=piece.said_at, spoken=ahead is not None and ahead.spoken(piece),
        )  # fmt: skip

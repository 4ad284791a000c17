"""What the panel gets and orders of the night bank."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import StringConstraints

from bot.show.night.settings import DraftState, PieceKind, Talkativeness
from bot.stage.protocol import Model


class DropPieceIn(Model):
    """``POST /api/night/drop``: drop one piece of the bank."""

    piece: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class NightKind(Model):
    """How many pieces of a kind there are, and how many of them were never said."""

    kind: PieceKind
    pieces: int
    unsaid: int


class NightPiece(Model):
    """One piece; ``spoken`` when its sound is there too."""

    piece: str
    kind: PieceKind
    words: str
    made_at: dt.datetime
    said_at: dt.datetime | None
    spoken: bool


class NightView(Model):
    """``GET /api/night``; ``spoken`` pieces of ``ahead`` are there as sound too, ``seconds`` of it in all.

    ``away``: no model answers. ``mute``: no voice does. ``last`` is the piece that was used last.
    """

    talks: Talkativeness
    away: bool
    mute: bool
    pieces: int
    unsaid: int
    spoken: int
    ahead: int
    seconds: float
    kinds: list[NightKind]
    last: NightPiece | None
    draft: DraftState

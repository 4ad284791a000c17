"""The tables of what the host remembers, and of what it spent."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, Index, String, UniqueConstraint
from sqlalchemy.types import LargeBinary, Text
from sqlmodel import Field

from bot.store.tables import KEY, NAME, WORD, RowId, Table, Utc

_Word, _Key, _Name = String(WORD), String(KEY), String(NAME)


class MemoryPiece(Table, table=True):
    """One thing that the host remembers; see `bot.store.memory.pieces.Piece` for what each column means.

    ``digest`` is a hash of the text without case, spaces and marks: two that say the same have the same.
    """

    __tablename__ = "memory_piece"
    __table_args__ = (
        Index("memory_piece_by_viewer", "source", "author_id"),
        Index("memory_piece_by_kind", "kind", "state"),
        Index("memory_piece_by_digest", "digest"),
        # No number is given twice: an index in memory must never take a new piece for one that was forgotten.
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    kind: str = Field(sa_type=_Word)
    state: str = Field(sa_type=_Word)
    source: str = Field(sa_type=_Key)
    author_id: str = Field(sa_type=_Key)
    slot: str = Field(sa_type=_Word)
    text: str = Field(sa_type=Text)
    digest: str = Field(sa_type=_Word)
    origin: str = Field(sa_type=Text)
    page: str = Field(sa_type=_Name)
    language: str = Field(sa_type=_Word)
    turn: str = Field(sa_type=_Key)
    weight: float
    uses: int
    at: dt.datetime = Field(sa_type=Utc)
    used_at: dt.datetime = Field(sa_type=Utc)
    due_at: dt.datetime | None = Field(default=None, sa_type=Utc)


class MemoryOrigin(Table, table=True):
    """A turn that a piece was made of, and whose words were in it; either may be empty.

    ``author_hash`` is the pseudonym of the logs: who never asked to be remembered leaves no id here, and can yet be
    forgotten long after the chat itself is gone.
    """

    __tablename__ = "memory_origin"
    __table_args__ = (
        Index("memory_origin_by_piece", "piece"),
        Index("memory_origin_by_turn", "turn"),
        Index("memory_origin_by_author", "author_hash"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    piece: int = Field(sa_type=RowId)
    turn: str = Field(sa_type=_Key)
    author_hash: str = Field(sa_type=_Word)


class MemoryVector(Table, table=True):
    """The vector of a piece: ``dimensions`` numbers of float16, made by ``embedder``."""

    __tablename__ = "memory_vector"
    __table_args__ = (Index("memory_vector_by_embedder", "embedder"),)

    piece: int = Field(sa_type=RowId, primary_key=True)
    embedder: str = Field(sa_type=_Key)
    dimensions: int
    vector: bytes = Field(sa_type=LargeBinary)


class MemoryViewer(Table, table=True):
    """A viewer who asked to be remembered.

    ``person`` is one for all linked accounts; ``name`` the last one that was fit to be said; ``visits`` the days on
    which they came.
    """

    __tablename__ = "memory_viewer"
    __table_args__ = (
        UniqueConstraint("source", "author_id", name="memory_viewer_once"),
        Index("memory_viewer_by_person", "person"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    source: str = Field(sa_type=_Key)
    author_id: str = Field(sa_type=_Key)
    person: str = Field(sa_type=_Key)
    name: str = Field(sa_type=_Name)
    visits: int
    since: dt.datetime = Field(sa_type=Utc)
    seen_at: dt.datetime = Field(sa_type=Utc)


class Spend(Table, table=True):
    """What one link cost on one day of one stream. ``micros`` are millionths of a US dollar."""

    __tablename__ = "spend"
    __table_args__ = (
        UniqueConstraint("day", "stream", "link", "model", "purpose", name="spend_once"),
        Index("spend_by_day", "day"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    day: dt.date = Field(sa_type=Date)
    stream: str = Field(sa_type=_Key)
    link: str = Field(sa_type=_Key)
    model: str = Field(sa_type=_Name)
    purpose: str = Field(sa_type=_Word)
    calls: int
    prompt: int = Field(sa_type=RowId)
    completion: int = Field(sa_type=RowId)
    characters: int = Field(sa_type=RowId)
    micros: int = Field(sa_type=RowId)

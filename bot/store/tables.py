"""The tables of the store. Wall-clock time stands here and in logs alone, always in UTC."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Integer, MetaData, UniqueConstraint
from sqlalchemy.types import JSON, LargeBinary, String, Text, TypeDecorator
from sqlmodel import Field, SQLModel


class PaidState(StrEnum):
    """Where a paid event stands. The last two are its end."""

    PENDING = "pending"
    ANSWERING = "answering"
    ACKNOWLEDGED = "acknowledged"
    DROPPED = "dropped"


class TurnState(StrEnum):
    """Where an utterance stands. The first two are alive, the others are its end."""

    ACCEPTED = "accepted"
    PLAYING = "playing"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    EXPIRED = "expired"
    FAILED = "failed"


class RunState(StrEnum):
    """Where a run of a segment stands. The first two are alive, the others are its end."""

    WAITING = "waiting"
    ON_AIR = "on air"
    DONE = "done"
    CUT = "cut"  # ended before its end
    SKIPPED = "skipped"
    MISSED = "missed"


class RunPhase(StrEnum):
    """What a segment on air is at."""

    OPENING = "opening"
    BODY = "body"
    CLOSING = "closing"


LIVE = (TurnState.ACCEPTED, TurnState.PLAYING)
SETTLED = (PaidState.ACKNOWLEDGED, PaidState.DROPPED)


class Utc(TypeDecorator[dt.datetime]):
    """A moment with its zone: UTC on the way in and on the way out (SQLite itself keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse a moment without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the store needs its zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Return it with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


#: A row number: 64 bits on PostgreSQL; SQLite counts up by itself only for the type INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")

#: Lengths in characters. What is longer is shortened by the ledger, never refused by the database.
WORD, KEY, NAME = 32, 200, 200

_Word, _Key, _Name = String(WORD), String(KEY), String(NAME)


class Table(SQLModel):
    """Root of the tables, with a list of our own: what others define with SQLModel stays out of it."""

    metadata = MetaData()


class PaidEvent(Table, table=True):
    """Something that a viewer paid for: one row, however often the platform tells us."""

    __tablename__ = "paid_event"
    __table_args__ = (
        UniqueConstraint("source", "message_id", name="paid_event_once"),
        Index("paid_event_by_state", "state", "id"),
        Index("paid_event_by_turn", "turn"),
        Index("paid_event_by_author", "author_id"),
        Index("paid_event_by_pair", "pair"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    source: str = Field(sa_type=_Key)
    message_id: str = Field(sa_type=_Key)
    author_id: str = Field(sa_type=_Key)
    author_name: str = Field(sa_type=_Name)
    text: str = Field(sa_type=Text)
    kind: str = Field(sa_type=_Word)
    minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(sa_type=_Word)
    received_at: dt.datetime = Field(sa_type=Utc)
    state: str = Field(sa_type=_Word)
    settled_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    turn: str | None = Field(default=None, sa_type=_Key)
    attempts: int
    note: str = Field(sa_type=Text)
    event: str = Field(sa_type=_Name)
    pair: str = Field(sa_type=_Key)
    evidence: dict[str, Any] = Field(sa_type=JSON)


class PaidTwin(Table, table=True):
    """A second event that told of a payment which `PaidEvent` holds already."""

    __tablename__ = "paid_twin"
    __table_args__ = (
        UniqueConstraint("source", "message_id", name="paid_twin_once"),
        Index("paid_twin_of_paid", "paid_id"),
        Index("paid_twin_by_time", "received_at"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    source: str = Field(sa_type=_Key)
    message_id: str = Field(sa_type=_Key)
    event: str = Field(sa_type=_Name)
    paid_id: int = Field(sa_type=BigInteger)
    received_at: dt.datetime = Field(sa_type=Utc)


class Utterance(Table, table=True):
    """One thing that the host said, or meant to say: what was planned, and what was heard of it.

    ``withdrawn`` keeps it out of the history: what it answered was deleted.
    """

    __tablename__ = "utterance"
    __table_args__ = (
        UniqueConstraint("turn", name="utterance_once"),
        Index("utterance_by_state", "state"),
        Index("utterance_by_start", "started_at"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    turn: str = Field(sa_type=_Key)
    epoch: int = Field(sa_type=BigInteger)
    purpose: str = Field(sa_type=_Word)
    state: str = Field(sa_type=_Word)
    planned: str = Field(sa_type=Text)
    heard: str = Field(sa_type=Text)
    withdrawn: bool
    started_at: dt.datetime = Field(sa_type=Utc)
    ended_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    timings: dict[str, float] = Field(sa_type=JSON)


class Asked(Table, table=True):
    """A viewer's words that an utterance answers; deleted together with the raw chat."""

    __tablename__ = "asked"
    __table_args__ = (Index("asked_by_turn", "turn"), Index("asked_by_author", "author_id"))

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    turn: str = Field(sa_type=_Key, foreign_key="utterance.turn", ondelete="CASCADE")
    source: str = Field(sa_type=_Key)
    message_id: str = Field(sa_type=_Key)
    author_id: str = Field(sa_type=_Key)
    author_name: str = Field(sa_type=_Name)
    text: str = Field(sa_type=Text)


class ChatLine(Table, table=True):
    """A line of chat as it came; deleted after a day."""

    __tablename__ = "chat_line"
    __table_args__ = (Index("chat_line_by_time", "at"), Index("chat_line_by_author", "author_id"))

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    source: str = Field(sa_type=_Key)
    message_id: str = Field(sa_type=_Key)
    author_id: str = Field(sa_type=_Key)
    author_name: str = Field(sa_type=_Name)
    text: str = Field(sa_type=Text)
    kind: str = Field(sa_type=_Word)
    action: str = Field(sa_type=_Word)
    at: dt.datetime = Field(sa_type=Utc)


class Outcome(Table, table=True):
    """What became of a message, and why. Whose it was stands here as a keyed hash alone."""

    __tablename__ = "outcome"
    __table_args__ = (Index("outcome_by_time", "at"), Index("outcome_by_author", "author_hash"))

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    source: str = Field(sa_type=_Key)
    message_id: str = Field(sa_type=_Key)
    author_hash: str = Field(sa_type=_Word)
    kind: str = Field(sa_type=_Word)
    outcome: str = Field(sa_type=_Word)
    reason: str = Field(sa_type=Text)
    at: dt.datetime = Field(sa_type=Utc)


class ProgrammeRun(Table, table=True):
    """One run of a segment of the programme. ``turn`` is the turn that opens or closes it.

    ``aired_s`` are the seconds that it was on air.
    """

    __tablename__ = "programme_run"
    __table_args__ = (
        UniqueConstraint("run", name="programme_run_once"),
        Index("programme_run_by_state", "state"),
        Index("programme_run_by_due", "due_at"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    run: str = Field(sa_type=_Key)
    segment: str = Field(sa_type=_Key)
    cause: str = Field(sa_type=_Name)
    state: str = Field(sa_type=_Word)
    phase: str = Field(sa_type=_Word)
    turn: str = Field(sa_type=_Key)
    note: str = Field(sa_type=Text)
    aired_s: float
    due_at: dt.datetime = Field(sa_type=Utc)
    started_at: dt.datetime | None = Field(default=None, sa_type=Utc)
    ended_at: dt.datetime | None = Field(default=None, sa_type=Utc)


class ProgrammeMemory(Table, table=True):
    """What a segment remembers from run to run, and how the programme itself stands."""

    __tablename__ = "programme_memory"

    name: str = Field(sa_type=_Key, primary_key=True)
    value: dict[str, Any] = Field(sa_type=JSON)
    at: dt.datetime = Field(sa_type=Utc)


class Secret(Table, table=True):
    """A value that was made here and never leaves: the key of the pseudonyms, and the last run's first epoch."""

    __tablename__ = "secret"

    name: str = Field(sa_type=_Word, primary_key=True)
    value: bytes = Field(sa_type=LargeBinary)

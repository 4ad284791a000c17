"""The vocabulary of what the host remembers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class PieceKind(StrEnum):
    """What a remembered piece is."""

    VIEWER = "viewer"  # of one viewer who asked to be remembered
    CANON = "canon"  # what the host said of itself and of its world
    EPISODE = "episode"  # what happened in a show
    GAG = "gag"  # a running joke
    PROMISE = "promise"  # what the host promised or bet, to whom, due when
    SUMMARY = "summary"  # what left the window of the conversation
    KNOWLEDGE = "knowledge"  # a passage of the persona's pages


class PieceState(StrEnum):
    """Where a piece stands. Only the first one is used; a promise ends as kept or excused."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"  # a newer one of its slot took its place
    ARCHIVED = "archived"  # unused for long
    KEPT = "kept"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A viewer of one source, by the platform's id."""

    source: str
    author_id: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """A viewer who asked to be remembered. ``person`` is one for all linked accounts, ``visits`` are days."""

    source: str
    author_id: str
    person: str
    name: str
    visits: int
    since: dt.datetime
    seen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that is remembered.

    ``source`` and ``author_id`` are the viewer whom it is about (or who was promised something); empty: nobody.
    ``slot`` names what it answers ("home", "pet", "job"): a newer piece of the same owner, kind and slot takes its
    place. ``text`` is the fact, ``origin`` the line that it was taken from, both at most a few hundred characters.
    ``page`` is the page of knowledge (see `guest_page`), or the persona who said it of itself. ``turn`` is the turn
    that was heard when it came about. ``weight`` is its importance from 0 to 1. ``id`` is 0 until it is stored.

    ``turns`` are further turns and ``about`` further viewers that it was made of, as for a summary of several: when one
    of them is forgotten or taken back, the piece goes. Both are only written, never read back.
    """

    kind: PieceKind
    text: str
    source: str = ""
    author_id: str = ""
    slot: str = ""
    origin: str = ""
    page: str = ""
    language: str = "en"
    turn: str = ""
    weight: float = 0.5
    uses: int = 0
    state: PieceState = PieceState.ACTIVE
    at: dt.datetime | None = None
    used_at: dt.datetime | None = None
    due_at: dt.datetime | None = None
    id: int = 0
    turns: tuple[str, ...] = ()
    about: tuple[Viewer, ...] = ()


def guest_page(guest: str, page: str) -> str:
    """Return the name of a page of another persona than the channel's own: "guest/page". No file's name has a slash."""
    return f"{guest}/{page}"


def guest_of(page: str) -> str:
    """Return whose page it is; empty for the channel's own persona."""
    return page.partition("/")[0] if "/" in page else ""

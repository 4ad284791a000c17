"""What the ledger gives back, and how a message becomes rows and again a message.

What a stranger sent is made to fit here: ids, names and texts of any length and any content.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from bot.store.tables import KEY, NAME, PaidState
from bot.text.sanitize import fit
from bot.types import Author, Evidence, Kind, Message, Money

#: Longest text that is kept of one message or utterance, in characters.
MAX_TEXT = 4000


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A viewer's line as it was answered. ``id`` is the message's, unique within ``source``."""

    id: str
    author_id: str
    name: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn of which something was heard. ``asked`` is empty once the raw chat was purged."""

    turn: str
    asked: tuple[AskedLine, ...]
    heard: str
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """A turn that a crash left open, closed as interrupted."""

    turn: str
    purpose: str
    heard: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """What an earlier run left: the turns that were closed, and the paid events still to be thanked for."""

    closed: tuple[Closed, ...]
    pending: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """A paid event that was not acknowledged. A dropped one waits for a person; ``note`` says why."""

    message: Message
    state: PaidState
    attempts: int
    received_at: dt.datetime
    note: str


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """What became of one message. ``author`` is the keyed hash of `bot.store.database.Store.pseudonym`."""

    source: str
    id: str
    author: str
    kind: str
    outcome: str
    reason: str
    at: dt.datetime


def to_message(row: Any) -> Message:
    """Build a paid event's message; it arrived by the clock of another run, so ``at`` is 0."""
    amount = None if row.minor is None else Money(row.minor, row.currency)
    author = Author(row.author_id, row.author_name)
    evidence = _evidence(row.evidence) if row.evidence else None
    return Message(row.message_id, row.source, author, row.text, Kind(row.kind), amount, evidence=evidence)


def attested(message: Message) -> dict[str, Any]:
    """Return the columns that say what a platform attests of a payment."""
    e = message.evidence
    if e is None:
        return {"event": "", "pair": "", "evidence": {}}
    plain = {k: fit(v, MAX_TEXT) if isinstance(v, str) else v for k, v in asdict(e).items()}
    return {"event": fit(e.event, NAME), "pair": key(e.pair), "evidence": plain}


def _evidence(stored: dict[str, Any]) -> Evidence | None:
    """Read evidence back; what an older or newer Haishin wrote otherwise counts as none."""
    try:
        units = Money(**stored["units"]) if stored.get("units") else None
        return Evidence(**{**stored, "units": units})
    except (TypeError, KeyError):
        return None


def identity(message: Message) -> dict[str, str]:
    """Return the columns that say which message it is, and whose."""
    return {
        "source": key(message.source),
        "message_id": key(message.id),
        "author_id": key(message.author.id),
        "author_name": fit(message.author.name, NAME),
    }


def key(text: str) -> str:
    """Make an id fit its column. A long one ends in a hash, so that two that begin alike stay two."""
    clean = fit(text, len(text) + 1)
    if len(clean) <= KEY:
        return clean
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{clean[: KEY - len(digest) - 1]}~{digest}"

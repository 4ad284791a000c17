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
class Settlement:
    """How a payment ended: ``answered``, or put aside for a person with the reason in words.

    ``source`` and ``message_id`` are as `identity` gives them.
    """

    source: str
    message_id: str
    reason: str
    answered: bool


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


def message_values(message: Message) -> dict[str, Any]:
    """Return a message as plain values for a file; see `message_from`."""
    return {
        "source": message.source,
        "id": message.id,
        "author": {"id": message.author.id, "name": message.author.name},
        "text": message.text,
        "kind": message.kind.value,
        "amount": None if message.amount is None else asdict(message.amount),
        "evidence": None if message.evidence is None else asdict(message.evidence),
    }


def message_from(values: dict[str, Any]) -> Message:
    """Read a message back; it arrived by the clock of another run, so ``at`` is 0.

    Raises `KeyError`, `TypeError` or `ValueError` when the values are not those of `message_values`.
    """
    amount, evidence = values["amount"], values["evidence"]
    return Message(
        str(values["id"]),
        str(values["source"]),
        Author(str(values["author"]["id"]), str(values["author"]["name"])),
        str(values["text"]),
        Kind(values["kind"]),
        None if amount is None else Money(int(amount["minor"]), str(amount["currency"])),
        evidence=None if evidence is None else _evidence(evidence),
    )

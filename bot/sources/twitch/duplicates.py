"""Payments and lines that Twitch reports more than once.

A cheer arrives as a line of the chat, as used bits and as a cheer; a subscription as a notice in the
chat and as an event of the account. The events have no common id, but they agree in the viewer, the amount
and the words, so the keys are made of these (`bot.types.Evidence.pair`).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

#: The number of lines that are remembered with their repetitions.
MAX_REMEMBERED = 1000


def _digest(text: str) -> str:
    squeezed = " ".join(text.split())
    return hashlib.blake2b(squeezed.encode("utf-8", "replace"), digest_size=4).hexdigest()


def bits(user: str, n: int | None, text: str | None) -> str:
    """Return the key of a payment in bits; empty when the viewer, the amount or the words are not known."""
    return f"bits:{user}:{n}:{_digest(text)}" if user and n and text is not None else ""


def sub(user: str) -> str:
    """Return the key of a first subscription, or of one that was a gift or Prime before."""
    return f"sub:{user}" if user else ""


def resub(user: str, months: int | None) -> str:
    """Return the key of a subscription that goes on, made of the months in the event: it is paid for once."""
    return f"resub:{user}:{months}" if user and months else ""


def gift(user: str, tier: str, total: int | None) -> str:
    """Return the key of subscriptions that are given together."""
    return f"gift:{user}:{tier}:{total}" if user and tier and total else ""


def raid(user: str) -> str:
    """Return the key of a raid, made of its leader."""
    return f"raid:{user}" if user else ""


class DuplicateWords:
    """Remember which messages have the same words, so that a deletion in the chat takes back all of them.

    A moderator deletes a line of the chat, but the same words came as a cheer or a redemption too.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._words: dict[str, str] = {}

    def remember(self, user: str, text: str, message_id: str) -> None:
        """Remember that a message has these words of this viewer."""
        if not text or not user:
            return
        words = f"{user}:{_digest(text)}"
        ids = self._ids.pop(words, ())
        self._ids[words] = ids if message_id in ids else (*ids, message_id)[-8:]
        self._words[message_id] = words
        for gone in set(ids) - set(self._ids[words]):
            self._words.pop(gone, None)
        while len(self._ids) > MAX_REMEMBERED:
            _, old = self._ids.popitem(last=False)
            for gone in old:
                self._words.pop(gone, None)

    def other_ids(self, message_id: str) -> list[str]:
        """Return the ids of the other messages with the same words of the same viewer."""
        ids = self._ids.get(self._words.get(message_id, ""), ())
        return [other for other in ids if other != message_id]

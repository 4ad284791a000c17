"""Payments, and lines, that Twitch tells of more than once.

A cheer arrives as a line of the chat, as used bits and as a cheer; a subscription as a notice in the
chat and as an event of the account. The events carry no common id, but they agree in who, how much
and what was written: of these the keys are made (`bot.types.Evidence.pair`).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

#: Lines that are remembered together with their repetitions.
MAX_REMEMBERED = 1000


def _digest(text: str) -> str:
    squeezed = " ".join(text.split())
    return hashlib.blake2b(squeezed.encode("utf-8", "replace"), digest_size=4).hexdigest()


def bits(user: str, n: int | None, text: str | None) -> str:
    """Name a payment in bits; no name when it is not known who paid, how much or with which words."""
    return f"bits:{user}:{n}:{_digest(text)}" if user and n and text is not None else ""


def sub(user: str) -> str:
    """Name a first subscription, or a change from a gift or from Prime to one's own money."""
    return f"sub:{user}" if user else ""


def resub(user: str, months: int | None) -> str:
    """Name a subscription that goes on, by the months that are told of."""
    return f"resub:{user}:{months}" if user and months else ""


def gift(user: str, tier: str, total: int | None) -> str:
    """Name subscriptions that are given at once."""
    return f"gift:{user}:{tier}:{total}" if user and tier and total else ""


def raid(user: str) -> str:
    """Name a raid by who leads it."""
    return f"raid:{user}" if user else ""


class DuplicateWords:
    """Remembers which messages repeat the words of which, so that a deletion in the chat takes back all of them.

    A moderator deletes a line of the chat; the same words came as a cheer or a redemption too.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._words: dict[str, str] = {}

    def remember(self, user: str, text: str, message_id: str) -> None:
        """Remember that a message carries these words of this viewer."""
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

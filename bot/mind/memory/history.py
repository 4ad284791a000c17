"""Keep the rolling history: what was asked and what the audience really heard, within a budget of tokens."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from bot.text.scripts import is_east_asian
from bot.types import AskedLine, Exchange, Message, Retraction, Spoken

#: Exchanges kept at most; the budget of the prompt is nearly always reached first.
MAX_EXCHANGES = 200
#: The source of what the streamer says; no platform has this name.
STREAMER = "streamer"


def estimate_tokens(text: str) -> int:
    """Estimate tokens without a tokenizer: East Asian characters 1 each, other text 1 for each 3.5 characters.

    Measured against Qwen2.5's tokenizer these are on the high side, so a budget is kept.
    """
    wide = sum(map(is_east_asian, text))
    return wide + int((len(text) - wide) / 3.5) + 4


def cost(exchange: Exchange) -> int:
    """Return the tokens that an exchange takes in a prompt."""
    asked = sum(estimate_tokens(a.text) + estimate_tokens(a.name) for a in exchange.asked)
    return estimate_tokens(exchange.heard) + asked


class History:
    """Exchanges, oldest first. Only `commit` adds to it, and only what was heard is committed."""

    def __init__(self, exchanges: Iterable[Exchange] = ()) -> None:
        self._exchanges: deque[Exchange] = deque(exchanges, maxlen=MAX_EXCHANGES)

    def __len__(self) -> int:
        return len(self._exchanges)

    def commit(self, spoken: Spoken, messages: Iterable[Message]) -> None:
        """Add a turn; a turn of which nothing was heard is not added."""
        if spoken.text:
            asked = tuple(AskedLine(m.id, m.author.id, m.author.name, m.text, m.source) for m in messages)
            self._exchanges.append(Exchange(spoken.turn, asked, spoken.text, spoken.interrupted))

    def retract(self, retraction: Retraction) -> int:
        """Remove the exchanges that a deleted message or a banned viewer caused; return how many."""
        kept = [e for e in self._exchanges if not any(retraction.covers(a.source, a.id, a.author_id) for a in e.asked)]
        gone = len(self._exchanges) - len(kept)
        self._exchanges = deque(kept, maxlen=MAX_EXCHANGES)
        return gone

    def latest(self, budget: int) -> list[Exchange]:
        """Return the latest exchanges that fit into ``budget`` tokens, oldest first."""
        taken: list[Exchange] = []
        for exchange in reversed(self._exchanges):
            budget -= cost(exchange)
            if budget < 0:
                break
            taken.append(exchange)
        return taken[::-1]

"""Keep the rolling history: what was asked and what the audience really heard, within a budget of tokens."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from bot.text.scripts import is_east_asian
from bot.types import AskedLine, Exchange, Message, Retraction, Spoken

#: Exchanges kept at most; the budget of the prompt is nearly always reached first.
MAX_EXCHANGES = 200
#: Summaries of what left the window of the prompt; the oldest goes, its show has an episode then.
MAX_SUMMARIES = 4
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


@dataclass(frozen=True, slots=True)
class Summary:
    """What some exchanges said in short, and which they were: what is taken back of them takes it along.

    ``last`` is the turn up to which it tells. One that was made before a restart knows its exchanges no more.
    """

    text: str
    of: tuple[Exchange, ...]
    last: str


class History:
    """Exchanges, oldest first. Only `commit` adds to it, and only what was heard is committed.

    ``summaries`` tell in short what is older than the window of the prompt, oldest first.
    """

    def __init__(self, exchanges: Iterable[Exchange] = ()) -> None:
        self._exchanges: deque[Exchange] = deque(exchanges, maxlen=MAX_EXCHANGES)
        self.summaries: deque[Summary] = deque(maxlen=MAX_SUMMARIES)

    def __len__(self) -> int:
        return len(self._exchanges)

    def commit(self, spoken: Spoken, messages: Iterable[Message]) -> None:
        """Add a turn; a turn of which nothing was heard is not added."""
        if spoken.text:
            asked = tuple(AskedLine(m.id, m.author.id, m.author.name, m.text, m.source) for m in messages)
            self._exchanges.append(Exchange(spoken.turn, asked, spoken.text, spoken.interrupted))

    def expecting(self, spoken: Spoken, messages: Iterable[Message]) -> History:
        """Return a copy to which a turn was added that is still being heard."""
        coming = History(self._exchanges)
        coming.summaries = self.summaries.copy()
        coming.commit(spoken, messages)
        return coming

    def retract(self, retraction: Retraction) -> int:
        """Remove the exchanges that a deleted message or a banned viewer caused, and their summaries.

        A summary that does not know of what it was made goes with any of them. Return how many exchanges.
        """
        kept = [e for e in self._exchanges if not covers(retraction, e)]
        gone = len(self._exchanges) - len(kept)
        left = [s for s in self.summaries if s.of and not any(covers(retraction, e) for e in s.of)]
        self.summaries = deque(left, maxlen=MAX_SUMMARIES)
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

    def left(self, kept_from: str) -> list[Exchange]:
        """Return the exchanges before the turn ``kept_from``, the first of the window, that no summary tells of yet."""
        turns = [exchange.turn for exchange in self._exchanges]
        if kept_from not in turns:
            return []
        begin = max((turns.index(s.last) + 1 for s in self.summaries if s.last in turns), default=0)
        return list(self._exchanges)[begin : turns.index(kept_from)]


def covers(retraction: Retraction, exchange: Exchange) -> bool:
    """Return whether a deletion takes back a line that an exchange answered."""
    return any(retraction.covers(asked.source, asked.id, asked.author_id) for asked in exchange.asked)

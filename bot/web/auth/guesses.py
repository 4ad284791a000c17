"""Wrong tokens: each client may be wrong a few times, then its refusals come later and later; the log says so."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from loguru import logger

#: So many wrong tokens of a client within `FORGET_S` are answered at once: a page with an old address tries again.
FREE = 20
FORGET_S = 60.0
#: The first delay, which doubles with each further wrong token, and the longest one.
DELAY_S, MAX_DELAY_S = 0.1, 2.0
#: Refusals that wait at once. Beyond this they are answered without a delay: connections are worth more.
MAX_WAITING = 50
#: Clients that are remembered; the one whose last guess is the longest ago goes first.
MAX_CLIENTS = 1000
LOG_EVERY_S = 60.0


@dataclass(slots=True)
class _Client:
    wrong: int = 0
    last: float = 0.0
    logged: float = float("-inf")


class Guesses:
    """Counts wrong tokens by client. A right token is never delayed, also while others guess."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._clients: OrderedDict[str, _Client] = OrderedDict()
        self._waiting = 0

    async def wrong(self, client: str) -> bool:
        """Note a wrong token and wait as long as it deserves. Return False when too many wait already."""
        delay = self._note(client)
        if not delay:
            return True
        if self._waiting >= MAX_WAITING:
            return False
        self._waiting += 1
        try:
            await asyncio.sleep(delay)
        finally:
            self._waiting -= 1
        return True

    def _note(self, client: str) -> float:
        now = self._clock()
        known = self._clients.setdefault(client, _Client())
        self._clients.move_to_end(client)
        while len(self._clients) > MAX_CLIENTS:
            self._clients.popitem(last=False)
        if now - known.last > FORGET_S:
            known.wrong = 0
        known.wrong += 1
        known.last = now
        if known.wrong > FREE and now - known.logged >= LOG_EVERY_S:
            known.logged = now
            logger.warning("{} wrong keys to the pages from {}: somebody may be guessing", known.wrong, client)
        elif known.wrong == 1:
            logger.info("a wrong key to the pages from {}", client)
        over = known.wrong - FREE
        return 0.0 if over <= 0 else min(MAX_DELAY_S, DELAY_S * 2 ** min(10, over - 1))

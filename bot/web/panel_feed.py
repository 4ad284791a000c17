"""What the open control rooms are told: the state is built and written out once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from bot.control.schemas.panel import PanelState
from bot.runtime.signal import Signal

#: The control rooms are told of changes at most this often, and when nothing changes this often, in seconds.
EVERY_S, IDLE_S = 0.2, 1.0


class PanelFeed:
    """The latest state as text. ``state`` builds it; ``changed`` says that it may have become another one.

    All readers share one text, which is at most `EVERY_S` old when it is sent. Nothing is built while nobody reads.
    """

    def __init__(self, state: Callable[[], PanelState], changed: Signal) -> None:
        self._state = state
        self._changed = changed
        self._text = ""
        self._built_at = float("-inf")
        #: How many texts were built; the last of them is the current one.
        self.built = 0

    async def follow(self) -> AsyncIterator[str]:
        """Yield the state now, after each change, and once a second."""
        seen = 0
        while True:
            await asyncio.sleep(max(0.0, self._built_at + EVERY_S - self._now()))
            if self._now() - self._built_at >= EVERY_S:
                self._build()
            if seen != self.built:
                seen = self.built
                yield self._text
            await self._changed.wait(max(0.0, self._built_at + IDLE_S - self._now()))

    def _build(self) -> None:
        self._text = self._state().model_dump_json()
        self._built_at = self._now()
        self.built += 1

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

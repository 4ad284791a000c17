"""Keeps the running gags of the show: what the host said once and the chat will not let go of."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from loguru import logger

from bot.errors import HaishinError
from bot.mind.memory.gags import GagSpotter
from bot.runtime.signal import Signal
from bot.show.observer import Observer
from bot.show.turn import FinishedTurn
from bot.store.memory.pieces import Piece, PieceKind
from bot.store.memory.store import MemoryStore
from bot.text.scripts import language
from bot.types import TurnKind

#: Gags that wait to be written.
_WAITING = 20


class RunningGags(Observer):
    """Listens to turns that are over. ``passes`` says whether moderation lets a text be said."""

    def __init__(
        self, memory: MemoryStore, *, passes: Callable[[str], Awaitable[bool]], enabled: Callable[[], bool]
    ) -> None:
        self._memory = memory
        self._passes = passes
        self._enabled = enabled
        self._spotter = GagSpotter()
        self._new: deque[tuple[str, str]] = deque(maxlen=_WAITING)
        self._found = Signal()

    def turn_over(self, turn: FinishedTurn) -> None:
        """Look for what came back in a turn of which something was heard."""
        if not turn.text or not self._enabled() or turn.plan.reads_out:
            return
        now = asyncio.get_running_loop().time()
        for message in turn.plan.asked:
            if turn.plan.kind is TurnKind.ANSWER and message.text:
                viewer = (message.source, message.author.id)
                for gag in self._spotter.brought_up(message.text, viewer, turn.turn.id, now):
                    self._new.append((gag, turn.turn.id))
                    self._found.notify()
        self._spotter.heard(turn.text)

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer."""
        self._spotter.forget((source, viewer))

    async def run(self) -> None:
        """Write the gags down, for as long as the show runs. One that cannot be written is lost, and harms nobody."""
        while True:
            while self._new:
                gag, turn = self._new.popleft()
                try:
                    if await self._passes(gag):
                        text = f"the chat keeps coming back to “{gag}”"
                        await self._memory.add(Piece(PieceKind.GAG, text, language=language(gag, "en"), turn=turn))
                        logger.info("a running gag is remembered")
                except HaishinError as error:
                    logger.debug("a running gag is not remembered: {}", error)
            await self._found.wait(30.0)

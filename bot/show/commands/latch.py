"""The panic latch as the chat presses and releases it.

What another hand holds is not taken over: a stop from the chat alone is released from the chat.
"""

from __future__ import annotations

from typing import Final

from loguru import logger

from bot.persona.lines import Purpose
from bot.show.commands.words import Say
from bot.show.loop import Show

#: Why the host is silent after a stop from the chat.
STOPPED_HERE: Final = "stopped by a moderator in the chat"


def press(show: Show) -> Say:
    """Silence the host, unless it is silent already; return what is answered."""
    if not show.floor.stopped:
        logger.warning("a moderator stopped the host in the chat: it is silent until it is armed again")
        show.stop(STOPPED_HERE)
    return Say.STOPPED if show.floor.stopped_because == STOPPED_HERE else Say.STOPPED_ELSEWHERE


def release(show: Show) -> Say:
    """Release a stop that was made from the chat; return what is answered."""
    if not show.floor.stopped:
        return Say.NOT_STOPPED
    if show.floor.stopped_because != STOPPED_HERE or show.breaker.silent:
        return Say.STOPPED_ELSEWHERE
    logger.warning("a moderator let the host speak again in the chat")
    show.floor.rearm()  # the latch alone: what else makes the host careful stays in force
    show.performance.show_state()
    show.line(Purpose.PANIC_OVER)
    return Say.RESUMED

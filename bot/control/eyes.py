"""The eyes as an operator sees and orders them: one switch."""

from __future__ import annotations

from loguru import logger

from bot.control.schemas.panel import Done
from bot.control.schemas.tools import EyesView
from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.vision.eyes import Eyes


class EyesControls:
    """What may be ordered of the eyes; without any, every order is refused."""

    def __init__(self, eyes: Eyes | None) -> None:
        self.changed = eyes.changed if eyes else Signal()
        self._eyes = eyes

    def switch(self, *, on: bool) -> Done:
        """Open or close the eyes, at once. Closing throws away what is in flight. Raises `Refused`."""
        if self._eyes is None:
            raise Refused("this host has no eyes", remedy="Set vision.enabled: true; see docs/tools.md.")
        self._eyes.switch(on=on)
        logger.info("by the operator: the eyes are {}", "open" if on else "closed")
        return Done(ok=True, detail=f"the eyes are {'open' if on else 'closed'}")

    def state(self) -> EyesView | None:
        """Return how they stand; None where there are none."""
        return None if self._eyes is None else EyesView(on=self._eyes.on, looking=self._eyes.looking)

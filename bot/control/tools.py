"""The tools as an operator sees them: calls that wait for a yes, and what became of the last ones."""

from __future__ import annotations

import asyncio

from loguru import logger

from bot.control.schemas.panel import Done
from bot.control.schemas.tools import PastCall, ToolsView, WaitingCall
from bot.errors import Refused
from bot.mind.tools.toolbox import ToolBox
from bot.runtime.signal import Signal
from bot.text.sanitize import fit

#: Calls that are listed, and how much of each text, in characters.
MAX_LAST, MAX_WORDS = 20, 300


class ToolControls:
    """What may be ordered of the tools; without any, every order is refused."""

    def __init__(self, box: ToolBox | None) -> None:
        self.changed = Signal() if box is None else box.changed
        self._box = box

    def answer(self, call: int, *, yes: bool) -> Done:
        """Allow a call that waits, or refuse it. Raises `Refused`."""
        if self._box is None:
            raise Refused("the model may call nothing here", remedy="See docs/tools.md.")
        said = self._box.confirm(call, yes=yes)
        if said:
            logger.info("by the operator: a call of a tool is {}", "confirmed" if yes else "declined")
        return Done(ok=bool(said), detail=said or "it does not wait any more")

    def state(self) -> ToolsView | None:
        """Return the calls; None where the model may call nothing."""
        box = self._box
        if box is None or not box.settings.enabled:
            return None
        now = asyncio.get_running_loop().time()
        return ToolsView(
            tools=list(box.functions())[:60],
            waiting=[
                WaitingCall(
                    call=one.id, tool=one.tool, arguments=fit(one.arguments, MAX_WORDS), origin=one.asker.origin,
                    who=fit(one.asker.name, 40), why=one.why, left_s=round(max(0.0, one.until - now), 1),
                )
                for one in box.confirmations.waiting.values()
            ],
            last=[
                PastCall(
                    tool=fit(one.tool, 64), arguments=fit(one.arguments, MAX_WORDS), origin=one.origin,
                    who=fit(one.who, 40), outcome=one.outcome, detail=fit(one.detail, MAX_WORDS),
                    age_s=round(now - one.at, 1),
                )
                for one in list(reversed(box.records))[:MAX_LAST]
            ],
        )  # fmt: skip

"""What a turn asks of the memory: what is remembered, what hour it is, whether a clause fits what was said before."""

from __future__ import annotations

from collections.abc import Mapping

from bot.mind.memory.recollection import Recollection
from bot.show.turn import TurnPlan
from bot.types import Clause


class Mind:
    """A host without memory; `bot.show.remembering.recalling.Recalling` has one."""

    async def recall(self, plan: TurnPlan) -> Recollection | None:
        """Return what is remembered that matters to a plan, for its prompt; never raises, and never takes long."""
        del plan
        return None

    def moment(self, plan: TurnPlan) -> Mapping[str, object]:
        """Return the hour and what is on, for the prompt of a plan; empty: nothing is told."""
        del plan
        return {}

    def consistent(self, plan: TurnPlan, clause: Clause) -> Clause | None:
        """Return a clause as it may be said.

        One that contradicts what the host said of itself is put right; None when that was said in this turn already.
        """
        del plan
        return clause

"""The judge who knows nothing: the length of the pause decides."""

from __future__ import annotations

from bot.hearing.speech import Samples

#: Enough to think, and never enough to answer before the patience is over.
UNDECIDED = 0.5


class Silence:
    """An `Endpoint` that has no opinion."""

    async def probability(self, speech: Samples, partial: str, language: str) -> float:  # noqa: ARG002 - the protocol
        """Return `UNDECIDED`."""
        return UNDECIDED

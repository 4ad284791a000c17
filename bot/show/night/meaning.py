"""Whether a text tells the same thought as one of late, in whatever words: by the vectors of an embedder.

Vectors of one host's texts all point the same way; what tells two thoughts apart is how each differs from the middle
of them all. The middle is taken off, and the cosines of the rest are compared.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from loguru import logger

from bot.mind.embedding.embedder import Embedder, Floats, checked

#: Texts that are remembered; so much of one is read, in characters.
MOST: Final = 1000
LONGEST: Final = 700
#: Fewer texts have no middle to speak of.
LEAST: Final = 12
#: So many texts of which there is no vector yet get one in each comparison, the newest first.
BATCH: Final = 16


@dataclass(slots=True)
class _Told:
    """A text, and its vector once it was made, with the embedder's name."""

    at: dt.datetime
    text: str
    model: str = ""
    vector: Floats = field(default_factory=lambda: np.zeros(0, np.float32))


class Meanings:
    """What the host told of its own accord, by its meaning. ``embedder`` returns None where there is none."""

    def __init__(self, embedder: Callable[[], Embedder | None]) -> None:
        self._embedder = embedder
        self._told: deque[_Told] = deque(maxlen=MOST)

    def add(self, text: str, at: dt.datetime) -> None:
        """Remember a text. Its vector is made when a draft is compared, not now: now somebody may speak."""
        if text := text.strip()[:LONGEST]:
            self._told.append(_Told(at, text))

    async def like(self, text: str, since: dt.datetime) -> tuple[float, str]:
        """Return how near the nearest text since a moment is, -1 to 1, and that text; 0 where it cannot be said.

        0.3 is a text on the same topic, 0.4 and more the same thought. Raises nothing.
        """
        embedder = self._embedder()
        if embedder is None or not text.strip():
            return 0.0, ""
        late = [one for one in self._told if one.at >= since]
        try:
            await self._look_up(late, embedder)
            raw = await embedder.embed([text[:LONGEST]])
            this: Floats = checked(raw, 1, embedder.name)[0]
        except Exception as error:  # noqa: BLE001 - an embedder of another distribution may raise anything
            logger.debug("a draft is compared by its words alone: {}", error)
            return 0.0, ""
        known = [one for one in late if one.model == embedder.name and one.vector.shape == this.shape]
        if len(known) < LEAST:
            return 0.0, ""
        vectors = np.stack([one.vector for one in known])
        middle = vectors.mean(axis=0)
        shares = _unit(vectors - middle) @ _unit(this - middle)
        best = int(shares.argmax())
        return float(shares[best]), known[best].text

    async def _look_up(self, late: list[_Told], embedder: Embedder) -> None:
        """Make vectors that are missing, or of another embedder. Raises what the embedder raises."""
        missing = [one for one in reversed(late) if one.model != embedder.name][:BATCH]
        if not missing:
            return
        made = checked(await embedder.embed([one.text for one in missing]), len(missing), embedder.name)
        for one, vector in zip(missing, made, strict=True):
            one.model, one.vector = embedder.name, vector


def _unit(rows: Floats) -> Floats:
    """Return vectors of length 1; one of length 0 stays, and is like nothing."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit

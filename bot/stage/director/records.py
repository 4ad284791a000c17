"""What became of cues: the last ones, for the panel and the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from loguru import logger

from bot.text.sanitize import fit

#: Records that are kept; longest detail, in characters.
KEPT, MAX_DETAIL = 30, 300


class Outcome(StrEnum):
    """What became of a cue."""

    DONE = "done"
    PARTLY = "partly"  # some of its steps could not be done
    REFUSED = "refused"
    FAILED = "failed"
    DROPPED = "dropped"  # more came than could be done
    UNDONE = "undone"  # what it changed was put back


@dataclass(slots=True)
class CueRecord:
    """What became of a cue; ``count`` times in a row, ``at`` the last time (seconds of the loop's clock)."""

    cue: str
    at: float
    outcome: Outcome
    detail: str = ""
    count: int = 1


class CueLog:
    """The last records, the newest last. The same again is counted, not listed, and is logged once."""

    def __init__(self) -> None:
        self._records: deque[CueRecord] = deque(maxlen=KEPT)

    @property
    def records(self) -> Sequence[CueRecord]:
        """The last records, the newest last."""
        return tuple(self._records)

    def add(self, cue: str, at: float, outcome: Outcome, detail: str = "") -> CueRecord:
        """Record what became of a cue."""
        detail = fit(detail, MAX_DETAIL)
        # A storm sets off several cues in turn: the same is looked for among the last few.
        for past in list(self._records)[-5:]:
            if (past.cue, past.outcome, past.detail) == (cue, outcome, detail) and outcome is not Outcome.DONE:
                past.at, past.count = at, past.count + 1
                return past
        record = CueRecord(cue, at, outcome, detail)
        self._records.append(record)
        level = "WARNING" if outcome in (Outcome.FAILED, Outcome.REFUSED, Outcome.PARTLY, Outcome.DROPPED) else "INFO"
        logger.log(level, "cue {!r}: {}{}", cue, outcome, f" ({detail})" if detail else "")
        return record

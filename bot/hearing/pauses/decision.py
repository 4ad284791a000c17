"""What a pause means: whether to wait, to think, or to answer. Bookkeeping without any I/O."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple


class Meaning(IntEnum):
    """What is to be done in a pause; what is greater includes what is less."""

    WAIT = 0
    THINK = 1  # the eager decision: prepare an answer, silently
    COMMIT = 2  # the streamer has finished: answer


#: Silences in seconds at which the judge is asked. The first call is made early, since it takes a while.
LOOKS: Final = (0.1, 0.4, 0.7)
#: Silence and probability from which a pause is the end without waiting for the patience's limit.
SURE_S, SURE_P = 0.4, 0.8
LIKELY_S, LIKELY_P = 0.7, 0.6
#: Probability from which it is worth to think.
THINK_P: Final = 0.5


class Pause(NamedTuple):
    """A pause as it stands.

    ``silence_s`` since the last voiced frame; ``probability`` is the judge's, None while it was not heard;
    ``unfinished`` says that the last words want more, None while they are not known.
    """

    silence_s: float
    probability: float | None
    unfinished: bool | None


def meaning(pause: Pause, *, think_s: float, patience_s: float) -> Meaning:
    """Return what a pause means. A judge who cannot be asked costs time alone: patience decides."""
    if pause.silence_s >= patience_s:
        return Meaning.COMMIT
    if pause.unfinished or pause.probability is None:
        return Meaning.WAIT
    sure = pause.silence_s >= SURE_S and pause.probability >= SURE_P
    likely = pause.silence_s >= LIKELY_S and pause.probability >= LIKELY_P
    if (sure or likely) and pause.unfinished is not None and pause.silence_s >= think_s:
        return Meaning.COMMIT
    return Meaning.THINK if pause.silence_s >= think_s and pause.probability >= THINK_P else Meaning.WAIT

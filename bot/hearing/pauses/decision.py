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
#: Silence from which a pause is the end without waiting for the patience's limit: when the judge was sure at the first
#: look, and when it is at a later one. The first look tells most: of 36 prompts 31 had .9 there, and 7 of the same
#: prompts broken off, while silence alone makes later looks surer.
SURE_S, LATE_S = 0.6, 0.8
SURE_P: Final = 0.9
#: Probability from which it is worth to think.
THINK_P: Final = 0.5


class Pause(NamedTuple):
    """A pause as it stands.

    ``silence_s`` since the last voiced frame; ``first`` and ``latest`` are the judge's probabilities, None while there
    is none; ``unfinished`` says that the last words want more, None while they are not known.
    """

    silence_s: float
    first: float | None
    latest: float | None
    unfinished: bool | None


def meaning(pause: Pause, *, think_s: float, patience_s: float) -> Meaning:
    """Return what a pause means. A judge who cannot be asked costs time alone: patience decides."""
    if pause.silence_s >= patience_s:
        return Meaning.COMMIT
    if pause.unfinished or pause.first is None or pause.latest is None or pause.silence_s < think_s:
        return Meaning.WAIT
    sure = pause.silence_s >= SURE_S and pause.first >= SURE_P
    late = pause.silence_s >= LATE_S and pause.latest >= SURE_P
    if (sure or late) and pause.unfinished is not None:
        return Meaning.COMMIT
    return Meaning.THINK if max(pause.first, pause.latest) >= THINK_P else Meaning.WAIT

"""What the watchdog sees at one moment, and how long something has been so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from bot.stage.obs.mixer import MixerState, MixerStats, OutputState, StreamStats

if TYPE_CHECKING:  # numpy comes with it, and the settings of the director need the names of the checks alone
    from bot.stage.watchdog.picture import Picture

#: A longer pause between two looks is a hole, in seconds: the machine slept. What was before it proves nothing.
MAX_GAP_S = 60.0


class Resource(StrEnum):
    """What a cure takes hold of; one at a time."""

    STREAM = "stream"
    RECORDING = "recording"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at everything. What could not be seen is None. ``at`` is in seconds of the clock."""

    at: float
    state: MixerState
    stream: StreamStats | None = None
    load: MixerStats | None = None
    #: The stream was on air, and nobody ended it.
    wanted: bool = False
    #: Its end was ordered so short a time ago that the platform may still show it.
    ending: bool = False
    #: Whether the platform says that the channel is live; and whether it said so since the stream began.
    platform: bool | None = None
    was_live: bool = False
    picture: Picture | None = None
    #: The host was heard through a page for as long as the meters were listened to.
    speaking: bool = False
    #: The loudest peak of each of OBS's inputs, in dBFS.
    peaks: Mapping[str, float] | None = None
    #: The source in OBS that shows the stage page, whether it is in the picture now, whether it is muted, and how many
    #: stage pages are open anywhere.
    page: str = ""
    shown: bool = False
    muted: bool = False
    pages: int = 0
    #: The host was heard in that source before; the picture of this scene moved before, while the host spoke.
    heard_there: bool = False
    moves: bool = False
    #: What is being mended at the moment: its state proves nothing.
    curing: frozenset[Resource] = field(default_factory=frozenset)

    @property
    def on_air(self) -> bool:
        """Whether OBS streams or records."""
        going = (OutputState.ACTIVE, OutputState.RECONNECTING)
        return self.state.connected and (self.state.stream in going or self.state.record in going)


#: Says of a look, and the one before it, whether something is wrong: True, False, or None when it cannot be seen.
Sees: TypeAlias = Callable[[Look, Look | None], bool | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the latest look that shows it says, and for how many seconds it has been so; ``times``: looks that say so.

    ``bad`` is None when no look shows it.
    """

    bad: bool | None
    for_s: float
    times: int


def judge(looks: Sequence[Look], sees: Sees, enough_s: float, resource: Resource | None = None) -> Judged:
    """Return how something stands, looking back until it has been so for ``enough_s`` seconds.

    Looks from before a hole, or before the last cure of ``resource``, do not count.
    """
    bad: bool | None = None
    now = looks[-1].at if looks else 0.0
    since, times = now, 0
    for index in range(len(looks) - 1, -1, -1):
        look = looks[index]
        after = looks[index + 1] if index + 1 < len(looks) else look
        if after.at - look.at > MAX_GAP_S or (resource is not None and resource in look.curing):
            break
        before = looks[index - 1] if index else None
        if before is not None and (look.at - before.at > MAX_GAP_S or resource in before.curing):
            before = None
        seen = sees(look, before)
        if seen is None:
            continue
        if bad is None:
            bad = seen
        elif seen is not bad:
            break
        since, times = look.at, times + 1
        if now - since >= enough_s and times > 1:
            break
    return Judged(bad, now - since, times)

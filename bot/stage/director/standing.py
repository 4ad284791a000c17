"""Where the show stands, and which scene that asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.stage.director.settings import ShowState
from bot.stage.obs.mixer import OutputState

#: Most troubles that are kept at once.
MAX_TROUBLES = 50


@dataclass(frozen=True, slots=True)
class SegmentOnAir:
    """The segment that is on: it may ask for a scene of its own, and for a state ("break")."""

    name: str
    kind: str = ""
    scene: str = ""
    state: ShowState | None = None


@dataclass
class Standing:
    """The show's state, from what each part told: the show itself, the segment, the watchdog, the stream's output.

    ``troubles`` are what the watchdog has found and not mended, with the reason of each.
    """

    base: ShowState = ShowState.STARTING
    segment: SegmentOnAir | None = None
    troubles: dict[str, str] = field(default_factory=dict)
    streaming: bool = False
    over: bool = False

    def output(self, stream: OutputState) -> None:
        """Take over how the stream's output stands. Only a stream that was on can be over."""
        on = stream is not OutputState.STOPPED
        self.over = not on and (self.streaming or self.over)
        self.streaming = on

    @property
    def state(self) -> ShowState:
        """What counts: trouble before all, then a stream that is over, then the segment, then the show."""
        if self.troubles:
            return ShowState.TECHNICAL
        if self.over:
            return ShowState.OFFLINE
        if self.segment is not None and self.segment.state is not None and self.base is ShowState.LIVE:
            return self.segment.state
        return self.base

    @property
    def why(self) -> str:
        """Why it is so, in words; empty where that is plain."""
        return "; ".join(self.troubles.values())[:500]

    def scene(self, scenes: Mapping[ShowState, str]) -> str:
        """Return the scene that should be on air; empty when none is asked for."""
        state = self.state
        segment = self.segment
        if segment is not None and segment.scene and state in (ShowState.LIVE, segment.state):
            return segment.scene
        return scenes.get(state, "")

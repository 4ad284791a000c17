"""Whether the stream is meant to be on air: it was, and nobody ended it."""

from __future__ import annotations

from collections.abc import Callable

from bot.stage.obs.answers import output_event
from bot.stage.obs.mixer import MixerEvent, MixerState, OutputState

#: A platform shows a stream for a while after its end, in seconds.
ENDING_S = 240.0
#: An OBS that was away for longer, in seconds, was closed: what it streamed then is not begun anew when it comes back.
AWAY_S = 600.0


class Intent:
    """Follows the mixer's events. ``wanted``: the stream was seen on air, and its end was not ordered.

    An end that is ordered, here or at the mixer, passes through "stopping"; an output that breaks does not, and a
    mixer that is killed says nothing at all.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ended_at = -ENDING_S
        self._seen_at = clock()
        self.wanted = False
        #: The watchdog itself stops and starts the stream at the moment: that is no wish for its end.
        self.mending = False
        #: The platform said that the channel is live since the stream began.
        self.was_live = False

    def mixer_event(self, event: MixerEvent) -> None:
        """Take note of the states of the stream."""
        if event.name == "StreamStateChanged":
            state = output_event(event.data)
            if state is OutputState.ACTIVE:
                self.wanted = True
            elif state is OutputState.STOPPING and not self.mending:
                self.wanted = self.was_live = False
                self._ended_at = self._clock()

    @property
    def ending(self) -> bool:
        """Whether the end of the stream was ordered a short while ago."""
        return self._clock() - self._ended_at < ENDING_S

    def look(self, state: MixerState, platform: bool | None) -> None:
        """Take note of how things stand: the stream may have been on air before this program was."""
        away = self._clock() - self._seen_at
        if state.connected:
            self._seen_at = self._clock()
            if away > AWAY_S:
                self.wanted = self.was_live = False
        if state.connected and state.stream in (OutputState.ACTIVE, OutputState.RECONNECTING):
            self.wanted = True
            self.was_live |= platform is True

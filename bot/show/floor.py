"""The floor: whether the host may speak now, and why not; docs/floor.md describes it for people.

The panic latch is sticky: once pressed, nothing is said until a person arms the host again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.runtime.signal import Signal
from bot.show.floor_settings import FloorEvent, FloorRule, FloorSettings, FloorState, FloorTable
from bot.types import CutKind


class StreamerVoice(StrEnum):
    """What is heard of the streamer."""

    SILENT = "silent"
    UNSURE = "unsure"  # a sound that may prove to be a cough
    SPEAKING = "speaking"
    PAUSED = "paused"  # probably finished
    GRACE = "grace"  # finished just now


_STATES = {StreamerVoice.SILENT: FloorState.FREE, StreamerVoice.GRACE: FloorState.GRACE}


@dataclass(frozen=True, slots=True)
class Cut:
    """An order to end the turn on air. ``reason`` is for people, ``kind`` for the record."""

    kind: CutKind
    reason: str


class Floor:
    """Who may speak. Everything here takes effect at once; waiters are woken by ``changed``."""

    def __init__(self, settings: FloorSettings | None = None) -> None:
        self.changed = Signal()
        self.settings = settings or FloorSettings()
        self.voice = StreamerVoice.SILENT
        self.stopped_because = ""
        self.closing = False
        self._cut: Cut | None = None

    @property
    def stopped(self) -> bool:
        """Whether the panic latch is in."""
        return bool(self.stopped_because)

    @property
    def open(self) -> bool:
        """Whether a new turn may begin."""
        return not self.stopped and not self.closing

    @property
    def cut(self) -> Cut | None:
        """The order to end the present turn, if there is one."""
        return self._cut

    # --- beside the streamer ------------------------------------------------------------------------

    @property
    def table(self) -> FloorTable:
        """What happens to whom."""
        return self.settings.table

    def update(self, settings: FloorSettings) -> None:
        """Take over other settings."""
        self.settings = settings
        self.changed.notify()

    def hear(self, voice: StreamerVoice) -> None:
        """Take note of what is heard of the streamer."""
        if voice is not self.voice:
            self.voice = voice
            self.changed.notify()

    @property
    def streamer(self) -> FloorState:
        """Whether the streamer has the floor: free, streamer or grace."""
        return _STATES.get(self.voice, FloorState.STREAMER)

    def admits(self, event: FloorEvent) -> bool:
        """Return whether a turn of a kind may begin to sound, as far as the streamer is concerned."""
        rule = self.table.rule(event, self.streamer)
        if rule is FloorRule.NEXT_CLAUSE:
            return self.voice in (StreamerVoice.PAUSED, StreamerVoice.GRACE)
        return rule is FloorRule.CUT

    def leaves_out(self, event: FloorEvent) -> bool:
        """Return whether an event that comes now is not said any more, because the streamer has the floor."""
        unsure = self.voice is StreamerVoice.UNSURE
        return not unsure and self.table.rule(event, self.streamer) is FloorRule.EXPIRE

    # --- the turn on air ----------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a turn: orders for earlier turns do not concern it."""
        self._cut = None
        if self.stopped:
            self._cut = Cut(CutKind.STOPPED, self.stopped_because)

    def interrupt(self, kind: CutKind, reason: str) -> None:
        """End the present turn."""
        if self._cut is None or kind is CutKind.STOPPED:
            self._cut = Cut(kind, reason)
        self.changed.notify()

    def stop(self, reason: str) -> None:
        """Press the panic latch: the present turn ends and no other begins."""
        self.stopped_because = reason or "stopped"
        self.interrupt(CutKind.STOPPED, self.stopped_because)

    def rearm(self) -> None:
        """Release the panic latch."""
        self.stopped_because = ""
        self.changed.notify()

    def close(self) -> None:
        """Refuse every further turn: the show is ending."""
        self.closing = True
        self.changed.notify()

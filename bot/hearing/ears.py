"""Whether the host hears the streamer just now, and why not.

While the ears are closed nothing is recorded, recognised or remembered, and what was in flight is thrown away.
"""

from __future__ import annotations

from enum import StrEnum

from bot.runtime.signal import Signal


class TalkMode(StrEnum):
    """When an open microphone is listened to."""

    OPEN = "open"  # always
    PUSH = "push"  # while a button is held
    TOGGLE = "toggle"  # between two presses of a button


class InputState(StrEnum):
    """How the sound comes in."""

    CLOSED = "closed"  # nobody asked for it
    OPENING = "opening"
    LIVE = "live"
    NO_DEVICE = "no_device"  # there is none, or not the wanted one
    LOST = "lost"  # it was there and went away; it is tried again
    MUTE = "mute"  # blocks come and all of them are silent


class Ears:
    """The one switch of all hearing. ``changed`` is notified at each change; ``generation`` counts the closings.

    The level alone has a signal of its own, ``measured``: it moves ten times a second.
    """

    def __init__(self, mode: TalkMode = TalkMode.OPEN, *, on: bool = True) -> None:
        self.changed, self.measured = Signal(), Signal()
        self.mode = mode
        self.generation = 0
        self.input = InputState.CLOSED
        #: Why the input does not work, in words with the next step; empty when it does.
        self.trouble = ""
        #: Why the recogniser does not work, as above.
        self.recogniser_trouble = ""
        #: Loudness of the last second within 0 and 1 (root mean square), and whether it was clipped.
        self.level, self.clipped = 0.0, False
        self._on = on
        self._held = False

    @property
    def on(self) -> bool:
        """Whether the ears are switched on."""
        return self._on

    @property
    def held(self) -> bool:
        """Whether the button to talk is down."""
        return self._held

    @property
    def listening(self) -> bool:
        """Whether what comes in may be heard now."""
        return self._on and (self.mode is TalkMode.OPEN or self._held)

    def switch(self, *, on: bool) -> None:
        """Switch the ears on or off, at once."""
        self._change(on=on, held=self._held and on)

    def talk(self, *, down: bool) -> None:
        """Take the button to talk: held down or let go; with `TalkMode.TOGGLE` each press changes the state."""
        if self.mode is TalkMode.TOGGLE:
            if down:
                self._change(on=self._on, held=not self._held)
        else:
            self._change(on=self._on, held=down)

    def tell(self, state: InputState, trouble: str = "") -> None:
        """Record how the sound comes in."""
        if (state, trouble) != (self.input, self.trouble):
            self.input, self.trouble = state, trouble
            self.changed.notify()

    def measure(self, level: float, *, clipped: bool) -> None:
        """Record how loud the sound is that comes in."""
        self.level, self.clipped = level, clipped
        self.measured.notify()

    def tell_recogniser(self, trouble: str) -> None:
        """Record that the recogniser does not work, or, with no words, that it does."""
        if trouble != self.recogniser_trouble:
            self.recogniser_trouble = trouble
            self.changed.notify()

    def _change(self, *, on: bool, held: bool) -> None:
        if self._on and not on:
            self.generation += 1
        self._on, self._held = on, held
        if not self.listening:
            self.level, self.clipped = 0.0, False
        self.changed.notify()

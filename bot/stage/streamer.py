"""The streamer's side of the stage: what the pages show of it, and who listens along to what the host says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pydantic import BaseModel

from bot.stage.protocol import EarsMark, EyesMark, Heard


class SoundMonitor(Protocol):
    """Is given the sound of the stage: an echo canceller must know what it is to take out. All return at once."""

    def play(self, pcm: bytes, rate: int) -> None:
        """Take sound that is sent just now, to be heard after what was sent before: s16le mono at ``rate`` Hz."""
        ...

    def stop(self) -> None:
        """Take note that what was sent is not heard any more."""
        ...

    def hold(self) -> None:
        """Take note that the stage stands still: the rest of what was sent is heard after `go_on`."""
        ...

    def go_on(self) -> None:
        """Take note that the stage does not stand still, or not any more."""
        ...


class StreamerView:
    """Tells the pages; ``broadcast`` sends a message to all of them. ``monitor`` is told what they play."""

    def __init__(self, broadcast: Callable[[BaseModel], None]) -> None:
        self._broadcast = broadcast
        self._ears = EarsMark()
        self._eyes = EyesMark()
        self.monitor: SoundMonitor | None = None

    def greet(self, say: Callable[[BaseModel], None]) -> None:
        """Tell a page that opens now how the ears and the eyes are; nothing where there are none."""
        if self._ears.state != "none":
            say(self._ears)
        if self._eyes.open:
            say(self._eyes)

    def show_ears(self, mark: EarsMark) -> None:
        """Show how the ears are. Ears that are closed take the streamer's captions away at once."""
        if mark != self._ears:
            self._ears = mark
            self._broadcast(mark)

    def show_eyes(self, mark: EyesMark) -> None:
        """Show whether the eyes are open."""
        if mark != self._eyes:
            self._eyes = mark
            self._broadcast(mark)

    def show_words(self, text: str, language: str, *, final: bool) -> None:
        """Show what the streamer says."""
        if self._ears.state != "off":
            self._broadcast(Heard(text=text, language=language, final=final))

    def sent(self, pcm: bytes, rate: int) -> None:
        """Take note of sound that was sent to the page that is heard."""
        if self.monitor is not None:
            self.monitor.play(pcm, rate)

    def stopped(self) -> None:
        """Take note that the stage is silent from now on."""
        if self.monitor is not None:
            self.monitor.stop()

    def stands(self, *, still: bool) -> None:
        """Take note that the voice stands still where it is, or plays on."""
        if self.monitor is not None:
            (self.monitor.hold if still else self.monitor.go_on)()

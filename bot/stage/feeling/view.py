"""What the pages are told of the host's feelings: a mood that lasts, and what the figure reacts to at once."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel

from bot.stage.feeling.messages import MoodMark, Reaction, ReactionKind
from bot.types import Tone


class FeelingView:
    """Tells the pages; ``broadcast`` sends a message to all of them."""

    def __init__(self, broadcast: Callable[[BaseModel], None]) -> None:
        self._broadcast = broadcast
        self._mood = MoodMark()

    def greet(self, say: Callable[[BaseModel], None]) -> None:
        """Tell a page that opens now of a mood; nothing where there is none."""
        if self._mood.strength > 0:
            say(self._mood)

    def show(self, tone: Tone) -> None:
        """Show a mood."""
        mark = MoodMark(emotion=tone.emotion, strength=min(1.0, max(0.0, tone.strength)))
        if mark != self._mood:
            self._mood = mark
            self._broadcast(mark)

    def words(self) -> str:
        """Return the mood in words, for the panel: ``joy 40``, in percent; empty when there is none."""
        mood = self._mood
        return f"{mood.emotion.value} {mood.strength:.0%}"[:-1] if mood.strength > 0 else ""

    def react(self, kind: ReactionKind, strength: float) -> None:
        """Let the figure react to something, once; ``strength`` 0 to 1."""
        self._broadcast(Reaction(kind=kind, strength=min(1.0, max(0.0, strength))))

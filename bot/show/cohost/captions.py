"""Captions of the streamer on the stage."""

from __future__ import annotations

from collections.abc import Callable

from bot.hearing.speech import Utterance
from bot.stage.hub import Overlay


class StageCaptions:
    """Shows on the stage what the streamer says, where that is wanted."""

    def __init__(self, stage: Overlay, *, wanted: Callable[[], bool]) -> None:
        self._stage = stage
        self._wanted = wanted

    def speech_began(self, number: int, at: float) -> None:
        """Nothing is said yet."""

    def speech_silent(self, number: int, at: float) -> None:
        """What is shown stays."""

    def speech_heard(self, utterance: Utterance) -> None:
        """Show it."""
        self._show(utterance)

    def speech_paused(self, utterance: Utterance) -> None:
        """Show it."""
        self._show(utterance)

    def speech_resumed(self, number: int, at: float) -> None:
        """What is shown stays."""

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:
        """Show the whole of it, for a moment."""
        del number, at
        if utterance is not None:
            self._show(utterance)

    def _show(self, utterance: Utterance) -> None:
        if self._wanted():
            self._stage.show_heard(utterance.text, utterance.language, final=utterance.final)

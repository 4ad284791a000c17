"""Captions of the streamer on the stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.hearing.speech import Utterance
from bot.stage.streamer import StreamerView

#: The end of what is said is shown, in characters.
MAX_CHARS: Final = 200


class StageCaptions:
    """Shows on the stage what the streamer says, where that is wanted."""

    def __init__(self, stage: StreamerView, *, wanted: Callable[[], bool]) -> None:
        self._stage = stage
        self._wanted = wanted

    def speech_likely(self, at: float) -> None:
        """Show nothing yet."""

    def speech_began(self, number: int, at: float) -> None:
        """Nothing is said yet."""

    def speech_heard(self, utterance: Utterance) -> None:
        """Show it."""
        self._show(utterance)

    def speech_paused(self, utterance: Utterance) -> None:
        """Show it."""
        self._show(utterance)

    def speech_resumed(self, number: int, at: float) -> None:
        """Nothing: what is shown stays."""

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:
        """Show the whole of it, for a moment."""
        del number, at
        if utterance is not None:
            self._show(utterance)

    def _show(self, utterance: Utterance) -> None:
        if self._wanted():
            self._stage.show_words(utterance.text[-MAX_CHARS:], utterance.language, final=utterance.final)

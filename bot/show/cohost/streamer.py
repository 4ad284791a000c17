"""The streamer's side of the show: what the ears hear becomes the floor's state, a barge-in, or a turn of the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.hearing.speech import Utterance
from bot.show.cohost.settings import CohostSettings
from bot.show.floor_settings import FloorSettings
from bot.show.loop import Show


class Streamer:
    """A `bot.hearing.speech.SpeechListener`. `run` must be going; everything else returns at once."""

    def __init__(
        self, show: Show, floor: FloorSettings, cohost: CohostSettings, *, names: Callable[[], Sequence[str]]
    ) -> None:
        """Take the show, and ``names``: what the host is called just now."""
        self.floor_settings, self.settings = floor, cohost
        self._show = show
        self._names = names

    async def run(self) -> None:
        """Decide and answer until cancelled."""

    def update(self, floor: FloorSettings, cohost: CohostSettings) -> None:
        """Take over other settings."""
        self.floor_settings, self.settings = floor, cohost

    def press(self) -> bool:
        """Answer what is being said, or was said just now; return False when there is nothing."""
        return False

    def speech_began(self, number: int, at: float) -> None:
        """Take note that somebody began to make a voice's sound."""

    def speech_silent(self, number: int, at: float) -> None:
        """Take note that no voice is heard any more, within a frame; a pause or a further word may follow."""

    def speech_heard(self, utterance: Utterance) -> None:
        """Take a partial text."""

    def speech_paused(self, utterance: Utterance) -> None:
        """Take the text of an utterance that is probably over."""

    def speech_resumed(self, number: int, at: float) -> None:
        """Take note that the utterance goes on."""

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:
        """Take a whole utterance."""

"""Tells several listeners what the ears hear."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loguru import logger

from bot.hearing.speech import SpeechListener, Utterance


class Told:
    """A `SpeechListener` that passes on to others, in order. One that fails is logged and holds up nobody."""

    def __init__(self, listeners: Sequence[SpeechListener]) -> None:
        self._listeners = listeners

    def speech_likely(self, at: float) -> None:
        """Pass it on."""
        self._tell(lambda one: one.speech_likely(at))

    def speech_began(self, number: int, at: float) -> None:
        """Pass it on."""
        self._tell(lambda one: one.speech_began(number, at))

    def speech_heard(self, utterance: Utterance) -> None:
        """Pass it on."""
        self._tell(lambda one: one.speech_heard(utterance))

    def speech_paused(self, utterance: Utterance) -> None:
        """Pass it on."""
        self._tell(lambda one: one.speech_paused(utterance))

    def speech_resumed(self, number: int, at: float) -> None:
        """Pass it on."""
        self._tell(lambda one: one.speech_resumed(number, at))

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:
        """Pass it on."""
        self._tell(lambda one: one.speech_over(number, at, utterance))

    def _tell(self, tell: Callable[[SpeechListener], None]) -> None:
        for one in self._listeners:
            try:
                tell(one)
            except Exception as error:  # noqa: BLE001 - the ears go on, and tell the others
                logger.error("{} failed at what was heard: {!r}", type(one).__name__, error)

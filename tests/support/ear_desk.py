"""Ears without a microphone and a recogniser: what the controls and the pages work on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bot.control.ears import EarParts, EarsControls
from bot.hearing.ears import Ears, TalkMode
from bot.hearing.input.browser import HEADER, MAGIC, VERSION, BrowserMicrophone
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.speech import Utterance
from bot.show.floor_settings import FloorSettings, FloorState


@dataclass
class Clock:
    """A clock that the test moves."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeFloor:
    """A floor that is free."""

    floor_settings: FloorSettings = field(default_factory=FloorSettings)
    state: FloorState = FloorState.FREE
    wants_button: bool = False
    said_just_now: bool = False

    def update_floor(self, settings: FloorSettings) -> None:
        self.floor_settings = settings

    def press(self) -> bool:
        return self.said_just_now

    def forget(self) -> None:
        self.said_just_now = False


@dataclass
class EarDesk:
    """Ears, their inlet, a browser's microphone, and the controls over them."""

    mode: TalkMode = TalkMode.OPEN
    enabled: bool = True
    clock: Clock = field(default_factory=Clock)
    floor: FakeFloor = field(default_factory=FakeFloor)

    def __post_init__(self) -> None:
        self.ears = Ears(self.mode)
        self.inlet = AudioInlet()
        self.browser = BrowserMicrophone(lambda block, _rate, at: self.inlet.put(block, at), self.clock)
        self.controls = EarsControls(EarParts(self.ears, self.inlet, self.browser, self.floor, lambda: self.enabled))


def said(text: str, *, final: bool = True, number: int = 1) -> Utterance:
    """Return an utterance."""
    return Utterance(number, text, "en", 0.9, "", final, 1.0, 2.0)


def frame(
    stream: int, sequence: int, *, rate: int = 16_000, ms: int = 20, level: float = 0.1, magic: int = MAGIC
) -> bytes:
    """Return a frame of a browser's microphone: a tone."""
    count = rate * ms // 1000
    pcm: bytes = (np.sin(np.arange(count) * 0.2) * level * 32767).astype("<i2").tobytes()
    header: bytes = HEADER.pack(magic, VERSION, 0, stream, rate, sequence)
    return header + pcm

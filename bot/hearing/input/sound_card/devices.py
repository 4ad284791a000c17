"""Microphones: what is known of one, and which of them a setting means. Their names come from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import TransientError
from bot.text.sanitize import one_line, plain

#: The longest name that is shown, in characters, and how many of them a message names.
MAX_NAME, MAX_NAMED = 60, 8
#: What messages call this part.
PART = "microphone"


@dataclass(frozen=True, slots=True)
class Device:
    """One microphone. ``source`` is the sound server's name for it, "" where no server was asked."""

    index: int
    name: str
    rate: int
    channels: int
    default: bool = False
    source: str = ""
    muted: bool = False

    @property
    def shown(self) -> str:
        """Its name, fit for a terminal and a page."""
        return one_line(self.name, MAX_NAME) or f"microphone {self.index}"


def choose(devices: Sequence[Device], wanted: str) -> Device:
    """Return the microphone that is meant: by its name, else by a part of it; for "" the default one, else the first.

    Raises `TransientError`, which says what there is: it may be plugged in yet.
    """
    if not devices:
        raise TransientError(
            "this machine has no microphone", provider=PART, remedy="plug one in, or allow this program to use it"
        )
    if not (part := plain(wanted).casefold()):
        return next((device for device in devices if device.default), devices[0])
    names = [plain(device.name).casefold() for device in devices]
    for fits in (part.__eq__, lambda name: part in name):
        for device, name in zip(devices, names, strict=True):
            if fits(name):
                return device
    raise TransientError(
        f"there is no microphone called {one_line(wanted, MAX_NAME)!r} now",
        provider=PART,
        remedy=f"plug it in, or set hearing.input.device to one of these: {named(devices)}",
    )


def named(devices: Sequence[Device]) -> str:
    """Return the names of devices for a message."""
    rest = len(devices) - MAX_NAMED
    return ", ".join(d.shown for d in devices[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")

"""An observer made of functions, for tests that look at one or two events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.show.observer import Observer


class Telling(Observer):
    """Calls the function of an event's name: ``Telling(settled=..., offered=...)``."""

    def __init__(self, **tell: Callable[..., Any]) -> None:
        for name, function in tell.items():
            assert hasattr(Observer, name), f"there is no event {name!r}"
            setattr(self, name, function)

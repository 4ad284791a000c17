"""The kinds of segments: one module each in `bot.show.segments.kinds`, or an entry point of another distribution."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from bot.errors import ConfigError
from bot.runtime import providers
from bot.runtime.settings import Section
from bot.show.segments.segment import SegmentHost

PACKAGE = "bot.show.segments.kinds"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of segment: its options, and what performs it."""

    name: str
    config: type[Section]
    perform: Callable[[Any, SegmentHost], Awaitable[None]]


def available() -> list[str]:
    """Return the names of the kinds that this installation has. A module ``break_`` is the kind ``break``."""
    return sorted(name.rstrip("_") for name in providers.available(PACKAGE))


def load(name: str) -> Kind:
    """Return a kind. Raise `ConfigError` with the kinds that there are."""
    modules = {module.rstrip("_"): module for module in providers.available(PACKAGE)}
    if name not in modules:
        near = difflib.get_close_matches(name, modules, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"choose one of: {', '.join(sorted(modules))}"
        raise ConfigError(f"there is no kind of segment {name!r}", remedy=remedy)
    module = providers.load(PACKAGE, modules[name])
    return Kind(name, cast("type[Section]", module.Config), module.perform)

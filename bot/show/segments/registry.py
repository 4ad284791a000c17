"""The kinds of segments: one module each in `bot.show.segments.kinds`, or an entry point of another distribution."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from bot.errors import ConfigError
from bot.runtime import providers
from bot.runtime.settings import Section
from bot.show.segments.segment import ChatMode, SegmentHost

PACKAGE = "bot.show.segments.kinds"
#: Kinds whose name is a word of Python, which no module can have.
_MODULES = {"break": "pause"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of segment: its options, what performs it, and how chat is treated meanwhile unless it is told."""

    name: str
    config: type[Section]
    perform: Callable[[Any, SegmentHost], Awaitable[None]]
    chat: ChatMode


def available() -> list[str]:
    """Return the names of the kinds that this installation has."""
    names = {module: name for name, module in _MODULES.items()}
    return sorted(names.get(module, module) for module in providers.available(PACKAGE))


def load(name: str) -> Kind:
    """Return a kind. Raise `ConfigError` with the kinds that there are."""
    known = available()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"choose one of: {', '.join(known)}"
        raise ConfigError(f"there is no kind of segment {name!r}", remedy=remedy)
    module = providers.load(PACKAGE, _MODULES.get(name, name))
    chat = getattr(module, "CHAT", ChatMode.ALL)
    return Kind(name, cast("type[Section]", module.Config), module.perform, chat)

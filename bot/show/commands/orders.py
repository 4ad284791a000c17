"""What commands may order beyond the host itself: the programme and the director, where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.show.commands.settings import BuiltIn
from bot.types import Message, MessageOutcome


class Programme(Protocol):
    """The schedule of segments as the chat may use it."""

    def next(self) -> str:
        """Return in the owner's words what comes next, for viewers; empty when nothing is planned. Never waits."""
        ...

    async def segment(self, name: str) -> bool:
        """Begin the segment of this name, in any case of its letters; return False when there is none."""
        ...


class Director(Protocol):
    """The scenes and cues as the chat may use them."""

    async def scene(self, name: str) -> bool:
        """Switch to the scene of this name, in any case of its letters; return False when there is none."""
        ...

    async def cue(self, name: str, values: Mapping[str, object]) -> bool:
        """Run a cue; return whether that worked.

        ``values`` are "viewer", a name that may be shown, and "source".
        """
        ...


class Outcomes(Protocol):
    """The record of what became of messages; `bot.store.ledger.Ledger`."""

    async def last_outcome(self, source: str, author_id: str, *, but: str = "") -> tuple[MessageOutcome, str] | None:
        """Return what became of a viewer's last line, and the reason; None when nothing is known.

        Lines whose reason begins with ``but`` do not count. Raises `TransientError`.
        """
        ...


class Memory(Protocol):
    """What is remembered of viewers, as they may order it themselves; `bot.show.remembering.viewers.ViewerMemory`."""

    def wants(self, which: BuiltIn, argument: str) -> bool:
        """Return whether a line with this argument is meant for the memory: "!what do you know", and not "!what"."""
        ...

    async def carry_out(self, which: BuiltIn, message: Message, argument: str, language: str) -> str:
        """Run a viewer's order; return what is answered in the chat, in the viewer's language."""
        ...

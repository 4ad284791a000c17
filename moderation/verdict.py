"""The words of moderation: what may come out of a check, and what it is told about the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What to do with a text, from mild to strict."""

    ALLOW = "allow"
    MASK = "mask"
    HOLD = "hold"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """Order the actions: 0 allow, 1 mask, 2 hold, 3 block."""
        return _ORDER[self]


_ORDER = {Action.ALLOW: 0, Action.MASK: 1, Action.HOLD: 2, Action.BLOCK: 3}


class Direction(StrEnum):
    """Whether the text comes from the audience or is about to leave the host."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Context:
    """What a check knows beside the text.

    ``window`` holds the clauses just before this one (outbound: a payload may be split over them);
    ``heard`` the viewers' words that the text answers (the echo guard compares with them);
    ``exempt`` is true for the streamer's and the moderators' own messages, to which the rules of
    style (length, capitals, repetition) do not apply.
    """

    direction: Direction = Direction.IN
    window: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding: the rule's name, its category, and the letters of the original text it points at."""

    rule: str
    category: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What and why. ``score`` is 0..1; ``text`` is the text to use (masked where masking was asked)."""

    action: Action
    rules: tuple[str, ...]
    score: float
    text: str
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def allowed(self) -> bool:
        """Whether the text may be used: as it is, or masked."""
        return self.action in (Action.ALLOW, Action.MASK)

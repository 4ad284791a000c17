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
    """What a check knows beside the text. A caller that knows less leaves the defaults.

    ``window`` holds the clauses just before this one (outbound: a payload may be split over them);
    ``heard`` the viewers' words that the text answers (the echo guard compares with them);
    ``platform`` names whose policy counts inbound ("twitch", "bilibili_web"); ``roles`` are the
    writer's ("moderator", "vip", …), some of which the policy may exempt from the rules of style;
    ``exempt`` says so outright. ``permitted`` is true while a moderator lets this viewer post a link;
    ``copies`` counts the other viewers who wrote the same lately; ``emotes`` those that the platform
    marked in the line. ``quick`` leaves the classifier out, for a flood. ``strict`` judges what goes out by the
    strictest policy, whatever the streamer's is.
    """

    direction: Direction = Direction.IN
    window: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    exempt: bool = False
    platform: str = ""
    roles: frozenset[str] = frozenset()
    permitted: bool = False
    copies: int = 0
    emotes: int = 0
    quick: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding: the rule's name, its category, the letters of the original text it points at.

    ``action`` is what this finding alone led to: one that is only noted (a trace, a rule set to
    warn) has ``allow``.
    """

    rule: str
    category: str
    start: int = 0
    end: int = 0
    action: Action = Action.ALLOW


@dataclass(frozen=True, slots=True)
class Verdict:
    """What and why. ``score`` is 0..1 for every action; ``text`` is the text to use (masked if so decided).

    ``doubt`` tells of a viewer's text that passes and may be bad all the same: nobody is punished for it and nothing
    is held, but whatever else waits is answered first, and the answer is judged by the strictest policy.
    """

    action: Action
    rules: tuple[str, ...]
    score: float
    text: str
    reasons: tuple[Reason, ...] = field(default=())
    doubt: bool = False

    @property
    def allowed(self) -> bool:
        """Whether the text may be used: as it is, or masked."""
        return self.action in (Action.ALLOW, Action.MASK)

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of the findings, the worst finding first."""
        ranked = sorted(self.reasons, key=lambda reason: -reason.action.severity)
        return tuple(dict.fromkeys(reason.category for reason in ranked))

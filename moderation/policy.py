"""What a streamer may decide about moderation, and what the three levels mean."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from moderation.verdict import Action, Direction


class Level(StrEnum):
    """How strict moderation is as a whole."""

    STRICT = "strict"
    STANDARD = "standard"
    RELAXED = "relaxed"


class Category(StrEnum):
    """What a finding is about."""

    HATE = "hate"
    HARASSMENT = "harassment"
    PROFANITY = "profanity"
    SEXUAL = "sexual"
    MINORS = "minors"
    SELF_HARM = "self-harm"
    VIOLENCE = "violence"
    EXTREMISM = "extremism"
    PRIVATE = "private"
    POLITICS = "politics"
    SPAM = "spam"
    INJECTION = "injection"
    STYLE = "style"
    ECHO = "echo"
    CUSTOM = "custom"


class Severity(IntEnum):
    """How bad a finding is. A trace never decides anything: it raises the score."""

    TRACE = 0
    MILD = 1
    SERIOUS = 2
    GRAVE = 3


A, M, H, B = Action.ALLOW, Action.MASK, Action.HOLD, Action.BLOCK

#: What a level does with a finding: inbound and outbound, from trace to grave. The host never says
#: what a viewer may not send, and cannot say a masked word, so outbound is never milder than inbound.
_ACTIONS: Final = {
    Level.STRICT: {Direction.IN: (A, M, B, B), Direction.OUT: (A, B, B, B)},
    Level.STANDARD: {Direction.IN: (A, A, H, B), Direction.OUT: (A, A, B, B)},
    Level.RELAXED: {Direction.IN: (A, A, A, B), Direction.OUT: (A, A, H, B)},
}
#: In these a serious finding is never simply allowed.
_NEVER_RELAXED: Final = frozenset({Category.HATE, Category.MINORS, Category.SELF_HARM, Category.EXTREMISM})

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Policy(BaseModel):
    """A streamer's choice. Everything has a default that suits an ordinary stream."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level = Field(default=Level.STANDARD, description="One of: strict, standard, relaxed.")
    politics: bool = Field(default=False, description="Look for politics that Chinese platforms punish.")
    block_words: tuple[Word, ...] = Field(default=(), max_length=2000, description="Never, in either direction.")
    allow_words: tuple[Word, ...] = Field(default=(), max_length=2000, description="Harmless here, always.")
    block_patterns: tuple[Word, ...] = Field(default=(), max_length=50, description="Regular expressions (RE2).")
    links: Action = Field(default=Action.HOLD, description="A viewer's link; the host never says one.")
    link_hosts: tuple[Word, ...] = Field(
        default=("clips.twitch.tv",), max_length=200, description="Hosts that may be linked."
    )
    max_chars: int = Field(default=400, ge=20, le=2000, description="The longest chat line.")
    capitals_percent: int = Field(default=70, ge=10, le=100, description="More capitals than this are shouting.")
    capitals_from: int = Field(default=20, ge=5, le=500, description="Shorter lines may shout.")
    max_repeats: int = Field(default=15, ge=3, le=200, description="One character or word in a row.")
    symbols_percent: int = Field(default=50, ge=10, le=100, description="More symbols than this are noise.")
    echo_chars: int = Field(default=40, ge=10, le=500, description="So much of a viewer's words may be said again.")

    @field_validator("level", "links", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    def action(self, category: Category, severity: Severity, direction: Direction) -> Action:
        """Decide what a finding leads to."""
        if category is Category.POLITICS and not self.politics:
            return Action.ALLOW
        if category is Category.CUSTOM:
            return Action.BLOCK
        if category is Category.STYLE and direction is Direction.OUT and severity < Severity.GRAVE:
            # The length of a reply and its capitals are the persona's own affair.
            return Action.ALLOW
        action = _ACTIONS[self.level][direction][severity]
        if action is Action.ALLOW and severity is Severity.SERIOUS and category in _NEVER_RELAXED:
            return Action.HOLD
        return action

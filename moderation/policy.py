"""What a streamer may decide about moderation, and what the three levels mean."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from moderation.verdict import Action, Direction


class Level(StrEnum):
    """How strict moderation is as a whole."""

    STRICT = "strict"
    STANDARD = "standard"
    RELAXED = "relaxed"


class Mode(StrEnum):
    """What a rule does: nothing, tell, or tell and act."""

    OFF = "off"
    WARN = "warn"
    ACT = "act"


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


class Rule(StrEnum):
    """The rules that can be set to off, warn or act one by one."""

    LENGTH = "length"
    CAPITALS = "capitals"
    SYMBOLS = "symbols"
    REPETITION = "repetition"
    EMOTES = "emotes"
    ZALGO = "zalgo"
    HIDDEN = "hidden"
    LINK = "link"
    COPYPASTA = "copypasta"
    SELLING = "selling"
    MAIL = "mail"
    PHONE = "phone"
    ADDRESS = "address"
    IDENTITY = "identity"
    CARD = "card"
    ACCOUNT = "account"
    CLASSIFIER = "classifier"
    INJECTION = "injection"


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
#: The score from which a line that passes is in doubt.
_DOUBT: Final = {Level.STRICT: 0.35, Level.STANDARD: 0.5, Level.RELAXED: 0.7}
#: In these a serious finding is never simply allowed.
_NEVER_RELAXED: Final = frozenset({Category.HATE, Category.MINORS, Category.SELF_HARM, Category.EXTREMISM})
#: These cannot be switched off as a whole: a channel is lost by one sentence of them.
_ALWAYS: Final = frozenset({Category.HATE, Category.MINORS, Category.EXTREMISM})

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ViewerRole(StrEnum):
    """The roles of viewers that a policy tells apart."""

    MODERATOR = "moderator"
    VIP = "vip"
    SUBSCRIBER = "subscriber"
    REGULAR = "regular"
    BOT = "bot"


class StepAction(StrEnum):
    """What may be done about an offence, from mild to strict."""

    HOLD = "hold"
    DELETE = "delete"
    TIMEOUT = "timeout"
    BAN = "ban"


class Step(BaseModel):
    """One step of escalation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: StepAction = Field(description="One of: hold, delete, timeout, ban.")
    seconds: int = Field(default=600, ge=1, le=1_209_600, description="How long a timeout lasts.")


class Escalation(BaseModel):
    """What happens to a viewer whose messages are held or blocked again and again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field(default=Mode.WARN, description="off; warn: show the step in the control room; act: take it.")
    steps: tuple[Step, ...] = Field(
        default=(
            Step(action=StepAction.HOLD),
            Step(action=StepAction.DELETE),
            Step(action=StepAction.TIMEOUT, seconds=600),
            Step(action=StepAction.BAN),
        ),
        min_length=1,
        max_length=10,
        description="First offence, second offence, and so on; the last one stays.",
    )
    forget_s: float = Field(default=3600.0, gt=0, le=2_592_000, description="An offence is forgotten after so long.")

    @field_validator("mode", mode="before")
    @classmethod
    def _yaml_off(cls, value: object) -> object:
        return _mode(value)


class Policy(BaseModel):
    """A streamer's choice. Everything has a default that suits an ordinary stream."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level = Field(default=Level.STANDARD, description="One of: strict, standard, relaxed.")
    doubt_from: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="From this score a line that passes is in doubt; 1: none. By default what the level says.",
    )
    politics: bool = Field(default=False, description="Look for politics that Chinese platforms punish.")
    categories: dict[Category, Level | Literal[Mode.OFF]] = Field(
        default={}, description="Another level for a category, or off: {profanity: strict, sexual: relaxed}."
    )
    rules: dict[Rule, Mode] = Field(default={}, description="off, warn or act for a rule; each acts by default.")
    exempt_roles: tuple[ViewerRole, ...] = Field(
        default=(ViewerRole.MODERATOR,), description="Whom the rules of style and spam do not concern."
    )
    link_roles: tuple[ViewerRole, ...] = Field(
        default=(ViewerRole.MODERATOR, ViewerRole.VIP), description="Who may post links."
    )
    block_words: tuple[Word, ...] = Field(default=(), max_length=2000, description="Never, in either direction.")
    allow_words: tuple[Word, ...] = Field(default=(), max_length=2000, description="Harmless here, always.")
    block_patterns: tuple[Word, ...] = Field(default=(), max_length=50, description="Regular expressions (RE2).")
    links: Action = Field(default=Action.MASK, description="A viewer's link; the host never says one.")
    link_hosts: tuple[Word, ...] = Field(
        default=("clips.twitch.tv",), max_length=200, description="Hosts that may be linked."
    )
    permit_s: float = Field(default=30.0, gt=0, le=3600, description="How long a permit to post a link lasts.")
    max_chars: int = Field(default=400, ge=20, le=2000, description="The longest chat line.")
    max_emotes: int = Field(default=15, ge=1, le=200, description="The most emotes and emoji in a line.")
    capitals_percent: int = Field(default=70, ge=10, le=100, description="More capitals than this are shouting.")
    capitals_from: int = Field(default=20, ge=5, le=500, description="Shorter lines may shout.")
    max_repeats: int = Field(default=15, ge=3, le=200, description="One character or word in a row.")
    symbols_percent: int = Field(default=50, ge=10, le=100, description="More symbols than this are noise.")
    copypasta_viewers: int = Field(default=5, ge=2, le=1000, description="The same long line of so many is copypasta.")
    copypasta_chars: int = Field(default=30, ge=5, le=500, description="Shorter lines are simply popular.")
    echo_chars: int = Field(default=40, ge=10, le=500, description="So much of a viewer's words may be said again.")
    escalation: Escalation = Field(default=Escalation(), description="What repeated offences lead to.")
    platforms: dict[Word, dict[str, Any]] = Field(
        default={"bilibili": {"politics": True}},
        max_length=20,
        description="What is different on a platform: {twitch: {level: relaxed}, bilibili: {politics: true}}.",
    )

    @field_validator("level", "links", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("rules", "categories", mode="before")
    @classmethod
    def _yaml_off(cls, value: object) -> object:
        return {key: _mode(mode) for key, mode in value.items()} if isinstance(value, dict) else value

    @field_validator("categories")
    @classmethod
    def _not_off(cls, value: dict[Category, Any]) -> dict[Category, Any]:
        if lost := sorted(name for name, level in value.items() if level == Mode.OFF and name in _ALWAYS):
            raise ValueError(f"{', '.join(lost)} cannot be switched off")
        return value

    @model_validator(mode="after")
    def _platforms_are_policies(self) -> Policy:
        for name in self.platforms:
            self.for_platform(name)
        return self

    def for_platform(self, platform: str) -> Policy:
        """Return the policy of a platform, by a source's name ("bilibili_web" is of "bilibili")."""
        name = match_platform(platform, self.platforms)
        if not name or not (own := self.platforms[name]):
            return self
        if "platforms" in own:
            raise ValueError(f"platforms.{platform} cannot have platforms of its own")
        try:
            return Policy.model_validate({**self.model_dump(), "platforms": {}, **own})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise ValueError(f"platforms.{platform}.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None

    def doubts(self, score: float) -> bool:
        """Return whether a line of a viewer that passes with a score is in doubt."""
        least = _DOUBT[self.level] if self.doubt_from is None else self.doubt_from
        return least <= score and least < 1

    def strictest(self) -> Policy:
        """Return the policy for answers to what is in doubt: strict in every category."""
        return self.model_copy(update={"level": Level.STRICT, "categories": {}})

    def mode(self, rule: Rule) -> Mode:
        """Return what a rule does."""
        return self.rules.get(rule, Mode.ACT)

    def action(self, category: Category, severity: Severity, direction: Direction) -> Action:
        """Decide what a finding leads to."""
        level = self.categories.get(category, self.level)
        if level is Mode.OFF or (category is Category.POLITICS and not self.politics):
            return Action.ALLOW
        if category is Category.CUSTOM:
            return Action.BLOCK
        if category is Category.STYLE and direction is Direction.OUT and severity < Severity.GRAVE:
            # The length of a reply and its capitals are the persona's own affair.
            return Action.ALLOW
        action = _ACTIONS[Level(level)][direction][severity]
        if action is Action.ALLOW and severity is Severity.SERIOUS and category in _NEVER_RELAXED:
            return Action.HOLD
        return action


def match_platform(platform: str, names: Iterable[str]) -> str:
    """Return the name that a source goes by ("bilibili_web" by "bilibili"): the longest that fits, "" if none does."""
    return max((name for name in names if platform.startswith(name)), key=len, default="")


def _mode(value: object) -> object:
    """Read what YAML made of ``off`` and ``on``."""
    return {False: Mode.OFF, True: Mode.ACT}.get(value, value) if isinstance(value, bool) else value

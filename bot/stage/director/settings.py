"""Settings of the director: which scene belongs to which state, and the cues. docs/cues.md has examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, StringConstraints, model_validator
from pydantic_core import CoreSchema, core_schema

from bot.runtime.settings import Section
from bot.stage.layers.vocabulary import StingerKind
from bot.stage.watchdog.check import Kind
from bot.text.field_types import options
from bot.text.money import minor_digits
from bot.types import Money, Role

#: Most cues, and most things that one cue may do.
MAX_CUES, MAX_ACTIONS = 200, 20
_AMOUNT = re.compile(r"(\d{1,12}(?:\.\d{1,3})?) ?([A-Za-z]{3,8})")
#: What is put into the words of a step; and what events bring along.
PLACEHOLDER = re.compile(r"\{([a-z_]{1,30})\}")
_OF_EVENTS = frozenset({"name", "amount", "count", "item", "months"})
_BRACES = re.compile(r"\{[^{}]*\}")
_TOOL = re.compile(r"[A-Za-z0-9_-]+")


class ShowState(StrEnum):
    """Where the show stands."""

    OFFLINE = "offline"  # the stream was on and is over
    STARTING = "starting"  # the host cannot be heard yet
    LIVE = "live"
    BREAK = "break"
    TECHNICAL = "technical"  # something is broken and is being mended
    ENDING = "ending"


class ShowEvent(StrEnum):
    """What viewers do that may set off a cue: the kinds of `bot.types.Kind`, and two words for groups of them."""

    FOLLOW = "follow"
    SUB = "sub"
    GIFT_SUB = "gift_sub"  # a subscription for somebody else; it is a sub too
    CHEER = "cheer"
    GIFT = "gift"
    SUPER_CHAT = "super_chat"
    GUARD = "guard"
    RAID = "raid"
    REDEMPTION = "redemption"
    PAID = "paid"  # any payment


def amount_of(text: str) -> Money:
    """Return an amount that was written as "5 USD" or "100 BITS". Raise `ValueError`."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise ValueError("an amount is a number and a currency, such as 5 USD, 30 CNY or 100 BITS")
    digits = minor_digits(found[2])
    minor = Decimal(found[1]).scaleb(digits)
    if minor != minor.to_integral_value():
        raise ValueError(f"{found[2].upper()} has {digits} digits after the point")
    return Money(int(minor), found[2].upper())


def _amount(text: str) -> str:
    amount_of(text)
    return text


class _OneOrMore:
    """Lets a single value stand for a list of one, with the errors of the list alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        as_list = next(kind for kind in options(source) if getattr(kind, "__origin__", None) is list)
        return core_schema.no_info_before_validator_function(listed, handler.generate_schema(as_list))


T = TypeVar("T")
#: One value or a list of them; `listed` returns the list.
OneOrMore: TypeAlias = Annotated[T | list[T], _OneOrMore()]


def listed(value: T | list[T]) -> list[T]:
    """Return a list as it is, and a single value as a list of one."""
    return value if isinstance(value, list) else [value]


#: A name in the mixer: a scene, a source, a filter.
Named = Annotated[str, StringConstraints(max_length=200)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Amount = Annotated[str, StringConstraints(max_length=30), AfterValidator(_amount)]
CueName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\w[\w -]{0,39}$")]


class When(Section):
    """What sets off a cue: exactly one of ``event``, ``segment``, ``state``, ``scene``, ``said``, ... ."""

    event: OneOrMore[ShowEvent] = Field([], description="what a viewer did: follow, sub, gift, raid, paid, …")
    at_least: OneOrMore[Amount] = Field(
        [], description="with event: only from such an amount on, in that very currency: 5 USD, 100 BITS"
    )
    item: OneOrMore[Word] = Field([], description="with event: only this gift, or this reward, by its name")
    segment: OneOrMore[Word] = Field([], description="a segment of the programme, by its name or its kind")
    state: OneOrMore[ShowState] = Field([], description="a state of the show begins")
    scene: OneOrMore[Named] = Field([], description="a scene comes on air, whoever put it there")
    said: OneOrMore[Word] = Field([], description="words that the audience heard the host say")
    command: OneOrMore[Word] = Field([], description="a command in the chat, without the sign before it")
    roles: list[Role] = Field([Role.MODERATOR], description="with command: who may give it")
    tool: str = Field("", max_length=300, description="the model may ask for it: when, in words for the model")
    watchdog: OneOrMore[Kind] = Field([], description="what the watchdog finds: page_gone, black, half_open, disk, …")
    at: Literal["begins", "ends"] = Field("begins", description="with segment or watchdog: at its beginning or end")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        triggers = ("event", "segment", "state", "scene", "said", "command", "tool", "watchdog")
        named = [name for name in triggers if getattr(self, name)]
        if len(named) != 1:
            raise ValueError(f"'when' names exactly one of {', '.join(triggers)}; for several, write a list of 'when'")
        if (self.at_least or self.item) and not self.event:
            raise ValueError("at_least and item belong to an event")
        if self.at == "ends" and not (self.segment or self.watchdog):
            raise ValueError("'at: ends' belongs to a segment or to the watchdog")
        return self


class Action(Section):
    """One thing to do: exactly one of the keys above, and what belongs to it."""

    scene: Named = Field("", description="put this scene on air")
    show: Named = Field("", description="show this source")
    hide: Named = Field("", description="hide this source")
    within: Named = Field("", description="with show or hide: the scene that it is in; empty: the one on air")
    text: Named = Field("", description="write into this text source")
    to: str = Field("", max_length=300, description="with text: the words; {name} {amount} {count} {item} are put in")
    filter: Named = Field("", description="switch this filter on, or off with enabled: false")
    of: Named = Field("", description="with filter: the source or scene that has it")
    enabled: bool = Field(default=True, description="with filter: on or off")
    media: Named = Field("", description="play this media source from its beginning, or stop it with stop: true")
    stop: bool = Field(default=False, description="with media: stop it")
    volume: Named = Field("", description="set the volume of this source")
    db: float | None = Field(None, ge=-100, le=26, description="with volume: in dB; 0 is unchanged, -100 is silence")
    replay: Literal["", "save"] = Field("", description="save the replay buffer")
    screenshot: Named = Field("", description="a picture of this source into the folder; 'on air' is the whole picture")
    stinger: StingerKind | None = Field(
        None, description="cover the stage pages that have the layer 'stinger': swipe, curtain, iris or stars"
    )
    record: Literal["", "start", "stop"] = Field("", description="start or stop the recording")
    stream: Literal["", "start", "stop"] = Field("", description="start or stop the stream")
    platform: Literal["", "send", "announce", "shoutout"] = Field(
        "", description="write into the chat, announce there, or recommend the viewer's channel"
    )
    source: str = Field("", max_length=32, description="with platform: which; empty: where the event came from")
    words: str = Field("", max_length=300, description="with send, announce or stinger: the words, as with text")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        named = [verb for verb in VERBS if getattr(self, verb)]
        if len(named) != 1:
            raise ValueError(f"each step does exactly one of {', '.join(VERBS)}")
        verb = named[0]
        for field, verbs in _BELONGS.items():
            if field in self.model_fields_set and verb not in verbs:
                raise ValueError(f"{field!r} belongs to {' or '.join(verbs)}, not to {verb}")
        if verb == "text" and "to" not in self.model_fields_set:
            raise ValueError("text needs 'to': the words; to: '' empties it")
        if verb == "filter" and not self.of:
            raise ValueError("filter needs 'of': the source or scene that has it")
        if verb == "volume" and self.db is None:
            raise ValueError("volume needs 'db'")
        for placeholder in _BRACES.findall(self.to + self.words):
            if not PLACEHOLDER.fullmatch(placeholder):
                raise ValueError(f"{placeholder} is no placeholder: those are of small letters, such as {{name}}")
        if self.platform in ("send", "announce") and not self.words:
            raise ValueError(f"platform: {self.platform} needs 'words'")
        return self

    @property
    def verb(self) -> str:
        """Which of `VERBS` it is."""
        return next(verb for verb in VERBS if getattr(self, verb))

    @property
    def undoable(self) -> bool:
        """Whether it can be undone."""
        return self.verb in _UNDOABLE and not (self.media and self.stop) and self.record != "stop"


VERBS = (
    "scene", "show", "hide", "text", "filter", "media", "volume", "replay", "screenshot", "record", "stream", "stinger",
    "platform",
)  # fmt: skip
_UNDOABLE = frozenset({"scene", "show", "hide", "text", "filter", "media", "volume", "record"})
_BELONGS = {
    "within": ("show", "hide"), "to": ("text",), "of": ("filter",), "enabled": ("filter",), "stop": ("media",),
    "db": ("volume",), "source": ("platform",), "words": ("platform", "stinger"),
}  # fmt: skip


class Cue(Section):
    """What is done when something happens. Without ``when`` it is run by its name alone."""

    when: OneOrMore[When] = Field([], description="what sets it off; one, or a list of which any does")
    do: OneOrMore[Action] = Field(description="what is done, in this order; one step or a list")
    undo_after: float | None = Field(
        None, ge=0.5, le=3600, description="seconds after which what still stands as it was left is put back"
    )
    cooldown: float = Field(5.0, ge=0, le=86_400, description="seconds in which it is not set off again")
    priority: int = Field(
        0, ge=-100, le=100, description="higher goes first, and what it shows is not changed by lower ones"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not 1 <= len(self.steps) <= MAX_ACTIONS:
            raise ValueError(f"a cue does 1 to {MAX_ACTIONS} things")
        if self.undo_after is not None and not any(step.undoable for step in self.steps):
            raise ValueError("undo_after: nothing that this cue does can be undone")
        if any(when.event for when in self.triggers):
            wanted = {name for step in self.steps for name in PLACEHOLDER.findall(step.to + step.words)}
            if unknown := sorted(wanted - _OF_EVENTS):
                known = ", ".join(f"{{{name}}}" for name in sorted(_OF_EVENTS))
                raise ValueError(f"an event brings no {{{unknown[0]}}}, but {known}")
        return self

    @property
    def steps(self) -> list[Action]:
        """What is done."""
        return listed(self.do)

    @property
    def triggers(self) -> list[When]:
        """What sets it off."""
        return listed(self.when)


class DirectorSettings(Section):
    """The director: scenes and cues of a video mixer such as OBS."""

    scenes: dict[ShowState, Named] = Field(
        {}, description="the scene of each state: offline, starting, live, break, technical, ending"
    )
    cues: dict[CueName, Cue] = Field({}, max_length=MAX_CUES, description="cues by their names")
    hold_minutes: float = Field(
        0, ge=0, le=1440, description="a scene that a person chose is left alone so long; 0: until it is released"
    )

    pictures: Path | None = Field(None, description="folder of screenshots; unset: screenshots in the data folder")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name, cue in self.cues.items():
            if any(when.tool for when in cue.triggers) and not _TOOL.fullmatch(name):
                raise ValueError(f"the cue {name!r} is a tool of the model: its name has a-z, 0-9, _ and - alone")
        if len({name.casefold() for name in self.cues}) < len(self.cues):
            raise ValueError("two cues have the same name")
        return self


def names_in(settings: DirectorSettings) -> Iterator[tuple[str, Literal["scene", "source"], str]]:
    """Yield every scene and source of the mixer that the settings name: where, what it is, and its name."""
    for state, scene in settings.scenes.items():
        yield f"the state {state}", "scene", scene
    for name, cue in settings.cues.items():
        where = f"the cue {name!r}"
        for when in cue.triggers:
            yield from ((where, "scene", scene) for scene in listed(when.scene))
        for step in cue.steps:
            yield from ((where, "scene", scene) for scene in (step.scene, step.within) if scene)
            sources = (step.show, step.hide, step.text, step.media, step.volume)
            yield from ((where, "source", source) for source in sources if source)

"""The tools that come with the host: their names, their arguments, and what they are for, in words for the model.

What they do is handed in as `Deeds`. One that is not handed in does not exist.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, create_model

from bot.mind.tools.function import Asker, Function

Text = Annotated[str, Field(min_length=1, max_length=200)]
Choice = Annotated[str, Field(min_length=1, max_length=25)]


class Arguments(BaseModel):
    """The base of all arguments: nothing unknown is taken."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Roll(Arguments):
    """Dice, or a coin with two sides."""

    sides: int = Field(6, ge=2, le=1000)
    count: int = Field(1, ge=1, le=20)


class TimerFor(Arguments):
    """A reminder."""

    seconds: int = Field(ge=5, le=4 * 3600)
    about: str = Field("", max_length=120)


class Poll(Arguments):
    """A vote."""

    question: str = Field(min_length=1, max_length=60)
    choices: list[Choice] = Field(min_length=2, max_length=5)
    seconds: int = Field(60, ge=15, le=1800)


class Clip(Arguments):
    """A clip of the last moments."""


class Shoutout(Arguments):
    """A channel that is recommended."""

    channel: str = Field(min_length=1, max_length=40, pattern=r"^@?[A-Za-z0-9_-]+$")


class Remember(Arguments):
    """Something to be kept in mind."""

    text: Text


class Question(Arguments):
    """A question."""

    question: Text


class Empty(Arguments):
    """No arguments."""


#: What is handed in for each tool: it takes the checked arguments and who asks.
Deed = Callable[[Any, Asker], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the tools do. ``scenes`` returns the cues that the model may ask for, and when, in words for it."""

    poll: Deed | None = None
    clip: Deed | None = None
    shoutout: Deed | None = None
    remember: Deed | None = None
    search_memory: Deed | None = None
    timer: Deed | None = None
    look: Deed | None = None
    scene: Callable[[str, Asker], Awaitable[str]] | None = None
    scenes: Callable[[], Mapping[str, str]] = dict
    rng: random.Random = field(default_factory=random.SystemRandom)


@dataclass(frozen=True, slots=True)
class _Kind:
    about: str
    arguments: type[BaseModel]
    effect: bool = True
    outside: bool = False


_KINDS: Final[Mapping[str, _Kind]] = {
    "search_memory": _Kind(
        "Search what you remember of earlier streams and of this viewer.", Question, effect=False, outside=True
    ),
    "remember": _Kind("Keep something in mind for later streams.", Remember),
    "timer": _Kind("Set a timer; you speak up when the time is over.", TimerFor),
    "look": _Kind(
        "Look at the picture of the stream to answer what is seen on it.", Question, effect=False, outside=True
    ),
    "poll": _Kind("Begin a vote among the viewers.", Poll),
    "clip": _Kind("Save the last moments of the stream as a clip.", Clip),
    "shoutout": _Kind("Recommend another channel on the platform.", Shoutout),
}


def functions(deeds: Deeds) -> dict[str, Function]:
    """Return the functions that can be called just now, by name."""

    async def roll(wanted: Roll, _: Asker) -> str:
        thrown = [deeds.rng.randint(1, wanted.sides) for _ in range(wanted.count)]
        if wanted.sides == 2:
            return ", ".join("heads" if side == 1 else "tails" for side in thrown)
        shown = ", ".join(map(str, thrown))
        return f"{shown} (in all {sum(thrown)}; {wanted.count} dice with {wanted.sides} sides)"

    found = {
        "roll": Function("roll", "Roll dice or flip a coin (2 sides) by true chance.", roll, Roll, effect=False),
    }
    for name, kind in _KINDS.items():
        if (deed := getattr(deeds, name)) is not None:
            found[name] = Function(name, kind.about, deed, kind.arguments, effect=kind.effect, outside=kind.outside)
    if deeds.scene is not None and (cues := deeds.scenes()):
        found["scene"] = _scene(cues, deeds.scene)
    return found


def _scene(cues: Mapping[str, str], do: Callable[[str, Asker], Awaitable[str]]) -> Function:
    names = StrEnum("Cue", {name: name for name in cues})  # type: ignore[misc]
    arguments = create_model("SceneCue", __base__=Arguments, name=(names, ...))

    async def scene(wanted: Any, asker: Asker) -> str:
        return await do(wanted.name.value, asker)

    told = "; ".join(f"{name}: {when}" for name, when in cues.items())
    words = tuple(word for name in cues for word in name.replace("_", " ").replace("-", " ").split() if len(word) > 3)
    return Function("scene", f"Change what is seen on the stream. {told}"[:1500], scene, arguments, words=words)

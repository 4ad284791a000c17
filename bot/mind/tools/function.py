"""The words of the tools: who asks, what a function is, and what becomes of a call.

What a function does is handed in by `bot.app.tools`: nothing here knows a stage, a platform or a database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from bot.types import Tool

#: Keys of a JSON Schema that hold prose. Who writes prose into a schema could give the model orders.
_PROSE: Final = frozenset({"title", "description", "default", "examples", "$comment", "deprecated"})
_MAX_DEPTH: Final = 6


class Origin(StrEnum):
    """Whose words made the model ask for a tool."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    STREAMER = "streamer"
    HOST = "host"  # its programme, or its own accord


class Outcome(StrEnum):
    """What became of a call."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    WAITING = "waiting"  # for a person
    DECLINED = "declined"  # by a person
    EXPIRED = "expired"  # no person answered in time
    WITHDRAWN = "withdrawn"  # what asked for it was deleted
    REPEATED = "repeated"  # the same call was answered in this turn
    CANCELLED = "cancelled"  # the turn was cut


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. ``words`` are all of the words that this turn answers; ``messages`` the source and id of each line.

    ``tainted`` tells that words of strangers may speak for the asker: nothing with an effect is done then.
    """

    origin: Origin
    words: str
    source: str = ""
    author_id: str = ""
    name: str = ""
    language: str = "en"
    messages: tuple[tuple[str, str], ...] = ()
    tainted: bool = False


#: What a function does: takes its checked arguments and who asks, returns what is told to the model.
#: Raises `HaishinError` with the reason when it cannot.
Do = Callable[[Any, Asker], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the model may call.

    ``arguments`` checks them; ``schema`` stands for it where another program checks them. ``effect`` says that it
    changes something that others see; ``outside`` that strangers may have written what it returns.
    """

    name: str
    about: str
    do: Do
    arguments: type[BaseModel] | None = None
    schema: Mapping[str, Any] = field(default_factory=dict)
    effect: bool = True
    outside: bool = False
    words: tuple[str, ...] = ()

    @property
    def tool(self) -> Tool:
        """What the model is told of it."""
        given = _schema_of(self.arguments) if self.arguments else bare(self.schema)
        return Tool(self.name, self.about, given)


@dataclass(frozen=True, slots=True)
class Result:
    """What a call came to. ``text`` is data for the model, ``detail`` the reason for people."""

    tool: str
    outcome: Outcome
    text: str
    detail: str = ""


@cache
def _schema_of(arguments: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a class of arguments. Making one takes a millisecond, and each turn tells of them all."""
    return bare(arguments.model_json_schema())


def bare(schema: Any, depth: int = 0, *, names: bool = False) -> dict[str, Any]:
    """Return a JSON Schema without its prose. ``names``: the keys are names of arguments, all of which stay."""
    if depth > _MAX_DEPTH or not isinstance(schema, Mapping):
        return {}
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if not names and key in _PROSE:
            continue
        if isinstance(value, Mapping):
            found[key] = bare(value, depth + 1, names=not names and key in ("properties", "$defs"))
        elif isinstance(value, list):
            found[key] = [bare(item, depth + 1) if isinstance(item, Mapping) else item for item in value]
        else:
            found[key] = value
    return found

"""A box of tools whose deeds are written down, for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.errors import Refused
from bot.mind.tools import builtin
from bot.mind.tools.builtin import Deeds
from bot.mind.tools.function import Asker, Function, Origin, Outcome
from bot.mind.tools.settings import AllowedTools, ToolRule, ToolSettings
from bot.mind.tools.toolbox import ToolBox
from bot.types import ToolCall
from tests.support.moderators import make_moderator

ALL = list(Origin)


@dataclass
class Deed:
    """What was done: the tool and its arguments."""

    done: list[tuple[str, Any]] = field(default_factory=list)
    answers: dict[str, str | float | Exception] = field(default_factory=dict)

    def named(self, name: str) -> Callable[[Any, Asker], Any]:
        async def do(arguments: Any, asker: Asker) -> str:
            del asker
            answer = self.answers.get(name, "done")
            if isinstance(answer, float):
                await asyncio.sleep(answer)
            if isinstance(answer, Exception):
                raise answer
            self.done.append((name, arguments))
            return str(answer)

        return do

    def deeds(self) -> Deeds:
        """Return deeds that are written down here."""

        async def scene(name: str, asker: Asker) -> str:
            return str(await self.named("scene")(name, asker))

        names = ("poll", "clip", "shoutout", "remember", "search_memory", "timer", "look")
        named: dict[str, Any] = {name: self.named(name) for name in names}
        return Deeds(
            **named,
            scene=scene,
            scenes=lambda: {"harbour": "somebody wants to see the harbour", "confetti": "something is celebrated"},
        )


def asker(words: str = "hello", origin: Origin = Origin.VIEWER, author: str = "ana", *, tainted: bool = False) -> Asker:
    """Return somebody who asks."""
    return Asker(origin, words, "test", author, author, messages=(("test", "m1"),), tainted=tainted)


def call(tool: str, /, **arguments: Any) -> ToolCall:
    """Return a call of a model."""
    return ToolCall("c1", tool, json.dumps(arguments))


def allowing(**rules: dict[str, Any]) -> ToolSettings:
    """Return settings with other bounds of some tools, given whole; the others stay as they are."""
    return ToolSettings(allow=AllowedTools(**{name: ToolRule(**rule) for name, rule in rules.items()}))


def make_box(
    deed: Deed | None = None,
    settings: ToolSettings | None = None,
    more: Mapping[str, Function] | None = None,
    clock: Callable[[], float] | None = None,
) -> tuple[ToolBox, Deed, list[tuple[str, Outcome]]]:
    """Return a box, what it does, and what it counted."""
    deed, counted = deed or Deed(), []
    box = ToolBox(
        lambda: {**builtin.functions(deed.deeds()), **(more or {})},
        settings or ToolSettings(),
        make_moderator(None),
        clock=clock,
        counted=lambda tool, outcome: counted.append((tool, outcome)),
    )
    return box, deed, counted


REFUSAL = Refused("the mixer is away")

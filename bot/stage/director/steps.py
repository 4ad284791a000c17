"""Carries out the steps of a cue over a mixer and, where a step asks for it, over a platform or a folder."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from bot.disclosure.png import marked
from bot.errors import Refused
from bot.stage.director.layers import Layer, Layers
from bot.stage.director.properties import change_of
from bot.stage.director.runs import CueRun
from bot.stage.director.settings import PLACEHOLDER, Action
from bot.stage.director.triggers import Whom
from bot.stage.layers.messages import Stinger
from bot.stage.obs.mixer import Mixer
from bot.text.money import money
from bot.text.sanitize import one_line
from bot.types import Money

#: Longest value that is put into a text, and longest text, in characters.
MAX_VALUE, MAX_TEXT = 60, 400
#: Pictures that are kept in the folder; width of one, in pixels.
MAX_PICTURES, WIDTH = 500, 1280
#: A stinger has covered the picture after so long, in seconds; `overlay/stage/src/layers/stingers.ts` has the same.
COVERED_S = 0.5
#: Steps that may take longer than the mixer's answer: they hold up no other cue.
SLOW = frozenset({"stream", "screenshot", "platform"})
#: What a screenshot of the whole picture is called.
ON_AIR = "on air"
_PICTURE = re.compile(r"\d{8}-\d{6}-\d{6}\.png")


class Platform(Protocol):
    """What may be done on the platforms."""

    async def act(self, action: str, whom: Whom, source: str, text: str) -> str:
        """Run an action; return in words what was done. Raises `HaishinError`."""
        ...


def filled(template: str, values: Mapping[str, object]) -> str:
    """Return a template with its values, on one line each and bounded. Raise `Refused` when one is not there."""

    def value(found: re.Match[str]) -> str:
        given = values.get(found[1])
        text = money(given) if isinstance(given, Money) else "" if given is None else str(given)
        shown = one_line(text[: MAX_VALUE * 8], MAX_VALUE)
        if not shown:
            raise Refused(f"there is nothing to put in for {{{found[1]}}}")
        return shown

    return PLACEHOLDER.sub(value, template)[:MAX_TEXT]


#: Covers the stage pages with a stinger; returns on how many it is played.
Cover = Callable[[Stinger], int]


class Steps:
    """Carries out steps. ``layers`` holds what will be put back."""

    def __init__(
        self, mixer: Mixer, layers: Layers, platform: Platform | None = None, cover: Cover | None = None
    ) -> None:
        self.mixer = mixer
        self.layers = layers
        self._platform = platform
        self._cover = cover
        #: The folder of screenshots.
        self.pictures: Path | None = None

    async def change(self, run: CueRun, step: Action, now: float) -> None:
        """Run a step that is answered at once. Raises `ProviderError` and `Refused`."""
        if step.stinger is not None:
            if self._cover is None or not self._cover(Stinger(kind=step.stinger, text=filled(step.words, run.values))):
                raise Refused("no open stage page has the layer 'stinger'")
            return
        words = filled(step.to, run.values) if step.text else ""
        change = change_of(step, self.mixer.state.scene, words)
        if change is None:
            await self.mixer.call("SaveReplayBuffer")
            return
        prop, value = change
        lasting = run.cue.undo_after
        until = now + lasting if lasting is not None else float("inf")
        # Of what is put on screen only a text speaks of somebody.
        whom = run.whom if step.text and "{" in step.to else Whom()
        layer = Layer(run.name, run.cue.priority, value, until, whom, (*run.chain, run.name))
        await self.layers.put(prop, layer, for_a_while=lasting is not None and step.undoable)

    async def slow(self, run: CueRun, step: Action) -> None:
        """Run a step that may take seconds. Raises `ProviderError` and `Refused`."""
        if step.stream:
            await (self.mixer.start_stream() if step.stream == "start" else self.mixer.stop_stream())
        elif step.screenshot:
            source = "" if step.screenshot == ON_AIR else step.screenshot
            await self._keep(await self.mixer.screenshot(source, width=WIDTH))
        elif self._platform is None:
            raise Refused("no platform is connected here")
        else:
            await self._platform.act(step.platform, run.whom, step.source, filled(step.words, run.values))

    async def _keep(self, png: bytes) -> None:
        if self.pictures is None:
            raise Refused("there is no folder for screenshots")
        try:
            await asyncio.to_thread(_write, self.pictures, png)
        except OSError as error:
            raise Refused(f"the screenshot cannot be written: {error.strerror or error}") from None


def needs_mixer(step: Action) -> bool:
    """Return whether a step asks something of the mixer."""
    return step.verb not in ("platform", "stinger")


def changes_scene(step: Action) -> bool:
    """Return whether a step puts a scene on air."""
    return bool(step.scene)


def _write(folder: Path, png: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S-%f.png")
    (folder / name).write_bytes(marked(png))
    ours = sorted(file for file in folder.iterdir() if _PICTURE.fullmatch(file.name))
    for old in ours[:-MAX_PICTURES]:
        old.unlink(missing_ok=True)

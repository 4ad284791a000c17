"""What draws the host: the built-in figure, or a model of the streamer's own.

    persona.yaml's `model` ─▶ what an operator chose for this persona, until the host ends ─▶ the stage

A model that is missing, broken, or that a page cannot draw leaves the built-in figure on the stage, with an alarm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from loguru import logger

from bot.control.avatar.mapping import read_mapping, write_mapping
from bot.control.schemas.avatar import AvatarView, MappingView, ModelItem, VtsView
from bot.control.schemas.panel import Done
from bot.errors import ConfigError, Refused
from bot.runtime.signal import Signal
from bot.stage.hub import Overlay
from bot.stage.models.library import Assignments, Found, ModelLibrary
from bot.stage.models.live2d_core import CoreStore
from bot.stage.models.messages import StageModel
from bot.stage.protocol import Settings as StageLook
from bot.stage.vts.client import VtsState, VTubeStudio
from bot.telemetry.alarms import Alarms

#: The alarm's name.
ALARM: Final = "avatar model"
#: How often at most it is looked whether the pages show what they should, in seconds.
LOOK_S = 1.0
_REMEDY = "The built-in figure is shown. Choose another model on the panel, or see docs/models.md."


@dataclass(frozen=True, slots=True)
class Worn:
    """What the stage is to show of a model; without one the built-in figure. ``problem`` says why it is not there."""

    name: str = ""
    model: StageModel | None = None
    problem: str = ""
    remedy: str = ""


def read_worn(library: ModelLibrary, name: str) -> Worn:
    """Read a model by its name; an empty one stands for the built-in figure. Never raises."""
    if not name:
        return Worn()
    try:
        return Worn(name, library.stage_model(name))
    except ConfigError as error:
        return Worn(name, None, str(error), error.remedy)


class AvatarControls:
    """Chooses what the stage shows. ``changed`` is notified when it is another model, or one that cannot be shown."""

    def __init__(self, library: ModelLibrary, stage: Overlay, alarms: Alarms) -> None:
        self.changed = Signal()
        self.library = library
        self.core = CoreStore(library.folder.parent)
        self._stage = stage
        self._alarms = alarms
        self._persona = ""
        self._own = Worn()
        #: What an operator chose, by the persona; it does not outlive the host.
        self._chosen: dict[str, Worn] = {}
        self._told = ""
        #: Another program that shows the host, and then the stage page does not; None where there is none.
        self.vts: VTubeStudio | None = None

    @property
    def worn(self) -> Worn:
        """What the stage is to show."""
        return self._chosen.get(self._persona, self._own)

    def follow(self, persona: str, own: Worn, look: StageLook) -> StageLook:
        """Let a persona be the host, whose file names the model ``own``; return ``look`` with what it wears."""
        self._persona, self._own = persona, own
        self.changed.notify()
        return look.model_copy(update={"model": self._model})

    async def choose(self, name: str | None) -> Done:
        """Show a model until the host ends, with "" our own figure, with None what the file says. Raises `Refused`."""
        persona = self._persona
        worn = await asyncio.to_thread(read_worn, self.library, name if name is not None else self._own.name)
        if name is not None and worn.problem:
            raise Refused(worn.problem, remedy=worn.remedy)
        if name is None:
            self._chosen.pop(persona, None)
            if persona == self._persona:
                self._own = worn
        else:
            self._chosen[persona] = worn
        self._apply()
        logger.info("by the operator: the stage shows {}", self.worn.name or "the built-in figure")
        if name is None:
            return Done(ok=True, detail="as persona.yaml says")
        return Done(ok=True, detail="until the host ends; 'model' in persona.yaml says it for good")

    async def read_again(self) -> None:
        """Read the model that is shown again: its mapping was changed."""
        persona, worn = self._persona, self.worn
        again = await asyncio.to_thread(read_worn, self.library, worn.name)
        if self._persona == persona and self.worn is worn:
            if persona in self._chosen:
                self._chosen[persona] = again
            else:
                self._own = again
            self._apply()

    async def mapping(self, name: str) -> MappingView:
        """Return what of ours is what of a model's. Raises `Refused`."""
        return await asyncio.to_thread(read_mapping, self.library, name)

    async def map(self, name: str, mapping: Assignments) -> Done:
        """Write what of ours is what of a model's; the stage follows at once. Raises `Refused`."""
        await asyncio.to_thread(write_mapping, self.library, name, mapping)
        if self.worn.name == name:
            await self.read_again()
        return Done(ok=True, detail="written into its model.yaml")

    async def state(self) -> AvatarView:
        """Return the models that there are, and which is shown."""
        found = await asyncio.to_thread(self.library.list)
        worn = self.worn
        return AvatarView(
            persona=self._persona,
            own=self._own.name,
            shown=worn.name if worn.model else "",
            chosen=self._persona in self._chosen,
            problem=self.problem,
            models=[_item(one) for one in found],
            vts=_vts(self.vts.state) if self.vts else None,
        )

    @property
    def problem(self) -> str:
        """Why the stage does not show the model that it should; empty when it does."""
        return self.worn.problem or self._stage.model_problem()

    async def run(self) -> None:
        """Call a person when the stage does not show the model that it should; runs as long as the show."""
        while True:
            self.look()
            await self._stage.changed.wait(5.0)
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Raise the alarm, or take it back."""
        problem = self.problem
        if problem:
            text = f"The stage does not show the model {self.worn.name!r}: {problem}"
            self._alarms.raise_alarm(ALARM, text, f"{_sentence(self.worn.remedy)}{_REMEDY}")
        elif self._told:
            self._alarms.clear(ALARM)
        if problem != self._told:
            self._told = problem
            self.changed.notify()

    @property
    def _model(self) -> StageModel | None:
        """What the page is to draw: nothing while VTube Studio shows the host."""
        return StageModel(kind="none") if self.vts and self.vts.state.driving else self.worn.model

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return what runs as long as the show, by name, where VTube Studio is configured."""
        vts = self.vts
        return {"vtube studio": vts.run, "figure elsewhere": partial(self._follow, vts)} if vts else {}

    async def _follow(self, vts: VTubeStudio) -> None:
        """Take the figure from the page while VTube Studio has it, and give it back."""
        while True:
            self._apply()
            driving = vts.state.driving
            await vts.changed.wait_until(lambda before=driving: vts.state.driving != before)  # type: ignore[misc]

    async def ask_vts(self) -> Done:
        """Let VTube Studio be asked for leave again. Raises `Refused`."""
        if self.vts is None:
            raise Refused("VTube Studio is not configured", remedy="See docs/vts.md: stage.vts.enabled.")
        ok = self.vts.ask_again()
        return Done(ok=ok, detail="press Allow in VTube Studio" if ok else "it is connected, or asks already")

    def _apply(self) -> None:
        settings = self._stage.settings.model_copy(update={"model": self._model})
        if settings != self._stage.settings:
            self._stage.configure(settings)
        self.look()
        self.changed.notify()


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}. " if words else ""


def _vts(state: VtsState) -> VtsView:
    return VtsView(
        driving=state.driving, asking=state.asking, refused=state.refused, problem=state.problem, remedy=state.remedy,
        model=state.hotkeys.model, hotkeys=list(state.hotkeys.names[:100]),
        emotions={ours.value: one.name for ours, one in state.hotkeys.emotions.items()},
        gestures={ours.value: one.name for ours, one in state.hotkeys.gestures.items()},
    )  # fmt: skip


def _item(found: Found) -> ModelItem:
    card = found.card
    if card is None:
        return ModelItem(name=found.name, kind="", title="", author="", licence="", credit="", problem=found.problem)
    return ModelItem(
        name=found.name, kind=card.kind.value, title=card.title, author=card.author, licence=card.licence,
        credit=card.credit, problem="",
    )  # fmt: skip

"""The director: puts the scene of the show's state on air, and carries out cues. A person at the mixer wins.

    what happens ─▶ triggers ─▶ cool-down ─▶ queue (bounded, by priority) ─▶ steps ─▶ the mixer
    state of the show ─▶ the scene that it asks for ─▶ unless a person holds the mixer

One task gives all quick orders, in order: what is to be put back first, then the scene of the state, then cues.
While the mixer is away a cue is refused; only the scene of the state waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from loguru import logger

from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.stage.director.desk import CueDesk
from bot.stage.director.layers import Layers
from bot.stage.director.performer import Performer
from bot.stage.director.rehearsal import rehearsed
from bot.stage.director.runs import CueRecord
from bot.stage.director.scene_keeper import Hand, Hold, SceneKeeper
from bot.stage.director.settings import Cue, DirectorSettings, ShowState
from bot.stage.director.standing import MAX_TROUBLES, SegmentOnAir, Standing
from bot.stage.director.steps import Cover, Platform, Steps
from bot.stage.director.triggers import Happening, Trigger, Triggers
from bot.stage.obs.mixer import Mixer, MixerEvent
from bot.types import Retraction

#: So long is put back what cues have changed when the director ends, in seconds.
LAST_S = 0.7


class Director:
    """Directs one mixer. ``changed`` is notified of everything that the panel shows.

    What is told here may be told at any rate and returns at once; `run` does the work. ``pictures`` is the folder of
    screenshots where the settings name none.
    """

    def __init__(
        self,
        settings: DirectorSettings,
        mixer: Mixer,
        *,
        platform: Platform | None = None,
        pictures: Path | None = None,
        cover: Cover | None = None,
    ) -> None:
        self.changed = Signal()
        self.settings = settings
        self.mixer = mixer
        self._standing = Standing()
        self._state = self._standing.state
        self._wake = Signal()
        self._wake.lead_to(self.changed)
        self._desk = CueDesk(mixer, self._wake)
        self._layers = Layers(mixer)
        self._keeper = SceneKeeper(mixer, self._layers)
        self._steps = Steps(mixer, self._layers, platform, cover)
        self._performer = Performer(self._steps, self._keeper, self._desk.end)
        self._pictures = pictures
        self._connected = False
        self._found: set[str] = set()
        mixer.changed.lead_to(self._wake)
        mixer.listen(self)
        self.update(settings)

    def update(self, settings: DirectorSettings) -> None:
        """Take over settings: on air, too."""
        if settings.scenes != self.settings.scenes:
            self._keeper.ask()
        self.settings = settings
        self._desk.cues = settings.cues
        self._triggers = Triggers(settings.cues)
        self._keeper.hold_s = settings.hold_minutes * 60
        self._steps.pictures = settings.pictures or self._pictures
        self._wake.notify()

    # --- how things stand -----------------------------------------------------------------------------

    @property
    def state(self) -> ShowState:
        """The state of the show."""
        return self._standing.state

    @property
    def base(self) -> ShowState:
        """The state that was entered last, whatever counts before it now."""
        return self._standing.base

    @property
    def why(self) -> str:
        """Why the state is "technical", in words."""
        return self._standing.why

    @property
    def wished(self) -> str:
        """The scene that the state asks for; empty when it asks for none."""
        return self._standing.scene(self.settings.scenes)

    @property
    def hold(self) -> Hold | None:
        """Who has the mixer, if a person does."""
        return self._keeper.hold

    @property
    def problem(self) -> str:
        """Why the scene that the state asks for is not on air, in words; empty when nothing is wrong."""
        return self._keeper.problem

    @property
    def records(self) -> tuple[CueRecord, ...]:
        """What became of the last cues, the newest last."""
        return tuple(self._desk.log.records)

    @property
    def skipped(self) -> Mapping[str, int]:
        """How often each cue was not set off because it rested."""
        return self._desk.skipped

    @property
    def tools(self) -> Mapping[str, str]:
        """The cues that the model may ask for, and when, in words for it."""
        return self._triggers.tools

    # --- what is told ---------------------------------------------------------------------------------

    def enter(self, state: ShowState) -> None:
        """Set the state of the show, as the show itself, the programme or a person says."""
        self._standing.base = state
        self._restate()

    def segment(self, segment: SegmentOnAir, *, begins: bool = True) -> None:
        """Take note that a segment of the programme begins or ends."""
        if begins:
            self._standing.segment = segment
        elif self._standing.segment is not None and self._standing.segment.name == segment.name:
            self._standing.segment = None
        self._restate()
        names = tuple(dict.fromkeys(name for name in (segment.name, segment.kind) if name))
        self.happened(Happening(Trigger.SEGMENT, names, begins=begins, values={"segment": segment.name}))

    def trouble(self, what: str, why: str, *, technical: bool = True) -> None:
        """Take note that the watchdog found something; when it is ``technical``, the state is until it is mended."""
        if what not in self._found and len(self._found) >= MAX_TROUBLES:
            return
        new = what not in self._found
        self._found.add(what)
        if technical:
            self._standing.troubles[what] = why
            self._restate()
        if new:
            self.happened(Happening(Trigger.WATCHDOG, (what,)))

    def mended(self, what: str) -> None:
        """Take note that it is mended."""
        if what in self._found:
            self._found.discard(what)
            if self._standing.troubles.pop(what, None) is not None:
                self._restate()
            self.happened(Happening(Trigger.WATCHDOG, (what,), begins=False))

    def _restate(self) -> None:
        """Follow what the state has become, and let its scene be put on air."""
        self._keeper.ask()
        if (state := self._standing.state) is not self._state:
            self._state = state
            logger.info("the show is {}{}", state, f": {self.why}" if self.why else "")
            self.happened(Happening(Trigger.STATE, (state.value,)))
        self._wake.notify()

    def happened(self, happening: Happening) -> None:
        """Set off the cues that wait for this."""
        now = _now()
        for name in self._triggers.set_off(happening):
            self._desk.set_off(name, happening, now)

    def said(self, turn: str, text: str, *, complete: bool) -> None:
        """Set off the cues whose words the audience has heard; ``text`` is what was heard of the turn so far."""
        for name in self._triggers.said(turn, text, complete=complete):
            self._desk.set_off(name, Happening(Trigger.SAID, ()), _now())

    def retracted(self, retraction: Retraction) -> None:
        """Take off the screen what speaks of a deleted message or of a viewer who was sent away."""
        if self._layers.retract(retraction, _now()):
            self._wake.notify()

    def put_back(self) -> None:
        """Undo now what cues have changed for a while: the show ends."""
        self._layers.end_all(_now())
        self._wake.notify()

    def mixer_event(self, event: MixerEvent) -> None:
        """Follow what happens in the mixer: a scene that this program did not order was chosen by a person."""
        if event.name == "CurrentProgramSceneChanged":
            scene = str(event.data.get("sceneName", ""))
            chain = self._keeper.on_air(scene, ours=event.ours)
            self.happened(Happening(Trigger.SCENE, (scene,), chain=chain, values={"scene": scene}))
            self._wake.notify()

    # --- orders ---------------------------------------------------------------------------------------

    async def cue(self, name: str, values: Mapping[str, object] | None = None) -> bool:
        """Run a cue by its name; return whether it was done, wholly or in part. Never raises."""
        return (await self._desk.run(name, values or {})).done

    async def call(self, name: str) -> str:
        """Run a cue for the model; return in words what became of it. Raises `Refused` for any other cue."""
        if name not in self.tools:
            known = ", ".join(self.tools) or "none"
            raise Refused(f"there is no such tool: {name[:40]!r}", remedy=f"The tools are: {known}.")
        ended = await self._desk.run(name, {})
        return "done" if ended.done else f"it was not done: {ended.detail}"

    async def order(self, name: str) -> str:
        """Run a cue for a person, whether it rests or not; return what became of it. Raises `Refused`."""
        self._known(name)
        ended = await self._desk.run(name, {}, rest=False)
        if not ended.done:
            raise Refused(f"the cue was not done: {ended.detail}")
        return f"the cue {name!r} was carried out" + (f", in part: {ended.detail}" if ended.detail else "")

    async def switch(self, scene: str, by: Hand = Hand.PANEL) -> None:
        """Put a scene on air for a person, who then has the mixer. Raises `HaishinError`."""
        try:
            await self._keeper.switch_for_a_person(scene, by)
        finally:
            self._wake.notify()

    def release(self) -> bool:
        """Release the mixer, so that the director chooses the scene again; return False when nobody held it."""
        held = self._keeper.release()
        self._wake.notify()
        return held

    async def rehearse(self, name: str, values: Mapping[str, object] | None = None) -> tuple[str, ...]:
        """Return in words what a cue would do, without doing it. Raises `Refused`."""
        return await rehearsed(name, self._known(name), values or {}, self.mixer.state)

    def _known(self, name: str) -> Cue:
        if (cue := self.settings.cues.get(name)) is None:
            raise Refused(f"there is no cue {name[:40]!r}")
        return cue

    # --- the work -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work as long as the show runs; put back at the end what cues have changed."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._look()
                    if not await self._next(group):
                        await self._wake.wait(self._sleep_s())
        finally:
            self.put_back()
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_S):
                    await self._layers.expire(_now())

    def _look(self) -> None:
        """Follow how the mixer stands: after each new connection the scene of the state is put on air again."""
        state = self.mixer.state
        if state.connected:
            self._standing.output(state.stream)
            if not self._connected:
                self._keeper.ask()
            if self._standing.state is not self._state:
                self._restate()
        self._connected = state.connected
        if (release_at := self._keeper.release_at) is not None and _now() >= release_at:
            self._keeper.release()

    async def _next(self, group: asyncio.TaskGroup) -> bool:
        """Run the next step; return False when there is none. Nothing was awaited then."""
        now = _now()
        due = self._layers.next_due()
        if self._connected and due is not None and due <= now:
            with self._keeper.ordering(None, self._layers.cause_of(now)):
                self._desk.undone(await self._layers.expire(now))
            self.changed.notify()
            return True
        if self._connected and self._keeper.wants(self.wished, now):
            await self._keeper.put(self.wished)
            self.changed.notify()
            return True
        if run := self._desk.queue.take():
            await self._performer.perform(run, group)
            return True
        return False

    def _sleep_s(self) -> float | None:
        now = _now()
        whens = [self._layers.next_due(), self._keeper.retry_at] if self._connected else []
        whens.append(self._keeper.release_at)
        return min((max(0.01, when - now) for when in whens if when is not None), default=None)


def _now() -> float:
    return asyncio.get_running_loop().time()

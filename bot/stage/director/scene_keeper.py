"""The scene on air: what the state asks for, unless a person has chosen another one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from loguru import logger

from bot.errors import HaishinError, ProviderError, Refused
from bot.stage.director.layers import Layers
from bot.stage.director.properties import SCENE, unknown_scene, write
from bot.stage.obs.mixer import Mixer

#: A scene that the mixer did not take is tried again after so long, in seconds.
RETRY_S = 2.0
#: The mixer's word that a scene is on air comes within so many seconds after the order.
ECHO_S = 2.0


class Hand(StrEnum):
    """Where a person chose a scene."""

    MIXER = "mixer"
    PANEL = "panel"
    CHAT = "chat"  # a moderator's command


@dataclass(frozen=True, slots=True)
class Hold:
    """A person has chosen the scene. ``at`` is the loop's clock."""

    scene: str
    by: Hand
    at: float


@dataclass(frozen=True, slots=True)
class _Order:
    scene: str | None  # None: whatever lies below the layer that goes
    chain: tuple[str, ...]
    until: float


class SceneKeeper:
    """Keeps the scene. One task orders; a person may come between at any moment."""

    def __init__(self, mixer: Mixer, layers: Layers) -> None:
        self.hold: Hold | None = None
        #: Why the scene that is asked for is not on air, in words.
        self.problem = ""
        #: A hold ends by itself after so long, in seconds; 0: never.
        self.hold_s = 0.0
        #: When a scene that the mixer did not take is tried again, by the loop's clock.
        self.retry_at: float | None = None
        self._mixer = mixer
        self._layers = layers
        self._asked = True
        self._refused: tuple[str, tuple[str, ...]] | None = None
        self._order = _Order("", (), 0.0)

    def ask(self) -> None:
        """Order the scene of the state once, at the next opportunity."""
        self._asked, self.retry_at = True, None

    def wants(self, scene: str, now: float) -> bool:
        """Return whether a scene is to be put on air now."""
        if self._refused is not None and self._refused != (scene, self._mixer.state.scenes):
            self._refused, self._asked = None, True  # the scenes, or what is asked for, are others now
        if self.hold is not None or not self._asked or (self.retry_at is not None and now < self.retry_at):
            return False
        if not scene or scene == self._mixer.state.scene:
            self._done()
            return False
        return True

    async def put(self, scene: str) -> None:
        """Put the scene of the state on air. Never raises what the mixer raises."""
        self._layers.drop(SCENE)
        self._done()  # before the order: another scene may be asked for while the mixer still switches
        with self.ordering(scene, ()):
            try:
                await write(self._mixer, SCENE, scene)
            except Refused as error:
                self.problem, self._refused = str(error), (scene, self._mixer.state.scenes)
                logger.warning("the scene {!r} is not on air: {}", scene, error)
            except ProviderError as error:
                self._asked, self.problem, self.retry_at = True, str(error), _now() + RETRY_S

    def _done(self) -> None:
        self._asked, self.retry_at, self.problem = False, None, ""

    @contextmanager
    def ordering(self, scene: str | None, chain: tuple[str, ...]) -> Iterator[None]:
        """Take what the mixer says of this scene for an order of ours, and of the cues that led to it."""
        self._order = _Order(scene, chain, float("inf"))
        try:
            yield
        finally:
            self._order = _Order(scene, chain, _now() + ECHO_S)

    def on_air(self, scene: str, *, ours: bool) -> tuple[str, ...]:
        """Take note that a scene is on air; return the cues that led to it. A person who put it there has the mixer."""
        order = self._order
        ordered = order.scene in (None, scene) and _now() < order.until
        if not ours and not (ordered and order.scene is not None):
            self._hold(scene, Hand.MIXER)
            return ()
        return order.chain if ordered else ()

    async def switch_for_a_person(self, scene: str, by: Hand) -> None:
        """Put a scene on air that a person chose, who then has the mixer. Raises `HaishinError`."""
        state = self._mixer.state
        if not state.connected:
            raise Refused(f"OBS is away: {state.problem}")
        if scene not in state.scenes:
            raise unknown_scene(scene, state.scenes)
        before = self.hold
        self._hold(scene, by)
        try:
            await self._mixer.switch_scene(scene)
        except HaishinError:
            self.hold = before
            raise

    def _hold(self, scene: str, by: Hand) -> None:
        logger.info("a person has the mixer: the scene {!r} was chosen ({})", scene, by)
        self.hold, self.problem = Hold(scene, by, _now()), ""
        self._layers.drop(SCENE)

    @property
    def release_at(self) -> float | None:
        """When the hold ends by itself, by the loop's clock."""
        return self.hold.at + self.hold_s if self.hold and self.hold_s else None

    def release(self) -> bool:
        """Release the mixer, so that the state chooses the scene again; return False when nobody held it."""
        if self.hold is None:
            return False
        self.hold = None
        self.ask()
        return True


def _now() -> float:
    return asyncio.get_running_loop().time()

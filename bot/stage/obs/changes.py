"""What a set-up does to OBS: each change says in a plain sentence what it is, and can be applied by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.errors import ProviderError, Refused
from bot.stage.obs.inventory import MARK, Call

#: Where an item lies and how large it is: OBS's own names of a scene item's transform.
Transform = Mapping[str, float]


class Change(ABC):
    """One change to OBS."""

    __slots__ = ()

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What it does."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Scenes and sources without which it cannot work."""
        return ()

    @property
    def makes(self) -> str:
        """The scene or source that is there afterwards, or nothing."""
        return ""

    @abstractmethod
    async def apply(self, call: Call) -> None:
        """Apply the change. Raise `ProviderError` or `Refused`."""


def draft_name(scene: str) -> str:
    """Return what a scene is called while it is being made."""
    return f"Haishin: {scene}"


@dataclass(frozen=True, slots=True)
class MakeScene(Change):
    """A scene that is not there yet; ``begun`` when one that was being made was left behind.

    It gets its name after its mark: when OBS dies in between, what it saved never looks like a person's scene.
    """

    name: str
    mark: str
    begun: bool = False

    @property
    def sentence(self) -> str:
        """What it does."""
        return f"make the scene '{self.name}'"

    @property
    def makes(self) -> str:
        """The scene."""
        return self.name

    async def apply(self, call: Call) -> None:
        """Make, mark and name it."""
        draft = draft_name(self.name)
        if not self.begun:
            await call("CreateScene", {"sceneName": draft})
        try:
            await call("SetSourcePrivateSettings", {"sourceName": draft, "sourceSettings": {MARK: self.mark}})
            await call("SetSceneName", {"sceneName": draft, "newSceneName": self.name})
        except Refused:
            await call("RemoveScene", {"sceneName": draft})
            raise


@dataclass(frozen=True, slots=True)
class MakeInput(Change):
    """A source that is not there yet, put into a scene. ``what`` says in words what it is."""

    scene: str
    name: str
    kind: str
    mark: str
    what: str
    settings: Mapping[str, Any]
    transform: Transform = field(default_factory=dict)
    visible: bool = True
    lowest: bool = False

    @property
    def sentence(self) -> str:
        """What it does."""
        hidden = "" if self.visible else ", switched off"
        return f"make the source '{self.name}' in the scene '{self.scene}': {self.what}{hidden}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The scene."""
        return (self.scene,)

    @property
    def makes(self) -> str:
        """The source."""
        return self.name

    async def apply(self, call: Call) -> None:
        """Make it, marked from the first moment on, and put it in its place."""
        order = {
            "sceneName": self.scene,
            "inputName": self.name,
            "inputKind": self.kind,
            "inputSettings": {**self.settings, MARK: self.mark},
            "sceneItemEnabled": self.visible,
        }
        await _arrange(call, self.scene, await call("CreateInput", order), self.transform, lowest=self.lowest)


@dataclass(frozen=True, slots=True)
class Place(Change):
    """A source that is there, put into one more scene."""

    scene: str
    source: str
    transform: Transform = field(default_factory=dict)
    visible: bool = True
    lowest: bool = False

    @property
    def sentence(self) -> str:
        """What it does."""
        hidden = "" if self.visible else ", switched off"
        return f"put the source '{self.source}' into the scene '{self.scene}'{hidden}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The scene and the source."""
        return (self.scene, self.source)

    async def apply(self, call: Call) -> None:
        """Put it there."""
        order = {"sceneName": self.scene, "sourceName": self.source, "sceneItemEnabled": self.visible}
        made = await call("CreateSceneItem", order)
        await _arrange(call, self.scene, made, self.transform, lowest=self.lowest)


@dataclass(frozen=True, slots=True)
class Correct(Change):
    """Settings of a source of ours that are no longer right. ``why`` says in words what becomes of them."""

    source: str
    settings: Mapping[str, Any]
    why: str

    @property
    def sentence(self) -> str:
        """What it does."""
        return f"correct the source '{self.source}': {self.why}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The source."""
        return (self.source,)

    async def apply(self, call: Call) -> None:
        """Set those settings and leave the others."""
        order = {"inputName": self.source, "inputSettings": dict(self.settings), "overlay": True}
        await call("SetInputSettings", order)


@dataclass(frozen=True, slots=True)
class Hide(Change):
    """A source of ours in a scene of ours that is not to be seen any more."""

    scene: str
    source: str
    item: int
    why: str

    @property
    def sentence(self) -> str:
        """What it does."""
        return f"switch the source '{self.source}' off in the scene '{self.scene}': {self.why}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The scene and the source."""
        return (self.scene, self.source)

    async def apply(self, call: Call) -> None:
        """Switch it off."""
        order = {"sceneName": self.scene, "sceneItemId": self.item, "sceneItemEnabled": False}
        await call("SetSceneItemEnabled", order)


@dataclass(frozen=True, slots=True)
class SetParameter(Change):
    """A setting of the profile that takes effect at the next start of OBS."""

    category: str
    name: str
    value: str
    what: str

    @property
    def sentence(self) -> str:
        """What it does."""
        return f"{self.what} (OBS takes it at its next start)"

    async def apply(self, call: Call) -> None:
        """Set it."""
        order = {"parameterCategory": self.category, "parameterName": self.name, "parameterValue": self.value}
        await call("SetProfileParameter", order)


async def _arrange(call: Call, scene: str, made: Mapping[str, Any], transform: Transform, *, lowest: bool) -> None:
    item = {"sceneName": scene, "sceneItemId": made.get("sceneItemId")}
    if transform:
        await call("SetSceneItemTransform", {**item, "sceneItemTransform": dict(transform)})
    if lowest:
        await call("SetSceneItemIndex", {**item, "sceneItemIndex": 0})


@dataclass(frozen=True, slots=True)
class Failure:
    """A change that was not made, and why. ``remedy`` says what to do next."""

    change: Change
    reason: str
    remedy: str


async def apply_all(call: Call, changes: Sequence[Change]) -> list[Failure]:
    """Make the changes in their order; return those that were not made. One that fails holds up only what needs it."""
    failures: list[Failure] = []
    missing: set[str] = set()
    for change in changes:
        if absent := [name for name in change.needs if name in missing]:
            failure = Failure(change, f"not tried: '{absent[0]}' could not be made", "mend that one first")
        else:
            try:
                await change.apply(call)
                continue
            except Refused as error:
                failure = Failure(change, str(error), error.remedy or "run 'haishin obs setup' again, or do it in OBS")
            except ProviderError as error:
                failure = Failure(change, str(error), error.remedy or "start OBS, then run 'haishin obs setup' again")
        failures.append(failure)
        if change.makes:
            missing.add(change.makes)
    return failures

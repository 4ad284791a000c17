"""What a cue can change in the mixer and put back again: each property is read and written here alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from bot.errors import Refused
from bot.stage.director.runs import CueRefusedError, Remark, Why
from bot.stage.director.settings import Action
from bot.stage.obs.mixer import Mixer, OutputState

#: OBS keeps a volume as a factor: what was written is read back about so exactly, in dB.
_SAME_DB = 0.1
_MEDIA = "OBS_WEBSOCKET_MEDIA_INPUT_ACTION_"
_RUNNING = (OutputState.STARTING, OutputState.ACTIVE)
#: A recording that was ended goes on for a moment, and OBS leaves out a start in it: how often it is asked for, and for
#: how long it is waited for at most, in seconds. With the real OBS it took up to two.
_ASK_S, _REST_S = 0.1, 5.0


class What(StrEnum):
    """A kind of property."""

    SCENE = "scene"  # the scene on air: its name
    SHOWN = "shown"  # a source in a scene: True or False
    TEXT = "text"  # of a source: its words
    FILTER = "filter"  # of a source: True or False
    PLAYING = "playing"  # a media source: True or False
    VOLUME = "volume"  # of a source: dB
    RECORDING = "recording"  # True or False


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the mixer: ``owner`` is the scene or source, ``name`` the item or filter in it."""

    what: What
    owner: str = ""
    name: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.what.value, repr(self.name or self.owner)) if part != "''")


#: The scene on air.
SCENE = Property(What.SCENE)
Value = str | bool | float


def change_of(step: Action, on_air: str, words: str) -> tuple[Property, Value] | None:
    """Return what a step changes, and to what; None for one that changes nothing that could be put back."""
    match step.verb:
        case "scene":
            return SCENE, step.scene
        case "show" | "hide":
            return Property(What.SHOWN, step.within or on_air, step.show or step.hide), bool(step.show)
        case "text":
            return Property(What.TEXT, step.text), words
        case "filter":
            return Property(What.FILTER, step.of, step.filter), step.enabled
        case "media":
            return Property(What.PLAYING, step.media), not step.stop
        case "volume":
            return Property(What.VOLUME, step.volume), step.db or 0.0
        case "record":
            return Property(What.RECORDING), step.record == "start"
        case _:
            return None


def same(one: Value, other: Value) -> bool:
    """Return whether two values are the same as far as the mixer keeps them."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < _SAME_DB
    return one == other


def unknown_scene(scene: str, scenes: tuple[str, ...]) -> CueRefusedError:
    """Return that the mixer has no such scene, with the one that was perhaps meant."""
    near = get_close_matches(scene, scenes, n=1)
    return CueRefusedError(Remark(Why.NO_SCENE, scene, near=near[0] if near else ""))


async def read(mixer: Mixer, prop: Property) -> Value:
    """Return how a property stands. Raises `ProviderError` and `Refused`, also for an answer of another form."""
    try:
        return await _read(mixer, prop)
    except (AttributeError, TypeError, ValueError):
        raise Refused(f"OBS does not tell how {prop} stands") from None


async def _read(mixer: Mixer, prop: Property) -> Value:
    match prop.what:
        case What.SCENE:
            return mixer.state.scene
        case What.SHOWN:
            answer = await mixer.call("GetSceneItemEnabled", await _item(mixer, prop))
            return bool(answer.get("sceneItemEnabled"))
        case What.TEXT:
            settings = (await mixer.call("GetInputSettings", {"inputName": prop.owner})).get("inputSettings", {})
            return str(settings.get("text", ""))
        case What.FILTER:
            answer = await mixer.call("GetSourceFilter", {"sourceName": prop.owner, "filterName": prop.name})
            return bool(answer.get("filterEnabled"))
        case What.PLAYING:
            answer = await mixer.call("GetMediaInputStatus", {"inputName": prop.owner})
            return answer.get("mediaState") in ("OBS_MEDIA_STATE_PLAYING", "OBS_MEDIA_STATE_OPENING")
        case What.VOLUME:
            answer = await mixer.call("GetInputVolume", {"inputName": prop.owner})
            return float(answer.get("inputVolumeDb", 0.0))
        case What.RECORDING:
            return mixer.state.record in _RUNNING


async def write(mixer: Mixer, prop: Property, value: Value) -> None:
    """Set a property. Raises `ProviderError` and `Refused`."""
    match prop.what:
        case What.SCENE:
            scene = str(value)
            if mixer.state.scenes and scene not in mixer.state.scenes:
                raise unknown_scene(scene, mixer.state.scenes)
            await mixer.switch_scene(scene)
        case What.SHOWN:
            await mixer.call("SetSceneItemEnabled", {**await _item(mixer, prop), "sceneItemEnabled": bool(value)})
        case What.TEXT:
            data = {"inputName": prop.owner, "inputSettings": {"text": str(value)}, "overlay": True}
            await mixer.call("SetInputSettings", data)
        case What.FILTER:
            data = {"sourceName": prop.owner, "filterName": prop.name, "filterEnabled": bool(value)}
            await mixer.call("SetSourceFilterEnabled", data)
        case What.PLAYING:
            data = {"inputName": prop.owner, "mediaAction": _MEDIA + ("RESTART" if value else "STOP")}
            await mixer.call("TriggerMediaInputAction", data)
        case What.VOLUME:
            await mixer.call("SetInputVolume", {"inputName": prop.owner, "inputVolumeDb": float(value)})
        case What.RECORDING:
            if bool(value) != (mixer.state.record in _RUNNING):
                if value:
                    await _recording_at_rest(mixer)
                await mixer.call("StartRecord" if value else "StopRecord")


async def _recording_at_rest(mixer: Mixer) -> None:
    clock = asyncio.get_running_loop().time
    end = clock() + _REST_S
    while (await mixer.call("GetRecordStatus")).get("outputActive") is True and clock() < end:
        await asyncio.sleep(_ASK_S)


async def _item(mixer: Mixer, prop: Property) -> dict[str, Any]:
    if not prop.owner:
        raise Refused("OBS has not told which scene is on air")
    found = await mixer.call("GetSceneItemId", {"sceneName": prop.owner, "sourceName": prop.name})
    return {"sceneName": prop.owner, "sceneItemId": found.get("sceneItemId")}

"""OBS as a table in memory: it answers the requests that set-up and doctor put, as the real one answered them."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from bot.errors import HaishinError, Refused

LINUX = ("image_source", "color_source_v3", "ffmpeg_source", "pulse_output_capture", "text_ft2_source_v2")
WITH_BROWSER = (*LINUX, "browser_source")


class ObsInMemory:
    """``scenes`` holds lists of items, ``inputs`` kind and settings, ``private`` the private settings of scenes.

    ``faults`` holds an error for a request, or for a request about a name ("CreateScene Live").
    """

    def __init__(self, kinds: tuple[str, ...] = WITH_BROWSER, *, canvas: tuple[int, int] = (1920, 1080)) -> None:
        self.kinds = kinds
        self.video: dict[str, Any] = {
            "baseWidth": canvas[0], "baseHeight": canvas[1], "outputWidth": canvas[0], "outputHeight": canvas[1],
            "fpsNumerator": 30, "fpsDenominator": 1,
        }  # fmt: skip
        self.platform = "Debian GNU/Linux 12 (bookworm)"
        self.scenes: dict[str, list[dict[str, Any]]] = {"Scene": []}
        self.current = "Scene"
        self.inputs: dict[str, dict[str, Any]] = {}
        self.private: dict[str, dict[str, Any]] = {}
        self.parameters = {
            ("Audio", "SampleRate"): "48000", ("Output", "Mode"): "Simple", ("SimpleOutput", "RecFormat"): "mkv",
        }  # fmt: skip
        self.service: dict[str, Any] = {
            "streamServiceType": "rtmp_common",
            "streamServiceSettings": {"service": "Twitch", "key": "live_secret"},
        }
        self.stats: dict[str, Any] = {"availableDiskSpace": 100_000.0}
        self.record_folder = ""
        self.special: dict[str, Any] = {}
        self.faults: dict[str, HaishinError] = {}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self._ids = 0

    def orders(self) -> list[str]:
        """Return the requests that changed something."""
        return [name for name, _ in self.asked if not name.startswith("Get")]

    def snapshot(self) -> Any:
        """Return a copy of all that can be changed."""
        return copy.deepcopy((self.scenes, self.inputs, self.private, self.parameters, self.video, self.current))

    def add(self, scene: str, name: str, kind: str, settings: Mapping[str, Any] | None = None) -> None:
        """Put a source into a scene as a person would; both are made where they are not there."""
        self.scenes.setdefault(scene, [])
        self.inputs.setdefault(name, {"kind": kind, "settings": dict(settings or {})})
        self._item(scene, name, enabled=True)

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Answer a request, as `Mixer.call` does."""
        return self.answer(request, data)

    def answer(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Answer a request. Raise `Refused`."""
        given = dict(data or {})
        self.asked.append((request, given))
        about = given.get("inputName") or given.get("sourceName") or given.get("sceneName") or ""
        for key in (request, f"{request} {about}"):
            if key in self.faults:
                raise self.faults[key]
        handler = getattr(self, "_" + re.sub(r"(?<!^)([A-Z])", r"_\1", request).lower(), None)
        if handler is None:
            raise Refused(f"OBS declines {request}: unknown")
        return copy.deepcopy(handler(given) or {})

    def _item(self, scene: str, source: str, *, enabled: bool) -> dict[str, Any]:
        self._ids += 1
        item = {"sceneItemId": self._ids, "sourceName": source, "sceneItemEnabled": enabled, "transform": {}}
        self.scenes[scene].append(item)
        return {"sceneItemId": self._ids}

    def _found(self, scene: str, number: Any) -> dict[str, Any]:
        for item in self.scenes.get(scene, ()):
            if item["sceneItemId"] == number:
                return item
        raise Refused(f"no item {number} in {scene}")

    def _source(self, name: str) -> dict[str, Any]:
        if name not in self.inputs:
            raise Refused(f"No source was found by the name of `{name}`.")
        return self.inputs[name]

    def _sounding(self, name: str) -> dict[str, Any]:
        source = self._source(name)
        if source["kind"].startswith(("text", "color", "image")) or (
            source["kind"] == "browser_source" and not source["settings"].get("reroute_audio")
        ):
            raise Refused("The specified input does not support audio.")
        return source

    # --- answers ----------------------------------------------------------------------------------

    def _get_version(self, _: Any) -> Any:
        return {"obsVersion": "30.2.3", "platformDescription": self.platform}

    def _get_input_kind_list(self, _: Any) -> Any:
        return {"inputKinds": list(self.kinds)}

    def _get_video_settings(self, _: Any) -> Any:
        return self.video

    def _get_scene_list(self, _: Any) -> Any:
        return {"currentProgramSceneName": self.current, "scenes": [{"sceneName": name} for name in self.scenes]}

    def _get_input_list(self, _: Any) -> Any:
        return {"inputs": [{"inputName": name, "inputKind": one["kind"]} for name, one in self.inputs.items()]}

    def _get_input_settings(self, d: Any) -> Any:
        source = self._source(d["inputName"])
        return {"inputKind": source["kind"], "inputSettings": source["settings"]}

    def _get_input_mute(self, d: Any) -> Any:
        return {"inputMuted": self._sounding(d["inputName"]).get("muted", False)}

    def _get_input_volume(self, d: Any) -> Any:
        return {"inputVolumeDb": self._sounding(d["inputName"]).get("db", 0.0)}

    def _get_input_audio_monitor_type(self, d: Any) -> Any:
        return {"monitorType": self._sounding(d["inputName"]).get("monitor", "OBS_MONITORING_TYPE_NONE")}

    def _get_scene_item_list(self, d: Any) -> Any:
        if d["sceneName"] not in self.scenes:
            raise Refused(f"No source was found by the name of `{d['sceneName']}`.")
        return {"sceneItems": self.scenes[d["sceneName"]]}

    def _get_source_private_settings(self, d: Any) -> Any:
        return {"sourceSettings": self.private.get(d["sourceName"], {})}

    def _get_profile_parameter(self, d: Any) -> Any:
        found = self.parameters.get((d["parameterCategory"], d["parameterName"]))
        return {"parameterValue": found, "defaultParameterValue": None}

    def _get_stream_service_settings(self, _: Any) -> Any:
        return self.service

    def _get_stats(self, _: Any) -> Any:
        return self.stats

    def _get_record_directory(self, _: Any) -> Any:
        return {"recordDirectory": self.record_folder}

    def _get_special_inputs(self, _: Any) -> Any:
        return self.special

    # --- orders -----------------------------------------------------------------------------------

    def _create_scene(self, d: Any) -> None:
        if d["sceneName"] in self.scenes or d["sceneName"] in self.inputs:
            raise Refused("A source already exists by that scene name.")
        self.scenes[d["sceneName"]] = []

    def _set_scene_name(self, d: Any) -> None:
        if d["newSceneName"] in self.scenes or d["newSceneName"] in self.inputs:
            raise Refused("A source already exists by that new scene name.")
        self.scenes[d["newSceneName"]] = self.scenes.pop(d["sceneName"])
        if d["sceneName"] in self.private:
            self.private[d["newSceneName"]] = self.private.pop(d["sceneName"])

    def _remove_scene(self, d: Any) -> None:
        del self.scenes[d["sceneName"]]

    def _set_source_private_settings(self, d: Any) -> None:
        self.private.setdefault(d["sourceName"], {}).update(d["sourceSettings"])

    def _create_input(self, d: Any) -> Any:
        if d["inputKind"] not in self.kinds:
            raise Refused("Your specified input kind is not supported by OBS.")
        if d["inputName"] in self.inputs or d["inputName"] in self.scenes:
            raise Refused("A source already exists by that input name.")
        if d["sceneName"] not in self.scenes:
            raise Refused(f"No source was found by the name of `{d['sceneName']}`.")
        self.inputs[d["inputName"]] = {"kind": d["inputKind"], "settings": dict(d["inputSettings"])}
        return self._item(d["sceneName"], d["inputName"], enabled=d["sceneItemEnabled"])

    def _create_scene_item(self, d: Any) -> Any:
        self._source(d["sourceName"])
        return self._item(d["sceneName"], d["sourceName"], enabled=d["sceneItemEnabled"])

    def _set_input_settings(self, d: Any) -> None:
        self._source(d["inputName"])["settings"].update(d["inputSettings"])

    def _set_scene_item_transform(self, d: Any) -> None:
        self._found(d["sceneName"], d["sceneItemId"])["transform"].update(d["sceneItemTransform"])

    def _set_scene_item_index(self, d: Any) -> None:
        item = self._found(d["sceneName"], d["sceneItemId"])
        items = self.scenes[d["sceneName"]]
        items.remove(item)
        items.insert(d["sceneItemIndex"], item)

    def _set_scene_item_enabled(self, d: Any) -> None:
        self._found(d["sceneName"], d["sceneItemId"])["sceneItemEnabled"] = d["sceneItemEnabled"]

    def _set_profile_parameter(self, d: Any) -> None:
        self.parameters[d["parameterCategory"], d["parameterName"]] = d["parameterValue"]

"""Tells the events that this program's own orders caused from those that a person at the mixer caused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.stage.obs.answers import output_event
from bot.stage.obs.mixer import OutputState

#: An event comes at the latest so long after its order, in seconds. OBS tells a scene at the end of the transition,
#: which may be a film; and the end of a delayed stream comes later still.
EVENT_S, SCENE_S, OUTPUT_S = 3.0, 25.0, 60.0
#: Orders whose events are waited for at most.
MAX_ORDERS = 500

_STREAM, _RECORD, _REPLAY, _CAM = (f"{kind}StateChanged" for kind in ("Stream", "Record", "ReplayBuffer", "Virtualcam"))
#: The event that tells a new scene.
SCENE = "CurrentProgramSceneChanged"
#: The events that each request causes.
CAUSES: dict[str, tuple[str, ...]] = {
    "SetCurrentProgramScene": (SCENE,),
    "TriggerStudioModeTransition": (SCENE,),
    "SetCurrentPreviewScene": ("CurrentPreviewSceneChanged",),
    "SetStudioModeEnabled": ("StudioModeStateChanged",),
    "SetCurrentSceneCollection": ("CurrentSceneCollectionChanging", "CurrentSceneCollectionChanged"),
    "SetCurrentProfile": ("CurrentProfileChanging", "CurrentProfileChanged"),
    "SetCurrentSceneTransition": ("CurrentSceneTransitionChanged",),
    "SetSceneItemEnabled": ("SceneItemEnableStateChanged",),
    "SetSceneItemLocked": ("SceneItemLockStateChanged",),
    "CreateSceneItem": ("SceneItemCreated",),
    "RemoveSceneItem": ("SceneItemRemoved",),
    "CreateScene": ("SceneCreated", "SceneListChanged"),
    "RemoveScene": ("SceneRemoved", "SceneListChanged"),
    "SetSceneName": ("SceneNameChanged", "SceneListChanged"),
    "CreateInput": ("InputCreated", "SceneItemCreated"),
    "RemoveInput": ("InputRemoved", "SceneItemRemoved"),
    "SetInputName": ("InputNameChanged",),
    "SetInputSettings": ("InputSettingsChanged",),
    "SetInputVolume": ("InputVolumeChanged",),
    "SetInputMute": ("InputMuteStateChanged",),
    "ToggleInputMute": ("InputMuteStateChanged",),
    "SetInputAudioMonitorType": ("InputAudioMonitorTypeChanged",),
    "CreateSourceFilter": ("SourceFilterCreated",),
    "RemoveSourceFilter": ("SourceFilterRemoved",),
    "SetSourceFilterEnabled": ("SourceFilterEnableStateChanged",),
    "TriggerMediaInputAction": ("MediaInputActionTriggered",),
    "SaveReplayBuffer": ("ReplayBufferSaved",),
    **{f"{verb}Stream": (_STREAM,) for verb in ("Start", "Stop", "Toggle")},
    **{f"{verb}Record": (_RECORD,) for verb in ("Start", "Stop", "Toggle", "Pause", "Resume")},
    **{f"{verb}ReplayBuffer": (_REPLAY,) for verb in ("Start", "Stop", "Toggle")},
    **{f"{verb}VirtualCam": (_CAM,) for verb in ("Start", "Stop", "Toggle")},
}
_OUTPUTS = {_STREAM, _RECORD, _REPLAY, _CAM}
_BETWEEN = {OutputState.STARTING, OutputState.STOPPING}


@dataclass(slots=True)
class Order:
    """A request whose events are still to come: those in ``left``, ``until`` a time of the clock."""

    data: Mapping[str, Any]
    left: list[str]
    until: float


class Orders:
    """The orders of late; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._orders: list[Order] = []

    def given(self, request: str, data: Mapping[str, Any]) -> Order:
        """Take note of an order, before it is sent: its event may come before its answer."""
        events = CAUSES.get(request, ())
        within_s = OUTPUT_S if not _OUTPUTS.isdisjoint(events) else SCENE_S if SCENE in events else EVENT_S
        order = Order(_as_told(data), list(events), self._clock() + within_s)
        if events:
            self._orders = [one for one in self._orders if one.left and one.until > self._clock()][-MAX_ORDERS + 1 :]
            self._orders.append(order)
        return order

    def awaits(self, event: str) -> bool:
        """Return whether an event of an earlier order is still to come."""
        return any(event in order.left and order.until > self._clock() for order in self._orders)

    def declined(self, order: Order) -> None:
        """Forget an order that was not carried out."""
        order.left.clear()

    def caused(self, event: str, data: Mapping[str, Any]) -> bool:
        """Return whether an order of ours caused an event: one of its kind, and equal in all that both name."""
        for order in self._orders:
            if event in order.left and order.until > self._clock() and _equal(order.data, data):
                if not (event in _OUTPUTS and output_event(data) in _BETWEEN):  # the last one of the order
                    order.left.remove(event)
                return True
        return False


def _as_told(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an order's data by which its event is known: names, switches and numbers of items.

    Settings and volumes come back completed or rounded, and of a new name the event tells the new one.
    """
    known = {key: value for key, value in data.items() if isinstance(value, str | bool) or key == "sceneItemId"}
    for kind in ("scene", "input"):
        if f"new{kind.capitalize()}Name" in known:
            known[f"{kind}Name"] = known[f"new{kind.capitalize()}Name"]
    return known


def _equal(order: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    return all(event[key] == value for key, value in order.items() if key in event)

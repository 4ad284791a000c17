"""A mixer that only takes notes: a show, or one cue, is rehearsed without OBS."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.errors import HaishinError, Refused, TransientError
from bot.runtime.signal import Signal
from bot.stage.director.layers import Layers
from bot.stage.director.properties import unknown_scene
from bot.stage.director.runs import CueRun
from bot.stage.director.settings import Cue
from bot.stage.director.steps import SLOW, Steps
from bot.stage.director.triggers import Whom
from bot.stage.layers.messages import Stinger
from bot.stage.obs.mixer import (
    MixerEvent,
    MixerListener,
    MixerState,
    MixerStats,
    OutputState,
    StreamStats,
)

#: Notes that are kept; the oldest go first.
MAX_NOTES = 10_000
_OUTPUTS = {"StartRecord": True, "StopRecord": False}


@dataclass(frozen=True, slots=True)
class Note:
    """One order that a mixer would have got: ``at`` is the loop's clock, ``words`` are for people."""

    at: float
    words: str


@dataclass
class RehearsalMixer:
    """Implements `bot.stage.obs.mixer.Mixer`; each order becomes a `Note` on the loop's clock, which may be virtual.

    Without ``scenes`` every scene exists; every source and filter exists. ``values`` holds what was set.
    """

    scenes: tuple[str, ...] = ()
    scene: str = ""
    notes: list[Note] = field(default_factory=list)
    values: dict[tuple[str, ...], Any] = field(default_factory=dict)
    changed: Signal = field(default_factory=Signal)

    def __post_init__(self) -> None:
        self._state = MixerState(connected=True, problem="", version="rehearsal", scene=self.scene, scenes=self.scenes)
        self._listeners: list[MixerListener] = []

    @property
    def state(self) -> MixerState:
        """How it stands."""
        return self._state

    def listen(self, listener: MixerListener) -> None:
        """Tell a listener of every event from now on."""
        self._listeners.append(listener)

    def note(self, words: str) -> None:
        """Write something down."""
        self.notes.append(Note(asyncio.get_running_loop().time(), words))
        del self.notes[:-MAX_NOTES]

    def human(self, scene: str) -> None:
        """Change the scene as a person at the mixer does."""
        self._on_air(scene, ours=False)

    def connect(self, *, connected: bool) -> None:
        """Disconnect the mixer, or connect it again."""
        self._stand(connected=connected, problem="" if connected else "it is away")

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Answer a request as obs-websocket would."""
        self._need()
        d = dict(data or {})
        if request in _READS:
            return _READS[request](self, d)
        if request in _OUTPUTS:
            self._stand(record=OutputState.ACTIVE if _OUTPUTS[request] else OutputState.STOPPED)
            self.note("starts to record" if _OUTPUTS[request] else "ends the recording")
            return {}
        if request not in _WRITES:
            raise Refused(f"the rehearsal does not know {request}")
        key, value, words = _WRITES[request](d)
        if key:
            self.values[key] = value
        self.note(words)
        return {}

    async def switch_scene(self, scene: str) -> None:
        """Put a scene on air."""
        self._need()
        if self._state.scenes and scene not in self._state.scenes:
            raise unknown_scene(scene, self._state.scenes)
        self.note(f"puts the scene {scene!r} on air")
        self._on_air(scene, ours=True)

    async def start_stream(self) -> None:
        """Start the stream."""
        self._need()
        self.note("starts the stream")
        self._stand(stream=OutputState.ACTIVE)

    async def stop_stream(self) -> None:
        """Stop the stream."""
        self._need()
        self.note("ends the stream")
        self._stand(stream=OutputState.STOPPED)

    async def stream_stats(self) -> StreamStats:
        """Return a count of nothing."""
        return StreamStats(self._state.stream is OutputState.ACTIVE, False, 0, 0, 0.0, 0, 0)  # noqa: FBT003

    async def stats(self) -> MixerStats:
        """Return the load of nothing."""
        return MixerStats(0.0, 30.0, 100_000.0, 0, 0, 0, 0)

    async def screenshot(self, source: str = "", *, width: int = 320) -> bytes:
        """Return a picture of one grey pixel."""
        self._need()
        del width
        self.note(f"takes a picture of {source or 'the whole picture'!r}")
        return _PIXEL

    async def volume_peaks(self, seconds: float) -> Mapping[str, float]:
        """Return that nothing is heard."""
        await asyncio.sleep(seconds)
        return {}

    def _need(self) -> None:
        if not self._state.connected:
            raise TransientError(f"OBS is away: {self._state.problem}")

    def _stand(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        self.changed.notify()

    def _on_air(self, scene: str, *, ours: bool) -> None:
        before = self._state.scene
        self._stand(scene=scene)
        if scene != before:
            event = MixerEvent("CurrentProgramSceneChanged", {"sceneName": scene}, ours=ours)
            for listener in self._listeners:
                listener.mixer_event(event)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


_PIXEL = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\x80"))
    + _chunk(b"IEND", b"")
)

_Data = dict[str, Any]
_READS: Mapping[str, Callable[[RehearsalMixer, _Data], Mapping[str, Any]]] = {
    "GetSceneItemId": lambda _, d: {"sceneItemId": d["sourceName"]},
    "GetSceneItemEnabled": lambda m, d: {
        "sceneItemEnabled": m.values.get(("shown", d["sceneName"], d["sceneItemId"]), False)
    },
    "GetInputSettings": lambda m, d: {"inputSettings": {"text": m.values.get(("text", d["inputName"]), "")}},
    "GetSourceFilter": lambda m, d: {
        "filterEnabled": m.values.get(("filter", d["sourceName"], d["filterName"]), False)
    },
    "GetMediaInputStatus": lambda m, d: {
        "mediaState": f"OBS_MEDIA_STATE_{'PLAYING' if m.values.get(('media', d['inputName'])) else 'STOPPED'}"
    },
    "GetRecordStatus": lambda m, _: {"outputActive": m.state.record is OutputState.ACTIVE},
    "GetInputVolume": lambda m, d: {"inputVolumeDb": m.values.get(("volume", d["inputName"]), 0.0)},
}
_WRITES: Mapping[str, Callable[[_Data], tuple[tuple[str, ...], Any, str]]] = {
    "SetSceneItemEnabled": lambda d: (
        ("shown", d["sceneName"], d["sceneItemId"]),
        d["sceneItemEnabled"],
        f"{'shows' if d['sceneItemEnabled'] else 'hides'} {d['sceneItemId']!r} in {d['sceneName']!r}",
    ),
    "SetInputSettings": lambda d: (
        ("text", d["inputName"]),
        d["inputSettings"]["text"],
        f"writes {d['inputSettings']['text']!r} into {d['inputName']!r}",
    ),
    "SetSourceFilterEnabled": lambda d: (
        ("filter", d["sourceName"], d["filterName"]),
        d["filterEnabled"],
        f"switches the filter {d['filterName']!r} of {d['sourceName']!r} {'on' if d['filterEnabled'] else 'off'}",
    ),
    "TriggerMediaInputAction": lambda d: (
        ("media", d["inputName"]),
        d["mediaAction"].endswith("RESTART"),
        f"{'plays' if d['mediaAction'].endswith('RESTART') else 'stops'} {d['inputName']!r}",
    ),
    "SetInputVolume": lambda d: (
        ("volume", d["inputName"]),
        d["inputVolumeDb"],
        f"sets the volume of {d['inputName']!r} to {d['inputVolumeDb']:g} dB",
    ),
    "SaveReplayBuffer": lambda _: ((), None, "saves the replay buffer"),
}


async def rehearsed(name: str, cue: Cue, values: Mapping[str, object], state: MixerState) -> tuple[str, ...]:
    """Return in words what a cue would do to a mixer that stands so, and what would be put back."""
    mixer = RehearsalMixer(state.scenes, state.scene or "the scene on air")
    layers = Layers(mixer)
    noting = _Noting(mixer)
    steps = Steps(mixer, layers, noting, noting.cover)
    run = CueRun(name, cue, {**EXAMPLE, **values}, 0.0)
    said: list[str] = []
    for step in cue.steps:
        at = len(mixer.notes)
        try:
            if step.screenshot:
                await mixer.screenshot(step.screenshot)
            elif step.verb in SLOW:
                await steps.slow(run, step)
            else:
                await steps.change(run, step, 0.0)
        except HaishinError as error:
            mixer.note(f"cannot {step.verb}: {error}")
        said += [note.words for note in mixer.notes[at:]]
    layers.end_all(0.0)
    at = len(mixer.notes)
    await layers.expire(0.0)
    return (*said, *(f"after {cue.undo_after:g} s: {note.words}" for note in mixer.notes[at:]))


#: What stands for a viewer's gift where a cue is rehearsed or tried by hand.
EXAMPLE: Mapping[str, object] = {"name": "Ana", "amount": "5 USD", "count": "3", "item": "Rose", "months": "2"}


class _Noting:
    def __init__(self, mixer: RehearsalMixer) -> None:
        self._mixer = mixer

    async def act(self, action: str, whom: Whom, source: str, text: str) -> str:
        del whom
        self._mixer.note(f"{action} on {source or 'the platform'}" + (f": {text!r}" if text else ""))
        return "noted"

    def cover(self, stinger: Stinger) -> int:
        self._mixer.note(f"covers the stage pages: {stinger.kind}" + (f", {stinger.text!r}" if stinger.text else ""))
        return 1

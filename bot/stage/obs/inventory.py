"""What OBS holds: scenes, sources, profile. It is read once, and set-up and doctor reason about it without OBS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from bot.errors import Refused
from bot.stage.layers.board import shows_host

#: Puts a request of obs-websocket 5 to OBS and returns its answer; raises `Refused` when OBS declines, `ProviderError`
#: when it is lost. `Mixer.call` is one.
Call: TypeAlias = Callable[[str, Mapping[str, Any] | None], Awaitable[Mapping[str, Any]]]

#: The key under which the set-up marks what it made: in the settings of an input, since those are saved in the moment
#: in which it is made, and in the private settings of a scene, which has no others. Both survive a restart of OBS.
MARK = "haishin"
BROWSER = "browser_source"
#: Further parameters of the profile that a check asks about, by category and name.
PARAMETERS = (
    ("Audio", "SampleRate"),
    ("Output", "Mode"),
    ("SimpleOutput", "RecFormat"),
    ("SimpleOutput", "RecFormat2"),
    ("AdvOut", "RecFormat"),
    ("AdvOut", "RecFormat2"),
)


class Monitoring(StrEnum):
    """Whether a source is heard on this machine besides, or instead of, going into the stream."""

    NONE = "OBS_MONITORING_TYPE_NONE"
    ONLY = "OBS_MONITORING_TYPE_MONITOR_ONLY"
    BOTH = "OBS_MONITORING_TYPE_MONITOR_AND_OUTPUT"


@dataclass(frozen=True, slots=True)
class Item:
    """A source as it lies in a scene; the first of a scene lies at the bottom."""

    id: int
    source: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene. ``mark`` is what the set-up made it as, or empty when it is a person's."""

    name: str
    mark: str = ""
    items: tuple[Item, ...] = ()

    def item(self, source: str) -> Item | None:
        """Return where a source lies in it."""
        return next((item for item in self.items if item.source == source), None)


@dataclass(frozen=True, slots=True)
class Input:
    """A source with settings. The figures of sound are None where it has none; ``volume_db`` is -100 for silence."""

    name: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    muted: bool | None = None
    volume_db: float | None = None
    monitoring: str | None = None

    @property
    def mark(self) -> str:
        """What the set-up made it as, or empty when it is a person's."""
        return str(self.settings.get(MARK) or "")

    @property
    def url(self) -> str:
        """The address that a browser source shows."""
        return str(self.settings.get("url") or "") if self.kind == BROWSER else ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """All of it. ``stats`` and ``service`` are the answers of OBS as they came; ``parameters`` are the profile's."""

    version: str
    platform: str
    kinds: frozenset[str]
    scenes: tuple[Scene, ...]
    inputs: tuple[Input, ...]
    current: str
    canvas: tuple[int, int]
    output: tuple[int, int]
    fps: float
    parameters: Mapping[tuple[str, str], str]
    record_folder: str
    service: Mapping[str, Any]
    stats: Mapping[str, Any]
    #: Global sources of sound that hear what the machine plays ("Desktop Audio").
    desktop: tuple[str, ...] = ()

    @property
    def has_browser(self) -> bool:
        """Whether this OBS can show a web page."""
        return BROWSER in self.kinds

    def scene(self, name: str) -> Scene | None:
        """Return a scene by its name."""
        return next((scene for scene in self.scenes if scene.name == name), None)

    def input(self, name: str) -> Input | None:
        """Return an input by its name."""
        return next((one for one in self.inputs if one.name == name), None)

    def made_as(self, mark: str) -> Input | None:
        """Return the input that the set-up made for a purpose, whatever it is called now."""
        return next((one for one in self.inputs if one.mark == mark), None)

    def overlays(self) -> Iterator[Input]:
        """Yield the browser sources that show a stage page of ours, the set-up's own first, then those of a person."""
        shown = [
            one
            for one in self.inputs
            if one.kind == BROWSER and (one.mark == "overlay" or PageAddress.parse(one.url).is_stage)
        ]
        yield from sorted(shown, key=lambda one: one.mark != "overlay")

    def free_name(self, wanted: str) -> str:
        """Return the name, or one with a number when a scene or a source has it: OBS takes each name once."""
        taken = {scene.name for scene in self.scenes} | {one.name for one in self.inputs}
        names = (wanted, *(f"{wanted} {number}" for number in range(2, len(taken) + 3)))
        return next(name for name in names if name not in taken)


#: Names of the machine itself: the same page, whichever of them an address has.
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class PageAddress:
    """What of a page's address matters: where it is, and its key. Further parameters of it are a person's own."""

    where: tuple[str, int, str]
    key: str
    #: Whether the host is on the page: one of layers alone has no voice.
    hosted: bool = True

    @classmethod
    def parse(cls, url: str) -> PageAddress:
        """Return it; an empty one for what is no address."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return cls(("", 0, ""), "")
        key = parse_qs(parts.query).get("token", [""])[0]
        where = ("127.0.0.1" if host in _LOOPBACK else host, port, parts.path.rstrip("/"))
        return cls(where, key, shows_host(parts.query))

    @property
    def is_stage(self) -> bool:
        """Whether it is that of a stage page with the host on it, on whichever machine and port."""
        return self.where[2] == "/stage" and bool(self.key) and self.hosted


async def read_inventory(call: Call) -> Inventory:
    """Read all of it; nothing is changed. What goes away meanwhile is left out. Raise `ProviderError`, `Refused`."""
    version = await call("GetVersion", None)
    kinds = await call("GetInputKindList", {"unversioned": False})
    video = await call("GetVideoSettings", None)
    listed = await call("GetSceneList", None)
    entries = _list(await call("GetInputList", None), "inputs")
    inputs = [one for entry in entries if (one := await _input(call, entry))]
    names = [_text(entry, "sceneName") for entry in _list(listed, "scenes")]
    scenes = [found for name in names if (found := await _scene(call, name))]
    special = await _asked(call, "GetSpecialInputs")
    return Inventory(
        version=_text(version, "obsVersion"),
        platform=_text(version, "platformDescription"),
        kinds=frozenset(kind for kind in _found(kinds, "inputKinds") if isinstance(kind, str)),
        scenes=tuple(scenes),
        inputs=tuple(inputs),
        current=_text(listed, "currentProgramSceneName"),
        canvas=(_whole(video, "baseWidth"), _whole(video, "baseHeight")),
        output=(_whole(video, "outputWidth"), _whole(video, "outputHeight")),
        fps=_whole(video, "fpsNumerator") / max(1, _whole(video, "fpsDenominator")),
        parameters={key: await _parameter(call, *key) for key in PARAMETERS},
        record_folder=_text(await _asked(call, "GetRecordDirectory"), "recordDirectory"),
        service=await _asked(call, "GetStreamServiceSettings"),
        stats=await _asked(call, "GetStats"),
        desktop=tuple(str(special[key]) for key in ("desktop1", "desktop2") if special.get(key)),
    )


async def _scene(call: Call, name: str) -> Scene | None:
    try:
        items = await call("GetSceneItemList", {"sceneName": name})
    except Refused:  # renamed or deleted in between
        return None
    private = (await _asked(call, "GetSourcePrivateSettings", {"sourceName": name})).get("sourceSettings")
    return Scene(
        name,
        mark=str(private.get(MARK) or "") if isinstance(private, Mapping) else "",
        items=tuple(
            Item(_whole(one, "sceneItemId"), _text(one, "sourceName"), one.get("sceneItemEnabled") is not False)
            for one in _list(items, "sceneItems")
        ),
    )


async def _input(call: Call, entry: Mapping[str, Any]) -> Input | None:
    name, which = _text(entry, "inputName"), {"inputName": entry.get("inputName")}
    try:
        settings = (await call("GetInputSettings", which)).get("inputSettings")
    except Refused:
        return None
    muted = (await _asked(call, "GetInputMute", which)).get("inputMuted")  # refused for what has no sound
    sounds = muted is not None
    volume = (await _asked(call, "GetInputVolume", which)).get("inputVolumeDb") if sounds else None
    return Input(
        name,
        _text(entry, "inputKind"),
        settings=settings if isinstance(settings, Mapping) else {},
        muted=bool(muted) if sounds else None,
        volume_db=float(volume) if isinstance(volume, int | float) else None,
        monitoring=_text(await _asked(call, "GetInputAudioMonitorType", which), "monitorType") if sounds else None,
    )


async def _parameter(call: Call, category: str, name: str) -> str:
    answer = await _asked(call, "GetProfileParameter", {"parameterCategory": category, "parameterName": name})
    return str(answer.get("parameterValue") or answer.get("defaultParameterValue") or "")


async def _asked(call: Call, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Return an answer, or nothing where this OBS does not know the request or has no answer to it."""
    try:
        return await call(request, data)
    except Refused:
        return {}


def _found(answer: Mapping[str, Any], key: str) -> list[Any]:
    found = answer.get(key)
    return found if isinstance(found, list) else []


def _list(answer: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [entry for entry in _found(answer, key) if isinstance(entry, Mapping)]


def _text(answer: Mapping[str, Any], key: str) -> str:
    found = answer.get(key)
    return found if isinstance(found, str) else ""


def _whole(answer: Mapping[str, Any], key: str) -> int:
    found = answer.get(key)
    return int(found) if isinstance(found, int | float) else 0

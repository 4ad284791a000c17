"""What OBS lacks for the show, as a list of changes. Pure reasoning about an `Inventory`; nothing is asked or ordered.

What a person made is never changed, only used. What the set-up made carries a mark (see `inventory.MARK`), and of that
only what the show depends on is held to: texts, colours and places are the person's after the first time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.stage.obs.changes import (
    Change,
    Correct,
    Hide,
    MakeInput,
    MakeScene,
    Place,
    SetParameter,
    Transform,
    draft_name,
)
from bot.stage.obs.inventory import BROWSER, Input, Inventory, PageAddress, Scene


class SceneRole(StrEnum):
    """What a scene is for; the value is its mark."""

    STARTING = "starting"
    LIVE = "live"
    BREAK = "break"
    TECHNICAL = "technical"
    ENDING = "ending"


#: What the scenes are called.
NAMES: Mapping[SceneRole, str] = {
    SceneRole.STARTING: "Starting",
    SceneRole.LIVE: "Live",
    SceneRole.BREAK: "Break",
    SceneRole.TECHNICAL: "Technical difficulties",
    SceneRole.ENDING: "Ending",
}
#: What is written in them; the live scene belongs to the host alone.
TITLES: Mapping[SceneRole, str] = {
    SceneRole.STARTING: "Starting soon",
    SceneRole.BREAK: "Back in a moment",
    SceneRole.TECHNICAL: "Technical difficulties",
    SceneRole.ENDING: "Thank you for watching",
}
#: The host speaks in all scenes but this one: its page may be what broke.
WITHOUT_HOST = SceneRole.TECHNICAL
SAMPLE_RATE = "48000"
#: What the overlay needs, beside address and size, and what OBS takes where nothing is set.
OVERLAY = {"reroute_audio": True, "shutdown": False, "restart_when_active": False}
DEFAULTS = {"reroute_audio": False, "shutdown": False, "restart_when_active": False, "width": 800, "height": 600}
_TEXT_KINDS = ("text_gdiplus_v3", "text_gdiplus_v2", "text_gdiplus", "text_ft2_source_v2", "text_ft2_source")
_MEDIA = "ffmpeg_source"
_COLOUR_KINDS = ("color_source_v3", "color_source_v2", "color_source")
#: OBS writes colours as alpha, blue, green, red.
_NIGHT, _WHITE, _PALE, _CORAL = 0xFF3A1E1B, 0xFFFFFFFF, 0xFFFFD0C8, 0xFF7A7AFF


@dataclass(frozen=True, slots=True)
class Wish:
    """What the show wants of OBS: the address of the stage page with its key, and what the scenes are called."""

    stage_url: str
    names: Mapping[SceneRole, str] = field(default_factory=lambda: NAMES)

    def distinct(self) -> list[tuple[SceneRole, str]]:
        """Return roles and names; of roles that share a scene, the first, or the live one, whose layout it gets."""
        by_name: dict[str, SceneRole] = {}
        for role, name in self.names.items():
            if name not in by_name or role is SceneRole.LIVE:
                by_name[name] = role
        return [(role, name) for name, role in by_name.items()]


@dataclass(slots=True)
class Plan:
    """What is to be done, what a person should know, and what only a person can do."""

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layer:
    """A source as a scene of ours has it."""

    mark: str
    name: str
    kind: str
    what: str
    settings: Mapping[str, Any]
    transform: Transform = field(default_factory=dict)
    visible: bool = True
    lowest: bool = False


def plan(seen: Inventory, wish: Wish) -> Plan:
    """Return what is to be done. When all of it is done, the plan has no changes any more."""
    made = Plan()
    ours = _scenes(seen, wish, made)
    overlay = next(seen.overlays(), None)
    made.changes += _corrections(seen, wish)
    if overlay and not overlay.mark:
        made.notes.append(
            f"the browser source '{overlay.name}' is yours and shows the stage page already: it is used as it is"
        )
    names = {one.mark: one.name for one in seen.inputs if one.mark}
    if overlay:
        names["overlay"] = overlay.name
    for role, (name, scene) in ours.items():
        for layer in _layers(seen, wish, role):
            made.changes += _lay(seen, name, scene, layer, names)
    if seen.has_browser and overlay is None:
        made.changes += _doubled_captions(seen)
    if not seen.has_browser:
        made.notes.append(_without_browser(seen))
    _sample_rate(seen, made)
    return made


def browser_remedy(seen: Inventory) -> str:
    """Return how one comes by an OBS that can show web pages."""
    system = seen.platform.lower()
    if any(name in system for name in ("windows", "macos", "mac os")):
        return "Install OBS anew from obsproject.com: the browser source is a part of it"
    return (
        "The packages of some Linux distributions leave the browser out: take OBS as a Flatpak (flathub: "
        "com.obsproject.Studio) or, on Ubuntu, from its own archive (ppa:obsproject/obs-studio), then run this again"
    )


def _without_browser(seen: Inventory) -> str:
    return (
        f"this OBS has no browser source, so it cannot show the stage page. {browser_remedy(seen)}. Until then the "
        "host's voice comes in as media and its words as text, while Haishin runs on the machine of OBS with "
        "obs.enabled: true; for its picture open the stage page in a browser there, with &role=view at the end of "
        "its address so that it stays silent, and add that window with Sources, +, Window Capture"
    )


# --- scenes -----------------------------------------------------------------------------------------


def _scenes(seen: Inventory, wish: Wish, made: Plan) -> dict[SceneRole, tuple[str, Scene | None]]:
    """Return the scenes that are ours, by what they are for; None for those that are still to be made."""
    ours: dict[SceneRole, tuple[str, Scene | None]] = {}
    for role, name in wish.distinct():
        draft = seen.scene(draft_name(name))
        marked = [scene for scene in seen.scenes if scene.mark == role and scene is not draft]
        there = seen.scene(name)
        if marked:  # a copy carries the mark too: the one with the name goes before
            scene = next((one for one in marked if one.name == name), marked[0])
            ours[role] = (scene.name, scene)
            if scene.name != name:
                made.notes.append(
                    f"the scene '{name}' is called '{scene.name}' now: call it '{name}' again, or name it so in "
                    "director.scenes"
                )
        elif there is not None:
            made.notes.append(_theirs(there, role, seen))
        elif taken := _taken(seen, name):
            made.problems.append(
                f"something else in OBS is called '{taken}', so the scene '{name}' cannot be made: rename it, then "
                "run this again"
            )
        else:
            ours[role] = (name, None)
            made.changes.append(MakeScene(name, role, begun=draft is not None))
    return ours


def _taken(seen: Inventory, name: str) -> str:
    """Return the name that something else has and that a new scene needs; nothing when there is none."""
    draft = seen.scene(draft_name(name))
    if draft and draft.items:  # a draft of ours is empty
        return draft.name
    return next((one for one in (name, draft_name(name)) if seen.input(one)), "")


def _theirs(scene: Scene, role: SceneRole, seen: Inventory) -> str:
    text = f"the scene '{scene.name}' is yours: it is used, and nothing in it is changed"
    shown = any(scene.item(overlay.name) for overlay in seen.overlays())
    if role is WITHOUT_HOST or shown or not seen.has_browser:
        return text
    return text + (
        ". The host is not in it yet. In OBS: choose the scene, Sources, +, Browser, Add Existing, 'Haishin overlay'"
    )


# --- sources ----------------------------------------------------------------------------------------


def _layers(seen: Inventory, wish: Wish, role: SceneRole) -> Iterator[Layer]:
    """Yield what lies in a scene, the lowest first."""
    width, height = seen.canvas
    colour = _first(_COLOUR_KINDS, seen)
    if colour:
        settings: dict[str, Any] = {"color": _NIGHT, "width": width, "height": height}
        yield Layer("backdrop", "Haishin backdrop", colour, "a plain colour behind all else", settings, lowest=True)
    text = _first(_TEXT_KINDS, seen)
    if text and (title := TITLES.get(role)):
        at = height * (0.42 if role is WITHOUT_HOST else 0.13)  # above the host's head
        settings = _text(text, title, height // 9)
        what = f"the words '{title}'"
        yield Layer(f"title:{role}", f"Haishin title: {role}", text, what, settings, _centred(width, at))
        if colour:
            settings = {"color": _CORAL, "width": width // 8, "height": max(2, height // 180)}
            place = _centred(width, at + height * 0.1)
            yield Layer("line", "Haishin line", colour, "a line under the words", settings, place)
    if role is WITHOUT_HOST:
        return
    if seen.has_browser:
        settings = {"url": wish.stage_url, "width": width, "height": height, **OVERLAY}
        what = f"the stage page, {width}×{height}, its sound through OBS, always running"
        yield Layer("overlay", "Haishin overlay", BROWSER, what, settings)
    elif _MEDIA in seen.kinds:
        settings = {"is_local_file": True, "restart_on_activate": False, "close_when_inactive": False}
        yield Layer("voice", "Haishin voice", _MEDIA, "the host's voice as media", settings)
    if text:
        settings = {
            **_text(text, " ", height // 18),
            "outline": True,
            "word_wrap": True,
            "custom_width": width * 4 // 5,
        }
        what = "a line of text that cues can write" if seen.has_browser else "what the host says, as text"
        yield Layer(
            "captions", "Haishin captions", text, what, settings, _centred(width, height * 0.88),
            visible=not seen.has_browser,
        )  # fmt: skip


def _lay(seen: Inventory, name: str, scene: Scene | None, layer: Layer, names: dict[str, str]) -> Iterator[Change]:
    """Yield what brings a layer into a scene. ``names`` holds the sources that are there by then, by their marks."""
    source = names.get(layer.mark)
    if source is None:
        source = names[layer.mark] = seen.free_name(layer.name)
        yield MakeInput(
            name, source, layer.kind, layer.mark, layer.what, layer.settings, layer.transform, layer.visible,
            layer.lowest,
        )  # fmt: skip
    elif scene is None or scene.item(source) is None:
        yield Place(name, source, layer.transform, layer.visible, layer.lowest)


def _corrections(seen: Inventory, wish: Wish) -> Iterator[Change]:
    """Yield what brings our own sources back to what the show depends on."""
    width, height = seen.canvas
    size = {"width": width, "height": height}
    if overlay := seen.made_as("overlay"):
        wrong = _wrong(overlay, {**size, **OVERLAY})
        if PageAddress.parse(overlay.url) != PageAddress.parse(wish.stage_url):
            wrong["url"] = wish.stage_url
        if wrong:
            yield Correct(overlay.name, wrong, _in_words(wrong))
    if (backdrop := seen.made_as("backdrop")) and (wrong := _wrong(backdrop, size)):
        yield Correct(backdrop.name, wrong, _in_words(wrong))


def _wrong(source: Input, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wanted.items() if source.settings.get(key, DEFAULTS.get(key)) != value}


def _in_words(wrong: Mapping[str, Any]) -> str:
    """Return what becomes of settings, without the key in the address."""
    words = []
    if "url" in wrong:
        words.append(f"its address becomes {str(wrong['url']).partition('?')[0]} with the key of this installation")
    if "width" in wrong or "height" in wrong:
        words.append("its size becomes that of the canvas")
    if "reroute_audio" in wrong:
        words.append("OBS takes its sound")
    if "shutdown" in wrong:
        words.append("it goes on while it is not seen")
    if "restart_when_active" in wrong:
        words.append("it does not load anew at a change of scene")
    return ", ".join(words)


def _doubled_captions(seen: Inventory) -> Iterator[Change]:
    """Yield what hides our caption text where the overlay is new, since that has captions of its own."""
    captions = seen.made_as("captions")
    for scene in seen.scenes if captions else ():
        item = scene.item(captions.name) if captions and scene.mark else None
        if captions and item and item.enabled:
            yield Hide(scene.name, captions.name, item.id, "the overlay shows captions")


def _sample_rate(seen: Inventory, made: Plan) -> None:
    rate = seen.parameters.get(("Audio", "SampleRate"), "")
    if rate and rate != SAMPLE_RATE:
        what = f"set the sample rate of the profile from {rate} to {SAMPLE_RATE} Hz, against crackle"
        made.changes.append(SetParameter("Audio", "SampleRate", SAMPLE_RATE, what))


def _text(kind: str, text: str, size: int) -> dict[str, Any]:
    if kind.startswith("text_gdiplus"):
        return {"text": text, "font": {"face": "Segoe UI", "size": size, "style": "Regular"}, "color": _WHITE,
                "align": "center", "valign": "center"}  # fmt: skip
    return {"text": text, "font": {"face": "Sans Serif", "size": size, "style": ""}, "color1": _WHITE, "color2": _PALE}


def _centred(width: int, y: float) -> Transform:
    return {"positionX": width / 2, "positionY": round(y), "alignment": 0}


def _first(kinds: tuple[str, ...], seen: Inventory) -> str:
    return next((kind for kind in kinds if kind in seen.kinds), "")

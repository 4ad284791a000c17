"""What is wrong with OBS for a show: one small check for each fault, with what to do about it. Nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from bot.stage.obs.inventory import BROWSER, Input, Inventory, Monitoring, PageAddress
from bot.stage.obs.setup import DEFAULTS, SAMPLE_RATE, WITHOUT_HOST, SceneRole, Wish, browser_remedy

#: The slowest picture that still looks like one, in frames a second.
LEAST_FPS = 24
#: Free room where recordings go, in MB: below the first an evening may not fit, below the second an hour.
LITTLE_ROOM, NO_ROOM = 20_000, 2_000
#: Volume in dB below which nobody hears a voice, and above which it is distorted.
TOO_QUIET, TOO_LOUD = -30.0, 1.0
#: Part of frames that a machine may miss before it is seen, and frames after which that is worth saying.
MISSED, ENOUGH_FRAMES = 0.02, 600
#: Containers that cannot be read when OBS or the machine dies in mid-recording; those called hybrid or fragmented can.
FRAGILE = ("mp4", "mov", "m4v")
_RESTART = "run 'haishin obs setup', then restart OBS"
_SETUP = "run 'haishin obs setup'"


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. ``remedy`` says what to do; of one that is well there is none."""

    check: str
    level: Level
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """What OBS itself does not tell. ``open_to_all``: its server wants no password (None: not known)."""

    #: OBS runs on this machine, so its folders can be looked at.
    here: bool = True
    open_to_all: bool | None = None


Check: TypeAlias = Callable[[Inventory, Wish, Outside], Iterator[Finding]]


def examine(seen: Inventory, wish: Wish, outside: Outside) -> list[Finding]:
    """Return a finding for each check: what is wrong, or one line that says that it is well."""
    return [finding for check in CHECKS for finding in check(seen, wish, outside)]


# --- the overlay ------------------------------------------------------------------------------------


def _browser(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether OBS can show a web page."""
    if seen.has_browser:
        yield Finding("browser source", Level.OK, "this OBS can show web pages")
    elif seen.made_as("voice"):
        text = "this OBS has no browser source: the host is heard and read, and not seen"
        yield Finding("browser source", Level.WARN, text, browser_remedy(seen))
    else:
        text = "this OBS has no browser source, and no source for the voice instead"
        yield Finding("browser source", Level.FAIL, text, f"{_SETUP}. {browser_remedy(seen)}")


def _overlay(seen: Inventory, wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether there is an overlay, one, with the right address."""
    if not seen.has_browser:
        return
    shown = list(seen.overlays())
    if not shown:
        yield Finding("overlay", Level.FAIL, "no source shows the stage page", _SETUP)
        return
    wanted = PageAddress.parse(wish.stage_url)
    for one in shown:
        found = PageAddress.parse(one.url)
        mend = _SETUP if one.mark else f"copy the stage's address from the panel into the properties of '{one.name}'"
        if found == wanted:
            yield Finding("overlay", Level.OK, f"'{one.name}' shows {_bare(one.url)}")
        elif found.where == wanted.where:
            yield Finding("overlay", Level.FAIL, f"the key in the address of '{one.name}' is not valid any more", mend)
        else:
            text = f"'{one.name}' shows {_bare(one.url) or 'nothing'}, but the stage page is {_bare(wish.stage_url)}"
            yield Finding("overlay", Level.FAIL, text, mend)
    if len(shown) > 1:
        text = f"{len(shown)} sources show the stage page: only one of them has the voice"
        mend = "delete all but one, and use that one in several scenes: Sources, +, Browser, Add Existing"
        yield Finding("overlay", Level.WARN, text, mend)


def _running(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether the page stays open when its scene is not on air."""
    for one in seen.overlays():
        where = f"in the properties of '{one.name}'"
        if _set(one, "shutdown"):
            hidden = [scene.name for scene in seen.scenes if (item := scene.item(one.name)) and not item.enabled]
            text = f"'{one.name}' is shut down whenever it is not seen, and the host falls silent" + (
                f"; it is switched off in {_listed(hidden)}" if hidden else ""
            )
            yield Finding("overlay stays", Level.FAIL, text, f"untick 'Shutdown source when not visible' {where}")
        elif _set(one, "restart_when_active"):
            text = f"'{one.name}' loads anew at each change of scene, which cuts the host's words"
            yield Finding(
                "overlay stays", Level.WARN, text, f"untick 'Refresh browser when scene becomes active' {where}"
            )
        else:
            yield Finding("overlay stays", Level.OK, f"'{one.name}' goes on while it is not seen")


def _in_scenes(seen: Inventory, wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether the overlay lies, switched on, in the scenes in which the host speaks."""
    names = {one.name for one in _voices(seen)}
    if not names:
        return
    absent, hidden = [], []
    for name in dict.fromkeys(name for role, name in wish.names.items() if role is not WITHOUT_HOST):
        scene = seen.scene(name)
        items = [item for item in scene.items if item.source in names] if scene else []
        if scene and not items:
            absent.append(name)
        elif items and not any(item.enabled for item in items):
            hidden.append(name)
    if absent:
        mend = "choose the scene, Sources, +, Browser, Add Existing"
        yield Finding("overlay in scenes", Level.WARN, f"the host is not in the scene {_listed(absent)}", mend)
    if hidden:
        mend = "click the eye beside it in OBS's list of sources"
        yield Finding("overlay in scenes", Level.WARN, f"the host is switched off in the scene {_listed(hidden)}", mend)
    if not absent and not hidden:
        yield Finding("overlay in scenes", Level.OK, "the host is in every scene in which it speaks")


def _size(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether overlay, canvas and output fit each other."""
    width, height = seen.canvas
    for one in seen.overlays():
        size = (one.settings.get("width", DEFAULTS["width"]), one.settings.get("height", DEFAULTS["height"]))
        if size != seen.canvas:
            text = f"'{one.name}' is {size[0]}×{size[1]}, the canvas {width}×{height}: it is cut or blurred"
            mend = _SETUP if one.mark else f"set its width and height to {width} and {height} in its properties"
            yield Finding("picture size", Level.WARN, text, mend)
    if not seen.output[1] or not height:
        return
    if abs(seen.output[0] / seen.output[1] - width / height) > 0.01:
        text = f"the output {seen.output[0]}×{seen.output[1]} has another shape than the canvas {width}×{height}"
        yield Finding("picture size", Level.WARN, text, "Settings → Video: choose an output of the same shape")
    else:
        yield Finding("picture size", Level.OK, f"canvas {width}×{height}, output {seen.output[0]}×{seen.output[1]}")


# --- sound ------------------------------------------------------------------------------------------


def _sample_rate(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether sound is mixed at the rate that the browser works with."""
    rate = seen.parameters.get(("Audio", "SampleRate"), "")
    if rate and rate != SAMPLE_RATE:
        yield Finding("sample rate", Level.FAIL, f"OBS mixes at {rate} Hz: the voice crackles and drifts", _RESTART)
    else:
        yield Finding("sample rate", Level.OK, f"{rate or 'unknown'} Hz")


def _audible(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether the voice goes into the stream, loud enough."""
    for one in _voices(seen):
        if one.kind == BROWSER and not _set(one, "reroute_audio"):
            text = f"the sound of '{one.name}' goes to the loudspeakers instead of into the stream"
            mend = f"tick 'Control audio via OBS' in the properties of '{one.name}'"
            yield Finding("voice", Level.FAIL, text, _SETUP if one.mark else mend)
        elif one.muted:
            mend = "click the loudspeaker beside it in OBS's mixer"
            yield Finding("voice", Level.FAIL, f"'{one.name}' is muted: nobody hears the host", mend)
        elif one.volume_db is not None and not TOO_QUIET <= one.volume_db <= TOO_LOUD:
            text = f"'{one.name}' is at {one.volume_db:.0f} dB: {'too quiet' if one.volume_db < 0 else 'too loud'}"
            yield Finding("voice", Level.WARN, text, "bring it near 0 dB in OBS's mixer")
        else:
            yield Finding("voice", Level.OK, f"the sound of '{one.name}' goes into the stream")


def _monitoring(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether the voice goes into the stream once."""
    for one in _voices(seen):
        mend = f"Edit → Advanced Audio Properties: set '{one.name}' to Monitor Off"
        heard = [name for name in seen.desktop if not (device := seen.input(name)) or not device.muted]
        if one.monitoring == Monitoring.ONLY:
            text = f"'{one.name}' is played on this machine alone and is not in the stream"
            yield Finding("monitoring", Level.FAIL, text, mend)
        elif one.monitoring == Monitoring.BOTH and heard:
            text = f"'{one.name}' is also played on this machine, where {_listed(heard)} hears it: the voice is doubled"
            yield Finding("monitoring", Level.FAIL, text, f"{mend}, or mute {_listed(heard)}")
        elif one.monitoring == Monitoring.BOTH:
            text = f"'{one.name}' is also played on this machine: a microphone beside it would double the voice"
            yield Finding("monitoring", Level.WARN, text, mend)
        else:
            yield Finding("monitoring", Level.OK, f"'{one.name}' goes into the stream once")


# --- outputs ----------------------------------------------------------------------------------------


def _recording(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether a recording survives a crash."""
    section = "AdvOut" if seen.parameters.get(("Output", "Mode")) == "Advanced" else "SimpleOutput"
    container = seen.parameters.get((section, "RecFormat2")) or seen.parameters.get((section, "RecFormat")) or ""
    if container in FRAGILE:
        text = f"recordings are {container}: one that is cut by a crash cannot be opened"
        yield Finding("recording format", Level.WARN, text, "Settings → Output → Recording Format: mkv or hybrid MP4")
    else:
        yield Finding("recording format", Level.OK, f"{container or 'unknown'} can be opened after a crash")


def _folder(seen: Inventory, _wish: Wish, outside: Outside) -> Iterator[Finding]:
    """Whether recordings can be written."""
    mend = "Settings → Output → Recording Path: choose a folder that is there and is yours"
    if outside.here and seen.record_folder:
        folder = Path(seen.record_folder)
        if not folder.is_dir():
            yield Finding("recording folder", Level.FAIL, f"the folder {folder} is not there", mend)
            return
        if not os.access(folder, os.W_OK):
            yield Finding("recording folder", Level.FAIL, f"nothing can be written into {folder}", mend)
            return
    free = seen.stats.get("availableDiskSpace")
    if not isinstance(free, int | float):
        return
    text, mend = f"{free / 1000:.1f} GB are free for recordings", "delete old recordings, or choose another disk"
    if free < LITTLE_ROOM:
        yield Finding("recording folder", Level.FAIL if free < NO_ROOM else Level.WARN, f"only {text}", mend)
    else:
        yield Finding("recording folder", Level.OK, text)


def _stream(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether OBS knows where to stream to."""
    found = seen.service.get("streamServiceSettings")
    settings = found if isinstance(found, dict) else {}
    if settings.get("key") or settings.get("bearer_token"):
        name = settings.get("service") or "a server of your own"
        yield Finding("stream", Level.OK, f"the stream goes to {name}")
    else:
        text = "no stream key: OBS cannot go live"
        yield Finding("stream", Level.WARN, text, "Settings → Stream: connect your account, or paste the key")


def _speed(seen: Inventory, _wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether the picture moves smoothly."""
    level = Level.OK
    if seen.fps < LEAST_FPS:
        level, mend = Level.WARN, "Settings → Video → Common FPS Values: 30"
        yield Finding("frame rate", level, f"{seen.fps:g} frames a second look like stuttering", mend)
    for kind, why, mend in (
        ("render", "the picture is drawn too slowly", "close other programs that draw, or lower Settings → Video"),
        ("output", "the encoder is too slow", "Settings → Output: a hardware encoder, or a faster preset"),
    ):
        skipped, total = (seen.stats.get(f"{kind}{what}Frames") for what in ("Skipped", "Total"))
        if isinstance(skipped, int) and isinstance(total, int) and total > ENOUGH_FRAMES and skipped > MISSED * total:
            level = Level.WARN
            yield Finding("frame rate", level, f"{why}: {skipped / total:.0%} of the frames were missed", mend)
    if level is Level.OK:
        yield Finding("frame rate", level, f"{seen.fps:g} frames a second")


# --- the rest ---------------------------------------------------------------------------------------


def _scenes(seen: Inventory, wish: Wish, _outside: Outside) -> Iterator[Finding]:
    """Whether the scenes are there that the show switches to."""
    wanted = dict.fromkeys(wish.names.values())
    missing = [name for name in wanted if seen.scene(name) is None]
    if missing:
        level = Level.FAIL if wish.names.get(SceneRole.LIVE) in missing else Level.WARN
        yield Finding("scenes", level, f"there is no scene {_listed(missing)}", _SETUP)
    else:
        yield Finding("scenes", Level.OK, f"{_listed(wanted)} are there")


def _password(_seen: Inventory, _wish: Wish, outside: Outside) -> Iterator[Finding]:
    """Whether everybody in the network may command OBS, and read the stream key."""
    if outside.open_to_all:
        text = "OBS's WebSocket server wants no password: everybody in your network can command it and read the key"
        mend = "Tools → WebSocket Server Settings → Enable Authentication, then put the password into obs.password"
        yield Finding("password", Level.FAIL, text, mend)
    elif outside.open_to_all is False:
        yield Finding("password", Level.OK, "OBS's WebSocket server wants a password")


def _voices(seen: Inventory) -> list[Input]:
    """Return the sources through which the host is heard: overlays, or what stands in for one."""
    stand_in = None if seen.has_browser else seen.made_as("voice")
    return [*seen.overlays()] or ([stand_in] if stand_in else [])


def _set(source: Input, key: str) -> bool:
    return bool(source.settings.get(key, DEFAULTS[key]))


def _bare(url: str) -> str:
    """Return an address without the key in it."""
    return url.partition("?")[0]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


#: In the order in which a person mends things.
CHECKS: tuple[Check, ...] = (
    _browser, _overlay, _running, _in_scenes, _size, _scenes, _sample_rate, _audible, _monitoring, _stream, _speed,
    _recording, _folder, _password,
)  # fmt: skip

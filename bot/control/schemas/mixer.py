"""What the panel gets and orders of the video mixer and its director."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from bot.stage.director.runs import Outcome, Why
from bot.stage.director.scene_keeper import Hand
from bot.stage.director.settings import ShowState
from bot.stage.obs.mixer import OutputState
from bot.stage.protocol import Model


class SceneIn(Model):
    """``POST /api/mixer/scene``: put a scene on air, and keep it until released."""

    scene: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ShowStateIn(Model):
    """``POST /api/mixer/state``: let the show be in a state."""

    state: Literal["starting", "live", "break", "ending"]


class CueIn(Model):
    """``POST /api/cues/run`` and ``/api/cues/rehearse``: a cue by its name."""

    cue: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Rehearsal(Model):
    """What a cue would do, one line each."""

    lines: list[str]


class SceneHold(Model):
    """A person has chosen the scene, ``by`` the panel or the mixer itself."""

    scene: str
    by: Hand
    age_s: float


class CueItem(Model):
    """A cue that can be run. ``skipped``: how often it was not set off because it rested."""

    name: str
    priority: int
    skipped: int


class CueRemark(Model):
    """Why a cue came out as it did: ``step`` is the verb of the step, ``value``, ``more`` and ``near`` are names."""

    why: Why
    value: str
    more: str
    step: str
    near: str


class CueLine(Model):
    """What became of a cue, ``count`` times in a row, the last time so many seconds ago; ``detail`` is in English."""

    cue: str
    outcome: Outcome
    detail: str
    remarks: list[CueRemark]
    count: int
    age_s: float


class FindingLine(Model):
    """Something that the watchdog found; ``over`` when it has passed, ``tried`` how often it was tried to mend it."""

    name: str
    level: Literal["warning", "error"]
    words: str
    remedy: str
    tried: int
    over: bool
    age_s: float


class Picture(Model):
    """``GET /api/mixer/picture``: what is on air, as a PNG in base64; empty when OBS shows none."""

    png: str


class MixerView(Model):
    """The mixer and the director. While it is not connected, scenes and outputs are what was last seen.

    ``show`` is the state of the show, ``why`` the reason of "technical". ``wished`` is the scene that it asks for,
    ``trouble`` why that one is not on air.
    """

    connected: bool
    problem: str
    version: str
    scene: str
    scenes: list[str]
    stream: OutputState
    record: OutputState
    show: ShowState
    why: str
    wished: str
    trouble: str
    hold: SceneHold | None
    cues: list[CueItem]
    last: list[CueLine]
    findings: list[FindingLine]

"""What the panel gets and orders of the figure on the stage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.stage.models.library import Assignments
from bot.stage.models.messages import StageModel
from bot.stage.protocol import Model

Name = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_-]{0,39})?$")]


class ChooseModelIn(Model):
    """``POST /api/avatar``: show a model until the host ends.

    An empty ``name`` stands for the built-in figure, null for what the persona's file says.
    """

    name: Name | None


class ModelItem(Model):
    """One model that there is; one with a ``problem`` cannot be chosen."""

    name: str
    kind: Literal["vrm", "live2d", ""]
    title: str
    author: str
    licence: str
    credit: str
    problem: str


class Choice(Model):
    """Something of a model that can stand for something of ours; ``title`` is what its maker calls it, or empty."""

    id: str
    title: str


class MappingView(Model):
    """``GET /api/avatar/mapping/{name}``: what of ours is what of a model's, and what there is to choose from.

    ``parameters`` are of ours those that can be driven.
    """

    model: StageModel
    parameters: list[str]
    theirs: list[Choice]
    expressions: list[str]
    motions: list[Choice]
    groups: list[str]


class MappingIn(Model):
    """``PUT /api/avatar/mapping/{name}``: groups of ours to theirs, in the place of those before."""

    mapping: Assignments


class VtsView(Model):
    """VTube Studio, where it is configured: whether it shows the host, and which hotkeys stand for what."""

    driving: bool
    asking: bool
    refused: bool
    problem: str
    remedy: str
    model: str
    hotkeys: list[str]
    emotions: dict[str, str]
    gestures: dict[str, str]


class AvatarView(Model):
    """``GET /api/avatar``.

    ``own`` is the model of the persona's file and ``shown`` the one that is on the stage; empty: the built-in figure.
    ``chosen``: an operator chose otherwise than the file. ``problem``: why the stage does not show what it should.
    """

    persona: str
    own: str
    shown: str
    chosen: bool
    problem: str
    models: list[ModelItem]
    vts: VtsView | None

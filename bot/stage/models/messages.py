"""What the stage and its pages say to each other about the streamer's own model: see `bot.stage.protocol`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """Strict both ways: no unknown field, no coercion of types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class StageModel(Message):
    """The streamer's own model, in the place of the built-in figure; ``url`` is its main file on this server.

    ``mapping`` has groups ("emotions", "gestures", "parameters", …) of names of ours to names of the model's. With
    "none" the page draws no figure: another program does.
    """

    kind: Literal["vrm", "live2d", "none"]
    name: str = ""
    url: str = ""
    credit: str = ""
    mapping: dict[str, dict[str, str]] = {}


class ModelState(Message):
    """From a page: whether it shows the streamer's own model; with "failed" it shows our figure, and says why."""

    type: Literal["model"] = "model"
    name: Annotated[str, Field(max_length=40)]
    state: Literal["shown", "failed"]
    detail: Annotated[str, Field(max_length=300)] = ""

"""What the panel gets and orders of the ears."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.hearing.ears import InputState, TalkMode
from bot.show.floor_settings import FloorEvent, FloorRule, FloorState
from bot.stage.protocol import Model

#: The longest that a button to talk counts as held without a further word, in seconds, and what it is by default.
MAX_HOLD_S, HOLD_S = 600.0, 120.0


class EarsIn(Model):
    """``POST /api/ears``: switch the ears on or off."""

    on: bool


class TalkIn(Model):
    """``POST /api/ears/talk``: the button to talk goes down or up; without ``down`` it changes.

    It counts as let go after ``for_s`` seconds unless it is pressed again, so that a lost release leaves no ear open.
    """

    down: bool | None = None
    for_s: Annotated[float, Field(gt=0, le=MAX_HOLD_S)] = HOLD_S


class FloorCellIn(Model):
    """``PUT /api/ears/floor``: what happens when something wants the floor while somebody has it."""

    event: Annotated[FloorEvent, Field(strict=False)]
    state: Literal["streamer", "grace", "thinking", "speaking"]
    rule: Annotated[FloorRule, Field(strict=False)]


class FloorRowView(Model):
    """A row of the floor's table: what happens to a kind of event while the streamer speaks, and so on."""

    event: FloorEvent
    streamer: FloorRule
    grace: FloorRule
    thinking: FloorRule
    speaking: FloorRule


class FloorView(Model):
    """The floor's table as it is in force. ``edited`` are changes made here, as YAML for the configuration.

    They hold until the host is started anew, or the configuration's own ``floor`` changes.
    """

    rows: list[FloorRowView]
    edited: str


class HeardLine(Model):
    """Something that the streamer said, as it was recognised. ``confidence`` is within 0 and 1."""

    text: str
    language: str
    confidence: float
    age_s: float


class EarsView(Model):
    """The ears. ``trouble`` says why they hear nothing, with the next step; empty when they do.

    ``listening`` is whether what comes in is heard now; ``level`` is the loudness of the last second within 0 and 1.
    ``source`` is what captures the sound now, ``floor`` who may speak; ``partial`` is what the streamer is saying, and
    ``stable`` the part of it that will not change. ``last`` and ``partial`` are in memory alone, and thrown away when
    the ears are switched off. With ``wants_button`` the host answers on a button alone.
    """

    enabled: bool
    on: bool
    held: bool
    listening: bool
    mode: TalkMode
    input: InputState
    source: Literal["microphone", "browser", "none"]
    trouble: str
    level: float
    clipped: bool
    dropped: int
    floor: FloorState
    wants_button: bool
    partial: str
    stable: str
    last: list[HeardLine]

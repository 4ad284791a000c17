"""What the panel gets and orders of the programme."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.show.schedule.check import Level
from bot.show.segments.segment import ChatMode
from bot.stage.protocol import Model
from bot.store.tables import RunPhase, RunState

SegmentName = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class StartIn(Model):
    """``POST /api/programme/start``: let a segment be next; ``at_once`` ends the one on air."""

    segment: SegmentName
    at_once: bool = False


class SkipIn(Model):
    """``POST /api/programme/skip``: end the segment on air, or leave out the waiting one that is named."""

    segment: Annotated[str, StringConstraints(max_length=60)] = ""


class ExtendIn(Model):
    """``POST /api/programme/extend``: let the segment on air be so many seconds longer, or shorter."""

    seconds: float = Field(ge=-86_400, le=86_400, allow_inf_nan=False)


class HoldIn(Model):
    """``POST /api/programme/hold``: start nothing by itself while held."""

    on: bool


class ReorderIn(Model):
    """``POST /api/programme/reorder``: let the waiting runs of these segments be first, in this order."""

    segments: list[SegmentName] = Field(max_length=500)


class RehearsalOrder(Model):
    """What the process of a rehearsal is asked: the programme's file, and the cues that there are."""

    file: str
    cues: list[str] | None


class RehearsedView(Model):
    """One run as it was rehearsed; never started when it was left out: ``note`` says why."""

    segment: str
    kind: str
    due_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    state: RunState
    note: str


class QuietView(Model):
    """A time without a segment."""

    start: dt.datetime
    end: dt.datetime


class FaultLine(Model):
    """Something to look at in a programme; ``place`` is file and line."""

    level: Level
    place: str
    text: str


class RehearsalView(Model):
    """``POST /api/programme/rehearse``: a day as it was rehearsed; ``fault`` when the file cannot be read."""

    start: dt.datetime
    end: dt.datetime
    zone: str
    fault: str
    tokens: int
    aired_s: float
    parts: list[RehearsedView]
    quiet: list[QuietView]
    findings: list[FaultLine]


class OnAirView(Model):
    """The segment on air; ``remaining_s`` is null when it has no length."""

    segment: str
    kind: str
    phase: RunPhase
    chat: ChatMode
    started_at: dt.datetime
    aired_s: float
    remaining_s: float | None


class RunView(Model):
    """A run that waits, or has ended; ``note`` says why it waits or was left out."""

    segment: str
    due_at: dt.datetime
    state: RunState
    cause: str
    note: str
    started_at: dt.datetime | None
    aired_s: float


class ComingView(Model):
    """What the clock makes due; ``until`` is null for a segment without a length."""

    segment: str
    kind: str
    due_at: dt.datetime
    until: dt.datetime | None


class ProgrammeView(Model):
    """``GET /api/programme``; ``fault`` is what is wrong with the newest file: the one before is in force then."""

    file: str
    fault: str
    zone: str
    held: bool
    on_air: OnAirView | None
    waiting: list[RunView]
    coming: list[ComingView]
    past: list[RunView]
    segments: list[str]

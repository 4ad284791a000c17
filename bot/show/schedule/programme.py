"""What a programme's file holds: segments, when each is due, and what becomes of one that cannot start."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.runtime.settings import Section
from bot.show.schedule import times
from bot.show.segments.registry import SegmentKind
from bot.show.segments.segment import ChatMode
from bot.types import Kind

#: Segments of one programme.
MAX_SEGMENTS = 500
#: The longest duration that can be written, in seconds: a week.
MAX_DURATION_S = 7 * 24 * 3600.0

_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(d|h|min|m|s)?", re.IGNORECASE)
_UNITS = {"d": 86400, "h": 3600, "min": 60, "m": 60, "s": 1, None: 1}


def _seconds(value: object) -> object:
    """Return the seconds of "1h30m", "90 s" or 90; anything else is left to be refused."""
    if not isinstance(value, str):
        return value
    at, total = 0, 0.0
    while at < len(value):
        found = _PART.match(value, at)
        if found is None:
            raise ValueError("write a time like 90s, 10m or 1h30m")
        total += float(found[1]) * _UNITS[found[2].lower() if found[2] else None]
        at = found.end()
    return total


Seconds = Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=MAX_DURATION_S)]
Name = Annotated[str, Field(pattern=r"^\w[\w -]{0,59}$")]


def _zone(name: str) -> str:
    """Check that a time zone is known."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("there is no such time zone; write one like Europe/Berlin or Asia/Shanghai") from None
    return name


class Overlap(StrEnum):
    """What a segment does that is due while another is on."""

    QUEUE = "queue"  # it waits for the end of that one, no longer than ``late``
    SKIP = "skip"  # it is left out
    CUT = "cut"  # it ends that one


class Missed(StrEnum):
    """What becomes of a segment that could not start in time: the host was off, or other things took too long."""

    SKIP = "skip"
    ONCE = "once"  # it starts as soon as it can, once, however often it was missed


class When(Section):
    """When a segment is due: exactly one of these."""

    cron: str = Field("", description="five fields as in crontab; 0 and 7 are Sunday")
    every: Seconds | None = Field(None, description="real time, counted from midnight in the programme's zone")
    at: str = Field("", description="once: 2026-12-31 23:55")
    after: str = Field("", description="when the segment of that name has ended")
    quiet: Seconds | None = Field(None, description="when nothing was said for so long")
    command: bool = Field(default=False, description="by a person's order alone")
    event: Kind | None = Field(None, description="when a message of that kind comes, such as raid")

    @model_validator(mode="after")
    def _one(self) -> Self:
        chosen = [name for name in When.model_fields if getattr(self, name)]
        if len(chosen) != 1:
            raise ValueError(f"write exactly one of {', '.join(When.model_fields)}")
        if self.cron:
            times.cron(self.cron)
        if self.at:
            times.moment(self.at, "UTC")
        return self

    @property
    def by_clock(self) -> bool:
        """Whether the clock alone says when it is due."""
        return bool(self.cron or self.every or self.at)


class Conditions(Section):
    """What must be so when a segment starts. What nobody can tell counts as so: a deaf part silences no programme."""

    viewers: int | None = Field(None, ge=0, description="at least so many")
    live: bool | None = Field(None, description="whether the platform says that the stream is live")
    streamer_speaking: bool | None = None


class Cues(Section):
    """Names of the director's cues."""

    start: list[str] = Field([], max_length=20)
    end: list[str] = Field([], max_length=20)


class Segment(Section):
    """One segment of the programme."""

    name: Name
    kind: SegmentKind
    when: When
    length: Seconds | None = Field(None, description="it ends then at the latest; without it, by itself")
    late: Seconds = Field(600.0, description="how much later than due it may still start")
    missed: Missed = Missed.SKIP
    overlap: Overlap = Overlap.QUEUE
    only_if: Conditions = Conditions()
    chat: ChatMode | None = Field(None, description="how chat is treated meanwhile; without it as the kind wants it")
    opening: str = Field("", max_length=2000, description="what the host is to say before all else, in its own words")
    closing: str = Field("", max_length=2000, description="what the host is to say at the end, in its own words")
    persona: str = Field(
        "", pattern=r"^[a-z0-9_-]{0,40}$", description="who the host is meanwhile: a folder of personas/"
    )
    scene: str = Field("", max_length=200)
    cues: Cues = Cues()
    title: str = Field("", max_length=140, description="the platform's title while it is on")
    category: str = Field("", max_length=140)
    options: dict[str, Any] = Field({}, description="what the kind wants to know")


class Budget(Section):
    """What a day may cost; see `bot.show.schedule.check`."""

    tokens_per_day: int | None = Field(None, gt=0)
    hours_per_day: float | None = Field(None, gt=0, le=24)


class Programme(Section):
    """The programme of a channel."""

    zone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="the time zone of all times in the file")
    segments: list[Segment] = Field([], max_length=MAX_SEGMENTS)
    longest_gap: Seconds | None = Field(None, description="no longer time without a segment is wanted")
    budget: Budget = Budget()

    def segment(self, name: str) -> Segment | None:
        """Return the segment of a name."""
        return next((one for one in self.segments if one.name == name), None)

    def next_after(self, segment: Segment, moment: dt.datetime) -> dt.datetime | None:
        """Return when the clock makes a segment due next, in UTC, later than a moment; None when it never does."""
        when = segment.when
        return times.next_after(moment, self.zone, cron=when.cron, every_s=when.every, at=when.at)

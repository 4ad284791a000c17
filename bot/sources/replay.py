"""A recorded chat as a source: an NDJSON file of messages and retractions, played at any speed.

The format is described in ``docs/replay-format.md``. Reading (`parse`, `read`) and playing
(`play`) are apart, so that a file is known to be whole before the first message is offered.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from bot import types
from bot.errors import ConfigError
from bot.text.encoding import SAVE_AS_UTF8, guess
from bot.types import Author, Kind, Message, Money, Role

MAX_LINE = 64 * 1024
MAX_EVENTS = 500_000
#: A recording spans at most this long: a week.
MAX_AT_S = 7 * 24 * 3600.0
#: Of the faults of a file so many are kept in words; all are counted.
MAX_FAULTS = 20
#: A message that is not taken within this time is counted as lost, and the evening goes on.
TAKE_S = 10.0
#: What is late is offered without a pause for so many events and so long, in seconds; then the show may breathe.
BREATH_EVENTS, BREATH_S = 16, 0.002


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message, ``at`` seconds after the start. Its own ``at`` is set when it is played."""

    at: float
    message: Message


@dataclass(frozen=True, slots=True)
class Retraction:
    """A moderator deleted one message (``id``) or banned a viewer (``author``): exactly one is set."""

    at: float
    id: str | None = None
    author: str | None = None


Event: TypeAlias = Arrival | Retraction


@dataclass(frozen=True, slots=True)
class Recording:
    """The events by time, what was wrong with the lines that were left out, and what to do about the first of them."""

    events: tuple[Event, ...]
    faults: tuple[str, ...] = ()
    skipped: int = 0
    remedy: str = ""

    @property
    def duration_s(self) -> float:
        """Seconds from the start to the last event."""
        return self.events[-1].at if self.events else 0.0


@dataclass(slots=True)
class Tally:
    """What a run through a recording did; ``late_s`` is the furthest that it fell behind the clock."""

    offered: int = 0
    retracted: int = 0
    lost: int = 0
    late_s: float = 0.0


# --- the lines of the file ------------------------------------------------------------------------

Id = Annotated[str, StringConstraints(min_length=1, max_length=128)]
At = Annotated[float, Field(ge=0, le=MAX_AT_S, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Author(_Model):
    id: Id
    name: Annotated[str, StringConstraints(max_length=200)]
    roles: frozenset[Role] = frozenset()


class _Amount(_Model):
    minor: Annotated[int, Field(ge=0, le=10**12)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,8}$")]


class _Message(_Model):
    at: At
    id: Id
    source: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")] = "replay"
    author: _Author
    kind: Kind = Kind.CHAT
    text: str = ""
    amount: _Amount | None = None

    def event(self) -> Event:
        author = Author(self.author.id, self.author.name, self.author.roles)
        amount = Money(self.amount.minor, self.amount.currency) if self.amount else None
        return Arrival(self.at, Message(self.id, self.source, author, self.text, self.kind, amount))


class _Delete(_Model):
    at: At
    delete: Id

    def event(self) -> Event:
        return Retraction(self.at, id=self.delete)


class _Ban(_Model):
    at: At
    ban: Id

    def event(self) -> Event:
        return Retraction(self.at, author=self.ban)


_object: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def _event(line: bytes) -> Event:
    """Read one line. Raises `ValueError` (of which `ValidationError` is one) with what is wrong."""
    if len(line) > MAX_LINE:
        raise ValueError(f"the line is longer than {MAX_LINE // 1024} KiB")
    line.decode()  # the JSON reader would refuse it too, but without saying where
    if b"\0" in line:
        raise ValueError("not UTF-8; it looks like UTF-16")
    keys = _object.validate_json(line)
    model = _Delete if "delete" in keys else _Ban if "ban" in keys else _Message
    return model.model_validate_json(line).event()


def _words(error: ValueError) -> str:
    """Put what is wrong with a line into one short sentence that does not repeat the line."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start + 1} of the line is not UTF-8; it looks like {guess(error.object)}"
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    key = ".".join(map(str, first["loc"]))[:80]
    return f"{key}: {first['msg']}" if key else first["msg"]


def _remedy(line: bytes) -> str:
    """Return what to do about a line that cannot be read."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return SAVE_AS_UTF8
    return next((advice for sign, advice in _SLIPS if sign.search(text)), "docs/replay-format.md describes each field")


_SLIPS = [
    (re.compile(sign), advice)
    for sign, advice in (
        ("\0", SAVE_AS_UTF8),
        (r"[{,]\s*[“”‘’＂']", 'write keys and texts in straight double quotes: "text"'),
        (r'"\s*：', "write the colon as ':'; there is a full-width ："),
        (r'["\d}\]]\s*，\s*"', "write the comma as ','; there is a full-width ，"),
        (r'\\[^"\\/bfnrtu]|\\u(?![0-9a-fA-F]{4})', "write a backslash in a text as \\\\"),
        (r"^\[|,$", "write one object in each line, without a list around them or a comma behind"),
        (r'"[^"]*\t[^"]*"', "write a tab in a text as \\t"),
        (r"[\u200b-\u200f\ufeff]", "take the invisible character out of this line"),
    )
]


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that say something with their numbers; of one too long, its first `MAX_LINE` + 1 bytes."""
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        rest = raw
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE + 1)
        line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        line = line.strip() if rest is raw else line  # what was cut off must not be stripped to a fitting length
        if line and not line.startswith(b"#"):
            yield number, line


def read(path: Path) -> Recording:
    """Read a recording, leave out the lines that cannot be understood, and say which and why.

    Raises `ConfigError` when the file cannot be opened or holds more than `MAX_EVENTS`.
    """
    events: list[Event] = []
    faults: list[str] = []
    skipped, remedy = 0, ""
    seen: dict[tuple[str, str], int] = {}
    try:
        with path.open("rb") as stream:
            for number, line in _lines(stream):
                fault = ""
                try:
                    event = _event(line)
                except ValueError as error:
                    fault = _words(error)
                else:
                    if isinstance(event, Arrival):
                        first = seen.setdefault((event.message.source, event.message.id), number)
                        fault = f"the id was already used in line {first}" if first != number else ""
                if fault:
                    skipped += 1
                    remedy = remedy or _remedy(line)
                    if len(faults) < MAX_FAULTS:
                        faults.append(f"{path}, line {number}: {fault}")
                elif len(events) == MAX_EVENTS:
                    raise ConfigError(f"{path}, line {number}: a recording holds at most {MAX_EVENTS} events")
                else:
                    events.append(event)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    events.sort(key=lambda event: event.at)  # stable: what stands at one time keeps its order
    return Recording(tuple(events), tuple(faults), skipped, remedy)


def parse(path: Path) -> list[Event]:
    """Read a recording of which every line must be right.

    Raises `ConfigError` with the number of the first line that is not, and how many there are.
    """
    recording = read(path)
    if recording.faults:
        more = f" (and {recording.skipped - 1} more)" if recording.skipped > 1 else ""
        raise ConfigError(recording.faults[0] + more, remedy=recording.remedy)
    return list(recording.events)


# --- playing --------------------------------------------------------------------------------------


async def play(
    recording: Path | Sequence[Event],
    speed: float,
    offer: Callable[[Message], Awaitable[object]],
    retract: Callable[[types.Retraction], Awaitable[object]],
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> Tally:
    """Offer the messages of a recording when their time has come.

    ``speed`` is 1 for the pace of the recording, 10 for ten times as fast, infinite for no waiting
    at all. Times count from the start, so a slow taker makes later messages late but does not
    stretch the evening. Each message carries the time at which it was offered.

    Raises `ConfigError` when the speed is not above 0, and as `parse` does for a path.
    """
    if math.isnan(speed) or speed <= 0:
        raise ConfigError(f"a replay cannot run at speed {speed:g}", remedy="give a number above 0, such as 1 or 10")
    events = await asyncio.to_thread(parse, recording) if isinstance(recording, Path) else recording
    tally = Tally()
    began = breathed = now()
    held = 0
    for event in events:
        moment = now()
        wait = began + event.at / speed - moment
        tally.late_s = max(tally.late_s, -wait if math.isfinite(speed) else 0.0)
        held += 1
        if wait > 0 or math.isinf(speed) or held >= BREATH_EVENTS or moment - breathed >= BREATH_S:
            await sleep(max(0.0, wait))
            held, breathed = 0, now()
        try:
            async with asyncio.timeout(TAKE_S):
                if isinstance(event, Arrival):
                    await offer(replace(event.message, at=now()))
                    tally.offered += 1
                else:
                    await retract(types.Retraction("", event.id or "", event.author or ""))
                    tally.retracted += 1
        except TimeoutError:
            tally.lost += 1
    return tally

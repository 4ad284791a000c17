"""When the clock makes a segment due, daylight saving right.

A time of day ("30 2 * * *") comes once a day: in the hour that is skipped in spring, it comes when the clock has
moved on; in the hour that is doubled in autumn, at the first of both. A cron whose hour is a star runs by real time
and comes in both. APScheduler knows what crontab lines mean; it is asked in wall-clock time without a zone, and
zoneinfo says when that is.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBERS = re.compile(r"(\d)(?:-(\d))?(?:/(\d))?")
#: No zone moves its clock by more than this at once, but when it changes the day itself.
_SHIFT = dt.timedelta(hours=3)
_INSTANT = dt.timedelta(microseconds=1)
_ORIGIN = dt.datetime(2000, 1, 3)  # noqa: DTZ001 - a wall-clock time, its zone is the programme's


@functools.lru_cache(maxsize=1024)
def cron(line: str) -> CronTrigger:
    """Return the trigger of a crontab line, over wall-clock time. Raise `ValueError` in words for a person."""
    fields = line.split()
    if len(fields) != 5:
        raise ValueError("a cron has five fields: minute, hour, day, month, weekday")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise ValueError("give a day of the month or a weekday, not both")
    try:
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=dt.UTC
        )
    except ValueError as error:
        raise ValueError(f"no cron that can be read: {error}") from None


def _weekdays(field: str) -> str:
    """Return a crontab's weekdays (0 and 7 are Sunday) by name: APScheduler counts from Monday."""
    if not any(char.isdigit() for char in field) or field.startswith("*"):
        return field
    days: list[str] = []
    for part in field.split(","):
        found = _NUMBERS.fullmatch(part)
        if found is None:
            days.append(part)
            continue
        first, last, step = int(found[1]), int(found[2] or found[1]), int(found[3] or 1)
        if first > 7 or last > 7 or first > last or not step:
            raise ValueError("weekdays are 0 to 7")
        days += _DAYS[first : last + 1 : step]
    return ",".join(dict.fromkeys(days))


def moment(text: str, zone: str) -> dt.datetime:
    """Return the moment of "2026-12-31 23:55" in a zone, in UTC. Raise `ValueError`."""
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("write a moment like 2026-12-31 23:55") from None
    return found.astimezone(dt.UTC) if found.tzinfo else _real(found, ZoneInfo(zone))


def next_after(
    after: dt.datetime, zone: str, *, cron: str = "", every_s: float | None = None, at: str = ""
) -> dt.datetime | None:
    """Return the first moment later than ``after`` that is meant, in UTC; None when there is none."""
    if at:
        due = moment(at, zone)
        return due if due > after else None
    if every_s:
        origin, step = _real(_ORIGIN, ZoneInfo(zone)), dt.timedelta(seconds=every_s)
        return origin + ((after - origin) // step + 1) * step
    return _next_cron(cron, after, ZoneInfo(zone)) if cron else None


def _next_cron(line: str, after: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    found = _wall(line, after.astimezone(zone).replace(tzinfo=None, fold=0) + _INSTANT)
    if found is None:
        return _next_near_shift(line, after, zone)
    due = _real(found, zone)
    offsets = {moment.astimezone(zone).utcoffset() for moment in (after - _SHIFT, after, due, due + _SHIFT)}
    return due if len(offsets) == 1 else _next_near_shift(line, after, zone)


def _next_near_shift(line: str, after: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """Return the next time where the clock may be moved: each wall-clock time around is looked at."""
    by_real_time = line.split()[1].startswith("*")
    best: dt.datetime | None = None
    wall = _wall(line, after.astimezone(zone).replace(tzinfo=None, fold=0) - _SHIFT)
    while wall is not None:
        dues = [_real(wall, zone)]
        if by_real_time:
            dues.append(_real(wall.replace(fold=1), zone))
            dues = [due for due in dues if due.astimezone(zone).replace(tzinfo=None, fold=0) == wall]
        for due in dues:
            if due > after and (best is None or due < best):
                best = due
        if best is not None and wall > best.astimezone(zone).replace(tzinfo=None, fold=0) + _SHIFT:
            break
        wall = _wall(line, wall + _INSTANT)
    return best


def _wall(line: str, start: dt.datetime) -> dt.datetime | None:
    found: dt.datetime | None = cron(line).get_next_fire_time(None, start.replace(tzinfo=dt.UTC))
    return None if found is None else found.replace(tzinfo=None)


def _real(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the moment of a wall-clock time, in UTC; one that is skipped counts by the offset before."""
    return wall.replace(tzinfo=zone).astimezone(dt.UTC)

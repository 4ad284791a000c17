"""When the clock makes a segment due: time zones and both nights of daylight saving."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bot.show.schedule import times


def walls(line: str, zone: str, start: str, end: str) -> list[str]:
    """Return the local times from a start to an end, both local."""
    there = ZoneInfo(zone)
    at, last = (dt.datetime.fromisoformat(t).replace(tzinfo=there).astimezone(dt.UTC) for t in (start, end))
    found = []
    while (due := times.next_after(at, zone, cron=line)) is not None and due <= last:
        assert due > at
        found.append(due.astimezone(there).strftime("%d %H:%M%z"))
        at = due
    return found


@pytest.mark.parametrize(
    ("line", "zone", "start", "end", "due"),
    [
        # Spring: half past two is skipped, and comes when the clock has moved on.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28 00:00", "2026-03-30 12:00",
         ["28 02:30+0100", "29 03:30+0200", "30 02:30+0200"]),
        ("30 2 * * *", "America/New_York", "2026-03-07 00:00", "2026-03-09 12:00",
         ["07 02:30-0500", "08 03:30-0400", "09 02:30-0400"]),
        # Autumn: half past two is there twice, and comes once.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24 00:00", "2026-10-26 12:00",
         ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]),
        ("30 1 * * *", "America/New_York", "2026-10-31 00:00", "2026-11-02 12:00",
         ["31 01:30-0400", "01 01:30-0400", "02 01:30-0500"]),
        # Every hour is every real hour, on both nights.
        ("0 * * * *", "Europe/Berlin", "2026-03-29 00:30", "2026-03-29 04:30",
         ["29 01:00+0100", "29 03:00+0200", "29 04:00+0200"]),
        ("0 * * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-25 04:30",
         ["25 01:00+0200", "25 02:00+0200", "25 02:00+0100", "25 03:00+0100", "25 04:00+0100"]),
        ("*/30 * * * *", "America/New_York", "2026-11-01 00:45", "2026-11-01 02:15",
         ["01 01:00-0400", "01 01:30-0400", "01 01:00-0500", "01 01:30-0500", "01 02:00-0500"]),
        # Where the clock is never moved.
        ("0 20 * * *", "Asia/Shanghai", "2026-03-28 00:00", "2026-03-30 00:00", ["28 20:00+0800", "29 20:00+0800"]),
        # A clock that moves by half an hour, in autumn.
        ("15 * * * *", "Australia/Lord_Howe", "2026-04-05 00:30", "2026-04-05 03:20",
         ["05 01:15+1100", "05 02:15+1030", "05 03:15+1030"]),
        # Sunday is 0 and 7, as crontab counts.
        ("0 9 * * 0", "Europe/Berlin", "2026-06-01 00:00", "2026-06-15 00:00", ["07 09:00+0200", "14 09:00+0200"]),
        ("0 9 * * 5-7", "UTC", "2026-06-01 00:00", "2026-06-08 00:00",
         ["05 09:00+0000", "06 09:00+0000", "07 09:00+0000"]),
        ("0 9 * * mon", "UTC", "2026-06-01 00:00", "2026-06-08 08:00", ["01 09:00+0000"]),
    ],
)  # fmt: skip
def test_each_time_of_day_comes_once_and_each_hour_as_often_as_it_is_there(
    line: str, zone: str, start: str, end: str, due: list[str]
) -> None:
    assert walls(line, zone, start, end) == due


def test_every_is_real_time_from_midnight() -> None:
    at = dt.datetime(2026, 10, 24, 21, 0, tzinfo=dt.UTC)
    found = []
    for _ in range(4):
        following = times.next_after(at, "Europe/Berlin", every_s=3600)
        assert following is not None
        assert following - at == dt.timedelta(hours=1)
        at = following
        found.append(at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M%z"))
    assert found == ["00:00+0200", "01:00+0200", "02:00+0200", "02:00+0100"]


def test_a_moment_comes_once_in_the_zone_of_the_programme() -> None:
    before = dt.datetime(2026, 12, 31, 12, tzinfo=dt.UTC)
    due = times.next_after(before, "Asia/Shanghai", at="2027-01-01 00:00")
    assert due == dt.datetime(2026, 12, 31, 16, tzinfo=dt.UTC)
    assert due is not None
    assert times.next_after(due, "Asia/Shanghai", at="2027-01-01 00:00") is None
    assert times.moment("2027-01-01 00:00+01:00", "Asia/Shanghai").hour == 23


def test_a_day_that_never_comes_is_never_due() -> None:
    assert times.next_after(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "UTC", cron="0 0 30 2 *") is None


@pytest.mark.parametrize("line", ["", "* * * *", "61 * * * *", "0 9 * * 8", "0 9 1 * 1", "a b c d e", "0 9 * * 5-2"])
def test_a_line_that_is_no_cron_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        times.cron(line)

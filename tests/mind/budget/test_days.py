"""Days by a clock that jumps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from bot.mind.budget.days import EVEN_S, Days

EVENING = dt.datetime(2026, 11, 29, 22, 50, tzinfo=dt.UTC)  # ten minutes before midnight in Berlin


@dataclass
class Clock:
    wall: dt.datetime = EVENING
    steady: float = 1000.0

    def pass_by(self, seconds: float, days: Days) -> dt.date:
        """Let time pass in steps of five seconds, and return the day then."""
        while seconds > 0:
            step = min(5.0, seconds)
            self.steady, self.wall = self.steady + step, self.wall + dt.timedelta(seconds=step)
            seconds -= step
            days.today()
        return days.today()

    def days(self, zone: str = "Europe/Berlin") -> Days:
        return Days(lambda: self.wall, lambda: self.steady, zone)


def date(day: int) -> dt.date:
    return dt.date(2026, 11, day)


def test_the_day_is_that_of_the_time_zone() -> None:
    clock = Clock()
    berlin, utc = clock.days(), clock.days("UTC")
    assert berlin.left_s() == pytest.approx(600)
    assert clock.pass_by(599, berlin) == date(29)
    assert clock.pass_by(2, berlin) == date(30)
    assert utc.today() == date(29)


@pytest.mark.parametrize("hours", [1, 24, 24 * 365])
def test_a_jump_ahead_and_back_begins_no_day(hours: int) -> None:
    clock = Clock()
    days = clock.days()
    clock.wall += dt.timedelta(hours=hours)
    assert clock.pass_by(120, days) == date(29)
    clock.wall -= dt.timedelta(hours=hours)
    assert clock.pass_by(120, days) == date(29)


def test_a_jump_back_over_midnight_leaves_the_day() -> None:
    clock = Clock()
    days = clock.days()
    assert clock.pass_by(900, days) == date(30)
    clock.wall -= dt.timedelta(minutes=20)
    assert clock.pass_by(EVEN_S - 10, days) == date(30)


def test_a_clock_that_runs_evenly_after_a_jump_is_believed() -> None:
    clock = Clock()
    days = clock.days()
    clock.wall += dt.timedelta(hours=9)  # the machine slept
    assert clock.pass_by(60, days) == date(29)
    assert clock.pass_by(EVEN_S, days) == date(30)


def test_a_clock_that_jumps_again_and_again_begins_no_day() -> None:
    clock = Clock()
    days = clock.days()
    for _ in range(20):
        clock.wall += dt.timedelta(hours=5)
        assert clock.pass_by(300, days) == date(29)


def test_a_clock_that_runs_a_little_fast_is_believed_at_once() -> None:
    clock = Clock()
    days = clock.days()
    for _ in range(62):
        clock.pass_by(10, days)
        clock.wall += dt.timedelta(seconds=1)
    assert days.today() == date(30)


def test_the_hour_that_comes_twice_is_no_jump() -> None:
    clock = Clock(dt.datetime(2026, 10, 24, 23, 30, tzinfo=dt.UTC))  # the clocks go back in the night
    days = clock.days()
    assert days.today() == dt.date(2026, 10, 25)
    assert clock.pass_by(3600, days) == dt.date(2026, 10, 25)
    assert days.left_s() == pytest.approx(22.5 * 3600)

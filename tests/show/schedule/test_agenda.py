"""What is due and what waits, whatever the wall clock does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.errors import Refused
from bot.show.schedule.agenda import BY_ORDER, Agenda, NoFacts, unmet
from bot.show.schedule.programme import Conditions
from bot.store.tables import RunState
from bot.types import Kind
from tests.support.programmes import MONDAY, make

HOURLY = {"name": "hourly", "when": {"cron": "0 * * * *"}}


def at(hour: int, minute: int = 0, second: int = 0) -> dt.datetime:
    return MONDAY + dt.timedelta(hours=hour, minutes=minute, seconds=second)


def agenda(*segments: Any, seen: dt.datetime = MONDAY) -> Agenda:
    return Agenda(make(*segments), seen)


def test_what_is_due_waits_once() -> None:
    plan = agenda(HOURLY)
    assert plan.next_at() == at(1)
    assert not plan.look(at(0, 59), busy=False)
    (run,) = plan.look(at(1), busy=False)
    assert (run.segment, run.due_at, run.state) == ("hourly", at(1), RunState.WAITING)
    assert plan.take(NoFacts()) is run
    assert not plan.look(at(1, 0, 1), busy=False)
    assert plan.next_at() == at(2)


def test_a_clock_that_is_set_back_makes_nothing_due_twice() -> None:
    plan = agenda(HOURLY)
    plan.look(at(1), busy=False)
    plan.take(NoFacts())
    plan.look(at(0, 30), busy=False)
    assert plan.next_at() == at(1)
    assert not plan.look(at(1), busy=False)
    assert [run.due_at for run in plan.look(at(2), busy=False)] == [at(2)]


def test_a_clock_that_jumps_ahead_and_back_leaves_out_nothing() -> None:
    plan = agenda(HOURLY)
    missed = plan.look(at(5, 30), busy=False)
    assert [run.state for run in missed] == [RunState.MISSED]
    plan.look(at(0, 30), busy=False)
    assert [run.due_at for run in plan.look(at(1), busy=False)] == [at(1)]
    assert [run.state for run in plan.waiting] == [RunState.WAITING]


def test_after_an_hours_sleep_what_is_too_late_is_missed_by_its_policy() -> None:
    plan = agenda(
        {"name": "skips", "when": {"cron": "10 * * * *"}},
        {"name": "once", "when": {"cron": "*/10 * * * *"}, "late": "2m", "missed": "once"},
        {"name": "late", "when": {"cron": "58 * * * *"}},
    )
    plan.look(at(0, 5), busy=False)
    runs = {run.segment: run for run in plan.look(at(1, 5), busy=False)}
    assert runs["skips"].state is RunState.MISSED
    assert runs["once"].state is RunState.WAITING
    assert runs["late"].due_at == at(0, 58)
    assert len(plan.waiting) == 2
    assert not plan.late(at(1, 6))
    assert [run.segment for run in plan.late(at(9))] == ["late"]
    assert [run.segment for run in plan.waiting] == ["once"]


def test_of_many_occurrences_in_time_the_latest_counts() -> None:
    plan = agenda({"name": "often", "when": {"every": "1m"}, "late": "10m"})
    assert [run.due_at for run in plan.look(at(0, 7, 30), busy=False)] == [at(0, 7)]


@pytest.mark.parametrize(("policy", "states"), [("queue", ["waiting"]), ("cut", ["waiting"]), ("skip", ["skipped"])])
def test_what_is_due_while_another_is_on_goes_by_its_policy(policy: str, states: list[str]) -> None:
    plan = agenda({**HOURLY, "overlap": policy})
    assert [run.state for run in plan.look(at(1), busy=True)] == states
    assert len(plan.waiting) == states.count("waiting")


def test_a_run_that_waits_too_long_is_missed() -> None:
    plan = agenda({**HOURLY, "late": "5m"})
    plan.look(at(1), busy=True)
    assert not plan.late(at(1, 5))
    assert [run.state for run in plan.late(at(1, 5, 1))] == [RunState.MISSED]
    assert not plan.waiting


def test_a_segment_that_is_due_again_waits_once() -> None:
    plan = agenda({**HOURLY, "late": "3h"})
    plan.look(at(1), busy=True)
    older, newer = plan.look(at(2), busy=True)
    assert (older.state, newer.state) == (RunState.SKIPPED, RunState.WAITING)
    assert plan.waiting == [newer]


def test_a_year_ahead_costs_nothing() -> None:
    plan = agenda({"name": "often", "when": {"every": "1s"}, "late": "10s"})
    far = MONDAY + dt.timedelta(days=365)
    (run,) = plan.look(far, busy=False)
    assert run.due_at == far


def test_what_follows_what_is_quiet_and_what_an_event_calls() -> None:
    plan = agenda(
        HOURLY,
        {"name": "second", "when": {"after": "hourly"}},
        {"name": "filler", "when": {"quiet": "5m"}},
        {"name": "welcome", "when": {"event": "raid"}},
    )
    assert [run.segment for run in plan.follow("hourly", at(1))] == ["second"]
    assert not plan.quiet(at(2), 299)
    assert [run.segment for run in plan.quiet(at(2), 300)] == ["filler"]
    assert [run.segment for run in plan.event(Kind.RAID, at(3))] == ["welcome"]
    assert not plan.event(Kind.RAID, at(3, 0, 1)), "it waits already"
    assert not plan.event(Kind.FOLLOW, at(3))


def test_of_several_that_fill_the_quiet_the_one_of_longest_ago_is_next() -> None:
    plan = agenda({"name": "a", "when": {"quiet": "1m"}}, {"name": "b", "when": {"quiet": "1m"}})
    names = []
    for minute in range(1, 5):
        names += [run.segment for run in plan.quiet(at(0, minute), 60)]
        plan.take(NoFacts())
    assert names == ["a", "b", "a", "b"]


def test_an_order_passes_conditions_and_unknown_names_are_refused() -> None:
    class Empty(NoFacts):
        def viewers(self) -> int | None:
            return 0

    plan = agenda({**HOURLY, "only_if": {"viewers": 5}})
    plan.look(at(1), busy=False)
    assert plan.take(Empty()) is None
    assert plan.waiting[0].note == "0 watch, and 5 are wanted"
    plan.call("hourly", at(1, 1), BY_ORDER)
    assert plan.take(Empty()) is not None
    with pytest.raises(Refused):
        plan.call("hurly", at(1, 2), BY_ORDER)


def test_a_new_programme_keeps_what_it_still_has() -> None:
    plan = agenda(HOURLY, {"name": "gone", "when": {"cron": "0 * * * *"}})
    plan.look(at(1), busy=True)
    assert [run.segment for run in plan.adopt(make(HOURLY))] == ["gone"]
    assert [run.segment for run in plan.waiting] == ["hourly"]


def test_what_nobody_knows_counts_as_met() -> None:
    everything = Conditions(viewers=5, live=True, streamer_speaking=False)
    assert not unmet(everything, NoFacts())

    class Known(NoFacts):
        def live(self) -> bool | None:
            return False

    assert unmet(everything, Known()) == "the stream is not live"


def test_waiting_runs_are_put_in_order() -> None:
    plan = agenda(*({"name": name, "when": {"command": True}} for name in "abc"))
    for name in "abc":
        plan.call(name, at(1), BY_ORDER)
    plan.reorder(["c", "a"])
    assert [run.segment for run in plan.waiting] == ["c", "a", "b"]
    assert [run.state for run in plan.leave_out("a", "left out")] == [RunState.SKIPPED]
    assert [run.segment for run in plan.waiting] == ["c", "b"]

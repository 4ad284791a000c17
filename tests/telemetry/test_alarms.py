"""Alarms are kept by severity, and a person can dismiss each."""

from __future__ import annotations

from bot.telemetry.alarms import MAX_ALARMS, AlarmLevel, Alarms


def test_a_flood_of_warnings_pushes_out_no_error() -> None:
    now = [0.0]
    alarms = Alarms(lambda: now[0])
    alarms.raise_alarm("guard", "the show pauses", "Look at it.", AlarmLevel.ERROR)
    for n in range(3 * MAX_ALARMS):
        now[0] += 1
        alarms.raise_alarm(f"fault:{n}", "a payment could not be read", "Look at the ledger.")
    standing = alarms.standing()
    assert len(standing) == MAX_ALARMS
    assert standing[0].id == "guard"
    assert standing[-1].id == f"fault:{3 * MAX_ALARMS - 1}", "the oldest warning leaves, not the newest"


def test_each_can_be_dismissed_and_comes_again_when_it_is_raised_again() -> None:
    alarms = Alarms(lambda: 0.0)
    alarms.raise_alarm("fault:1", "a", "b")
    assert alarms.clear("fault:1")
    assert not alarms.clear("fault:1")
    assert alarms.standing() == []
    alarms.raise_alarm("fault:1", "a", "b")
    assert [a.id for a in alarms.standing()] == ["fault:1"]


def test_an_alarm_that_stands_keeps_its_age_and_changes_its_words() -> None:
    now = [1.0]
    alarms = Alarms(lambda: now[0])
    alarms.raise_alarm("overdue", "1 payment waits", "")
    now[0] = 9.0
    alarms.raise_alarm("overdue", "2 payments wait", "", AlarmLevel.ERROR)
    (only,) = alarms.standing()
    assert (only.at, only.text, only.level) == (1.0, "2 payments wait", AlarmLevel.ERROR)

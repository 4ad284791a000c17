"""What the host binds itself to, and when it is due."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.mind.memory.promises import MOST, DueAt, promises_in

ZONE = dt.timezone(dt.timedelta(hours=2))
#: A Wednesday evening.
NOW = dt.datetime(2026, 6, 3, 21, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("heard", "due", "at"),
    [
        ("I promise I will sing it next stream.", DueAt.NEXT_STREAM, "06-03 21:30"),
        ("I'll tell you after the break.", DueAt.AFTER_BREAK, "06-03 21:30"),
        ("In ten minutes we will do the quiz.", DueAt.TIME, "06-03 21:40"),
        ("Tomorrow evening I'll show you the chart.", DueAt.TIME, "06-04 18:00"),
        ("I'll do it tomorrow.", DueAt.TIME, "06-04 05:00"),
        ("Let's play chess on friday.", DueAt.TIME, "06-05 05:00"),
        ("We'll do that next week.", DueAt.TIME, "06-08 05:00"),
        ("I owe you a poem, Ann.", DueAt.NEXT_STREAM, "06-03 21:30"),
        ("下次直播我给你唱这首歌。", DueAt.NEXT_STREAM, "06-03 21:30"),
        ("休息之后我来讲鬼故事。", DueAt.AFTER_BREAK, "06-03 21:30"),
        ("十分钟后我们开始猜谜。", DueAt.TIME, "06-03 21:40"),
        ("明天晚上我会画给你看。", DueAt.TIME, "06-04 18:00"),
        ("我后天再讲。", DueAt.TIME, "06-05 05:00"),
        ("半小时后我再试一次。", DueAt.TIME, "06-03 22:00"),
        ("我保证会给你写一首诗。", DueAt.NEXT_STREAM, "06-03 21:30"),
    ],
)
def test_a_promise_has_its_time(heard: str, due: DueAt, at: str) -> None:
    (found,) = promises_in(f"Well, hello. {heard}", NOW)
    assert (found.due, f"{found.at:%m-%d %H:%M}", found.text) == (due, at, heard)


@pytest.mark.parametrize(
    "heard",
    ["See you tomorrow!", "I bet you are tired.", "If you win I'll sing tomorrow.", "Will you be here next stream?",
     "I can't promise that.",
     "Maybe I'll sing tomorrow.", "I will sing.", "明天见！", "如果赢了我明天唱。", "我不能保证。", ""],
)  # fmt: skip
def test_what_binds_nobody_is_none(heard: str) -> None:
    assert promises_in(heard, NOW) == []


def test_tomorrow_is_after_the_night() -> None:
    late = NOW.replace(hour=23, minute=50) + dt.timedelta(minutes=70)  # one in the morning: still that evening
    (found,) = promises_in("I'll do it tomorrow.", late)
    assert f"{found.at:%m-%d %H:%M}" == "06-04 05:00"


def test_a_flood_of_promises_is_bounded() -> None:
    assert len(promises_in("I'll sing tomorrow. " * 50, NOW)) == MOST
    assert promises_in("In 999999 weeks we will sing.", NOW)[0].at < NOW + dt.timedelta(weeks=1001)

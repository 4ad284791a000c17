"""What arrived before, and what was deleted before it arrived."""

from __future__ import annotations

import pytest

from bot.intake.dedup import BAN_S, MAX_SEEN, PAIR_S, Deduplicator
from bot.types import Author, Evidence, Kind, Message, Retraction


def message(id: str = "m1", source: str = "twitch", **more: object) -> Message:  # noqa: A002
    return Message(id, source, Author("u1", "Ann"), "hi", **more)  # type: ignore[arg-type]


def test_an_id_is_taken_once_in_each_source() -> None:
    seen = Deduplicator()
    assert not seen.is_duplicate(message(), 0)
    assert seen.is_duplicate(message(), 1)
    assert not seen.is_duplicate(message(source="bilibili_web"), 1)


def test_what_the_store_knew_is_known_after_a_restart() -> None:
    assert Deduplicator([("twitch", "m1")]).is_duplicate(message(), 0)


def test_memory_is_bounded() -> None:
    seen = Deduplicator()
    for n in range(MAX_SEEN + 10):
        seen.is_duplicate(message(f"m{n}"), 0)
    assert len(seen._seen) == MAX_SEEN
    assert seen.is_duplicate(message(f"m{MAX_SEEN}"), 0)
    assert not seen.is_duplicate(message("m1"), 0)


def test_somebody_who_follows_again_and_again_is_greeted_once() -> None:
    seen = Deduplicator()
    assert not seen.is_duplicate(message("f1", kind=Kind.FOLLOW), 0)
    assert seen.is_duplicate(message("f2", kind=Kind.FOLLOW), 9)


def test_two_events_about_one_raid_are_one() -> None:
    seen = Deduplicator()
    told = Evidence("channel.raid", pair="raid:7")
    again = Evidence("channel.chat.notification", pair="raid:7")
    assert not seen.is_duplicate(message("r1", kind=Kind.RAID, evidence=told), 0)
    assert seen.is_duplicate(message("r2", kind=Kind.RAID, evidence=again), 1)
    assert not seen.is_duplicate(message("r3", kind=Kind.RAID, evidence=told), PAIR_S + 5)


@pytest.mark.parametrize("source", ["twitch", ""])
def test_a_deletion_may_come_before_the_message(source: str) -> None:
    seen = Deduplicator()
    seen.take_back(Retraction(source, id="m1"), 0)
    assert seen.taken_back(message(), 600)
    assert not seen.taken_back(message("m2"), 0)


def test_a_ban_holds_for_what_was_on_its_way_and_no_longer() -> None:
    seen = Deduplicator()
    seen.take_back(Retraction("twitch", author="u1"), 100)
    assert seen.taken_back(message("late"), 100 + BAN_S / 2)
    assert not seen.taken_back(message("forgiven"), 100 + BAN_S * 2)
    assert not seen.taken_back(message("elsewhere", source="bilibili_web"), 100)

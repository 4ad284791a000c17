"""Blocks that pause the show: what counts, within which time, and what a person has to do."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from bot.review.second_opinion import UNANSWERED
from bot.show.breaker import BlockBreaker, BlockedClause
from bot.types import TurnKind
from moderation import Action, Reason, Verdict

numbers = count()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def blocked(
    *, why: str = "answer", turn: str = "", rule: str = "lexicon:violence", prepared: bool = False, by: str = ""
) -> BlockedClause:
    verdict = Verdict(Action.BLOCK, (rule,), 0.9, "", (Reason(rule, "violence", action=Action.BLOCK),))
    turn, viewer = turn or f"t-{next(numbers)}", ("twitch", by) if by else None
    return BlockedClause(0.0, turn, TurnKind(why), verdict, "something terrible", prepared, viewer)


def test_the_third_block_within_the_time_pauses_and_names_the_rules() -> None:
    clock = Clock()
    guard = BlockBreaker(clock, after=3, within_s=300)
    assert [guard.note(blocked(rule=f"rule:{n}")) for n in range(3)] == [False, False, True]
    assert guard.paused
    assert "3 replies to different viewers were blocked within 5 minutes" in guard.reason
    assert all(f"rule:{n}" in guard.reason for n in range(3))
    assert "terrible" not in guard.reason
    assert guard.pauses == 1


def test_one_viewer_is_left_alone_and_silences_nobody_else() -> None:
    clock = Clock()
    guard = BlockBreaker(clock, after=3, within_s=300)
    eve, ann = ("twitch", "eve"), ("twitch", "ann")
    for n in range(20):
        assert guard.shuns(eve) is (n >= 3)
        assert not guard.note(blocked(by="eve"))
    assert not guard.paused
    assert not guard.shuns(ann)
    assert guard.shunned() == [eve]
    clock.now = 300.0
    assert not guard.shuns(eve), "it is forgotten"
    assert guard.shunned() == []


def test_blocked_replies_to_several_viewers_pause_the_chat() -> None:
    guard = BlockBreaker(Clock(), after=3, within_s=300)
    assert [guard.note(blocked(by=name)) for name in ("eve", "eve", "ann", "eve", "bob")] == [False] * 4 + [True]
    assert guard.paused
    assert not guard.silent
    guard.note(blocked(why="answer", by="carl"))
    assert not guard.silent, "an answer that was begun before"
    guard.note(blocked(why="thanks", by="carl"))
    assert guard.silent, "what is prepared is blocked as well: nothing can be said"
    guard.rearm()
    assert not guard.paused
    assert not guard.silent
    assert not guard.shuns(("twitch", "eve"))


def test_old_blocks_do_not_count() -> None:
    clock = Clock()
    guard = BlockBreaker(clock, after=2, within_s=60)
    guard.note(blocked())
    clock.now = 60.0
    assert not guard.note(blocked())
    clock.now = 119.9
    assert guard.note(blocked())


def test_a_turn_counts_once_and_what_tells_nothing_not_at_all() -> None:
    guard = BlockBreaker(Clock(), after=2, within_s=60)
    assert not guard.note(blocked(turn="t-same"))
    assert not guard.note(blocked(turn="t-same", prepared=True))
    assert not guard.note(blocked(why="say"))
    assert not guard.note(blocked(rule=UNANSWERED))
    assert not guard.paused
    assert (guard.blocks, guard.silences) == (4, 1)
    assert guard.note(blocked())


def test_a_person_who_arms_it_again_starts_from_nothing_and_can_still_look() -> None:
    guard = BlockBreaker(Clock(), after=1, within_s=60)
    guard.note(blocked())
    guard.rearm()
    assert not guard.paused
    assert len(guard.recent) == 1
    assert guard.note(blocked())
    assert guard.pauses == 2


def test_zero_never_pauses() -> None:
    guard = BlockBreaker(Clock(), after=0)
    assert not any(guard.note(blocked()) for _ in range(100))


def test_the_words_are_in_no_representation() -> None:
    block = blocked()
    assert "terrible" not in repr(block)
    assert "terrible" not in block.because + block.fingerprint
    assert block.fingerprint == blocked().fingerprint


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200), st.integers(1, 8), st.floats(1, 300))
def test_it_pauses_exactly_when_so_many_fall_into_the_time(gaps: list[float], after: int, within_s: float) -> None:
    clock = Clock()
    guard = BlockBreaker(clock, after=after, within_s=within_s)
    times: list[float] = []
    for gap in gaps:
        clock.now += gap
        times.append(clock.now)
        pauses = sum(t > clock.now - within_s for t in times) >= after
        assert guard.note(blocked()) is pauses
        if pauses:
            break
    assert len(guard.recent) <= 20

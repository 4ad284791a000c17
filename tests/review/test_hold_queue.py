"""The pen: what waits for a person, and how it leaves, each line once and with an outcome."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.review.hold_queue import HeldMessage, HoldQueue
from bot.types import Author, Message, Retraction
from moderation import Action, Verdict

HOLD = Verdict(Action.HOLD, ("word:x",), 0.7, "x")


def held(n: int, at: float = 0.0, author: str = "u", source: str = "twitch") -> HeldMessage:
    return HeldMessage(f"v{n}", Message(f"m{n}", source, Author(author, author), "words"), HOLD, at)


class Left(list[tuple[str, str]]):
    def __call__(self, one: HeldMessage, outcome: str, reason: str) -> None:
        assert reason
        self.append((one.id, outcome))


def test_a_person_takes_a_line_once() -> None:
    left = Left()
    pen = HoldQueue(on_leave=left)
    pen.hold(one := held(1))
    assert pen.get("v1") == one
    assert (pen.take("v1"), pen.take("v1"), pen.get("v1")) == (one, None, None)
    assert left == []


def test_the_oldest_leaves_when_too_many_wait() -> None:
    pen = HoldQueue(most=3, on_leave=(left := Left()))
    for n in range(5):
        pen.hold(held(n))
    assert [h.id for h in pen.items(0)] == ["v2", "v3", "v4"]
    assert left == [("v0", "dropped"), ("v1", "dropped")]


def test_nobody_looked() -> None:
    pen = HoldQueue(keep_s=600, on_leave=(left := Left()))
    pen.hold(held(1, at=0))
    pen.hold(held(2, at=300))
    assert [h.id for h in pen.items(600)] == ["v1", "v2"]
    assert [h.id for h in pen.items(601)] == ["v2"]
    pen.hold(held(3, at=1000))
    assert left == [("v1", "expired"), ("v2", "expired")]


def test_a_deletion_takes_out_what_it_covers() -> None:
    pen = HoldQueue(on_leave=(left := Left()))
    for n, (author, source) in enumerate([("a", "twitch"), ("b", "twitch"), ("a", "bilibili_web"), ("c", "twitch")]):
        pen.hold(held(n, author=author, source=source))
    pen.retract(Retraction("twitch", author="a"))
    pen.retract(Retraction("twitch", id="m3"))
    assert [h.id for h in pen.items(0)] == ["v1", "v2"]
    assert left == [("v0", "dropped"), ("v3", "dropped")]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.sampled_from("abc")),
        st.tuples(st.just("take"), st.integers(0, 30)),
        st.tuples(st.just("wait"), st.floats(0, 400)),
        st.tuples(st.just("retract"), st.sampled_from("abc")),
    ),
    max_size=60,
)


@given(steps)
def test_each_line_leaves_once_and_the_pen_is_bounded(log: list[tuple[str, object]]) -> None:
    left = Left()
    pen = HoldQueue(most=4, keep_s=600, on_leave=left)
    now, count, taken = 0.0, 0, []
    for what, value in log:
        if what == "hold":
            count += 1
            pen.hold(held(count, now, str(value)))
        elif what == "take" and (one := pen.take(f"v{value}")):
            taken.append(one.id)
        elif what == "wait":
            now += float(str(value))
        elif what == "retract":
            pen.retract(Retraction(author=str(value)))
        assert len(pen) <= 4
    inside = [h.id for h in pen.items(now)]
    assert all(now - h.at <= 600 for h in pen.items(now))
    gone = [*taken, *(name for name, _ in left), *inside]
    assert sorted(gone) == sorted(f"v{n}" for n in range(1, count + 1))

"""Who else wrote the same, and who may post a link: counted truly, in bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moderation.rules.copypasta import MAX_COMPARED, Copies, Permits, pasted


def test_other_viewers_are_counted_and_oneself_is_not() -> None:
    copies = Copies()
    assert [copies.record("x", viewer, at) for at, viewer in enumerate("aabca")] == [0, 0, 1, 2, 2]


def test_what_was_written_before_the_window_does_not_count() -> None:
    copies = Copies(window_s=10)
    assert copies.record("x", "a", 0) == 0
    assert copies.record("x", "b", 9) == 1
    assert copies.record("x", "c", 12) == 1, "a's line is 12 s old, b's is not"
    assert copies.record("x", "d", 100) == 0


def test_a_line_is_the_same_whatever_stands_between_its_letters() -> None:
    assert pasted("This IS the Pasta!!") == pasted("this is - the pasta 🍝") == pasted("Ｔhis is the pasta")
    assert pasted("this is no pasta") != pasted("this is the pasta")
    assert len(pasted("x" * 1_000_000)) == MAX_COMPARED


lines = st.lists(st.tuples(st.sampled_from("pqrst"), st.integers(0, 8), st.floats(0, 6)), max_size=80)


@given(lines)
def test_the_count_is_that_of_the_whole_log(log: list[tuple[str, int, float]]) -> None:
    copies, now = Copies(lines=10, viewers=100, window_s=10), 0.0
    past: list[tuple[str, int, float]] = []
    for key, viewer, wait in log:
        now += wait
        others = {v for k, v, at in past if k == key and v != viewer and _last(past, key, v) >= now - 10}
        assert copies.record(key, viewer, now) == len(others)
        past.append((key, viewer, now))


def _last(past: list[tuple[str, int, float]], key: str, viewer: int) -> float:
    return max(at for k, v, at in past if (k, v) == (key, viewer))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=200))
def test_memory_is_bounded_and_the_count_never_too_high(log: list[tuple[int, int]]) -> None:
    copies = Copies(lines=5, viewers=4, window_s=1e9)
    seen: dict[int, set[int]] = {}
    for at, (key, viewer) in enumerate(log):
        count = copies.record(str(key), viewer, float(at))
        assert count <= min(4, len(seen.get(key, set()) - {viewer}))
        seen.setdefault(key, set()).add(viewer)
        assert len(copies) <= 5


def test_a_permit_is_for_one_viewer_of_one_platform_and_ends() -> None:
    permits = Permits()
    permits.grant("twitch", "@Ann_Marie", 30.0)
    assert permits.allows("twitch", ("ann_marie", "u1"), 29.9)
    assert not permits.allows("twitch", ("ann_marie", "u1"), 30.0)
    assert not permits.allows("twitch", ("ann", "u1"), 1.0)
    assert not permits.allows("bilibili_web", ("ann_marie",), 1.0)
    permits.grant("twitch", "u1", 60.0)
    assert permits.allows("twitch", ("somebody", "u1"), 40.0)
    assert [p.user for p in permits.list_running(40.0)] == ["u1"]


def test_permits_are_bounded() -> None:
    permits = Permits(most=3)
    for n in range(10):
        permits.grant("twitch", f"v{n}", 100.0)
    assert [p.user for p in permits.list_running(0.0)] == ["v7", "v8", "v9"]
    assert not permits.allows("twitch", ("v0",), 0.0)

"""The thread of moderation: what is judged where, together, in which order, and how much may wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation import Action, Context, Direction, Moderator, Verdict
from moderation.worker import MOST_CHARACTERS, MOST_LINES, Worker, called
from tests.support.moderators import make_moderator

IN = Context()


class Slow:
    """Judges when it is let; keeps each batch, and the thread that asked."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()

    def check_all(self, texts: Sequence[tuple[str, Context]]) -> list[Verdict]:
        assert self.may.wait(10)
        self.threads.add(threading.get_ident())
        self.batches.append([text for text, _ in texts])
        return [Verdict(Action.ALLOW, (), 0.0, text) for text, _ in texts]


async def until(true: object) -> None:
    assert callable(true)
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.001)


async def test_what_waits_is_judged_together_in_order_and_in_another_thread() -> None:
    judge, found = Slow(), list[str]()
    worker = Worker(judge.check_all)
    texts = [f"line {n}" for n in range(3 * MOST_LINES)]
    for text in texts:
        assert worker.submit(text, IN, lambda verdict: found.append(verdict.text))
    assert worker.waiting == len(texts)
    judge.may.set()
    await until(lambda: len(found) == len(texts))
    assert found == texts
    assert judge.batches[0] == ["line 0"], "the first one waits for nobody"
    assert max(map(len, judge.batches)) == MOST_LINES
    assert judge.threads.isdisjoint({threading.get_ident()})
    assert len(judge.threads) == 1
    assert worker.waiting == 0
    worker.close()


async def test_long_texts_make_small_batches() -> None:
    judge, found = Slow(), list[str]()
    worker = Worker(judge.check_all)
    for letter in "abcdef":
        worker.submit(letter * (MOST_CHARACTERS // 2), IN, lambda verdict: found.append(verdict.text[0]))
    judge.may.set()
    await until(lambda: len(found) == 6)
    assert found == list("abcdef")
    assert [len(batch) for batch in judge.batches] == [1, 2, 2, 1]
    worker.close()


async def test_what_is_urgent_goes_before_all_lines_that_wait() -> None:
    judge, found = Slow(), list[str]()
    worker = Worker(judge.check_all)
    for n in range(5):
        worker.submit(f"line {n}", IN, lambda verdict: found.append(verdict.text))

    async def urgent(name: str) -> None:
        await worker.call(lambda: judge.batches.append([name]))

    async with asyncio.TaskGroup() as group:
        group.create_task(urgent("a payment"))
        group.create_task(urgent("a clause"))
        await asyncio.sleep(0)
        judge.may.set()
    await until(lambda: len(found) == 5)
    assert judge.batches == [["line 0"], ["a payment"], ["a clause"], [f"line {n}" for n in range(1, 5)]]
    worker.close()


async def test_no_more_than_a_bound_waits() -> None:
    judge, found = Slow(), list[str]()
    worker = Worker(judge.check_all, most=3)
    taken = [worker.submit(str(n), IN, lambda verdict: found.append(verdict.text)) for n in range(8)]
    assert taken == [True] * 4 + [False] * 4, "one is being judged, three wait"
    judge.may.set()
    await until(lambda: len(found) == 4)
    assert worker.submit("again", IN, lambda verdict: found.append(verdict.text))
    await until(lambda: found[-1] == "again")
    worker.close()


async def test_what_breaks_is_held_and_the_next_is_judged() -> None:
    def check_all(texts: Sequence[tuple[str, Context]]) -> list[Verdict]:
        if texts[0][0] == "broken":
            raise RuntimeError("broken")
        return [Verdict(Action.ALLOW, (), 0.0, text) for text, _ in texts]

    worker, found = Worker(check_all), list[Verdict]()
    worker.submit("broken", IN, found.append)
    worker.submit("whole", IN, found.append)
    await until(lambda: len(found) == 2)
    assert [verdict.action for verdict in found] == [Action.HOLD, Action.ALLOW]
    with pytest.raises(ZeroDivisionError):
        await worker.call(lambda: 1 // 0)
    assert await worker.call(lambda: 5) == 5
    worker.close()


async def test_who_does_not_wait_any_more_costs_nothing() -> None:
    judge, ran = Slow(), list[int]()
    worker = Worker(judge.check_all)
    worker.submit("line", IN, lambda _: None)
    task = asyncio.ensure_future(worker.call(lambda: ran.append(1)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    judge.may.set()
    await worker.call(lambda: ran.append(2))
    assert ran == [2]
    worker.close()


async def test_at_the_end_nobody_is_kept_waiting() -> None:
    judge = Slow()
    worker = Worker(judge.check_all)
    worker.submit("line", IN, lambda _: None)
    task = asyncio.ensure_future(worker.call(lambda: 1))
    await asyncio.sleep(0)
    worker.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not worker.submit("line", IN, lambda _: None)
    judge.may.set()


async def test_without_a_worker_it_is_done_at_once() -> None:
    assert await called(None, threading.get_ident) == threading.get_ident()


# --- in company as alone ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def moderator() -> Moderator:
    return make_moderator()


WORDS = (
    "you are so bad at this game i love it kys nice stream what is the song 666 主播 好听 你妈死了 今天 "
    "https://x.y/z @ann KEKW PogChamp 🔪 you st*pid idiot go back home ignore previous instructions"
).split()
SAID = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join) | st.text(max_size=60)
CONTEXTS = st.builds(
    Context,
    direction=st.sampled_from(Direction),
    window=st.lists(SAID, max_size=3).map(tuple),
    quick=st.booleans(),
    strict=st.booleans(),
)


@given(st.lists(st.tuples(SAID, CONTEXTS), max_size=20))
@settings(max_examples=60, deadline=None)
def test_many_are_judged_as_each_alone(moderator: Moderator, texts: list[tuple[str, Context]]) -> None:
    """The score may differ in its last digit where a processor sums in another order; nothing else may."""
    moderator._classifier._known._known.clear()  # type: ignore[union-attr]
    together = moderator.check_all(texts)
    moderator._classifier._known._known.clear()  # type: ignore[union-attr]
    for (text, context), found in zip(texts, together, strict=True):
        alone = moderator.check(text, context)
        assert (found.action, found.rules, found.text, found.reasons) == (
            alone.action, alone.rules, alone.text, alone.reasons,
        )  # fmt: skip
        assert found.score == pytest.approx(alone.score, abs=0.0002)


def test_what_was_judged_is_remembered_up_to_a_bound(moderator: Moderator) -> None:
    known = moderator._classifier._known  # type: ignore[union-attr]
    known._known.clear()
    moderator.check("hello there, my friends")
    moderator.check("HELLO there, my friends")
    assert list(known._known) == ["hello there, my friends"]
    moderator.check("a long one " * 60)
    assert len(known) == 1
    scores = known.get("hello there, my friends")
    assert scores is not None
    for n in range(known._most + 5):
        known.put(str(n), scores)
    assert len(known) == known._most
    assert known.get("0") is None
    known._known.clear()

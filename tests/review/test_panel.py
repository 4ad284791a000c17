"""The panel on the jumping clock: budget, memory, deadlines, rests, and that nothing of it ever raises."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.review.panel import FAILURES, REST_S, Answer, Panel, fold
from bot.runtime.failover import Link, LinkConfig
from moderation.judging.judge import MAX_JUDGED, Judge, JudgeError, Opinion
from moderation.verdict import Direction
from tests.support.virtual import virtual

IN, OUT = Direction.IN, Direction.OUT
GOOD, BAD = Opinion(0.1), Opinion(0.9, ("hate",))


@dataclass
class Scripted:
    """A judge that takes ``takes_s`` and then gives ``opinion``, or raises it."""

    opinion: Opinion | Exception | None = BAD
    takes_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    cancelled: int = 0

    async def judge(self, text: str, direction: Direction) -> Opinion | None:
        del direction
        self.asked.append(text)
        try:
            await asyncio.sleep(self.takes_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.opinion, Exception):
            raise self.opinion
        return self.opinion


def link(name: str, judge: Judge) -> Link[Judge]:
    return Link(name, judge, LinkConfig.model_validate({}))


def panel(*judges: Scripted, per_minute: int = 60, failures: list[str] | None = None) -> Panel:
    def told(name: str, error: Exception) -> None:
        if failures is not None:
            failures.append(f"{name}: {error}")

    links = [link(f"j{n}", judge) for n, judge in enumerate(judges)]
    return Panel(links, asyncio.get_running_loop().time, per_minute=per_minute, on_failure=told)


@virtual
async def test_what_was_judged_is_not_judged_again() -> None:
    judge = Scripted()
    of = panel(judge)
    first = await of.ask("Ｈello   THERE", IN, 1)
    assert first == Answer(BAD, "j0")
    assert await of.ask("hello there", IN, 1) == first
    assert len(judge.asked) == 1
    await of.ask("hello there", OUT, 1)
    assert len(judge.asked) == 2


@virtual
async def test_a_hundred_who_ask_the_same_ask_once() -> None:
    judge = Scripted(takes_s=0.5)
    of = panel(judge)
    answers = await asyncio.gather(*(of.ask("the same", IN, 2) for _ in range(100)))
    assert {a.opinion for a in answers} == {BAD}
    assert len(judge.asked) == 1


@virtual
async def test_when_who_asked_first_gives_up_the_next_one_asks() -> None:
    judge = Scripted(takes_s=0.5)
    of = panel(judge)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(of.ask("the same", IN, 2))
        await asyncio.sleep(0.1)
        second = group.create_task(of.ask("the same", IN, 2))
        await asyncio.sleep(0.1)
        first.cancel()
    assert second.result().opinion == BAD
    assert len(judge.asked) == 2
    assert [s.state for s in of.links()] == ["up"]


@virtual
async def test_a_judge_that_hangs_costs_the_deadline_and_then_nothing() -> None:
    judge, failures = Scripted(takes_s=1e9), list[str]()
    of = panel(judge, failures=failures)
    loop = asyncio.get_running_loop()
    for n in range(FAILURES):
        began = loop.time()
        answer = await of.ask(f"line {n}", IN, 1.5)
        assert answer.opinion is None
        assert "in time" in answer.why
        assert loop.time() - began == pytest.approx(1.5)
    assert judge.cancelled == FAILURES == len(failures)
    began = loop.time()
    assert (await of.ask("one more", IN, 1.5)).opinion is None
    assert loop.time() == began
    assert [(s.name, s.state) for s in of.links()] == [("judge j0", "resting")]


@virtual
async def test_after_its_rest_it_gets_one_question_to_prove_itself() -> None:
    judge = Scripted(JudgeError("broken"))
    of = panel(judge)
    for n in range(FAILURES):
        await of.ask(f"line {n}", IN, 1)
    await asyncio.sleep(REST_S + 0.1)
    judge.takes_s = 0.5
    answers = await asyncio.gather(*(of.ask(f"then {n}", IN, 1) for n in range(10)))
    assert all(a.opinion is None for a in answers)
    assert len(judge.asked) == FAILURES + 1
    await asyncio.sleep(REST_S + 0.1)
    assert [s.state for s in of.links()] == ["resting"], "the second rest is longer"
    await asyncio.sleep(REST_S)
    judge.opinion = GOOD
    assert (await of.ask("at last", IN, 1)).opinion == GOOD
    assert [s.state for s in of.links()] == ["up"]
    assert (await of.ask("and again", IN, 1)).opinion == GOOD


@virtual
async def test_the_next_judge_answers_for_one_that_cannot_within_the_same_deadline() -> None:
    slow, quick = Scripted(takes_s=1e9), Scripted(GOOD, takes_s=0.2)
    of = panel(slow, quick)
    began = asyncio.get_running_loop().time()
    assert await of.ask("a line", IN, 2) == Answer(GOOD, "j1")
    assert asyncio.get_running_loop().time() - began == pytest.approx(1.2)


@virtual
async def test_the_budget_is_kept_and_fills_again() -> None:
    judge = Scripted()
    of = panel(judge, per_minute=6)
    answers = [await of.ask(f"line {n}", IN, 1) for n in range(10)]
    assert len(judge.asked) == 6
    assert "budget" in answers[-1].why
    await asyncio.sleep(10)
    assert (await of.ask("later", IN, 1)).opinion == BAD
    assert (await of.ask("at once", IN, 1)).opinion is None
    assert (await of.ask("line 0", IN, 1)).opinion == BAD, "what is known costs nothing"


@pytest.mark.parametrize(
    "opinion",
    [None, Opinion(1.5), Opinion(float("nan")), RuntimeError("odd"), TimeoutError(), JudgeError(""), ValueError()],
)
def test_whatever_a_judge_does_is_an_answer_without_an_opinion(opinion: Opinion | Exception | None) -> None:
    @virtual
    async def run() -> None:
        answer = await panel(Scripted(opinion)).ask("a line", IN, 1)
        assert answer.opinion is None
        assert answer.why

    run()


@virtual
async def test_a_judge_that_refuses_is_down_and_proves_itself_later_and_a_wanted_pause_is_kept() -> None:
    refused, busy = (
        Scripted(JudgeError("key", remedy="Check it.", fatal=True)),
        Scripted(JudgeError("", retry_after_s=7)),
    )
    of = panel(refused, busy)
    await of.ask("a line", IN, 1)
    assert (of.links()[0].state, of.links()[0].detail) == ("down", "next try in 30 s: key Check it.")
    assert (of.links()[1].state, round(of.links()[1].next_try_s or 0)) == ("resting", 7)
    await asyncio.sleep(6.5)
    await of.ask("another", IN, 1)
    assert len(busy.asked) == 1
    await asyncio.sleep(1)
    await of.ask("a third", IN, 1)
    assert (len(refused.asked), len(busy.asked)) == (1, 2)
    refused.opinion = BAD
    await asyncio.sleep(30)
    assert await of.ask("a fourth", IN, 1) == Answer(BAD, "j0")
    assert of.links()[0].state == "up"


@virtual
async def test_a_person_ends_the_rest_of_a_judge() -> None:
    judge, failures = Scripted(JudgeError("key", fatal=True)), list[str]()
    of = panel(judge, failures=failures)
    await of.ask("a line", IN, 1)
    assert failures == ["judge j0: key"]
    judge.opinion = BAD
    assert (await of.ask("too soon", IN, 1)).opinion is None
    state = await of.retry_now("judge j0")
    assert (state.name, state.state, state.next_try_s) == ("judge j0", "down", 0)
    assert (await of.ask("another", IN, 1)).opinion == BAD
    with pytest.raises(Refused):
        await of.retry_now("judge j7")


@virtual
async def test_what_is_too_long_is_not_judged_by_half() -> None:
    judge = Scripted(GOOD)
    assert (await panel(judge).ask("x" * (MAX_JUDGED + 1), OUT, 1)).opinion is None
    assert not judge.asked


@virtual
async def test_no_line_of_a_viewer_can_put_a_judge_to_rest() -> None:
    judge = Scripted(None)
    of = panel(judge)
    for n in range(2 * FAILURES):  # a line that makes the model babble
        assert (await of.ask(f"say banana {n}", IN, 1)).opinion is None
    judge.opinion = BAD
    assert (await of.ask("half a letter: \ud83d", IN, 1)).opinion == BAD
    assert judge.asked[-1] == "half a letter: ?"


@virtual
async def test_memory_is_bounded() -> None:
    of = panel(Scripted(), per_minute=1_000_000)
    for n in range(5000):
        await of.ask(f"line {n}", IN, 1)
    assert len(of._known) == 2000
    assert not of._asked


@given(st.text(max_size=200))
def test_folding_takes_any_text_and_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(fold(fold(text)))


def test_lone_surrogates_are_folded() -> None:
    assert fold("\ud800 A") == "\ud800 a"

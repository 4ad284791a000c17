"""What moderation stops on its way out: it is nowhere, and the show goes on, or pauses, as it should."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from loguru import logger

from bot.persona.lines import Purpose
from bot.show.turn import FinishedTurn, HostPolicy
from bot.types import Kind, Money, Retraction
from moderation import Action, Context, Direction, Level, Policy, Reason, Verdict
from tests.fakes.stage_page import FakePage
from tests.support.harness import Stagehand
from tests.support.virtual import virtual

GOOD, BAD = "Sure, my dear friend, why not at all.", "I will kill you and your whole family."


def words(text: str) -> str:
    return " ".join(text.split())


def everything(hand: Stagehand, page: FakePage) -> str:
    """Return all that the audience, the ledger and the model's memory were given."""
    return str((
        page.messages, hand.past, hand.history.latest(10_000), hand.ledger.turns, hand.ledger.outcomes, hand.tts.spoken,
    ))  # fmt: skip


def in_character(hand: Stagehand, text: str, purpose: Purpose = Purpose.REFUSED) -> bool:
    lines = [words(line.split("]")[-1]) for line in hand.persona.lines.script["en"][purpose]]
    return any(words(text).endswith(line[-20:]) for line in lines)


@contextmanager
def logged(level: str) -> Iterator[list[str]]:
    out: list[str] = []
    sink = logger.add(out.append, level=level, format="{level} {message}")
    try:
        yield out
    finally:
        logger.remove(sink)


@virtual
async def test_a_block_is_replaced_in_character_and_is_nowhere() -> None:
    hand = Stagehand()
    hand.llm.reply_text = f"[joy] {GOOD} [angry][shake] {BAD} And more of it."
    with logged("INFO") as log:
        async with hand.on_air() as page:
            await hand.chat("say something nice")
            await hand.until(lambda: bool(hand.past), 30)
            past = hand.past[0]
            assert "kill" not in everything(hand, page)
            assert "more of it" not in everything(hand, page)
            assert "angry" not in str(page.messages)
            assert "shake" not in str(page.messages)
    # What was heard before the block is remembered, and then the line, because both were heard.
    assert past.text.startswith(GOOD)
    assert in_character(hand, past.text)
    assert [e.heard for e in hand.history.latest(1000)] == [past.text]
    assert hand.ledger.turns[past.turn.id]["final"] == past.text
    assert hand.ledger.turns[past.turn.id]["state"] == "completed"
    assert hand.fates["m1"][0] == "answered"
    assert "prepared line" in hand.fates["m1"][1]
    assert past.blocked is not None
    assert past.blocked.text == BAD
    assert [b.text for b in hand.show.breaker.recent] == [BAD]
    assert "kill" not in "".join(log)
    assert past.blocked.fingerprint in "".join(log)


@virtual
async def test_a_voice_is_never_given_what_is_blocked() -> None:
    hand = Stagehand()
    hand.llm.reply_text = f"{GOOD} {BAD}"
    async with hand.on_air():
        await hand.chat("hello?")
        await hand.until(lambda: bool(hand.past), 30)
        assert not any("kill" in text for text in hand.tts.spoken)


@virtual
async def test_the_full_text_is_for_debugging_alone() -> None:
    hand = Stagehand()
    hand.llm.reply_text = BAD
    with logged("DEBUG") as log:
        async with hand.on_air():
            await hand.chat("hello?")
            await hand.until(lambda: bool(hand.past), 30)
    assert [line.split()[0] for line in log if "kill you" in line] == ["DEBUG"]


@virtual
async def test_a_reply_that_is_split_over_clauses_is_stopped_at_its_last_piece() -> None:
    hand = Stagehand()
    hand.llm.reply_text = "My dear friend, please do go and kill. Yourself, that is what I mean."
    async with hand.on_air() as page:
        await hand.chat("what should I do?")
        await hand.until(lambda: bool(hand.past), 30)
        assert "ourself" not in everything(hand, page)
        assert in_character(hand, hand.past[0].text)


class Contexts:
    """Moderation that remembers what it was told."""

    def __init__(self, hand: Stagehand) -> None:
        self.real, self.seen = hand.moderator, list[tuple[str, Context]]()

    def check(self, text: str, context: Context) -> Verdict:
        self.seen.append((text, context))
        return self.real.check(text, context)


@virtual
async def test_each_clause_is_judged_with_three_before_it_and_what_it_answers() -> None:
    hand = Stagehand()
    judge = hand.show.performance._outbound.judge = Contexts(hand)
    said = [f"This is my sentence number {n}." for n in ("one", "two", "three", "four", "five")]
    hand.llm.reply_text = f"{' '.join(said)} {BAD}"
    async with hand.on_air():
        await hand.chat("count for me, please?")
        await hand.until(lambda: bool(hand.past), 60)
    assert [context.window for _, context in judge.seen[:6]] == [tuple(said[max(0, n - 3) : n]) for n in range(6)]
    assert all(context.heard == ("count for me, please?",) for _, context in judge.seen[:6])
    assert judge.seen[5][0] == BAD
    # The persona's line begins afresh: what came before cannot make it bad.
    assert all(context == Context(Direction.OUT) for _, context in judge.seen[6:])
    assert len(judge.seen) > 6


@virtual
async def test_an_interruption_while_a_clause_is_judged_leaves_no_trace_of_it() -> None:
    hand = Stagehand()
    judge = SlowJudges(10.0, bad=True)
    hand.show.performance._outbound.opinions = judge
    hand.llm.reply_text = "This one is under review for a while."
    async with hand.on_air() as page:
        await hand.chat("hello?")
        await hand.until(lambda: bool(judge.asked), 30)
        assert hand.show.on_air is not None
        assert hand.show.on_air.clauses == []
        hand.show.skip()
        await hand.until(lambda: bool(hand.past), 5)
        assert "review" not in str((page.messages, hand.ledger.turns, hand.past))


def longer(values: list[FinishedTurn], than: int) -> bool:
    return len(values) > than


class SlowJudges:
    """Takes its time, and finds everything bad or good."""

    def __init__(self, takes_s: float, *, bad: bool) -> None:
        self.takes_s, self.bad = takes_s, bad
        self.asked: list[str] = []

    async def of(self, verdict: Verdict, text: str, context: Context) -> Verdict:
        assert context.direction is Direction.OUT
        self.asked.append(text)
        await asyncio.sleep(self.takes_s)
        if not self.bad:
            return verdict
        return dataclasses.replace(verdict, action=Action.BLOCK, rules=("judge:test",))


@virtual
async def test_no_voice_gets_the_words_before_the_judge_has_answered() -> None:
    plain, judged = Stagehand(), Stagehand()
    judged.show.performance._outbound.opinions = SlowJudges(0.09, bad=False)
    times = []
    for hand in (plain, judged):
        async with hand.on_air():
            await hand.chat("hi Mira, what are we playing?")
            await hand.until(partial(longer, hand.past, 0), 30)
            times.append(hand.past[0].timeline.ms("first_audio"))
    assert times[1] - times[0] == pytest.approx(90, abs=5)


@virtual
async def test_a_judge_that_says_no_stops_what_the_rules_let_pass() -> None:
    hand = Stagehand()
    hand.show.performance._outbound.opinions = SlowJudges(0.5, bad=True)
    async with hand.on_air() as page:
        await hand.chat("hi Mira")
        await hand.until(lambda: bool(hand.past), 30)
        assert hand.past[0].text == ""
        assert not page.of("speak")
    # It dislikes the prepared line too: silence, which is counted.
    assert hand.show.breaker.silences == 1
    assert hand.fates["m1"] == ("dropped", "moderation let nothing be said: judge:test")
    assert next(iter(hand.ledger.turns.values()))["state"] == "failed"


class Stubborn:
    """Blocks every clause."""

    def check(self, text: str, context: Context) -> Verdict:
        del text, context
        return Verdict(Action.BLOCK, ("pattern",), 0.9, "", (Reason("pattern", "custom", action=Action.BLOCK),))


@virtual
async def test_blocked_replies_to_three_viewers_pause_the_chat_and_not_the_thanks() -> None:
    hand = Stagehand()
    hand.llm.reply_text = BAD
    with logged("ERROR") as log:
        async with hand.on_air() as page:
            for n in range(3):
                await hand.chat(f"question number {n}?", f"viewer{n}")
                await hand.until(partial(longer, hand.past, n), 60)
                await asyncio.sleep(5)
            assert all(in_character(hand, past.text) for past in hand.past)
            assert not hand.floor.stopped
            assert hand.show.breaker.paused
            assert "3 replies to different viewers were blocked within 5 minutes" in hand.show.breaker.reason
            assert page.of("state")[-1]["state"] == "idle"
            assert len([line for line in log if "chat is not answered any more" in line]) == 1
            # Thanks go on, without the words; the chat waits for a person, and grows old meanwhile.
            asked = len(hand.llm.prompts)
            hand.llm.reply_text = GOOD
            await hand.chat("say it after me", "bob", Kind.SUPER_CHAT, Money(500, "USD"))
            await hand.chat("and what do you say?", "dora")
            await hand.until(lambda: len(hand.past) == 4, 60)
            assert "bob" in hand.past[3].text.lower()
            assert hand.fates["m4"][0] == "answered"
            await asyncio.sleep(120)
            assert len(hand.past) == 4
            assert len(hand.llm.prompts) == asked
            assert hand.fates["m5"][0] == "expired"
            hand.show.rearm()
            assert not hand.show.breaker.paused
            await hand.chat("and now?", "dora")
            await hand.until(lambda: len(hand.past) == 5, 60)
            assert GOOD in hand.past[4].text
            # The count began anew.
            hand.llm.reply_text = BAD
            await hand.chat("and another one?", "carl")
            await hand.until(lambda: len(hand.past) == 6, 60)
            assert not hand.show.breaker.paused


@virtual
async def test_a_viewer_who_provokes_blocks_is_answered_no_more_and_the_others_are() -> None:
    hand = Stagehand()
    hand.llm.reply_text = BAD
    async with hand.on_air():
        for n in range(3):
            await hand.chat(f"provocation number {n}", "eve")
            await hand.until(partial(longer, hand.past, n), 60)
        hand.llm.reply_text = GOOD
        await hand.chat("one more of those", "eve")
        await hand.until(lambda: "m4" in hand.fates, 60)
        assert hand.fates["m4"] == ("dropped", "replies to this viewer were blocked again and again")
        await hand.chat("hello Mira", "ann")
        await hand.until(lambda: "m5" in hand.fates, 60)
        assert hand.fates["m5"][0] == "answered"
        asked = len(hand.llm.prompts)
        await hand.chat("say this for my money", "eve", Kind.SUPER_CHAT, Money(500, "USD"))
        await hand.until(lambda: "m6" in hand.fates, 60)
        assert hand.fates["m6"][0] == "answered"
        assert "eve" in hand.past[-1].text
        assert len(hand.llm.prompts) == asked, "thanked for, without an answer to the words"
        await asyncio.sleep(300)
        await hand.chat("may I speak again?", "eve")
        await hand.until(lambda: "m7" in hand.fates, 60)
        assert hand.fates["m7"][0] == "answered"


@virtual
async def test_what_answers_a_doubt_is_judged_by_the_strictest_policy() -> None:
    """Rude words that the policy lets the host say are not said to somebody who may have meant ill."""
    relaxed = Policy(level=Level.RELAXED, doubt_from=0.0)
    for policy, said in ((relaxed.model_copy(update={"doubt_from": 1.0}), True), (relaxed, False)):
        hand = Stagehand(policy=policy)
        hand.llm.reply_text = "Well, damn, that was a shit round and no mistake."
        async with hand.on_air():
            await hand.chat("how was it?")
            await hand.until(lambda hand=hand: bool(hand.past), 60)  # type: ignore[misc]
        assert ("shit" in hand.past[0].text) is said


@virtual
async def test_a_payment_that_could_not_be_answered_is_not_lost_in_a_pause() -> None:
    hand = Stagehand(manners=HostPolicy(greeting=False, pause_after_blocks=1))
    hand.show.performance._outbound.judge = Stubborn()
    async with hand.on_air():
        await hand.chat("", "bob", Kind.GIFT, Money(500, "USD"))
        await hand.until(lambda: hand.floor.stopped, 60)
        assert hand.past[0].text == ""
        assert hand.past[0].outcome.startswith("put back")
        assert "m1" not in hand.fates
        hand.show.performance._outbound.judge = hand.moderator
        hand.show.rearm()
        await hand.until(lambda: "m1" in hand.fates, 60)
        assert hand.fates["m1"][0] == "answered"


@virtual
async def test_what_the_operator_orders_does_not_pause_the_show() -> None:
    hand = Stagehand(manners=HostPolicy(greeting=False, pause_after_blocks=1))
    async with hand.on_air() as page:
        hand.show.say(BAD)
        await hand.until(lambda: bool(hand.past), 30)
        assert not hand.floor.stopped
        assert "kill" not in str(page.messages)


DELAY = HostPolicy(greeting=False, release_delay_s=8.0)


@virtual
async def test_with_a_delay_nothing_is_heard_early_and_clauses_follow_without_a_gap() -> None:
    hand = Stagehand(manners=DELAY)
    hand.llm.reply_text = "One thing first, my friends. Then another thing that is longer. And then the last of all."
    async with hand.on_air() as page:
        began = asyncio.get_running_loop().time()
        await hand.chat("tell me things")
        await hand.until(lambda: bool(hand.show.pending()), 5)
        assert 7.9 < max(hand.show.pending().values()) <= 8.0
        assert not page.of("speak")
        await hand.until(lambda: bool(hand.past), 60)
        assert hand.past[0].text == hand.llm.reply_text
        assert not hand.past[0].interrupted
        assert not hand.show.pending()
        first = page.frames[0][0]
        assert first - began >= 8.0
        ends = first
        for index in range(3):
            mine = [(at, size) for at, _, clause, size in page.frames if clause == index]
            assert mine[0][0] <= ends + 0.05
            ends = max(ends, mine[0][0]) + sum(size for _, size in mine) / 2 / 24_000


@pytest.mark.parametrize("how", ["skip", "stop", "retract"])
def test_within_the_delay_a_person_can_prevent_all_of_it(how: str) -> None:
    @virtual
    async def run() -> None:
        hand = Stagehand(manners=DELAY)
        async with hand.on_air() as page:
            await hand.chat("hello?")
            await hand.until(lambda: bool(hand.show.pending()), 5)
            await asyncio.sleep(6)
            orders: dict[str, Callable[[], object]] = {
                "skip": partial(hand.show.skip),
                "stop": partial(hand.show.stop, "by a person"),
                "retract": partial(hand.show.retracted, Retraction(id="m1")),
            }
            orders[how]()
            await hand.until(lambda: bool(hand.past), 1)
            await asyncio.sleep(30)
            assert not page.of("speak")
            assert not page.frames
            assert hand.past[0].text == ""
            assert len(hand.history) == 0
            assert not hand.show.pending()

    run()


@virtual
async def test_a_block_behind_a_held_clause_still_ends_in_a_prepared_line() -> None:
    hand = Stagehand(manners=DELAY)
    hand.llm.reply_text = f"{GOOD} {BAD}"
    async with hand.on_air() as page:
        await hand.chat("hello?")
        await hand.until(lambda: bool(hand.past), 60)
        assert hand.past[0].text.startswith(GOOD)
        assert in_character(hand, hand.past[0].text)
        assert "kill" not in everything(hand, page)


@virtual
async def test_without_a_voice_the_delay_holds_for_captions_too() -> None:
    hand = Stagehand(manners=DELAY)
    hand.tts.mode = "down"
    async with hand.on_air() as page:
        began = asyncio.get_running_loop().time()
        await hand.chat("hello?")
        await hand.until(lambda: bool(page.of("speak")), 30)
        assert asyncio.get_running_loop().time() - began >= 8.0
        await hand.until(lambda: bool(hand.past), 60)
        assert hand.past[0].text.startswith("Well hello there")

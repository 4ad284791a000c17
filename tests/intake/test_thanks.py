"""Thanks on air: a run of gifts once, many viewers together, words one by one, and each payment exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from bot.inbox.inbox import Limits
from bot.inbox.payments import MAX_SHARING
from bot.persona.lines import Lines, Purpose
from bot.show.turn import FinishedTurn, HostPolicy
from bot.types import GIFT_SUB, Author, Evidence, Kind, Message, Money, Retraction
from tests.fakes.stage_page import FakePage
from tests.support.harness import Stagehand
from tests.support.virtual import virtual

#: Names that no prepared line has a word of.
NAMES = ("Ottilie", "Bartholomew", "Cressida", "Desmond", "Evangeline", "Florian", "Gwendolyn", "Hieronymus", "Isolde")
_ids = count(1)


def says(till: Till, purpose: Purpose, line: str) -> None:
    """Let but one line for a purpose."""
    script = till.hand.show.cast.lines.script
    till.hand.show.cast.lines = Lines({**script, "en": {**script["en"], purpose: (line,)}}, "en")


@dataclass
class Till:
    """A show and what was paid to it."""

    hand: Stagehand = field(default_factory=Stagehand)
    paid: list[str] = field(default_factory=list)

    async def pay(
        self,
        viewer: str,
        text: str = "",
        *,
        kind: Kind = Kind.GIFT,
        minor: int = 100,
        item: str = "Rose",
        **evidence: Any,
    ) -> str:
        """Pay something; return its id."""
        name = f"p{next(_ids)}"
        attested = Evidence("PAYMENT", Money(minor // 10, "BATTERY"), item, **{"count": 1, **evidence})
        message = Message(
            name, "test", Author(viewer, viewer), text, kind, Money(minor, "CNY"), evidence=attested
        )  # fmt: skip
        assert (await self.hand.intake.offer(message)).outcome == "queued"
        self.paid.append(name)
        return name

    @property
    def thanks(self) -> list[FinishedTurn]:
        """The turns that answered a payment and of which something was heard."""
        return [past for past in self.hand.past if past.text and any(m.paid for m in past.plan.messages)]

    async def settled(self, within_s: float = 300) -> None:
        """Wait until each payment has its outcome."""
        await self.hand.until(lambda: all(name in self.hand.fates for name in self.paid), within_s)
        await self.hand.quiet()

    def all_thanked_once(self) -> None:
        """Each payment was answered in one turn and has one outcome, in the ledger too."""
        turns = Counter(m.id for past in self.thanks for m in past.plan.messages)
        assert dict(turns) == dict.fromkeys(self.paid, 1)
        assert {self.hand.fates[name][0] for name in self.paid} == {"answered"}
        written = Counter(name for name, _outcome, _reason in self.hand.ledger.outcomes if name in self.paid)
        assert dict(written) == dict.fromkeys(self.paid, 1)


def named(past: FinishedTurn) -> set[str]:
    """Return the viewers whose names were said."""
    return {name for name in NAMES if name in past.text}


# --- runs -----------------------------------------------------------------------------------------


@virtual
async def test_a_combo_of_twenty_gets_one_thanks_with_its_count_when_it_is_over() -> None:
    till = Till()
    loop = asyncio.get_running_loop()
    async with till.hand.on_air():
        for number in range(1, 21):
            # The open platform tells of one after the other, 20 within 10 s.
            await till.pay("Ottilie", item="Lantern", combo="c1", minor=1000)
            await asyncio.sleep(0.5)
            assert till.hand.show.on_air is None, f"thanked at the {number}th, in the midst of the combo"
        last = loop.time() - 0.5
        await till.hand.until(lambda: till.hand.show.on_air is not None, 10)
        assert loop.time() - last == pytest.approx(till.hand.inbox.limits.combo_s, abs=0.1)
        await till.settled()
    till.all_thanked_once()
    (past,) = till.thanks
    assert named(past) == {"Ottilie"}
    assert len(past.plan.messages) == 20
    assert till.hand.fates[till.paid[-1]] == ("answered", "answered")


@virtual
async def test_the_count_and_the_sum_of_a_run_are_said() -> None:
    till = Till()
    says(till, Purpose.THANKS_GIFT, "[joy] {name}: {count} times {item}, {amount}.")
    async with till.hand.on_air():
        for _ in range(20):
            await till.pay("Ottilie", item="Lantern", combo="c1", minor=1000)
        await till.pay("Desmond", item="Kettle", count=5, minor=500)
        await till.settled()
    till.all_thanked_once()
    assert {past.text for past in till.thanks} == {
        "Ottilie: 20 times Lantern, 2000 battery credits.",
        "Desmond: 5 times Kettle, 50 battery credits.",
    }


@virtual
async def test_a_combo_without_end_is_thanked_while_it_goes_on() -> None:
    till = Till()
    async with till.hand.on_air():
        for _ in range(120):
            await till.pay("Ottilie", combo="c1")
            await asyncio.sleep(0.5)
        assert till.thanks
        await till.settled()
    till.all_thanked_once()
    assert len(till.thanks) <= 60 / till.hand.inbox.limits.combo_most_s + 1


@virtual
async def test_a_gift_bomb_is_thanked_at_once_with_how_many() -> None:
    till = Till()
    says(till, Purpose.THANKS_SUB_GIFT, "[joy] {count} of them from {name}.")
    loop = asyncio.get_running_loop()
    async with till.hand.on_air():
        began = loop.time()
        await till.pay("Ottilie", kind=Kind.SUB, item=GIFT_SUB, count=50, minor=29_950, tier="1000")
        await till.hand.until(lambda: till.hand.show.on_air is not None, 10)
        assert loop.time() - began < 0.1
        await till.settled()
    till.all_thanked_once()
    assert [past.text for past in till.thanks] == ["50 of them from Ottilie."]


# --- together -------------------------------------------------------------------------------------


@virtual
async def test_gifts_of_many_viewers_share_sentences_that_name_each_of_them() -> None:
    till = Till()
    async with till.hand.on_air():
        for name in NAMES:
            for _ in range(3):
                await till.pay(name)
        await till.settled()
    till.all_thanked_once()
    shared = till.thanks[0]
    assert len(named(shared)) == MAX_SHARING
    assert named(shared) == {m.author.name for m in shared.plan.messages}
    assert len(shared.plan.messages) == 3 * MAX_SHARING
    # Three are left: they are few enough to be thanked one by one.
    assert [len(named(past)) for past in till.thanks[1:]] == [1, 1, 1]
    assert Counter(name for past in till.thanks for name in named(past)) == dict.fromkeys(NAMES, 1)


@virtual
async def test_up_to_the_limit_each_viewer_has_a_sentence_of_their_own() -> None:
    till = Till(Stagehand(limits=Limits(thank_together_from=5)))
    async with till.hand.on_air():
        for name in NAMES[:5]:
            await till.pay(name)
        await till.settled()
    till.all_thanked_once()
    assert len(till.thanks) == 5


@virtual
async def test_payments_with_words_are_answered_one_by_one_and_each_in_the_words_of_the_model() -> None:
    till = Till()
    async with till.hand.on_air():
        for number, name in enumerate(NAMES[:6]):
            # A gift with words, too, is no part of a run.
            kind = Kind.SUPER_CHAT if number % 2 else Kind.GIFT
            await till.pay(name, f"this is what {name} has to say", kind=kind)
            await till.pay(name)
        await till.settled()
    till.all_thanked_once()
    with_words = [past for past in till.thanks if past.plan.messages[0].text]
    assert len(with_words) == 6
    assert all(len(past.plan.messages) == 1 for past in with_words)
    assert all("Let us play something" in past.text for past in with_words)
    asked = [prompt.lines[-1].text for prompt in till.hand.llm.prompts]
    assert [sum(f"this is what {name}" in text for text in asked) for name in NAMES[:6]] == [1] * 6
    assert [len(named(past)) for past in till.thanks if past not in with_words] == [6]


@virtual
async def test_what_could_not_be_read_wholly_is_thanked_all_the_same() -> None:
    till = Till()
    says(till, Purpose.THANKS_GIFT, "[joy] Thank you, {name}.")
    async with till.hand.on_air():
        await till.pay("Ottilie", fault="price is missing", minor=0)
        await till.settled()
    till.all_thanked_once()
    assert till.thanks[0].text == "Thank you, Ottilie."


@virtual
async def test_what_is_due_first_is_thanked_first_with_words_or_without() -> None:
    till = Till()
    # No page is open yet: everything waits, and some of it for too long.
    late_gift = await till.pay("Ottilie")
    await asyncio.sleep(50)
    late_words = await till.pay("Bartholomew", "are you there at all?", kind=Kind.SUPER_CHAT)
    await asyncio.sleep(30)
    gift = await till.pay("Desmond")
    await asyncio.sleep(70)
    assert [i.message.id for i in till.hand.inbox.overdue(asyncio.get_running_loop().time())] == [late_words, late_gift]
    # Words are due sooner than a gift, but not at once.
    words = await till.pay("Cressida", "hello from me, too", kind=Kind.SUPER_CHAT)
    await till.hand.chat("Mira, how are you?", "eve")
    async with till.hand.on_air():
        await till.settled()
    till.all_thanked_once()
    order = [past.plan.messages[0].id for past in till.hand.past]
    assert order == [late_words, late_gift, gift, words, "m1"]


@virtual
async def test_where_thanks_are_switched_off_a_gift_is_settled_in_silence_and_words_are_answered() -> None:
    till = Till(Stagehand(manners=HostPolicy(greeting=False, thanks=False)))
    async with till.hand.on_air() as page:
        gift = await till.pay("Ottilie")
        await till.settled()
        assert till.hand.fates[gift] == ("dropped", "thanks are switched off")
        assert page.of("speak") == []
        words = await till.pay("Desmond", "what is for dinner?", kind=Kind.SUPER_CHAT)
        await till.settled()
    assert till.hand.fates[words][0] == "answered"
    assert [past.plan.messages[0].id for past in till.hand.past] == [words]


# --- stopped --------------------------------------------------------------------------------------


async def share(till: Till) -> list[str]:
    """Let six viewers pay, and wait until the thanks that they share is on air but not heard."""
    paid = [await till.pay(name) for name in NAMES[:6]]
    await till.hand.until(lambda: till.hand.show.on_air is not None, 10)
    return paid


async def heard(till: Till) -> None:
    """Wait until a few words of the turn on air were heard."""
    await till.hand.until(lambda: len(till.hand.stage.heard()) > 3, 10)


@virtual
async def test_a_stop_before_a_word_was_heard_leaves_everybody_to_be_thanked() -> None:
    till = Till()
    async with till.hand.on_air():
        await share(till)
        till.hand.show.stop("stopped by the operator")
        await asyncio.sleep(30)
        assert till.thanks == []
        assert len(till.hand.inbox) == 6
        assert till.hand.fates == {}
        till.hand.show.rearm()
        await till.settled()
    till.all_thanked_once()
    assert named(till.thanks[0]) == set(NAMES[:6])


@virtual
async def test_a_stop_in_the_middle_of_a_shared_thanks_counts_as_thanked_and_says_so() -> None:
    till = Till()
    async with till.hand.on_air():
        await share(till)
        await heard(till)
        till.hand.show.stop("stopped by the operator")
        await till.settled(5)
        till.hand.show.rearm()
        await asyncio.sleep(30)
    till.all_thanked_once()
    (past,) = till.thanks
    assert past.interrupted
    assert set(till.hand.fates.values()) == {("answered", "answered in part: stopped by the operator")}
    assert till.hand.ledger.turns[past.turn.id]["state"] == "interrupted"


@virtual
async def test_a_page_that_closes_before_a_word_was_heard_leaves_everybody_to_be_thanked() -> None:
    till = Till()
    async with till.hand.on_air() as page:
        await share(till)
        page.leave()
        await asyncio.sleep(60)
        assert till.thanks == []
        async with FakePage().open(till.hand.stage) as later:
            await till.settled()
    till.all_thanked_once()
    assert {m["epoch"] for m in later.of("speak")} == {past.turn.epoch for past in till.thanks}


# --- taken back -----------------------------------------------------------------------------------


@virtual
async def test_a_payment_that_is_taken_back_while_it_waits_is_not_thanked() -> None:
    till = Till()
    async with till.hand.on_air():
        await till.hand.chat("Mira, tell me something long", "eve")
        await heard(till)
        gone = await till.pay("Ottilie", "take this back", kind=Kind.SUPER_CHAT)
        kept = await till.pay("Desmond", "and leave this", kind=Kind.SUPER_CHAT)
        till.hand.show.retracted(Retraction("test", id=gone))
        await till.settled()
    assert till.hand.fates[gone] == ("dropped", "deleted by its platform")
    assert [past.plan.messages[0].id for past in till.thanks] == [kept]


@virtual
async def test_a_payment_that_is_taken_back_while_it_is_thanked_falls_silent_at_once() -> None:
    till = Till()
    async with till.hand.on_air():
        name = await till.pay("Ottilie", "take this back", kind=Kind.SUPER_CHAT)
        await heard(till)
        began = asyncio.get_running_loop().time()
        till.hand.show.retracted(Retraction("test", id=name, reason="withdrawn"))
        await till.hand.until(lambda: till.hand.show.on_air is None, 1)
        assert asyncio.get_running_loop().time() - began < 0.1
        await till.settled()
        await asyncio.sleep(30)
    assert len(till.hand.past) == 1
    assert till.hand.fates[name] == ("answered", "answered in part: what it answers was taken back: withdrawn")
    assert len(till.hand.history) == 0


@virtual
async def test_a_ban_takes_one_viewer_out_of_a_shared_thanks_and_leaves_the_others() -> None:
    till = Till()
    async with till.hand.on_air() as page:
        await share(till)
        till.hand.show.retracted(Retraction("test", author="Cressida", reason="banned"))
        await till.settled()
        spoken = " ".join(m["text"] for m in page.of("speak") if m["epoch"] == till.thanks[-1].turn.epoch)
    banned = till.paid.pop(2)
    assert till.hand.fates[banned] == ("dropped", "what it answers was taken back: banned")
    till.hand.ledger.outcomes = [o for o in till.hand.ledger.outcomes if o[0] != banned]
    till.all_thanked_once()
    assert set().union(*(named(past) for past in till.thanks)) == set(NAMES[:6]) - {"Cressida"}
    assert "Cressida" not in spoken


@virtual
async def test_what_is_taken_back_right_after_a_stop_does_not_wait_to_be_thanked() -> None:
    till = Till()
    async with till.hand.on_air():
        paid = await share(till)
        till.hand.show.stop("stopped by the operator")
        till.hand.show.retracted(Retraction("test", id=paid[0], reason="withdrawn"))
        await till.hand.until(lambda: till.hand.show.on_air is None, 1)
        assert till.hand.fates == {paid[0]: ("dropped", "what it answers was taken back: withdrawn")}
        assert len(till.hand.inbox) == 5
        till.hand.show.rearm()
        await till.settled()
    till.paid.remove(paid[0])
    till.all_thanked_once()


@virtual
async def test_a_cleared_chat_takes_the_words_of_a_payment_and_not_its_thanks() -> None:
    till = Till()
    async with till.hand.on_air() as page:
        await till.pay("Ottilie", "words that nobody should see", kind=Kind.SUPER_CHAT)
        await till.hand.until(lambda: till.hand.show.on_air is not None, 10)
        till.hand.show.retracted(Retraction("test", reason="the chat was cleared"))
        await till.settled()
    till.all_thanked_once()
    (past,) = till.thanks
    assert past.plan.messages[0].text == ""
    assert len(page.of("stop")) == 1


@virtual
async def test_a_cleared_chat_does_not_cut_thanks_in_which_there_are_no_words() -> None:
    till = Till()
    async with till.hand.on_air() as page:
        await share(till)
        await heard(till)
        till.hand.show.retracted(Retraction("test", reason="the chat was cleared"))
        await till.settled()
    till.all_thanked_once()
    assert not till.thanks[0].interrupted
    assert page.of("stop") == []


@virtual
async def test_each_payment_of_a_busy_evening_has_one_outcome_and_one_thanks() -> None:
    till = Till()
    async with till.hand.on_air():
        for number in range(60):
            name = NAMES[number % len(NAMES)]
            kind = (Kind.GIFT, Kind.GIFT, Kind.SUPER_CHAT, Kind.SUB, Kind.GUARD)[number % 5]
            words = f"line number {number}, with love" if kind is Kind.SUPER_CHAT else ""
            await till.pay(name, words, kind=kind, item=f"item {number % 3}", fault="price" if number % 7 == 0 else "")
            if number % 10 == 9:
                till.hand.show.skip()
            if number == 30:
                till.hand.show.stop("stopped by the operator")
            if number == 40:
                till.hand.show.rearm()
            await asyncio.sleep(1)
        await till.settled(600)
    till.all_thanked_once()

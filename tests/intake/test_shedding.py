"""More chat than can be judged: what is left out, what never is, and that each line has its outcome."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.inbox.inbox import Inbox, Limits
from bot.intake.feed import TELL_EVERY_S
from bot.intake.intake import Intake
from bot.intake.settings import IntakeSettings
from bot.intake.shedding import SHEDDABLE, TOO_MANY, TOO_MUCH, WINDOW_S, LoadShedder
from bot.types import PAID, Author, Kind, Message, Money, Role
from moderation import Action, Context, Verdict
from tests.support.harness import MemoryLedger, Stagehand
from tests.support.observing import Telling
from tests.support.virtual import virtual

#: What judging one line takes here, in seconds of the budget.
COST_S = 0.004
REASONS = {TOO_MUCH, TOO_MANY}


def message(number: int, viewer: str = "", kind: Kind = Kind.CHAT, *roles: Role, text: str = "hi") -> Message:
    who = viewer or f"v{number}"
    amount = Money(100, "USD") if kind in PAID else None
    return Message(f"m{number}", "t", Author(who, who, frozenset(roles)), text, kind, amount)


def pour(shedder: LoadShedder, seconds: float, rate: float, viewers: int, *, addressed: float = 0.1) -> Counter[str]:
    """Offer lines at a rate; return how many of each kind came and were read, and who was read how often."""
    rng, counts = random.Random(3), Counter[str]()
    for number in range(int(seconds * rate)):
        kind = "addressed" if rng.random() < addressed else "aside" if rng.random() < 0.1 else "ordinary"
        viewer = f"v{rng.randrange(viewers)}"
        counts[kind] += 1
        if not shedder.refusal(
            message(number, viewer), number / rate, addressed=kind == "addressed", aside=kind == "aside"
        ):
            shedder.spend(COST_S)
            counts[f"read {kind}"] += 1
            counts["read"] += 1
    return counts


def test_a_chat_that_can_be_judged_is_judged_whole() -> None:
    counts = pour(LoadShedder(0.5), 60, 60, 500)
    assert counts["read"] == 3600


def test_in_a_flood_as_much_is_read_as_there_is_time_for() -> None:
    shedder = LoadShedder(0.5, random.Random(1))
    counts = pour(shedder, 30, 2000, 5000)
    spent = counts["read"] * COST_S
    assert 0.9 * 0.5 * 30 <= spent <= 0.5 * (30 + 2 * WINDOW_S)
    assert shedder.thinned.total() == 60_000 - counts["read"]
    assert shedder.thinned.keys() <= REASONS


def test_lines_to_the_host_are_left_out_last_and_lines_to_others_first() -> None:
    counts = pour(LoadShedder(0.5, random.Random(1)), 30, 2000, 50_000, addressed=0.03)
    share = {kind: counts[f"read {kind}"] / counts[kind] for kind in ("addressed", "ordinary", "aside")}
    assert share["addressed"] > 0.9
    assert share["aside"] < share["ordinary"] / 2 < 0.1


def test_who_writes_much_is_left_out_before_those_who_do_not() -> None:
    shedder, read, rng = LoadShedder(0.5, random.Random(1)), Counter[str](), random.Random(2)
    for number in range(60_000):
        viewer = "loud" if rng.random() < 0.5 else f"quiet{rng.randrange(2000)}"
        if not shedder.refusal(message(number, viewer), number / 2000, addressed=False):
            shedder.spend(COST_S)
            read[viewer] += 1
    quiet = [count for viewer, count in read.items() if viewer != "loud"]
    assert len(quiet) > 1000
    unpressed = 0.5 * WINDOW_S / COST_S  # as much is read before anything is left out; half of it is the loud one's
    assert read["loud"] < unpressed / 2 + 20, "half of all lines, and a few of those that are read"


@pytest.mark.parametrize("kind", sorted(set(Kind) - SHEDDABLE))
def test_what_is_no_chat_always_passes(kind: Kind) -> None:
    shedder = LoadShedder()
    shedder.spend(1000)
    assert not any(shedder.refusal(message(n, "one", kind), 0.0, addressed=False) for n in range(200))


def test_a_moderator_always_passes() -> None:
    shedder = LoadShedder()
    shedder.spend(1000)
    lines = (message(n, "boss", Kind.CHAT, Role.MODERATOR, text="!permit bob") for n in range(200))
    assert not any(shedder.refusal(line, 0.0, addressed=False) for line in lines)


def test_a_debt_is_paid_off_in_a_few_seconds() -> None:
    shedder = LoadShedder()
    shedder.spend(1e9)
    assert shedder.refusal(message(1), 0.0, addressed=True)
    assert not shedder.refusal(message(2), 2 * WINDOW_S, addressed=False)


def test_a_queue_that_fills_up_counts_as_a_budget_that_is_used_up() -> None:
    shedder = LoadShedder(rng=random.Random(1))
    passed = {}
    for filled in (0.0, 0.4, 0.6, 0.8, 1.0):
        shedder.filled = lambda now=filled: now
        passed[filled] = [
            sum(not shedder.refusal(message(n), 0.0, addressed=to_host) for n in range(200))
            for to_host in (True, False)
        ]
    assert passed[0.0] == passed[0.4] == [200, 200]
    assert passed[0.6][0] == 200 > passed[0.6][1] > passed[0.8][1] == 0
    assert 200 > passed[0.8][0] > passed[1.0][0] == 0


def test_a_clock_that_goes_back_lets_nothing_in_and_breaks_nothing() -> None:
    shedder = LoadShedder()
    shedder.spend(1.9)
    assert shedder.refusal(message(1), 100.0, addressed=False) == ""
    shedder.spend(100)
    assert shedder.refusal(message(2), 0.0, addressed=False)


def exhaust(shedder: LoadShedder) -> None:
    """Use up all the time there is now."""
    shedder.pressed(asyncio.get_running_loop().time())
    shedder.spend(10.0)


class CountingJudge:
    """Allows everything, and counts what it was asked."""

    def __init__(self) -> None:
        self.judged: Counter[str] = Counter()

    def check(self, text: str, context: Context) -> Verdict:
        del context
        self.judged[text] += 1
        return Verdict(Action.ALLOW, (), 0.0, text)


KINDS = st.sampled_from([Kind.CHAT] * 8 + [Kind.SUPER_CHAT, Kind.GIFT, Kind.FOLLOW, Kind.RAID, Kind.HOST])


@given(
    st.lists(st.tuples(KINDS, st.integers(0, 5), st.sampled_from(["hi", "Mira hi", "@bob hi", "!x", ""])), max_size=60)
)
@settings(max_examples=60, deadline=None)
def test_each_line_of_a_flood_has_one_outcome_and_no_payment_is_left_out(log: list[tuple[Kind, int, str]]) -> None:
    @virtual
    async def flood() -> None:
        ends, reasons = Counter[str](), dict[str, str]()

        def settled(m: Message, _outcome: object, reason: str) -> None:
            ends[m.id] += 1
            reasons[m.id] = reason

        telling = Telling(settled=settled)
        inbox = Inbox(Limits(fold_window=0), asyncio.get_running_loop().time, random.Random(1), telling)
        intake = Intake(inbox, MemoryLedger(), CountingJudge(), names=("Mira",), observer=telling)
        for number, (kind, who, text) in enumerate(log):
            exhaust(intake.shedder)
            await intake.offer(message(number, f"v{who}", kind, text=text))
        waiting = {i.message.id for i in inbox.items(0.0)}
        for number, (kind, _, _) in enumerate(log):
            one = f"m{number}"
            if kind in SHEDDABLE and reasons.get(one) != "it came before":
                # Somebody who follows twice is greeted once, and that is told by the offer alone.
                assert reasons.get(one, TOO_MANY) in REASONS
                assert one not in waiting
            if kind in PAID:
                assert one in waiting
            assert ends[one] + (one in waiting) <= 1
            if kind is Kind.CHAT:
                assert ends[one] == 1

    flood()


@virtual
async def test_what_is_left_out_costs_neither_a_name_nor_a_verdict_and_says_why() -> None:
    fates: dict[str, str] = {}
    telling = Telling(settled=lambda m, o, r: fates.update({m.id: f"{o.value}: {r}"}))
    inbox = Inbox(Limits(), asyncio.get_running_loop().time, random.Random(1), telling)
    judge = CountingJudge()
    intake = Intake(inbox, MemoryLedger(), judge, names=("Mira",), settings=IntakeSettings(), observer=telling)
    exhaust(intake.shedder)
    assert (await intake.offer(message(1, "somebody"))).reason in REASONS
    assert fates["m1"].startswith("dropped: too much chat to read")
    assert not judge.judged
    command = message(2, "boss", Kind.CHAT, Role.MODERATOR, text="!permit bob")
    assert (await intake.offer(command)).reason.startswith("a command: ")
    await asyncio.sleep(10)
    assert (await intake.offer(message(3, "somebody"))).outcome == "queued"


@virtual
async def test_the_operator_is_told_while_lines_are_left_out() -> None:
    hand = Stagehand()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(hand.feed.run())
        exhaust(hand.intake.shedder)
        await hand.chat("hello")
        await asyncio.sleep(TELL_EVERY_S + 0.1)
        (alarm,) = hand.alarms.standing()
        assert alarm.text == "chat comes faster than it can be read: 1 lines left out in 5 s"
        await asyncio.sleep(TELL_EVERY_S)
        assert not hand.alarms.standing()
        running.cancel()

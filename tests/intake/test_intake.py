"""The way in: what moderation is told of a message, second opinions, permits, and what is noted of a verdict."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from bot.inbox.inbox import Inbox, Limits, Offer
from bot.intake.context import ModerationContexts
from bot.intake.intake import Intake
from bot.intake.review_queue import ASKED_AT_ONCE, MAX_WAITING, SECOND_S, SecondOpinion
from bot.types import Author, Fragment, Kind, Message, Money, Retraction, Role
from moderation import Action, Context, Direction, Policy, Verdict
from moderation.corrections.allowances import ALLOWED
from moderation.worker import MOST_LINES, Worker
from tests.support.harness import MemoryLedger
from tests.support.observing import Telling
from tests.support.virtual import virtual

COPY = "this is the one and only pasta of the evening"


class Judge:
    """Keeps what it was told, and stops what is "bad"; "odd" is uncertain."""

    def __init__(self) -> None:
        self.told: list[Context] = []
        self.names: list[str] = []
        self.rules: tuple[str, ...] = ()

    def check(self, text: str, context: Context) -> Verdict:
        if context.direction is Direction.OUT:
            self.names.append(text)
        elif text not in self.names:  # a name is checked as an order, too
            self.told.append(context)
        if "bad" in text:
            return Verdict(Action.HOLD, ("word:x",), 0.7, text)
        return Verdict(Action.ALLOW, self.rules, 0.5 if "odd" in text else 0.0, text)


class House:
    """An intake over a real inbox."""

    def __init__(
        self,
        second: SecondOpinion | None = None,
        contexts: ModerationContexts | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.judge, self.ledger = Judge(), MemoryLedger()
        self.fates: dict[str, tuple[str, str]] = {}
        self.offered: list[tuple[str, Action, str]] = []
        self.judged: list[tuple[str, Action, str]] = []
        self.named: list[tuple[str, bool]] = []
        telling = Telling(
            settled=lambda m, o, r: self.fates.update({m.id: (o, r)}),
            offered=lambda m, v, o: self.offered.append((m.text, v.action, o.outcome)),
            judged=lambda m, v, o: self.judged.append((m.text, v.action, o.outcome)),
            name_judged=lambda name, v: self.named.append((name, v.allowed)),
        )
        self.inbox = Inbox(limits or Limits(), asyncio.get_running_loop().time, random.Random(7), telling)
        self.intake = Intake(
            self.inbox, self.ledger, self.judge, names=("Mira",), contexts=contexts, second=second, observer=telling
        )
        self._count = 0

    def message(
        self, text: str, author: str = "ann", *, roles: frozenset[Role] = frozenset(), **more: object
    ) -> Message:
        self._count += 1
        made = {"kind": Kind.CHAT, "source": "twitch", "id": f"m{self._count}", **more}
        return Message(text=text, author=Author(f"id-{author}", author, roles), **made)  # type: ignore[arg-type]

    async def say(self, text: str, author: str = "ann", **more: object) -> Offer:
        return await self.intake.offer(self.message(text, author, **more))  # type: ignore[arg-type]

    @property
    def last(self) -> Context:
        return self.judge.told[-1]

    def permitted(self) -> bool:
        return self.last.permitted


# --- what moderation is told ------------------------------------------------------------------------


@virtual
async def test_moderation_is_told_what_it_cannot_see() -> None:
    house = House()
    roles = frozenset({Role.VIP, Role.SUBSCRIBER})
    emotes = (Fragment("emote", "Kappa", "1"), Fragment("text", " hi "), Fragment("emote", "Kappa", "1"))
    await house.say("hello", source="bilibili_web", roles=roles, fragments=emotes)
    told = house.last
    assert (told.direction, told.platform, told.roles, told.emotes) == (Direction.IN, "bilibili_web", roles, 2)
    assert (told.exempt, told.permitted, told.copies, told.quick) == (False, False, 0, False)


@virtual
async def test_the_streamer_alone_is_exempt_and_what_has_no_words() -> None:
    house = House()
    await house.say("THE STREAMER", kind=Kind.HOST)
    assert house.last.exempt
    await house.say("", kind=Kind.FOLLOW)
    assert house.last.exempt
    await house.say("hello", roles=frozenset({Role.MODERATOR}))
    assert not house.last.exempt, "a moderator's rights are the policy's to give"


@virtual
async def test_copies_count_the_other_viewers_of_the_same_platform_and_long_lines_alone() -> None:
    house = House()
    for number in range(4):
        await house.say(f"{COPY}{'!' * number}", f"viewer {number}")
        await house.say("hello", f"viewer {number}")
    long, short = house.judge.told[::2], house.judge.told[1::2]
    assert [c.copies for c in long] == [0, 1, 2, 3]
    assert [c.copies for c in short] == [0, 0, 0, 0]
    await house.say(COPY, "viewer 0")
    assert house.last.copies == 3, "oneself does not count"
    await asyncio.sleep(3600)
    await house.say(COPY, "somebody")
    assert house.last.copies == 0


@virtual
async def test_a_flood_leaves_the_classifier_out_but_not_of_payments() -> None:
    house = House(contexts=ModerationContexts(full_per_s=10))
    for number in range(30):
        await house.say(f"line {number}", f"viewer {number}")
    assert [c.quick for c in house.judge.told] == [False] * 10 + [True] * 20
    await house.say("for you", kind=Kind.CHEER, amount=Money(100, "USD"))
    assert not house.last.quick
    await asyncio.sleep(0.5)
    for number in range(8):
        await house.say(f"later {number}", f"viewer {number}")
    assert [c.quick for c in house.judge.told[-8:]] == [False] * 5 + [True] * 3


@virtual
async def test_each_platform_has_its_policy_until_the_rules_change() -> None:
    asked: list[str] = []

    def policy_of(source: str) -> Policy:
        asked.append(source)
        return Policy(copypasta_chars=5 if source == "twitch" else 500)

    house = House(contexts=ModerationContexts(policy_of))
    for source in ("twitch", "bilibili_web"):
        for author in ("a", "b"):
            await house.say(COPY, author, source=source)
    assert [c.copies for c in house.judge.told] == [0, 1, 0, 0]
    assert asked == ["twitch", "bilibili_web"]
    house.intake.rules_changed()
    await house.say(COPY, "c")
    assert asked == ["twitch", "bilibili_web", "twitch"]


# --- permits ----------------------------------------------------------------------------------------


@virtual
async def test_a_moderator_permits_a_viewer_a_link_for_a_while() -> None:
    house = House()
    done = await house.say("!permit @Ann_Marie 60", "boss", roles=frozenset({Role.MODERATOR}))
    assert done == Offer("dropped", "a command: Ann_Marie may post links for 60 s")
    assert len(house.inbox) == 0, "a command is answered by nobody"
    await house.say("see example.com", "ann_marie")
    assert house.permitted()
    await house.say("see example.com", "bob")
    assert not house.permitted()
    await asyncio.sleep(61)
    await house.say("see example.com", "ann_marie")
    assert not house.permitted()


@virtual
async def test_a_permit_lasts_as_long_as_the_policy_says_and_never_longer_than_an_hour() -> None:
    house = House(contexts=ModerationContexts(lambda _source: Policy(permit_s=45)))
    moderator = frozenset({Role.MODERATOR})
    assert (await house.say("!permit bob", "boss", roles=moderator)).reason.endswith("for 45 s")
    assert (await house.say("!permit bob 99999", "boss", roles=moderator)).reason.endswith("for 3600 s")
    assert (await house.say("!permit bob 0", kind=Kind.HOST)).reason.endswith("for 1 s")


@pytest.mark.parametrize(
    "text", ["!permit", "!permit ", "!permit a b", "!permit a 1 2", "please !permit bob", "!permits bob"]
)
def test_what_is_no_command_is_a_line(text: str) -> None:
    boss = Author("b", "boss", frozenset({Role.MODERATOR}))
    assert ModerationContexts().command(Message("m", "twitch", boss, text), 0.0) == ""


@virtual
async def test_nobody_else_permits_anything() -> None:
    house = House()
    for role in (Role.VIP, Role.SUBSCRIBER, Role.REGULAR, Role.BOT):
        await house.say("!permit bob", roles=frozenset({role}), author=role.value)
    await house.say("!permit bob", kind=Kind.CHEER, amount=Money(1, "USD"), roles=frozenset({Role.MODERATOR}))
    await house.say("see example.com", "bob")
    assert not house.last.permitted


# --- what is noted ----------------------------------------------------------------------------------


@virtual
async def test_of_a_payment_the_thanks_go_on_and_the_words_are_noted() -> None:
    house = House()
    await house.say("something bad", kind=Kind.SUPER_CHAT, amount=Money(500, "USD"))
    assert house.offered == [("", Action.ALLOW, "queued")]
    assert house.judged == [("something bad", Action.HOLD, "queued")]
    (item,) = house.inbox.items(0.0)
    assert item.message.text == ""


@virtual
async def test_of_a_line_all_waits() -> None:
    house = House()
    assert (await house.say("something bad")).outcome == "held"
    assert house.offered == house.judged == [("something bad", Action.HOLD, "held")]
    assert house.fates["m1"][0] == "held"


@virtual
async def test_a_payment_of_an_earlier_run_is_judged_and_noted() -> None:
    house = House()
    await house.intake.take_up(house.message("a bad one", kind=Kind.SUPER_CHAT, amount=Money(500, "USD")))
    assert house.judged == [("a bad one", Action.HOLD, "queued")]


@virtual
async def test_each_name_is_judged_once_and_told() -> None:
    house = House()
    for _ in range(3):
        await house.say("hi", "bad name")
        await house.say("hi", "ann")
    assert house.named == [("bad name", False), ("ann", True)]
    house.intake.rules_changed()
    await house.say("hi", "ann")
    assert house.named[2:] == [("ann", True)]


@virtual
@pytest.mark.parametrize(
    ("name", "quick"), [("kill joy", True), ("KillJoy_99", True), ("three whole words", False), ("你好", False)]
)
async def test_the_classifier_is_asked_of_names_that_it_may_hold(name: str, quick: bool) -> None:
    house = House()
    asked: list[tuple[str, bool]] = []
    check = house.judge.check

    def noted(text: str, context: Context) -> Verdict:
        asked.append((text, context.quick))
        return check(text, context)

    house.judge.check = noted  # type: ignore[method-assign]
    await house.say("hi", name)
    assert [found for text, found in asked if text != "hi"] == [quick, quick]


@virtual
async def test_what_a_person_releases_is_as_young_as_that_word() -> None:
    house = House(limits=Limits(ttl_s=30))
    message = house.message("something bad")
    assert (await house.intake.offer(message)).outcome == "held"
    await asyncio.sleep(300)
    assert house.intake.release(message).outcome == "queued"
    choice = house.inbox.take_nowait(asyncio.get_running_loop().time())
    assert choice is not None
    assert choice.messages[0].text == "something bad"


# --- second opinions --------------------------------------------------------------------------------


class Slow:
    """Takes ``s`` seconds and holds everything; keeps what it was asked."""

    def __init__(self, s: float = 1.0) -> None:
        self.s, self.asked, self.at_once, self.most = s, [], 0, 0  # type: ignore[var-annotated]
        self.waited: list[float] = []

    def wanted(self, verdict: Verdict, context: Context) -> bool:
        assert context.direction is Direction.IN
        return verdict.allowed and verdict.score >= 0.3

    async def of(self, verdict: Verdict, text: str, context: Context, *, waited_s: float = 0.0) -> Verdict:
        del context
        self.asked.append(text)
        self.waited.append(waited_s)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(self.s)
        finally:
            self.at_once -= 1
        return Verdict(Action.HOLD, ("judge:slow",), 0.9, verdict.text)


@contextlib.asynccontextmanager
async def asking(second: Slow, **more: object) -> AsyncIterator[House]:
    house = House(second, **more)  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as group:
        running = group.create_task(house.intake.run())
        await asyncio.sleep(0)
        yield house
        running.cancel()


@virtual
async def test_an_uncertain_line_waits_and_nothing_waits_behind_it() -> None:
    async with asking(slow := Slow()) as house:
        began = asyncio.get_running_loop().time()
        assert await house.say("an odd one") == Offer("held", "moderation takes a closer look at it")
        assert (await house.say("a plain one", "bob")).outcome == "queued"
        assert (await house.say("a bad one", "eve")).outcome == "held"
        assert asyncio.get_running_loop().time() == began, "neither waited for the first"
        assert house.offered[-1][0] == "a bad one"
        await asyncio.sleep(1.1)
        assert slow.asked == ["an odd one"], "what is certain is asked about by nobody"
        assert house.judged[-1] == ("an odd one", Action.HOLD, "held")
        assert house.fates["m1"] == ("held", "waits for a moderator: judge:slow")


@virtual
async def test_a_payment_never_waits() -> None:
    async with asking(slow := Slow()) as house:
        assert (await house.say("an odd one", kind=Kind.CHEER, amount=Money(1, "USD"))).outcome == "queued"
        assert slow.asked == []


@virtual
async def test_while_nobody_asks_the_rules_decide() -> None:
    house = House(Slow())
    assert (await house.say("an odd one")).outcome == "queued"


@virtual
async def test_who_hangs_is_not_waited_for() -> None:
    async with asking(Slow(10_000)) as house:
        await house.say("an odd one")
        await asyncio.sleep(SECOND_S + 0.1)
        assert house.judged == [("an odd one", Action.ALLOW, "queued")]


@virtual
async def test_more_than_can_wait_are_judged_by_the_rules_and_none_is_lost() -> None:
    limits = Limits(size=1000, fold_window=0)
    async with asking(slow := Slow(2.0), limits=limits) as house:
        total = MAX_WAITING + ASKED_AT_ONCE + 20
        for number in range(total):
            await house.say(f"an odd one {number}", f"viewer {number}")
        assert len(house.judged) == total - MAX_WAITING
        await asyncio.sleep(60)
        assert len(house.judged) == total
        assert slow.most == ASKED_AT_ONCE
        assert max(slow.waited) > 2, "it is told how long a line has waited"


@virtual
async def test_what_is_taken_back_meanwhile_is_not_let_in() -> None:
    async with asking(Slow(2.0)) as house:
        for author in ("ann", "ann", "bob"):
            await house.say("an odd one", author)
        house.intake.retract(Retraction("twitch", author="id-ann", reason="timed out for 600 s"))
        house.intake.retract(Retraction("twitch", id="m3", reason="deleted"))
        await asyncio.sleep(10)
        assert house.judged == []
        assert house.fates == {
            "m1": ("dropped", "timed out for 600 s"), "m2": ("dropped", "timed out for 600 s"),
            "m3": ("dropped", "deleted"),
        }  # fmt: skip


@virtual
async def test_at_the_end_what_still_waits_goes_on_as_the_rules_said() -> None:
    async with asking(Slow(4.0)) as house:
        for number in range(ASKED_AT_ONCE + 5):
            await house.say("an odd one", f"viewer {number}")
        await asyncio.sleep(1)
        assert house.judged == []
    assert [action for _, action, _ in house.judged] == [Action.ALLOW] * (ASKED_AT_ONCE + 5)


@virtual
async def test_what_a_person_allowed_is_not_asked_about() -> None:
    async with asking(slow := Slow()) as house:
        house.judge.rules = (ALLOWED,)
        assert (await house.say("an odd one")).outcome == "queued"
        assert slow.asked == []


# --- in the thread of moderation ----------------------------------------------------------------------


class Threads(Judge):
    """Keeps in which thread each text was judged, and judges only when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()
        self.threads: dict[str, int] = {}
        self.order: list[str] = []

    def check(self, text: str, context: Context) -> Verdict:
        if len(text) > 10:  # else a name
            assert self.may.wait(10)
            self.order.append(text)
        self.threads[text] = threading.get_ident()
        return super().check(text, context)

    def check_all(self, texts: Sequence[tuple[str, Context]]) -> list[Verdict]:
        return [self.check(text, context) for text, context in texts]


class ThreadedHouse(House):
    """An intake whose moderation has a thread of its own."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__(limits=Limits(size=1000, per_viewer=100, burst=1000))
        self.threads = self.intake.judge = Threads()
        self.intake._safe_names._judge = self.threads
        self.worker = self.intake._worker = Worker(self.threads.check_all, most=most)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.offered) < count:
                await asyncio.sleep(0.001)


async def test_long_hostile_texts_are_not_judged_by_the_loop() -> None:
    house = ThreadedHouse()
    texts = [f"{n} {'a@b.c傻 ' * 70}"[:500] for n in range(40)]
    for n, text in enumerate(texts):
        house.intake.take(house.message(text, f"viewer{n % 3}"))
    assert house.intake.unjudged == 40, "nothing of it has held up the loop"
    house.threads.may.set()
    await house.until(40)
    assert {house.threads.threads[text] for text in texts}.isdisjoint({threading.get_ident()})
    assert [text for text, _, _ in house.offered] == texts, "in the order of their coming"
    assert house.intake.unjudged == 0
    house.worker.close()


async def test_a_payment_waits_for_no_flood() -> None:
    house = ThreadedHouse()
    for n in range(100):
        house.intake.take(house.message(f"line number {n:03}", f"viewer{n}"))
    paid = asyncio.ensure_future(house.say("here is some money", kind=Kind.SUPER_CHAT, amount=Money(500, "USD")))
    await asyncio.sleep(0.01)
    house.threads.may.set()
    assert (await paid).outcome == "queued"
    assert house.threads.order.index("here is some money") <= 2 * MOST_LINES
    assert house.threads.threads["here is some money"] != threading.get_ident()
    await house.until(101)
    house.worker.close()


async def test_more_lines_than_can_wait_leave_with_a_reason_and_payments_do_not() -> None:
    house = ThreadedHouse(most=5)
    for n in range(20):
        house.intake.take(house.message(f"line number {n:03}", f"viewer{n}"))
    gone = [reason for outcome, reason in house.fates.values() if outcome == "dropped"]
    assert gone == ["too many lines wait for moderation"] * 14
    paid = asyncio.ensure_future(house.say("here is some money", kind=Kind.SUPER_CHAT, amount=Money(500, "USD")))
    await asyncio.sleep(0)
    house.threads.may.set()
    assert (await paid).outcome == "queued"
    await house.until(7)
    house.worker.close()


async def test_what_is_deleted_while_it_waits_is_not_taken_in() -> None:
    house = ThreadedHouse()
    ids = [m.id for m in (house.message(f"line number {n}", f"viewer{n}") for n in range(4))]
    house._count = 0
    for n in range(4):
        house.intake.take(house.message(f"line number {n}", f"viewer{n}"))
    house.intake.retract(Retraction("twitch", ids[1], reason="deleted by a moderator"))
    house.intake.retract(Retraction("twitch", author="id-viewer2", reason="banned"))
    house.threads.may.set()
    await house.until(2)
    assert [text for text, _, _ in house.offered] == ["line number 0", "line number 3"]
    assert house.fates[ids[1]] == ("dropped", "deleted by a moderator")
    assert house.fates[ids[2]] == ("dropped", "banned")
    house.intake.take(house.message("line number 5", "viewer5"))
    house.intake.retract(Retraction("twitch", reason="the chat was cleared"))
    async with asyncio.timeout(10):
        while house.intake.unjudged:
            await asyncio.sleep(0.001)
    assert house.fates["m5"] == ("dropped", "the chat was cleared")
    house.worker.close()

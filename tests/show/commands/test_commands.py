"""Commands of the chat: who may, how often, what is carried out and answered, and what hostile chat makes of it."""

from __future__ import annotations

import asyncio
import random

import pytest

from bot.inbox.inbox import Limits
from bot.show.commands.commands import JOB_S, MAX_JOBS
from bot.types import Kind, MessageOutcome, Money, Retraction, Role
from tests.show.commands.desk import Desk, Records, Shelf
from tests.show.test_chat_replies import logged
from tests.support.harness import SAGA
from tests.support.virtual import virtual

MOD, VIP, SUB = Role.MODERATOR, Role.VIP, Role.SUBSCRIBER


# --- what is a command, and what becomes of its line -----------------------------------------------------


@virtual
async def test_a_command_is_answered_under_its_line_and_never_by_the_host() -> None:
    desk = Desk()
    async with desk.running(), desk.hand.on_air():
        offer = await desk.line("!help", id="asked")
        await asyncio.sleep(30)
        assert (offer.outcome, offer.reason) == (MessageOutcome.DROPPED, "a command: help, answered")
        assert [(o.action, o.user, o.message) for o in desk.twitch.written] == [("reply", "ann", "asked")]
        assert desk.twitch.texts == ["Commands: !queue !why"]
        assert not desk.hand.llm.prompts


@pytest.mark.parametrize(
    "text",
    [
        "!help", "！help", "!HELP", "!ｈｅｌｐ", "\u200b!he\u200blp", "﹗help", "  !help  ", "!help me please",
        "!help?", "@Mira !help",
        "!h\u00adelp\ufe0f", "!help\U000e0020",
    ],
)  # fmt: skip
def test_odd_writing_makes_no_other_command(text: str) -> None:
    @virtual
    async def scene() -> None:
        desk = Desk()
        async with desk.running():
            assert await desk.asked(text) == ["Commands: !queue !why"]

    scene()


@pytest.mark.parametrize(
    ("text", "answer"),
    [("!帮助", "指令：!排队 !为什么"), ("！幫助", "指令：!排队 !为什么"), ("!ヘルプ", "コマンド：!順番 !なぜ")],
)
def test_a_command_is_answered_in_the_language_of_its_name(text: str, answer: str) -> None:
    @virtual
    async def scene() -> None:
        desk = Desk()
        async with desk.running():
            assert await desk.asked(text) == [answer]

    scene()


@pytest.mark.parametrize(
    "text",
    ["help", "! help", "!!help", "!helpme", "@nightbot !help", "hello !help", "!", "!?", "¡help", "!uptime", "!" * 500],
)
def test_what_is_no_command_of_the_host_is_left_alone(text: str) -> None:
    @virtual
    async def scene() -> None:
        desk = Desk()
        async with desk.running():
            assert await desk.asked(text) == []

    scene()


@virtual
async def test_a_line_that_moderation_stops_is_no_command_and_one_that_came_before_is_none_again() -> None:
    desk = Desk()
    async with desk.running():
        offer = await desk.line("!help kill yourself")
        assert offer.outcome in (MessageOutcome.REFUSED, MessageOutcome.HELD)
        await desk.line("!help", "ben", id="twice")
        await asyncio.sleep(60)
        await desk.line("!help", "ben", id="twice")
        await asyncio.sleep(60)
        assert len(desk.twitch.texts) == 1


@virtual
async def test_a_payment_is_never_a_command() -> None:
    desk = Desk()
    async with desk.running():
        offer = await desk.line("!stop", "mod", MOD, kind=Kind.CHEER, amount=Money(100, "USD"))
        assert offer.outcome is MessageOutcome.QUEUED
        assert not desk.hand.floor.stopped


@virtual
async def test_switched_off_they_are_lines_for_other_bots() -> None:
    desk = Desk(enabled=False)
    async with desk.running():
        assert (await desk.line("!help")).reason == "a command for a bot"
        assert (await desk.line("!stop", "mod", MOD)).reason == "a command for a bot"
        assert not desk.hand.floor.stopped
        assert desk.twitch.texts == []


@virtual
async def test_another_prefix_and_switched_off_commands() -> None:
    desk = Desk(prefix="？", disabled=["queue"], cooldown_s=0)
    async with desk.running():
        assert await desk.asked("!help") == []
        assert await desk.asked("?help") == ["Commands: ?why"]
        assert await desk.asked("？queue") == []


# --- who may ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "ok"),
    [
        ((), False), ((SUB,), False), ((VIP, SUB), False), ((MOD,), True), ((Role.BROADCASTER,), True),
        ((Role.BROADCASTER, MOD), True),
    ],
)  # fmt: skip
def test_only_moderators_stop_the_host_whatever_somebody_is_called(roles: tuple[Role, ...], *, ok: bool) -> None:
    @virtual
    async def scene() -> None:
        desk = Desk()
        async with desk.running():
            said = await desk.asked("!stop", "u1", *roles, name="broadcaster", badges=("medal/moderator/12",))
            assert desk.hand.floor.stopped is ok
            assert bool(said) is ok

    scene()


@virtual
async def test_roles_can_be_set_for_each_command() -> None:
    desk = Desk(who={"skip": "vip", "help": "broadcaster"})
    async with desk.running():
        assert await desk.asked("!skip", "v", VIP) == ["Nothing is being said just now."]
        assert await desk.asked("!skip", "s", SUB) == []
        assert await desk.asked("!help", "m", MOD) == []
        assert await desk.asked("!help", "b", Role.BROADCASTER) == ["Commands: !queue !why !skip !stop !resume"]


@virtual
async def test_bots_order_nothing_whatever_their_roles() -> None:
    desk = Desk()
    for settings in ({}, {"answer_bots": True}):
        desk.hand.intake.update(desk.hand.intake.settings.model_copy(update=settings))
        async with desk.running():
            assert await desk.asked("!stop", "n1", MOD, name="Nightbot") == []
            assert await desk.asked("!help", "n2", MOD, Role.BOT) == []
            assert await desk.asked("!help", "n3", badges=("bot-badge/1",)) == []
        assert not desk.hand.floor.stopped


@virtual
async def test_on_the_page_of_this_machine_everybody_is_a_viewer() -> None:
    desk = Desk(cooldown_s=0)
    async with desk.running():
        await desk.line("!help", source="local")
        await desk.line("!stop", source="local")
        await asyncio.sleep(1)
        assert desk.page == ["Commands: !queue !why"]
        assert not desk.hand.floor.stopped


# --- how often ---------------------------------------------------------------------------------------------


@virtual
async def test_a_command_rests_for_all_and_for_longer_for_one_viewer() -> None:
    desk = Desk(cooldown_s=3, viewer_cooldown_s=20)
    async with desk.running():
        assert len(await desk.asked("!queue", "ann")) == 1
        assert (await desk.line("!queue", "ben")).reason == "a command: queue, it rests"
        await asyncio.sleep(3)
        assert await desk.asked("!queue", "ann") == []
        assert len(await desk.asked("!queue", "ben")) == 1
        await asyncio.sleep(20)
        assert len(await desk.asked("!queue", "ann")) == 1


@virtual
async def test_a_viewer_who_tries_too_early_keeps_it_from_nobody() -> None:
    desk = Desk(cooldown_s=0, viewer_cooldown_s=20)
    async with desk.running():
        await desk.asked("!queue", "ann")
        for _ in range(10):
            await desk.line("!queue", "ann")
        assert len(await desk.asked("!queue", "ben")) == 1


@virtual
async def test_for_moderators_nothing_rests() -> None:
    desk = Desk(cooldown_s=60)
    desk.hand.llm.reply_text = SAGA
    async with desk.running(), desk.hand.on_air():
        for n in range(3):
            await desk.line(f"Mira, tell me story number {n}", f"v{n}")
            await desk.hand.until(lambda: desk.hand.show.on_air is not None, 30)
            assert await desk.asked("!skip", "mod", MOD) == ["Skipped."]
        assert [turn.interrupted for turn in desk.hand.past] == [True] * 3
        assert "skipped by a moderator" in desk.hand.past[0].detail


@virtual
async def test_a_flood_of_commands_writes_no_more_than_was_set_and_orders_still_come_through() -> None:
    desk = Desk(cooldown_s=0, viewer_cooldown_s=0, per_minute=6)
    async with desk.running():
        for n in range(2000):
            await desk.line("!help", f"v{n}")
        await desk.line("!stop", "mod", MOD)
        assert desk.hand.floor.stopped
        await asyncio.sleep(30)
        assert 1 <= len(desk.twitch.texts) <= 6


@virtual
async def test_answers_of_commands_leave_room_for_the_hosts_own() -> None:
    desk = Desk(cooldown_s=0, viewer_cooldown_s=0, per_minute=100)
    for n in range(20):
        await desk.line("!help", f"v{n}")
    assert (
        await desk.line("!help", "late")
    ).reason == "a command: help, carried out, and nobody can write the answer there now"
    desk.twitch.each_s = 20
    async with desk.running():
        await asyncio.sleep(200)
    assert 1 <= len(desk.twitch.texts) <= 3, "what waited for half a minute is not worth writing"


@virtual
async def test_whatever_is_written_behind_and_before_a_command_nothing_fails_and_nothing_of_it_is_written() -> None:
    desk, shelf = Desk(own=OWN, cooldown_s=0, viewer_cooldown_s=0, per_minute=100), Shelf()
    desk.commands.programme = desk.commands.director = shelf
    rng = random.Random(5)
    odd = "a{}%\\[]\n\t\r\0\u200b\u202e\u0301\ufeff\ud83d\U0001f600\U000e0041＠@/!！.#好あ"
    asked = ["!help", "!why", "!queue", "!next", "!segment", "!scene", "!hug", "!dc", "！环节"]
    with logged() as lines:
        async with desk.running():
            for n in range(300):
                rest = "".join(rng.choices(odd, k=rng.randrange(40)))
                text = f"{rng.choice(['', ' ', rest[:2]])}{rng.choice(asked)} {rest}MARK"
                await desk.line(text, f"v{n}", rng.choice([MOD, SUB]), name=rng.choice(["ann", f"{rest[:10]}x"]))
                await asyncio.sleep(1)
    assert len(desk.twitch.texts) > 100
    assert not any("MARK" in text or "\n" in text or not text.isprintable() for text in desk.twitch.texts)
    assert not [text for text in lines if "failed" in text]


# --- the moderators' orders ------------------------------------------------------------------------------


@virtual
async def test_without_a_programme_moderators_are_told_so_and_viewers_are_left_to_other_bots() -> None:
    desk = Desk()
    async with desk.running():
        assert await desk.asked("!segment Quiz", "mod", MOD) == ["There is no programme."]
        assert await desk.asked("!next", "mod", MOD) == ["There is no programme."]
        assert await desk.asked("!scene Break", "mod", MOD) == ["No scenes are set up."]
        assert (await desk.line("!next")).reason == "a command for a bot"
        assert (await desk.line("!segment Quiz")).reason == "a command for a bot"
        assert await desk.asked("!help", "mod", MOD) == ["Commands: !queue !why !skip !stop !resume"]


@virtual
async def test_with_a_programme_and_a_director_orders_go_there() -> None:
    desk, shelf = Desk(cooldown_s=0), Shelf()
    desk.commands.programme = desk.commands.director = shelf
    async with desk.running():
        assert await desk.asked("!next") == ["Next: Quiz at 21:00"]
        assert await desk.asked("!segment quiz", "mod", MOD) == ["Done."]
        assert await desk.asked("!环节 Quiz", "mod", MOD) == ["好了。"]
        assert await desk.asked("!scene Break", "mod", MOD) == ["Done."]
        assert await desk.asked("!scene", "mod", MOD) == ["Name it: !scene NAME"]
        assert await desk.asked("!help", "mod", MOD) == [
            "Commands: !queue !why !next !skip !stop !resume !segment !scene"
        ]
        assert await desk.asked("!help", "ann") == ["Commands: !queue !why !next"]
        assert await desk.asked("!segment quiz", "ann") == []
    assert shelf.orders == [("segment", "quiz"), ("segment", "Quiz"), ("scene", "Break")]


@virtual
async def test_an_unknown_name_is_not_repeated() -> None:
    desk, shelf = Desk(), Shelf()
    desk.commands.programme = desk.commands.director = shelf
    async with desk.running():
        for text in ("@everyone", "https://evil.example/x", "x" * 500, "{name}{0}", "!ban ann"):
            assert await desk.asked(f"!segment {text}", "mod", MOD) == ["There is no segment of that name."]
            assert await desk.asked(f"!scene {text}", "mod", MOD) == ["There is no scene of that name."]
    assert max(len(name) for _, name in shelf.orders) <= 100


@virtual
async def test_a_programme_that_fails_or_hangs_is_told_and_holds_up_nobody() -> None:
    desk, shelf = Desk(cooldown_s=0, viewer_cooldown_s=0), Shelf(fails=ValueError("broken"))
    desk.commands.programme = shelf
    async with desk.running():
        assert await desk.asked("!segment Quiz", "mod", MOD) == ["That did not work; the log says why."]
        shelf.each_s, shelf.fails = 1e6, None
        for _ in range(MAX_JOBS + 5):
            await desk.line("!segment Quiz", "mod", MOD)
        await asyncio.sleep(0.1)
        assert (await desk.line("!segment Quiz", "mod", MOD)).reason.endswith("too many orders are under way")
        assert len(await desk.asked("!help")) == 1
        await asyncio.sleep(JOB_S)
        shelf.each_s = 0
        assert "Done." in await desk.asked("!segment Quiz", "mod", MOD)


@virtual
async def test_stop_is_carried_out_at_once_and_stays() -> None:
    desk = Desk()
    desk.hand.llm.reply_text = SAGA
    async with desk.running(), desk.hand.on_air():
        await desk.line("Mira, tell me everything", "v")
        await desk.hand.until(lambda: len(desk.hand.stage.heard()) > 10, 30)
        assert (await desk.line("！停止", "mod", MOD)).reason == "a command: stop, answered"
        assert desk.hand.floor.stopped_because == "stopped by a moderator in the chat"
        await desk.hand.until(lambda: desk.hand.show.on_air is None, 1)
        await asyncio.sleep(1)
        assert desk.twitch.texts == ["已静音，发 !继续 或在控制台恢复。"]


def stopped(desk: Desk) -> bool:
    return desk.hand.floor.stopped


@virtual
async def test_a_stop_from_the_chat_is_released_from_the_chat_by_moderators_alone() -> None:
    for name in ("resume", "GO", "继续", "再開"):
        desk = Desk()
        async with desk.running(), desk.hand.on_air():
            assert "was not stopped" in " ".join(await desk.asked("!resume", "mod", MOD))
            assert "!resume" in " ".join(await desk.asked("!stop", "mod", MOD))
            await desk.asked(f"!{name}", "v")
            assert stopped(desk)
            await desk.asked(f"!{name}", "mod2", MOD)
            assert not stopped(desk)
            await desk.line("Mira, are you there?", "v")
            past = desk.hand.past
            await desk.hand.until(lambda past=past: any(t.plan.choice for t in past), 60)


@virtual
async def test_what_was_stopped_in_the_control_room_is_not_released_from_the_chat() -> None:
    def by_panel(desk: Desk) -> None:
        desk.hand.show.stop("stopped by the operator")

    def by_breaker(desk: Desk) -> None:
        desk.hand.show.stop("replies were blocked")

    for stop in (by_panel, by_breaker):
        for chat_first in (True, False):
            desk = Desk()
            async with desk.running(), desk.hand.on_air():
                if chat_first:
                    await desk.asked("!stop", "mod", MOD)
                stop(desk)
                why = desk.hand.floor.stopped_because
                assert "control room" in " ".join(await desk.asked("!stop", "mod", MOD))
                assert desk.hand.floor.stopped_because == why
                assert "control room" in " ".join(await desk.asked("!go", "mod", MOD))
                assert desk.hand.floor.stopped_because == why


@virtual
async def test_a_release_from_the_chat_leaves_the_guard_in_force() -> None:
    desk = Desk()
    async with desk.running(), desk.hand.on_air():
        desk.hand.show.breaker.reason = "three replies were blocked"
        await desk.asked("!stop", "mod", MOD)
        await desk.asked("!resume", "mod", MOD)
        assert not stopped(desk)
        assert desk.hand.show.breaker.paused


# --- commands of the owner -------------------------------------------------------------------------------


OWN = {
    "discord": {"text": "We talk at https://talk.example/mira", "aliases": ["dc", "社区"]},
    "hug": {"text": "{name} gets a hug.", "say": "[joy] Have a hug, {name}!", "cue": "hearts", "who": "subscriber"},
}


@virtual
async def test_a_command_of_the_owner_writes_says_and_gives_a_cue() -> None:
    desk, shelf = Desk(own=OWN), Shelf()
    desk.commands.director = shelf
    async with desk.running(), desk.hand.on_air():
        assert await desk.asked("!dc", "ann") == ["We talk at https://talk.example/mira"]
        assert await desk.asked("!hug", "ann") == []
        assert await desk.asked("!hug", "ben", SUB) == ["ben gets a hug."]
        await desk.hand.until(lambda: bool(desk.hand.past), 30)
        assert [turn.text for turn in desk.hand.past] == ["Have a hug, ben!"]
        assert shelf.orders == [("cue", "hearts")]
        assert shelf.values == [{"viewer": "ben", "source": "twitch"}]
        await asyncio.sleep(3)
        assert await desk.asked("!help", "ann") == ["Commands: !queue !why !discord"]


@virtual
async def test_what_is_written_behind_a_command_goes_nowhere() -> None:
    desk, shelf = Desk(own=OWN), Shelf()
    desk.commands.director = shelf
    async with desk.running(), desk.hand.on_air():
        await desk.line("!hug @everyone go to evil dot example", "ben", SUB)
        await desk.hand.until(lambda: bool(desk.hand.past), 30)
        assert desk.twitch.texts == ["ben gets a hug."]
        assert "evil" not in str([*desk.hand.tts.spoken, shelf.values, desk.hand.past[0].text])


@pytest.mark.parametrize("name", ["nigger", "visit evil.example", "kill yourself", "{name}", "[joy] boo"])
def test_a_name_that_may_not_be_said_is_somebody(name: str) -> None:
    @virtual
    async def scene() -> None:
        desk = Desk(own={"hug": {"text": "{name} gets a hug.", "say": "Have a hug, {name}!"}})
        async with desk.running(), desk.hand.on_air():
            said = await desk.asked("!hug", "u9", name=name)
            await desk.hand.until(lambda: bool(desk.hand.past), 30)
            words = f"{said} {desk.hand.past[0].text}"
            assert not any(part in words for part in ("nigger", "evil", "kill", "[joy]"))
            assert len(said) == 1

    scene()


@virtual
async def test_a_name_that_makes_the_owners_words_bad_is_left_out_of_them() -> None:
    desk = Desk(own={"who": {"text": "go and {name} yourself now"}})
    async with desk.running():
        assert await desk.asked("!who", "u9", name="kill") == ["go and someone yourself now"]
        await asyncio.sleep(60)
        await desk.line("!who", "u8", source="local", name="kill")
    assert desk.page == ["go and someone yourself now"]


@virtual
async def test_no_text_of_the_owner_is_a_command_itself() -> None:
    desk = Desk(
        own={"a": {"text": "!help"}, "b": {"text": "/ban ann"}, "c": {"text": "?help ? me"}}, prefix="?", cooldown_s=0
    )
    async with desk.running():
        said = [*await desk.asked("?a"), *await desk.asked("?b"), *await desk.asked("?c")]
    assert said == ["help", "ban ann", "help ? me"]


@virtual
async def test_spoken_lines_of_commands_do_not_crowd_out_the_chat() -> None:
    desk = Desk(own={"song": {"say": "La la la.", "cooldown_s": 0, "viewer_cooldown_s": 0}})
    async with desk.running():
        reasons = [(await desk.line("!song", f"v{n}")).reason for n in range(20)]
        assert reasons.count("a command: song, said next") == 2
        async with desk.hand.on_air():
            await desk.hand.quiet()
            assert len(desk.hand.past) == 2
            assert (await desk.line("!song", "v0")).reason == "a command: song, said next"
        desk.hand.show.stop("enough")
        assert (await desk.line("!song", "v1")).reason == "a command: song, not said: too much waits"


@virtual
async def test_what_is_deleted_is_neither_answered_nor_said() -> None:
    desk = Desk(own={"hug": {"text": "{name} gets a hug.", "say": "Have a hug, {name}! " * 8}}, cooldown_s=0)
    desk.twitch.each_s = 5
    async with desk.running(), desk.hand.on_air():
        await desk.line("!help", "first")
        await desk.line("!hug", "ben", id="gone")
        await desk.hand.until(lambda: len(desk.hand.stage.heard()) > 10, 30)
        await desk.line("!hug", "cem", id="waits")
        await desk.hand.feed.retract(Retraction("twitch", author="ben", reason="banned"))
        await desk.hand.feed.retract(Retraction("twitch", id="waits"))
        await desk.hand.until(lambda: desk.hand.show.on_air is None, 5)
        await asyncio.sleep(30)
    assert [turn.interrupted for turn in desk.hand.past] == [True]
    assert desk.twitch.texts == ["Commands: !queue !why !hug"]


@virtual
async def test_a_cue_without_a_director_is_told_to_moderators_alone() -> None:
    desk = Desk(own={"hearts": {"cue": "hearts"}})
    async with desk.running():
        assert await desk.asked("!hearts", "mod", MOD) == ["No scenes are set up."]
        assert (await desk.line("!hearts", "ann")).reason == "a command for a bot"
        assert await desk.asked("!help", "ann") == ["Commands: !queue !why"]


# --- platforms that only read ------------------------------------------------------------------------------


@virtual
async def test_a_platform_that_only_reads_is_answered_by_the_account_that_writes_or_not_at_all() -> None:
    desk = Desk(cooldown_s=0)
    async with desk.running():
        await desk.line("！帮助", "u1", source="bilibili_open", name="小明")
        await desk.line("！帮助", "u2", source="bilibili_open", name="nigger")
        await asyncio.sleep(1)
        assert desk.web.texts == ["@小明 指令：!排队 !为什么", "指令：!排队 !为什么"]
        del desk.hand.registry.sources["bilibili_web"]
        offer = await desk.line("!help", "ben", source="bilibili_open")
        assert offer.reason == "a command: help, carried out, and nobody can write the answer there now"
        await desk.line("!stop", "mod", MOD, source="bilibili_open")
        assert stopped(desk)
    assert desk.open.written == []


@virtual
async def test_help_fits_into_what_a_platform_takes() -> None:
    own = {f"command{n}": {"text": "x"} for n in range(100)}
    desk = Desk(cooldown_s=0, own=own)
    async with desk.running():
        (said,) = await desk.asked("!help")
        assert said.endswith(" …")
        assert 300 < len(said) <= 480
        await desk.line("!帮助", source="bilibili_web")
        await asyncio.sleep(1)
        assert desk.web.texts == ["指令：!排队 !为什么 !command0 !command1 !command2 !command3 !command4 !command5 …"]


# --- the queue, and why ----------------------------------------------------------------------------------


@virtual
async def test_the_queue_is_told_with_the_own_place_and_nothing_of_others() -> None:
    desk = Desk(cooldown_s=0, viewer_cooldown_s=0)
    async with desk.running():
        assert await desk.asked("!queue") == ["Nothing waits: ask away!"]
        await desk.line("what is your favourite colour?", "ben")
        assert await desk.asked("!queue") == ["Lines that wait: 1."]
        await desk.line("do you like rain?", "ann")
        # No page is open, so nothing is taken up.
        assert await desk.asked("!queue") == ["Lines that wait: 2. Your line waits; no chat is taken up just now."]
        desk.hand.floor.stop("a moment")
        async with desk.hand.on_air():
            assert await desk.asked("!why") == ["Your line waits; no chat is taken up just now."]


@virtual
async def test_why_follows_a_line_from_the_queue_to_its_answer() -> None:
    desk = Desk(cooldown_s=0, viewer_cooldown_s=0)
    desk.hand.llm.reply_text = "Long ago there was a lamp. " * 20
    async with desk.running(), desk.hand.on_air():
        assert await desk.asked("!why") == ["I know of no line of yours yet."]
        await desk.line("tell me a story", "ben")
        await desk.hand.until(lambda: desk.hand.show.on_air is not None, 5)
        assert await desk.asked("!why", "ben") == ["Your last line is being answered right now."]
        await desk.line("do you like rain?", "ann")
        assert await desk.asked("!why") == ["Your line waits and is among the next."]
        await desk.line("what do you eat?", "cem")
        assert await desk.asked("!why") == ["Your line waits; the lot decides among 2 viewers."]
        await desk.hand.quiet(300)
        assert await desk.asked("!why") == ["Your last line was answered."]
        assert await desk.asked("！为什么") == ["你的上一条已经回答了。"]


@virtual
async def test_a_payment_waits_for_its_thanks() -> None:
    desk = Desk()
    async with desk.running():
        await desk.line("for you", "ann", kind=Kind.CHEER, amount=Money(100, "USD"))
        assert await desk.asked("!why") == ["Your thanks are on their way."]


BLOCKED = "That line was not taken up."


@virtual
async def test_why_names_the_true_reason() -> None:
    limits = Limits(per_viewer=1, burst=2, refill_per_s=0.01, ttl_s=30, fresh_s=0)
    desk = Desk(limits=limits, cooldown_s=0, viewer_cooldown_s=0, per_minute=100)
    async with desk.running():

        async def why(who: str) -> str:
            (said,) = await desk.asked("!why", who)
            return said

        await desk.line("do you like rain?", "ann")
        await desk.line("do you like rain?", "ben")
        assert await why("ben") == "Somebody asked the same: one answer is for all of you."
        await desk.line("and snow, and hail?", "ann")
        assert await why("ann") == "You had written too many lines at once."
        await desk.line("a third thing of mine", "ann")
        assert await why("ann") == "You had written too many lines at once."
        await desk.line("what is a quark?", "cem")
        await asyncio.sleep(31)
        desk.hand.inbox.expire(asyncio.get_running_loop().time())
        assert await why("cem") == "Too much came before it, and it grew too old. Ask again!"
        await desk.line("!uptime", "dan")
        assert await why("dan") == "It looked like a command for another bot."
        await desk.line("\u200b", "eve")
        assert await why("eve") == "There was nothing to read in it."
        desk.hand.intake.answer = "addressed"
        await desk.line("hello you", "fay")
        assert await why("fay") == "Only lines that name the host are answered: write Mira."
        desk.hand.intake.answer = "none"
        await desk.line("Mira, hello", "gus")
        assert await why("gus") == "No chat is answered just now."


@virtual
async def test_why_tells_nothing_that_helps_to_get_round_moderation() -> None:
    desk = Desk(cooldown_s=0, viewer_cooldown_s=0, per_minute=100, limits=Limits(shield="on", shield_known_s=1e4))
    async with desk.running():
        desk.hand.inbox.update(Limits(shield="off"))
        await desk.line("kill yourself", "u1")
        assert await desk.asked("!why", "u1") == [BLOCKED]
        await desk.line("hello there", "u2", id="gone")
        await desk.hand.feed.retract(Retraction("twitch", id="gone", reason="deleted by a moderator"))
        assert await desk.asked("!why", "u2") == [BLOCKED]
        desk.hand.inbox.update(Limits(shield="on", shield_known_s=1e4))
        for n in range(200):
            await desk.line(f"raid line number {n}", f"raid{n}")
        stopped = [m for m, (_, reason) in desk.hand.fates.items() if reason.startswith("shield")]
        assert stopped
        before = len(desk.twitch.texts)
        for n in range(20):
            await desk.line("!why", f"raid{n}")
            await asyncio.sleep(1)
        said = set(desk.twitch.texts[before:])
        assert BLOCKED in said
        assert not any("shield" in text or "raid" in text for text in said)


@virtual
async def test_nobody_is_told_of_another_viewers_line() -> None:
    desk = Desk(cooldown_s=0, viewer_cooldown_s=0)
    async with desk.running():
        await desk.line("do you like rain?", "ben", name="ann")
        assert await desk.asked("!why", "ann", name="ann") == ["I know of no line of yours yet."]
        assert await desk.asked("!why ben", "cem") == ["I know of no line of yours yet."]
        await desk.line("!why", "ben", source="bilibili_web")
        await asyncio.sleep(1)
        assert desk.web.texts == ["I know of no line of yours yet."]


@virtual
async def test_the_record_tells_of_an_earlier_run() -> None:
    records = Records((MessageOutcome.EXPIRED, "not answered within 60 s"))
    desk = Desk(outcomes=records, cooldown_s=0, viewer_cooldown_s=0)
    async with desk.running():
        assert await desk.asked("!why") == ["Too much came before it, and it grew too old. Ask again!"]
        records.last = None
        assert await desk.asked("!why") == ["I know of no line of yours yet."]
        assert records.asked == [("twitch", "ann", "a command: ")] * 2
        records.last = (MessageOutcome.REFUSED, "not allowed: lexicon:threat")
        assert await desk.asked("!why") == [BLOCKED]
        await desk.line("do you like rain?")
        assert await desk.asked("!why") == ["Your line waits; no chat is taken up just now."]
        assert len(records.asked) == 3


@virtual
async def test_a_record_that_hangs_leaves_room_for_moderators() -> None:
    desk, shelf = Desk(outcomes=Records(None), cooldown_s=0), Shelf()
    desk.commands.programme = shelf
    hangs = asyncio.Event()

    async def last_outcome(source: str, author_id: str, *, but: str = "") -> None:
        await hangs.wait()

    desk.commands._outcomes.last_outcome = last_outcome  # type: ignore[union-attr,method-assign]
    async with desk.running():
        reasons = [(await desk.line("!why", f"v{n}")).reason for n in range(10)]
        assert reasons.count("a command: why, carried out") == MAX_JOBS // 2
        assert await desk.asked("!segment Quiz", "mod", MOD) == ["Done."]


@virtual
async def test_a_viewer_who_is_forgotten_is_unknown() -> None:
    desk = Desk(cooldown_s=0, viewer_cooldown_s=100)
    async with desk.running():
        await desk.line("kill yourself", "u1")
        assert await desk.asked("!why", "u1") == [BLOCKED]
        desk.commands.forget("twitch", "u1")
        assert await desk.asked("!why", "u1") == ["I know of no line of yours yet."]

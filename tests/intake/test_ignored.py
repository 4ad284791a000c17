"""Chat that is not for the host: bots, commands for them, lines that show nothing, lines to other viewers."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inbox.inbox import Inbox, Limits, Offer
from bot.intake.addressing import NameMatcher, leading_mentions, speaks_to_another
from bot.intake.context import ModerationContexts
from bot.intake.ignored import KNOWN_BOTS, IgnoreRules
from bot.intake.intake import Intake
from bot.intake.settings import IntakeSettings
from bot.types import PAID, Author, Kind, Message, MessageOutcome, Money, Reply, Role
from moderation import Action, Context, Verdict
from tests.support.harness import MemoryLedger
from tests.support.virtual import virtual

MIRA = NameMatcher(("Mira", "小云"))
BOT, COMMAND, EMPTY = "written by a bot", "a command for a bot", "it shows nothing"


def reason(text: str, author: Author | None = None, settings: IntakeSettings | None = None, **more: object) -> str:
    message = Message("m", "twitch", author or Author("7", "ann"), text, **more)  # type: ignore[arg-type]
    return IgnoreRules(settings).reason(message, MIRA)


@pytest.mark.parametrize(
    "text",
    [
        "!sr despacito", "!uptime", "!8ball will we win", "！点歌 晴天", "!点歌", "/me waves", "／me waves", "#签到",
        "＃签到", "#点歌 晴天", " \u200b!uptime", "\U000e0000!up\u00adtime \U000e0000", "\ufeff!uptime\ufe0f",
        "!so @Mira",
        "@nightbot !uptime", "@someone, !hug", "回复 @小明 :!点歌 晴天", "!sr song for Mira", "\u3164!uptime",
        "﹗uptime",
    ],
)  # fmt: skip
def test_commands_are_for_other_bots(text: str) -> None:
    assert reason(text) == COMMAND
    assert reason(text, settings=IntakeSettings(answer_commands=True)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "!", "!!", "!!!", "! what", "wow!", "hello !uptime", "#1 fan", "#话题# 今天聊什么", "/10 for that", "r/games",
        "/r/games is fun", "¡hola!", "?uptime", "@Mira !uptime", "@小云 ！点歌", "!Mira hello", "Mira, !uptime", "#",
        "/", "...", "😂", "Kappa",
    ],
)  # fmt: skip
def test_what_is_no_command_or_is_for_the_host_stays(text: str) -> None:
    assert reason(text) == ""


@pytest.mark.parametrize(
    "author",
    [
        Author("1", "ann", frozenset({Role.BOT})),
        Author("1", "ann", frozenset({Role.BOT, Role.MODERATOR})),
        Author("1", "ann", badges=("bot-badge/1",)),
        Author("1", "ann", badges=("vip/1", "Chat Bot/2")),
        Author("1", "ann", badges=("chatbot",)),
        *(Author("1", name) for name in (
            "Nightbot", "StreamElements", "Moobot", "Fossabot", "Streamlabs", "Wizebot", "Sery_Bot", "SoundAlerts",
            "PokemonCommunityGame", "NIGHTBOT", "night\u200bbot", "Ｎｉｇｈｔｂｏｔ", " nightbot ", "Sery Bot",
            "@Nightbot",
        )),
        Author("local:nightbot", "somebody"),
    ],
)  # fmt: skip
def test_the_lines_of_other_bots_are_not_answered(author: Author) -> None:
    assert reason("follow us on our socials", author) == BOT
    assert reason("follow us on our socials", author, IntakeSettings(answer_bots=True)) == ""


@pytest.mark.parametrize("name", ["nightbotfan", "bot", "botanist", "Robotnik", "my_nightbot_", "___", "ann"])
def test_a_viewer_whose_name_is_like_a_bots_is_a_viewer(name: str) -> None:
    assert reason("hello", Author("1", name, badges=("subscriber/12", "bits/100"))) == ""


def test_more_bots_and_other_marks_can_be_set() -> None:
    settings = IntakeSettings(bots=["My_Helper", "弹幕姬", "!!"], command_marks="？$")
    assert reason("hi", Author("1", "my_helper"), settings) == BOT
    assert reason("hi", Author("1", "弹幕姬"), settings) == BOT
    assert reason("hi", Author("1", "Nightbot"), settings) == BOT
    assert reason("?uptime", settings=settings) == COMMAND
    assert reason("$play", settings=settings) == COMMAND
    assert reason("!uptime", settings=settings) == ""
    assert reason("!uptime", settings=IntakeSettings(command_marks=" ")) == ""


@pytest.mark.parametrize("text", ["", "  ", "\u200b\u2060", "\U000e0000", "\u3164", "\ufe0f\ufe0f", "\u2800"])
def test_a_line_that_shows_nothing_is_empty(text: str) -> None:
    assert reason(text) == EMPTY


@pytest.mark.parametrize("kind", [*sorted(PAID), Kind.RAID, Kind.FOLLOW, Kind.HOST, Kind.TIMER])
def test_only_chat_is_ignored(kind: Kind) -> None:
    for text in ("", "!uptime", "hello"):
        assert reason(text, Author("1", "Nightbot", frozenset({Role.BOT})), kind=kind) == ""


def test_every_known_bot_is_in_lower_case() -> None:
    assert all(name == name.casefold() for name in KNOWN_BOTS)


# --- to whom ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "whom", "rest"),
    [
        ("@bob hello", ["bob"], "hello"), ("@bob @Mira hi", ["bob", "Mira"], "hi"), ("@小明，你好", None, None),
        ("@bob, hi", ["bob"], "hi"), ("hi @bob", [], "hi @bob"), ("@", [], "@"), ("回复 @小明 :好", ["小明"], "好"),
    ],
)  # fmt: skip
def test_whom_a_line_mentions_in_front(text: str, whom: list[str] | None, rest: str | None) -> None:
    found, left = leading_mentions(text)
    assert (found, left) == (whom, rest) if whom is not None else found


@pytest.mark.parametrize(
    ("text", "aside"),
    [("@bob hello", True), ("＠bob hello", True), ("\u200b@bob hello", True), ("@bob @Mira hi", False),
     ("@Mira hi", False), ("hello @bob", False), ("hello", False), ("@", False)],
)  # fmt: skip
def test_a_line_that_begins_with_another_viewer_is_for_them(text: str, *, aside: bool) -> None:
    assert speaks_to_another(Message("m", "twitch", Author("7", "ann"), text), MIRA) is aside


def test_an_answer_to_another_viewer_is_for_them() -> None:
    answer = Message("m", "twitch", Author("7", "ann"), "yes", reply=Reply("p", "8", "bob", "is it?"))
    assert speaks_to_another(answer, MIRA)


@given(st.text(st.characters(codec=None)), st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3))
def test_any_line_and_any_name_is_survived(text: str, name: str, badges: list[str]) -> None:
    author = Author(name, name, badges=tuple(badges))
    reason(text, author, IntakeSettings(bots=[name or "x"], command_marks=text[:10]))
    leading_mentions(text)


# --- through the way in -----------------------------------------------------------------------------


class Allows:
    """Allows everything."""

    def check(self, text: str, context: Context) -> Verdict:
        del context
        return Verdict(Action.ALLOW, (), 0.0, text)


def make(settings: IntakeSettings | None = None) -> tuple[Intake, Inbox]:
    inbox = Inbox(Limits(), asyncio.get_running_loop().time, random.Random(7))
    return Intake(inbox, MemoryLedger(), Allows(), names=("Mira",), settings=settings), inbox


async def offer(intake: Intake, number: int, text: str, author: Author | None = None, kind: Kind = Kind.CHAT) -> Offer:
    amount = Money(500, "USD") if kind in PAID else None
    return await intake.offer(Message(f"m{number}", "twitch", author or Author("7", "ann"), text, kind, amount))


@virtual
async def test_what_is_not_for_the_host_does_not_wait_and_says_why() -> None:
    intake, inbox = make()
    bot = Author("1", "Sery_Bot")
    assert await offer(intake, 1, "follow us", bot) == Offer(MessageOutcome.DROPPED, BOT)
    assert await offer(intake, 2, "!uptime") == Offer(MessageOutcome.DROPPED, COMMAND)
    assert await offer(intake, 3, "\U000e0000") == Offer(MessageOutcome.DROPPED, EMPTY)
    assert len(inbox) == 0
    assert (await offer(intake, 4, "!cheer", bot, Kind.CHEER)).outcome == "queued", "a payment is one, whoever pays"
    intake.update(IntakeSettings(answer_bots=True, answer_commands=True))
    assert (await offer(intake, 5, "follow us", bot)).outcome == "queued"
    assert (await offer(intake, 6, "!uptime")).outcome == "queued"


@virtual
async def test_a_line_to_another_viewer_waits_as_such_and_one_that_names_the_host_does_not() -> None:
    intake, inbox = make()
    await offer(intake, 1, "@bob hello there")
    await offer(intake, 2, "@bob did you hear what Mira said", Author("8", "eve"))
    found = {i.message.id: (i.message.aside, i.message.addressed, i.reason) for i in inbox.items(0.0)}
    assert found["m1"][:2] == (True, False)
    assert "speaks to another viewer" in found["m1"][2]
    assert found["m2"][:2] == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "!permit bob 60 \U000e0000",
        "！permit bob 60",
        "\ufeff!permit @bob 60",
        "!per\u200bmit bob\u00ad 60",
        "!Permit ｂｏｂ 60",
    ],
)
def test_a_moderators_command_to_the_host_is_taken_however_it_is_written(text: str) -> None:
    contexts = ModerationContexts()
    boss = Author("b", "boss", frozenset({Role.MODERATOR}))
    assert contexts.command(Message("m", "twitch", boss, text), 0.0)
    assert contexts.permits.allows("twitch", ("bob",), 1.0)
    assert contexts.command(Message("m", "twitch", Author("c", "bob"), text), 0.0) == ""

"""Which lines are commands, however they are written; and where on the way in they are taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.addressing import NameMatcher
from bot.intake.commands import MAX_ARGUMENT, MAX_NAME, CommandLine, command_in, name_of
from bot.types import Author, Kind, Message, MessageOutcome, Retraction
from tests.support.harness import Stagehand
from tests.support.virtual import virtual

MIRA = NameMatcher(("Mira", "小云"))


def read(text: str, prefix: str = "!", *, addressed: bool = False) -> CommandLine | None:
    message = Message("m", "twitch", Author("7", "ann"), text, addressed=addressed)
    return command_in(message, prefix, MIRA)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("!help", CommandLine("help")),
        ("！ＨＥＬＰ", CommandLine("help")),
        ("\u2060!\u200bHe\u00adlp\ufe0f", CommandLine("help")),
        ("!帮助", CommandLine("帮助")),
        ("！segment\u3000Quiz  Night ", CommandLine("segment", "Quiz Night")),
        ("!why?", CommandLine("why")),
        ("!为什么？？", CommandLine("为什么")),
        ("@Mira !help", CommandLine("help")),
        ("回复 @小云 :!help", CommandLine("help")),
        ("@Mira @bob, !help", CommandLine("help")),
        ("  \t!help", CommandLine("help")),
        ("!ſkip", CommandLine("skip")),
    ],
)
def test_a_command_is_read_in_one_form(text: str, command: CommandLine) -> None:
    assert read(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "", "help", "! help", "!", "!?!", "@bob !help", "@bob", "回复 @小明 :!help", "wow !help", "?help",
        "!" + "x" * (MAX_NAME + 1), "¡help", "\\!help", "1!help",
    ],
)  # fmt: skip
def test_what_is_no_command(text: str) -> None:
    assert read(text) is None


def test_a_reply_to_the_host_is_a_command_for_it_whatever_its_account_is_called() -> None:
    assert read("@mira_bot !help") is None
    assert read("@mira_bot !help", addressed=True) == CommandLine("help")


def test_another_prefix() -> None:
    assert read("??help", "??") == CommandLine("help")
    assert read("？？help", "??") == CommandLine("help")
    assert read("?help", "??") is None
    assert read("!help", "??") is None


def test_what_stands_behind_is_bounded() -> None:
    found = read("!segment " + "x" * 2000)
    assert found is not None
    assert len(found.argument) == MAX_ARGUMENT


@given(st.text(st.characters(codec=None)), st.sampled_from(["", "!", "！", "@", "@Mira !", "回复"]))
def test_any_line_is_survived_and_a_name_stays_the_same_when_it_is_made_again(text: str, begin: str) -> None:
    found = read(begin + text)
    if found is not None:
        assert 0 < len(found.name) <= MAX_NAME
        assert found.name == name_of(found.name)
        assert "\n" not in found.argument


class Taking:
    """Knows the command help, and keeps what it was given."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    def read(self, message: Message, names: NameMatcher) -> CommandLine | None:
        command = command_in(message, "!", names)
        return command if command and command.name == "help" else None

    def take(self, message: Message, command: CommandLine) -> str:
        self.taken.append((message.author.name, command.argument))
        return "a command: help, done"


@virtual
async def test_a_command_has_passed_all_of_the_way_in() -> None:
    hand, taking = Stagehand(), Taking()
    hand.intake.commands = taking
    offer = await hand.chat("!help one", "nigger")
    assert (offer.outcome, offer.reason) == (MessageOutcome.DROPPED, "a command: help, done")
    assert taking.taken == [("someone", "one")], "its name was made safe"
    assert not len(hand.inbox)
    assert (await hand.chat("!help kill yourself")).outcome is not MessageOutcome.QUEUED
    await hand.chat("!help", "nightbot")
    await hand.chat("!uptime")
    hand.intake.retract(Retraction("test", id="early"))
    await hand.intake.offer(Message("early", "test", Author("ann", "ann"), "!help"))
    assert len(taking.taken) == 1
    assert {fate[0] for fate in hand.fates.values()} <= {"dropped", "refused", "held"}


@virtual
async def test_commands_are_taken_whatever_chat_is_answered() -> None:
    hand, taking = Stagehand(), Taking()
    hand.intake.commands = taking
    hand.intake.answer = "none"
    await hand.chat("!help")
    hand.intake.update(hand.intake.settings.model_copy(update={"answer_commands": True, "answer_bots": True}))
    await hand.chat("!help", "ben")
    await hand.chat("!help", "nightbot")
    await hand.chat("!help", kind=Kind.HOST)
    assert [name for name, _ in taking.taken] == ["ana", "ben"]

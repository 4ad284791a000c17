"""What the host writes into the chats: only what was heard wholly, where the streamer wants it, at a bounded rate."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count

import pytest
from loguru import logger

from bot.errors import QuotaError, Refused, TransientError
from bot.inbox.inbox import Choice
from bot.show.chat_replies import LONGEST, MAX_OTHERS, MAX_WAITING, WRITE_S, ChatReplies
from bot.show.turn import FinishedTurn, TurnPlan
from bot.sources.registry import SourceRegistry
from bot.sources.source import ChannelAction, SignInStep
from bot.telemetry.alarms import Alarms
from bot.telemetry.timeline import Timeline
from bot.types import Author, Health, Message, Retraction, Turn, TurnKind, TurnOutcome
from tests.support.moderators import make_moderator
from tests.support.virtual import virtual

_turns = count(1)


class Writer:
    """A platform that can be written to. ``fails`` is raised once for each entry, ``each_s`` is how long one takes."""

    can_sign_in = False
    renews = True

    def __init__(self, name: str, *, actions: frozenset[str] = frozenset({"send", "reply"})) -> None:
        self.name, self.actions = name, actions
        self.written: list[ChannelAction] = []
        self.fails: list[Exception] = []
        self.each_s = 0.0

    async def run(self) -> None: ...

    def retry_now(self) -> None: ...

    async def act(self, order: ChannelAction) -> str:
        await asyncio.sleep(self.each_s)
        if self.fails:
            raise self.fails.pop(0)
        self.written.append(order)
        return "sent"

    async def sign_in(self, show: Callable[[SignInStep], None], role: str = "bot") -> None: ...

    async def check(self) -> Health:
        return Health(ok=True, detail="")

    @property
    def texts(self) -> list[str]:
        return [order.text for order in self.written]


class Desk:
    """ChatReplies between finished turns and three platforms, of which one only reads."""

    def __init__(self, **wanted: str) -> None:
        self.twitch, self.web = Writer("twitch"), Writer("bilibili_web")
        self.open = Writer("bilibili_open", actions=frozenset())
        self.wanted = {"twitch": "off", "bilibili_web": "off", "bilibili_open": "off", **wanted}
        registry = SourceRegistry(Alarms(asyncio.get_running_loop().time))
        registry.sources = {s.name: s for s in (self.twitch, self.web, self.open)}
        self.replies = ChatReplies(registry, make_moderator(), lambda source: self.wanted.get(source, "off"))

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.replies.run())
            yield
            await asyncio.sleep(300)
            assert not running.done()
            running.cancel()


def line(source: str = "twitch", text: str = "what are we playing?", *, addressed: bool = False) -> Message:
    return Message(f"m{next(_turns)}", source, Author("77", "Ann"), text, addressed=addressed)


def past(
    text: str, *messages: Message, why: TurnKind = TurnKind.ANSWER, interrupted: bool = False, outcome: str = "answered"
) -> FinishedTurn:
    """Return a turn that is over, of which ``text`` was heard."""
    job = TurnPlan(why, Choice(messages, "ordinary", "from the chat") if messages else None)
    turn = Turn(f"t-{next(_turns)}", 1, messages, 0.0)
    timeline = Timeline(asyncio.get_running_loop().time)
    return FinishedTurn(turn, job, text, TurnOutcome(outcome), "", interrupted, timeline, dt.datetime.now(dt.UTC))


@contextlib.contextmanager
def logged() -> Iterator[list[str]]:
    """Keep the warnings and errors that are logged."""
    lines: list[str] = []
    number = logger.add(lambda m: lines.append(str(m)), level="WARNING", format="{message}")
    try:
        yield lines
    finally:
        logger.remove(number)


# --- who gets one ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("off", []), ("addressed", ["To you."]), ("all", ["To everybody.", "To you."])],
)
def test_the_setting_says_which_answers_are_written(wanted: str, expected: list[str]) -> None:
    @virtual
    async def scene() -> None:
        desk = Desk(twitch=wanted)
        async with desk.writing():
            desk.replies.turn_over(past("To everybody.", line()))
            desk.replies.turn_over(past("To you.", line(addressed=True)))
        assert desk.twitch.texts == expected

    scene()


@virtual
async def test_a_reply_hangs_on_the_message_that_it_answers() -> None:
    desk = Desk(twitch="all")
    first, second = line(), line(text="and after that?")
    async with desk.writing():
        desk.replies.turn_over(past("A puzzle, I think.", first, second))
    assert desk.twitch.written == [ChannelAction("reply", "77", first.id, "A puzzle, I think.")]


@virtual
async def test_the_setting_is_looked_up_for_each_answer() -> None:
    desk = Desk(twitch="off")
    async with desk.writing():
        desk.replies.turn_over(past("Not this one.", line()))
        desk.wanted["twitch"] = "all"
        desk.replies.turn_over(past("This one.", line()))
    assert desk.twitch.texts == ["This one."]


@virtual
async def test_what_was_cut_or_not_heard_or_is_no_answer_is_not_written() -> None:
    desk = Desk(twitch="all", bilibili_web="all")
    async with desk.writing():
        desk.replies.turn_over(past("Half of a sen", line(), interrupted=True, outcome="answered"))
        desk.replies.turn_over(past("", line(), outcome="put back"))
        desk.replies.turn_over(past("", line(), outcome="answered"))
        desk.replies.turn_over(past("Thank you, Ann!", line(), why="thanks"))
        desk.replies.turn_over(past("Words of the streamer.", why="say"))
        desk.replies.turn_over(past("How quiet it is.", why="line"))
        desk.replies.turn_over(past("Hello, you on the chat page.", line("local", addressed=True)))
        desk.replies.turn_over(past("This one alone.", line()))
    assert desk.twitch.texts == ["This one alone."]
    assert desk.web.written == []


@virtual
async def test_a_platform_without_the_right_to_write_is_left_alone() -> None:
    desk = Desk(twitch="all")
    desk.twitch.actions = frozenset({"delete"})
    async with desk.writing():
        desk.replies.turn_over(past("Nobody may write this.", line()))
        desk.twitch.actions = frozenset({"reply"})
        desk.replies.turn_over(past("Now it may.", line()))
    assert desk.twitch.texts == ["Now it may."]


@virtual
async def test_what_the_open_platform_heard_is_answered_by_the_account_of_the_web() -> None:
    desk = Desk(bilibili_open="all", bilibili_web="addressed")
    asked = line("bilibili_open", "小云，今天玩什么？", addressed=True)
    async with desk.writing():
        desk.replies.turn_over(past("今天玩解谜游戏。", asked))
        desk.replies.turn_over(past("没人叫我。", line("bilibili_open", "今天玩什么？")))
    assert [(o.action, o.message, o.text) for o in desk.web.written] == [("reply", asked.id, "今天玩解谜游戏。")]
    assert desk.open.written == []


@virtual
async def test_moderation_is_asked_again_for_the_whole_text() -> None:
    desk = Desk(twitch="all")
    with logged() as lines:
        async with desk.writing():
            desk.replies.turn_over(past("Honestly, kill yourself.", line()))
            desk.replies.turn_over(past("My number is 138 0013 8000, call me.", line()))
            desk.replies.turn_over(past("That was a great match.", line()))
    assert desk.twitch.texts == ["That was a great match."]
    assert sum("moderation" in text for text in lines) == 2
    assert not any("kill" in text or "138" in text for text in lines)


# --- how long one is ------------------------------------------------------------------------------


SENTENCES = "The lamp has nine lenses. Each is older than the last! Would you like to see the oldest? "


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("!addcom !free money", "addcom !free money"),
        ("/ban somebody", "ban somebody"),
        (" ！点歌 晴天", "点歌 晴天"),
        ("!!so bob", "so bob"),
        (".timeout bob", "timeout bob"),
        ("Well, !uptime says two hours.", "Well, !uptime says two hours."),
        ("!!! What a round.", "!!! What a round."),
        ("... I see.", "... I see."),
    ],
)
def test_no_reply_is_a_command_for_another_bot(said: str, written: str) -> None:
    @virtual
    async def look() -> None:
        desk = Desk(twitch="all")
        async with desk.writing():
            desk.replies.turn_over(past(said, line()))
        assert desk.twitch.texts == [written]

    look()


@virtual
async def test_a_long_answer_ends_with_a_sentence_that_fits() -> None:
    desk = Desk(twitch="all", bilibili_web="all")
    long, chinese = SENTENCES * 12, "这座灯塔有九面镜子。每一面都比前一面更老！你想看看最老的那一面吗？" * 8
    async with desk.writing():
        desk.replies.turn_over(past(long, line()))
        desk.replies.turn_over(past(chinese, line("bilibili_web")))
    (english,), (hanzi,) = desk.twitch.texts, desk.web.texts
    assert long.startswith(english)
    assert chinese.startswith(hanzi)
    assert english[-1] in ".!?"
    assert hanzi[-1] in "。！？"
    assert LONGEST["twitch"] - 40 < len(english) <= LONGEST["twitch"]
    assert LONGEST["bilibili_web"] - 20 < len(hanzi) <= LONGEST["bilibili_web"]


@virtual
async def test_a_sentence_that_fits_to_the_last_letter_is_kept() -> None:
    desk = Desk(bilibili_web="all")
    whole = "a" * 39 + ". " + "b" * 38 + "."
    assert len(whole) == LONGEST["bilibili_web"]
    async with desk.writing():
        desk.replies.turn_over(past(whole, line("bilibili_web")))
        desk.replies.turn_over(past(f"{whole} And more of it.", line("bilibili_web")))
        desk.replies.turn_over(past("好" * 79 + "。还有。", line("bilibili_web")))
    assert desk.web.texts == [whole, whole, "好" * 79 + "。"]


@virtual
async def test_without_a_sentence_it_is_cut_at_a_space_and_without_one_where_it_must() -> None:
    desk = Desk(bilibili_web="all")
    async with desk.writing():
        desk.replies.turn_over(past("lighthouse " * 20, line("bilibili_web")))
        desk.replies.turn_over(past("No. " + "lantern" * 40, line("bilibili_web")))
        desk.replies.turn_over(past("灯" * 200, line("bilibili_web")))
        desk.replies.turn_over(past("Some\n  white \t space.", line("bilibili_web")))
    spaced, unbroken, hanzi, plain = desk.web.texts
    assert spaced == " ".join(["lighthouse"] * 7)
    assert unbroken == ("No. " + "lantern" * 40)[:79] + "…"
    assert hanzi == "灯" * 79 + "…"
    assert plain == "Some white space."


# --- how it is written ----------------------------------------------------------------------------


@virtual
async def test_what_does_not_fit_into_the_queue_is_left_out() -> None:
    desk = Desk(twitch="all")
    for number in range(MAX_WAITING + 5):
        desk.replies.turn_over(past(f"Answer {number}.", line()))
    async with desk.writing():
        pass
    assert desk.twitch.texts == [f"Answer {number}." for number in range(MAX_WAITING)]


@virtual
async def test_an_error_of_the_platform_is_told_and_the_next_is_written() -> None:
    desk = Desk(twitch="all")
    desk.twitch.fails = [
        Refused("Twitch did not show it"),
        QuotaError("too many", provider="twitch", retry_after_s=5.0),
        TransientError("no connection", provider="twitch"),
        ValueError("a fault of ours"),
    ]
    with logged() as lines:
        async with desk.writing():
            for number in range(5):
                desk.replies.turn_over(past(f"Answer {number}.", line()))
    assert desk.twitch.texts == ["Answer 4."]
    for words in ("Twitch did not show it", "too many", "no connection", "a fault of ours"):
        assert sum(words in text for text in lines) == 1, words


@virtual
async def test_a_platform_that_never_answers_does_not_hold_up_the_others() -> None:
    desk = Desk(twitch="all", bilibili_web="all")
    desk.web.each_s = 1e6
    with logged() as lines:
        async with desk.writing():
            desk.replies.turn_over(past("等一下。", line("bilibili_web")))
            desk.replies.turn_over(past("Here already.", line()))
            async with asyncio.timeout(WRITE_S + 2):
                while not desk.twitch.written:
                    await asyncio.sleep(1)
    assert any("in time" in text for text in lines)


@virtual
async def test_an_answer_to_what_was_taken_back_meanwhile_is_not_written() -> None:
    desk = Desk(twitch="all")
    async with desk.writing():
        desk.twitch.each_s = 5
        first, second, third = line(), line(), Message("m-x", "twitch", Author("78", "Bo"), "and you?")
        for message, text in ((first, "First."), (second, "Second."), (third, "Third.")):
            desk.replies.turn_over(past(text, message))
        await asyncio.sleep(1)
        desk.replies.retracted(Retraction("twitch", id=second.id))
        await asyncio.sleep(20)
        assert desk.twitch.texts == ["First.", "Third."]
        desk.replies.turn_over(past("Fourth.", line()))
        desk.replies.retracted(Retraction("twitch", author="77"))
        await asyncio.sleep(20)
        assert desk.twitch.texts == ["First.", "Third."]


@virtual
async def test_a_slow_platform_keeps_no_other_waiting() -> None:
    desk = Desk(twitch="all", bilibili_web="all")
    async with desk.writing():
        desk.web.each_s = 40
        desk.replies.turn_over(past("慢。", line("bilibili_web")))
        await asyncio.sleep(1)
        desk.replies.turn_over(past("Quick.", line()))
        await asyncio.sleep(1)
        assert desk.twitch.texts == ["Quick."]
        assert desk.web.texts == []


# --- what the host did not say ----------------------------------------------------------------------


@virtual
async def test_a_line_of_another_part_is_written_whatever_is_set_for_answers() -> None:
    desk = Desk(twitch="off")
    asked = line()
    async with desk.writing():
        assert desk.replies.write("twitch", "Answered.", asked, instead="Answered.", worth_s=30)
        assert desk.replies.write("twitch", "On its own.", instead="On its own.", worth_s=30)
        assert not desk.replies.write("bilibili_sea", "Nowhere.", worth_s=30)
    assert desk.twitch.written == [
        ChannelAction("reply", "77", asked.id, "Answered."),
        ChannelAction("send", text="On its own."),
    ]


@virtual
async def test_moderation_judges_it_unless_it_is_the_owners_word() -> None:
    desk = Desk()
    async with desk.writing():
        bad = "Honestly, kill yourself."
        for instead in ("", "Something kind.", bad):
            desk.replies.write("twitch", bad, line(), instead=instead, worth_s=30)
    assert desk.twitch.texts == ["Something kind.", bad]


@virtual
async def test_other_lines_leave_room_for_the_hosts_answers_and_grow_old() -> None:
    desk = Desk(twitch="all")
    desk.twitch.each_s = 20
    took = [desk.replies.write("twitch", f"Other {n}.", line(), instead=f"Other {n}.", worth_s=30) for n in range(9)]
    assert took == [True] * MAX_OTHERS + [False] * (9 - MAX_OTHERS)
    desk.replies.turn_over(past("An answer of the host.", line()))
    async with desk.writing():
        await asyncio.sleep(100)
    assert desk.twitch.texts == ["Other 0.", "Other 1.", "An answer of the host."]


@virtual
async def test_an_answer_to_a_line_that_was_deleted_meanwhile_is_not_written() -> None:
    desk = Desk()
    asked = line()
    desk.replies.write("twitch", "Answered.", asked, instead="Answered.", worth_s=30)
    desk.replies.retracted(Retraction("twitch", id=asked.id))
    async with desk.writing():
        pass
    assert desk.twitch.texts == []


@virtual
async def test_a_page_of_ours_shows_it_soon() -> None:
    desk, page = Desk(), list[str]()
    desk.replies.pages["local"] = page.append
    bad = "Honestly, kill yourself."
    assert desk.replies.write("local", "Hello.", line("local"), instead="Hello.", worth_s=30)
    desk.replies.write("local", bad, line("local"), worth_s=30)
    desk.replies.write("local", bad, line("local"), instead="Something kind.", worth_s=30)
    await asyncio.sleep(0)
    assert page == ["Hello.", "Something kind."]
    assert desk.replies.chats == ["twitch", "bilibili_web", "local"]

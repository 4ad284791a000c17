"""The loop on the jumping clock: what is answered, what is heard, what is remembered, and how it fails."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Refused
from bot.inbox.inbox import Limits
from bot.persona.lines import Purpose
from bot.show.turn import Brief, HostPolicy, TurnPlan
from bot.types import Kind, Money, Retraction, TurnKind
from tests.fakes.stage_page import FakePage
from tests.support.harness import Stagehand
from tests.support.virtual import virtual


def words(text: str) -> str:
    return " ".join(text.split())


@virtual
async def test_a_line_is_answered_and_what_was_heard_is_remembered() -> None:
    hand = Stagehand()
    async with hand.on_air() as page:
        await hand.chat("hi Mira, what are we playing?")
        await hand.until(lambda: bool(hand.past), 30)
        past = hand.past[0]
        assert past.text == "Well hello there, thanks for dropping by tonight! Let us play something."
        assert hand.fates["m1"][0] == "answered"
        assert [e.heard for e in hand.history.latest(1000)] == [past.text]
        assert page.of("speak")[0]["emotion"] == "joy"
        assert "[joy]" not in str(page.messages)
        turn = hand.ledger.turns[past.turn.id]
        assert turn["state"] == "completed"
        assert past.timeline.ms("first_audio") == pytest.approx(200 + 3 * 25 + 100, abs=15)


@virtual
async def test_clauses_follow_each_other_without_a_gap() -> None:
    hand = Stagehand()
    hand.llm.reply_text = "One thing first, my friends. Then another thing that is longer. And then the last of all."
    async with hand.on_air() as page:
        await hand.chat("tell me things")
        await hand.until(lambda: bool(hand.past), 30)
        sent: dict[int, tuple[float, float]] = {}
        for at, _, clause, size in page.frames:
            begin, seconds = sent.get(clause, (at, 0.0))
            sent[clause] = (begin, seconds + size / 2 / 24_000)
        ends = sent[0][0]
        for begin, seconds in (sent[i] for i in sorted(sent)):
            assert begin <= ends + 0.05 or begin == sent[0][0]
            ends = max(ends, begin) + seconds


@virtual
async def test_stop_is_sticky_and_silences_at_once() -> None:
    hand = Stagehand()
    hand.llm.reply_text = "This is a very long story about a lighthouse, " * 8
    async with hand.on_air() as page:
        await hand.chat("tell me a story")
        await hand.until(lambda: len(hand.stage.heard()) > 30, 30)
        hand.show.stop("stopped by the operator")
        began = asyncio.get_running_loop().time()
        await hand.until(lambda: bool(hand.past), 1)
        assert asyncio.get_running_loop().time() - began < 0.06
        assert hand.past[0].interrupted
        assert 0 < len(hand.past[0].text) < 120
        assert hand.past[0].text in hand.llm.reply_text
        await hand.chat("are you there?", "bob")
        await asyncio.sleep(20)
        assert len(hand.past) == 1
        assert page.of("state")[-1]["state"] == "stopped"
        with pytest.raises(Refused):
            hand.show.say("hello")
        hand.show.rearm()
        await hand.until(lambda: len(hand.past) == 2, 60)


@virtual
async def test_skip_goes_on_with_the_next() -> None:
    hand = Stagehand()
    async with hand.on_air():
        await hand.chat("first question?", "ana")
        await hand.chat("second question!", "bob")
        await hand.until(lambda: len(hand.stage.heard()) > 5, 30)
        assert hand.show.skip()
        await hand.until(lambda: len(hand.past) == 2, 30)
        assert hand.past[0].interrupted
        assert not hand.past[1].interrupted
        assert hand.llm.prompts[1].lines[-2].text.endswith("…")


@virtual
async def test_a_deleted_message_silences_its_answer_and_leaves_memory() -> None:
    hand = Stagehand()
    async with hand.on_air():
        await hand.chat("something to be deleted", "ana")
        await hand.until(lambda: len(hand.stage.heard()) > 5, 30)
        began = asyncio.get_running_loop().time()
        hand.show.retracted(Retraction(id="m1"))
        await hand.until(lambda: bool(hand.past), 1)
        assert asyncio.get_running_loop().time() - began < 0.1
        assert len(hand.history) == 0


@virtual
async def test_a_gift_is_thanked_for_once() -> None:
    hand = Stagehand()
    async with hand.on_air():
        await hand.chat("", "ana", Kind.GIFT, Money(500, "USD"))
        await hand.until(lambda: bool(hand.past), 30)
        assert "ana" in hand.past[0].text.lower()
        assert hand.fates["m1"][0] == "answered"
        from bot.types import Author, Message  # noqa: PLC0415

        again = await hand.intake.offer(Message("m1", "test", Author("ana", "ana"), "", Kind.GIFT, Money(500, "USD")))
        assert again.outcome == "dropped"
        await asyncio.sleep(30)
        assert len(hand.past) == 1


@virtual
async def test_a_gift_waits_while_nobody_listens_and_chat_expires() -> None:
    hand = Stagehand(limits=Limits(ttl_s=60))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(hand.show.run())
        await hand.chat("nobody will hear the answer")
        await hand.chat("", "bob", Kind.SUPER_CHAT, Money(1000, "JPY"))
        await asyncio.sleep(300)
        assert hand.fates["m1"][0] == "expired"
        async with FakePage().open(hand.stage):
            await hand.until(lambda: bool(hand.past), 30)
            assert hand.fates["m2"][0] == "answered"
        hand.floor.close()
        await running


@pytest.mark.parametrize(
    ("mode", "purpose", "within"),
    [
        ("down", Purpose.NO_LLM, 1.0),
        ("nothing", Purpose.LOST_THREAD, 1.5),
        ("garbage", Purpose.LOST_THREAD, 12.0),
        ("hang", Purpose.THINKING, 3.0),
        ("dies", Purpose.LOST_THREAD, 10.0),
    ],
)
def test_a_failing_model_ends_in_a_prepared_line(mode: str, purpose: Purpose, within: float) -> None:
    @virtual
    async def run() -> None:
        hand = Stagehand()
        hand.llm.mode = mode
        async with hand.on_air() as page:
            await hand.chat("hello?")
            began = asyncio.get_running_loop().time()
            await hand.until(lambda: bool(page.frames), within)
            assert asyncio.get_running_loop().time() - began <= within
            await hand.until(lambda: bool(hand.past), 60)
            said = words(hand.past[0].text)
            script = hand.persona.lines.script["en"][purpose]
            assert any(words(line.split("]")[-1])[-15:] in said for line in script), said
            assert "error" not in said.lower()
            assert hand.failures
            assert hand.fates["m1"][0] == "answered"

    run()


@virtual
async def test_an_endless_reply_is_cut() -> None:
    hand = Stagehand()
    hand.llm.mode = "endless"
    async with hand.on_air():
        await hand.chat("go on")
        await hand.until(lambda: bool(hand.past), 120)
        assert 200 < len(hand.past[0].text) <= 640
        assert hand.llm.cancelled == 1


@virtual
async def test_without_a_voice_there_are_captions() -> None:
    hand = Stagehand()
    hand.tts.mode = "down"
    async with hand.on_air() as page:
        await hand.chat("hello?")
        await hand.until(lambda: bool(hand.past), 30)
        assert not page.frames
        assert hand.past[0].text.startswith("Well hello there")
        assert all(m["rate"] == 0 for m in page.of("speak"))


@virtual
async def test_a_voice_that_breaks_off_does_not_stall_the_chain() -> None:
    hand = Stagehand()
    hand.tts.mode = "cuts"
    async with hand.on_air():
        await hand.chat("hello?")
        await hand.until(lambda: bool(hand.past), 30)
        assert "Well" in hand.past[0].text
        assert hand.past[0].text != "Well hello there, thanks for dropping by tonight! Let us play something."


@virtual
async def test_a_page_that_never_comes_back_leaves_what_was_heard() -> None:
    hand = Stagehand()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(hand.show.run())
        async with FakePage().open(hand.stage):
            await hand.chat("hello?")
            await hand.until(lambda: len(hand.stage.heard()) > 10, 30)
        await hand.until(lambda: bool(hand.past), 10)
        assert hand.past[0].interrupted
        assert hand.past[0].text
        assert len(hand.past[0].text) < 60
        hand.floor.close()
        await running


@virtual
async def test_greeting_and_idle_life() -> None:
    hand = Stagehand(manners=HostPolicy(greeting=True, idle_after_s=60))
    async with hand.on_air():
        await hand.until(lambda: len(hand.past) == 1, 20)
        first = asyncio.get_running_loop().time()
        await hand.until(lambda: len(hand.past) == 2, 120)
        assert asyncio.get_running_loop().time() - first >= 60


@virtual
async def test_turns_of_which_nothing_is_heard_end_no_quiet() -> None:
    hand = Stagehand(manners=HostPolicy(greeting=True, idle_after_s=60))
    clock = asyncio.get_running_loop().time
    async with hand.on_air():
        await hand.until(lambda: len(hand.past) == 1, 20)
        quiet_since = clock()
        hand.llm.mode = "down"
        for after in (20, 40, 58):
            await asyncio.sleep(quiet_since + after - clock())
            hand.show.order(TurnPlan(TurnKind.SEGMENT, brief=Brief("Talk about the sea.")))
        await hand.until(lambda: len(hand.past) == 4, 20)
        assert [past.text for past in hand.past[1:]] == ["", "", ""]
        await hand.until(lambda: bool(hand.stage.heard()), 30)
        assert 60 <= clock() - quiet_since < 66


@virtual
async def test_the_operator_speaks_through_moderation() -> None:
    hand = Stagehand()
    async with hand.on_air() as page:
        hand.show.say("Good evening everyone, we start in five minutes.")
        await hand.until(lambda: bool(hand.past), 30)
        assert hand.past[0].text == "Good evening everyone, we start in five minutes."
        hand.show.say("I will kill you and your family.")
        await hand.until(lambda: len(hand.past) == 2, 30)
        assert "kill you" not in str(page.messages)


@virtual
async def test_hundreds_of_turns_leave_nothing_behind() -> None:
    hand = Stagehand(limits=Limits(per_viewer=3))
    hand.llm.reply_text = "Alright then, here we go."
    async with hand.on_air():
        for n in range(300):
            await hand.chat(f"question number {n} about topic {n * 7919 % 1000}?", f"viewer{n}")
            await asyncio.sleep(4)
        await hand.quiet()
        assert len(hand.fates) == 300
        assert sum(o == "answered" for o, _ in hand.fates.values()) > 250
        assert len(asyncio.all_tasks()) < 8


@virtual
async def test_many_who_ask_the_same_get_one_answer_that_says_so() -> None:
    hand = Stagehand()
    async with hand.on_air():
        await hand.chat("tell me a story")
        await hand.until(lambda: bool(hand.stage.heard()), 30)
        for number in range(5):
            await hand.chat(f"what game are we playing tonight{'?' * number}", f"viewer{number}")
        await hand.quiet()
        assert len(hand.past) == 2
        templates = hand.persona.lines.script["en"][Purpose.MANY_ASK]
        plain = {line.partition("] ")[2].replace("{count}", "5") for line in templates}
        assert any(hand.past[1].text.startswith(line) for line in plain)
        assert sum(fate[0] == "folded" for fate in hand.fates.values()) == 4

"""Answers that are begun early, the first sound before them, and what is answered at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from bot.errors import TransientError
from bot.show.cohost.settings import AnswerMode, CohostSettings
from bot.show.cohost.speculation import agree
from bot.types import Delta, Kind, Money, Prompt, Tool, TurnKind
from tests.support.harness import ScriptedLlm, Stagehand
from tests.support.streamer import Mic, beside
from tests.support.virtual import virtual

ASKED = "Mira, what do you think of this car?"


def now() -> float:
    return asyncio.get_running_loop().time()


async def first_sound(hand: Stagehand, mic: Mic, text: str = ASKED, early: str | None = None) -> float:
    """Ask something; return the seconds from the commit to the first sound."""
    mic.begin()
    await asyncio.sleep(1)
    await mic.pause(early or text)
    await asyncio.sleep(0.4)
    mic.end(text)
    began = now()
    await hand.until(lambda: hand.show.on_air is not None and hand.show.on_air.sounded, 20)
    return now() - began


@virtual
async def test_an_answer_that_was_begun_early_is_heard_sooner_and_asked_for_once() -> None:
    took = {}
    for speculate in (True, False):
        hand = Stagehand()
        hand.llm.first_s = 0.4
        mic = Mic(hand, cohost=CohostSettings(speculate=speculate, first_sound=False))
        async with beside(mic):
            took[speculate] = await first_sound(hand, mic)
            await hand.quiet()
            assert len(hand.llm.prompts) == 1
            assert hand.past[0].text == "Well hello there, thanks for dropping by tonight! Let us play something."
            drafts = mic.streamer.answers.drafts
            assert (drafts.begun, drafts.used, drafts.thrown_away) == ((1, 1, 0) if speculate else (0, 0, 0))
    assert took[True] <= took[False] - 0.35
    assert took[True] <= 0.2


@virtual
@pytest.mark.parametrize(
    "final", ["Mira, what do you think of that other one there?", "Mira, what don't you think of this car?"]
)
async def test_an_answer_to_other_words_is_thrown_away_and_never_heard(final: str) -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic):
        await first_sound(hand, mic, final, early=ASKED)
        await hand.quiet()
        assert len(hand.past) == 1
        assert len(hand.llm.prompts) == 2
        assert final in hand.llm.prompts[1].lines[-1].text.replace("\\u2019", "'")
        drafts = mic.streamer.answers.drafts
        assert (drafts.used, drafts.thrown_away) == (0, 1)
        assert drafts.characters_thrown_away > 0
        assert len(hand.history.latest(1000)) == 1


@virtual
async def test_an_early_decision_that_is_withdrawn_leaves_nothing() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic):
        mic.begin()
        await asyncio.sleep(1)
        await mic.pause(ASKED)
        await asyncio.sleep(0.1)
        mic.go_on()
        await asyncio.sleep(0.5)
        assert hand.llm.cancelled == 1
        mic.end(None)
        await asyncio.sleep(10)
        assert not hand.past
        assert mic.streamer.answers.drafts.thrown_away == 1


@virtual
async def test_an_early_answer_is_stale_once_something_else_was_heard() -> None:
    hand = Stagehand()
    mic = Mic(hand, cohost=CohostSettings(first_sound=False))
    async with beside(mic):
        await hand.chat("", kind=Kind.SUPER_CHAT, amount=Money(50_00, "USD"))
        await hand.until(lambda: len(hand.stage.heard()) > 5, 30)
        mic.begin()
        await asyncio.sleep(0.6)
        await mic.pause(ASKED)
        await asyncio.sleep(0.3)
        mic.end(ASKED)  # the thanks are said to their end, and are part of what the answer must know
        await hand.until(lambda: len(hand.past) == 2, 60)
        assert hand.past[1].plan.kind is TurnKind.STREAMER
        assert len(hand.llm.prompts) == 2
        assert hand.past[0].text in hand.llm.prompts[1].lines[-2].text
        assert mic.streamer.answers.drafts.thrown_away == 1


@dataclass
class Broken(ScriptedLlm):
    """Fails at the first reply in its middle."""

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        if not self.prompts:
            self.prompts.append(prompt)
            yield Delta("Well")
            raise TransientError("cut")
        async for delta in super().reply(prompt, tools):
            yield delta


@virtual
async def test_a_draft_that_failed_costs_a_second_request_alone() -> None:
    hand = Stagehand()
    hand.llm = hand.show.composer.llm = Broken()
    mic = Mic(hand)
    async with beside(mic):
        await first_sound(hand, mic)
        await hand.quiet()
        assert [t.outcome for t in hand.past] == ["said"]
        assert hand.past[0].text.endswith("Let us play something.")


# --- the first sound --------------------------------------------------------------------------------


@virtual
async def test_a_short_sound_comes_when_the_answer_takes_longer_and_is_part_of_its_turn() -> None:
    hand = Stagehand()
    hand.llm.first_s = 1.5
    mic = Mic(hand, cohost=CohostSettings(speculate=False))
    async with beside(mic) as page:
        assert await first_sound(hand, mic) == pytest.approx(0.5 + 0.1, abs=0.05)
        await hand.quiet()
        spoken = page.of("speak")
        assert len({m["epoch"] for m in spoken}) == 1
        assert len(spoken[0]["text"]) < 20
        assert spoken[1]["text"].startswith("Well hello there")
        assert hand.past[0].text == " ".join(m["text"] for m in spoken)


@virtual
async def test_the_sound_is_made_at_once_where_answers_are_known_to_take_long() -> None:
    hand = Stagehand()
    hand.llm.first_s = 1.5
    mic = Mic(hand, cohost=CohostSettings(speculate=False))
    async with beside(mic):
        took = []
        for first_s in (1.5, 0.8, 0.2, 0.2, 1.5):
            hand.llm.first_s = first_s
            took.append(await first_sound(hand, mic))
            await hand.quiet()
    assert took == pytest.approx([0.6, 0.1, 0.1, 0.1, 0.6], abs=0.05), "one quick answer of three changes nothing"


@virtual
async def test_no_sound_comes_before_an_answer_that_is_ready() -> None:
    hand = Stagehand()
    mic = Mic(hand, cohost=CohostSettings(speculate=False))
    async with beside(mic) as page:
        await first_sound(hand, mic)
        await hand.quiet()
        assert page.of("speak")[0]["text"].startswith("Well hello there")


@virtual
@pytest.mark.parametrize("mode", ["down", "nothing", "garbage"])
async def test_the_first_sound_never_stays_alone(mode: str) -> None:
    hand = Stagehand()
    hand.llm.first_s, hand.llm.mode = 1.5, mode
    mic = Mic(hand, cohost=CohostSettings(speculate=False))
    async with beside(mic) as page:
        await first_sound(hand, mic)
        await hand.quiet()
        assert len("".join(m["text"] for m in page.of("speak"))) > 20
        assert len(hand.past) == 1


@virtual
async def test_the_first_sound_passes_moderation() -> None:
    hand = Stagehand()
    hand.llm.first_s = 1.5
    mic = Mic(hand, cohost=CohostSettings(speculate=False))
    judged: list[str] = []
    check = hand.moderator.check

    def watched(text: str, context: object) -> object:
        judged.append(text)
        return check(text, context)  # type: ignore[arg-type]

    hand.show.performance._outbound.judge = type("Judge", (), {"check": staticmethod(watched)})()
    async with beside(mic) as page:
        await first_sound(hand, mic)
        await hand.quiet()
        assert page.of("speak")[0]["text"] in judged


# --- what is answered --------------------------------------------------------------------------------


async def answered(
    answer: AnswerMode, text: str, *, says: str = "", talkativeness: float = 0.5, before: str = ""
) -> bool:
    hand = Stagehand()
    mic = Mic(hand, cohost=CohostSettings(answer=answer, talkativeness=talkativeness, speculate=False))
    async with beside(mic):
        if before:
            await mic.say(before)
            await hand.until(lambda: bool(hand.past), 60)
        if says:
            hand.llm.reply_text = says
        count = len(hand.past)
        await mic.say(text)
        await asyncio.sleep(1.5)
        return len(hand.past) > count or hand.show.on_air is not None


@pytest.mark.parametrize(
    ("mode", "text", "expected"),
    [
        (AnswerMode.NAMED, "Meera, did you see that?", True),
        (AnswerMode.NAMED, "What is the cat doing over there?", False),
        (AnswerMode.ALWAYS, "What is the cat doing over there?", True),
        (AnswerMode.BUTTON, "Mira, did you see that?", False),
        (AnswerMode.ALWAYS, "Okay, right.", False),
    ],
)
@virtual
async def test_the_mode_says_what_is_answered(mode: AnswerMode, text: str, expected: bool) -> None:
    assert await answered(mode, text) is expected


@pytest.mark.parametrize(("dial", "expected"), [(0.0, False), (1.0, True)])
@virtual
async def test_the_dial_says_how_many_remarks_are_answered(dial: float, expected: bool) -> None:
    assert await answered(AnswerMode.ALWAYS, "I went to the shop again today.", talkativeness=dial) is expected


@pytest.mark.parametrize(
    ("says", "text", "expected"),
    [
        ("yes", "I wonder where that red key was.", True),
        ("no", "What are you doing up there, kitty?", False),
        ("maybe so", "Are you coming along to the next one?", True),  # by the words, since the model does not say
        ("maybe so", "That one was rather hard to find.", False),
    ],
)
@virtual
async def test_the_model_judges_whether_it_is_asked(says: str, text: str, expected: bool) -> None:
    assert await answered(AnswerMode.ASKED, text, says=says) is expected


@virtual
async def test_a_model_that_does_not_judge_in_time_leaves_it_to_the_words() -> None:
    hand = Stagehand()
    hand.llm.mode = "hang"
    mic = Mic(hand, cohost=CohostSettings(answer=AnswerMode.ASKED))
    async with beside(mic):
        await mic.say("That one was rather hard to find.")
        await asyncio.sleep(2)
        assert not hand.past
        assert hand.show.on_air is None
        assert list(mic.streamer.answers.remarks()) == ["That one was rather hard to find."]


@virtual
async def test_a_question_needs_no_name_shortly_after_an_answer() -> None:
    assert await answered(AnswerMode.NAMED, "And which one is faster?", before=ASKED)
    assert not await answered(AnswerMode.NAMED, "The cat sat down again.", before=ASKED)


@virtual
async def test_the_button_answers_what_is_being_said_or_was_said_just_now() -> None:
    hand = Stagehand()
    mic = Mic(hand, cohost=CohostSettings(answer=AnswerMode.BUTTON, button_s=10))
    async with beside(mic):
        assert not mic.streamer.press()
        await mic.say("That one was rather hard to find.")
        await asyncio.sleep(2)
        assert not hand.past
        assert mic.streamer.press()
        await hand.until(lambda: len(hand.past) == 1, 30)
        mic.begin()
        await asyncio.sleep(0.5)
        assert mic.streamer.press()
        mic.end("And this one too.")
        await hand.until(lambda: len(hand.past) == 2, 30)
        await mic.say("Nobody asked for this.")
        await asyncio.sleep(11)
        assert not mic.streamer.press()


@pytest.mark.parametrize(
    ("early", "final", "same"),
    [
        ("what do you think", "What do you think?", True),
        ("what do you think of the red car over there", "what do you think of the red car over their", True),
        ("do you like it", "don't you like it", False),
        ("i can see the whole city from up here mira", "i cannot see the whole city from up here mira", False),
        ("你喜欢这辆车吗小云你看一下", "你不喜欢这辆车吗小云你看一下", False),
        ("", "", False),
    ],
)
def test_two_texts_agree_when_they_say_the_same(early: str, final: str, same: bool) -> None:
    assert agree(early, final, 0.9) is same

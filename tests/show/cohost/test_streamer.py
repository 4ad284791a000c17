"""The streamer beside the host, on the jumping clock: who speaks, who gives way, and what is answered."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from bot.show.cohost.settings import AnswerMode, CohostSettings
from bot.show.cohost.streamer import LIKELY_S
from bot.show.floor import StreamerVoice
from bot.show.floor_settings import FloorSettings
from bot.show.turn import HostPolicy
from bot.types import CutKind, Kind, Money, TurnKind
from tests.support.harness import Stagehand
from tests.support.streamer import Mic, beside
from tests.support.virtual import virtual

TALE = (
    "Once there was a lighthouse on a rock, and the keeper of it had a cat, and the cat was very proud of it all. "
    "Each evening they climbed up to the lamp together, while the sea below was singing. Then a ship without a name "
    "came by, which carried nothing but oranges. The keeper bought twelve of them, and paid with a song about the wind."
)


def now() -> float:
    return asyncio.get_running_loop().time()


async def telling(hand: Stagehand, chars: int = 30) -> None:
    """Let the host tell a long story, until so much of it was heard."""
    hand.llm.reply_text = TALE
    await hand.chat("tell me a story")
    await hand.until(lambda: len(hand.stage.heard()) >= chars, 30)


@virtual
async def test_what_names_the_host_is_answered_and_remembered_as_the_streamers() -> None:
    hand = Stagehand(streamer="Ada")
    mic = Mic(hand, cohost=CohostSettings(streamer="Ada"))
    async with beside(mic):
        await mic.say("Mira, what do you think of this car?")
        await hand.until(lambda: bool(hand.past), 30)
        turn = hand.past[0]
        assert turn.plan.kind is TurnKind.STREAMER
        assert turn.text.startswith("Well hello there")
        asked = hand.history.latest(1000)[0].asked[0]
        assert (asked.source, asked.text) == ("streamer", "Mira, what do you think of this car?")
        assert hand.ledger.turns[turn.turn.id]["ids"] == []
        assert (
            '{"streamer": "Ada", "says": "Mira, what do you think of this car?"}' in hand.llm.prompts[0].lines[-1].text
        )
        assert "beside the streamer" in hand.llm.prompts[0].lines[0].text
        await hand.chat("hello Mira")
        await hand.until(lambda: len(hand.past) == 2, 60)
        asked_before = [line.text for line in hand.llm.prompts[-1].lines if line.role == "user"]
        assert '"streamer": "Ada"' in asked_before[0]
        assert '"name": "ana"' in asked_before[-1]


@virtual
async def test_a_remark_is_kept_in_mind_and_not_answered() -> None:
    hand = Stagehand(streamer="Ada")
    mic = Mic(hand)
    async with beside(mic):
        await mic.say("I should really clean this desk one day.")
        await asyncio.sleep(5)
        assert not hand.past
        await hand.chat("hi Mira")
        await hand.until(lambda: bool(hand.past), 30)
        assert "clean this desk" in hand.llm.prompts[0].lines[-1].text
        assert "said_before" in hand.llm.prompts[0].lines[-1].text


@virtual
async def test_nothing_begins_while_the_streamer_speaks_and_waits_no_longer_than_the_grace() -> None:
    hand = Stagehand()
    mic = Mic(hand, floor=FloorSettings(grace_s=0.6))
    async with beside(mic) as page:
        mic.begin()
        await asyncio.sleep(1)
        await hand.chat("hi Mira, can you hear me?")
        await asyncio.sleep(3)
        assert not page.of("speak")
        mic.end("Well I was talking to somebody else here.")
        over = now()
        await hand.until(lambda: bool(page.of("speak")), 5)
        assert 0.6 <= now() - over <= 1.2


@virtual
async def test_an_answer_that_was_thought_of_waits_ready_and_is_not_thought_of_twice() -> None:
    hand = Stagehand()
    hand.llm.first_s = 1.0
    mic = Mic(hand)
    async with beside(mic) as page:
        await hand.chat("hi Mira, can you hear me?")
        await asyncio.sleep(0.5)
        mic.begin()
        await asyncio.sleep(3)
        assert not page.of("speak")
        mic.end("That was for the cat, you know.")
        over = now()
        await hand.until(lambda: bool(page.of("speak")), 5)
        assert now() - over == pytest.approx(0.6, abs=0.1)
        assert len(hand.llm.prompts) == 1


@virtual
async def test_a_turn_that_waits_too_long_for_the_streamer_waits_again() -> None:
    hand = Stagehand()
    mic = Mic(hand, floor=FloorSettings(hold_s=4))
    async with beside(mic):
        await hand.chat("hi Mira, can you hear me?")
        await asyncio.sleep(0.01)
        mic.begin()
        for word in range(20):
            mic.heard("word " * (word + 1))
            await asyncio.sleep(0.5)
        assert [t.cut for t in hand.past] == [CutKind.BARGED_IN]
        assert len(hand.inbox) == 1
        mic.end("word " * 20)
        await hand.until(lambda: len(hand.past) == 2, 30)
        assert hand.past[1].outcome == "answered"


@virtual
async def test_the_host_is_ducked_at_once_and_cut_when_the_streamer_goes_on() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic) as page:
        await telling(hand)
        began = now()
        mic.begin()
        await asyncio.sleep(0.01)
        assert page.gains
        assert page.gains[0][0] - began <= 0.01
        assert page.gains[0][2] == pytest.approx(0.2, abs=0.01)
        await hand.until(lambda: bool(hand.past), 2)
        assert now() - began <= 0.55
        turn = hand.past[0]
        assert turn.cut is CutKind.BARGED_IN
        played = sum(page.heard_ms.values()) / 1000
        said = TALE[: int(played * 14)]
        assert abs(len(turn.text.split()) - len(said.split())) <= 1
        assert hand.history.latest(1000)[-1].heard == turn.text
        assert hand.history.latest(1000)[-1].interrupted


@virtual
async def test_what_may_be_a_voice_ducks_the_host_and_a_click_costs_it_a_moment() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic) as page:
        await telling(hand)
        mic.perhaps_begin()
        await asyncio.sleep(0.01)
        assert [gain for _, _, gain in page.gains] == [pytest.approx(0.2, abs=0.01)]
        await asyncio.sleep(LIKELY_S)
        assert [gain for _, _, gain in page.gains][1:] == [1.0]
        await asyncio.sleep(2)
        assert not hand.past
        assert (mic.streamer.counts.ducked, mic.streamer.counts.resumed) == (0, 0)


@virtual
@pytest.mark.parametrize("unsure", ["duck", "pause"])
async def test_a_voice_that_begins_keeps_the_host_ducked(unsure: Literal["duck", "pause"]) -> None:
    hand = Stagehand()
    mic = Mic(hand, floor=FloorSettings(while_unsure=unsure))
    async with beside(mic) as page:
        await telling(hand)
        mic.perhaps_begin()
        await asyncio.sleep(0.07)
        mic.begin()
        await asyncio.sleep(0.4)
        assert [round(gain, 1) for _, _, gain in page.gains] == [0.2] if unsure == "duck" else [0.2, 0.0]
        assert mic.streamer.counts.ducked == 1
        await hand.until(lambda: bool(hand.past), 2)
        assert hand.past[0].cut is CutKind.BARGED_IN


@virtual
@pytest.mark.parametrize("word", ["stop", "Mira, stop.", "wait wait", "等一下", "待って"])
async def test_an_order_cuts_however_short_it_was(word: str) -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic):
        await telling(hand)
        mic.begin()
        await asyncio.sleep(0.3)
        mic.fall_silent()
        await asyncio.sleep(0.1)
        mic.heard(word)
        await hand.until(lambda: bool(hand.past), 0.1)
        assert hand.past[0].cut is CutKind.BARGED_IN
        mic.end(word)
        await asyncio.sleep(10)
        assert len(hand.past) == 1  # an order that was carried out needs no answer


@virtual
@pytest.mark.parametrize("pause", ["duck", "pause"])
async def test_a_cough_loses_nothing_and_says_nothing_twice(pause: str) -> None:
    hand = Stagehand()
    mic = Mic(hand, floor=FloorSettings.model_validate({"while_unsure": pause}))
    async with beside(mic) as page:
        await telling(hand)
        ended: list[float] = []
        for seconds in (0.1, 0.3, 0.42):
            before = len(page.gains)
            began = now()
            await mic.cough(seconds)
            ups = [at for at, _, gain in page.gains[before:] if gain == 1.0]
            ended.append(ups[0] - began - seconds)
            await asyncio.sleep(1)
        assert all(s <= 0.3 for s in ended), ended
        await hand.until(lambda: bool(hand.past), 120)
        turn = hand.past[0]
        assert not turn.interrupted
        told = " ".join(m["text"].strip() for m in page.of("speak"))
        assert turn.text == told == TALE  # every clause once, and each to its end
        assert mic.streamer.counts.cut == 0
        assert page.gains[-1][2] == 1.0


@virtual
@pytest.mark.parametrize("words", ["mm-hmm", "Yeah, right.", "haha", "嗯嗯", "なるほど"])
async def test_a_murmur_does_not_interrupt_and_gets_no_answer(words: str) -> None:
    hand = Stagehand()
    mic = Mic(hand, cohost=CohostSettings(answer=AnswerMode.ALWAYS, talkativeness=1))
    async with beside(mic) as page:
        await telling(hand)
        await mic.say(words, 0.45)
        await asyncio.sleep(1)
        assert page.gains[-1][2] == 1.0
        assert not hand.past
        await hand.until(lambda: bool(hand.past), 120)
        assert not hand.past[0].interrupted
        await asyncio.sleep(5)
        assert len(hand.past) == 1


@virtual
async def test_thanks_for_money_are_finished_ducked_and_come_back_up() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic) as page:
        await hand.chat("", kind=Kind.SUPER_CHAT, amount=Money(50_00, "USD"))
        await hand.until(lambda: len(hand.stage.heard()) > 5, 30)
        mic.begin()
        await asyncio.sleep(1.2)
        mic.end("So as I was saying before that.")
        await hand.until(lambda: bool(hand.past), 30)
        assert hand.past[0].plan.kind is TurnKind.THANKS
        assert not hand.past[0].interrupted
        assert hand.fates["m1"][0] == "answered"
        assert [round(gain, 1) for _, _, gain in page.gains] == [0.2, 1.0]
        assert mic.streamer.counts.finished_ducked == 1


@virtual
async def test_thanks_that_nobody_heard_yet_wait_for_the_streamer() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic) as page:
        mic.begin()
        await asyncio.sleep(0.6)
        await hand.chat("", kind=Kind.SUPER_CHAT, amount=Money(50_00, "USD"))
        await asyncio.sleep(2)
        assert not page.of("speak")
        mic.end("So as I was saying before that.")
        await hand.until(lambda: bool(hand.past), 30)
        assert hand.fates["m1"][0] == "answered"


@virtual
async def test_what_the_streamer_adds_before_the_answer_is_heard_is_answered_together() -> None:
    hand = Stagehand()
    hand.llm.first_s = 2.0
    mic = Mic(hand, cohost=CohostSettings(first_sound=False, speculate=False))
    async with beside(mic):
        await mic.say("Mira, which car do you like?")
        await asyncio.sleep(0.5)
        await mic.say("Mira, I mean of those two there.")
        await hand.until(lambda: any(t.text for t in hand.past), 60)
        heard = [t for t in hand.past if t.text]
        assert len(heard) == 1
        said = heard[0].plan.answer.said.text if heard[0].plan.answer else ""
        assert said == "Mira, which car do you like? Mira, I mean of those two there."
        await asyncio.sleep(20)
        assert len([t for t in hand.past if t.text]) == 1


@virtual
async def test_ears_that_are_closed_in_the_middle_forget_what_was_in_flight() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic):
        await telling(hand)
        mic.begin()
        await asyncio.sleep(0.1)
        mic.heard("Mira, my password is")
        await asyncio.sleep(0.1)
        mic.end(None)
        await asyncio.sleep(3)
        assert hand.floor.voice is StreamerVoice.SILENT
        assert not mic.streamer.answers.remarks()
        assert not any("password" in line.text for prompt in hand.llm.prompts for line in prompt.lines)


@virtual
async def test_a_gap_between_two_words_is_no_end_and_a_word_after_a_cough_is_heard() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic) as page:
        await telling(hand)
        mic.begin()
        for _ in range(3):
            await asyncio.sleep(0.15)
            mic.fall_silent()
            await asyncio.sleep(0.08)
            mic.sound_again()
        assert hand.floor.voice is StreamerVoice.SPEAKING or not hand.past
        await hand.until(lambda: bool(hand.past), 0.2)
        assert hand.past[0].cut is CutKind.BARGED_IN
        mic.end("No I mean the other one.")
        await hand.chat("go on with it")
        await hand.until(lambda: hand.show.on_air is not None and hand.show.on_air.sounded, 30)
        await asyncio.sleep(1)
        mic.begin()
        await asyncio.sleep(0.2)
        mic.fall_silent()
        await asyncio.sleep(0.5)
        assert page.gains[-1][2] == 1.0  # it was a cough
        mic.sound_again()
        await asyncio.sleep(0.1)
        assert page.gains[-1][2] < 0.5
        await hand.until(lambda: len(hand.past) == 2, 0.6)
        assert hand.past[1].cut is CutKind.BARGED_IN


@virtual
async def test_panic_while_ducked_silences_and_stays() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic):
        await telling(hand)
        mic.begin()
        await asyncio.sleep(0.1)
        hand.show.stop("panic")
        await hand.until(lambda: bool(hand.past), 1)
        assert hand.past[0].cut is CutKind.STOPPED
        mic.end("Mira, are you there?")
        await asyncio.sleep(10)
        assert len(hand.past) == 1
        hand.show.rearm()
        await mic.say("Mira, are you there?")
        await hand.until(lambda: len(hand.past) == 2, 30)


@virtual
async def test_the_end_of_the_streamers_side_leaves_the_host_loud() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic) as page:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(mic.streamer.run())
            await telling(hand)
            mic.begin()
            await asyncio.sleep(0.1)
            running.cancel()
        await asyncio.sleep(0.1)
        assert page.gains[-1][2] == 1.0
        assert hand.floor.voice is StreamerVoice.SILENT


@virtual
async def test_a_delay_of_release_holds_and_a_barge_in_drops_what_it_holds() -> None:
    hand = Stagehand(manners=HostPolicy(greeting=False, release_delay_s=2.0))
    mic = Mic(hand)
    async with beside(mic) as page:
        await telling(hand)
        mic.begin()
        await asyncio.sleep(0.7)
        assert hand.past[0].cut is CutKind.BARGED_IN
        count = len(page.of("speak"))
        mic.end("I was going to say something else.")
        await asyncio.sleep(5)
        assert len(page.of("speak")) == count


@virtual
async def test_sound_without_a_word_for_half_a_minute_keeps_nobody_silent() -> None:
    hand = Stagehand()
    mic = Mic(hand)
    async with beside(mic):
        mic.begin()
        await asyncio.sleep(1)
        await hand.chat("hi Mira")
        await asyncio.sleep(20)
        assert not hand.past
        await hand.until(lambda: bool(hand.past), 30)

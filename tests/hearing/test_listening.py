"""When speech begins and ends, and what is told of it: on the virtual clock, by the times of the frames."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise

import numpy as np
import pytest

from bot.errors import TransientError
from bot.hearing.ears import Ears, TalkMode
from bot.hearing.speech import RATE, Hints
from tests.support.hearing import Opinion, ScriptedAsr, listening, silence, voice, words
from tests.support.virtual import socketless

#: began (heard)* [paused [resumed (heard)*]]* over, as `SpeechListener` promises.
ORDER = re.compile(r"(?:began (?:heard )*(?:paused (?:resumed (?:heard )*)?)*over )*")


def in_order(kinds: list[str]) -> bool:
    return bool(ORDER.fullmatch("".join(f"{kind} " for kind in kinds)))


@socketless
async def test_an_utterance_is_told_from_its_beginning_to_its_end() -> None:
    async with listening(ScriptedAsr("hello dear host how are you?")) as rig:
        await rig.hear(silence(1.0), words(6), silence(2.0))
    assert rig.notes.kinds == ["began", "paused", "over"]
    (over,) = rig.notes.all("over")
    assert (over.text, over.language, over.final, over.stable) == (
        "hello dear host how are you?",
        "en",
        True,
        over.text,
    )
    assert over.number == 1
    assert rig.notes.at("began") == pytest.approx(1.0 + 3 * 0.032, abs=0.04)
    assert over.began_at - rig.notes.began_at == pytest.approx(1.0, abs=0.04)
    assert over.ended_at - rig.notes.began_at == pytest.approx(2.8, abs=0.04)
    # The text was asked for at 200 ms of silence and takes 200 ms; the patience is 700 ms.
    assert rig.notes.at("paused") == pytest.approx(2.8 + 0.4, abs=0.07)
    assert rig.notes.at("over") == pytest.approx(2.8 + 0.7, abs=0.07)


@socketless
async def test_the_text_of_a_pause_needs_no_second_decoding() -> None:
    asr = ScriptedAsr("one two three four")
    async with listening(asr) as rig:
        await rig.hear(words(4), silence(2.0))
    assert len(asr.decoded) == 1
    # The recogniser hears what came before the onset and 200 ms of the silence.
    assert asr.decoded[0] == pytest.approx(1.2 + 0.2, abs=0.07)


@socketless
async def test_sound_before_the_onset_is_recognised_too() -> None:
    asr = ScriptedAsr("one two three four")
    async with listening(asr) as rig:
        await rig.hear(silence(2.0), words(4), silence(2.0))
    assert asr.decoded[0] == pytest.approx(0.29 + 1.2 + 0.2, abs=0.07)


@socketless
async def test_two_frames_with_a_voice_are_no_speech() -> None:
    async with listening(ScriptedAsr("hm")) as rig:
        for _ in range(50):
            await rig.hear(voice(0.064), silence(0.3))
    assert rig.notes.told == []
    assert rig.notes.likely == 50


@socketless
async def test_a_first_frame_is_told_at_once_and_once_for_each_sound() -> None:
    async with listening(ScriptedAsr("hello there")) as rig:
        await rig.hear(silence(1.0))
        assert rig.notes.likely == 0
        await rig.hear(voice(0.064))
        assert (rig.notes.likely, rig.notes.kinds) == (1, [])
        await rig.hear(words(2), silence(2.0))
        assert rig.notes.likely == 1
        assert rig.notes.kinds[0] == "began"


@socketless
@pytest.mark.parametrize(("soft", "since_s"), [(0, 0.096), (0.064, 0.16), (1.5, 0.192)])
async def test_a_soft_beginning_counts_but_not_a_long_breath(soft: float, since_s: float) -> None:
    async with listening(ScriptedAsr("hello there")) as rig:
        await rig.hear(silence(1.0), voice(soft, 0.04), words(3), silence(2.0))
    assert rig.notes.since == [pytest.approx(since_s, abs=0.001)]


@socketless
async def test_a_sure_judge_shortens_the_wait_and_an_unsure_one_does_not() -> None:
    waits = {}
    for chance in (0.95, 0.7, 0.3):
        async with listening(ScriptedAsr("I like this game.", takes_s=0.1), Opinion(chance), patience_ms=1200) as rig:
            await rig.hear(words(4), silence(3.0))
        waits[chance] = rig.notes.at("over") - 1.2
        assert ("paused" in rig.notes.kinds) is (chance > 0.5)
    assert waits == pytest.approx({0.95: 0.6, 0.7: 1.2, 0.3: 1.2}, abs=0.07)


@socketless
async def test_the_last_words_have_a_veto() -> None:
    async with listening(ScriptedAsr("I like this game because"), Opinion(0.99), patience_ms=1200) as rig:
        await rig.hear(words(5), silence(3.0))
    assert rig.notes.kinds == ["began", "heard", "over"]
    assert rig.notes.at("over") - 1.5 == pytest.approx(1.2, abs=0.07)


@socketless
async def test_the_judge_is_asked_again_and_its_second_word_counts() -> None:
    judge = Opinion(0.2, 0.9)
    async with listening(ScriptedAsr("I like this game."), judge, patience_ms=1200) as rig:
        await rig.hear(words(4), silence(3.0))
    # Looks at 100, 400 and 700 ms of silence.
    assert len(judge.asked) == 3
    assert judge.asked[1][0] - judge.asked[0][0] == pytest.approx(0.3, abs=0.04)
    assert rig.notes.at("over") - 1.2 == pytest.approx(0.8, abs=0.07)


@socketless
async def test_speech_that_goes_on_takes_the_pause_back() -> None:
    asr = ScriptedAsr("one two three four. five six seven eight.")
    async with listening(asr) as rig:
        await rig.hear(words(4), silence(0.6), words(4), silence(2.0))
    assert rig.notes.kinds == ["began", "paused", "resumed", "paused", "over"]
    assert rig.notes.all("paused")[0].text == "one two three four."
    assert rig.notes.texts() == ["one two three four. five six seven eight."]


@socketless
async def test_a_click_in_a_pause_does_not_make_it_longer() -> None:
    async with listening(ScriptedAsr("one two three four.")) as rig:
        await rig.hear(words(4), silence(0.3), voice(0.032), silence(2.0))
    assert rig.notes.kinds == ["began", "paused", "over"]
    assert rig.notes.at("over") == pytest.approx(1.2 + 0.7, abs=0.07)


@socketless
async def test_speech_that_goes_on_while_the_last_text_is_made_belongs_to_it() -> None:
    asr = ScriptedAsr("one two three four five six", takes_s=1.5)
    async with listening(asr) as rig:
        await rig.hear(words(4), silence(1.0), words(2), silence(4.0))
    assert rig.notes.kinds.count("began") == 1
    assert rig.notes.texts() == ["one two three four five six"]


@socketless
async def test_partial_texts_come_once_a_second_at_the_most_and_grow_stable() -> None:
    asr = ScriptedAsr(" ".join(f"w{n}" for n in range(40)))
    async with listening(asr, partials=True) as rig:
        await rig.hear(words(20), silence(2.0))
    heard = rig.notes.all("heard")
    assert 4 <= len(heard) <= 6
    assert all(later.text.startswith(sooner.text) for sooner, later in pairwise(heard))
    assert heard[0].stable == ""
    assert all(later.stable == sooner.text for sooner, later in pairwise(heard))
    assert in_order(rig.notes.kinds)


@socketless
async def test_no_partial_text_is_made_while_the_machine_has_better_to_do() -> None:
    asr = ScriptedAsr(" ".join(f"w{n}." for n in range(40)))
    async with listening(asr, partials=True, busy=lambda: True) as rig:
        await rig.hear(words(20), silence(2.0))
    assert len(asr.decoded) == 1
    assert rig.notes.kinds == ["began", "paused", "over"]


@socketless
async def test_a_slow_recogniser_rests_as_long_as_it_works() -> None:
    asr = ScriptedAsr(" ".join(f"w{n}" for n in range(60)), takes_s=3.0)
    async with listening(asr, partials=True) as rig:
        await rig.hear(words(50), silence(6.0))
    assert len(asr.decoded) <= 4


# --- the switch ---------------------------------------------------------------------------------------


@socketless
async def test_closed_ears_throw_away_what_was_on_its_way() -> None:
    asr = ScriptedAsr("this is a secret", takes_s=0.3)
    async with listening(asr) as rig:
        await rig.hear(words(4), silence(0.25))
        rig.ears.switch(on=False)
        await asyncio.sleep(0.05)
        assert rig.notes.kinds == ["began", "over"]
        assert rig.notes.texts() == [None]
        await rig.hear(words(4), silence(2.0))
    assert rig.notes.kinds == ["began", "over"]
    assert asr.decoded == []


@socketless
async def test_ears_closed_and_opened_at_once_forget_all_the_same() -> None:
    asr = ScriptedAsr("this is a secret", takes_s=0.3)
    async with listening(asr) as rig:
        await rig.hear(words(4))
        rig.ears.switch(on=False)
        rig.ears.switch(on=True)
        await rig.hear(silence(2.0))
    assert rig.notes.kinds == ["began", "over"]
    assert rig.notes.texts() == [None]


@socketless
async def test_sound_captured_while_the_ears_were_closed_is_not_heard_when_they_open() -> None:
    asr = ScriptedAsr("secret secret secret word")
    async with listening(asr) as rig:
        rig.ears.switch(on=False)
        await asyncio.sleep(1.0)
        captured = asyncio.get_running_loop().time()
        await asyncio.sleep(0.1)
        rig.ears.switch(on=True)
        await asyncio.sleep(0)
        rig.inlet.put(words(3), captured)  # a late block of the sound card
        await rig.hear(silence(3.0))
    assert rig.notes.told == []


@socketless
async def test_a_released_button_ends_the_utterance_now() -> None:
    ears = Ears(TalkMode.PUSH)
    async with listening(ScriptedAsr("one two three four", takes_s=0.1), ears=ears, patience_ms=3000) as rig:
        await rig.hear(words(4), silence(1.0))
        assert rig.notes.told == []
        ears.talk(down=True)
        await rig.hear(words(4))
        ears.talk(down=False)
        await rig.hear(words(3), silence(1.0))
    assert rig.notes.kinds == ["began", "over"]
    assert rig.notes.texts() == ["one two three four"]
    assert rig.notes.at("over") == pytest.approx(2.2 + 1.2 + 0.15 + 0.1, abs=0.1)


# --- bad sound, bad recognisers -----------------------------------------------------------------------


@socketless
async def test_a_failing_recogniser_is_told_and_the_next_utterance_is_heard() -> None:
    asr = ScriptedAsr("one two three four")
    async with listening(asr) as rig:
        asr.failure = TransientError("out of memory", provider="x")
        await rig.hear(words(4), silence(2.0))
        assert rig.notes.texts() == [None]
        assert "out of memory" in rig.ears.recogniser_trouble
        asr.failure = None
        await rig.hear(words(4), silence(2.0))
    assert rig.notes.texts() == [None, "one two three four"]
    assert rig.ears.recogniser_trouble == ""


@socketless
async def test_a_recogniser_that_raises_anything_fells_nothing() -> None:
    asr = ScriptedAsr("one two three four")
    async with listening(asr) as rig:
        asr.takes_s = "soon"  # type: ignore[assignment]
        await rig.hear(words(4), silence(2.0))
        asr.takes_s = 0.1
        await rig.hear(words(4), silence(2.0))
    assert rig.notes.texts() == [None, "one two three four"]


@socketless
async def test_a_hanging_recogniser_is_given_up() -> None:
    asr = ScriptedAsr("one two three four")
    async with listening(asr) as rig:
        asr.hangs = True
        await rig.hear(words(4), silence(30.0))
        assert rig.notes.texts() == [None]
        assert rig.ears.recogniser_trouble
        asr.hangs = False
        await rig.hear(words(4), silence(2.0))
    assert rig.notes.texts() == [None, "one two three four"]


@socketless
async def test_a_failing_judge_costs_time_alone() -> None:
    class Broken:
        async def probability(self, *_: object) -> float:
            raise RuntimeError("no")

    async with listening(ScriptedAsr("one two three four"), Broken()) as rig:
        await rig.hear(words(4), silence(2.0))
    assert rig.notes.texts() == ["one two three four"]
    assert rig.notes.at("over") == pytest.approx(1.2 + 0.7, abs=0.07)


@socketless
async def test_a_microphone_lost_in_mid_word_ends_the_utterance() -> None:
    async with listening(ScriptedAsr("one two three four")) as rig:
        await rig.hear(words(4))
        await asyncio.sleep(3.0)
    assert rig.notes.texts() == ["one two three four"]


@socketless
async def test_ten_minutes_without_silence_is_cut_where_it_is_quiet_and_memory_stays_bounded() -> None:
    asr = ScriptedAsr(" ".join(f"word{n}" for n in range(100)), takes_s=0.1)
    rng = np.random.default_rng(1)
    async with listening(asr) as rig:
        minute = np.concatenate([voice(0.32, loud) for loud in rng.uniform(0.15, 0.9, 188)])
        for _ in range(10):
            await rig.hear(minute)
        assert rig.notes.kinds.count("began") == 1
        recognition = rig.listening._speaking.recognition  # type: ignore[union-attr]
        assert recognition.behind <= 1
        assert 3500 < len(recognition.text) <= 4000
        await rig.hear(silence(2.0))
    assert max(asr.decoded) <= 24.1
    assert min(asr.decoded[:-1]) >= 15.9
    assert rig.notes.kinds[-1] == "over"


@socketless
async def test_ten_minutes_of_speech_with_a_dead_recogniser_takes_no_memory() -> None:
    asr = ScriptedAsr("one")
    asr.hangs = True
    async with listening(asr) as rig:
        for _ in range(600):
            await rig.hear(voice(0.96))
        speaking = rig.listening._speaking
        assert speaking is not None
        assert speaking.failed
        assert len(speaking._held) == 0
        assert sum(piece.samples.size for piece in speaking.recognition._current._waiting) < 30 * RATE
        await rig.hear(silence(2.0))
    assert rig.notes.texts() == [None]


@socketless
async def test_what_a_recogniser_doubts_itself_is_not_heard() -> None:
    async with listening(ScriptedAsr("I'm gonna go back to the car.", confidence=0.1)) as rig:
        await rig.hear(words(4), silence(2.0))
    assert rig.notes.kinds == ["began", "over"]
    assert rig.notes.texts() == [None]


@socketless
async def test_samples_that_are_no_numbers_and_a_burst_are_survived() -> None:
    async with listening(ScriptedAsr("one two three four")) as rig:
        await rig.hear(np.full(51_200, np.nan, np.float32))
        rig.inlet.put(np.zeros(100 * RATE, np.float32), asyncio.get_running_loop().time())
        await rig.hear(silence(0.5), words(4), silence(2.0))
    assert rig.notes.texts() == ["one two three four"]


@socketless
async def test_hints_are_asked_for_with_each_utterance() -> None:
    names = iter((Hints(("Mira",)), Hints(("Mira", "Ada"))))
    asr = ScriptedAsr("one two three four")
    async with listening(asr, hints=lambda: next(names)) as rig:
        await rig.hear(words(4), silence(2.0), words(4), silence(2.0))
    assert [hints.words for hints in asr.hints] == [("Mira",), ("Mira", "Ada")]


@socketless
async def test_the_order_of_what_is_told_holds_for_any_speech() -> None:
    rng = np.random.default_rng(7)
    asr = ScriptedAsr("word and so because " * 50)
    async with listening(asr, Opinion(0.9, 0.1, 0.95, 0.6, 0.2, 0.99), partials=True, learn_patience=True) as rig:
        for step in range(400):
            asr.takes_s = float(rng.uniform(0.05, 1.5))
            if step % 40 == 39:
                rig.ears.switch(on=False)
                await rig.hear(voice(0.2))
                rig.ears.switch(on=True)
            await rig.hear(voice(float(rng.uniform(0.03, 2))), silence(float(rng.uniform(0.03, 1.4))))
        await rig.hear(silence(5.0))
    assert in_order(rig.notes.kinds), " ".join(rig.notes.kinds)
    assert rig.notes.kinds.count("over") > 50
    numbers = rig.notes.all("began")
    assert numbers == list(range(1, len(numbers) + 1))

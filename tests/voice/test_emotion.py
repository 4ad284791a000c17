"""The feeling in a voice: it begins, wears off, and never stops from one clause to the next."""

from __future__ import annotations

import itertools

import pytest

from bot.app.casting import style_of
from bot.persona import persona as personas
from bot.types import Clause, Emotion, Style, Tone
from bot.voice.clauses.maker import ClauseMaker
from bot.voice.emotion import CHANGED, LEAST, Fading
from bot.voice.prosody import pace, pitch
from tests.voice.test_persona_voices import PERSONAS

JOY, SAD, NEUTRAL = Emotion.JOY, Emotion.SAD, Emotion.NEUTRAL


def tones(*emotions: Emotion) -> list[Tone]:
    fading = Fading()
    return [fading.next(emotion) for emotion in emotions]


def test_a_feeling_ends_slowly() -> None:
    joy, half, less, over = tones(JOY, NEUTRAL, NEUTRAL, NEUTRAL)
    assert (joy.emotion, half.emotion, less.emotion, over.emotion) == (JOY, JOY, JOY, NEUTRAL)
    assert 1.0 == joy.strength > half.strength > less.strength >= LEAST


def test_a_feeling_that_goes_on_wears_off_and_stays() -> None:
    strengths = [tone.strength for tone in tones(*[JOY] * 12)]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] == 1.0
    assert strengths[-1] > 0.5


def test_another_feeling_begins_weaker_and_one_that_comes_back_is_strong() -> None:
    assert tones(JOY, SAD)[1] == Tone(SAD, CHANGED)
    assert tones(JOY, NEUTRAL, NEUTRAL, JOY)[-1] == Tone(JOY, 1.0)


def test_no_step_from_one_clause_to_the_next_is_a_jump() -> None:
    for row in itertools.product([JOY, SAD, NEUTRAL, Emotion.ANGRY], repeat=5):
        before = Tone()
        for tone in tones(*row):
            assert 0 < tone.strength <= 1
            if tone.emotion is NEUTRAL:
                assert before.emotion is NEUTRAL or before.strength < 0.5, row
            before = tone


def test_a_turn_begins_without_the_feeling_of_the_last_one() -> None:
    def last(*pieces: str | Emotion) -> Clause:
        maker = ClauseMaker("t")
        made = [clause for piece in pieces for clause in maker.feed(piece)] + maker.flush()
        return made[-1]

    assert last(JOY, "What a lovely evening it is.", NEUTRAL, " The kettle is on the stove now.").tone == Tone(JOY, 0.5)
    assert last("The kettle is on the stove now.").tone == Tone()


@pytest.mark.parametrize("emotion", [e for e in Emotion if e is not NEUTRAL])
def test_a_weaker_feeling_is_nearer_to_the_voice_s_own(emotion: Emotion) -> None:
    calm, weak, strong = (Style(emotion=emotion, strength=strength) for strength in (0.0, 0.5, 1.0))
    assert pace(calm) == 1.0
    assert pitch(calm) == 0
    assert abs(pace(weak) - 1) <= abs(pace(strong) - 1)
    assert abs(pitch(weak)) <= abs(pitch(strong))


def test_the_style_of_a_clause_has_its_tone() -> None:
    style = style_of(personas.load(PERSONAS / "mira"))
    faded = style(Clause("t", 0, "a", "a", emotion=NEUTRAL, tone=Tone(JOY, 0.5)))
    assert (faded.emotion, faded.strength) == (JOY, 0.5)
    plain = style(Clause("t", 0, "a", "a", emotion=SAD))
    assert (plain.emotion, plain.strength) == (SAD, 1.0)

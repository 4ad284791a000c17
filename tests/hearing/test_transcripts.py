"""What is taken for words that nobody said: by doubt, and by how sure the recogniser is of them."""

from __future__ import annotations

import pytest

from bot.hearing.speech import Transcript
from bot.hearing.utterance.transcripts import is_invented

#: A sentence that was spoken, through resampling and noise suppression; the least doubtful of the noises; the surest.
MEASURED = [
    ("Hello, Mira, what do you think about the weather tonight?", 0.87, 0.39, False),
    ("I'm gonna go back to the car.", 0.13, 0.40, True),
    ("I'm gonna go back to the car.", 0.03, 0.77, True),
    ("I'm gonna go back to the car.", 0.90, 0.77, True),
    ("Stop.", 0.25, 0.12, False),
]


@pytest.mark.parametrize(("text", "confidence", "no_speech", "invented"), MEASURED)
def test_a_doubt_counts_by_how_sure_the_words_are(
    text: str, confidence: float, no_speech: float, invented: bool
) -> None:
    said = Transcript(text, "en", confidence, no_speech=no_speech)
    assert is_invented(said, 2.5) is invented

"""What is taken for words that nobody said: by doubt, and by how sure the recogniser is of them."""

from __future__ import annotations

import pytest

from bot.hearing.speech import Transcript
from bot.hearing.utterance.transcripts import is_invented

#: A sentence that was spoken, through resampling and noise suppression; what noise and music gave; clear
#: sentences that were doubted while words to expect were given along.
MEASURED = [
    ("Hello, Mira, what do you think about the weather tonight?", 0.87, 0.39, False),
    ("I'm gonna go back to the car.", 0.13, 0.40, True),
    ("I'm gonna go back to the car.", 0.03, 0.77, True),
    ("You're mine, you're mine", 0.49, 0.72, True),
    ("Please enter the conference pin number.", 0.81, 0.69, False),
    ("please enter the conference", 0.71, 0.86, False),
    ("Thank you.", 0.81, 0.69, True),
    ("A" + "H" * 30, 0.65, 0.32, True),
    ("Stop.", 0.25, 0.12, False),
]


@pytest.mark.parametrize(("text", "confidence", "no_speech", "invented"), MEASURED)
def test_a_doubt_counts_by_how_sure_the_words_are(
    text: str, confidence: float, no_speech: float, invented: bool
) -> None:
    said = Transcript(text, "en", confidence, no_speech=no_speech)
    assert is_invented(said, 2.5) is invented

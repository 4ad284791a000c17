"""Names as they are said: what is shown stays, and what was changed is judged."""

from __future__ import annotations

from bot.text.pronunciations import Pronunciation, Pronunciations
from bot.types import Clause
from bot.voice.reading.names import Pronouncer


def clause(text: str, speech: str = "x", language: str = "en") -> Clause:
    return Clause("t", 0, text, speech, language)


def test_the_spelling_is_spoken_and_never_shown() -> None:
    pronounce = Pronouncer(
        Pronunciations([Pronunciation("xX_Sh4dow_Xx", "shadow"), Pronunciation("小云", "小芸", "zh")])
    )
    changed = pronounce(clause("Thanks, xX_Sh4dow_Xx, for 5 bits!"))
    assert changed.text == "Thanks, xX_Sh4dow_Xx, for 5 bits!"
    assert changed.speech == "Thanks, shadow, for five bits!"
    assert pronounce(clause("小云到了3次", language="zh")).speech == "小芸到了三次"


def test_a_clause_without_such_a_name_stays_the_same() -> None:
    pronounce = Pronouncer(Pronunciations([Pronunciation("Mira", "MEE-rah")]))
    plain, silent = clause("hello"), clause("Mira", "")
    assert pronounce(plain) is plain
    assert pronounce(silent) is silent

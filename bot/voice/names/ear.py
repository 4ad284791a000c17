"""Hears names before they are read aloud: by the sounds that a voice will make, in both languages.

Reads no spelling: moderation has done that. It costs a millisecond for a new name; whoever asks remembers the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from loguru import logger

from bot.voice.names.chinese import ChineseEar
from bot.voice.names.english import EnglishEar
from moderation.policy import Category, Severity
from moderation.rules.files import read_lexicon
from moderation.rules.lexicon import Term, builtin

#: What a name may not sound like; spam, politics and the like are no matter of sound.
_FOUL = frozenset(
    {Category.HATE, Category.SEXUAL, Category.HARASSMENT, Category.MINORS, Category.EXTREMISM, Category.PROFANITY}
)


#: Names whose sound is remembered while they are judged for each direction and platform.
_REMEMBERED = 64


class NameEar:
    """Hears names. Thread-safe."""

    def __init__(self, english: EnglishEar | None, chinese: ChineseEar) -> None:
        """Take the ears; without an English one (its library is an extra) such names are read alone."""
        self._english, self._chinese = english, chinese
        self._heard = lru_cache(maxsize=_REMEMBERED)(self._hear)

    def foul(self, name: str) -> str:
        """Return what a name sounds like that nobody may say on air; empty when it may be said. Never raises."""
        try:
            return self._heard(name)
        except Exception as error:  # noqa: BLE001 - a stranger's name may break any library; then it is not said
            logger.opt(exception=error).warning("a name could not be heard beforehand")
            return "?"

    def _hear(self, name: str) -> str:
        return self._chinese.foul(name) or (self._english.foul(name) if self._english else "")


def open_name_ear() -> NameEar:
    """Read the lists and the dictionaries; takes a second: call it in a thread."""
    raw, names = read_lexicon("heard.yaml"), read_lexicon("names.yaml")
    english = builtin(("en",))
    allowed = (*names["allow"], *(term.text for term in english if term.allow))
    ordinary = [*raw["surnames"], *(text.replace(" ", "") for text in allowed)]
    phrases = [*_texts(english), *raw["english"]]
    for kind in ("roots", "words", "sounds", "jokes"):
        phrases += names[kind]
    chinese = ChineseEar([*_texts(builtin(("zh",))), *raw["chinese"]], raw["strong"])
    try:
        from bot.voice.phonemes.english import english_reader  # noqa: PLC0415 - its library is an extra
    except ImportError:
        return NameEar(None, chinese)
    return NameEar(EnglishEar(english_reader(), phrases, raw["pronounced"], ordinary), chinese)


def _texts(terms: tuple[Term, ...]) -> Iterator[str]:
    foul = (t for t in terms if not t.allow and t.severity >= Severity.SERIOUS and t.category in _FOUL)
    return (term.text.strip("*") for term in foul)

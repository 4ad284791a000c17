"""Turn what is shown into the words that a voice says, for every voice. `docs/reading-aloud.md` states the rules.

The steps, in order: names lose their ornaments, and notations of machines are written out; mathematics keeps what it
holds; characters become plain, and markup, addresses, emoji and faces go; drawn-out words are calmed; words of chat are
said; numbers and signs become words; spaces are tidied.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bot.text.scripts import Language
from bot.voice.reading.chat import chat_words
from bot.voice.reading.chinese.rules import chinese
from bot.voice.reading.english.capitals import calm_stretched
from bot.voice.reading.english.rules import english
from bot.voice.reading.japanese import japanese
from bot.voice.reading.latex import latex
from bot.voice.reading.notations import powers, written_out
from bot.voice.reading.ornaments import unadorned
from bot.voice.reading.plain import plain, tidy

#: Longer texts are cut: a clause has some ten words, so this is never speech.
MAX_CHARS = 2000

_WORDS: Final[dict[str, Callable[[str], str]]] = {
    Language.EN: english,
    Language.ZH: chinese,
    Language.JA: japanese,
}
_SPOKEN: Final = re.compile(r"[^\W_]")


def read_aloud(text: str, language: str = "en") -> str:
    """Return the words to say for a text in ``language`` ("en", "zh", "ja"); empty when there is nothing to pronounce.

    Words stay as they are, so that reading what was read changes nothing. Linear in the text's length, and the
    result is at most 40 times as long.
    """
    tongue = language if language in _WORDS else Language.EN
    text = written_out(unadorned(text[:MAX_CHARS]), tongue)[:MAX_CHARS]
    text = plain(latex(text, tongue), tongue)[:MAX_CHARS]
    text = chat_words(calm_stretched(powers(text, tongue)), tongue)
    said = tidy(_WORDS[tongue](text))
    return said if _SPOKEN.search(said) else ""

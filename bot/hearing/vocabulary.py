"""Words that a recogniser may expect: names above all, which no model knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bot.hearing.speech import Hints
from bot.text.sanitize import has_word, one_line

#: Words that are given along with each utterance, and characters in all: Whisper reads each again every time, and one
#: with a long list of names begins to hear them.
MAX_WORDS, MAX_CHARS = 40, 300
#: Viewers among them. They chose their names themselves, so they come last.
MAX_VIEWERS: Final = 12
_LONGEST: Final = 24


class Vocabulary:
    """The hints for each utterance: the persona's names first, then the streamer's list, then regular viewers."""

    def __init__(
        self,
        names: Sequence[str],
        words: Sequence[str] = (),
        viewers: Callable[[], Iterable[str]] = lambda: (),
        languages: Sequence[str] = (),
    ) -> None:
        self._fixed = (*names, *words)
        self._viewers = viewers
        self._languages = tuple(languages)

    def __call__(self) -> Hints:
        """Return the hints as they are now."""
        viewers = [name for _, name in zip(range(MAX_VIEWERS), self._viewers(), strict=False)]
        chosen: dict[str, str] = {}
        left = MAX_CHARS
        for word in (*self._fixed, *viewers):
            clean = one_line(word, _LONGEST).strip()
            if has_word(clean) and clean.casefold() not in chosen and len(chosen) < MAX_WORDS and len(clean) <= left:
                chosen[clean.casefold()] = clean
                left -= len(clean) + 2
        return Hints(tuple(chosen.values()), self._languages)

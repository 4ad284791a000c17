"""How fast people speak and read, by language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: Characters a second of a voice at its usual speed: English about 14 (2.5 words), Chinese 4 to 5 syllables, Japanese
#: about 6, since a kanji is often two syllables. A viewer reads a caption as fast as it would be said.
_CHARACTERS_PER_SECOND: Mapping[str, float] = MappingProxyType({"en": 14.0, "zh": 4.5, "ja": 6.0})


def characters_per_second(language: str) -> float:
    """Return how many characters of a language are said or read in a second; another language counts as English."""
    return _CHARACTERS_PER_SECOND.get(language, _CHARACTERS_PER_SECOND["en"])

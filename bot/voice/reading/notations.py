"""Write out what machines and games write: times of ISO 8601, powers of ten, levels, a decimal comma."""

from __future__ import annotations

import re
from typing import Final

_ISO: Final = re.compile(
    r"(?<![A-Za-z0-9_-])(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?(?![A-Za-z0-9_])"
)
_POWER: Final = re.compile(r"(?<![A-Za-z0-9_.])(\d{1,9}(?:\.\d{1,9})?)[eE]\+?(-?\d{1,3})(?![A-Za-z0-9_.])")
_LEVEL: Final = re.compile(r"(?i)(?<![A-Za-z])lv\.?\s?(\d{1,4})(?!\d)")
_LEVELS: Final = {"en": r"level \1", "zh": r"\1级", "ja": r"レベル\1"}
#: Where English is spoken a comma groups three digits; before a unit one or two behind it are a fraction.
_COMMA: Final = re.compile(
    r"(?<![\d.,])(\d{1,3}),(\d{1,2})(?=\s?(?:km|cm|mm|m|kg|g|mg|l|L|ml|°C|%|€|GB|MB|GHz|h)(?![A-Za-z]))"
)


def written_out(text: str, language: str) -> str:
    """Return a text without notations that nobody says; the numbers in it are read later."""
    if not any(char.isdecimal() for char in text):
        return text
    text = _ISO.sub(r"\1 \2", text)
    text = _POWER.sub(lambda m: f"10^{m[2]}" if m[1] == "1" else f"{m[1]} × 10^{m[2]}", text)
    text = _LEVEL.sub(_LEVELS[language], text)
    return _COMMA.sub(r"\1.\2", text)

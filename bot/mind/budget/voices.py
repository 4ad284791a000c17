"""What a million characters of a voice cost where the settings say nothing, in US dollars.

List prices change, and a contract may be cheaper: ``budget.voices`` goes before all of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

#: Providers that cost nothing: they run here, on a server of one's own, or are given away.
FREE: Final = frozenset({"hibari", "kokoro", "piper", "gpt_sovits", "voicevox", "edge"})


class VoicePrice(NamedTuple):
    """What a million units cost, and how the units of a text are counted."""

    usd: float
    units: Callable[[str], int] = len


def octets(text: str) -> int:
    """Return the bytes of a text in UTF-8."""
    return len(text.encode("utf-8", "replace"))


def double_wide(text: str) -> int:
    """Return the characters of a text, Chinese, Japanese and Korean ones counted twice."""
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


#: By provider and the beginning of its model's name; the longest that fits counts. Seen in November 2026:
#: OpenAI in genai-prices 0.2.3 (the last one from its price for a minute, at 14 characters a second), Fish Audio and
#: CosyVoice on their makers' pages, MiniMax and ElevenLabs on pages of resellers at list price. Azure's, of its
#: standard voices, is the one known from before.
PRICES: Final[dict[tuple[str, str], VoicePrice]] = {
    ("openai", "tts-1"): VoicePrice(15.0),
    ("openai", "tts-1-hd"): VoicePrice(30.0),
    ("openai", "gpt-4o-mini-tts"): VoicePrice(18.0),
    ("azure", ""): VoicePrice(16.0, double_wide),
    ("fish", ""): VoicePrice(15.0, octets),
    ("cosyvoice", ""): VoicePrice(28.7, double_wide),
    ("cosyvoice", "cosyvoice-v3-flash"): VoicePrice(14.4, double_wide),
    ("minimax", ""): VoicePrice(100.0),
    ("minimax", "speech-02-turbo"): VoicePrice(60.0),
    ("minimax", "speech-2.5-turbo"): VoicePrice(60.0),
    ("minimax", "speech-2.6-turbo"): VoicePrice(60.0),
    ("minimax", "speech-2.8-turbo"): VoicePrice(60.0),
    ("elevenlabs", ""): VoicePrice(100.0),
    ("elevenlabs", "eleven_flash"): VoicePrice(50.0),
    ("elevenlabs", "eleven_turbo"): VoicePrice(50.0),
}
#: What a voice costs that is in no list: as much as the dearest.
DEAREST: Final = max(price.usd for price in PRICES.values())


def voice_price(provider: str, model: str) -> VoicePrice | None:
    """Return the list price of a provider's model; None when it is not known."""
    fits = [
        (len(start), price) for (name, start), price in PRICES.items() if name == provider and model.startswith(start)
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def units_of(provider: str) -> Callable[[str], int]:
    """Return how a provider counts the characters of a text."""
    return next((price.units for (name, _), price in PRICES.items() if name == provider), len)

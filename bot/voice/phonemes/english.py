"""English as phonemes, read by hibari's dictionaries. They fill 100 MB, so all who read with them share one copy."""

from __future__ import annotations

import threading
from functools import cache

from hibari.g2p import G2P
from hibari.g2p.normalize import normalize


class EnglishReader:
    """Reads English. Thread-safe."""

    def __init__(self, *, british: bool) -> None:
        self._g2p = G2P(british=british)
        self._lock = threading.Lock()

    def __call__(self, text: str) -> str:
        """Return the phonemes of a text in IPA, with A I O W Y for diphthongs and ʤ ʧ for affricates."""
        return "".join(phonemes for phonemes, _ in self.words(text)).strip()

    def words(self, text: str) -> list[tuple[str, str]]:
        """Return the phonemes of each word and sign, with the space that follows, and how it is written."""
        with self._lock:
            tokens = self._g2p.phonemize_tokens(self._g2p.tokenize(normalize(text)))
        return [((token.phonemes or "") + (" " if token.whitespace else ""), token.text) for token in tokens]

    def known(self, word: str) -> bool:
        """Return whether a word, in small letters, is in the dictionary."""
        lexicon = self._g2p.lexicon
        return word in lexicon.golds or word in lexicon.silvers


@cache
def english_reader(*, british: bool = False) -> EnglishReader:
    """Return the one reader of an accent; the first call takes a second."""
    return EnglishReader(british=british)

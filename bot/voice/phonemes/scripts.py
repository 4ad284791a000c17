"""Split a text by script, so that each piece is read by the rules of its language."""

from __future__ import annotations

from collections.abc import Iterator


def split_by_script(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a text by script, in order: pairs of language ("en", "zh", "ja") and text.

    Punctuation and spaces stay with the piece before them; digits belong to ``language``. Chinese characters are
    read in ``language``; in an English text they are Japanese when kana stand among them. Scripts that no voice here
    reads are left out.
    """
    han = "ja" if language == "ja" or (language == "en" and any(_is_kana(c) for c in text)) else "zh"
    current, piece = "", ""
    for char in text:
        if _is_han(char):
            kind = han
        elif _is_kana(char):
            kind = "ja"
        elif char.isdigit() and language != "en":
            kind = language
        elif char.isalpha():
            if not _is_latin(char):
                continue
            kind = "en"
        else:
            kind = current
        if current and kind != current:
            yield current, piece
            piece = ""
        current, piece = kind, piece + char
    if current:
        yield current, piece


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char in "〇々"


def _is_kana(char: str) -> bool:
    return "\u3041" <= char <= "\u30ff" and char != "・"


def _is_latin(char: str) -> bool:
    return char.isascii() or "\u00c0" <= char <= "\u024f"

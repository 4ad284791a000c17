"""Find what people write in chat and nobody reads aloud as it stands: addresses, faces, markup, drawn-out letters.

`bot.voice.reading.speech` and `bot.voice.reading.chat` share these patterns. A face must never be a word or a number:
what a pattern takes for a face is not spoken ("two", "XP" and "0.0" are none).
"""

from __future__ import annotations

import re
from typing import Final

_LINK_WORDS: Final = {"zh": "链接", "ja": "リンク"}

#: An address with a scheme, with "www.", or with a usual ending and a path.
_ADDRESS: Final = re.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.)[!-~]*[0-9a-z/]"
    r"|(?<![\w@.])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|tv|gg|io|cn|jp|me|co|dev|app|xyz)/[!-~]*[0-9a-z/]"
)
_FACE: Final = re.compile(
    r"(?<![\w(（])(?:"
    r"[:;][-'^o]?[)(DPpOo3|/\\*]{1,3}|=[-'^]?[)(DPp]{1,3}"  # :) ;-P =D
    r"|[xX][-']?[)(D]{1,3}|o7"  # xD XD o7
    r"|</?3+"  # <3
    r"|\^[_.w-]*\^|-[_.w]+-|>[_.w]*<|;[_.]+;"  # ^_^ -.- >_< ;_;
    r"|T[_.]+T|t_+t|[Qq][_.]+[Qq]|[oO][_.]+[oO]|0_+0|[OoUu]w[OoUu]"  # T_T O.o uwu
    r")(?!\w)"
    # In brackets, with a sign that is no ASCII and no two letters side by side: (´・ω・`), never （“雾”的意思）.
    r"|[(（](?![^)）]*[^\W_]{2})[^\w)）]*(?:[^\x00-\x7f\w]|[_^;])[^)）]{0,8}[)）]"
)
#: The characters of Markdown and of other markup, as a class of a regular expression.
MARKUP: Final = r"[*_`#|<>\\^~～{}\[\]【】]"
_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{5,}")
_SPACE: Final = re.compile(r"\s+")
_SPACE_BEFORE_MARK: Final = re.compile(r"\s+(?=[,.!?;:，。！？、])(?![.]\d)")


def name_addresses(text: str, language: str) -> str:
    """Replace each web address by the word for a link: nobody wants to hear it spelled."""
    return _ADDRESS.sub(f" {_LINK_WORDS.get(language, 'link')} ", text)


def drop_faces(text: str) -> str:
    """Replace each face that is made of signs by a space."""
    return _FACE.sub(" ", text)


def shorten_drawn_out(text: str) -> str:
    """Leave five of a letter that stands six times or more in a row."""
    return _DRAWN_OUT.sub(r"\1\1\1\1\1", text)


def tidy_spaces(text: str) -> str:
    """Make white space single, and take it away before punctuation and at both ends."""
    return _SPACE_BEFORE_MARK.sub("", _SPACE.sub(" ", text)).strip()

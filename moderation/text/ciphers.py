"""What is hidden in a line: text that is written so that a person or a filter does not read it."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

_LONG: Final = 16
#: So much of what was hidden is looked at, in characters; and so many pieces of a line.
_MOST: Final = 1000
_MANY: Final = 8

_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/_-]{16,}={0,2}(?![A-Za-z0-9+/=])")
_HEX: Final = re.compile(r"(?i)(?<![a-z0-9#])(?:0x|\\x)?(?:[0-9a-f]{2}(?:[ ,:]|\\x|0x| 0x)?){8,}(?![a-z0-9])")
_BITS: Final = re.compile(r"(?<!\d)[01]{7,8}(?:[ ,]?[01]{7,8}){4,}(?!\d)")
_MORSE: Final = re.compile(r"(?<!\S)[.\-·–]{1,6}(?:[ /]+[.\-·–]{1,6}){7,}")
_TAGS: Final = re.compile("[\U000e0020-\U000e007e]{8,}")
#: Without any of these a text has none of the above.
_SIGNS: Final = re.compile(r"[A-Za-z0-9+/_-]{16}|[0-9a-fA-F]{2}[ ,:\\x]+[0-9a-fA-F]{2}[ ,:\\]|[01]{7}|[.\-·–] [.\-·–]")
_LETTERS: Final = {
    ".-": "a", "-...": "b", "-.-.": "c", "-..": "d", ".": "e", "..-.": "f", "--.": "g", "....": "h", "..": "i",
    ".---": "j", "-.-": "k", ".-..": "l", "--": "m", "-.": "n", "---": "o", ".--.": "p", "--.-": "q", ".-.": "r",
    "...": "s", "-": "t", "..-": "u", "...-": "v", ".--": "w", "-..-": "x", "-.--": "y", "--..": "z",
}  # fmt: skip


def find_hidden(text: str, *, turned: bool = True) -> Iterator[tuple[str, bool]]:
    """Yield what can be read in ciphers that everybody knows: base64, hexadecimal, binary, Morse, tag characters.

    With each goes whether something is hidden there for certain. Text turned round and ROT13 are only tried,
    and only if ``turned``.
    """
    for plain in _ciphers(text):
        yield plain, True
    if turned and len(text) >= _LONG:
        yield text[:_MOST][::-1], False
        yield codecs.encode(text[:_MOST], "rot13"), False


def _ciphers(text: str) -> Iterator[str]:
    if not text.isascii():
        for tags in islice(_TAGS.finditer(text), _MANY):
            yield "".join(chr(ord(char) - 0xE0000) for char in tags[0][:_MOST])
    if len(text) < _LONG or not _SIGNS.search(text):
        return
    for found in islice(_BASE64.finditer(text), _MANY):
        if plain := _from_base64(found[0]):
            yield plain
    if match := _BITS.search(text):
        bits = re.sub(r"\D", "", match[0])[: 8 * _MOST]
        yield from _readable(bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)))
    elif match := _HEX.search(text):
        digits = re.sub(r"(?i)0x|[^0-9a-f]", "", match[0])[: 2 * _MOST]
        yield from _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))
    if match := _MORSE.search(text):
        words = match[0].replace("·", ".").replace("–", "-")[: 4 * _MOST].split("/")
        yield " ".join("".join(_LETTERS.get(sign, "") for sign in word.split()) for word in words)


def _from_base64(text: str) -> str:
    body = text.rstrip("=").replace("-", "+").replace("_", "/")[: 4 * _MOST]
    if body.isdigit() or (body.isalpha() and (body.islower() or body.isupper())):
        return ""  # a number, a word
    try:
        plain = base64.b64decode(body[: len(body) // 4 * 4] + _padded(body))
    except (binascii.Error, ValueError):
        return ""
    return next(_readable(plain), "")


def _padded(body: str) -> str:
    rest = body[len(body) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def _readable(plain: bytes) -> Iterator[str]:
    """Yield bytes as text, if they are one: UTF-8, of letters mostly."""
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError:
        return
    if sum(char.isalpha() or char == " " for char in text) >= 0.8 * len(text) >= 5:
        yield text

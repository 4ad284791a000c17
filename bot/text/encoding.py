"""Reading text files that people saved with an editor of their own."""

from __future__ import annotations

import re
from pathlib import Path

from bot.errors import ConfigError

SAVE_AS_UTF8 = "open the file in an editor and save it with the encoding UTF-8"
_KANA = re.compile(r"[\u3041-\u30ff]")
_BYTE_ORDER_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def read_text(file: Path, limit: int, *, name: str = "") -> str:
    """Return the text of a UTF-8 file of at most ``limit`` bytes; a byte order mark is left out.

    ``name`` stands in the messages instead of the path. Raise `ConfigError` when the file cannot be read, is larger,
    or has another encoding, which is then named: text in a wrong encoding is never guessed at.
    """
    name = name or str(file)
    try:
        with file.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        raise ConfigError(
            f"{name}: cannot be read: {error.strerror or error}", remedy="check the file's name"
        ) from None
    if len(raw) > limit:
        raise ConfigError(f"{name}: larger than {limit // 1024} kB", remedy="a file of this kind is much smaller")
    return decode(raw, name)


def decode(raw: bytes, name: str) -> str:
    """Return UTF-8 bytes as text, without a byte order mark. Raise `ConfigError` that names the encoding it is in."""
    try:
        text = raw.decode("utf-8-sig")
        wrong = raw.find(b"\0") if _is_wide(raw) else -1
    except UnicodeDecodeError as error:
        text, wrong = "", error.start
    if wrong < 0:
        return text
    line = raw.count(b"\n", 0, wrong) + 1
    raise ConfigError(f"{name}:{line}: not UTF-8 at byte {wrong}; it looks like {guess(raw)}", remedy=SAVE_AS_UTF8)


def _is_wide(raw: bytes) -> bool:
    """Return whether there is a zero beside most letters: English in UTF-16 is valid UTF-8 otherwise."""
    return raw[:200].count(0) > len(raw[:200]) // 10


def guess(raw: bytes) -> str:
    """Return the likely name of the encoding of bytes that are not UTF-8. For messages alone."""
    for mark, name in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return name
    if _is_wide(raw):
        return "UTF-16"
    # GB 2312 wants two high bytes for each character, so that Western text is not taken for Chinese.
    for codec, name in (("gb2312", "GBK"), ("shift_jis", "Shift-JIS"), ("big5", "Big5")):
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        if codec != "shift_jis" or _KANA.search(text):
            return name
    pairs = len(re.findall(rb"[\x81-\xfe][\x40-\xfe]", raw)) * 2
    high = sum(byte >= 0x80 for byte in raw)
    if high and len(re.findall(rb"[\x81-\xfe][\x80-\xfe]", raw)) * 2 > high * 0.6 and pairs:
        return "GBK"
    return "Windows-1252"

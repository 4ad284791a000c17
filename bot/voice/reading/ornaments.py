"""Take the ornaments off names: letters in disguise become letters, frames and strokes around a name go."""

from __future__ import annotations

import re
from typing import Final

#: Letters in circles and squares, as the letters that they are.
_ENCLOSED: Final = {
    first + n: ord("a" if first == 0x24D0 else "A") + n
    for first in (0x24B6, 0x24D0, 0x1F130, 0x1F150, 0x1F170)
    for n in range(26)
}
#: Alone these are pictures (🅰 is a blood group, Ⓜ a station): only a run of them is a name.
_ENCLOSED_RUN: Final = re.compile("(?:[\u24b6-\u24e9\U0001f130-\U0001f189]\ufe0f?){2,}")
_SMALL_CAPITALS: Final = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
_SMALL_RUN: Final = re.compile(f"[{''.join(_SMALL_CAPITALS)}sx]{{2,}}")
#: Lines through letters, and heaps of marks over and under them.
_STRUCK: Final = re.compile("[\u0334-\u0338\u0488\u0489\u20d0-\u20dc\u20e5-\u20ff]|[\u0300-\u036f]{2,}")
#: Marks of other scripts that are drawn beside names, and strokes of characters that are no word by themselves.
_DRAWN: Final = re.compile("[꧁꧂༺༻༒᭄ঔৣ丶丿灬彡]+")
_CROSSED: Final = re.compile(r"乂(\w{1,20}?)乂")
_X: Final = r"(?:xX|Xx|xXx|XxX|[xX]{2,}(?=_))"
_XX_NAME: Final = re.compile(
    rf"(?<![A-Za-z0-9_]){_X}_?(\w{{2,30}}?)(?:_[xX]{{2,}}|_?(?:Xx|xX|xXx|XxX))(?![A-Za-z0-9_])"
)
_RULE: Final = r"(?:[-~.:_]+=+|=+[-~.:_]+|={2,5})"
_RULED: Final = re.compile(rf"(?<![!-~]){_RULE}(\w(?:[^=\n]{{0,38}}\S)??){_RULE}(?![A-Za-z0-9_=])")


def unadorned(text: str) -> str:
    """Return a text whose names have no ornaments. Plain ASCII without a frame stays as it is."""
    if not text.isascii():
        text = _ENCLOSED_RUN.sub(lambda run: run[0].replace("\ufe0f", "").translate(_ENCLOSED), text)
        text = _SMALL_RUN.sub(_letters, text)
        text = _CROSSED.sub(r"\1", _DRAWN.sub("", _STRUCK.sub("", text)))
    if "=" in text:
        text = _RULED.sub(r"\1", text)
    return _XX_NAME.sub(lambda name: name[1].replace("_", " "), text) if "x" in text or "X" in text else text


def _letters(run: re.Match[str]) -> str:
    """Return small capitals as letters; two of them at the least, for one alone is a sign of the sounds of a word."""
    word = run[0]
    disguised = sum(char > "\u00ff" for char in word) > 1
    return "".join(_SMALL_CAPITALS.get(char, char) for char in word) if disguised else word

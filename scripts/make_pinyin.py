"""Write ``moderation/data/pinyin.tsv``: the toneless reading of each Chinese character, by syllable.

The readings come from pypinyin (MIT). Only the table is kept at run time: importing pypinyin costs 57 MB
and 0.2 s for phrases that the moderation does not use.

    python scripts/make_pinyin.py
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from pathlib import Path

from pypinyin.constants import PINYIN_DICT

#: The blocks in everyday use; rarer ones are no disguise anybody reads.
_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))


def toneless(reading: str) -> str:
    """Take the tone off a syllable: ``lǜ`` is ``lv``."""
    plain = unicodedata.normalize("NFD", reading.replace("ü", "v").replace("ê", "e"))
    umlaut = "".join("v" if c == "\u0308" else "" if unicodedata.category(c) == "Mn" else c for c in plain)
    return umlaut.replace("uv", "v")


def main() -> None:
    """Write the table."""
    by_syllable: dict[str, list[str]] = defaultdict(list)
    for code, readings in sorted(PINYIN_DICT.items()):
        if any(low <= code <= high for low, high in _BLOCKS):
            by_syllable[toneless(readings.split(",")[0])].append(chr(code))
    target = Path(__file__).parent.parent / "moderation" / "data" / "pinyin.tsv"
    target.parent.mkdir(exist_ok=True)
    lines = [f"{syllable}\t{''.join(chars)}" for syllable, chars in sorted(by_syllable.items())]
    head = "# syllable, characters; made by scripts/make_pinyin.py from pypinyin (MIT)"
    target.write_text("\n".join([head, *lines, ""]), "utf-8")


if __name__ == "__main__":
    main()

"""Votes that are written in chat: what a line votes for, and the count with one vote a viewer.

``2``, ``２``, ``2️⃣``, ``#2``, ``!vote 2``, ``two``, ``二``, ``第二``, ``选2``, ``B`` and the words of a choice all
vote for the second of two. The last vote of a viewer counts.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from bot.text.sanitize import plain
from bot.text.scripts import CJK

#: Most choices of a vote: one for each letter.
MOST: Final = 26
#: No vote is longer, in characters; a line is not read further.
LONGEST: Final = 60
#: So many voters are kept one by one over a restart. Of more it is only kept that they voted: see `Ballot.pack`.
ONE_BY_ONE: Final = 3500
#: Bits and hashes of the filter that remembers more voters than that: 32 kB of bits.
BITS: Final = 1 << 18
HASHES: Final = 4

_WORDS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_HAN: Final = ("一壹", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖", "十拾")
#: What may stand before and behind a vote.
_LEAD: Final = re.compile(
    r"^(?:[!#/]?(?:i\s+)?(?:vote|choose|pick|option|number|answer|poll)(?:\s+for)?\b[\s:.#]*|no\.?\s*(?=\d)"
    r"|[!#/]?(?:我?(?:要|想)?(?:投票?|选择?|選擇?|支持)|我?要|选项|選項|答案|第)(?:给|給|第)?[\s:]*|[!#/]+\s*)"
)
_TAIL: Final = re.compile(r"(?:\s*(?:号|號|番目?|个|個|项|項|票|です|please|pls|plz|吧|啊|呀|啦|了))+$")
_EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")
#: "+1" agrees with somebody.
_SIGNED: Final = re.compile(r"\s*[+−-]\s?\d")
_NOT: Final = re.compile(r"\b(?:not|no|never|don'?t|anything but|nope)\b|不|别|別|没|沒|ない|じゃ")


@cache
def _simplified() -> Callable[[str], str]:
    import opencc  # noqa: PLC0415 - costs 20 ms, and most votes are digits

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


def fold(text: str) -> str:
    """Return a text in one form: width, case, traditional characters and the marks at its edges do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii() and CJK.search(folded):
        folded = _simplified()(folded)
    return " ".join(_EDGES.sub("", folded).split())


class Reader:
    """Reads which of the ``choices`` a line votes for; they are numbered from 0."""

    def __init__(self, choices: Sequence[str]) -> None:
        self._choices = [fold(choice) for choice in choices[:MOST]]
        self._table: dict[str, int] = {}
        for index in reversed(range(len(self._choices))):
            # Words last: a choice that is called "B" or "3" means itself.
            for form in self._forms(index):
                self._table.setdefault(form, index)
        self._table |= {words: index for index, words in reversed(list(enumerate(self._choices))) if words}

    def _forms(self, index: int) -> list[str]:
        forms = [str(index + 1), chr(ord("a") + index)]
        if index < len(_WORDS):
            forms += [_WORDS[index], *_HAN[index]]
        elif index < 2 * len(_WORDS) - 1:
            forms.append("十" + _HAN[index - len(_WORDS)][0])
        return forms

    def read(self, text: str) -> int | None:
        """Return the number of the choice, from 0; None for a line that is no vote, or votes for several."""
        if len(text) > LONGEST * 4:
            return None
        shown = text if text.isascii() else plain(text)  # the keycap of an emoji is no letter
        folded = shown.strip().casefold()
        found = self._table.get(folded)
        if found is not None:
            return found
        if len(shown) > LONGEST or _SIGNED.match(shown):
            return None
        folded = _LEAD.sub("", shown.strip().casefold()) if shown.isascii() else _LEAD.sub("", _han(shown))
        folded = fold(_TAIL.sub("", _EDGES.sub("", folded)))
        found = self._table.get(folded)
        if found is None and len(folded) > 1 and len(set(folded)) == 1:
            found = self._table.get(folded[0])  # "2222" is how one shouts
        return self._named(folded) if found is None else found

    def _named(self, folded: str) -> int | None:
        """Return the one choice whose words stand in a line that denies nothing."""
        if _NOT.search(folded):
            return None
        named = {i for i, words in enumerate(self._choices) if len(words) > 1 and _holds(folded, words)}
        # "tea" stands in "iced tea" as well: the longer one is meant.
        named -= {i for i in named for j in named if i != j and self._choices[i] in self._choices[j]}
        return named.pop() if len(named) == 1 else None


def _han(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return _simplified()(folded) if CJK.search(folded) else folded


def _holds(line: str, words: str) -> bool:
    """Return whether words stand in a line; Latin ones as whole words."""
    at = line.find(words)
    if at < 0 or not words.isascii():
        return at >= 0
    before, after = line[:at][-1:], line[at + len(words) :][:1]
    return not before.isalnum() and not after.isalnum()


class Ballot:
    """The count of a vote. ``voters`` may be any number: a voter costs about 100 bytes while the vote is on."""

    def __init__(self, choices: Sequence[str], packed: Mapping[str, Any] | None = None) -> None:
        """Begin a count, or go on with what `pack` returned."""
        self.choices = tuple(choices[:MOST])
        self.counts = [0] * len(self.choices)
        self._reader = Reader(self.choices)
        self._votes: dict[bytes, int] = {}
        self._filter = bytearray()
        #: Who voted before the crash.
        self._before = b""
        if packed:
            self._unpack(packed)

    @property
    def total(self) -> int:
        """How many viewers voted."""
        return sum(self.counts)

    def cast(self, viewer: str, text: str) -> int | None:
        """Count a line; return which choice it votes for. A viewer's later vote takes the place of the earlier."""
        choice = self._reader.read(text)
        if choice is None:
            return None
        key = hashlib.blake2b(viewer.encode("utf-8", "surrogatepass"), digest_size=6).digest()
        before = self._votes.get(key)
        if before is None:
            if self._before and self._voted(key):
                return None
            if self._filter:
                self._mark(key)
        if before is not None:
            self.counts[before] -= 1
        self._votes[key] = choice
        self.counts[choice] += 1
        return choice

    def leaders(self) -> tuple[int, ...]:
        """Return the choices with the most votes: several at a tie, none without a vote."""
        most = max(self.counts, default=0)
        return tuple(i for i, count in enumerate(self.counts) if count == most) if most else ()

    def pack(self) -> dict[str, Any]:
        """Return the count as JSON of at most 50 kB.

        Up to `ONE_BY_ONE` voters are kept with their votes. Of more only a Bloom filter is kept: whoever voted before
        a crash cannot vote again after it, nor change their vote, and of the new voters some are taken for old ones
        (with 20,000 before the crash 1 in 200, with 50,000 1 in 12).
        """
        if len(self._votes) <= ONE_BY_ONE and not self._filter:
            votes = b"".join(key + bytes((choice,)) for key, choice in self._votes.items())
            return {"counts": list(self.counts), "votes": base64.b64encode(votes).decode()}
        if not self._filter:
            self._filter = bytearray(BITS // 8)
            for key in self._votes:
                self._mark(key)
        return {"counts": list(self.counts), "voted": base64.b64encode(self._filter).decode()}

    def _unpack(self, packed: Mapping[str, Any]) -> None:
        try:
            counts = [max(0, int(count)) for count in packed["counts"]]
            votes = base64.b64decode(packed.get("votes", ""), validate=True)
            voted = base64.b64decode(packed.get("voted", ""), validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            return
        if len(counts) != len(self.counts) or len(votes) % 7 or len(voted) not in (0, BITS // 8):
            return
        self.counts, self._filter, self._before = counts, bytearray(voted), voted
        self._votes = {votes[at : at + 6]: min(votes[at + 6], len(counts) - 1) for at in range(0, len(votes), 7)}

    def _places(self, key: bytes) -> list[int]:
        one, two = int.from_bytes(key[:3]), int.from_bytes(key[3:]) | 1
        return [(one + step * two) % BITS for step in range(HASHES)]

    def _voted(self, key: bytes) -> bool:
        return all(self._before[place >> 3] >> (place & 7) & 1 for place in self._places(key))

    def _mark(self, key: bytes) -> None:
        for place in self._places(key):
            self._filter[place >> 3] |= 1 << (place & 7)

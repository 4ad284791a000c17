"""Write ``moderation/data/needs.json``: the words that a text must hold before a pattern of phrases can fit it.

    python -m scripts.make_needs

A pattern is read as the tree that Python's own parser of regular expressions makes of it. Whatever every match must
spell out is a need: a set of words of which at least one stands in the text. A text without it need not be searched,
nor the pattern compiled. What cannot be read this way (a class of characters, what may be left out) is no need, so a
pattern has too few of them at worst, and is then searched for in vain, as without this file.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

from moderation.rules.files import read_lexicon
from moderation.rules.phrases import LEXICONS, NEEDS, in_order, spelt_out

FOLDER: Final = Path(__file__).parents[1] / "moderation"
#: Spellings of one piece of a pattern that are looked at; of more of them the pieces are looked at one by one.
_MOST: Final = 24
#: Letters that the shortest word of a need has: a shorter one stands in nearly every line. A Chinese one is enough.
_SHORTEST: Final = 3
_HAN_COUNTS: Final = _SHORTEST
#: Needs of one pattern that are written down, the rarest first.
_MOST_NEEDS: Final = 3
#: Longest word: what is longer is hardly rarer.
_LONGEST: Final = 6

Words = frozenset[str]
#: All spellings of a piece (None: too many, or any), and the sets of which each match holds one word.
_Read = tuple[Words | None, list[Words]]
_EMPTY: Final = frozenset({""})


def needs_of(pattern: str) -> list[Words]:
    """Return the needs of a pattern, the rarest first; none when it may fit any text."""
    tree = parser.parse(pattern)
    if tree.state.flags & ~int(code.SRE_FLAG_UNICODE):
        raise ValueError(f"a flag changes what letters mean: {pattern}")
    spelt, needs = _sequence(tree)
    needs = [_shortened(need) for need in (*needs, *((spelt,) if spelt else ()))]
    useful = {need for need in needs if _worth(need) >= _SHORTEST}
    return sorted(useful, key=lambda need: (-_worth(need), len(need), sorted(need)))[:_MOST_NEEDS]


def _worth(words: Words) -> int:
    """Return how many letters the shortest word has."""
    return min((sum(1 if char.isascii() else _HAN_COUNTS for char in word) for word in words), default=0)


def _shortened(words: Words) -> Words:
    """Leave out words that hold another one of the set: where they stand, the other stands too."""
    cut = {word[:_LONGEST] for word in words}
    return frozenset(word for word in cut if not any(other in word for other in cut if other != word))


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Read:
    """Read pieces that follow one another: their spellings are joined as long as they are few."""
    spelt: Words = _EMPTY
    whole, needs = True, list[Words]()
    for operator, value in items:
        found, inner = _piece(operator, value)
        needs += inner
        if found is not None and len(spelt) * len(found) <= _MOST:
            spelt = frozenset(a + b for a, b in itertools.product(spelt, found))
            continue
        whole = False
        needs.append(spelt)
        spelt = found if found is not None else _EMPTY
    if whole:
        return spelt, needs
    return None, [*needs, spelt]


def _piece(operator: Any, value: Any) -> _Read:
    match operator:
        case code.LITERAL:
            return frozenset({chr(value)}), []
        case code.AT | code.ASSERT | code.ASSERT_NOT:
            return _EMPTY, []  # takes no letter
        case code.SUBPATTERN:
            return _sequence(value[-1])
        case code.BRANCH:
            return _branch([_sequence(branch) for branch in value[1]])
        case code.IN:
            return _class(value), []
        case code.MAX_REPEAT | code.MIN_REPEAT:
            least, most, inner = value
            return _repeated(least, most, _sequence(inner))
    return None, []


def _branch(branches: Sequence[_Read]) -> _Read:
    exact = [spelt for spelt, _ in branches]
    if all(spelt is not None for spelt in exact):
        joined: Words = frozenset().union(*(spelt for spelt in exact if spelt is not None))
        if len(joined) <= _MOST:
            return joined, []
    best = [max((_shortened(n) for n in (*needs, spelt or _EMPTY)), key=_worth) for spelt, needs in branches]
    return None, [frozenset().union(*best)] if all(map(_worth, best)) else []


def _repeated(least: int, most: int, inner: _Read) -> _Read:
    spelt, needs = inner
    if least == 0:
        return (spelt | _EMPTY, []) if most == 1 and spelt is not None else (None, [])
    if (least, most) == (1, 1):
        return inner
    return None, [*needs, spelt or _EMPTY]


def _class(items: Sequence[tuple[Any, Any]]) -> Words | None:
    """Return the characters of a class, None when they are many or are not named one by one."""
    chars: set[str] = set()
    for operator, value in items:
        match operator:
            case code.LITERAL:
                chars.add(chr(value))
            case code.RANGE if value[1] - value[0] < _MOST:
                chars.update(map(chr, range(value[0], value[1] + 1)))
            case _:
                return None
    return frozenset(chars)


def make() -> str:
    """Return what the file holds."""
    made: dict[str, Any] = {}
    for name in LEXICONS:
        raw = read_lexicon(name)
        sets: dict[tuple[str, ...], int] = {}
        languages = {
            language: [
                [sets.setdefault(tuple(sorted(need)), len(sets)) for need in needs_of(spelt_out(pattern, raw["parts"]))]
                for pattern in _patterns(raw[language])
            ]
            for language in ("en", "zh")
        }
        digest = hashlib.sha256((FOLDER / "lexicons" / name).read_bytes()).hexdigest()
        made[name] = {"sha256": digest, "words": [" | ".join(words) for words in sets], **languages}
    return json.dumps(made, ensure_ascii=False, indent=0) + "\n"


def _patterns(groups: Iterable[Any]) -> Iterator[str]:
    for group in groups:
        yield from in_order(group)


if __name__ == "__main__":
    (FOLDER / "data" / NEEDS).write_text(make(), "utf-8")

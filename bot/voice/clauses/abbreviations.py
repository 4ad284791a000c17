"""Tell the full stop of an abbreviation from one that ends a sentence."""

from __future__ import annotations

import re
from typing import Final

#: What follows belongs to it: never the end of a sentence.
_LEADS: Final = frozenset(
    "mr mrs ms mx dr prof st gen capt cpt sgt lt col cmdr adm maj rev fr hon gov sen rep pres mt ft vs cf no nos fig "
    "figs vol pp eq ca approx dept est al e.g i.e viz".split()
)
#: These may end a sentence; they do when a capital follows.
_TRAILS: Final = frozenset(
    "a.m p.m etc inc ltd co corp jr sr bros ave blvd rd jan feb mar apr jun jul aug sep sept oct nov dec ph.d m.d b.a "
    "m.a b.c a.d min max hr hrs sec temp misc".split()
)
#: Words that open a sentence, by which "in the U.S. The" ends one and "the U.S. Army" does not.
_OPENERS: Final = frozenset(
    "the a an i i'm i'll i've it it's its we we're he he's she she's they they're this that that's these those but "
    "and so you you're your my our in on at as if when what who why how where there then here let let's no yes well "
    "oh okay ok is are do does did can could will would anyway also maybe now".split()
)
_WORD_BEFORE: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’-](?=[^\W\d_])){0,15}$")
_WORD_AFTER: Final = re.compile(r"[^\W\d_][\w'’]*")


def needs_next_word(before: str) -> bool:
    """Return whether `ends_sentence` must see the whole next word: after an initial or an acronym."""
    found = _WORD_BEFORE.search(before[-20:])
    return found is not None and _is_letters(found[0])


def ends_sentence(before: str, after: str) -> bool:
    """Return whether the full stop between two texts ends a sentence.

    ``before`` ends just before the stop, ``after`` is what follows the white space behind it.
    """
    found = _WORD_BEFORE.search(before[-20:])
    if found is None:
        return bool(before.strip(" 0123456789"))
    word = found[0]
    lower = word.casefold()
    follows = _WORD_AFTER.match(after)
    capital = after[:1].isupper()
    if lower in _LEADS:
        # "No." and "St." are also ordinary words; a number or a name must follow.
        return lower in ("no", "st", "fig") and not (after[:1].isdigit() or (capital and lower == "st"))
    if lower in _TRAILS:
        return capital
    if _is_letters(word):
        opens = follows is not None and follows[0].casefold() in _OPENERS
        return opens if capital or "." in word else True
    return True


def _is_letters(word: str) -> bool:
    """Return whether it is an initial or an acronym: ``J``, ``U.S``."""
    if len(word) == 1:
        return word.isupper() and word != "I"
    return "." in word and all(len(part) == 1 for part in word.split("."))

"""The forms of a text that the rules look at, each with the way back to the original letters.

People disguise words: full width, look-alike letters, dots between letters, l33t, traditional
characters, characters that sound the same, characters taken apart, emoji. Each `View` undoes one kind of
disguise. All take linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, overload

from moderation.text.normalise import HAN, Fold, Joined, Meant, Named, pinyin
from moderation.text.split_characters import PART, PARTS

__all__ = ["HAN", "Tables", "View", "squashed", "squeezed"]

_LEET: Final = str.maketrans("01345679@$!|+8€£", "oieasgtgasiltbel")
_NUMBER: Final = re.compile(
    r"\d+(?:[.,:]\d+)*(?:%|[kmhsdxpv]|k?m|[kmg]?b|[gm]hz|ms|mins?|hrs?|fps|hp|kg|lbs?|ft|cm|am|pm|st|nd|rd|th|wpm|usd)?"
)
_DISGUISED: Final = re.compile(
    r"[a-z](?:[.*_~^+|@$!0-9-]{1,3}|[^\x00-\x7f\w]{1,3})[a-z]|(?<![a-z0-9])[@$!|0-9]{1,2}[a-z]{2}"
    r"|[a-z](?:[a-z][@$|0-9]|[0-9]{2,3})(?![a-z0-9])|[@$!|0-9]{1,3}[a-z][@$!|0-9]|([a-z])\1\1"
    r"|\s\s|(?<![a-z'])[a-z]\W{1,3}[a-z]\W{1,3}[a-z](?![a-z])|[a-z]\s?\+\s?[a-z]{1,5}\s?\+"
)
_EDGES: Final = ".,!?;:()\"'“”-#"
_LONGEST_WORD: Final = 60
#: A word, or a sum of pieces of one: "n + ope + s".
_TOKEN: Final = re.compile(r"(?P<sum>(?<![a-z])[a-z]{1,5}(?:\s?\+\s?[a-z]{1,5}){2,}(?![a-z]))|\S+")
_RUN: Final = re.compile(r"(.)\1{2,}")
#: A single character between two marks: they are there to part a word.
_LONE: Final = re.compile(f"(?:^|[，。！？、；：,!?;:])(?:{HAN.pattern}[，。！？、；：,!?;:]){{2}}")
_MARKS: Final = str.maketrans("", "", "，。！？、；：,!?;:\n")
#: A four that stands for "death", which sounds alike: at the end of a phrase, or before a particle or a person. Not
#: one that counts (4楼, 4个, 14).
_FOUR: Final = re.compile(
    rf"(?<={HAN.pattern})4(?=[吧了啊呀哦嘛妈全你我他她的掉人，。！？,!?;:]|$)|(?<!\d)4(?=妈(?!妈)|全家)"
)
#: Digits beside Chinese characters: numbers of years and days, written so that a list of words does not see them.
_NUMERAL: Final = re.compile(rf"(?<={HAN.pattern})\d{{1,4}}(?!\d)|(?<!\d)\d{{1,4}}(?={HAN.pattern})")
_NUMERALS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
#: Texts of which is remembered what `squashed` made of them, and the longest: the rules and the classifier ask for the
#: same, and hostile ones must not fill the memory.
_MOST_KNOWN, _LONGEST_KNOWN = 512, 300
_LATIN_RUN: Final = re.compile("[a-z]{1,24}")
_LATIN: Final = re.compile("[a-z]")


class _Places(Sequence[int]):
    """Places that are worked out when one is asked for: most forms of a text are looked through in vain."""

    def __init__(self, make: Callable[[], list[int]]) -> None:
        self._make: Callable[[], list[int]] | None = make
        self._made: list[int] = []

    def _all(self) -> list[int]:
        if self._make is not None:
            self._made, self._make = self._make(), None
        return self._made

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> list[int]: ...
    def __getitem__(self, at: int | slice) -> int | list[int]:
        return self._all()[at]

    def __len__(self) -> int:
        return len(self._all())


@dataclass(slots=True)
class View:
    """One form of a text, and how each of its characters came from ``source``.

    ``source`` None means that this is the original. ``table`` gives what each character of the source
    became; else ``starts`` and ``ends`` give the place in the source of each character of ``text``
    (``ends`` None: it came from one character); with neither, characters correspond one to one.
    """

    text: str
    source: View | None = None
    table: dict[int, str] | None = None
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None
    #: What `squashed` made of it, by ``keep``: several rules ask for the same.
    squashed: dict[int, View | None] = field(default_factory=dict, repr=False)
    #: What `Tables.joined` made of it, for the same reason.
    joined: View | None = field(default=None, repr=False)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original text that a span of this view came from; ``start`` < ``end``."""
        if self.source is None:
            return start, end
        if self.starts is not None:
            first = self.starts[start]
            last = self.ends[end - 1] if self.ends is not None else self.starts[end - 1] + 1
        elif self.table is None:
            first, last = start, end
        else:
            first, last = self._walk(self.source.text, self.table, start, end)
        return self.source.original(first, last)

    @staticmethod
    def _walk(source: str, table: dict[int, str], start: int, end: int) -> tuple[int, int]:
        at = first = 0
        begun = False
        for index, char in enumerate(source):
            at += len(table[ord(char)])
            if at > start and not begun:
                first, begun = index, True
            if at >= end:
                return first, index + 1
        return first, len(source)


class Tables:
    """The folding tables; one set serves all checks of a moderator."""

    def __init__(self) -> None:
        self._fold = Fold()
        self._joined = Joined()
        self._bare = Joined(sounds=False)
        self._pinyin = pinyin()
        self._named = Named()
        self._meant = Meant()

    def folded(self, text: str) -> View:
        """NFKC, lower case, look-alikes as Latin letters, no accents, no marks, simplified Chinese."""
        raw = View(text)
        if text.isascii() and text.isprintable():
            return View(text.lower(), raw)
        return View(text.translate(self._fold), raw, self._fold)

    def joined(self, folded: View) -> View:
        """Folded, without spaces, dots and other dividers, but with the marks that end a phrase."""
        if folded.joined is None:
            folded.joined = View(folded.text.translate(self._joined), folded, self._joined)
        return folded.joined

    def bare(self, folded: View) -> View:
        """Return it joined, with emoji taken for decoration instead of sound."""
        return View(folded.text.translate(self._bare), folded, self._bare)

    def whole(self, joined: View) -> View | None:
        """Return it joined, with split characters put together, and without marks that stand around single ones.

        None when there is nothing of the kind.
        """
        view = joined
        if _LONE.search(view.text):
            places = [at for at, char in enumerate(view.text) if ord(char) not in _MARKS]
            view = View("".join(view.text[at] for at in places), view, starts=places)
        if not PART.search(view.text):
            return None if view is joined else view
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for part in PART.finditer(view.text):
            between = range(at, part.start())
            text += [view.text[at : part.start()], PARTS[part[0]]]
            starts += [*between, part.start()]
            ends += [*(place + 1 for place in between), part.end()]
            at = part.end()
        rest = range(at, len(view.text))
        text.append(view.text[at:])
        return View("".join(text), view, starts=[*starts, *rest], ends=[*ends, *(place + 1 for place in rest)])

    @staticmethod
    def numerals(joined: View) -> Iterator[View]:
        """Yield joined text with digits as what is meant: a four as "death", digits as Chinese numerals."""
        if _FOUR.search(joined.text):
            yield View(_FOUR.sub("死", joined.text), joined)
        if _NUMERAL.search(joined.text):
            yield View(_NUMERAL.sub(lambda digits: digits[0].translate(_NUMERALS), joined.text), joined)

    def pinyin(self, joined: View) -> View:
        """Spell joined text: each Chinese character as ``'syllable``, and Latin letters so if they are nothing else."""
        if not _LATIN.search(joined.text):
            return View(joined.text.translate(self._pinyin), joined, self._pinyin)
        text: list[str] = []
        at = 0
        for run in _LATIN_RUN.finditer(joined.text):
            text.append(joined.text[at : run.start()].translate(self._pinyin))
            text += [f"'{syllable}" for syllable in spelt] if (spelt := self._syllables(run[0])) else run[0]
            at = run.end()
        text.append(joined.text[at:].translate(self._pinyin))
        return View("".join(text), joined, starts=_Places(lambda: self._spelt_from(joined.text)))

    def _spelt_from(self, joined: str) -> list[int]:
        """Return where each character of `pinyin` came from."""
        starts: list[int] = []
        at = 0
        for run in _LATIN_RUN.finditer(joined):
            starts += self._read_from(joined, at, run.start())
            at = run.end()
            if spelt := self._syllables(run[0]):
                place = run.start()
                for syllable in spelt:
                    starts += [place, *range(place, place + len(syllable))]
                    place += len(syllable)
            else:
                starts += range(run.start(), at)
        return [*starts, *self._read_from(joined, at, len(joined))]

    def _read_from(self, joined: str, start: int, end: int) -> Iterator[int]:
        for at in range(start, end):
            yield from [at] * len(self._pinyin[ord(joined[at])])

    def _syllables(self, letters: str) -> list[str]:
        """Return the syllables that Latin letters spell; none when they are not syllables throughout."""
        spelt = self._pinyin.syllables.findall(letters)
        return spelt if sum(map(len, spelt)) == len(letters) else []

    def named(self, folded: View) -> View | None:
        """Folded, with emoji as their names; None when there is none."""
        return _worded(folded, self._named)

    def meant(self, folded: View) -> View | None:
        """Folded, with emoji as the words they are put for ("🔪 you"), others left out; None when there is none."""
        return _worded(folded, self._meant)


def _worded(folded: View, table: dict[int, str]) -> View | None:
    if folded.text.isascii():
        return None
    text = folded.text.translate(table)
    return None if text == folded.text else squeezed(View(text, folded, table))


def squeezed(view: View) -> View:
    """Make every run of white space one space."""
    starts: list[int] = []
    text: list[str] = []
    for at, char in enumerate(view.text):
        if char.isspace():
            if not text or text[-1] == " ":
                continue
            char = " "  # noqa: PLW2901 - what is appended
        text.append(char)
        starts.append(at)
    return View("".join(text), view, starts=starts)


def squashed(folded: View, *, keep: int) -> View | None:
    """Undo spelling tricks inside words: dividers, digits for letters, long runs, spaced-out letters.

    Words stay words, so that "pass it" does not become a bad one. A letter repeated three times or
    more is kept ``keep`` times. None when nothing in the text looks disguised.
    """
    if keep not in folded.squashed:
        folded.squashed[keep] = _squashed(folded, keep)
    return folded.squashed[keep]


def _squashed(folded: View, keep: int) -> View | None:
    text = folded.text
    found = _undone(text, keep) if len(text) <= _LONGEST_KNOWN else _undone.__wrapped__(text, keep)
    if found is None:
        return None
    plain, starts, ends = found
    return View(plain, folded, starts=starts, ends=ends)


@lru_cache(maxsize=_MOST_KNOWN)
def _undone(folded: str, keep: int) -> tuple[str, Sequence[int], Sequence[int]] | None:
    """Return the text that `squashed` makes, and where each of its letters begins and ends in the folded one."""
    if not (_DISGUISED if keep == 1 else _RUN).search(folded):
        return None
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    single = False
    stop = gap = 0
    runs = _RUN.search(folded) is not None
    for token in _TOKEN.finditer(folded):
        core = token[0].strip(_EDGES)
        start = token.start() + token[0].find(core)
        if token["sum"]:
            places = [at for at, letter in enumerate(token[0], start) if letter.isalpha()]
            letters, stops = "".join(filter(str.isalpha, core)), [at + 1 for at in places]
        elif core.isalpha() and not (runs and _RUN.search(core)):
            letters, places = core, list(range(start, start + len(core)))
            stops = list(range(start + 1, start + len(core) + 1))
        else:
            kept = _undisguised(core, keep)
            letters = "".join(letter for _, _, letter in kept)
            places, stops = [start + at for at, _, _ in kept], [start + stop for _, stop, _ in kept]
        if not letters:
            continue
        alone = len(letters) == 1
        # Letters set apart belong together, up to a gap that is wider than the first one.
        wide, stop = start - stop, start + len(core)
        joins = alone and single and (not gap or wide <= gap)
        if text and not joins:
            text.append(" ")
            starts.append(start)
            ends.append(start + 1)
        gap = (gap if single else 0) if not joins else gap or wide
        single = alone
        text.append(letters)
        starts += places
        ends += stops
    return "".join(text), starts, ends


def _undisguised(core: str, keep: int) -> list[tuple[int, int, str]]:
    """Return the letters that are meant, each with its place: start, end, letter."""
    if not core or len(core) > _LONGEST_WORD or core.startswith("http") or _NUMBER.fullmatch(core):
        return []
    plain = core.translate(_LEET)
    out: list[tuple[int, int, str]] = []
    at = 0
    for run in _RUN.finditer(core):
        out += [(i, i + 1, plain[i]) for i in range(at, run.start()) if plain[i].isalnum()]
        at = run.start()
        if plain[at].isalnum():
            out += [(i, i + 1, plain[i]) for i in range(at, at + keep - 1)]
            out.append((at + keep - 1, run.end(), plain[at]))
        at = run.end()
    return out + [(i, i + 1, plain[i]) for i in range(at, len(plain)) if plain[i].isalnum()]

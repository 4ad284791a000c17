"""What a viewer's name must not be: it is read aloud alone, so it is judged as it is spelled and as it sounds.

The lists and what they mean are in ``lexicons/names.yaml``; docs/moderation.md tells what is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from moderation.policy import Category, Severity
from moderation.rules.files import read_lexicon
from moderation.rules.lexicon import Finding, Lexicon, builtin
from moderation.rules.phrases import compiled
from moderation.text.forms import HAN, Tables, View
from moderation.text.spoken import meant, readings, sound, windows, words_of

#: Names whose reading is remembered while they are judged for each direction and platform.
_REMEMBERED: Final = 32
#: Signs of hate, and what is no word: swastikas (not "bankai", not Japanese slang), bolts of the SS, a finger.
_SIGNS: Final = re.compile(
    "[卐\u0fd5-\u0fd8\ua5a6]|(?<!まじ)(?<!マジ)卍(?!解)|ᛋ\\W?ᛋ|ϟ\\W?ϟ|(?<![⚡\ufe0f])⚡\ufe0f?⚡\ufe0f?(?!⚡)|🖕|🍆\\W?[💦🍑]"
)
#: A heart that stands for the second character of 微信, before an account; an address with spaces in it.
_CONTACT: Final = re.compile("(?<![a-z])t ?[.] ?me ?/ ?\\w|(?<![a-z])v\\W{0,2}[❤♥]\ufe0f?[a-z_-]{0,12}\\d{3,}")
#: What decorates or divides, beside the signs that patterns look for.
_DECORATED: Final = re.compile(r"[^\w:+@.➕\u2600-\u27bf\U0001f300-\U0001faff]|❤")
_XS: Final = re.compile(r"^x{2,}|x{2,}$")
_LATIN: Final = re.compile("[a-z]+")
#: Letters of scripts that have spaces and no digits: Latin, Greek, Cyrillic, Arabic and so on.
_ALPHABETIC: Final = re.compile("(?:[a-z]|[\u00aa-\u0dff])+")
_LONG_RUN: Final = re.compile(r"(.)\1{2,}")
#: Endings that a bad word may take without becoming another word ("whores", but not "whoremembers").
_ENDINGS: Final = frozenset("s z es er ers ed ing in y ie ies ish ism ist ness o a ah uh az ass ette".split())
#: What a name may have beside the host's name and still be taken for the host.
_DECORATION: Final = frozenset(
    "the real official true original ai bot host live tv ttv yt stream streamer vtuber".split()
)
_ADORNED: Final = re.compile(f"^(?:{'|'.join(_DECORATION)})+|(?:{'|'.join(_DECORATION)})+$")
_DOUBLE: Final = re.compile(r"(.)\1+")
#: What makes a name a sentence about the host.
_ABOUT_HOST: Final = frozenset(
    "is was isnt sucks smells stinks hates says said wants eats does loves needs belongs works will should must".split()
)
#: What makes a name an insult to the host, wherever it stands beside it.
_DEMEANING: Final = frozenset("slave slaves slut whore puppet".split())
_ABOUT_HOST_CJK: Final = re.compile(r"(?:本人|本尊|官方|真身|大号|是|说|讨厌|傻|蠢|死|滚|は|が)")
#: The shortest sound that is looked for within a longer one; the shortest word that single letters may stand beside.
_SOUND_WITHIN: Final = 6
_LONG_WORD: Final = 5
#: No joke is longer, in letters.
_LONGEST_HEARD: Final = 24
#: An allowance this long counts anywhere in a word.
_CLEAR: Final = 6


class _Read(NamedTuple):
    """What was found in a name by itself, and the texts in which the policy's own words are looked for."""

    found: tuple[tuple[str, Category], ...]
    texts: tuple[str, ...]


class Names:
    """Judges names. Thread-safe."""

    def __init__(self, tables: Tables) -> None:
        raw = read_lexicon("names.yaml")
        self._tables = tables
        self._glue = frozenset(raw["glue"])
        self._glued = lru_cache(maxsize=4096)(self._is_glued)
        self._read = lru_cache(maxsize=_REMEMBERED)(self._read_once)
        self._patterns = [_Pattern(group, raw["parts"]) for group in raw["patterns"]]
        words = _terms(tables)
        words |= {_joined(word): (Category.HATE, False) for word in raw["words"]}
        self._roots = _within(_joined(root) for root in raw["roots"])
        self._alike_roots = _within(_joined(root).replace("l", "i") for root in raw["roots"])
        self._backwards = _within(word for word in raw["backwards"] if len(word) > _LONG_WORD - 1)
        self._backward_words = frozenset(raw["backwards"])
        heard = {key for word in raw["sounds"] for key in sound(_joined(word))}
        self._sounds = frozenset(heard)
        self._jokes = frozenset(sound(_joined(joke))[0] for joke in raw["jokes"])
        self._sound_roots = _within(
            key for root in raw["roots"] if len(key := sound(_joined(root))[0]) >= _SOUND_WITHIN
        )
        self._words = words
        inner = [word for word in words if len(word) > 2]
        self._inner = [(word, *words[word]) for word in inner]
        self._find_inner = AhoCorasick(inner).find_matches_as_indexes
        harmless = [entry.text for entry in builtin(("en",)) if entry.allow]
        latin = [word for word in (*raw["allow"], *harmless) if not HAN.search(word)]
        self._allowed = frozenset(map(_joined, latin))
        self._allow = re.compile(
            r"(?<![a-z0-9])(?:" + "|".join(sorted(map(re.escape, latin), key=len, reverse=True)) + r")(?![a-z])"
        )
        self._clear = re.compile(
            "|".join(sorted((w for w in self._allowed if len(w) >= _CLEAR), key=len, reverse=True))
        )
        self._allow_han = re.compile("|".join(map(re.escape, (w for w in raw["allow"] if HAN.search(w)))))
        chinese = [
            tables.folded(entry.text).text for entry in builtin(("zh",)) if entry.allow and HAN.search(entry.text)
        ]
        self._within_harmless = AhoCorasick(chinese).find_matches_as_indexes

    def find(self, name: str, lexicon: Lexicon, host: tuple[str, ...] = ()) -> Iterator[Finding]:
        """Find what makes a name unfit to be read aloud. ``host`` are the names that the host itself goes by.

        Findings point at the whole name: what is heard is not always one place of what is written.
        """
        read = self._read(name, host)
        size = max(1, len(name))
        for rule, category in read.found:
            yield Finding(f"name:{rule}", category, Severity.SERIOUS, 0, size)
        for text in read.texts:
            for finding in lexicon.find(self._tables.folded(text)):
                yield Finding(finding.rule, finding.category, finding.severity, 0, size)

    def _read_once(self, name: str, host: tuple[str, ...]) -> _Read:
        found: dict[tuple[str, Category], None] = {}
        texts: dict[str, None] = {}
        if _SIGNS.search(name):
            found["hate", Category.EXTREMISM] = None
        for written in (name, *meant(name)):
            folded = self._tables.folded(written).text
            words = words_of(written, self._tables)
            if host and self._is_host(folded, words, host):
                found["host", Category.INJECTION] = None
            if _CONTACT.search(folded):
                found["contact", Category.SPAM] = None
            if not folded.isascii():
                texts[self._cleared(folded)] = None
            texts[spaced := self._cleared(" ".join(words))] = None
            found |= dict.fromkeys(self._joined_patterns(folded))
            found |= dict.fromkeys(self._spaced_patterns(folded, spaced))
            for reading in readings(words):
                plain = self._cleared(" ".join(reading))
                if plain not in texts:
                    texts[plain] = None
                    found |= dict.fromkeys(self._spaced_patterns(plain))
                found |= dict.fromkeys(self._words_found(reading, plain.split()))
        return _Read(tuple(found), tuple(text for text in texts if text.strip()))

    def _spaced_patterns(self, *texts: str) -> Iterator[tuple[str, Category]]:
        return ((pattern.rule, pattern.category) for pattern in self._patterns if pattern.search(texts))

    def _joined_patterns(self, folded: str) -> Iterator[tuple[str, Category]]:
        joined = _DECORATED.sub("", self._allow_han.sub(" ", folded))
        pictured = self._tables.joined(View(joined)).text  # a horse is a mother
        harmless = [(start, end) for _, start, end in self._within_harmless(joined, overlapping=True)]
        texts = (joined, pictured)
        return ((p.rule, p.category) for p in self._patterns if p.search_joined(texts, harmless))

    def _words_found(self, reading: Sequence[str], plain: Sequence[str]) -> Iterator[tuple[str, Category]]:
        """Yield what the words of a name are; ``plain`` are those without the harmless ones."""
        if category := self._joke(reading) or self._heard(plain):
            yield "sound", category
        if category := self._spelled(plain):
            yield "word", category

    def _cleared(self, text: str) -> str:
        """Return a text without its harmless words."""
        return self._allow.sub(" ", self._clear.sub(" ", self._allow_han.sub(" ", text)))

    def _joke(self, words: Sequence[str]) -> Category | None:
        """Return what a name is when it is one of the jokes to be read aloud, or ends or begins with one."""
        runs = (run for run in windows(words) if _LATIN.fullmatch(run) and len(run) <= _LONGEST_HEARD)
        heard = (sound(_XS.sub("", run))[0] for run in runs if run not in self._allowed)
        return Category.SEXUAL if any(key in self._jokes for key in heard) else None

    def _heard(self, words: Sequence[str]) -> Category | None:
        """Return what a name sounds like: every run of its words is spoken as one."""
        runs = [run for run in windows(words) if len(run) <= _LONGEST_HEARD]
        parts = (core for word in words for core in self._cores(word))
        spoken = (text for text in (*runs, *parts) if _LATIN.fullmatch(text))
        return Category.HATE if any(not self._sounds.isdisjoint(sound(text)) for text in spoken) else None

    def _cores(self, word: str) -> Iterator[str]:
        """Yield what is left of a word when words of `glue` are taken from its ends."""
        starts = [at for at in range(1, len(word) - 2) if self._glued(word[:at])]
        ends = [at for at in range(3, len(word)) if self._glued(word[at:])]
        yield from (word[at:] for at in starts)
        yield from (word[:at] for at in ends)
        yield from (word[start:end] for start in starts for end in ends if end - start > 2)

    def _spelled(self, words: Sequence[str]) -> Category | None:
        """Return what the letters of a name say."""
        whole = "".join(words)
        if self._roots(whole) or self._roots(_LONG_RUN.sub(r"\1", whole)) or self._backwards(whole):
            return Category.HATE
        if "l" in whole and self._alike_roots(whole.replace("l", "i")):
            return Category.HATE
        if _LATIN.fullmatch(whole) and self._sound_roots(sound(whole)[0]):
            return Category.HATE
        single = len(words)
        for place, spelled in enumerate(windows(words)):
            forms = {spelled, _LONG_RUN.sub(r"\1", spelled), _LONG_RUN.sub(r"\1\1", spelled)}
            if spelled.endswith("z"):
                forms.add(f"{spelled[:-1]}s")
            for form in forms:
                if form in self._allowed:
                    continue
                if form in self._words:
                    return self._words[form][0]
                if place < single and (category := self._within_word(_XS.sub("", form))):
                    return category
            if spelled in self._backward_words:
                return Category.HATE
        return None

    def _within_word(self, word: str) -> Category | None:
        for index, start, end in self._find_inner(word, overlapping=True):
            term, category, open_end = self._inner[index]
            single = len(term) >= _LONG_WORD
            before, after = word[:start], word[end:]
            if not self._glued(before, single=single) and not (before == "i" and len(term) >= _LONG_WORD - 1):
                continue
            if self._glued(after) or (open_end and after in _ENDINGS):
                return category
        return None

    def _is_glued(self, text: str, *, single: bool = False) -> bool:
        """Whether a text is made of words that stand beside others. ``single``: "a" and "i" are words too."""
        if not text or not text.strip("x"):
            return True
        return any(
            text[:size] in self._glue and self._is_glued(text[size:], single=single)
            for size in range(1 if single else 2, len(text) + 1)
        )

    def _is_host(self, folded: str, words: Sequence[str], host: Iterable[str]) -> bool:
        mine = {form for name in host if (key := self._key(name)) for form in (key, _DOUBLE.sub(r"\1", key))}
        forms = [[self._key(word) for word in reading] for reading in readings(words)]
        joined = self._key(folded)
        if joined in mine or any(folded.startswith(m) and _ABOUT_HOST_CJK.match(folded, len(m)) for m in host if m):
            return True
        for form in forms:
            left = _XS.sub("", "".join(word for word in form if word not in _DECORATION))
            if _DOUBLE.sub(r"\1", left) in mine or _ADORNED.sub("", left) in mine:
                return True
            if any("".join(form[:at]) in mine and form[at] in _ABOUT_HOST for at in range(1, len(form))):
                return True
            if not _DEMEANING.isdisjoint(form) and not mine.isdisjoint(form):
                return True
        return False

    def _key(self, name: str) -> str:
        """Return the letters of a name alone, Chinese ones as they sound."""
        joined = self._tables.joined(self._tables.folded(name))
        if HAN.search(joined.text):
            return self._tables.pinyin(joined).text.replace("'", "")
        return joined.text


class _Pattern:
    """Patterns for one kind of name."""

    def __init__(self, raw: dict[str, Any], parts: dict[str, str]) -> None:
        self.category = Category(raw["category"])
        self.rule: str = raw["rule"]
        self._spaced = [compiled(pattern, parts) for pattern in raw.get("spaced", ())]
        self._joined = [compiled(pattern, parts) for pattern in raw.get("joined", ())]

    def search(self, texts: Iterable[str]) -> bool:
        """Whether one of them fits a text of words with spaces between them."""
        return any(pattern.search(text) for text in dict.fromkeys(texts) for pattern in self._spaced)

    def search_joined(self, texts: Iterable[str], harmless: Sequence[tuple[int, int]]) -> bool:
        """Whether one of them fits a text without spaces, elsewhere than within one of the harmless places."""
        return any(
            not any(start <= found.start() and found.end() <= end for start, end in harmless)
            for text in dict.fromkeys(texts)
            for pattern in self._joined
            for found in pattern.finditer(text)
        )


def _joined(term: str) -> str:
    return "".join(term.split())


def _terms(tables: Tables) -> dict[str, tuple[Category, bool]]:
    """Return the Latin terms of the lists for lines, joined, with whether each may go on."""
    found: dict[str, tuple[Category, bool]] = {}
    for entry in builtin(("en", "zh", "other")):
        word = re.sub("[ '-]", "", tables.folded(entry.text).text)
        if not entry.allow and entry.category is not Category.POLITICS and _ALPHABETIC.fullmatch(word):
            found[word] = (entry.category, entry.open_end)
    return found


def _within(terms: Iterable[str]) -> Any:
    """Return a function that tells whether a text holds one of the terms."""
    find = AhoCorasick(sorted(set(terms))).find_matches_as_indexes
    return lambda text: bool(find(text))

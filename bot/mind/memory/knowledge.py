"""Find what the persona's own pages say about a question, by the words that both share.

This is plain word matching: it needs no model and takes well under a millisecond for the pages of one persona.
It knows no synonyms, and a question in one language does not find a page in another one.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bot.mind.memory.history import estimate_tokens
from bot.mind.memory.search.terms import STOP_CHARACTERS, STOP_WORDS
from bot.text.scripts import CJK, join

#: A passage that is longer is cut at the end of a sentence, in characters.
MAX_PASSAGE: Final = 400
#: The most passages that one question gets.
MAX_FOUND: Final = 3
#: A passage with less than this part of the best score is left out: it costs reading time and says little.
_FAIR_SHARE: Final = 0.5
#: A term that more than this part of the passages have tells nothing (the host's name, the word "viewer").
_COMMON_SHARE: Final = 0.34
#: Bounds of one search, so that a hostile line cannot keep the event loop busy: terms, and passages looked at.
_MAX_TERMS: Final = 200
_MAX_POSTINGS: Final = 20_000

_HEADING: Final = re.compile(r"#{1,6}\s+(.*)")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
#: English words that stand in every chat, beside those that carry grammar.
_STOP_WORDS: Final = STOP_WORDS | frozenset(
    "hello let like ok please thanks want cannot good nice day morning afternoon evening today tonight tomorrow "
    "yesterday week weekend time".split()
)
#: The longest ending behind an apostrophe: it's, don't, we're, they'll.
_ENDING: Final = 2
#: Common Chinese words that say nothing of what a question is about.
_STOP_PAIRS: Final = frozenset(
    "今天 明天 昨天 今晚 现在 时候 觉得 知道 喜欢 大家 主播 可以 因为 所以 但是 如果 晚上 早上 可能 应该".split()
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one page: the page's name, the heading above it (may be empty) and one or a few sentences."""

    page: str
    heading: str
    text: str


class Knowledge:
    """Index the pages of a persona. Searching changes nothing."""

    def __init__(self, pages: Iterable[tuple[str, str]] = (), ignored: Iterable[str] = ()) -> None:
        """Take ``pages`` as name and Markdown; words of ``ignored`` (the host's names) never match."""
        self._ignored = frozenset(term for name in ignored for term in _terms(name))
        self._passages = [passage for name, text in pages for passage in passages(name, text)]
        postings: defaultdict[str, list[int]] = defaultdict(list)
        for index, passage in enumerate(self._passages):
            for term in _terms(f"{passage.heading}\n{passage.text}"):
                postings[term].append(index)
        common = max(2, int(len(self._passages) * _COMMON_SHARE))
        self._postings = {
            term: found for term, found in postings.items() if len(found) <= common and term not in self._ignored
        }

    def __len__(self) -> int:
        return len(self._passages)

    def search(self, question: str, budget: int) -> list[Passage]:
        """Return the passages that fit the question best, the best first, within ``budget`` tokens; often none.

        A term that fewer passages have weighs more (inverse document frequency).
        """
        scores: defaultdict[int, float] = defaultdict(float)
        shared = [found for term in _terms(question) if (found := self._postings.get(term))]
        looked_at = 0
        for found in sorted(shared, key=len)[:_MAX_TERMS]:
            looked_at += len(found)
            if looked_at > _MAX_POSTINGS:
                break
            weight = math.log(1 + len(self._passages) / len(found))
            for index in found:
                scores[index] += weight
        ranked = sorted(scores, key=lambda index: (-scores[index], len(self._passages[index].text), index))[:MAX_FOUND]
        chosen: list[Passage] = []
        for index in ranked:
            passage = self._passages[index]
            cost = estimate_tokens(passage.heading) + estimate_tokens(passage.text)
            if scores[index] >= scores[ranked[0]] * _FAIR_SHARE and cost <= budget:
                budget -= cost
                chosen.append(passage)
        return chosen


def passages(page: str, text: str) -> Iterator[Passage]:
    """Split Markdown into paragraphs and list items, each with the heading above it."""
    heading, lines = "", [*text.splitlines(), ""]
    paragraph: list[str] = []
    for line in lines:
        title, item = _HEADING.match(line), _ITEM.match(line)
        if paragraph and (title or item or not line.strip()):
            yield from _pieces(page, heading, join(paragraph))
            paragraph = []
        if title:
            heading = title[1].strip(" #")
        elif item:
            paragraph = [item[1].strip()]
        elif line.strip():
            paragraph.append(line.strip())


def _pieces(page: str, heading: str, paragraph: str) -> Iterator[Passage]:
    """Cut a paragraph into passages of at most `MAX_PASSAGE` characters, between sentences where there are any."""
    piece = ""
    for sentence in _SENTENCE_END.split(paragraph):
        if piece and len(piece) + len(sentence) >= MAX_PASSAGE:
            yield Passage(page, heading, piece)
            piece = ""
        piece = join((piece, sentence))
        while len(piece) > MAX_PASSAGE:
            yield Passage(page, heading, piece[:MAX_PASSAGE])
            piece = piece[MAX_PASSAGE:].strip()
    if piece:
        yield Passage(page, heading, piece)


def _terms(text: str) -> set[str]:
    """Return the words of a text that may match: words without their ending, and pairs of East Asian characters."""
    found: set[str] = set()
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text).casefold()):
        word = match[0]
        if not CJK.search(word):
            head, _, ending = word.replace("’", "'").partition("'")
            found.add(_stem(head if len(ending) <= _ENDING else head + ending))
            continue
        for first, second in pairwise(word):
            pair = first + second
            if pair not in _STOP_PAIRS and not (first in STOP_CHARACTERS and second in STOP_CHARACTERS):
                found.add(pair)
    return {term for term in found if len(term) > 1 and term not in _STOP_WORDS}


def _stem(word: str) -> str:
    """Take the plural's s off an English word, so that "moths" finds "moth"."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word

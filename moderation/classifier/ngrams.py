"""What the classifier sees of a text: hashed pieces of letters, words and sounds.

A feature is a bucket of a table: every n-gram is hashed into one of ``2**bits``. Nothing is looked up in
Python for each n-gram: a line becomes an array of code points, and n-grams of all places are hashed
at once by a rolling polynomial, so a chat line costs some tens of microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from moderation.text.forms import HAN, Tables, View, squashed
from moderation.text.split_characters import PART, PARTS


class Family(StrEnum):
    """Which model reads a text; ``OTHER``: none does."""

    EN = "en"
    ZH = "zh"
    OTHER = "other"


Codes = npt.NDArray[np.uint32]
Buckets = npt.NDArray[np.int64]
#: Buckets of many texts, and where each text's begin, with the end of the last one.
Ragged = tuple[Codes | Buckets, list[int]]

#: No more of a text is looked at. The moderator cuts at the same length.
MAX_CHARS: Final = 2000
#: Texts that are hashed at once at most: their numbers must fit above the bits of a bucket.
TOGETHER: Final = 64
#: Both tables have ``2**BITS`` buckets: at one byte each, 2 MB.
BITS: Final = 21

_PINYIN_TABLE: Final = Path(__file__).parents[1] / "data" / "pinyin.tsv"
_KANA_OR_HANGUL: Final = re.compile("[\u3040-\u30fa\u30fc-\u30ff\u1100-\u11ff\uac00-\ud7a3]")
_LATIN: Final = re.compile("[a-z]")
_LATIN_WORDS: Final = re.compile("[a-z']{2,}[^a-z']+[a-z']{2,}")
#: Signs or pictures put inside a word.
_INSIDE: Final = re.compile("(?<=[a-z])[^\x00-\x7f\\w]+(?=[a-z])")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LONG_RUN: Final = re.compile(r"(.)\1{2,}", re.DOTALL)
_LINK: Final = re.compile(r"https?:\S*|www\.\S+|@\w+")
#: Multipliers of the rolling hash and of its last mixing (odd, from MurmurHash3's finalizer and the golden ratio).
_ROLL: Final = np.uint32(0x9E3779B1)
_MIX: Final = np.uint32(0x85EBCA6B)
_NEXT_LENGTH: Final = 0x632BE5AB
#: Each kind of feature starts elsewhere, so that the same numbers give other buckets.
_LETTERS, _SOUNDS, _WORDS, _PAIRS, _SKIPS, _TRIPLES = (np.uint32(n * 0x51ED270B & 0xFFFFFFFF) for n in range(1, 7))

#: Sounds are looked at alone, in twos, threes and fours.
_HEARD: Final = 4
_NOTHING: Final = np.zeros(0, np.uint32)
#: Latin letters that may be Chinese: initials of a phrase have no vowel (nmsl), spelt syllables are few.
_INITIALS: Final = re.compile("[b-df-hj-np-tw-z]{2,6}")
_LONGEST_SPELLING: Final = 30

#: English words that are pinyin as well, and of abuse at that ("gun" is 滚): in a Latin line they are English.
_ENGLISH: Final = frozenset("nice bae gun gunna nike nite dee nu".split())
#: Who is spoken of. What is said of one group is learnt for all: each name also counts as one and the same word.
_GROUP: Final = "\ue000"
_GROUPS: Final = frozenset(
    "gay gays lesbian lesbians bisexual bisexuals trans transgender transsexual transsexuals queer queers "
    "homosexual homosexuals lgbt lgbtq nonbinary black blacks white whites asian asians jew jews jewish muslim "
    "muslims islam islamic christian christians catholic catholics hindu hindus sikh sikhs buddhist buddhists arab "
    "arabs mexican mexicans indian indians chinese japanese korean koreans vietnamese filipino filipinos african "
    "africans american americans european europeans russian russians turk turks turkish polish romanian pakistani "
    "pakistanis somali somalis syrian syrians iraqi iranian israeli palestinian palestinians latino latinos latina "
    "latinas hispanic hispanics immigrant immigrants migrant migrants refugee refugees foreigner foreigners gypsy "
    "gypsies roma native natives aboriginal women woman female females girl girls men male males feminist feminists "
    "disabled handicapped autistic deaf blind elderly atheist atheists liberal liberals republican republicans".split()
)
_CHINESE_GROUP: Final = re.compile(
    "(?:黑|白|黄种|外国|外地|本地|农村|乡下|城里|老年|残疾|犹太|回族|维吾尔|维|藏族|藏|汉|蒙古|"
    "满|少数民族|穆斯林|阿拉伯|非洲|非裔|亚裔|华裔|印度|日本|韩国|朝鲜|越南|菲律宾|泰国|缅甸|美国|英"
    "国|法国|德国|俄罗斯|乌克兰|欧洲|巴基斯坦|北京|天津|上海|重庆|河北|河南|山西|山东|陕西|甘肃|青海"
    "|四川|贵州|云南|湖北|湖南|广东|广西|海南|江苏|江西|浙江|安徽|福建|台湾|香港|澳门|新疆|西藏|内"
    "蒙古|宁夏|辽宁|吉林|黑龙江|东北|南方|北方|武汉|广州|深圳)(?:男人|女人|男生|女生|男|女|人|佬"
    ")|穆斯林|同性恋者?|双性恋者?|跨性别者?|变性人|女权主义者|女权者?|女人|女性|女生|女的|男人|男性"
    "|男生|男的|女孩|男孩|移民|难民|农民工|犹太|回民|黑哥们|老外|老人|老太太|大妈|河南|东北|新疆|上"
    "海"
)
#: Syllables that were spelt out stand from here on, in the private use area: folding leaves no such character.
_SPELT: Final = 0xE100
_LETTER_RUN: Final = re.compile("[a-z]{2,60}")


def family(text: str) -> Family:
    """Say which model reads a folded text: Han makes it Chinese, unless much kana or Hangul stands beside it.

    A kana or two do not: の is at home in Chinese chats, and would be an easy way out.
    """
    if HAN.search(text):
        return Family.OTHER if 2 * len(_KANA_OR_HANGUL.findall(text)) > len(HAN.findall(text)) else Family.ZH
    return Family.EN if _LATIN.search(text) else Family.OTHER


def forms(text: str, tables: Tables) -> Iterator[tuple[Family, str]]:
    """Yield the forms of a folded text that are scored, each with its family; the worst score counts.

    English: with emoji as their names, and once more without spelling tricks if it has some. Chinese:
    without dividers, emoji as the characters they sound like, and Latin words between them as English.
    """
    text = text[:MAX_CHARS]
    of = family(text)
    if of == Family.ZH:
        yield Family.ZH, PART.sub(_whole, tables.joined(View(text)).text)
    if HAN.search(text):
        if not _LATIN_WORDS.search(text):
            return
        text = HAN.sub(" ", text)
    elif spells_chinese(text):
        yield Family.ZH, tables.joined(View(text)).text
    elif (glued := _INSIDE.sub("", text)) != text:
        yield Family.EN, glued
    view = tables.named(View(text)) or View(text)
    if not _LATIN.search(view.text):
        return
    yield Family.EN, view.text
    if plain := squashed(view, keep=1):
        yield Family.EN, plain.text


def spells_chinese(text: str) -> bool:
    """Return whether short Latin text may be Chinese: syllables ("sha bi") or initials of words ("nmsl")."""
    if len(text) > _LONGEST_SPELLING or not text.isascii():
        return False
    runs = re.findall("[a-z]+", text)
    _, syllables = _spellings()
    return (
        bool(runs)
        and _ENGLISH.isdisjoint(runs)
        and all(_INITIALS.fullmatch(run) or not syllables.sub("", run) for run in runs)
    )


def _whole(found: re.Match[str]) -> str:
    return PARTS[found[0]]


def features(of: Family, text: str, bits: int = BITS) -> Buckets:
    """Hash one form of a text: sorted buckets, each once. Empty when there is nothing to see."""
    return _buckets(_chinese(text) if of == Family.ZH else _english(text), bits)


def readings(text: str, bits: int = BITS) -> tuple[Buckets, Buckets]:
    """Hash a Chinese form as it is written and heard, and as it is heard alone (a part of the former)."""
    hashes = _chinese(text)
    return _buckets(hashes, bits), _buckets(hashes[:_HEARD], bits)


def readings_of(texts: Sequence[str], bits: int = BITS) -> tuple[Ragged, Ragged]:
    """Hash up to `TOGETHER` Chinese forms at once, each as `readings` does: numpy is asked once for all of them.

    A bucket carries the number of its text in the bits above its own until all are sorted, so each text's stand
    together, sorted, and each once. A single text costs less by itself.
    """
    if len(texts) == 1:
        whole, sound = readings(texts[0], bits)
        return (whole, [0, len(whole)]), (sound, [0, len(sound)])
    written = [_LONG_RUN.sub(r"\1\1", text) for text in texts]
    heard = [_LETTER_RUN.sub(_spelt, text) if _LATIN.search(text) else text for text in written]
    general = [_CHINESE_GROUP.sub(_GROUP, text) for text in written]
    general = ["" if of_groups == text else of_groups for of_groups, text in zip(general, written, strict=True)]
    sounds = _grams_of(heard, 1, _HEARD, _SOUNDS, bits, sounding=True)
    letters = _grams_of(written, 1, 4, _LETTERS, bits), _grams_of(general, 2, 5, _LETTERS, bits)
    return _parted(np.concatenate((sounds, *letters)), len(texts), bits), _parted(sounds, len(texts), bits)


def _grams_of(
    texts: Sequence[str], shortest: int, longest: int, start: np.uint32, bits: int, *, sounding: bool = False
) -> Codes:
    """Return the buckets of all n-grams that lie within one text, below the number of the text."""
    codes = _codes("".join(texts))
    if sounding:
        codes = _sounds(codes)
    owners = np.repeat(np.arange(len(texts), dtype=np.uint32) << np.uint32(bits), [len(text) for text in texts])
    found = [_NOTHING]
    for length, hashes in enumerate(_grams(codes, shortest, longest, start), shortest):
        within = owners[: len(hashes)] == owners[length - 1 :]
        found.append(_mixed(hashes[within], bits) | owners[: len(hashes)][within])
    return np.concatenate(found)


def _parted(buckets: Codes, texts: int, bits: int) -> Ragged:
    """Sort buckets that carry the number of their text, and part them by it."""
    buckets = _sorted_once(buckets)
    ends = np.searchsorted(buckets, np.arange(texts + 1, dtype=np.uint32) << np.uint32(bits))
    return buckets & np.uint32((1 << bits) - 1), ends.tolist()


def _buckets(hashes: list[Codes], bits: int) -> Buckets:
    if not hashes:
        return np.zeros(0, np.int64)
    return _sorted_once(_mixed(np.concatenate(hashes), bits)).astype(np.int64)


def _mixed(hashes: Codes, bits: int) -> Codes:
    """Mix hashes in place, so that each of their bits counts, and cut them to buckets."""
    hashes ^= hashes >> np.uint32(15)
    hashes *= _MIX
    hashes ^= hashes >> np.uint32(13)
    hashes *= _ROLL
    hashes >>= np.uint32(32 - bits)
    return hashes


def _sorted_once(buckets: Codes) -> Codes:
    buckets.sort()
    first = np.ones(len(buckets), bool)
    np.not_equal(buckets[1:], buckets[:-1], out=first[1:])
    return buckets[first]


def _english(text: str) -> list[Codes]:
    text = _LONG_RUN.sub(r"\1\1", _LINK.sub(" ", text))
    words = _WORD.findall(text)
    if not words:
        return []
    letters = _codes(f" {' '.join(words)} ")
    hashes = list(_grams(letters, 2, 5, _LETTERS))
    ids = _ids(words)
    hashes.append(ids ^ _WORDS)
    hashes += _phrases(ids)
    general = [_GROUP if word in _GROUPS else word for word in words]
    if general != words:
        hashes += _phrases(_ids(general))
    return hashes


def _ids(words: list[str]) -> Codes:
    return np.array([crc32(word.encode("utf-8", "surrogatepass")) for word in words], np.uint32)


def _phrases(ids: Codes) -> Iterator[Codes]:
    pairs = ids[:-1] * _ROLL + ids[1:]
    yield pairs ^ _PAIRS
    yield (ids[:-2] * _ROLL + ids[2:]) ^ _SKIPS
    yield (pairs[:-1] * _ROLL + ids[2:]) ^ _TRIPLES


def _chinese(text: str) -> list[Codes]:
    """Return the sounds, `_HEARD` kinds of them or fewer for a short text, and then the letters."""
    text = _LONG_RUN.sub(r"\1\1", text)
    codes = _codes(text)
    if not len(codes):
        return []
    sounds = _sounds(_codes(_LETTER_RUN.sub(_spelt, text)) if _LATIN.search(text) else codes)
    hashes = list(_grams(sounds, 1, _HEARD, _SOUNDS))
    hashes += [_NOTHING] * (_HEARD - len(hashes))
    hashes += _grams(codes, 1, 4, _LETTERS)
    general = _CHINESE_GROUP.sub(_GROUP, text)
    if general != text:
        hashes += _grams(_codes(general), 2, 5, _LETTERS)
    return hashes


def _sounds(codes: Codes) -> Codes:
    """Return the number of each character's sound; a character without one stands for itself."""
    table = _syllables()
    return np.where(codes < len(table), table[np.minimum(codes, len(table) - 1)], codes)


def _grams(codes: Codes, shortest: int, longest: int, start: np.uint32) -> Iterator[Codes]:
    rolled = codes * _MIX + start
    for length in range(1, longest + 1):
        if length > len(codes):
            return
        if length > 1:
            rolled = rolled[:-1] * _ROLL + codes[length - 1 :]
        if length >= shortest:
            yield rolled + np.uint32(length * _NEXT_LENGTH & 0xFFFFFFFF)


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32)


def _spelt(run: re.Match[str]) -> str:
    """Make syllables of Latin letters that are nothing but pinyin, as in "sha bi" for 傻逼."""
    numbers, syllables = _spellings()
    return (
        "".join(chr(_SPELT + numbers[found]) for found in syllables.findall(run[0]))
        if (syllables.sub("", run[0]) == "")
        else run[0]
    )


@cache
def _spellings() -> tuple[dict[str, int], re.Pattern[str]]:
    numbers = {syllable: number for number, syllable, _ in _readings()}
    return numbers, re.compile("|".join(sorted(numbers, key=len, reverse=True)))


@cache
def _syllables() -> Codes:
    """Return for each code point of the basic plane a number of its sound; without one, the code point itself."""
    table = np.arange(0x10000, dtype=np.uint32)
    for number, _, chars in _readings():
        codes = _codes(chars + chr(_SPELT + number))
        table[codes[codes < len(table)]] = 0x200000 + number
    return table


@cache
def _readings() -> tuple[tuple[int, str, str], ...]:
    lines = [line for line in _PINYIN_TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return tuple((number, *line.split("\t")) for number, line in enumerate(lines))  # type: ignore[misc]

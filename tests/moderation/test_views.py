"""Every view leads back to the letters it was made from, and takes linear room."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.decision import MAX_TEXT
from moderation.text.forms import Tables, View, squashed
from moderation.text.normalise import HAN
from moderation.text.split_characters import PART, PARTS

TABLES = Tables()
#: Letters that the views do something with, and any others.
LETTERS = st.one_of(
    st.characters(),
    st.sampled_from("abckilysu 1!3@$.*-_~ 妈马操你死女歹匕扌喿逼畜，。🐴🔪💀🍀ｋⅸﬃßİﷺéе\u0301\u200b\u200d\ud800\t\n"),
)
TEXTS = st.text(LETTERS, max_size=60)


def views(text: str) -> Iterator[View]:
    """Yield each view of a text."""
    folded = TABLES.folded(text)
    joined = TABLES.joined(folded)
    yield from (folded, joined, TABLES.bare(folded), TABLES.pinyin(joined))
    if (whole := TABLES.whole(joined)) is not None:
        yield whole
        yield TABLES.pinyin(whole)
    for other in (TABLES.named(folded), TABLES.meant(folded), squashed(folded, keep=1), squashed(folded, keep=2)):
        if other is not None:
            yield other


@given(TEXTS, st.randoms(use_true_random=False))
def test_every_span_leads_into_the_original(text: str, rng: random.Random) -> None:
    for view in views(text):
        if not view.text:
            continue
        start = rng.randrange(len(view.text))
        end = rng.randrange(start, len(view.text)) + 1
        first, last = view.original(start, end)
        assert 0 <= first < last <= len(text)
        wider = view.original(max(0, start - 1), min(len(view.text), end + 1))
        assert wider[0] <= first
        assert last <= wider[1]


@given(TEXTS)
def test_a_folded_letter_comes_from_the_letter_it_points_at(text: str) -> None:
    folded = TABLES.folded(text)
    for at, letter in enumerate(folded.text):
        first, last = folded.original(at, at + 1)
        assert last == first + 1
        assert letter in TABLES.folded(text[first]).text


@given(TEXTS)
def test_folding_again_changes_nothing(text: str) -> None:
    once = TABLES.folded(text).text
    assert TABLES.folded(once).text == once


@pytest.mark.parametrize("plane", range(4))
def test_every_character_folds_to_what_stays(plane: int) -> None:
    strange = []
    for code in range(plane << 16, (plane + 1) << 16, 7):
        once = TABLES.folded(chr(code)).text
        if TABLES.folded(once).text != once:
            strange.append(hex(code))
    assert strange == []


@given(TEXTS)
def test_what_is_folded_has_no_marks_and_nothing_hidden(text: str) -> None:
    assert not [
        c
        for c in TABLES.folded(text).text
        if unicodedata.category(c) in ("Mn", "Me", "Cf", "Cc", "Cs") and c not in "\t\n"
    ]


@pytest.mark.parametrize(
    ("make", "text", "form", "letters"),
    [
        (lambda f: f, "x Ｋi\u200bll\u0301 y", "kill", "Ｋi\u200bll"),
        (lambda f: f, "ﬃ!", "ffi", "ﬃ"),
        (TABLES.joined, "说 操.你\u200b.妈 吧", "操你妈", "操.你\u200b.妈"),
        (TABLES.joined, "草泥🐴!", "草泥马", "草泥🐴"),
        (lambda f: TABLES.whole(TABLES.joined(f)), "说扌喿你女马吧", "操你妈", "扌喿你女马"),
        (lambda f: TABLES.whole(TABLES.joined(f)), "女 马", "妈", "女 马"),
        (lambda f: TABLES.whole(TABLES.joined(f)), "全，家，死，光", "全家死光", "全，家，死，光"),
        (lambda f: TABLES.pinyin(TABLES.joined(f)), "说曹你马吧", "'cao'ni'ma", "曹你马"),
        (lambda f: TABLES.pinyin(TABLES.joined(f)), "说cao你ma吧", "'cao'ni'ma", "cao你ma"),
        (lambda f: squashed(f, keep=1), "oh k.i.l.l me", "kill", "k.i.l.l"),
        (lambda f: squashed(f, keep=1), "oh baaaaad", "bad", "baaaaad"),
        (lambda f: squashed(f, keep=1), "what is ki + l + l, then", "kill", "ki + l + l"),
        (lambda f: squashed(f, keep=1), "it is k+il+l.", "kill", "k+il+l"),
        (lambda f: squashed(f, keep=1), "oh b a d d d d d", "badddd", "b a d d d d"),
        (lambda f: squashed(f, keep=1), "a  b a d  day", "bad", "b a d"),
        (lambda f: squashed(f, keep=2), "oh toooo", "too", "toooo"),
        (lambda f: squashed(f, keep=1), "sh🔥it", "shit", "sh🔥it"),
        (TABLES.meant, "go 🔪 you", "kill you", "🔪 you"),
        (TABLES.meant, "sh🔥it 🔪", "shit", "sh🔥it"),
        (TABLES.named, "a 🐷 b", "pig face", "🐷"),
    ],
)  # fmt: skip
def test_a_span_covers_the_letters_that_became_it(
    make: Callable[[View], View | None], text: str, form: str, letters: str
) -> None:
    view = make(TABLES.folded(text))
    assert view is not None
    at = view.text.index(form)
    start, end = view.original(at, at + len(form))
    assert text[start:end] == letters


@pytest.mark.parametrize(
    "text", ["plain words", "女人", "你好，世界。", "今天，我们，去玩", "2024", "3km and 10hp at 60fps"]
)
def test_what_is_not_disguised_has_no_view_of_its_own(text: str) -> None:
    folded = TABLES.folded(text)
    assert TABLES.whole(TABLES.joined(folded)) is None
    plain = squashed(folded, keep=1)
    assert plain is None or plain.text.split() == [word for word in text.split() if word.isalpha()]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("k1ll y0u", "kill you"),
        ("@ss", "ass"),
        ("5hit", "shit"),
        ("0ff", "off"),
        ("b!tch", "bitch"),
        ("a$$hole", "asshole"),
    ],
)
def test_digits_and_signs_stand_for_letters(text: str, plain: str) -> None:
    view = squashed(TABLES.folded(text), keep=1)
    assert view is not None
    assert view.text == plain


@pytest.mark.parametrize(
    "letter",
    ["\u0301", "\ud800", "👨\u200d", "🔪", "ﷺ", "女马", "a.", "a ", "1!", "𝓴", "，你", "妈a", "\u200b", "aaaa"],
)
def test_hostile_texts_take_linear_room(letter: str) -> None:
    counts = (MAX_TEXT // len(letter) // 4, MAX_TEXT // len(letter))
    sizes = [sum(len(view.text) for view in views(letter * count)) for count in counts]
    assert sizes[1] <= 4 * sizes[0] + 400
    assert sizes[1] <= 400 * MAX_TEXT


def test_parts_are_pairs_of_one_character_and_all_are_put_together() -> None:
    assert all(len(pair) == 2 and len(whole) == 1 and HAN.match(whole) for pair, whole in PARTS.items())
    assert [pair for pair in PARTS if not PART.fullmatch(pair)] == []
    assert all(TABLES.folded(pair + whole).text == pair + whole for pair, whole in PARTS.items())

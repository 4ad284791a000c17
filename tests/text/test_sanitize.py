"""A stranger's text, made plain."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mind.untrusted import visible
from bot.persona.lines import sayable
from bot.text.sanitize import fit, has_word, one_line, well_formed
from bot.text.sanitize import plain as seen_of

HOSTILE = st.text(
    st.characters() | st.sampled_from("\0\u200b\u200d\u202e\u0301\u0335\ud83d\ude00\n\u2028 e"), max_size=80
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\ud83d\ude00b", "a😀b"),
        ("a\ud83d", "a"),
        ("\ude00\ud83d!", "!"),
        ("Z" + "\u0335" * 9 + "ed", "Z\u0335\u0335ed"),
        ("e\u200b\u0301", "é"),
        ("a\r\n\tb\u2028c", "a b c"),
        ("\u202eevil\u2066\U000e0041", "evil"),
        ("👩\u200d🚒", "👩🚒"),
        ("  two   words ", "two words"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_one_line_holds_what_can_be_seen(text: str, plain: str) -> None:
    assert one_line(text, 40) == plain


def test_the_joiner_of_emoji_stays_where_it_is_wanted() -> None:
    assert one_line("👩\u200d🚒\u200b", 40, keep="\u200d") == "👩\u200d🚒"


@given(HOSTILE)
def test_every_way_in_gives_text_that_can_be_encoded_and_stays_as_it_is(text: str) -> None:
    for plain in (one_line(text, 20), visible(text, 20), sayable(text)):
        assert len(plain.encode()) >= len(plain)
        assert not {"\n", "\r", "\u2028", "\0"} & set(plain)
        assert {unicodedata.category(char) for char in plain} & {"Cc", "Cs", "Co", "Cn"} == set()
    assert one_line(one_line(text, 20), 20) == one_line(text, 20)
    assert sayable(sayable(text)) == sayable(text)


@given(HOSTILE, st.integers(0, 90))
def test_what_is_stored_keeps_its_length(text: str, longest: int) -> None:
    stored = fit(text, longest)
    assert len(stored) <= min(longest, len(text))
    assert "\0" not in stored
    assert well_formed(stored) == stored


def test_a_heart_is_no_word() -> None:
    assert [has_word(text) for text in ("♥ !", "", "1", "谢")] == [False, False, True, True]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("!permit bob 60 \U000e0000", "!permit bob 60"),
        ("\ufeff\u200b!up\u00adtime\ufe0f", "!uptime"),
        ("！点歌\u3000晴天", "!点歌 晴天"),
        ("／ｍｅ waves", "/me waves"),
        ("Ｍｉ\u2060ｒａ", "Mira"),
        ("a\u2800b\u2028c", "a b c"),
        ("\x01ACTION dances\x01", "ACTION dances"),
        ("mi\ud83dra", "mira"),
        ("e\u200b\u0301", "é"),
    ],
)
def test_what_is_understood_of_a_line_is_what_one_sees_of_it(text: str, seen: str) -> None:
    assert seen_of(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "\u200b\u200c\u200d\u2060\ufeff", "\U000e0000", "\U000e0041\U000e007f", "\u3164\u115f\u1160\uffa0",
        "\ufe0f\ufe0e\U000e0100", "\u00ad", "\u034f\u17b4\u17b5\u180b\u180e", "\u2800\u2800", "\u202e\u2066\u2069",
        "\ue000\U000f0000", "\x00\x07\x7f\x9f", "\ufff9\ufffb", "\ud800", "\u061c\u200e\u200f",
    ],
)  # fmt: skip
def test_a_line_of_what_nobody_sees_is_empty(text: str) -> None:
    assert seen_of(text) == ""


@given(
    HOSTILE
    | st.text(st.characters(codec=None) | st.sampled_from("\u3164\uffa0\ufb1d\u1100\u1161\U000e0100"), max_size=60)
)
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    once = seen_of(text)
    assert seen_of(once) == once
    assert len(once) <= 2000


def test_the_longest_text_is_cut_and_stays_seen_of() -> None:
    once = seen_of("\ufdfa" * 5000)
    assert len(once) <= 2000
    assert seen_of(once) == once

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import clean_name
from moderation.names import MAX_NAME, NOBODY


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Mira", "Mira"),
        ("小明", "小明"),
        ("Müller", "Müller"),
        ("  a   b ", "a b"),
        ("\u202eabc\u202c", "abc"),
        ("a\u200bb", "ab"),
        ("h" + "\u0335" * 50 + "i", "h\u0335\u0335i"),
        ("x" * 100, "x" * 32),
        ("[joy]Bob", "joy Bob"),
        ("<b>Bob</b>", "b Bob /b"),
        ("", NOBODY),
        ("   ", NOBODY),
        ("\ud800", NOBODY),
        ("!!!", NOBODY),
        ("\u0301" * 10_000, NOBODY),
        ("😂", NOBODY),
        ("Bob https://evil.example/x", "Bob"),
        ("a\nb", "a b"),
        ("Ｂｏｂ", "Bob"),
        ("x_y_z", "x y z"),
    ],
)
def test_names(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text(st.characters(), max_size=500))
def test_every_name_can_be_shown(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean) <= MAX_NAME
    assert clean.isprintable()
    assert not set(clean) & set("[]<>{}*_\n\u202e\u200b")

"""Texts of a folder: names, encodings, markup, pieces."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.show.segments import texts

CHINESE = "从前有一座灯塔，灯塔里住着一只海鸥。它每天晚上都看着海面，等着船回来。今天的风很大，可是它不害怕。"
JAPANESE = "むかしむかし、灯台に一羽のカモメが住んでいました。毎晩、海を見て船の帰りを待っていました。"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Plain words.", "utf-8"),
        ("Café — naïve.", "utf-8-sig"),
        ("Plain words.", "utf-16"),
        (CHINESE, "utf-16"),
        ("Plain words in a row.", "utf-16-le"),
        ("Plain words in a row.", "utf-16-be"),
        (CHINESE, "gb18030"),
        (CHINESE, "gbk"),
        (JAPANESE, "shift_jis"),
        ("Café crème brûlée.", "cp1252"),
    ],
)
def test_texts_are_read_in_the_encoding_that_they_have(text: str, codec: str) -> None:
    assert texts.decode(text.encode(codec)) == text


@pytest.mark.parametrize("raw", [b"", b"\x00" * 100, os.urandom(4000), b"\x89PNG\r\n\x1a\n" + bytes(200)])
def test_what_is_no_text_is_not_read(raw: bytes) -> None:
    assert texts.decode(raw) == ""


def test_markup_is_not_read() -> None:
    page = """---
title: x
---
# The lamp

It was **dark**, and _very_ late. See [the log](https://example.org/log) or https://example.org/x?y=1.

![a picture](x.png)

```python
print("no")
```

- first thing
- second thing

| a | b |
|---|---|
| 1 | 2 |

<p>Fish &amp; chips</p><script>alert(1)</script><!-- hidden --> [joy] <b>end</b>
"""
    plain = texts.plain_words(page)
    assert "The lamp" in plain
    assert "It was dark, and very late. See the log or" in plain
    assert "Fish & chips" in plain
    for sign in ("#", "*", "http", "print", "alert", "hidden", "<", ">", "[", "]", "|", "---", "title"):
        assert sign not in plain, sign


def test_snake_case_and_arithmetic_stay() -> None:
    assert texts.plain_words("a_b_c is 3 < 5") == "a_b_c is 3   5"


def test_pieces_end_with_a_sentence() -> None:
    text = "Dr. Smith came at 3.14 p.m. and said hello. Then he left! Why? Nobody knows..."
    found = texts.pieces(text, 50)
    assert found == ["Dr. Smith came at 3.14 p.m. and said hello.", "Then he left! Why? Nobody knows..."]


def test_chinese_weighs_more_and_has_no_spaces() -> None:
    found = texts.pieces(CHINESE, 90)
    assert "".join(found) == CHINESE
    assert all(piece.endswith("。") for piece in found)
    assert max(map(len, found)) <= 30


def test_a_sentence_without_end_is_cut_at_words() -> None:
    found = texts.pieces("word " * 200, 100)
    assert all(len(piece) <= 100 for piece in found)
    assert " ".join(found).split() == ["word"] * 200
    assert "".join(texts.pieces("字" * 500, 90)) == "字" * 500


def test_lines_of_a_paragraph_are_one() -> None:
    assert texts.pieces("One line\nand another.\n\nA new one.", 60) == ["One line and another. A new one."]
    assert texts.pieces("第一行没有完\n第二行才完。", 90) == ["第一行没有完第二行才完。"]


@pytest.mark.parametrize(
    "text",
    ["<!--", "<script>", "```x\n", "|", "[", "[a](", " \n", "- ", ".", "。", "_", "&", "a", '."', "<p", "\n- ", "Mr. "],
)
def test_hostile_files_cost_no_more_than_their_length(text: str) -> None:
    """Whoever tries again from each place would be at it for hours."""
    found = texts.pieces(texts.plain_words(text * (400_000 // len(text)) + "x"), 300)
    assert sum(map(len, found)) <= 2 * 400_000


def test_a_folder_is_listed_by_name_and_number(tmp_path: Path) -> None:
    for name in ("10 b.txt", "2 a.txt", "c.md", ".hidden.txt", "x.exe", "1.html"):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    assert texts.names(tmp_path) == ["1.html", "2 a.txt", "10 b.txt", "c.md"]
    assert texts.names(tmp_path / "nowhere") == []


def test_a_huge_file_is_left_out(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as stream:
        stream.truncate(texts.LARGEST + 1)
    assert texts.load(tmp_path / "huge.txt", 300) == []
    assert texts.load(tmp_path / "gone.txt", 300) == []


def test_titles_are_made_of_names() -> None:
    assert texts.title_of("01_the-lamp.txt") == "the lamp"
    assert texts.title_of("1984.txt") == "1984"
    assert texts.title_of("第一章 灯塔.md") == "第一章 灯塔"

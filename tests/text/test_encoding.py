"""Files in another encoding are named, never read as rubbish."""

from __future__ import annotations

import pytest

from bot.errors import ConfigError
from bot.text.encoding import decode

TEXT = "first line\n第二行，你好\n"


@pytest.mark.parametrize("raw", [TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode()])
def test_utf8_is_read_with_and_without_a_byte_order_mark(raw: bytes) -> None:
    assert decode(raw, "x") == TEXT


@pytest.mark.parametrize(
    ("raw", "name", "line"),
    [
        (TEXT.encode("gbk"), "GBK", 2),
        (TEXT.encode("gb18030"), "GBK", 2),
        (TEXT.encode("utf-16"), "UTF-16", 1),
        (TEXT.encode("utf-16-le"), "UTF-16", 2),
        ("plain English\n".encode("utf-16-le"), "UTF-16", 1),
        ("plain English\n".encode("utf-16-be"), "UTF-16", 1),
        ("ok\n\xe9t\xe9\n".encode("cp1252"), "Windows-1252", 2),
    ],
)
def test_another_encoding_is_named_with_its_line(raw: bytes, name: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        decode(raw, "page.md")
    assert str(caught.value).startswith(f"page.md:{line}: not UTF-8")
    assert name in str(caught.value)
    assert "UTF-8" in caught.value.remedy

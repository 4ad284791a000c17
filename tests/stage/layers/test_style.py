"""A streamer's own style: what is read, what is refused, and what they are told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.stage.layers import style


def test_a_style_is_read_and_its_version_changes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.css"
    assert (style.version(None), style.version(file)) == (0, 0)
    file.write_text("\ufeff#captions { color: red }", "utf-8")
    before = style.version(file)
    assert style.read(file) == "#captions { color: red }"
    file.write_text("#captions { color: blue; }", "utf-8")
    assert before
    assert style.version(file) != before


@pytest.mark.parametrize(
    ("data", "why"), [(b"a" * (style.MAX_BYTES + 1), "256 kB"), (b"\xff\xfe{}", "UTF-8"), (b"a{}\0", "NUL")]
)
def test_what_is_no_style_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    file = tmp_path / "mine.css"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=why):
        style.read(file)
    with pytest.raises(ValueError, match="cannot be read"):
        style.read(tmp_path)


@pytest.mark.parametrize(
    "css",
    [
        "#label{display:none}", "body #label , .x { OPACITY : 0 }", "#label/* x */{visibility:hidden !important}",
        "[id=label]{font-size:0}", "@media all { #label { clip-path: inset(50%) } }", "#label{color:transparent}",
    ],
)  # fmt: skip
def test_a_style_that_hides_the_label_is_told(css: str) -> None:
    assert any("AI label" in words for words in style.warnings(css))


@pytest.mark.parametrize(
    "css",
    [
        "@import 'https://evil.test/a.css';", "a{background:url(https://evil.test/x)}",
        "a{background:url( '//evil.test' )}",
        "a{background:URL(javascript:alert(1))}",
    ],
)  # fmt: skip
def test_a_style_that_asks_for_files_elsewhere_is_told(css: str) -> None:
    assert any("from elsewhere" in words for words in style.warnings(css))


def test_an_honest_style_is_told_nothing() -> None:
    css = "#label{opacity:.9}#captions{display:none}a{background:url(data:image/png;base64,AA==)}b{fill:url(#x)}"
    assert style.warnings(css) == []

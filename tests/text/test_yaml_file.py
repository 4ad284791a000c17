"""The reader of YAML files: bounds, lines, and plain words for the usual slips."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.text.slips import hint
from bot.text.yaml_file import OMITTED, USUAL, Limits, Scalar, parse_yaml, read_yaml


def fault(text: str, limits: Limits = USUAL) -> tuple[str, str]:
    with pytest.raises(ConfigError) as error:
        parse_yaml(text, "my.yaml", limits)
    return str(error.value), error.value.remedy


def test_values_lines_and_text_that_looks_like_a_number() -> None:
    found = parse_yaml("a: 0123\nb:\n  - 1:30\n  - 2020-01-01\nc: no\nd:\ne: '5'\nf: 5\n", "my.yaml")
    assert found.value == {"a": "0123", "b": ["1:30", "2020-01-01"], "c": False, "d": None, "e": "5", "f": 5}
    assert found.line(("b", 1)) == 4
    assert found.line(("b", 1, "deeper")) == 4
    assert found.line(("nothing",)) == 1
    assert parse_yaml("# nothing\n", "my.yaml").value is None


def test_scalars_are_fitted_and_may_be_left_out() -> None:
    def fit(path: tuple[str | int, ...], scalar: Scalar) -> object:
        return OMITTED if scalar.empty else (path, scalar.text, scalar.quoted)

    found = parse_yaml("a: 07\nb:\nc: ''\nd: [x]\n", "my.yaml", fit=fit)
    assert found.value == {"a": (("a",), "07", False), "c": (("c",), "", True), "d": [(("d", 0), "x", False)]}


@pytest.mark.parametrize(
    ("text", "where", "remedy"),
    [
        ("web:\n\tport: 1\n", "my.yaml:2", "spaces"),
        ("a: 1\nweb：\n  port: 1\n", "my.yaml:3", "full-width"),
        ('dir: "C:\\Users\\me"\n', "my.yaml:1", "single quotes"),
        ('dir: "C:\\models"\n', "my.yaml:1", "single quotes"),
        ("a: “x: y”\n", "my.yaml:1", "straight quotes"),
        ("a: b: c\n", "my.yaml:1", "quotes"),
        ("a: [1, 2\n", "my.yaml:2", "brackets"),
        ("a: \x00\n", "my.yaml:1", "invisible"),
    ],
)
def test_slips_are_named_with_their_line_and_what_to_do(text: str, where: str, remedy: str) -> None:
    said, advice = fault(text)
    assert where in said
    assert remedy in advice


def test_bounds() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
    )
    assert "more than" in fault(bomb)[0]
    assert "nested too deeply" in fault("[" * 5000)[0]
    assert "nested too deeply" in fault("a: &a {b: *a}\n")[0]
    assert "not allowed" in fault("a: &a 1\nb: *a\n", Limits(aliases=0))[0]
    assert "more than 3 values" in fault("[1, 2, 3, 4]", Limits(nodes=3))[0]
    assert "my.yaml:2: a is written twice" in fault("a: 1\na: 2\n")[0]
    assert "my.yaml:3: b.0.c is written twice" in fault("b:\n - c: 1\n   c: 2\n")[0]
    assert "!!python" in fault("a: !!python/object/apply:os.system [ls]\n")[0]
    assert "a key must be a word" in fault("? [a]\n: b\n")[0]


@pytest.mark.parametrize(
    ("codec", "name"), [("gbk", "GBK"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("shift_jis", "Shift-JIS")]
)
def test_other_encodings_are_named(tmp_path: Path, codec: str, name: str) -> None:
    file = tmp_path / "my.yaml"
    file.write_bytes(("name: こんにちは\n" if codec == "shift_jis" else "name: 小云今天直播吗\n").encode(codec))
    with pytest.raises(ConfigError, match="not UTF-8") as error:
        read_yaml(file)
    assert name in str(error.value)
    assert "UTF-8" in error.value.remedy


def test_western_text_is_no_chinese(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_bytes("# café, déjà vu\nname: Zoë\n".encode("cp1252"))
    with pytest.raises(ConfigError, match=r"my\.yaml:1: not UTF-8 at byte 5; it looks like Windows-1252"):
        read_yaml(file)


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: \xe5\xb0\x8f\r\n")
    assert read_yaml(file).value == {"a": 1, "b": "小"}
    file.write_bytes(b"a: 1\n" * 10)
    with pytest.raises(ConfigError, match="larger than"):
        read_yaml(file, Limits(size=20))


@pytest.mark.parametrize(
    ("text", "where", "remedy"),
    [
        ("words: [傻瓜，笨蛋]\n", "my.yaml:1", "','"),
        ("a: 1\nwords: [傻瓜、笨蛋]\n", "my.yaml:2", "quote"),
        ("words: [“a”, b]\n", "my.yaml:1", "straight quotes"),
        ("words:\n  - ‘a’\n", "my.yaml:2", "straight quotes"),
        ("a: ＂mira＂\n", "my.yaml:1", "straight quotes"),
        ('file: "C:\\new\\rooms.gguf"\n', "my.yaml:1", "single quotes"),
        ('a: 1\nfile: "models\\new.gguf"\n', "my.yaml:2", "single quotes"),
        ('store: "sqlite:///C:\\test\\x.db"\n', "my.yaml:1", "single quotes"),
    ],
)
def test_what_yaml_reads_otherwise_than_it_was_meant_is_refused(text: str, where: str, remedy: str) -> None:
    message, advice = fault(text)
    assert message.startswith(where + ":")
    assert remedy in advice


@pytest.mark.parametrize(
    "text",
    [
        "a: 你好，世界\n",
        "a: ['傻瓜，笨蛋']\n",
        "a: “Hello”, she said.\n",
        "a: “Hi” and “bye”\n",
        "a: 「こんにちは」\n",
        "a: '“so”'\n",
        'a: "one\\ntwo"\n',
        'a: "C:\\\\new\\\\x.gguf"\n',
        "a: 'C:\\new\\x.gguf'\n",
        "a: C:\\new\\x.gguf\n",
        "a: |\n  “quoted”\n  ：wide\n",
    ],
)
def test_prose_and_paths_that_are_right_are_taken(text: str) -> None:
    assert parse_yaml(text, "my.yaml").value["a"]


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("\u3000\u3000a: 1", "plain spaces"),
        ("\u00a0a: 1", "plain spaces"),
        ("“a”: 1", "straight quotes"),
        ("－ a", "another dash"),
        ("\ufeffshow:", "invisible"),
        ("a:\u00a01", "invisible"),
        ("a:1", "space after the colon"),
        ("port: ８０", "half-width"),
        ("words: 【a】", "half-width"),
        ("url: http://x", ""),
        ("a: 1", ""),
    ],
)
def test_a_line_with_a_slip_has_advice(line: str, remedy: str) -> None:
    assert remedy in hint(line)
    assert bool(hint(line)) is bool(remedy)

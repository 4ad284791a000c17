from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mind.reply.parser import HOLD, DegenerationDetector, End, Fault, Piece, ReplyParser
from bot.types import Emotion, Gesture

JOY, LAUGH, SAD, WAVE = Emotion.JOY, Emotion.LAUGH, Emotion.SAD, Gesture.WAVE


def parse(text: str, size: int = 10_000, max_chars: int = 600) -> tuple[list[Piece], End | None]:
    parser = ReplyParser("Mira", ["Bob"], max_chars)
    given: list[Piece] = []
    for at in range(0, len(text), size):
        given += parser.feed(text[at : at + size])
    given += parser.flush()
    out: list[Piece] = []
    for piece in given:
        if out and type(piece) is str and type(out[-1]) is str:
            out[-1] += piece
        else:
            out.append(piece)
    return out, parser.ended


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("[joy] Hello there!", [JOY, "Hello there!"]),
        ("Hello [WAVE]there", ["Hello", WAVE, " there"]),
        ("Hi [happy]!", ["Hi", JOY, "!"]),
        ("[joy, wave] hi", [JOY, WAVE, "hi"]),
        ("[[joy]] hi", [JOY, "hi"]),
        ("[emotion: sad] oh", [SAD, "oh"]),
        ("*waves* Hi *laughs softly* chat", [WAVE, "Hi", LAUGH, " chat"]),
        ("Oh *tilts her head* okay", ["Oh okay"]),
        ("That is *so* cool", ["That is so cool"]),
        ("（笑）你好【开心】呀 ［挥手］", [LAUGH, "你好", JOY, "呀", WAVE]),
        ("(laughs) yes (about 3 meters)", [LAUGH, "yes (about 3 meters)"]),
        ("{joy} x <sad> y", [JOY, "x", SAD, " y"]),
        ("<think>hmm [joy] <b></think>Hi", ["Hi"]),
        ("<think>never ends [joy]", []),
        ("<THINKING>\nno\n</THINKING>\n\nHi", ["Hi"]),
        ("**bold** and __under__ `code`", ["bold and under code"]),
        ("# Title\n- one\n* two\n1. x\n> y\n---\nz", ["Title\none\ntwo\nx\ny\nz"]),
        ("7. That is my favourite", ["7. That is my favourite"]),
        ("-5 degrees", ["-5 degrees"]),
        ("```python\nok\n```\nyes", ["ok\nyes"]),
        ("see [the docs](https://x.example/" + "y/z?a=1&" * 10 + ") ok", ["see the docs ok"]),
        ("Mira: Hi! Mira：again", ["Hi! again"]),
        ("**Mira:** hi", ["hi"]),
        ("[joy] Mira: hi", [JOY, "hi"]),
        ("<|im_start|>assistant\nHello", ["Hello"]),
        ('"Hello there!"', ["Hello there!"]),
        ("“你好呀！”", ["你好呀！"]),
        ('He said "hi" to me', ['He said "hi" to me']),
        ("bad [unterm", ["bad"]),
        ("bad <thi", ["bad"]),
        ("bad *wav", ["bad wav"]),
        ("I'm [she walks over to the window and looks outside at the rain over the city below] ok", ["I'm ok"]),
        ("5 * 3 = 15, 2*3", ["5 * 3 = 15, 2*3"]),
        ("I <3 you, a < b", ["I <3 you, a < b"]),
        ("^_^ T_T snake_case", ["^_^ T_T snake_case"]),
        ("\\*hi\\*", ["hi"]),
        ("a\u200bb\u202ec\x00d\ufeff\ud800e", ["abcde"]),
        ("👨‍👩‍👧 a\u200db ❤\ufe0f", ["👨‍👩‍👧 ab ❤\ufe0f"]),
        ("Time: 10:30, note: ok", ["Time: 10:30, note: ok"]),
        ("", []),
    ],
)
def test_only_speech_remains(text: str, pieces: list[Piece]) -> None:
    assert parse(text) == (pieces, None)
    for size in (1, 2, 3, 5):
        assert parse(text, size) == (pieces, None)


@pytest.mark.parametrize(
    ("text", "pieces", "end"),
    [
        ("hello<|im_end|>junk", ["hello"], End.TEMPLATE),
        ("hi</s>x", ["hi"], End.TEMPLATE),
        ("hi [/INST] x", ["hi"], End.TEMPLATE),
        ("hi <｜end▁of▁sentence｜>x", ["hi"], End.TEMPLATE),
        ("Hello!\nUser: what", ["Hello!"], End.TURN),
        ("Hello! Bob: what", ["Hello!"], End.TURN),
        ("Hello!\n### User: what", ["Hello!"], End.TURN),
        ("你好！\n用户：什么", ["你好！"], End.TURN),
    ],
)
def test_what_is_not_ours_ends_the_reply(text: str, pieces: list[Piece], end: End) -> None:
    for size in (1, 3, 1000):
        assert parse(text, size) == (pieces, end)


def test_after_the_end_nothing_comes() -> None:
    parser = ReplyParser()
    parser.feed("hi there</s>")
    assert parser.ended is End.TEMPLATE
    assert parser.feed("more") == []
    assert parser.flush() == []


def test_halves_of_a_surrogate_pair_become_one_character() -> None:
    parser = ReplyParser()
    assert parser.feed("hi \ud83d") == ["hi"]
    assert parser.feed("\ude00!") == [" 😀!"]
    assert parser.ended is None


def test_ordinary_brackets_wait_for_four_words_at_most() -> None:
    parser = ReplyParser()
    assert parser.feed("I was (as I said, you know") == ["I was (as I said, you know"]
    assert parser.feed(" (softly laughs at") == []
    assert parser.feed(") yes") == [LAUGH, " yes"]


def test_a_known_tag_is_given_at_its_bracket() -> None:
    parser = ReplyParser("Mira")
    assert parser.feed("[jo") == []
    assert parser.feed("y]") == [JOY]
    assert parser.feed(" Well") == ["Well"]
    assert parser.feed(" hello there,") == [" hello there,"]


@pytest.mark.parametrize(
    "sentence", ["This is one more sentence, {n}. ", "这是{n}个句子，还有{n}个更多。", "words, words and more "]
)
def test_a_long_reply_ends_at_a_pause(sentence: str) -> None:
    text = "".join(f"{sentence.format(n=n)}{chr(97 + n % 26) * 3} {n} " for n in range(60))
    for size in (1, 4, 9999):
        (said,), end = parse(text, size)
        assert end is End.LENGTH
        assert 400 < len(str(said)) <= 600
        assert str(said)[-1] in ".。，,de" or str(said)[-1].isalnum()
    assert parse(text, 1) == parse(text)
    endless, end = parse("".join(chr(0x4E00 + n * n % 7919) for n in range(2000)))
    assert (len(str(endless[0])), end) == (600, End.LENGTH)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ok " + "".join("!?.,;:-+"[n * n % 7 :][: n % 3] for n in range(200)), Fault.NO_LETTERS),
        (
            "".join("\n ?!"[n * n % 4 :] for n in range(60)) + "".join(chr(0x2500 + n) for n in range(99)),
            Fault.NO_LETTERS,
        ),
        ("\n" * 100, Fault.REPEATED),
        ("I said " + "yes " * 40, Fault.REPEATED),
        ("a" * 80, Fault.REPEATED),
        ("谢谢" * 40, Fault.REPEATED),
        ("I love you all so very much. " * 12, Fault.REPEATED),
        ("well \ufffd\ufffd\ufffd", Fault.UNDECODABLE),
    ],
)
def test_garbage_is_noticed_wherever_the_stream_is_cut(text: str, fault: Fault) -> None:
    whole = DegenerationDetector().check(text)
    assert whole is not None
    assert whole[0] is fault
    one_by_one = DegenerationDetector()
    assert next(at for at, char in enumerate(text) if one_by_one.check(char)) == whole[1]
    for size in (1, 7, 999):
        _, end = parse(text, size)
        assert end is not None
        assert end.value == fault.value
        assert end.garbage


@pytest.mark.parametrize(
    "text",
    [
        "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈",
        "hahahahahahahaha that is so funny!!!!!!",
        "no no no no no, really no",
        "1, 2, 3, 4, 5, go!",
        "One � is fine",
        ", ".join(map(str, range(1, 60))),
        "……………… ok",
        "😂" * 30 + " I cannot",
    ],
)
def test_laughter_is_not_garbage(text: str) -> None:
    assert DegenerationDetector().check(text) is None
    assert parse(text)[1] is None


MARKUP = st.sampled_from(
    [
        "[",
        "]",
        "[joy]",
        "[x](",
        ")",
        "(",
        "（",
        "）",
        "*",
        "**",
        "_",
        "<",
        ">",
        "<think>",
        "</think>",
        "<|im_end|>",
        "`",
        "```",
        "\n",
        " ",
        ". ",
        "- ",
        "# ",
        "1. ",
        "Mira:",
        "Bob:",
        "User",
        ":",
        '"',
        "“",
        "”",
        "{",
        "}",
        "\\",
        "\\n",
        "wave",
        "laughs ",
        "Hello",
        "你好",
        "。",
        "😂",
        "\u200d",
        "\u202e",
        "\ud83d",
        "\ude00",
        "3",
        "quite a long run of words that goes on and on ",
    ]
)


def test_a_word_on_the_next_line_does_not_make_a_stage_direction() -> None:
    """What follows the line must not decide, for it may not have arrived yet."""
    for text in ("*[x](\nwave", "*oh " + "o" * 70 + " wave"):
        assert parse(text) == parse(text, 1) == parse(text, 3)


@given(st.lists(MARKUP, max_size=40).map("".join), st.lists(st.integers(1, 9), min_size=1))
def test_the_pieces_do_not_depend_on_the_cuts_and_hold_no_markup(text: str, sizes: list[int]) -> None:
    whole = parse(text)
    parser = ReplyParser("Mira", ["Bob"])
    given: list[Piece] = []
    at = turn = 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        given += parser.feed(text[at : at + size])
        assert len(parser._reader._held) <= HOLD + 1
        at, turn = at + size, turn + 1
    given += parser.flush()
    said = "".join(piece for piece in given if type(piece) is str)
    assert (said, parser.ended) == ("".join(piece for piece in whole[0] if type(piece) is str), whole[1])
    assert [p for p in given if type(p) is not str] == [p for p in whole[0] if type(p) is not str]
    assert not set(said) & set("[]{}【】`\u202e\x00")
    assert "<think" not in said
    assert "**" not in said
    assert "im_end" not in said

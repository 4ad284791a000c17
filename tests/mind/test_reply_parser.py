from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mind.reply.parser import HOLD, DegenerationDetector, End, Fault, Piece, ReplyParser
from bot.types import Emotion, Gesture

JOY, LAUGH, SAD, WAVE = Emotion.JOY, Emotion.LAUGH, Emotion.SAD, Gesture.WAVE


def collect(parser: ReplyParser, deltas: Iterable[str]) -> list[Piece]:
    """Return the pieces of a reply; what turned out to be a thought is not among them."""
    given: list[Piece] = []
    for delta in [*deltas, None]:
        voided = parser.voided
        pieces = parser.flush() if delta is None else parser.feed(delta)
        given = [*(given if parser.voided == voided else []), *pieces]
        assert len(parser._reader._held) <= HOLD + 1
    return given


def parse(text: str, size: int = 10_000, max_chars: int = 600) -> tuple[list[Piece], End | None]:
    parser = ReplyParser("Mira", ["Bob"], max_chars)
    given = collect(parser, (text[at : at + size] for at in range(0, len(text), size)))
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


@pytest.mark.parametrize(
    "before",
    [
        "Mira: ", "**Mira:** ", "**Mira**: ", "[Mira]: ", "[Mira:] ", "(Mira): ", "<Mira>: ", "*Mira*: ", "【Mira】：",
        '"Mira": ', "### Mira:\n", "@Mira: ", "— Mira: ", "> Mira: ", "🦊 Mira: ", "Mira 🦊: ", "Mira (whispering): ",
        "Mira *waves*: ", "Mira [joy]: ", "Mira says: ", "{{char}}: ", "Assistant:\n\n", "[assistant]: ", "<Mira> ",
        "**[Mira]**: ", "__Mira__ : ",
    ],
)  # fmt: skip
def test_the_own_name_is_dropped_in_every_decoration(before: str) -> None:
    for size in (1, 2, 3, 7, 1000):
        pieces, end = parse(f"{before}Hello there!", size)
        assert ([piece for piece in pieces if type(piece) is str], end) == (["Hello there!"], None), size


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("**Bob:** what", End.TURN),
        ("[User]: what", End.TURN),
        ("(Bob): what", End.TURN),
        ("Bob (shouting): what", End.TURN),
        ("Mirabelle: what", None),
        ("Mira is here: look", None),
        ("Bobby (he): what", None),
        ("Mira, you said: look", None),
    ],
)
def test_another_name_in_any_decoration_ends_the_reply_and_no_other_word_does(line: str, end: End | None) -> None:
    for size in (1, 3, 1000):
        pieces, ended = parse(f"Hello!\n{line}", size)
        assert ended is end, size
        assert (pieces == ["Hello!"]) is (end is not None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello<br>friend<br/>of mine.", "Hello friend of mine."),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("th<b>e</b>re", "there"),
        ("<ruby>漢字<rt>かんじ</rt></ruby>です", "漢字です"),
        ("<style>p {color: red}</style>Hi", "Hi"),
        ("The answer is \\boxed{42}, friend.", "The answer is 42, friend."),
        ("so $\\boxed{42}$ it is, for $5 or US$3", "so 42 it is, for $5 or US$3"),
        ("\\text{about \\textbf{three}} cakes", "about three cakes"),
        ("\\frac{1}{2} of it", "1/2 of it"),
        ("\\(x^{2}\\) and 3 \\times 4 \\approx 12", "x^2 and 3 × 4 ≈ 12"),
        ("50\\% and \\$5", "50% and $5"),
        ("\\begin{aligned}a\\end{aligned}", "a"),
        ("fish &amp; chips&nbsp;now &#39;kay AT&T R&B", "fish & chips now 'kay AT&T R&B"),
        ("\\boxed{joy", "joy"),
    ],
)
def test_markup_keeps_the_words_that_it_holds(text: str, said: str) -> None:
    for size in (1, 2, 3, 1000):
        assert parse(text, size) == ([said], None), size


@pytest.mark.parametrize(
    ("clause", "most"),
    [
        ("I like noodles a lot.", 2),
        ("All is fine at the lamp, many thanks.", 2),
        ("今天天气真的很好。", 2),
        ("お茶を飲みましょう。", 2),
        ("One more.", 4),
        ("大家好呀！", 4),
    ],
)
def test_a_clause_that_is_said_again_and_again_ends_the_reply(clause: str, most: int) -> None:
    first = clause.partition(",")[0].rstrip(".。！")
    for filler in ("", " And you?", " Well, {n} of us."):
        text = "Hi! " + " ".join(clause + filler.format(n=n) for n in range(20))
        for size in (1, 4, 1000):
            pieces, end = parse(text, size, 2000)
            assert end is End.REPEATED
            assert "".join(map(str, pieces)).count(first) <= most


@pytest.mark.parametrize(
    "text",
    [
        "Ha, ha, ha, ha! Ha, ha, ha! That was good.",
        "哈哈哈哈，哈哈哈哈，哈哈哈哈！真好玩。",
        "No, no, no, no, no! Really?",
        "We will rock you! We will rock you! And then we dance.",
        "1, 2, 3, 1, 2, 3, 1, 2, 3, go!",
        "Go, go, go! One, two, one, two, one, two, stop.",
    ],
)
def test_laughs_chants_and_a_refrain_stay(text: str) -> None:
    for size in (1, 3, 1000):
        assert parse(text, size) == ([text], None)


def test_a_clause_is_held_back_only_while_it_may_be_a_loop() -> None:
    parser = ReplyParser()
    parser.feed("I like noodles a lot. I like noodles a lot. ")
    assert parser.feed("I like") == []
    assert parser.feed(" rice.") == [" I like rice."]
    assert parser.feed(" I like noodles [joy] a lot") == []
    assert parser.flush() == []
    assert parser.ended is End.REPEATED


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
    assert parser.feed("I was (as I said, you know") == ["I was (as I said, you"]  # know() would be a call
    assert parser.feed(" (softly laughs at") == [" know"]
    assert parser.feed(") yes.") == [LAUGH, " yes."]


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
        "I like noodles a lot. ",
        *("<think", "<reasoning>", "<zeta>", "</zeta>", "[THINK]", "[/THINK]", "<br>", "<p>", "<!--", "-->", "<0x0A>"),
        *("<|channel|>", "<|message|>", "<|end|>", "<|start|>", "final", "analysis", "assistantfinal", "assistant"),
        *('{"name": ', '"x"', "functions.x(", "```json\n", "<tool_call>", "Thought: ", "Answer: ", "(thinking: "),
        *("&amp;", "&lt;", "&", "\\boxed{", "\\frac{", "$", "[Mira]", "Mira (", "^{"),
    ]
)


def test_a_word_on_the_next_line_does_not_make_a_stage_direction() -> None:
    """What follows the line must not decide, for it may not have arrived yet."""
    for text in ("*[x](\nwave", "*oh " + "o" * 70 + " wave"):
        assert parse(text) == parse(text, 1) == parse(text, 3)


@settings(deadline=None)
@given(st.lists(MARKUP, max_size=40).map("".join), st.lists(st.integers(1, 9), min_size=1))
def test_the_pieces_do_not_depend_on_the_cuts_and_hold_no_markup(text: str, sizes: list[int]) -> None:
    whole = parse(text)
    parser = ReplyParser("Mira", ["Bob"])
    deltas, at, turn = list[str](), 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        deltas.append(text[at : at + size])
        at, turn = at + size, turn + 1
    given = collect(parser, deltas)
    said = "".join(piece for piece in given if type(piece) is str)
    assert (said, parser.ended) == ("".join(piece for piece in whole[0] if type(piece) is str), whole[1])
    assert [p for p in given if type(p) is not str] == [p for p in whole[0] if type(p) is not str]
    assert not set(said) & set("[]{}【】`\u202e\x00")
    assert "<think" not in said
    assert "**" not in said
    assert "im_end" not in said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[Winston is an umbrella.] He is on the staff.", "Winston is an umbrella. He is on the staff."),
        (
            "[Winston is an umbrella that somebody left behind on the stairs. He is on the staff.]",
            "Winston is an umbrella that somebody left behind on the stairs. He is on the staff.",
        ),
        ("[老雷是我的师傅。]", "老雷是我的师傅。"),
        ("[joy] Hello. [This is a note.]", "Hello."),
        ("[sighs softly] Hello.", "Hello."),
    ],
)
def test_an_answer_that_stands_in_brackets_is_said(written: str, said: str) -> None:
    for size in (1, 7, 1000):
        parser, pieces = ReplyParser("Mira"), []
        for at in range(0, len(written), size):
            pieces += parser.feed(written[at : at + size])
        pieces += parser.flush()
        assert "".join(p for p in pieces if type(p) is str).strip() == said, size

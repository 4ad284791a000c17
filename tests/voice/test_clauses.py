from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.scripts import language, width
from bot.types import Clause, Emotion, Gesture
from bot.voice.clauses.maker import FIRST_MIN, LONGEST, ClauseMaker, Splitter
from bot.voice.reading.aloud import read_aloud


def split(text: str, size: int = 10_000) -> list[str]:
    splitter = Splitter()
    out: list[str] = []
    for at in range(0, len(text), size):
        out += splitter.feed(text[at : at + size])
    return out + splitter.flush()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Well hello there, how are you? I am fine today.", ["Well hello there,", "how are you?", "I am fine today."]),
        ("It costs 3.14 dollars, or 1,000 yen. Okay then!", ["It costs 3.14 dollars,", "or 1,000 yen.", "Okay then!"]),
        ("Oh hello you. Wait... what is that? Nothing.", ["Oh hello you.", "Wait... what is that?", "Nothing."]),
        ("Mr. Smith met Dr. Who vs. Mrs. Jones. They left.", ["Mr. Smith met Dr. Who vs. Mrs. Jones.", "They left."]),
        (
            "He joined the U.S. Army at 5 p.m. on Monday. We saw him in the U.S. He was tall.",
            ["He joined the U.S. Army at 5 p.m. on Monday.", "We saw him in the U.S.", "He was tall."],
        ),
        (
            "Use e.g. this one: v1.2.3 of Node.js is out! Great stuff there.",
            ["Use e.g. this one:", "v1.2.3 of Node.js is out!", "Great stuff there."],
        ),
        (
            "Look at https://a.example/b,c?d=1.2,3 or mail me.too@b.example now! Thank you all.",
            ["Look at https://a.example/b,c?d=1.2,3 or mail me.too@b.example now!", "Thank you all."],
        ),
        ("It is 10:30 now and late. J. K. Rowling wrote it.", ["It is 10:30 now and late.", "J. K. Rowling wrote it."]),
        ("Really, what?! No way!!! That is mad.", ["Really, what?!", "No way!!! That is mad."]),
        (
            "Nice one now! 😂👨‍👩‍👧 That was 🇯🇵 great! Bye then.",
            ["Nice one now! 😂👨‍👩‍👧", "That was 🇯🇵 great!", "Bye then."],
        ),
        ("She said (wow! no!) and then left. Good night.", ["She said (wow! no!) and then left.", "Good night."]),
        ('"Stop it! Now!" he said to me.', ['"Stop it! Now!"', "he said to me."]),
        ("Years 2020–2024 were fine — I think so.", ["Years 2020–2024 were fine —", "I think so."]),
        ("大家晚上好，欢迎来到直播间。我们开始吧！", ["大家晚上好，", "欢迎来到直播间。", "我们开始吧！"]),
        ("你好呀！？今天3.14米高……真的吗？", ["你好呀！？", "今天3.14米高……真的吗？"]),
        ("“太好了！”他这样说。我们开始吧！", ["“太好了！”", "他这样说。", "我们开始吧！"]),
        ("时间是10：30，我们出发吧。", ["时间是10：30，", "我们出发吧。"]),
        ("「はい、元気です。」と言った。こんにちは。", ["「はい、元気です。」", "と言った。", "こんにちは。"]),
        ("我在玩Minecraft，很好玩。OK，走吧。", ["我在玩Minecraft，", "很好玩。OK，走吧。"]),
        ("1. First thing. 2. Second thing is here.", ["1. First thing.", "2. Second thing is here."]),
        ("One line without a stop\nAnother line\n", ["One line without a stop", "Another line"]),
        ("😂", ["😂"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_clauses_end_where_a_reader_would_pause(text: str, clauses: list[str]) -> None:
    assert split(text) == clauses
    assert [split(text, size) for size in (1, 2, 3, 7)] == [clauses] * 4


def test_the_first_clause_comes_with_the_comma_and_not_with_what_follows() -> None:
    splitter = Splitter()
    assert [splitter.feed(delta) for delta in ("Well", " hello", " there,")] == [[], [], ["Well hello there,"]]
    assert Splitter().feed("今天大家好呀，") == ["今天大家好呀，"]


def test_a_comma_behind_a_digit_waits_for_the_next_character() -> None:
    splitter = Splitter()
    assert splitter.feed("It was about 1,") == []
    assert splitter.feed("000 people, I") == ["It was about 1,000 people,"]
    waiting = Splitter()
    assert waiting.feed("Back in the year 2024,") == []
    assert waiting.feed(" we") == ["Back in the year 2024,"]


def test_a_short_opening_waits_for_ten_characters() -> None:
    assert split("Hi, you. How are you, my dear friend?")[0] == "Hi, you. How are you,"
    assert width("好的，我来") == FIRST_MIN
    assert split("好的，我来。开始了，朋友们。")[0] == "好的，我来。"


def test_long_sentences_are_divided_at_a_comma_and_else_at_a_space() -> None:
    words = "and this goes on without a pause for quite some time "
    text = "Here we go, " + words * 2 + "until, at last, " + words * 4 + "the end."
    parts = split(text)
    assert all(width(part) <= LONGEST for part in parts)
    assert any(part.endswith("at last,") for part in parts)
    assert " ".join(parts) == text
    chinese = "我们今天要来聊一聊关于人工智能的话题因为每个人都在讨论但是没有人真正知道未来" * 3
    assert all(width(part) <= LONGEST for part in split(chinese))
    assert "".join(split(chinese)) == chinese


def test_a_long_address_is_never_divided() -> None:
    address = "https://example.org/" + "a.b,c?d!" * 30
    assert any(address in part for part in split(f"Please do look at {address} when you can, and then come back."))


def test_nothing_is_kept_for_ever() -> None:
    splitter = Splitter()
    given = [part for _ in range(400) for part in splitter.feed("e\u0301" * 10)]
    assert sum(map(len, given)) > 8000 - 700


ALPHABET = st.sampled_from(
    [
        *"abIUS 12.,!?:;-~()\"'\n…—",
        "。",
        "，",
        "！",
        "？",
        "、",
        "“",
        "”",
        "「",
        "」",
        "你",
        "好",
        "の",
        "😂",
        "\u200d",
        "🇯",
        "🇵",
        "Mr. ",
        "e.g. ",
        "http://a.b/",
        "word ",
        "一段没有标点的很长的话",
        "and then some more words ",
    ]
)


@given(st.lists(ALPHABET, max_size=60).map("".join), st.lists(st.integers(1, 9), min_size=1))
def test_the_clauses_add_up_and_do_not_depend_on_the_cuts(text: str, sizes: list[int]) -> None:
    splitter, out, at, turn = Splitter(), [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        out += splitter.feed(text[at : at + size])
        at, turn = at + size, turn + 1
    out += splitter.flush()
    assert "".join("".join(out).split()) == "".join(text.split())
    assert out == split(text)
    assert all(out)


def make(*pieces: str | Emotion | Gesture) -> list[Clause]:
    maker = ClauseMaker("t1")
    out = [clause for piece in pieces for clause in maker.feed(piece)]
    return out + maker.flush()


def test_emotions_and_gestures_fall_on_the_clause_they_stand_in() -> None:
    clauses = make(
        Emotion.JOY,
        "Hello there everyone!",
        Gesture.WAVE,
        " It is so nice",
        Gesture.NOD,
        " to be here. ",
        Emotion.SAD,
        "But I lost my match again.",
        Emotion.SLEEPY,
        Gesture.BOW,
    )
    assert [(c.index, c.text, c.emotion, c.gestures) for c in clauses] == [
        (0, "Hello there everyone!", Emotion.JOY, ()),
        (1, "It is so nice to be here.", Emotion.JOY, (Gesture.WAVE, Gesture.NOD)),
        (2, "But I lost my match again.", Emotion.SLEEPY, (Gesture.BOW,)),
    ]
    assert {c.turn for c in clauses} == {"t1"}


def test_an_emotion_late_in_a_clause_belongs_to_the_next() -> None:
    first, second = make("I like this one so very much", Emotion.SAD, " ok. ", "But it is gone now.")
    assert (first.emotion, second.emotion) == (Emotion.NEUTRAL, Emotion.SAD)


def test_each_clause_has_its_own_language_and_speech() -> None:
    clauses = make("Hello my friends! ", "大家晚上好呀！", "今日はいい天気ですね。", "😂😂")
    assert [(c.language, c.speech) for c in clauses] == [
        ("en", "Hello my friends!"),
        ("zh", "大家晚上好呀！"),
        ("ja", "今日はいい天気ですね。"),
    ]
    assert clauses[-1].text.endswith("😂😂")
    lone = make("😂")
    assert [(c.text, c.speech) for c in lone] == [("😂", "")]


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("hello", "zh", "en"),
        ("你好", "en", "zh"),
        ("こんにちは", "en", "ja"),
        ("大丈夫", "ja", "ja"),
        ("我在玩 Minecraft", "en", "zh"),
        ("I love 原神 so much", "zh", "en"),
        ("漢字とかな", "zh", "ja"),
        ("123", "zh", "zh"),
        ("привет", "en", "en"),
        ("看 https://a.b/c/d/e", "en", "zh"),
    ],
)
def test_the_script_tells_the_language(text: str, default: str, expected: str) -> None:
    assert language(text, default) == expected


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("haha!!! wow?!?! 😂", "haha! wow?"),
        ("看 https://x.example/y?z=1，好！！！", "看 链接，好！"),
        ("go to www.foo.example, please", "go to link, please"),
        ("**hi** `you` #1 a_b", "hi you number one a b"),
        ("Wait.... what……", "Wait... what…"),
        ("soooooooooo good~~", "so good"),
        ("10~20度", "十到二十度"),
        ("(^_^) hi :) there <3", "hi there"),
        ("1️⃣ keycap", "one keycap"),
        ("草 w", "草 w"),
        ("……", ""),
        ("👨‍👩‍👧🇯🇵", ""),
        ("?!", ""),
    ],
)
def test_speech_is_what_can_be_pronounced(text: str, spoken: str) -> None:
    assert read_aloud(text, language(text)) == spoken

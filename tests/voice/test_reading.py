"""What is read aloud for what is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mind.untrusted import harmless
from bot.voice.audio.pcm import Samples
from bot.voice.phonemes.kokoro import FIRST, Phonemes
from bot.voice.reading.chat import MAX_CHARS, split_by_script, write_out
from bot.voice.reading.chinese import cardinal

#: The symbols of Kokoro's vocabulary.
ALPHABET = frozenset(
    ';:,.!?—…"()“” \u0303ʣʥʦʨᵝꭧAIOQSTWYᵊabcdefhijklmnopqrstuvwxyzɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔˈˌːʰʲ'
    "↓→↗↘ᵻ"
)


@pytest.fixture(scope="module")
def phonemes() -> Phonemes:
    return Phonemes(ALPHABET)


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("0", "零"),
        ("10", "十"),
        ("21", "二十一"),
        ("101", "一百零一"),
        ("110", "一百一十"),
        ("1001", "一千零一"),
        ("10010", "一万零一十"),
        ("100000", "十万"),
        ("12,345,678", "一千二百三十四万五千六百七十八"),
        ("100000001", "一亿零一"),
        ("100001000", "一亿零一千"),
        ("12345678901234567", "一二三四五六七八九零一二三四五六七"),
    ],
)
def test_chinese_cardinals(digits: str, words: str) -> None:
    assert cardinal(digits) == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("圆周率是3.14。", "圆周率是三点一四。"),
        ("今天100%会赢", "今天百分之百会赢"),
        ("Ｖ１００％", "V百分之百"),
        ("打折25%，$9.99，￥100", "打折百分之二十五,九点九九美元,一百元"),
        ("$5万", "五万美元"),
        ("温度-5℃", "温度负五摄氏度"),
        ("2024年3月1日 12:30", "二零二四年三月一日 十二点三十分"),
        ("2024-03-01 9:05", "二零二四年三月一日 九点零五分"),
        ("08:00", "八点整"),
        ("20年前", "二十年前"),
        ("1,250个人", "一千二百五十个人"),
        ("2个人，22个，第2名", "两个人,二十二个,第二名"),
        ("3-2赢了", "三比二赢了"),
        ("10-20分钟", "十到二十分钟"),
        ("1/2", "二分之一"),
        ("版本v1.2.3", "版本v一点二点三"),
        ("电话13812345678", "电话一三八一二三四五六七八"),
        ("666，2W粉丝", "六六六,两万粉丝"),
        ("PS5 好玩", "PS五 好玩"),
        ("10km", "十公里"),
        ("1 + 1 = 2", "一加一等于二"),
        ("1.5万", "一点五万"),
        ("@小明 你好", "小明 你好"),
        ("看 https://a.b/c", "看 链接"),
        ("啊～", "啊,"),
        ("**重点**💖", "重点"),
    ],
)
def test_chinese_is_written_out(text: str, said: str) -> None:
    assert write_out(text, "zh") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Thanks @night_owl99 for the $4.99! :)", "Thanks night_owl99 for the $4.99!"),
        ("brb, idk tbh", "be right back, I don't know to be honest"),
        ("GG lol", "GG lol"),
        ("Ty! U.S. u", "Thank you! U.S. you"),
        ("POGGERS lets goooo <3", "Poggers lets goo heart"),
        ("NASA and the FBI", "NASA and the FBI"),
        ("see https://x.y/z ok", "see link ok"),
        ("**wow** `code` xD", "wow code"),
        ("[hello](/slˈɜɹ/) [x](http://y) you", "hello x you"),
        ("[joy] hi", "joy hi"),
        ("3 < 4 (8) done", "3 < 4 (8) done"),
        ("Hello 👋🏽\u200b", "Hello"),
        ("💖✨", ""),
    ],
)
def test_english_shorthand_is_written_out(text: str, said: str) -> None:
    assert write_out(text, "en") == said


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("你好 GG, 真厉害", "zh", [("zh", "你好 "), ("en", "GG, "), ("zh", "真厉害")]),
        ("今日は3.14とGGです", "ja", [("ja", "今日は3.14と"), ("en", "GG"), ("ja", "です")]),
        ("東京", "ja", [("ja", "東京")]),
        ("Привет hi", "en", [("en", " hi")]),
        ("…!", "en", []),
    ],
)
def test_a_text_is_split_by_script(text: str, language: str, expected: list[tuple[str, str]]) -> None:
    assert list(split_by_script(text, language)) == expected


@pytest.mark.parametrize(
    ("text", "language", "sounds"),
    [
        ("Hello, chat!", "en", ["həlˈO, ʧˈæt!"]),
        ("It is 3.14.", "en", ["ˌɪt ɪz θɹˈi pYnt wˈʌn fˈɔɹ."]),
        ("你好 GG", "zh", ["ni↓xau↓ ʤˌiʤˈi"]),
        ("大家好！今天玩PS5。", "zh", ["ta↘ʨja→ xau↓!", "ʨi→ntʰjɛ→n wa↗n pˌiˈɛs u↓."]),
        ("[hi](/slˈɜɹ/) you", "en", ["hˈI ju"]),
        ("…", "en", []),
    ],
)
def test_phonemes(phonemes: Phonemes, text: str, language: str, sounds: list[str]) -> None:
    assert list(phonemes.pieces(text, language)) == sounds


def test_japanese(phonemes: Phonemes) -> None:
    assert "ja" in phonemes.languages
    pieces = phonemes.pieces("こんにちは、みなさん！キャラとファンが東京に。チェック、ティー、ちゅう。", "ja")
    assert list(pieces) == [
        "koɲɲiʨiβa, mʲinasaɴ!",
        "kʲaɾato ɸaŋɡa toːkʲoːɲi.",
        "ʨeʔkɯ, tʲiː, ʨɨː.",
    ]


def test_a_long_text_becomes_pieces_and_the_first_is_short(phonemes: Phonemes) -> None:
    pieces = list(
        phonemes.pieces("Well, I was walking home, it was late, the rain fell, and then I saw it. " * 9, "en")
    )
    assert len(pieces[0]) <= FIRST
    assert all(0 < len(piece) <= 500 for piece in pieces)
    assert all(0 < len(piece) <= 500 for piece in phonemes.pieces("word " * 400, "en"))


@given(st.text(max_size=200), st.sampled_from(["en", "zh", "ja"]))
def test_no_text_breaks_the_reading(text: str, language: str) -> None:
    said = write_out(text, language)
    assert "](" not in said
    assert list(split_by_script(said, language)) is not None
    assert len(write_out(text * 200, language)) < 20 * MAX_CHARS


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_no_text_breaks_the_phonemes(phonemes: Phonemes, text: str) -> None:
    for language in ("en", "zh", "ja"):
        assert all(set(piece) <= ALPHABET for piece in phonemes.pieces(text, language))


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x02\x03", bytes(range(100))])
@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_samples_come_out_whole(data: bytes, step: int) -> None:
    samples = Samples()
    pieces = [samples.add(data[at : at + step]) for at in range(0, len(data), step)]
    assert all(len(piece) % 2 == 0 for piece in pieces)
    assert b"".join(pieces) == data[: len(data) & ~1]
    assert samples.odd is bool(len(data) % 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<|im_end|><|im_start|>system", "‹|im_end|>‹|im_start|>system"),
        ("</s><s> <end_of_turn> <｜end▁of▁sentence｜>", "‹/s>‹s> ‹end_of_turn> ‹｜end▁of▁sentence｜>"),
        ("[INST] [/INST] [TOOL_CALLS]", "(INST] (/INST] (TOOL_CALLS]"),
        ("<<SYS>> </think>", "‹‹SYS>> ‹/think>"),
        ("a < b, x<3, [joy] hi, <3", "a < b, x<3, [joy] hi, <3"),
    ],
)
def test_control_words_lose_their_power(text: str, expected: str) -> None:
    assert harmless(text) == expected


def test_the_alphabet_is_what_the_model_knows() -> None:
    assert json.dumps(sorted(ALPHABET), ensure_ascii=False).count('"') >= 2 * len(ALPHABET)
    assert len(ALPHABET) == 114

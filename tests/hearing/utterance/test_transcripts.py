"""What nobody said is left out; the rest is fit to be read."""

from __future__ import annotations

import pytest

from bot.hearing.listening_settings import ChineseScript
from bot.hearing.speech import Hints, Transcript
from bot.hearing.utterance.transcripts import Cleaner, chinese_converter

CLEAN = Cleaner(Hints(("Mira", "Elden Ring", "Malenia", "小葵", "Ada Lovelace")), lambda text, _language: text)


def text(said: str, voiced_s: float = 3.0, **rest: float) -> str | None:
    found = CLEAN(Transcript(said, "en", **{"confidence": 0.8} | rest), voiced_s)
    return found and found.text


@pytest.mark.parametrize(
    "said",
    [
        "Thank you for watching!", "You", "Stop.", "Okay",
        "I'm gonna go back to the car.", "no no no no", "ha ha ha ha ha",
        "Mira, have you played Elden Ring?", "Mira!", "谢谢大家", "我觉得这个游戏很好玩", "ありがとうございました",
        "go go go go go!", "I said subtitles are nice.",
    ],
)  # fmt: skip
def test_what_was_said_stays(said: str) -> None:
    assert text(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "", "   ", "...", "♪♪♪", "[Music]", "(applause)", "【音乐】", "\u200b\u200b", "*laughs*",
        "Subtitles by the Amara.org community",
        "字幕由Amara.org社区提供", "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "I'm sorry. " * 40, "好的" * 60, "the " * 12, "Mira, Elden Ring, Malenia, 小葵",
    ],
)  # fmt: skip
def test_what_nobody_said_does_not(said: str) -> None:
    assert text(said) is None


def test_the_recognisers_own_doubt_counts() -> None:
    said = "I'm gonna go back to the car."
    assert text(said, no_speech=0.4, confidence=0.4) is None
    assert text(said, no_speech=0.77, confidence=0.5) is None
    assert text(said, no_speech=0.77, confidence=0.9) is not None
    assert text(said, no_speech=0.12, confidence=0.4) is not None
    # One clear sentence was doubted so; noise was doubted little once there were words to expect.
    assert text(said, no_speech=0.35, confidence=0.91) is not None
    assert text(said, no_speech=0.04, confidence=0.12) is None


def test_a_usual_invention_is_left_out_where_it_is_doubtful() -> None:
    assert text("Thank you for watching!", confidence=0.3, no_speech=0.2) is None
    assert text("Thank you for watching!", confidence=0.3, no_speech=0.05) is not None
    assert text("We beat the boss!", confidence=0.3, no_speech=0.2) is not None


def test_nobody_speaks_so_fast() -> None:
    sentence = "So I went to the market and bought a bag of apples for my grandmother"
    assert text(sentence, voiced_s=0.4) is None
    assert text(sentence, voiced_s=2.5) == sentence
    assert text("我昨天去超市买了一袋苹果送给奶奶吃她很高兴", voiced_s=0.4) is None


def test_a_text_is_one_bounded_line_without_what_cannot_be_seen() -> None:
    found = text("Hello\n\x00\u202e chat" + "".join(f" word{n}" for n in range(800)), voiced_s=1000.0)
    assert found is not None
    assert found.startswith("Hello")
    assert len(found) <= 2000
    assert not set(found) & set("\n\x00\u202e")


def test_odd_numbers_of_a_provider_are_kept_within_bounds() -> None:
    found = CLEAN(Transcript("We beat the boss", "en", confidence=17.0), 2.0)
    assert found is not None
    assert found.confidence == 1.0


@pytest.mark.parametrize(
    ("script", "said", "language", "written"),
    [
        (ChineseScript.SIMPLIFIED, "這個遊戲很難", "zh", "这个游戏很难"),
        (ChineseScript.TRADITIONAL, "这个游戏很难", "zh", "這個遊戲很難"),
        (ChineseScript.AS_HEARD, "這個游戏", "zh", "這個游戏"),
        (ChineseScript.SIMPLIFIED, "學校に行く", "ja", "學校に行く"),
        (ChineseScript.SIMPLIFIED, "学校", "ja", "学校"),
        (ChineseScript.SIMPLIFIED, "Hello chat", "en", "Hello chat"),
    ],
)
def test_chinese_is_written_in_one_script(script: ChineseScript, said: str, language: str, written: str) -> None:
    assert chinese_converter(script)(said, language) == written

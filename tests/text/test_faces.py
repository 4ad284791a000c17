"""A face of signs is found, and a word or a number is never taken for one."""

from __future__ import annotations

import pytest

from bot.text.faces import drop_faces
from bot.text.scripts import language

FACES = """
:)
:-(
;P
=D
xD
XDD
<3
^_^
^^
T_T
-.-
>_<
;_;
O.o
uwu
QAQ
orz
o7
(^_^)
(^_-)
(;_;)
m(_ _)m
(´・ω・`)
ヾ(•ω•`)o
ヾ(≧▽≦*)o
(｡･ω･｡)ﾉ♡
(╯°□°）╯
¯\\_(ツ)_/¯
(๑•̀ㅂ•́)و✧
ʕ•ᴥ•ʔ
(。-ω-)
(；一_一)
ฅ^•ﻌ•^ฅ
٩( ᐛ )و
٩(ˊᗜˋ*)و
ᕙ(`▿´)ᕗ
ᕦ(ò_óˇ)ᕤ
༼ つ ◕_◕ ༽つ
இ௰இ
zzz
☆ﾟ.*･｡ﾟ
(つ≧▽≦)つ
Σ(っ °Д °;)っ
（＾ω＾）
o(╥﹏╥)o
(｀・ω・´)ゞ
_(:3」∠)_
٩(◕‿◕｡)۶
(*/ω＼*)
（；´д｀）ゞ
ಠ_ಠ
(ಥ_ಥ)
(・∀・)
´∀｀
""".strip().split("\n")
SPEECH = """
I have two cats.
Two of them won.
Too bad, not yet.
gain XP now
at 0.0 seconds
x3 speed
over 8) in the list
8/ 10 for me
（“雾”的意思）是
f(x) and (x)
a - b
T. T. Moore
（5°）
(≥5)
(α, β)
（北京时间）
(1/2)
（笑）
(i.e. now)
C:/data
3:00
(в Москве)
（约3米）
""".strip().split("\n")


@pytest.mark.parametrize("face", FACES)
def test_a_face_is_dropped(face: str) -> None:
    face = face.replace("\\\\", "\\")
    for text, left in ((f"hi {face} there", "hi there"), (f"hi {face}", "hi"), (f"你好 {face} 呀", "你好 呀")):
        assert " ".join(drop_faces(text).split()) == left


@pytest.mark.parametrize("text", SPEECH)
def test_a_word_or_a_number_is_no_face(text: str) -> None:
    assert drop_faces(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("谢谢大家ヾ(•ω•`)o爱你们。", "谢谢大家 爱你们。"),
        ("hello(^_^)", "hello "),
        ("あっ(^^)すごい", "あっ すごい"),
        ("(・∀・)つまり", " つまり"),
        ("(^^)ノート", " ノート"),
        ("好开心:)明天见", "好开心 明天见"),
    ],
)
def test_what_stands_beside_a_face_stays(text: str, left: str) -> None:
    assert drop_faces(text) == left


@pytest.mark.parametrize("sign", ["(", "(^", "ヾ(", "ω", ":", "^_", "(´・", "((((((^^"])
def test_hostile_repetition_is_no_trouble(sign: str) -> None:
    assert len(drop_faces(sign * 5000)) <= 5000 * len(sign)


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("谢谢大家ヾ(•ω•`)o爱你们。", "zh", "zh"),
        ("别怕(｡･ω･｡)ﾉ♡有我在。", "zh", "zh"),
        ("今天看了《鬼灭の刃》很好看", "zh", "zh"),
        ("我喜欢ありがとう这个词", "en", "zh"),
        ("私は学生です", "zh", "ja"),
        ("日本語を話す", "zh", "ja"),
        ("最高の一日", "en", "ja"),
        ("ヾ(≧▽≦*)o", "zh", "zh"),
        ("hello ヾ(≧▽≦*)o", "en", "en"),
    ],
)
def test_a_language_is_decided_by_share_and_without_faces(text: str, default: str, expected: str) -> None:
    assert language(text, default) == expected

"""Which brackets are acted, and which are said."""

from __future__ import annotations

import pytest

from bot.mind.reply.acting import find_acts, is_aside
from bot.mind.reply.parser import ReplyParser
from bot.types import Emotion, Gesture

DIRECTIONS = """
微笑着挥手
开心地笑
开心的笑
轻轻叹了口气
歪着头想了想
捂嘴笑
清了清嗓子
压低声音
害羞地低下头
凑近镜头小声说
得意地叉腰
抱紧抱枕
伸懒腰
笑
笑顔で手を振る
うなずきながら
小声で
照れながら
ため息
laughs
smiling warmly
喝了口水
看了看弹幕
凑到麦克风前
双手合十
掌声
頭をかきながら
目をキラキラさせて
嬉しそうに
両手を広げて
静かに
pause
a short beat
Word count: 4
Note: I kept it short
字数：10
注：语气活泼
in a whisper
with a big smile
leans closer
clears throat
softly
""".split("\n")[1:-1]
REMARKS = """
北京时间
约三米
也就是第二关
他上次也哭了
点头像可以关注
笑点太低
挥手可以暂停
笑死
跳舞机
抱歉
主播版
下午
税込
注：明天停播
Note: the shop closes at nine
笑えます
東京駅
about 3 meters
I think
dancing is fun
the one with the dragon
no pun intended
looks good
in a good way
my favorite
""".split("\n")[1:-1]


@pytest.mark.parametrize("content", DIRECTIONS)
def test_a_body_and_a_voice_are_acted_wherever_they_stand(content: str) -> None:
    assert is_aside(content, opens=True)
    assert is_aside(content)


@pytest.mark.parametrize("content", REMARKS)
def test_a_remark_is_said(content: str) -> None:
    assert not is_aside(content, opens=True)
    assert not is_aside(content)


def test_at_the_start_of_a_sentence_a_verb_is_enough() -> None:
    assert is_aside("突然从沙发后面探头", opens=True)
    assert not is_aside("突然从沙发后面探头")


@pytest.mark.parametrize("tag", [*Emotion, *Gesture])
def test_every_tag_means_what_it_is_called(tag: Emotion | Gesture) -> None:
    assert find_acts(tag.value) == [tag]


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("shrugs", Gesture.SHRUG),
        ("耸肩", Gesture.SHRUG),
        ("pouts", Emotion.POUT),
        ("气鼓鼓", Emotion.POUT),
        ("心配", Emotion.WORRIED),
        ("歪头", Emotion.CONFUSED),
        ("比心", Gesture.HEART),
        ("facepalms", Gesture.FACEPALM),
    ],
)
def test_feelings_and_movements_are_known_by_other_words(words: str, act: Emotion | Gesture) -> None:
    assert act in find_acts(words)


def test_acts_are_found_inside_a_phrase() -> None:
    assert find_acts("微笑着挥手") == [Emotion.JOY, Gesture.WAVE]
    assert find_acts("開口 开心地点头") == [Emotion.JOY, Gesture.NOD]
    assert find_acts("不开心") == []
    assert find_acts("笑顔で手を振る") == [Emotion.JOY, Gesture.WAVE]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("（微笑着挥手）大家好呀！", "大家好呀！"),
        ("你来啦！（歪着头想了想）嗯，好。", "你来啦！嗯，好。"),
        ("我三点（北京时间）开播。", "我三点（北京时间）开播。"),
        ("(in a whisper) Come closer.", "Come closer."),
        ("＊微笑＊大家好！", "大家好！"),
        ("〈挥手〉你好。", "你好。"),
        ("〈序曲〉很好听。", "〈序曲〉很好听。"),
        ("*你好呀，欢迎来玩！*", "你好呀，欢迎来玩！"),
        ("*看着窗外，叹了口气。* 你好。", "你好。"),
        ("好耶٩(ˊᗜˋ*)و一起冲", "好耶٩(ˊᗜˋ*)و一起冲"),
        ("嗨(*´∀`)~♥你好", "嗨(*´∀`)~♥你好"),
        ("嬉しい(*^▽^*)♪ またね", "嬉しい(*^▽^*)♪ またね"),
        ("了解ですm(__)m", "了解ですm(__)m"),
        ("耶☆ﾟ.*･｡ﾟ成功了", "耶☆ﾟ.･｡ﾟ成功了"),
        ("((笑))こんにちは", "こんにちは"),
        ("Emotion: joy\nHello you.", "Hello you."),
        ("Hello you.\n表情：开心", "Hello you."),
        ("Mood: it is raining.", "Mood: it is raining."),
        ("[Mira | happy]: Hello you.", "Hello you."),
        ("Hey\\nthere \\u0041nn, \\nu", "Hey\nthere Ann, nu"),
        ("【挥手】[smiles]{nods} 你好", "你好"),
        ("（笑顔で手を振る）こんにちは！", "こんにちは！"),
    ],
)
@pytest.mark.parametrize("step", [1, 3, 99])
def test_directions_are_never_read(reply: str, said: str, step: int) -> None:
    parser = ReplyParser("Mira")
    pieces = [piece for at in range(0, len(reply), step) for piece in parser.feed(reply[at : at + step])]
    pieces += parser.flush()
    assert "".join(piece for piece in pieces if type(piece) is str) == said

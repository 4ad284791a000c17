"""Directions in frames that are no brackets, a reply's words about itself, labels: none is heard; what is alike is."""

from __future__ import annotations

import pytest

from tests.support.probe import clauses

NAMES = {"en": "Mira", "zh": "小云", "ja": "ミラ"}
UNHEARD = [
    ("en", "~giggles~ You are too kind!", "You are too kind!"),
    ("en", "-laughs- You are too kind!", "You are too kind!"),
    ("en", "--sighs softly-- Fine, one more.", "Fine, one more."),
    ("en", "—waves— Hello there.", "Hello there."),
    ("en", "::nods:: That works.", "That works."),
    ("en", "|smiles| That works.", "That works."),
    ("en", "⟨waves⟩ That works.", "That works."),
    ("en", "That works. ~winks~ Really.", "That works. Really."),
    ("en", "(playful tone) The cat wins.", "The cat wins."),
    ("en", "(soft, sleepy voice) The cat wins.", "The cat wins."),
    ("en", "Tone: playful\nThe cat wins.", "The cat wins."),
    ("en", "Tone: warm and gentle\nThe cat wins.", "The cat wins."),
    ("en", "Mira's response: The cat wins.", "The cat wins."),
    ("en", "Mira’s reply: The cat wins.", "The cat wins."),
    ("en", "Answer: The cat wins.", "The cat wins."),
    ("en", "The cat wins.\n\nLet me know if you'd like me to adjust the tone!", "The cat wins."),
    ("en", "The cat wins.\nI hope this response fits Mira's character.", "The cat wins."),
    ("en", "The cat wins.\nWould you like me to make it shorter?", "The cat wins."),
    ("en", "The cat wins.\nThis reply stays in character and is short.", "The cat wins."),
    ("en", "print(default_api.play(name='boom'))\nThere it goes!", "There it goes!"),
    ("en", "execute(tools.play_sound(boom))\nThere it goes!", "There it goes!"),
    ("en", "Mira | happy: The cat wins.", "The cat wins."),
    ("en", "The cat wins.\n\nWord count: 3", "The cat wins."),
    ("en", "(voice trembling) The cat wins.", "The cat wins."),
    ("en", "(pauses for effect) The cat wins.", "The cat wins."),
    ("en", "(looks around nervously) The cat wins.", "The cat wins."),
    ("en", "(takes a deep breath) The cat wins.", "The cat wins."),
    ("en", "(raises an eyebrow) The cat wins.", "The cat wins."),
    ("zh", "（眼睛弯成月牙）各位好。", "各位好。"),
    ("zh", "（语速加快）各位好。", "各位好。"),
    ("ja", "（肩を落とす）始めます。", "始めます。"),
    ("ja", "（目を細めて）始めます。", "始めます。"),
    ("zh", "——挥挥手——大家晚上好！", "大家晚上好！"),
    ("zh", "～微笑～大家晚上好！", "大家晚上好！"),
    ("zh", "（她眨了眨眼，凑近屏幕）大家晚上好！", "大家晚上好！"),
    ("zh", "（声音渐渐变小）其实我有点怕黑。", "其实我有点怕黑。"),
    ("zh", "（翻开书本）今天讲个故事。", "今天讲个故事。"),
    ("zh", "（推了推眼镜）这题很简单。", "这题很简单。"),
    ("zh", "（靠在椅背上）好困。", "好困。"),
    ("zh", "大家晚上好！（以上回复共8字）", "大家晚上好！"),
    ("zh", "大家晚上好！（共12字）", "大家晚上好！"),
    ("zh", "大家晚上好！\n希望这个回复符合你的要求。", "大家晚上好！"),
    ("zh", "大家晚上好！\n如需调整语气，请告诉我。", "大家晚上好！"),
    ("zh", "语气：温柔\n大家晚上好！", "大家晚上好！"),
    ("zh", "回复内容：大家晚上好！", "大家晚上好！"),
    ("zh", "小云的回复：大家晚上好！", "大家晚上好！"),
    ("ja", "（頭を撫でながら）えらいね！", "えらいね！"),
    ("ja", "（お菓子を食べつつ）えらいね！", "えらいね！"),
    ("ja", "＜考え中＞えらいね！", "えらいね！"),
    ("ja", "回答：えらいね！", "えらいね！"),
    ("ja", "えらいね！（※キャラの口調を意識しました）", "えらいね！"),
]
HEARD = [
    ("en", "That was fun.\nLet me know if you want another round!"),
    ("en", "That was fun.\nI hope this run goes well."),
    ("en", "That was fun.\nThis reply from chat is gold."),
    ("en", "That was fun.\nFeel free to ask me anything."),
    ("en", "This response is so kind of you."),
    ("en", "Well — I guess — we wait."),
    ("en", "It took ~ten tries~ or so."),
    ("en", "(same old story) we lose."),
    ("en", "(works for me) we go."),
    ("en", "(costs a lot) we go."),
    ("en", "(this takes a while) we go."),
    ("en", "(takes you to the shop) we go."),
    ("en", "(makes sense, right?) we go."),
    ("en", "(his voice is so good) we go."),
    ("zh", "（限时三天）各位快来。"),
    ("zh", "（站内信也行）各位快来。"),
    ("zh", "（眼睛是我的）各位快来。"),
    ("ja", "（雨天中止）始めます。"),
    ("en", "Tone: it is all in the tone."),
    ("en", "I print my own cards."),
    ("en", "We return home. I run fast."),
    ("zh", "（他们都笑了）真的。"),
    ("zh", "（他上次也哭了）真的。"),
    ("zh", "（这本书翻开就停不下来）真的。"),
    ("zh", "好的～一起玩～走吧。"),
    ("zh", "我说完了。\n希望这个周末大家都开心。"),
    ("zh", "我说完了。\n如果你想一起玩，就来吧。"),
    ("zh", "他一共写了八百字。"),
    ("ja", "（ゲームしながらで失礼）えらいね。"),
    ("ja", "これは返答ではありません。"),
]


def said(reply: str, language: str, step: int) -> str:
    return " ".join(clause.text for clause in clauses(reply, language, NAMES[language], step))


@pytest.mark.parametrize(("language", "reply", "heard"), UNHEARD)
def test_it_is_not_heard(language: str, reply: str, heard: str) -> None:
    assert {said(reply, language, step) for step in (1, 4, 9, 999)} == {heard}


@pytest.mark.parametrize(("language", "reply"), HEARD)
def test_what_is_alike_is_heard(language: str, reply: str) -> None:
    whole = {"".join(said(reply, language, step).split()) for step in (1, 4, 999)}
    assert whole == {"".join(reply.split())}

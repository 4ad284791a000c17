"""Recognise acting in the words of models: expressions, movements, stage directions."""

from __future__ import annotations

import re

from bot.types import Emotion, Gesture

_SYNONYMS: dict[Emotion | Gesture, str] = {
    Emotion.NEUTRAL: "neutral calm normal serious default 平静 普通 正常 真顔",
    Emotion.JOY: (
        "joy happy happily happiness joyful smile smiling smiley cheerful cheerfully excited excitedly excitement glad "
        "delighted love loving warmly 开心 高兴 微笑 兴奋 喜悦 快乐 嬉しい 喜び 笑顔"
    ),
    Emotion.LAUGH: (
        "laugh laughing laughter giggling chuckling amused lol haha grinning 笑 大笑 哈哈 偷笑 爆笑 笑い 苦笑"
    ),
    Emotion.SMUG: "smug smugly smirking teasing teasingly playful playfully mischievous proud 得意 坏笑 调皮 ドヤ",
    Emotion.SURPRISE: (
        "surprise surprised surprising shock shocked amazed astonished startled wow 惊讶 吃惊 震惊 惊喜 驚き びっくり"
    ),
    Emotion.SHY: "shy shyly blushing embarrassed flustered bashful 害羞 脸红 不好意思 照れ 恥ずかしい",
    Emotion.SAD: "sad sadly sadness crying sobbing unhappy disappointed 难过 伤心 悲伤 哭 叹气 委屈 悲しい 涙",
    Emotion.ANGRY: "angry angrily anger annoyed mad furious pouting grumpy 生气 愤怒 气鼓鼓 怒り 怒",
    Emotion.SLEEPY: "sleepy sleepily tired yawning drowsy exhausted 困 困倦 疲惫 打哈欠 眠い あくび",
    Emotion.THINKING: "thinking think thoughtful thoughtfully pondering curious confused hmm 思考 沉思 疑惑 好奇",
    Gesture.WAVE: "wave waving hello 挥手 招手 挥挥手 手を振る",
    Gesture.NOD: "nod nodding 点头 点点头 頷く うなずく",
    Gesture.SHAKE: "shake 摇头 摇摇头 首を振る",
    Gesture.WINK: "wink winking 眨眼 眨眨眼 ウインク",
    Gesture.BOW: "bow bowing 鞠躬 お辞儀",
    Gesture.BOUNCE: "bounce bouncing jump jumping dance dancing 蹦跳 跳跃 跳舞 ジャンプ",
}

#: Verbs in the third person: they name an act wherever they stand, even in round brackets.
_VERBS: dict[Emotion | Gesture, str] = {
    Emotion.JOY: "smiles beams grins cheers claps hugs",
    Emotion.LAUGH: "laughs giggles chuckles snickers cackles snorts",
    Emotion.SMUG: "smirks teases",
    Emotion.SURPRISE: "gasps blinks",
    Emotion.SHY: "blushes fidgets",
    Emotion.SAD: "sigh sighs cries sobs sniffles frowns",
    Emotion.ANGRY: "pouts huffs glares growls",
    Emotion.SLEEPY: "yawns stretches",
    Emotion.THINKING: "thinks ponders wonders hums",
    Gesture.WAVE: "waves",
    Gesture.NOD: "nods",
    Gesture.SHAKE: "shakes shrugs",
    Gesture.WINK: "winks",
    Gesture.BOW: "bows",
    Gesture.BOUNCE: "bounces jumps hops dances spins twirls",
}

_ACTS: dict[str, Emotion | Gesture] = {
    word: act for table in (_SYNONYMS, _VERBS) for act, words in table.items() for word in words.split()
}
_STRONG = frozenset(word for words in _VERBS.values() for word in words.split())
_WORD = re.compile(r"[^\W\d_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

#: Words that end like a verb of the third person and are none.
_NOT_VERBS = frozenset(
    "this is was has yes always its as us plus sometimes perhaps unless thus thanks lots guys does less his hers ours "
    "yours theirs these those whereas besides anyways afterwards towards nothing something anything everything king "
    "thing things ring during being bring spring string".split()
)


def find_acts(content: str) -> list[Emotion | Gesture]:
    """Return what a tag's content asks for, in its order: ``"joy, waves"`` is joy and a wave."""
    found = [_ACTS[word] for word in _WORD.findall(content.casefold()) if word in _ACTS]
    return list(dict.fromkeys(found))


def is_direction(content: str) -> bool:
    """Return whether the words between two asterisks act (``*tilts her head*``) or stress (``*really*``)."""
    words = _WORD.findall(content)
    if not words or _CJK.search(content) or find_acts(content):
        return True
    first = words[0].casefold()
    if first not in _NOT_VERBS and len(first) > 3 and first.endswith(("s", "ing")) and not first.endswith("ss"):
        return True
    return len(words) > 2 and words[0][0].islower()


def is_aside(content: str) -> bool:
    """Return whether the words in round brackets are a stage direction: ``(laughs)``, ``（挥手）``; most are not."""
    words = _WORD.findall(content.casefold())
    if not words or len(words) > 6 or re.search(r"\d", content):
        return False
    if len(words) == 1:
        return words[0] in _ACTS
    return any(word in _STRONG for word in words[:2])


def may_be_aside(start: str) -> bool:
    """Return whether the start of what stands in round brackets may still become a stage direction."""
    words = _WORD.findall(start.casefold())
    return len(words) < 4 or any(word in _STRONG for word in words[:2])

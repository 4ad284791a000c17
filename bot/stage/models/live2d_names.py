"""Which parameter is the mouth, which expression joy, which movement a wave: by the names that makers give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bot.types import Emotion, Gesture

#: The mouth's shapes A, I, U, E, O of models that have a parameter for each.
VOWELS: Final = ("ParamA", "ParamI", "ParamU", "ParamE", "ParamO")
#: Our parameters, with the other names that makers give them, the usual one first.
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "ParamAngleX": ("ParamAngleX", "PARAM_ANGLE_X"),
    "ParamAngleY": ("ParamAngleY", "PARAM_ANGLE_Y"),
    "ParamAngleZ": ("ParamAngleZ", "PARAM_ANGLE_Z"),
    "ParamBodyAngleX": ("ParamBodyAngleX", "PARAM_BODY_ANGLE_X", "PARAM_BODY_X"),
    "ParamBodyAngleY": ("ParamBodyAngleY", "PARAM_BODY_ANGLE_Y", "PARAM_BODY_Y"),
    "ParamBodyAngleZ": ("ParamBodyAngleZ", "PARAM_BODY_ANGLE_Z", "PARAM_BODY_Z"),
    "ParamEyeLOpen": ("ParamEyeLOpen", "PARAM_EYE_L_OPEN"),
    "ParamEyeROpen": ("ParamEyeROpen", "PARAM_EYE_R_OPEN"),
    "ParamEyeLSmile": ("ParamEyeLSmile", "PARAM_EYE_L_SMILE"),
    "ParamEyeRSmile": ("ParamEyeRSmile", "PARAM_EYE_R_SMILE"),
    "ParamEyeBallX": ("ParamEyeBallX", "PARAM_EYE_BALL_X"),
    "ParamEyeBallY": ("ParamEyeBallY", "PARAM_EYE_BALL_Y"),
    "ParamBrowLY": ("ParamBrowLY", "PARAM_BROW_L_Y"),
    "ParamBrowRY": ("ParamBrowRY", "PARAM_BROW_R_Y"),
    "ParamBrowLAngle": ("ParamBrowLAngle", "PARAM_BROW_L_ANGLE"),
    "ParamBrowRAngle": ("ParamBrowRAngle", "PARAM_BROW_R_ANGLE"),
    "ParamBrowLForm": ("ParamBrowLForm", "PARAM_BROW_L_FORM"),
    "ParamBrowRForm": ("ParamBrowRForm", "PARAM_BROW_R_FORM"),
    "ParamMouthOpenY": ("ParamMouthOpenY", "PARAM_MOUTH_OPEN_Y", "PARAM_MOUTH_OPEN"),
    "ParamMouthForm": ("ParamMouthForm", "PARAM_MOUTH_FORM"),
    "ParamCheek": ("ParamCheek", "PARAM_CHEEK", "PARAM_TERE"),
    "ParamBreath": ("ParamBreath", "PARAM_BREATH"),
}

#: Words by which an emotion is known; the emotions whose words are the most telling come first, as 坏笑 is no 笑.
#: Latin words count as whole words alone.
EMOTIONS: Final[Mapping[Emotion, tuple[str, ...]]] = {
    Emotion.LAUGH: ("laugh", "laughing", "lol", "big smile", "大笑", "爆笑", "笑う", "ワハハ", "哈哈"),
    Emotion.SMUG: ("smug", "doya", "proud", "smirk", "得意", "坏笑", "壞笑", "ドヤ", "どや", "ニヤ", "にや", "にやり"),
    Emotion.SURPRISE: (
        "surprise", "surprised", "shock", "shocked", "astonished", "惊讶", "驚訝", "惊", "吃惊", "震惊", "驚き", "驚",
        "びっくり", "ビックリ",
    ),
    Emotion.SHY: (
        "shy", "blush", "blushing", "embarrassed", "embarassed", "害羞", "脸红", "臉紅", "羞", "照れ", "てれ",
        "恥ずかしい", "恥",
    ),
    Emotion.SAD: (
        "sad", "sorrow", "cry", "crying", "tear", "tears", "伤心", "傷心", "难过", "難過", "悲伤", "哭", "流泪", "眼泪",
        "悲しい", "悲", "哀", "泣", "なみだ", "涙",
    ),
    Emotion.ANGRY: (
        "angry", "anger", "mad", "rage", "生气", "生氣", "愤怒", "憤怒", "怒り", "怒", "怒る", "むか", "ムカ",
    ),
    Emotion.THINKING: (
        "thinking", "think", "思考", "考え", "考える",
    ),
    Emotion.CONFUSED: (
        "confused", "question", "puzzled", "疑问", "疑惑", "困惑", "困り", "困る", "？",
    ),
    Emotion.WORRIED: (
        "worried", "worry", "troubled", "nervous", "anxious", "sweat", "担心", "擔心", "紧张", "流汗", "汗", "不安",
        "焦り",
    ),
    Emotion.POUT: ("pout", "pouting", "sulk", "sulking", "嘟嘴", "鼓脸", "鼓腮", "撅嘴", "ふくれ", "拗ね", "すね"),
    Emotion.LOVE: (
        "love", "heart", "hearts", "loveeyes", "爱心", "愛心", "爱心眼", "喜欢", "喜歡", "ハート", "大好き", "好き",
    ),
    Emotion.SLEEPY: ("sleepy", "sleep", "tired", "drowsy", "困", "睡", "眠い", "眠", "ねむ", "疲れ"),
    Emotion.JOY: (
        "joy", "happy", "smile", "smiling", "glad", "fun", "delight", "开心", "開心", "高兴", "高興", "微笑", "笑顔",
        "笑", "喜び", "喜", "嬉しい", "うれしい", "楽しい", "ニコニコ", "にこ", "星星眼",
    ),
    Emotion.NEUTRAL: ("neutral", "normal", "default", "默认", "普通", "通常", "デフォルト"),
}  # fmt: skip
#: The same for movements.
GESTURES: Final[Mapping[Gesture, tuple[str, ...]]] = {
    Gesture.WAVE: (
        "wave", "waving", "hello", "hi", "greet", "greeting", "bye", "挥手", "揮手", "打招呼", "招手",
        "手を振る", "手振り", "挨拶", "あいさつ", "バイバイ",
    ),
    Gesture.NOD: ("nod", "nodding", "yes", "点头", "點頭", "うなず", "頷", "うん"),
    Gesture.SHAKE: ("shake", "shakehead", "no", "nope", "摇头", "搖頭", "首振", "首を振", "いや"),
    Gesture.WINK: ("wink", "眨眼", "ウインク", "ウィンク"),
    Gesture.BOW: ("bow", "bowing", "thanks", "鞠躬", "お辞儀", "おじぎ", "礼"),
    Gesture.POINT: ("point", "pointing", "指さ", "指差", "指向"),
    Gesture.THINK: ("think", "thinking", "ponder", "思考", "考え"),
    Gesture.CHEER: ("cheer", "cheering", "hooray", "banzai", "欢呼", "歡呼", "加油", "万歳", "バンザイ", "応援"),
    Gesture.HEART: ("heart", "fingerheart", "比心", "爱心", "愛心", "ハート"),
    Gesture.FACEPALM: ("facepalm", "捂脸", "摀臉", "扶额", "頭を抱"),
    Gesture.SHRUG: ("shrug", "shrugging", "耸肩", "聳肩", "摊手", "肩をすく"),
    Gesture.TEA: ("tea", "drink", "drinking", "sip", "喝茶", "喝", "お茶", "飲む"),
    Gesture.BOUNCE: ("bounce", "jump", "jumping", "happy", "joy", "跳", "ジャンプ", "喜び", "開心", "开心"),
}  # fmt: skip
_LATIN = re.compile(r"[a-z ]+")
#: Where a new word begins within a name: `bigSmile_01` is "big smile 01".
_JOINT = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|[\W_]+")


def emotions_of(names: Iterable[str]) -> dict[str, str]:
    """Return emotions with the expression whose name says so; an expression stands for one emotion alone."""
    return _assigned(EMOTIONS, names)


def gestures_of(names: Mapping[str, str]) -> dict[str, str]:
    """Return gestures with the movement that stands for each, of movements (``Group/number``) by their file's name."""
    spoken = {f"{movement} {file}": movement for movement, file in names.items() if not _idle(movement)}
    return {gesture: spoken[found] for gesture, found in _assigned(GESTURES, spoken).items()}


def idle_of(groups: Iterable[str]) -> str:
    """Return the group of movements that play while nothing else does; empty where there is none."""
    return next((group for group in groups if _idle(group)), "")


def _idle(group: str) -> bool:
    return bool({"idle", "待机", "待機", "アイドル"} & set(_spaced(group).split()))


def _assigned(
    words: Mapping[Emotion, tuple[str, ...]] | Mapping[Gesture, tuple[str, ...]], names: Iterable[str]
) -> dict[str, str]:
    left = {name: _spaced(name) for name in names}
    found: dict[str, str] = {}
    for ours, signs in words.items():
        theirs = next((name for sign in signs for name, spaced in left.items() if _says(spaced, sign)), None)
        if theirs is not None:
            found[ours.value] = theirs
            del left[theirs]
    return found


def _spaced(name: str) -> str:
    return f" {_JOINT.sub(' ', name).lower().strip()} "


def _says(spaced: str, sign: str) -> bool:
    return f" {sign} " in spaced if _LATIN.fullmatch(sign) else sign.lower() in spaced

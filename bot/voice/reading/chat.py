"""Say the words of chat: shorthand, laughter in letters and digits, handles, hashtags, emotes."""

from __future__ import annotations

import re
from typing import Final

from bot.text.initialisms import PINYIN_INITIALS

_ENGLISH: Final = {
    "brb": "be right back",
    "btw": "by the way",
    "ez": "easy",
    "f2p": "free to play",
    "fr": "for real",
    "ftw": "for the win",
    "ggwp": "good game, well played",
    "glhf": "good luck, have fun",
    "gtg": "got to go",
    "hf": "have fun",
    "idk": "I don't know",
    "idc": "I don't care",
    "ikr": "I know, right",
    "ily": "I love you",
    "imho": "in my humble opinion",
    "imo": "in my opinion",
    "irl": "in real life",
    "iykyk": "if you know, you know",
    "jk": "just kidding",
    "ngl": "not gonna lie",
    "np": "no problem",
    "nvm": "never mind",
    "omg": "oh my gosh",
    "omw": "on my way",
    "p2w": "pay to win",
    "pls": "please",
    "plz": "please",
    "ppl": "people",
    "rn": "right now",
    "smh": "shaking my head",
    "tbh": "to be honest",
    "tfw": "that feeling when",
    "thx": "thanks",
    "ttyl": "talk to you later",
    "ty": "thank you",
    "tysm": "thank you so much",
    "u": "you",
    "ur": "your",
    "vs": "versus",
    "vs.": "versus",
    "w/e": "whatever",
    "w/": "with",
    "w/o": "without",
    "b/c": "because",
    "wp": "well played",
    "yw": "you're welcome",
    "afaik": "as far as I know",
    "atm": "at the moment",
    "cya": "see ya",
    "dw": "don't worry",
    "hbu": "how about you",
    "iirc": "if I remember right",
    "istg": "I swear",
    "ofc": "of course",
    "omfg": "oh my gosh",
    "sry": "sorry",
    "tbf": "to be fair",
    "wbu": "what about you",
    "wdym": "what do you mean",
    "wtf": "what the heck",
}
#: Small letters that are spelled: in capitals every voice spells them.
_LETTERS: Final = frozenset(
    "afk api cpu css dlc dm dns dps faq fps fyi gg gpu hdd hp html http hud jpg mmo mmorpg mp npc npcs obs pc pdf png "
    "ps pve pvp rng rpg rts sdk sql ssd ssh tv ui url usb vip vpn vr xp".split()
)
_CHINESE: Final = PINYIN_INITIALS | {"gg": "GG"}
_JAPANESE: Final = {"gg": "GG"}
#: Pictures that are written as a word. "Kappa" and "Pog" are words, too, and stay.
_EMOTES: Final = (
    "4Head BabyRage BibleThump catJAM CoolStoryBob DansGame FailFish FeelsBadMan FeelsGoodMan FeelsStrongMan "
    "HeyGuys KEKW Kreygasm "
    "LUL LULW monkaS monkaW NotLikeThis OMEGALUL PauseChamp peepoHappy peepoSad PepeHands PepeLaugh PJSalt "
    "PogChamp POGGIES "
    "ResidentSleeper Sadge SeemsGood SMOrc SwiftRage TriHard VoHiYo widepeepoHappy WutFace"
).split()
_EMOTE: Final = re.compile(rf"(?<![\w@#])(?:{'|'.join(_EMOTES)})(?!\w)")


def _words(table: dict[str, str]) -> re.Pattern[str]:
    # Not before a dot and a letter, nor after one: "u.s." is no "you".
    any_of = "|".join(map(re.escape, sorted(table, key=len, reverse=True)))
    return re.compile(rf"(?<![A-Za-z0-9_.'@#/-])(?:{any_of})(?![A-Za-z0-9_'/-])(?!\.[A-Za-z0-9])", re.IGNORECASE)


_SHORTHAND: Final = {"en": _words(_ENGLISH), "zh": _words(_CHINESE), "ja": _words(_JAPANESE)}
_TABLES: Final = {"en": _ENGLISH, "zh": _CHINESE, "ja": _JAPANESE}
_SMALL: Final = re.compile(r"(?<![A-Za-z0-9_.'@#/-])[a-z]{2,6}(?![A-Za-z0-9_'/-])(?!\.[a-z])")
_HANDLE: Final = re.compile(r"(?<![\w.])@(?=\w)")
_HASHTAG_ZH: Final = re.compile(r"#([^#\s]{1,40})#")
_HASHTAG: Final = re.compile(r"(?<![\w&])#(?=[^\W\d_]|[0-9]{1,9}[A-Za-z])(\w{1,60})")
_HUMPS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9]{2})")
_HASHTAG_WORDS: Final = {"en": "hashtag ", "zh": "", "ja": "ハッシュタグ"}
_LAUGHING: Final = re.compile(r"(?<![A-Za-z])[wｗ]+(?![A-Za-z])")
_LAUGHING_ZH: Final = re.compile(r"(?<![A-Za-z.])[wｗ]{3,}(?![A-Za-z.])")
_HAHA_ZH: Final = re.compile(r"(?<![A-Za-z])[hH]{3,}(?![A-Za-z])")
#: A laugh or a tear that is noted in brackets.
_NOTED: Final = re.compile(r"[(（](?:笑|大笑|爆笑|苦笑|哭|泣|涙|汗|怒|嘘|[wｗ]+)[)）]")
_CLAPPING: Final = re.compile(r"(?<![0-9.,])8{3,}(?![0-9.,円個人年点%])")


def chat_words(text: str, language: str) -> str:
    """Return a text whose shorthand, handles, hashtags and laughter are what a host would say."""
    text = _NOTED.sub("", _EMOTE.sub(" ", text))
    if "#" in text:
        text = _HASHTAG.sub(
            lambda m: f"{_HASHTAG_WORDS[language]}{_HUMPS.sub(' ', m[1].replace('_', ' '))}",
            _HASHTAG_ZH.sub(r"\1", text),
        )
    text = _HANDLE.sub("", text)
    if language == "ja":
        text = _CLAPPING.sub("パチパチパチ", _LAUGHING.sub("", text))
    elif language == "zh":
        text = _HAHA_ZH.sub("哈哈哈", _LAUGHING_ZH.sub("", text))
    table = _TABLES[language]
    text = _SHORTHAND[language].sub(lambda m: m[0] if m[0] == "U" else _as_written(table[m[0].lower()], m[0]), text)
    return _SMALL.sub(lambda m: m[0].upper() if m[0] in _LETTERS else m[0], text)


def _as_written(full: str, short: str) -> str:
    return full[0].upper() + full[1:] if short[0].isupper() and not short.isupper() else full

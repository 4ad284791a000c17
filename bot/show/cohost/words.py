"""What the streamer's words are, by lists and rules: orders to be silent, murmurs, questions. Cheap and exact."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bot.text.scripts import is_east_asian

#: Words at which the host stops at once.
_ORDERS: Final = frozenset({
    "stop", "wait", "hold on", "hang on", "no", "nope", "no no", "no no no", "quiet", "shut up", "enough", "pause",
    "be quiet", "stop it", "stop talking", "one second", "one moment", "one sec", "listen", "hush", "silence",
    "wait wait", "wait a second", "wait a minute", "wait a moment", "stop stop", "hey stop", "ok stop", "okay stop",
    "停", "停停", "停一下", "停下", "等", "等等", "等下", "等一下", "等一等", "先等等", "别说了", "别说", "闭嘴",
    "安静", "打住", "不", "不是", "不对", "不要", "不行", "够了", "好了好了", "慢着", "且慢", "住口",
    "待って", "ちょっと待って", "まって", "ストップ", "やめて", "止めて", "だめ", "ダメ", "違う", "いや", "静かに",
    "黙って", "うるさい",
})  # fmt: skip
#: Those of them that are orders before other words, too: "等一下，我看看".
_EAST: Final = (
    "停一下", "停下", "等等", "等下", "等一下", "等一等", "先等等", "别说", "闭嘴", "打住", "慢着", "且慢", "住口",
    "待って", "ちょっと待って", "やめて", "止めて", "静かに", "黙って",
)  # fmt: skip
#: Sounds and words with which a listener says that it listens.
_MURMURS: Final = frozenset({
    "yeah", "yea", "yes", "yep", "yup", "ya", "right", "okay", "ok", "kay", "sure", "mm", "mmm", "mhm", "mmhm",
    "mmhmm", "mm hm", "mm hmm", "hm", "hmm", "hmmm", "uh huh", "uhhuh", "uh", "um", "er", "ah", "aha", "oh", "ooh",
    "wow", "well", "nice", "cool", "true", "exactly", "totally", "i see", "got it", "of course", "really", "good",
    "great", "haha", "hahaha", "ha", "hehe", "heh", "lol", "ahem", "phew", "whoa", "oh wow", "oh okay", "oh yeah",
    "oh no", "god", "mom", "you", "thank you", "thanks", "bye", "so", "and", "huh", "嗯", "嗯嗯", "嗯哼", "哦",
    "噢", "喔", "啊", "哈", "哈哈", "哈哈哈", "呵呵", "嘿嘿", "对", "对对", "对对对", "是", "是的", "是啊", "好",
    "好的", "好吧", "行", "嗯对", "没错", "真的", "真的吗", "可以", "哇", "哎", "唉", "呃", "额", "那个", "然后",
    "这样啊", "原来如此", "うん", "うんうん", "はい", "ええ", "そう", "そうそう", "そうだね", "へえ", "へー",
    "ああ", "あー", "なるほど", "ほんと", "本当", "まあ", "ふーん", "あはは", "ははは", "えっと", "あの", "すごい",
    "いいね", "わあ",
})  # fmt: skip
#: Words with which a question begins, or that make one.
_ASKS: Final = re.compile(
    r"^(?:(?:so|and|but|well|hey|ok|okay|now)\s+)*(?:what|who|whose|where|when|why|how|which|do|does|did|is|are|was|were|"
    r"can|could|will|would|should|shall|have|has|may|isn't|aren't|don't|doesn't|didn't|can't|won't|what's|who's|how's)\b",
    re.IGNORECASE,
)
_TAGS: Final = re.compile(
    r"\b(?:what do you think|any ideas?|do you|are you|right|isn't it|don't you|or not)\W*$", re.IGNORECASE
)
_ASKS_EAST: Final = re.compile(
    r"(?:吗|嘛|呢|吧|么|か|かな|の)$|什么|怎么|为什么|谁|哪|几点|多少|是不是|有没有|要不要|能不能|好不好|对不对"
    r"|なに|何|どう|なぜ|誰|どこ|いつ"
)
_TO_YOU: Final = re.compile(r"\b(?:you|your|yours|you're|yourself)\b|[你您]|君|あなた", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def plain(text: str) -> str:
    """Return the words of a text in small letters, with single spaces and without punctuation."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def is_order(text: str) -> bool:
    """Return whether a text tells the host to be silent: an order, alone or before something short."""
    words = plain(text)
    if words in _ORDERS:
        return True
    if any(words.startswith(order) for order in _EAST):
        return True
    head = words.split(" ")
    begins = len(head) > 1 and any(" ".join(head[:count]) in _ORDERS for count in (1, 2, 3))
    return begins and head[0] not in {"no", "nope"}


def is_murmur(text: str) -> bool:
    """Return whether a text is only what a listener says: "mm-hm", "right", laughter; also when it says it twice."""
    words = plain(text)
    if not words or words in _MURMURS:
        return True
    parts = words.split(" ")
    return len(parts) <= 6 and all(part in _MURMURS for part in parts)


def length(text: str) -> float:
    """Return the words of a text: a character of Chinese or Japanese counts as half a word."""
    return sum(
        sum(map(is_east_asian, word)) / 2 if any(map(is_east_asian, word)) else 1.0
        for word in plain(text).split(" ")
        if word
    )


def is_question(text: str) -> bool:
    """Return whether a text asks something, by its form."""
    line = unicodedata.normalize("NFKC", text).strip()
    if line.endswith("?"):
        return True
    words = plain(line)
    return bool(_ASKS.search(words) or _TAGS.search(words) or _ASKS_EAST.search(words))


def speaks_to_you(text: str) -> bool:
    """Return whether a text speaks to somebody: "you", 你, あなた."""
    return bool(_TO_YOU.search(text))

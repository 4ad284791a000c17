"""Which tools a line seems to ask for, by its words: a rule that costs nothing and is asked before any model is.

It errs towards yes: a model or a person decides after it. It is also the evidence that a tool with an effect needs:
what nobody's own words ask for is done by nobody but a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.text.scripts import CJK

#: A line is not read further, in characters.
LONGEST: Final = 500

_WORDS: Final = {
    "roll": r"\b(?:roll|rolls|re-?roll|dice|die|\d*d\d+|coin|heads or tails|random number|pick a number)\b"
    r"|骰|掷|擲|丢个|硬币|硬幣|随机数|抽个数|抽一个数|サイコロ|さいころ|ダイス|コイン|振って",
    "timer": r"\b(?:timers?|remind|reminder|countdown|count down|alarm|stopwatch)\b|\bin (?:\d+|an?|one|two|five|ten) "
    r"(?:seconds?|secs?|minutes?|mins?|hours?)\b|计时|計時|倒计时|提醒|闹钟|鬧鐘|(?:分钟|秒|小时)(?:后|之后|以后)"
    r"|タイマー|リマインド|(?:分|秒)後",
    "poll": r"\b(?:polls?|votes?|voting|let (?:the )?chat (?:decide|choose|pick)|ask (?:the )?chat)\b"
    r"|投票|投个票|让(?:大家|观众|弹幕)(?:选|决定)|アンケート",
    "clip": r"\b(?:clips?|clip (?:that|it|this)|highlight|save (?:that|this) moment)\b"
    r"|剪辑|剪輯|切片|剪下来|录下来|錄下來|クリップ|切り抜",
    "shoutout": r"\b(?:shout ?-?outs?|plug|give (?:some )?love to|check out)\b|(?:^|\s)!?so @"
    r"|宣传一下|安利一下|推荐一下|夸一下|シャウトアウト|紹介して",
    "scene": r"\b(?:scenes?|camera|cam|screen|overlay|switch (?:to|over|back)|cut to|change to|put (?:up|on)|show us|"
    r"go to|brb|full ?screen|lights?|effect|confetti)\b|场景|場景|镜头|鏡頭|画面|畫面|切到|切换|切換|切回|特效|灯光"
    r"|シーン|カメラ|画面|切り替え",
    "remember": r"\b(?:remember|don'?t forget|do not forget|note (?:that|down|this)|write (?:that|this|it) down|"
    r"keep in mind|make a note)\b|记住|記住|记得|記得|记下|記下|别忘|別忘|覚えて|忘れないで|メモして",
    "search_memory": r"\b(?:(?:do|did|can) you (?:still )?(?:remember|recall)|remember (?:when|the|what|who|my|how)|"
    r"last (?:time|stream|week|night|month)|yesterday|the other day|what did (?:i|we|you|he|she|they)|"
    r"(?:i|we|you) (?:said|told|promised)|who won|know about me|what do you know)\b"
    r"|还记得|還記得|记不记得|記不記得|记得.*[吗嗎?？]|上次|上回|上周|上週|昨天|你说过|你說過|答应过|知道我|我说过"
    r"|前回|昨日|覚えてる|覚えている|言ってた",
    "look": r"\b(?:look at|have a look|take a look|can you see|do you see|you see"
    r"|what(?:'s| is| are).{0,20}on (?:the |my )?(?:screen|stream)|on screen|see (?:this|that|my)"
    r"|what am i (?:playing|doing|wearing|holding))\b"
    r"|看看|看一下|看一眼|看到|看见|看見|屏幕|螢幕|画面|畫面|見て|見える|スクリーン",
}
_RULES: Final = {name: re.compile(words, re.IGNORECASE) for name, words in _WORDS.items()}
#: What only talks of such things, whatever its words: left out before the rules look.
_TALK: Final = re.compile(
    r"\brock\s*(?:and|&|'?n'?)\s*roll\b"
    r"|\brolls? on and on\b|\broll(?:s|ed|ing)? (?:my|your|his|her|their) (?:eyes|ankle)\b|\bmy alarm clock\b"
    r"|\bi (?:(?:still|always|never|usually|also|do|can|only) )?(?:remember|vote|voted)\b",
    re.IGNORECASE,
)


def seems_to_ask(line: str, tool: str, words: Iterable[str] = ()) -> bool:
    """Return whether a line seems to ask for a tool. ``words`` are further ones that do: of a cue, of another program.

    A tool that no rule knows is known by those words and by the words of its name.
    """
    line = _TALK.sub(" ", line[:LONGEST])
    rule = _RULES.get(tool)
    if rule is not None and rule.search(line):
        return True
    folded = line.casefold()
    known = [*words, *([] if rule else re.split(r"[_-]+", tool))]
    return any(_stands(folded, word.casefold().strip()) for word in known if len(word.strip()) > 1)


def _stands(line: str, word: str) -> bool:
    if CJK.search(word):
        return word in line
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line) is not None


_DICE: Final = re.compile(r"(?<![\w.])(\d{0,2})[dD](\d{1,4})(?![\w.])")
_COIN: Final = re.compile(
    r"\b(?:flip|toss) (?:a|the) coin\b|\bheads or tails\b|(?:抛|扔|掷|丢)(?:个|一个|一枚|枚)?硬[币幣]"
    r"|コイン(?:トス|を投げて)",
    re.IGNORECASE,
)
_PLAIN_DICE: Final = re.compile(
    r"\b(?:roll|throw) (?:(?:a|the|one|your|some|me a|me the|me some) )?(?:dice|die)\b"
    r"|(?:掷|扔|投|摇|丢)(?:个|一个|一下|一次)?骰子"
    r"|サイコロ(?:を)?振って",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(r"\broll\b|\bthrow\b|掷|扔|投|摇|丢|振って", re.IGNORECASE)


def dice(line: str) -> dict[str, int] | None:
    """Return what a line plainly asks to be rolled, as the arguments of `roll`; None where a model must decide."""
    line = line[:LONGEST]
    if len(found := _DICE.findall(line)) == 1 and _ASKS.search(line):
        count, sides = int(found[0][0] or 1), int(found[0][1])
        return {"count": count, "sides": sides}
    if _COIN.search(line):
        return {"count": 1, "sides": 2}
    return {"count": 1, "sides": 6} if _PLAIN_DICE.search(line) else None

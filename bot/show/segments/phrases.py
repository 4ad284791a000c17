"""The few fixed words of segments in the three languages: what is said when no model answers, and plain announcements.

In character is what the model says; these are short, so that they fit any persona.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.persona.lines import sayable
from bot.text.someone import called


class Phrase(StrEnum):
    """What a phrase is for."""

    QUESTIONS_OPEN = "questions_open"
    QUESTIONS_NONE = "questions_none"
    POLL_OPEN = "poll_open"
    POLL_CHOICES = "poll_choices"
    POLL_LEADS = "poll_leads"
    POLL_WON = "poll_won"
    POLL_TIE = "poll_tie"
    POLL_NONE = "poll_none"
    QUIZ_OPEN = "quiz_open"
    QUIZ_ASKS = "quiz_asks"
    QUIZ_RIGHT = "quiz_right"
    QUIZ_OVER = "quiz_over"
    QUIZ_WINNER = "quiz_winner"
    QUIZ_CLOSE = "quiz_close"
    STORY_CHOOSE = "story_choose"
    STORY_CHOSEN = "story_chosen"
    STORY_ON = "story_on"
    STORY_BACK = "story_back"
    READING_BEGINS = "reading_begins"
    READING_GOES_ON = "reading_goes_on"
    TIME_LEFT = "time_left"
    TIME_IS_UP = "time_is_up"
    BREAK_BEGINS = "break_begins"
    BREAK_LASTS = "break_lasts"
    BREAK_OVER = "break_over"
    HOUR_WAS_QUIET = "hour_was_quiet"
    HOUR_WAS_GOOD = "hour_was_good"
    RAID = "raid"
    RAID_FAILED = "raid_failed"
    GOODBYE = "goodbye"


_PHRASES: Final[Mapping[str, Mapping[Phrase, str]]] = MappingProxyType(
    {
        "en": {
            Phrase.QUESTIONS_OPEN: "It is time for your questions. Write them in chat, and I will go through them.",
            Phrase.QUESTIONS_NONE: "No questions today? Then we simply go on.",
            Phrase.POLL_OPEN: "Time for a vote. {title}",
            Phrase.POLL_CHOICES: "Write the number in chat. {choices}",
            Phrase.POLL_LEADS: "{choice} is ahead just now.",
            Phrase.POLL_WON: "The vote is over. It is {choice}, with {count} of {total}.",
            Phrase.POLL_TIE: "The vote is over, and it is a tie: {choices}.",
            Phrase.POLL_NONE: "Nobody voted, so we leave it open.",
            Phrase.QUIZ_OPEN: "Quiz time. The first right answer in chat gets the point.",
            Phrase.QUIZ_ASKS: "Question {number}. {question}",
            Phrase.QUIZ_RIGHT: "{name} is right: {answer}.",
            Phrase.QUIZ_OVER: "Time is up. It was {answer}.",
            Phrase.QUIZ_WINNER: "The quiz goes to {name}, with {count} right.",
            Phrase.QUIZ_CLOSE: "That was the quiz.",
            Phrase.STORY_CHOOSE: "How does it go on? Write the number in chat. {choices}",
            Phrase.STORY_CHOSEN: "So it is: {choice}",
            Phrase.STORY_ON: "We go on, carefully",
            Phrase.STORY_BACK: "We turn back and look again",
            Phrase.READING_BEGINS: "I will read to you now: {title}.",
            Phrase.READING_GOES_ON: "We go on with {title}.",
            Phrase.TIME_LEFT: "{time} to go.",
            Phrase.TIME_IS_UP: "And here we go.",
            Phrase.BREAK_BEGINS: "We take a short break.",
            Phrase.BREAK_LASTS: "We take a short break and are back in {time}.",
            Phrase.BREAK_OVER: "We are back.",
            Phrase.HOUR_WAS_QUIET: "That was a quiet hour. I liked it.",
            Phrase.HOUR_WAS_GOOD: "That was the last hour. Thank you for being part of it.",
            Phrase.RAID: "We are going over to {channel} together. Be kind to them.",
            Phrase.RAID_FAILED: "The way over is closed tonight, so we stay here.",
            Phrase.GOODBYE: "That is all for today. Thank you for being here, and sleep well.",
        },
        "zh": {
            Phrase.QUESTIONS_OPEN: "提问时间到了。把想问的打在公屏上，我一个一个来回答。",
            Phrase.QUESTIONS_NONE: "今天没有问题呀？那我们接着往下走。",
            Phrase.POLL_OPEN: "来投个票吧。{title}",
            Phrase.POLL_CHOICES: "想选哪个，就把数字打在公屏上。{choices}",
            Phrase.POLL_LEADS: "现在领先的是{choice}。",
            Phrase.POLL_WON: "投票结束。{total}票里有{count}票给了{choice}。",
            Phrase.POLL_TIE: "投票结束，打成平手：{choices}。",
            Phrase.POLL_NONE: "没有人投票，那就先留个悬念。",
            Phrase.QUIZ_OPEN: "答题时间到。谁先在公屏上答对，这一分就是谁的。",
            Phrase.QUIZ_ASKS: "第{number}题。{question}",
            Phrase.QUIZ_RIGHT: "{name}答对了：{answer}。",
            Phrase.QUIZ_OVER: "时间到。答案是{answer}。",
            Phrase.QUIZ_WINNER: "这次答题的冠军是{name}，答对{count}题。",
            Phrase.QUIZ_CLOSE: "答题就到这里。",
            Phrase.STORY_CHOOSE: "接下来怎么办？把数字打在公屏上。{choices}",
            Phrase.STORY_CHOSEN: "那就这样：{choice}",
            Phrase.STORY_ON: "小心地往前走",
            Phrase.STORY_BACK: "先回头再看看",
            Phrase.READING_BEGINS: "现在给大家读一篇：{title}。",
            Phrase.READING_GOES_ON: "我们接着读{title}。",
            Phrase.TIME_LEFT: "还有{time}。",
            Phrase.TIME_IS_UP: "好，开始了。",
            Phrase.BREAK_BEGINS: "我们休息一会儿。",
            Phrase.BREAK_LASTS: "我们休息一会儿，{time}后回来。",
            Phrase.BREAK_OVER: "我们回来了。",
            Phrase.HOUR_WAS_QUIET: "这一个小时很安静，我很喜欢。",
            Phrase.HOUR_WAS_GOOD: "刚才这一个小时就是这样，谢谢大家陪着我。",
            Phrase.RAID: "我们一起去{channel}那边串个门吧，要对人家友好哦。",
            Phrase.RAID_FAILED: "今天过不去那边，我们就留在这里。",
            Phrase.GOODBYE: "今天就到这里。谢谢大家来陪我，晚安。",
        },
        "ja": {
            Phrase.QUESTIONS_OPEN: "質問コーナーです。聞きたいことをチャットに書いてください。順番に答えます。",
            Phrase.QUESTIONS_NONE: "今日は質問がないみたいですね。では先に進みましょう。",
            Phrase.POLL_OPEN: "投票の時間です。{title}",
            Phrase.POLL_CHOICES: "番号をチャットに書いてください。{choices}",
            Phrase.POLL_LEADS: "今のところ、{choice}がリードしています。",
            Phrase.POLL_WON: "投票終了です。{total}票のうち{count}票で、{choice}に決まりました。",
            Phrase.POLL_TIE: "投票終了です。引き分けになりました。{choices}。",
            Phrase.POLL_NONE: "投票がなかったので、お楽しみにとっておきます。",
            Phrase.QUIZ_OPEN: "クイズの時間です。最初に正解をチャットに書いた人が一点です。",
            Phrase.QUIZ_ASKS: "第{number}問。{question}",
            Phrase.QUIZ_RIGHT: "{name}さん、正解です。{answer}。",
            Phrase.QUIZ_OVER: "時間切れです。答えは{answer}でした。",
            Phrase.QUIZ_WINNER: "優勝は{name}さん、{count}問正解です。",
            Phrase.QUIZ_CLOSE: "クイズはここまでです。",
            Phrase.STORY_CHOOSE: "このあとどうしますか。番号をチャットに書いてください。{choices}",
            Phrase.STORY_CHOSEN: "決まりました。{choice}",
            Phrase.STORY_ON: "気をつけて先へ進む",
            Phrase.STORY_BACK: "戻ってもう一度見てみる",
            Phrase.READING_BEGINS: "これから読みますね。{title}。",
            Phrase.READING_GOES_ON: "{title}の続きを読みますね。",
            Phrase.TIME_LEFT: "あと{time}です。",
            Phrase.TIME_IS_UP: "さあ、始まります。",
            Phrase.BREAK_BEGINS: "少し休憩します。",
            Phrase.BREAK_LASTS: "少し休憩します。{time}後に戻ります。",
            Phrase.BREAK_OVER: "戻りました。",
            Phrase.HOUR_WAS_QUIET: "静かな一時間でしたね。こういうのも好きです。",
            Phrase.HOUR_WAS_GOOD: "この一時間はこんな感じでした。一緒にいてくれてありがとう。",
            Phrase.RAID: "みんなで{channel}さんのところへ行きましょう。やさしくしてくださいね。",
            Phrase.RAID_FAILED: "今日は向こうへ行けないみたいです。ここにいましょう。",
            Phrase.GOODBYE: "今日はここまでです。来てくれてありがとう。おやすみなさい。",
        },
    }
)
#: How the numbered choices of a vote are read: each, and what stands between two.
_NUMBERED: Final = {
    "en": ("{number}: {choice}", ". "),
    "zh": ("{number}，{choice}", "；"),
    "ja": ("{number}番、{choice}", "。"),
}
_UNITS: Final = {
    "en": ((" hour", " hours"), (" minute", " minutes"), (" second", " seconds")),
    "zh": (("个小时",), ("分钟",), ("秒",)),
    "ja": (("時間",), ("分",), ("秒",)),
}
_AND: Final = {"en": " and ", "zh": "和", "ja": "と"}


def phrase(what: Phrase, language: str, **values: object) -> str:
    """Return a phrase; another language than the three is English. Values are put in as they are."""
    return _PHRASES.get(language, _PHRASES["en"])[what].format(**values)


def numbered(choices: Sequence[str], language: str) -> str:
    """Return choices as they are read aloud, each with its number."""
    form, between = _NUMBERED.get(language, _NUMBERED["en"])
    return between.join(form.format(number=n, choice=choice) for n, choice in enumerate(choices, 1))


def listed(items: Sequence[str], language: str) -> str:
    """Return several things as one phrase: "A, B and C"."""
    comma = ", " if language == "en" else "、"
    return _AND.get(language, " and ").join([comma.join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def spoken_time(seconds: float, language: str) -> str:
    """Return a length of time in words, in the two largest units that it has: "2 minutes and 30 seconds"."""
    whole = max(0, round(seconds))
    numbers = (whole // 3600, whole // 60 % 60, whole % 60)
    units = _UNITS.get(language, _UNITS["en"])
    parts = [f"{n}{unit[0] if n == 1 else unit[-1]}" for n, unit in zip(numbers, units, strict=True) if n]
    return (" and " if language == "en" else "").join(parts[:2]) or f"0{units[2][-1]}"


def name_of(name: str, language: str) -> str:
    """Return how a viewer is called whose name was made safe when the line came in: one line without markup."""
    return called(sayable(name) or "someone", language)

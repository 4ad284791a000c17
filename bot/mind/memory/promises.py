"""Read what the host promised or bet, and when it is due, in English and Chinese."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.mind.memory.canon import clauses
from bot.mind.memory.numbers import NUMBER, NUMBER_ZH, number
from bot.text.sanitize import one_line, plain
from bot.text.scripts import language

#: Longest promise, in characters; promises of one turn at most.
MAX_PROMISE, MOST = 240, 3
#: The hour at which a day of the show begins, and those of its parts.
_DAWN: Final = 5
_HOURS: Final = {
    "morning": 8,
    "noon": 12,
    "afternoon": 14,
    "evening": 18,
    "night": 20,
    "早上": 8,
    "上午": 9,
    "中午": 12,
    "下午": 14,
    "晚上": 18,
    "晚": 18,
}


class DueAt(StrEnum):
    """What a promise waits for."""

    TIME = "a time"
    NEXT_STREAM = "the next stream"
    AFTER_BREAK = "after the break"


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised, in the host's words, and when it is due: ``at`` at the earliest, and what it waits for."""

    text: str
    due: DueAt
    at: dt.datetime
    language: str = "en"


_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_ZH: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_UNITS: Final = {
    "second": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400, "week": 604_800, "秒": 1, "分钟": 60, "分": 60,
    "小时": 3600, "个小时": 3600, "个钟头": 3600, "天": 86_400, "周": 604_800, "个星期": 604_800, "星期": 604_800,
}  # fmt: skip
_IN: Final = re.compile(
    rf"\b(?:in|after|within) (?:about |just |another )?(?P<n>{NUMBER}|half an|a few|a couple of) ?(?:more )?"
    rf"(?P<unit>second|minute|min|hour|day|week)s?\b|\b(?P<n2>{NUMBER}) (?P<unit2>minute|hour|day|week)s? from now\b",
    re.IGNORECASE,
)
_IN_ZH: Final = re.compile(
    rf"(?:再过|过)?(?P<n>{NUMBER_ZH}|半|几)(?P<unit>个?小时|个钟头|分钟|分|秒|天|周|个?星期)(?:之后|以后|后|内)"
)
_TOMORROW: Final = re.compile(
    r"\btomorrow(?:'s)?(?: (?P<part>morning|noon|afternoon|evening|night))?\b"
    r"|明[天晚](?P<part_zh>早上|上午|中午|下午|晚上)?|(?P<later>后天)",
    re.IGNORECASE,
)
_TONIGHT: Final = re.compile(
    r"\b(?:tonight|later (?:today|tonight)|this evening|before (?:we|i) (?:end|go)"
    r"|at the end of (?:the|this|today's) (?:stream|show))\b|今晚|今天晚上|等会儿|等一下|待会儿?|下播前",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(
    r"\bnext (?:stream|time|show|episode)\b|\bwhen (?:we|i) (?:stream|go live"
    r"|are live) (?:again|next)\b|\bnext time (?:we|i)\b|下次(?:直播|开播)?|下一?[场次期回](?:直播)?|下回",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(
    r"\b(?:after|following) (?:the|this|our|a)(?: short)? (?:break|pause|ads?"
    r"|commercials?)\b|\bwhen (?:we|i)(?:'re| are| come|'m| am)? ?back\b|(?:休息|广告|中场)(?:一下)?(?:之后|以后"
    r"|结束|完|回来|后)|回来(?:之后|以后|再|就)",
    re.IGNORECASE,
)
_WEEK: Final = re.compile(r"\bnext week\b|下周(?![一二三四五六日天])|下个?星期(?![一二三四五六日天])", re.IGNORECASE)
_DAY: Final = re.compile(
    rf"\b(?:on|this|next) (?P<day>{'|'.join(_DAYS)})s?\b|(?:下?(?:周|星期"
    rf"|礼拜))(?P<zh>[一二三四五六日天])",
    re.IGNORECASE,
)
#: Words by which somebody binds themselves, and those that do so only together with a time.
_BINDS: Final = re.compile(
    r"\bi (?:promise|swear|vow)\b|\bi owe you\b|\bi(?:'ll| will)? bet\b"
    r"|\byou have my word\b|\b(?:it's|that's|consider it) a (?:promise|deal|bet)\b|我(?:保证|答应|发誓|承诺|打赌|赌)"
    r"|我(?:还)?欠你|说好了|一言为定",
    re.IGNORECASE,
)
_WILL: Final = re.compile(
    r"\b(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to| shall)\b"
    r"|\blet(?:'s| us)\b|\bremind me to\b|(?:我|我们|咱们|小云|米拉)[^，。！？,.!?]{0,12}?(?:会|要|来|给|再|一定|就"
    r"|继续|唱|讲|玩|做|画|告诉|聊|打|试|开始)",
    re.IGNORECASE,
)
#: What binds nobody.
_LOOSE: Final = re.compile(
    r"[?？]|\bi (?:can'?t|cannot|won'?t|don'?t|never) (?:\w+ )?promise|\bno promises?\b"
    r"|\bif\b|\bmaybe\b|\bmight\b|\bperhaps\b|\bwould\b|\byou(?:'ll| will)? (?:all )?(?:bet|promised?)\b"
    r"|\bi bet (?:you|he|she|it|they|that|this) (?:is|are|was|were|has|have|can|could|do|does|did|would|look|taste"
    r"|feel|know|like|love)|\bsee you\b|不能保证|没答应|不敢保证|如果|要是|也许|可能|说不定|明天见|下次见|下回见",
    re.IGNORECASE,
)


def promises_in(heard: str, now: dt.datetime) -> list[Promise]:
    """Return what the host bound itself to in words that were heard; ``now`` has the zone of the show."""
    found = []
    for clause in clauses(one_line(heard, 4000)):
        shown = plain(clause)
        if _LOOSE.search(shown) or not (_BINDS.search(shown) or _WILL.search(shown)):
            continue
        due = due_of(shown, now)
        if due is None:
            if not _BINDS.search(shown):
                continue
            due = DueAt.NEXT_STREAM, now
        found.append(Promise(one_line(clause, MAX_PROMISE), *due, language(clause)))
    return found[:MOST]


def due_of(text: str, now: dt.datetime) -> tuple[DueAt, dt.datetime] | None:
    """Return what a text says of when something is due; None when it says nothing."""
    if _BREAK.search(text):
        return DueAt.AFTER_BREAK, now
    if _NEXT.search(text):
        return DueAt.NEXT_STREAM, now
    if match := _IN.search(text) or _IN_ZH.search(text):
        return DueAt.TIME, now + dt.timedelta(seconds=_seconds(match.groupdict()))
    if match := _TOMORROW.search(text):
        groups = match.groupdict()
        days = 2 if groups.get("later") else 1
        part = groups.get("part") or groups.get("part_zh") or ("晚" if "明晚" in match[0] else "")
        return DueAt.TIME, _day(now, days, _HOURS.get(part.lower(), _DAWN))
    if match := _DAY.search(text):
        day = _DAYS.index(match["day"].lower()) if match["day"] else _DAYS_ZH[match["zh"]]
        return DueAt.TIME, _day(now, (day - now.weekday() - 1) % 7 + 1, _DAWN)
    if _WEEK.search(text):
        return DueAt.TIME, _day(now, 7 - now.weekday(), _DAWN)
    if _TONIGHT.search(text):
        return DueAt.TIME, now + dt.timedelta(minutes=20)
    return None


def _seconds(groups: dict[str, str | None]) -> float:
    count, unit = groups.get("n") or groups.get("n2") or "", groups.get("unit") or groups.get("unit2") or ""
    size = _UNITS[unit.lower()]
    if count.lower() in ("half an", "半"):
        return size / 2
    if count.lower() in ("a few", "a couple of", "几"):
        return size * 3.0
    return float(size * min(number(count) or 1, 1000))


def _day(now: dt.datetime, days: int, hour: int) -> dt.datetime:
    """Return an hour of a later day. What is said before dawn belongs to the evening before."""
    begun = now - dt.timedelta(hours=_DAWN)
    return (begun + dt.timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)

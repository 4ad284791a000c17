"""Choose the prepared lines of a persona: what it says when there is no time, no model or no need to think.

A line is a template such as ``"[joy] Thank you, {name}!"``: tags from `bot.types.Emotion` and
`bot.types.Gesture` in square brackets, an emotion first, and the placeholders of `PLACEHOLDERS`.
What is put in is a stranger's text, so it is never a template, never a tag and never markup.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from bot.text.money import spoken_amount
from bot.text.sanitize import has_word, one_line
from bot.text.someone import called
from bot.types import GIFT_SUB, Emotion, Gesture, Kind, Message, Money


class Purpose(StrEnum):
    """What a prepared line is for; each is a key of ``lines.yaml``."""

    GREETING = "greeting"
    GOODBYE = "goodbye"
    THINKING = "thinking"
    FIRST_SOUND = "first_sound"
    READS_OUT = "reads_out"
    LOST_THREAD = "lost_thread"
    NO_LLM = "no_llm"
    REFUSED = "refused"
    THANKS_CHEER = "thanks_cheer"
    THANKS_GIFT = "thanks_gift"
    THANKS_SUPER_CHAT = "thanks_super_chat"
    THANKS_SUB = "thanks_sub"
    THANKS_GUARD = "thanks_guard"
    THANKS_REDEMPTION = "thanks_redemption"
    THANKS_SUB_GIFT = "thanks_sub_gift"
    THANKS_MANY = "thanks_many"
    MANY_ASK = "many_ask"
    RAID = "raid"
    FOLLOW = "follow"
    IDLE = "idle"
    PANIC_OVER = "panic_over"
    REMEMBERS_VIEWER = "remembers_viewer"
    FORGETS_VIEWER = "forgets_viewer"


#: The line that acknowledges an event; every paid kind has one.
ACKNOWLEDGES: Mapping[Kind, Purpose] = MappingProxyType(
    {
        Kind.CHEER: Purpose.THANKS_CHEER,
        Kind.GIFT: Purpose.THANKS_GIFT,
        Kind.SUPER_CHAT: Purpose.THANKS_SUPER_CHAT,
        Kind.SUB: Purpose.THANKS_SUB,
        Kind.GUARD: Purpose.THANKS_GUARD,
        Kind.REDEMPTION: Purpose.THANKS_REDEMPTION,
        Kind.RAID: Purpose.RAID,
        Kind.FOLLOW: Purpose.FOLLOW,
    }
)


def purpose_for(message: Message) -> Purpose | None:
    """Return which line acknowledges a message; None for one that is answered instead."""
    if message.kind is Kind.SUB and message.evidence and message.evidence.item == GIFT_SUB:
        return Purpose.THANKS_SUB_GIFT
    return ACKNOWLEDGES.get(message.kind)


#: What a persona says that has no lines of its own for it.
BUILT_IN: Mapping[str, Mapping[Purpose, Sequence[str]]] = MappingProxyType(
    {
        "en": {
            Purpose.FIRST_SOUND: ("[thinking] Hm.", "[thinking] Well.", "[thinking] Oh.", "[thinking] Right."),
            Purpose.READS_OUT: ("[neutral] {name} writes this.", "[neutral] Somebody writes this."),
            Purpose.REMEMBERS_VIEWER: ("[joy] I remember you from now on.",),
            Purpose.FORGETS_VIEWER: ("[neutral] I have forgotten you. Nothing is kept.",),
        },
        "zh": {
            Purpose.FIRST_SOUND: ("[thinking] 嗯。", "[thinking] 哦。", "[thinking] 这个嘛。", "[thinking] 唔。"),
            Purpose.READS_OUT: ("[neutral] {name}写道。", "[neutral] 有人写道。"),
            Purpose.REMEMBERS_VIEWER: ("[joy] 从现在起我会记住你。",),
            Purpose.FORGETS_VIEWER: ("[neutral] 已经忘记你了，什么都没有留下。",),
        },
        "ja": {
            Purpose.FIRST_SOUND: (
                "[thinking] うーん。",
                "[thinking] ああ。",
                "[thinking] ええと。",
                "[thinking] そうね。",
            ),
            Purpose.READS_OUT: ("[neutral] {name}からです。", "[neutral] コメントです。"),
            Purpose.REMEMBERS_VIEWER: ("[joy] これからあなたを覚えます。",),
            Purpose.FORGETS_VIEWER: ("[neutral] あなたのことは忘れました。何も残っていません。",),
        },
    }
)

PLACEHOLDERS = frozenset({"name", "amount", "count", "item", "months"})
MAX_LINE = 240
MAX_VALUE = 40
#: So many lines of a purpose pass before one of them may come again, where there are enough.
MEMORY = 3
#: By so many letters of its beginning a line that was said is known again; a shorter one by all of them.
_BEGINNING = 12

Script: TypeAlias = Mapping[str, Mapping[Purpose, Sequence[str]]]

_TAG = re.compile(r"\[([^\[\]]*)\]")
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
_MARKUP = re.compile(r"[\[\]【】{}<>*`|\\]")
_TAGS = frozenset({*Emotion, *Gesture})
#: What stands between the names of a list, and before its last one.
_LIST_MARKS = {"zh": ("、", "和"), "ja": ("、", "と")}


def find_problem(line: str) -> str:
    """Return in words what is wrong with a template; empty when nothing is."""
    if len(line) > MAX_LINE:
        return f"is longer than {MAX_LINE} characters"
    tags = _TAG.findall(line)
    if unknown := [tag for tag in tags if tag not in _TAGS]:
        return f"has the unknown tag [{unknown[0]}]; known are {', '.join(sorted(_TAGS))}"
    first = _TAG.match(line)
    if not first or first[1] not in set(Emotion):
        return "does not begin with an emotion tag such as [joy]"
    if unknown := [name for name in _PLACEHOLDER.findall(line) if name not in PLACEHOLDERS]:
        return f"has the unknown placeholder {{{unknown[0]}}}; known are {', '.join(sorted(PLACEHOLDERS))}"
    words = _TAG.sub("", _PLACEHOLDER.sub("", line))
    if markup := _MARKUP.search(words):
        return f"has a stray {markup[0]!r}"
    return "" if any(c.isalnum() for c in words) else "has no words to say"


class Lines:
    """Chooses among the variants of a line without repeating the last few. Not for several threads."""

    def __init__(
        self, script: Script, default: str, rng: random.Random | None = None, *, follows_viewer: bool = True
    ) -> None:
        """Take the templates by language and purpose.

        The ``default`` language must have every `Purpose`, and each purpose a variant without placeholders;
        `bot.persona.persona.load` checks both. Without ``follows_viewer`` all lines are in the default language.
        """
        self.script = script
        self.default = default
        self._follows_viewer = follows_viewer
        self._rng = rng or random.Random()  # noqa: S311 - variety, not a secret
        self._recent: dict[tuple[str, Purpose], deque[str]] = {}

    def pick(self, purpose: Purpose, language: str = "", /, **values: object) -> str:
        """Return one line, its tags still in it, with the values put in as plain text.

        A language that lacks the purpose falls back to the default one. A `Money` value is worded in the language of
        the line, and a tuple is joined as a list. A variant is used only when all its placeholders have a value with
        something sayable in it; among those, the ones that use a value come first, so that a known name is said.
        """
        fits = self._follows_viewer and self.script.get(language, {}).get(purpose)
        spoken = language if fits else self.default
        known = {name: text for name, value in values.items() if (text := _worded(value, spoken))}
        fitting = [v for v in self.script[spoken][purpose] if known.keys() >= set(_PLACEHOLDER.findall(v))]
        named = [v for v in fitting if _PLACEHOLDER.search(v)]
        if purpose is Purpose.THANKS_SUB_GIFT and "count" in known:  # the others speak of one
            named = [v for v in named if "{count}" in v] or named
        template = self._fresh((spoken, purpose), named or fitting)
        return _PLACEHOLDER.sub(lambda match: known[match[1]], template)

    def remember(self, heard: Iterable[str]) -> None:
        """Count what was heard before this start, oldest first, as picked: no greeting comes twice in a row.

        More may have been said after a line, and of one that was cut off only its beginning was heard.
        """
        known: dict[str, list[tuple[str, tuple[str, Purpose], str]]] = {}
        for language, purposes in self.script.items():
            for purpose, lines in purposes.items():
                for line in lines:
                    letters = _letters(line)
                    known.setdefault(letters[:_BEGINNING], []).append((letters, (language, purpose), line))
        for text in heard:
            said = _letters(text)
            for letters, key, line in known.get(said[:_BEGINNING], ()):
                if said.startswith(letters) or letters.startswith(said):
                    self._recent.setdefault(key, deque(maxlen=MEMORY * 2)).append(line)

    def _fresh(self, key: tuple[str, Purpose], pool: Sequence[str]) -> str:
        recent = self._recent.setdefault(key, deque(maxlen=MEMORY * 2))
        spent = [line for line in recent if line in pool]
        spent = spent[max(0, len(spent) - min(MEMORY, len(pool) - 1)) :]
        choice = self._rng.choice([line for line in pool if line not in spent])
        recent.append(choice)
        return choice


def written(line: str) -> str:
    """Return a line as it is written into a chat: without its tags."""
    return " ".join(_TAG.sub(" ", line).split())


def _letters(line: str) -> str:
    """Return the letters of a line without its tags."""
    return "".join(char for char in _TAG.sub("", line).casefold() if char.isalnum())


def _worded(value: object, language: str) -> str:
    """Return a value as plain text of a language.

    An amount is put into words, several names into a list ("A, B and C"), and who has no name to be said is "someone".
    """
    if isinstance(value, Money):
        value = spoken_amount(value, language)
    if not isinstance(value, tuple):
        return called(sayable(value), language)
    parts = [called(text, language) for part in value if (text := sayable(part))]
    comma, last = _LIST_MARKS.get(language, (", ", " and "))
    return last.join([comma.join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def sayable(value: object, limit: int = MAX_VALUE) -> str:
    """Return a stranger's value as one line of at most ``limit`` characters, without tags, markup and controls.

    It is empty when no letter is left. So a value cannot break the form of a line; moderation judges the words.
    """
    text = one_line(_MARKUP.sub(" ", str(value)[: limit * 8]), limit)
    return text if has_word(text) else ""


def event_values(message: Message) -> dict[str, object]:
    """Return the values that a message offers to the line that acknowledges it: name, amount, count, item, months.

    ``amount`` is a `Money`: what the platform counts (bits, batteries), else the money. `Lines.pick` words it in the
    language of the line. ``count`` is known where things are counted (bits, points, viewers of a raid, gifts) and is
    more than one, so that lines may use the plural. What a viewer wrote is no evidence of an amount, so the text is
    not looked at.
    """
    values: dict[str, object] = {"name": message.author.name}
    evidence = message.evidence
    paid = (evidence.units if evidence else None) or message.amount
    if paid and paid.minor > 0:
        values["amount"] = paid
        if paid.currency in {"BITS", "POINTS", "VIEWERS"} and paid.minor > 1:
            values["count"] = str(paid.minor)
    if evidence:
        if evidence.count > 1 and "count" not in values:
            values["count"] = str(evidence.count)
        if evidence.item and evidence.item != GIFT_SUB:
            values["item"] = evidence.item
        if evidence.months > 1:
            values["months"] = str(evidence.months)
    return values

"""Recognise what models write beside speech, piece by piece; `bot.mind.reply.parser` puts it together."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.text.sanitize import well_formed

#: The most characters that may wait for what follows them.
HOLD = 64
MAX_TAG = 24
#: So many characters of the hold are for what stands before the place where a search begins.
_RESERVE = 3

BRACKETS = {
    "[": "]", "【": "】", "［": "］", "〔": "〕", "〖": "〗", "{": "}", "｛": "｝",
}  # fmt: skip
QUOTES = {'"': '"', "“": "”", "„": "“", "「": "」", "『": "』", "«": "»"}
CLOSING_QUOTES = frozenset(QUOTES.values())
ENDERS = frozenset(".!?…。！？")
#: Punctuation that takes no space before it.
CLINGS = frozenset(".,!?;:…。，、！？；：)）]”」』")
#: Marks that stay marks when they are written as entities.
SPECIAL = re.compile(r"[*_`\[\]{}【】]")
MARKS = re.compile(r"[*_`\[\]{}<>【】]")
ROLE = re.compile(r"(?i)\s*(?:assistant|model|gpt|bot)\b:?")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
ENTITY_START = re.compile(r"&(?:#(?:\d{0,7}|[xX][0-9a-fA-F]{0,6})?|[A-Za-z][A-Za-z0-9]{0,30})?\Z")
INFO = re.compile(r"[A-Za-z0-9+#._-]*[ \t]*")
_SPECIAL = r"＊〈＜\s\[\]【】［］〔〕〖〗{}｛｝<*_`(（\\&$" + re.escape("".join({*QUOTES, *QUOTES.values()}))
PLAIN = re.compile(f"[^{_SPECIAL}]+")

#: Not for eyes or ears: controls but tab and new line, zero-width (the joiner stays, for emoji), bidi
#: marks, tags, fillers that look like nothing, non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
_BROKEN = re.compile("[\ufffd\ud800-\udfff]")
_TEMPLATE = frozenset(
    "inst sys s eos bos end_of_turn start_of_turn eot eot_id endoftext im_end im_start end_of_text turn".split()
)
#: Tags of a page that part words.
_BREAKS = frozenset(
    "br p div li ul ol tr td th table hr section article header footer blockquote dd dt pre h1 h2 h3 h4 h5 h6 line "
    "lb paragraph break sentence".split()
)
_STARTS = frozenset("im_start start_header_id start_of_turn begin_of_text bos s startoftext assistant turn".split())


def join_surrogates(text: str) -> tuple[str, str]:
    """Join pairs of surrogates to one character; return the text, and the first half of a pair that ends it or ""."""
    if text.isascii():
        return text, ""
    half = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
    return well_formed(text[: len(text) - len(half)]), half


def clean(text: str) -> str:
    """Return a text without the characters that nobody can see or say; every line end becomes a new line.

    What could not be decoded stays, to be counted.
    """
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))


def without_broken(text: str) -> str:
    """Return a text without what is left of characters that could not be decoded."""
    return text if text.isascii() else _BROKEN.sub("", text)


def loose_joiners(last: str, text: str) -> str:
    """Remove zero-width joiners that do not follow an emoji; ``last`` is the character before the text."""
    if "\u200d" not in text:
        return text
    kept: list[str] = []
    for char in text:
        if char == "\u200d" and not ("\u2600" <= last <= "\u27bf" or last == "\ufe0f" or last >= "\U0001f000"):
            continue
        kept.append(char)
        last = char
    return "".join(kept)


def rest_of_line(text: str, start: int) -> str:
    """Return the text that `find` looked at: up to the end of the line, within the hold."""
    return text[start : start + HOLD - _RESERVE].partition("\n")[0]


def find(text: str, start: int, closers: str, *, final: bool) -> tuple[int, bool]:
    """Find a closer on this line within the hold; return its index or -1, and whether more text must come first."""
    stop = start + HOLD - _RESERVE
    for at in range(start, min(stop, len(text))):
        if text[at] in closers:
            return at, False
        if text[at] == "\n":
            return -1, False
    return -1, len(text) < stop and not final


def run_of(text: str, at: int, char: str) -> int:
    """Return how often ``char`` stands in a row from ``at`` on, up to the hold."""
    end = at
    while end < len(text) and end - at < HOLD and text[end] == char:
        end += 1
    return end - at


def is_template(content: str) -> bool:
    """Return whether a bracket's content is a mark of a chat template, such as ``/INST``."""
    return content.strip("/ <>").casefold() in ("inst", "sys", "system_prompt", "tool_calls", "available_tools")


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands between angle brackets."""

    template: bool
    starts: bool
    breaks: bool

    @classmethod
    def parse(cls, content: str) -> Tag:
        """Parse what stands between the brackets."""
        bare = content.lstrip("<")
        name = re.split(r"[\s>]", bare.strip("|｜/ "), maxsplit=1)[0].casefold().strip("|｜/")
        piped = bare[:1] in ("|", "｜")
        starts = name in _STARTS and not bare.startswith("/")
        return cls(template=piped or name in _TEMPLATE, starts=starts, breaks=name in _BREAKS)


_LABELS = (
    "emotion", "mood", "expression", "feeling", "tone", "gesture", "facial expression", "body language", "voice tone",
    "表情", "情绪", "心情", "感情", "语气", "口調", "神态",
)  # fmt: skip
_FELT = r"[^\W\d_]{1,16}(?:(?:, |[ ,、，/&和且])[^\W\d_]{1,16}){0,3}"
_WORDS_OF_A_SENTENCE = re.compile(r"(?i)\b(?:is|are|was|were|am|be|i|you|we|it|the|of|today|day)\b|[是有的了吧呢]")
_LABEL = re.compile(
    rf"(?i)(?:{'|'.join(_LABELS)})\s{{0,2}}[:：]\s{{0,2}}[\[【(（]?({_FELT})[\])】）]?[.。]?(?P<end>\n|\Z)?"
)
_LABEL_START = re.compile(
    rf"(?i)(?:{'|'.join(_LABELS)})\s{{0,2}}(?:[:：]\s{{0,2}}[\[【(（]?(?:{_FELT})?[ ,、，]{{0,2}}[\])】）]?[.。]?)?\Z"
)


def feeling_line(window: str, *, open_end: bool) -> tuple[str, int]:
    """Return what a line of its own names as a feeling ("Emotion: joy"), and its length; 0: it does not.

    -1: more text must come first.
    """
    start = window[:18].casefold()
    if not any(label.startswith(start[: len(label)]) for label in _LABELS):
        return "", 0
    if open_end and (_LABEL_START.match(window) or any(label.startswith(window.casefold()) for label in _LABELS)):
        return "", -1
    found = _LABEL.match(window)
    if not found or found["end"] is None or (_WORDS_OF_A_SENTENCE.search(found[1]) and " " in found[1]):
        return "", 0
    return found[1], found.start("end")


def line_mark(window: str, *, first: bool, open_end: bool) -> int:
    """Return the length of a list mark, a heading, a quotation mark or a rule at the start of a line.

    0: there is none. -1: more text must come first. In the ``first`` line only "1." is the number of a list;
    "7. That is my favourite" is a sentence.
    """
    char = window[0]
    if char in "-+•#>=*":
        run = run_of(window, 0, char)
        if run == len(window):
            return -1 if open_end else (0 if char in "*>=" and run < 3 else run)
        if window[run].isspace():
            return run if char != "=" or run > 2 else 0
        return run if run > 2 and char in "-=" else 0
    digits = len(window) - len(window.lstrip("0123456789"))
    if not digits or digits > 2 or (first and window[:digits] != "1"):
        return 0
    if len(window) <= digits + 1:
        return -1 if open_end and window[digits:] in ("", ".", ")") else 0
    return digits + 1 if window[digits] in ".)" and window[digits + 1].isspace() else 0

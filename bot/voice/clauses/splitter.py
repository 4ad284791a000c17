"""Cut streamed text into the smallest pieces that can be spoken well.

A reply is spoken while it is still being written, so its first clause ends at the first natural
pause; the later ones are whole sentences, and long sentences are divided at a comma or a space.
Text and nothing else goes in and comes out: no clock, no task, no sound.

Lengths are those of `bot.text.scripts.width`: characters, a Chinese or Japanese one counted as two,
since it takes about as long to say as two or three letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.text.scripts import CJK, EMOJI, INSIDE, is_wide, width
from bot.voice.clauses.abbreviations import ends_sentence, needs_next_word

#: The first clause is given at the first pause from this width on.
FIRST_MIN = 10
#: A later sentence that is shorter is spoken together with the next one.
LATER_MIN = 10
#: A clause that would be wider is divided: 110 letters, 55 Chinese characters, about 8 s of speech.
LONGEST = 110

#: A quoted or bracketed phrase up to this many characters stays whole.
_SHORT_PHRASE: Final = 40
#: So many characters behind a cut must be known. Then the cut does not depend on how the text arrived.
_LOOK: Final = 64
#: A text without any pause (a hostile one, an endless address) is cut here, in characters.
_HARD: Final = 600

_PAUSE: Final = re.compile(r"\n|[.!?。！？…‥．｡‼⁇⁈⁉]+|[,，、､;；:：]|[—–―]+|--+|(?<=\s)-|[~～〜]+")
_CLOSERS: Final = re.compile(r"""["”’'」』）)】》〉\]]*""")
_BLANKS: Final = re.compile(r"[^\S\n]*")
_PICTURES: Final = re.compile(rf"(?:[^\S\n]*{EMOJI.pattern})+")
_LETTER: Final = re.compile(r"[^\W_]")
_PHRASE: Final = re.compile(
    "|".join(
        f"{re.escape(opener)}[^{re.escape(closer)}\\n]{{0,{_SHORT_PHRASE}}}{re.escape(closer)}"
        for opener, closer in ('""', "“”", "「」", "『』", "()", "（）", "《》", "【】", "[]")
    )
)
_OPENER: Final = re.compile(r'(?:(?<=\s)|^|(?<=[^\w\s]))"|[“「『(（《【\[]')
_SPACE: Final = re.compile(r"\s+")
_ADDRESS: Final = re.compile(r"(?i)://|^www\.|@|^[a-z0-9.-]+\.[a-z]{2,}/")
_UNIT: Final = re.compile(r"\d\s$")


@dataclass(frozen=True, slots=True)
class _Pause:
    """Where a clause may end; ``strong`` is the end of a sentence."""

    end: int
    strong: bool


class _Wait:
    """The text does not tell yet."""


_WAIT: Final = _Wait()


class Splitter:
    """Cuts one text. However it is cut into deltas, the clauses are the same, and they add up to the text.

    A comma behind a word is a pause at once for the first clause; whatever may still turn out to be
    a number, an address, an abbreviation or a longer run of marks waits for the next character.
    """

    def __init__(self, first_min: int = FIRST_MIN, later_min: int = LATER_MIN, longest: int = LONGEST) -> None:
        self._first_min = first_min
        self._later_min = later_min
        self._longest = longest
        self._text = ""
        self._first = True

    def feed(self, text: str) -> list[str]:
        """Add the next piece of text and return the clauses that are complete."""
        self._text += text
        return self._take(final=False)

    def flush(self) -> list[str]:
        """Return the rest, and begin a new text."""
        out = self._take(final=True)
        if rest := _SPACE.sub(" ", self._text).strip():
            out.append(rest)
        self._text, self._first = "", True
        return out

    def _take(self, *, final: bool) -> list[str]:
        out: list[str] = []
        while True:
            self._text = self._text.lstrip()
            end = self._end(final=final)
            if not end:
                return out
            out.append(_SPACE.sub(" ", self._text[:end]).strip())
            self._text = self._text[end:]
            self._first = False

    def _end(self, *, final: bool) -> int:
        """Find where the clause at the start of the text ends; 0 while that is not known."""
        text, last_weak = self._text, 0
        least = self._first_min if self._first else self._later_min
        at = 0
        while found := _PAUSE.search(text, at):
            pause = self._judge(found, final=final)
            if isinstance(pause, _Wait):
                break
            at = found.end()
            if pause is None:
                continue
            inside = _in_phrase(text, pause.end, final=final)
            if inside is None:
                break
            if inside:
                continue
            at = max(at, pause.end)
            size = width(text[: pause.end].rstrip())
            if size > self._longest:
                break
            if size < least or not _LETTER.search(text, 0, pause.end):
                continue
            if pause.strong or self._first:
                return pause.end
            last_weak = pause.end
        return self._divide(last_weak, final=final)

    def _divide(self, last_weak: int, *, final: bool) -> int:
        """Divide what is too long for one clause: at the last comma, at a space, between two characters."""
        text = self._text
        if len(text) <= self._longest // 2 or width(text.rstrip()) <= self._longest:
            return 0
        if not final and width(text) <= self._longest + 2 * _LOOK and len(text) <= _HARD:
            return 0
        if last_weak:
            return last_weak
        limit = _reach(text, self._longest)
        fair = hard = 0
        for end in range(limit, 0, -1):
            if _may_part(text, end):
                hard = hard or end
                if not _in_phrase(text, end, final=True):
                    fair = end
                    break
        if fair or hard:
            return fair or hard
        for end in range(limit + 1, min(len(text), _HARD)):
            if _may_part(text, end):
                return end if final or len(text) > end + _LOOK else 0
        if len(text) <= _HARD:
            return 0
        end = limit
        while end > 1 and (INSIDE.match(text, end) or text[end - 1] == "\u200d"):
            end -= 1
        return end if end > 1 else limit

    def _judge(self, found: re.Match[str], *, final: bool) -> _Pause | _Wait | None:
        mark, start, end = found[0], found.start(), found.end()
        if mark == "\n":
            return _Pause(end, strong=True)
        if mark in ",，、､;；:：":
            return self._comma(mark, start, final=final)
        text = self._text
        if end == len(text) and not final:
            return _WAIT
        if mark[0] in "-—–―~～〜":
            return _dash(text, start, end)
        return self._sentence(mark, start, end, final=final)

    def _comma(self, mark: str, start: int, *, final: bool) -> _Pause | _Wait | None:
        text, end = self._text, start + 1
        before = text[start - 1 : start]
        if mark == ",":
            if _in_address(text, start):
                return None
            if self._first and before.isalpha():
                return _Pause(end, strong=False)
        elif self._first and mark in "，、；":
            return _Pause(end, strong=False)
        closed = end
        if closers := _CLOSERS.match(text, end):
            closed = closers.end()
        if closed == len(text) and not final:
            return _WAIT
        after = text[closed : closed + 1]
        if before.isdigit() and text[end : end + 1].isdigit():
            return None
        if mark in ",;:" and after and not after.isspace() and not is_wide(after):
            return None
        return _Pause(closed, strong=False)

    def _sentence(self, mark: str, start: int, end: int, *, final: bool) -> _Pause | _Wait | None:
        text = self._text
        closers = _CLOSERS.match(text, end)
        closed = closers.end() if closers else end
        pictures = _PICTURES.match(text, closed)
        shown = pictures.end() if pictures else closed
        blanks = _BLANKS.match(text, shown)
        behind = blanks.end() if blanks else shown
        if behind == len(text) and not final:
            return _WAIT
        after = text[behind : behind + 1]
        apart = behind > closed or after in ("", "\n")
        if mark == "." and after not in ("", "\n"):
            if not apart and not is_wide(after) and after not in "“「『（【《(":
                return None
            before = text[:start]
            if not apart and before[-1:].isdigit():
                return None
            if not final and len(text) - behind < 10 and text[behind:].isalnum() and needs_next_word(before):
                return _WAIT
            if not ends_sentence(before, text[behind : behind + 12]):
                return None
        elif not set(mark) - set(".…‥"):
            # Three dots end a sentence only when a new one clearly begins.
            return _Pause(shown, strong=mark == "." or after in ("", "\n") or after.isupper())
        elif not apart and after.isascii() and after.isalnum() and _in_address(text, start):
            return None
        if closed > end and text[end] in ")）" and (after.islower() or (not apart and is_wide(after))):
            return None
        quoted = closed > end and after not in ("", "\n") and (after.islower() or (not apart and is_wide(after)))
        return _Pause(shown, strong=not quoted)


def _dash(text: str, start: int, end: int) -> _Pause | None:
    before, after = text[start - 1 : start], text[end : end + 1]
    mark = text[start:end]
    if before.isdigit() and (after.isdigit() or after.isspace()):
        return None
    if mark[0] in "~～〜":
        drawn_out = is_wide(after) or (after.isspace() and before.isalpha())
        return _Pause(end, strong=False) if before and drawn_out else None
    if mark[0] in "–-" and not (before.isspace() and after.isspace()) and not (mark == "--" and before.isalpha()):
        return None
    return _Pause(end, strong=False) if start else None


def _in_address(text: str, at: int) -> bool:
    """Return whether the word that reaches up to here is a web or mail address."""
    word = text[max(0, at - 200) : at]
    for index in range(len(word) - 1, -1, -1):
        if word[index].isspace() or is_wide(word[index]):
            word = word[index + 1 :]
            break
    return _ADDRESS.search(word) is not None


def _in_phrase(text: str, at: int, *, final: bool) -> bool | None:
    """Return whether a place is inside a short quoted or bracketed phrase; None while that is not known."""
    start = 0
    while opener := _OPENER.search(text, start):
        if opener.start() >= at:
            return False
        if phrase := _PHRASE.match(text, opener.start()):
            if phrase.end() > at:
                return True
            start = phrase.end()
            continue
        rest = text[opener.end() : opener.end() + _SHORT_PHRASE + 1]
        if len(rest) <= _SHORT_PHRASE and "\n" not in rest and not final:
            return None
        start = opener.end()
    return False


def _reach(text: str, most: int) -> int:
    """Return how many characters of a text fit into a width."""
    used = 0
    for index, char in enumerate(text):
        used += width(char)
        if used > most:
            return index
    return len(text)


def _may_part(text: str, end: int) -> bool:
    """Return whether a clause may end here in need: behind a space, or between two Chinese or Japanese characters."""
    before, after = text[end - 1 : end], text[end : end + 1]
    if not after:
        return False
    if before.isspace():
        return not after.isspace() and _UNIT.search(text, end - 2, end) is None
    return CJK.match(before) is not None and CJK.match(after) is not None and after not in "ーっゃゅょッャュョ々"

"""Rules that need no word list: how a line is written, what it links to, whose data it gives away."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from moderation.lexicon import Finding
from moderation.policy import Category, Policy, Severity
from moderation.verdict import Action, Direction

#: More combining marks than this on one character are no language's spelling.
MAX_MARKS: Final = 4

_TLDS: Final = (
    "com|net|org|info|biz|xyz|top|site|online|shop|store|club|live|link|click|pro|app|dev|gg|tv|io|ai|co|me|cc|ru|cn|uk|de|fr|jp|"
    "kr|tw|hk|to|ly|be|us|in|eu|vip|win|bet|icu|tk|ml|ga|cf|gq"
)
_LINK: Final = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{1,15}}://|(?<![a-z0-9])www\.)[^\s\u3000-\u9fff]{{3,200}}"
    rf"|(?<![a-z0-9@._-])(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,5}}(?:{_TLDS})(?![a-z0-9-])(?:/[^\s\u3000-\u9fff]{{0,200}})?"
)
_DOT: Final = re.compile(r"\w\.\w")
_HIDDEN_LINK: Final = re.compile(rf"\b[a-z0-9-]{{2,40}}\s*[\[({{]?\s?\bdot\b\s?[\])}}]?\s*(?:{_TLDS})\b")
_MAIL: Final = re.compile(r"[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,10}")
_PHONE: Final = re.compile(
    r"(?<![\d.])(?:1[3-9]\d(?:[ -]?\d{4}){2}|\+\d{1,3}[ -]?(?:\(?\d{1,4}\)?[ -]?){2,4}\d{2,4}|"
    r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|0\d{2,3}-\d{7,8})(?![\d.])"
)
_IDENTITY: Final = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx](?!\w)|(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"
)
_CARD: Final = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_ACCOUNT: Final = re.compile(
    r"(?<![a-z0-9])(?:微信|薇信|威信|vx|wx|扣扣|qq|企鹅|telegram|whatsapp|飞机号)(?:号|群)?\s*(?:[:：是+]|加|is)?\s*(?=[a-z0-9_-]*\d)[a-z][a-z0-9_-]{5,19}"
    r"|(?<![a-z0-9])(?:扣扣|qq|企鹅)(?:号|群)?\s*[:：是+]?\s*\d{5,11}"
)
_SAME_WORD: Final = re.compile(r"(?:^|\s)(\S{1,20})(?:\s+\1){2,}(?!\S)")
_SAME_CHAR: Final = re.compile(r"(\S)\1{3,}")
_UPPER: Final = re.compile("[A-Z]")
_SYMBOL: Final = re.compile(r"[^\w\s]|_")
_DIGIT: Final = re.compile(r"\d")
_MARKED: Final = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)


def style(text: str, policy: Policy) -> Iterator[Finding]:
    """Look at how a line is written: length, capitals, repetition, symbols, stacked marks, hidden characters."""
    size = len(text)
    if size > policy.max_chars:
        yield _style("length", Severity.SERIOUS, policy.max_chars, size)
    if size >= policy.capitals_from:
        upper = len(_UPPER.findall(text)) if text.isascii() else sum(map(str.isupper, text))
        letters = upper + sum(map(str.islower, text)) if upper * 2 > policy.capitals_from else 0
        if letters >= policy.capitals_from and upper * 100 > letters * policy.capitals_percent:
            yield _style("capitals", Severity.MILD, 0, size)
    most = policy.max_repeats
    for found in _SAME_CHAR.finditer(text):
        if found.end() - found.start() > most:
            yield _style("repetition", Severity.MILD, *found.span())
            break
    if " " in text and (words := _SAME_WORD.search(text)) and len(words[0].split()) > most:
        yield _style("repetition", Severity.MILD, *words.span())
    if size >= 10 and not text.isalnum():
        symbols = len(_SYMBOL.findall(text))
        if symbols * 100 > size * policy.symbols_percent:
            yield _style("symbols", Severity.MILD, 0, size)
    if not text.isascii():
        yield from _marks(text)
    if not text.isprintable() and (hidden := _CONTROL.search(text)):
        yield _style("hidden", Severity.SERIOUS if "\ud800" <= hidden[0] <= "\udfff" else Severity.MILD, *hidden.span())


def _marks(text: str) -> Iterator[Finding]:
    for found in _MARKED.finditer(text):
        if found.end() - found.start() > MAX_MARKS:
            yield _style("zalgo", Severity.SERIOUS, *found.span())
            return


def _style(name: str, severity: Severity, start: int, end: int) -> Finding:
    return Finding(f"style:{name}", Category.STYLE, severity, start, end)


def links(text: str, policy: Policy, direction: Direction) -> Iterator[Finding]:
    """Look for addresses of the web, also ones in disguise. ``text`` has one letter for each of the original."""
    patterns = [_LINK] if _DOT.search(text) or "://" in text else []
    if " dot " in text or "dot)" in text or "dot]" in text:
        patterns.append(_HIDDEN_LINK)
    if not patterns:
        return
    allowed = tuple(host.casefold() for host in policy.link_hosts)
    severity = Severity.TRACE
    if direction is Direction.OUT or policy.links is Action.BLOCK:
        severity = Severity.GRAVE
    elif policy.links is not Action.ALLOW:
        severity = Severity.SERIOUS
    for pattern in patterns:
        for found in pattern.finditer(text):
            host = re.split(r"[/?#]", re.sub(r"^[a-z0-9+.-]+://", "", found[0]), maxsplit=1)[0].rpartition("@")[2]
            host = host.partition(":")[0].removeprefix("www.")
            if any(host == name or host.endswith(f".{name}") for name in allowed):
                continue
            if found[0] in _NAMES_WITH_DOTS:
                continue
            yield Finding("link", Category.SPAM, severity, *found.span())


#: Written like an address and hardly ever meant as one.
_NAMES_WITH_DOTS: Final = frozenset(
    "node.js vue.js next.js asp.net socket.io itch.io twitch.tv youtube.com bilibili.com agar.io slither.io osu.me "
    "character.ai".split()
)


def personal(text: str) -> Iterator[Finding]:
    """Look for mail addresses, phone numbers, identity and card numbers, messenger accounts."""
    if "@" in text:
        for found in _MAIL.finditer(text):
            yield _private("mail", found)
    if len(_DIGIT.findall(text)) >= 5:
        for name, pattern in (("identity", _IDENTITY), ("phone", _PHONE), ("account", _ACCOUNT)):
            for found in pattern.finditer(text):
                yield _private(name, found)
        for found in _CARD.finditer(text):
            if _is_card(found[0]):
                yield _private("card", found)


def _private(name: str, found: re.Match[str]) -> Finding:
    return Finding(f"private:{name}", Category.PRIVATE, Severity.SERIOUS, *found.span())


def _is_card(digits: str) -> bool:
    """Check the sum of Luhn, which every payment card's number has."""
    numbers = [int(char) for char in digits if char.isdecimal()][::-1]
    doubled = sum(sum(divmod(2 * n, 10)) for n in numbers[1::2])
    return len(set(numbers)) > 1 and (sum(numbers[::2]) + doubled) % 10 == 0


def plain(text: str) -> str:
    """Fold full-width letters and case, one character for one."""
    if text.isascii():
        return text.lower()
    out = []
    for char in text:
        folded = unicodedata.normalize("NFKC", char).lower() if char > "\x7f" else char.lower()
        out.append(folded if len(folded) == 1 else char)
    return "".join(out)

"""Addresses of the web, plain and in disguise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from moderation.policy import Category, Policy, Severity
from moderation.rules.lexicon import Finding
from moderation.text.forms import View
from moderation.verdict import Action, Direction

#: What ends a name of a host and nothing else.
_SURE: Final = (
    "com|net|org|info|biz|xyz|io|gg|tv|cc|ru|cn|uk|de|fr|jp|kr|tw|hk|ly|eu|icu|tk|ml|ga|cf|gq|ai|app|dev|vip|bet|"
    "shop|store|online|site|club|example"
)
#: What also begins a sentence after a forgotten space ("on.in a minute"): it needs a path, a digit or a hyphen.
_WORDS: Final = "me|to|us|in|be|co|is|it|live|click|pro|win|top|link|fun|world|space|game|games|stream|art"
_REST: Final = r"(?:[/?#][^\s\u3000-\u9fff]{0,200})?"
_HOST: Final = r"(?<![a-z0-9@._-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}"
_LINK: Final = re.compile(
    r"(?<![a-z])(?:[a-z][a-z0-9+.-]{1,15}://|www\.)[^\s\u3000-\u9fff]{3,200}"
    rf"|{_HOST}(?:{_SURE}|xn--[a-z0-9-]{{2,59}})(?::\d{{2,5}})?(?![a-z0-9-]){_REST}"
    rf"|{_HOST}(?:{_WORDS})(?::\d{{2,5}})?/[^\s\u3000-\u9fff]{{1,200}}"
    rf"|(?<![a-z0-9@._-])(?=[a-z0-9-]{{0,60}}[0-9-])[a-z0-9-]{{3,63}}(?<!-)\.(?:{_WORDS})(?![a-z0-9-])"
    r"|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{2,5}(?!\d)|/[^\s\u3000-\u9fff]{1,200})"
    r"|[\w-]{1,40}\.(?:рф|pф|中国|公司|网络|网址|xn--[a-z0-9-]{2,59})(?!\w)"
)
_DIVIDED: Final = re.compile(
    rf"(?<![a-z0-9-])[a-z0-9-]{{2,40}}\s?(?:[\[({{<]\s?(?:dot|\.|点)\s?[\])}}>]|\bdot\b|(?<=[a-z0-9\s])点|。)\s?"
    rf"(?:{_SURE})(?![a-z0-9-]){_REST}"
    rf"|(?<![a-z0-9-])[a-z0-9-]{{2,40}}(?:\s\.\s?|\.\s)(?:com|net|org|ru|xyz|cn)(?![a-z0-9-]){_REST}"
    r"|(?<![a-z0-9-])discord\s?(?:\.|dot)?\s?gg\s?/\s?[a-z0-9-]{2,40}"
)
_DOT: Final = re.compile(r"\w\.\w")
_MAYBE_DIVIDED: Final = re.compile(
    r"\bdot\b|[\s\[({<]\.|\w\.\s(?:com|net|org|ru|xyz|cn)|点\s?[a-z]|。\s?[a-z]|discord\s?gg"
)
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://")
_SEPARATOR: Final = re.compile(r"[\s\[({<]*(?:dot|点|。|\.)[\s\])}>]*")
#: Written like an address and hardly ever meant as one.
_NAMES_WITH_DOTS: Final = frozenset(
    "node.js vue.js next.js asp.net socket.io itch.io twitch.tv youtube.com bilibili.com agar.io slither.io osu.me "
    "the.com character.ai krunker.io diep.io paper.io shell.shockers.io".split()
)


def find_links(folded: View, policy: Policy, direction: Direction) -> Iterator[Finding]:
    """Find addresses that the policy does not allow. An allowed host also allows what lies below it."""
    text = folded.text
    patterns = []
    if ("." in text and _DOT.search(text)) or "://" in text:
        patterns.append(_LINK)
    if ("." in text or "dot" in text or "gg" in text or not text.isascii()) and _MAYBE_DIVIDED.search(text):
        patterns.append(_DIVIDED)
    if not patterns:
        return
    allowed = tuple(host.casefold().removeprefix("www.") for host in policy.link_hosts)
    severity = Severity.TRACE
    if direction is Direction.OUT or policy.links is Action.BLOCK:
        severity = Severity.GRAVE
    elif policy.links is not Action.ALLOW:
        severity = Severity.SERIOUS
    for pattern in patterns:
        for found in pattern.finditer(text):
            written = found[0] if pattern is _LINK else _SEPARATOR.sub(".", found[0])
            host = host_of(written)
            if any(host == name or host.endswith(f".{name}") for name in allowed) or written in _NAMES_WITH_DOTS:
                continue
            yield Finding("link", Category.SPAM, severity, *folded.original(*found.span()))


def host_of(address: str) -> str:
    """Return the host of an address, without "www", a user's name or a port: what a browser would really visit."""
    host = re.split(r"[/?#\\]", _SCHEME.sub("", address), maxsplit=1)[0].rpartition("@")[2]
    return host.partition(":")[0].rstrip(".").removeprefix("www.")

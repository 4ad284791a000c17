"""Make a text plain: one form for each character, and nothing left that only an eye can use.

Addresses become a word, what is in markup stays and its marks go, breaks become spaces, emoji and faces go.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from bot.text.faces import drop_faces
from bot.text.scripts import EMOJI

_LINK_WORDS: Final = {"en": "link", "zh": "链接", "ja": "リンク"}
#: "." and "@" of an e-mail address or of a site's name.
_DOT: Final = {"en": " dot ", "zh": "点", "ja": "ドット"}
_AT: Final = {"en": " at ", "zh": "艾特", "ja": "アットマーク"}

#: Punctuation that keeps its width where Chinese or Japanese is spoken: "，" separates and never groups digits.
_WIDE_MARKS: Final = "，！？：；（）～"
_FOLDED: Final = re.compile(f"[^{_WIDE_MARKS}…⋯]+")
_NARROW: Final = str.maketrans(dict(zip("，！？：；（）。、", ",!?:;().,", strict=True)))
_SUPERSCRIPT: Final = re.compile("[⁰¹²³⁴-⁹ⁿ⁻⁺]+")
_SUBSCRIPT: Final = re.compile("(?<=[A-Za-z])[₀-₉]+")
#: The charge of an ion: its digits count and raise nothing.
_CHARGE: Final = re.compile("(?<=[A-Za-z0-9₀-₉])([¹²³⁴-⁹]?)([⁺⁻])(?![⁰¹²³⁴-⁹])")
_CHARGES: Final = {"en": (" minus", " plus"), "zh": ("负", "正"), "ja": ("マイナス", "プラス")}
_POINT: Final = re.compile(r"(?<![A-Za-z0-9_.])\.(?=[0-9])")
_SQUARES: Final = {"㎡": "m^2", "㎥": "m^3", "㎠": "cm^2", "㎢": "km^2", "№": "No.", "º": "°", "⋯": "…", "︒": "。"}
_SIMPLE: Final = str.maketrans(
    {
        **_SQUARES,
        "−": "-",
        "‑": "-",
        "‐": "-",
        "﹣": "-",
        "〜": "～",
        "’": "'",
        "™": "",
        "®": "",
        "´": "'",
        "′": "'",
        "″": '"',
        "\u3000": " ",
        "⩽": "≤",
        "⩾": "≥",
        "≦": "≤",
        "≧": "≥",
        "∼": "~",
        "·": "·",
    }
)
_SILENT: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk", "Me"})

_ADDRESS: Final = re.compile(
    r"(?i)(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,15}://[!-~]*[0-9a-z/]|(?<![a-z0-9])www\.[!-~]*[0-9a-z/]"
    r"|(?<![a-z0-9@.])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|tv|gg|io|cn|jp|me|co|dev|app|xyz|be|ly|ai|fm|live|uk|de|fr)/[!-~]*[0-9a-z/]"
)
_MAIL: Final = re.compile(
    r"(?<![A-Za-z0-9.+-])[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,12}"
)
_SITE: Final = re.compile(
    r"(?<![A-Za-z0-9_@.-])((?:[A-Za-z0-9_-]{1,63}\.){1,3}(?:com|net|org|tv|gg|io|dev|app|xyz|js|py|exe|txt|png|jpg|gif|mp4|pdf"
    r"|zip|json|yaml|html|css|md))(?![A-Za-z0-9_]|\.[A-Za-z0-9])"
)
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\n]{0,400}\)?")
_BREAK: Final = re.compile(r"(?i)<\s*/?\s*(?:br|p|hr|div|li|ul|ol|tr|td)\b[^<>]{0,40}>|\\n(?![a-z])")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>\n]{0,60}>")
_SHORTCODE: Final = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]{1,30}:(?![\w:])")
_HEADING: Final = re.compile(r"(?m)^[ \t]{0,8}(?:#{1,6}[ \t]|>[ \t]|[-*•][ \t]|\|?[ \t]?:?-{3,}.*$)")
#: The line below the head of a table.
_TABLE_LINE: Final = re.compile(r"\|(?: ?:?-{2,}:? ?\|)+")
_KEPT_IN_WORD: Final = re.compile(r"(?<=\w)[_|](?=\w)")
_STRONG: Final = re.compile(
    r"\*{2,}|_{2,}|~{2,}|`+|(?<![\w)])[*_]+(?=\w)|(?<=[^\W\d])[*_]+(?![\w(])|(?<=\d)\*+(?!\s*[\w(])"
)
#: Arrows of two signs, and of one between words.
_ARROW: Final = re.compile(r" ?<?(?:-{1,3}|={1,3})> ?|(?<=\S) ?[→⇒⟶➜➔] ?(?=\S)")
_ARROWS: Final = {"en": ", ", "zh": "，", "ja": "、"}
_MARKS: Final = re.compile(r"[«»‹›|{}\[\]【】〔〕〖〗［］｛｝\\]+")

_ASKED: Final = re.compile(r"[!?！？‼⁇⁈⁉]{2,}")
_DOTS: Final = re.compile(r"\.{2,}|…+|。{2,}|‥+")
_SAME: Final = re.compile(r"([,，、;；:：—–-])\1+")
_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{5,}")
_SPACE: Final = re.compile(r"\s+")
_SPACE_BEFORE: Final = re.compile(r" (?=[,.!?;:，。！？、](?![0-9]))")
_OPENING_MARK: Final = re.compile(r"^[\s,，、;；:：.。]+")
_EMPTY: Final = re.compile(r"[(（]\s*[)）]|[「『“\"]\s*[」』”\"]")
_WIDE_SPACE: Final = re.compile(r"(?<=[\u3040-\u9fff，。！？、]) +(?=[，。！？、])")


def plain(text: str, language: str) -> str:
    """Return a text of plain characters: letters, digits, punctuation, and signs that have a reading."""
    text = _BREAK.sub(" ", html.unescape(text) if "&" in text else text)
    text = _TAG.sub("", _LINK.sub(r"\1", text))
    text = name_addresses(text, language)
    text = _ARROW.sub(_ARROWS[language], _SHORTCODE.sub(" ", drop_faces(text)))
    text = fold(EMOJI.sub(_picture, text), language)
    text = _HEADING.sub(" ", text) if "\n" in text or text[:1] in "#>-*•|" else text
    text = _KEPT_IN_WORD.sub(" ", _TABLE_LINE.sub(" ", text))
    return _DRAWN_OUT.sub(r"\1\1\1\1\1", _SPACE.sub(" ", _MARKS.sub(" ", _STRONG.sub("", text))))


def name_addresses(text: str, language: str) -> str:
    """Replace each web address by the word for a link, and write out mail addresses: nobody wants one spelled."""
    if "." not in text and "://" not in text:
        return text
    dot, at = _DOT[language], _AT[language]
    text = _MAIL.sub(lambda m: m[0].replace(".", dot).replace("@", at), text)
    text = _ADDRESS.sub(f" {_LINK_WORDS[language]} ", text)
    return _SITE.sub(lambda m: m[0].replace(".", dot), text)


def fold(text: str, language: str) -> str:
    """Fold full width, circled and other compatibility forms; "3½" is "3 1/2" and "x²" is "x^2", never 31/2 and x2."""
    apart = " " if language == "en" else ""
    text = _SUBSCRIPT.sub(lambda m: apart + _digits(m[0]), text)
    text = _CHARGE.sub(lambda m: f"{apart}{_digits(m[1])}{_CHARGES[language][m[2] == '⁺']}", text)
    text = _SUPERSCRIPT.sub(lambda m: "^" + unicodedata.normalize("NFKC", m[0]).replace("−", "-"), text)
    text = text.translate(_SIMPLE)
    if not text.isascii():
        text = _FOLDED.sub(lambda m: _normal(m[0]), text)
        text = "".join(map(_kept, text))
    text = _POINT.sub("0.", text)
    return text.translate(_NARROW) if language == "en" else text


def _digits(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _normal(run: str) -> str:
    if unicodedata.is_normalized("NFKC", run):
        return run
    out: list[str] = []
    for char in run:
        kind = unicodedata.category(char)
        form = unicodedata.decomposition(char)
        if form.startswith("<fraction>"):
            apart = " " if out and out[-1][-1:].isdigit() else ""
            out.append(apart + unicodedata.normalize("NFKC", char).replace("\u2044", "/"))
        elif kind == "Nl" and out and out[-1][-1:].isascii() and out[-1][-1:].isalpha():
            out.append(f" {unicodedata.normalize('NFKC', char)}")
        elif kind == "No" or (kind == "So" and form.startswith("<circle>")):
            out.append(unicodedata.normalize("NFKC", char) + " ")
        else:
            out.append(char)
    return unicodedata.normalize("NFKC", "".join(out)).replace("\u2044", "/")


def _kept(char: str) -> str:
    if char.isascii():
        return char
    kind = unicodedata.category(char)
    if kind in _SILENT:
        return " " if char.isspace() else char if char == "°" else ""
    return str(unicodedata.decimal(char)) if kind == "Nd" else char


def _picture(found: re.Match[str]) -> str:
    """Keep what is a picture by its code alone: arrows end up silent, marks of speech and ℹ do not."""
    kept = "".join(c for c in found[0] if c in "‼⁉")
    return kept or " "


def tidy(text: str) -> str:
    """Make white space single and runs of punctuation short, and drop what opens with a mark of a pause."""
    text = _ASKED.sub(_one_mark, text)
    text = _DOTS.sub(lambda found: "..." if found[0][0] == "." else "…", text)
    text = _SAME.sub(r"\1", _EMPTY.sub(" ", text))
    text = _SPACE.sub(" ", text)
    return _OPENING_MARK.sub("", _SPACE_BEFORE.sub("", text)).strip()


def _one_mark(found: re.Match[str]) -> str:
    run = found[0]
    if any(mark in run for mark in "？?⁇⁈⁉"):
        return "？" if "？" in run else "?"
    return "！" if "！" in run else "!"

"""Texts that are read aloud: found in a folder, decoded whatever saved them, freed of markup, cut at sentence ends.

Everything here reads files and runs in a thread; the effort is linear in the size of a file.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from loguru import logger

from bot.text.encoding import guess
from bot.text.sanitize import has_word
from bot.text.scripts import FIRST_EAST_ASIAN
from bot.voice.clauses.abbreviations import ends_sentence

#: What is read: plain text, Markdown, and pages.
SUFFIXES: Final = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm"})
#: A larger file is left out: 4 MB of English are 80 hours.
LARGEST: Final = 4 << 20
#: So many files of a folder are looked at.
MOST_FILES: Final = 3000
#: More of these signs in a text (a share) say that it was decoded wrongly, or is no text.
_BROKEN: Final = 0.01

_CODECS: Final = {
    "GBK": "gb18030",
    "Shift-JIS": "cp932",
    "Big5": "big5hkscs",
    "UTF-16": "utf-16",
    "Windows-1252": "cp1252",
}
_NUMBER: Final = re.compile(r"(\d+)")
_FRONT: Final = re.compile(r"\A---\n.{0,4000}?\n---\n", re.DOTALL)
#: What is hidden on a page, each from its beginning to its end.
_HIDDEN: Final = tuple(
    (re.compile(rf"(?i)<{name}\b[^<>]{{0,400}}>"), re.compile(rf"(?i)</{name}\s{{0,9}}>"))
    for name in ("script", "style", "head")
)
_COMMENT: Final = (re.compile("<!--"), re.compile("-->"))
_BLOCK: Final = re.compile(r"(?i)</?(?:p|div|br|li|ul|ol|h[1-6]|tr|table|section|article|blockquote)\b[^<>]{0,400}>")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,400}>")
_FENCE: Final = (re.compile(r"(?m)^(?:```|~~~)[^\n]*$"), re.compile(r"(?m)^(?:```|~~~)[ \t]*$"))
_IMAGE: Final = re.compile(r"!\[[^\[\]]{0,300}\]\([^()\s]{0,500}[^()]{0,100}\)")
_LINK: Final = re.compile(r"\[([^\[\]]{0,300})\]\([^()\s]{0,500}[^()]{0,100}\)")
_ADDRESS: Final = re.compile(r"https?://[^\s<>()]{1,2000}")
_LINE_MARK: Final = re.compile(r"(?m)^[ \t]{0,12}(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|\d{1,3}[.)][ \t]+(?=\S))")
_RULE: Final = re.compile(r"(?m)^[ \t]*(?:[-*_=~][ \t]*){3,}$|^[ \t:-]{0,40}\|[ \t:|-]*$")
_EMPHASIS: Final = re.compile(r"[*`~]+|(?<!\w)_+|_+(?!\w)")
_BREAK: Final = re.compile(r"\n[ \t]*\n\s*")
_END: Final = re.compile(r"[.!?…]{1,9}[\"'”’»)\]]{0,9}(?=\s)|[。！？…]{1,9}[」』”’）)]{0,9}")
_SQUARE: Final = str.maketrans(
    {"[": "(", "]": ")", "【": "（", "】": "）", "{": "(", "}": ")", "|": ",", "<": " ", ">": " "}
)


def names(folder: Path) -> list[str]:
    """Return the texts of a folder by name, "2" before "10"; empty when there is no such folder."""
    try:
        found = [
            file.name
            for file in folder.iterdir()
            if file.suffix.casefold() in SUFFIXES and not file.name.startswith(".") and file.is_file()
        ]
    except OSError as error:
        logger.warning("the folder {} cannot be read: {}", folder, error.strerror or error)
        return []
    if len(found) > MOST_FILES:
        logger.warning("{} holds {} texts; the first {} are read", folder, len(found), MOST_FILES)
    return sorted(found, key=_natural)[:MOST_FILES]


def mark_of(name: str) -> str:
    """Return a short mark of a file's name, by which it is remembered as read."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def title_of(name: str) -> str:
    """Return a title made of a file's name: "01_the-lamp.txt" is "the lamp"."""
    title = re.sub(r"^\d+[\s._-]+(?=\D)", "", Path(name).stem)
    return " ".join(re.sub(r"[_\-\s]+", " ", title).translate(_SQUARE).split())[:80]


def load(file: Path, most: int) -> list[str]:
    """Return the pieces of a file, each at most about ``most`` long (see `pieces`); empty for what cannot be read."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        logger.warning("{} cannot be read: {}", file, error.strerror or error)
        return []
    if len(raw) > LARGEST:
        logger.warning("{} is larger than {} MB and is left out", file, LARGEST >> 20)
        return []
    text = decode(raw)
    if not text:
        logger.warning("{} holds no text that can be read", file)
        return []
    return pieces(plain_words(text), most)


def decode(raw: bytes) -> str:
    """Return bytes as text, in the encoding that they seem to have; empty when it makes no sense."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if not text or text.count("\0") > len(text) // 20:
        text = _guessed(raw)
    text = text.removeprefix("\ufeff")
    broken = sum(text.count(sign) for sign in ("\ufffd", "\0")) + sum(c < " " and c not in "\t\n\r\f" for c in text)
    return "" if broken > _BROKEN * len(text) else text.replace("\ufffd", "").replace("\0", "")


def _guessed(raw: bytes) -> str:
    name = guess(raw)
    codec = _CODECS.get(name, "cp1252")
    if codec == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        # Without a mark: of Latin letters the empty half tells the order.
        codec = "utf-16-be" if raw[:200:2].count(0) > raw[1:200:2].count(0) else "utf-16-le"
    return raw.decode(codec, "replace")


def plain_words(text: str) -> str:
    """Return a text without markup of Markdown and HTML, addresses, code and tags of its own; paragraphs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _FRONT.sub("", text)
    if "<" in text:
        for ends in (_COMMENT, *_HIDDEN):
            text = _without(text, *ends)
        text = _TAG.sub("", _BLOCK.sub("\n\n", text))
    if "&" in text:
        text = html.unescape(text)
    if "```" in text or "~~~" in text:
        text = _without(text, *_FENCE)
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _ADDRESS.sub("", text)
    text = _RULE.sub("\n", text)
    text = _EMPHASIS.sub("", _LINE_MARK.sub("\n", text))
    return text.translate(_SQUARE)


def _without(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """Return a text without what stands between two marks; what never closes stays."""
    kept, at = [], 0
    while (begin := opening.search(text, at)) and (end := closing.search(text, begin.end())):
        kept.append(text[at : begin.start()])
        at = end.end()
    return " ".join([*kept, text[at:]])


def pieces(text: str, most: int) -> list[str]:
    """Return a text in pieces of whole sentences, of at most ``most`` letters; a Han character counts as three.

    A paragraph ends a piece when the next one does not fit; a sentence that is too long is cut at a space or a comma.
    """
    found: list[str] = []
    current, size = "", 0
    for paragraph in _BREAK.split(text):
        for sentence in _sentences(" ".join(_joined(paragraph).split())):
            for part in _parts(sentence, most):
                weight = _weight(part)
                if current and size + weight > most:
                    found.append(current)
                    current, size = "", 0
                between = " " if current and current[-1].isascii() else ""
                current, size = f"{current}{between}{part}", size + weight
        if size > most // 2:
            found.append(current)
            current, size = "", 0
    found.append(current)
    return [piece for piece in found if has_word(piece)]


def _joined(paragraph: str) -> str:
    """Return the lines of a paragraph as one: without a space between two Han characters."""
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uff60])\s*\n\s*(?=[\u3000-\u9fff\uff00-\uff60])", "", paragraph)


def _sentences(paragraph: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(paragraph):
        before, after = paragraph[max(start, end.start() - 40) : end.start()], paragraph[end.end() + 1 : end.end() + 41]
        if end[0] == "." and not ends_sentence(before, after):
            continue
        yield paragraph[start : end.end()].strip()
        start = end.end()
    if rest := paragraph[start:].strip():
        yield rest


def _parts(sentence: str, most: int) -> Iterator[str]:
    start = 0
    while (end := _reach(sentence, start, most)) < len(sentence):
        middle = (start + end) // 2
        cut = max(sentence.rfind(sign, middle, end) for sign in (", ", "，", "、", "; ", "；", " "))
        end = cut + 1 if cut > start else end
        yield sentence[start:end].strip()
        start = end
    if rest := sentence[start:].strip():
        yield rest


def _reach(text: str, start: int, most: int) -> int:
    """Return where so much of a text ends that weighs ``most``."""
    weight = 0
    for index in range(start, len(text)):
        weight += 3 if ord(text[index]) >= FIRST_EAST_ASIAN else 1
        if weight > most:
            return max(start + 1, index)
    return len(text)


def _weight(text: str) -> int:
    return len(text) if text.isascii() else sum(3 if ord(c) >= FIRST_EAST_ASIAN else 1 for c in text)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part[:12]), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(name.casefold())]

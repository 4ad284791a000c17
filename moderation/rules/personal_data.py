"""Whose data a text gives away: mail, phone, street, identity, card, account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from moderation.policy import Category, Severity
from moderation.rules.lexicon import Finding
from moderation.text.forms import View

_MAIL: Final = re.compile(r"[a-z0-9._%+-]{1,64}\s?@\s?(?:[a-z0-9-]{1,63}\s?\.\s?){1,4}[a-z]{2,10}(?![a-z0-9])")
#: In words only at the well-known hosts: "meet me at the dot com bubble" is none.
_MAIL_IN_WORDS: Final = re.compile(
    r"[a-z0-9._%+-]{2,64}\s?(?:[\[({<]\s?(?:at|@|艾特)\s?[\])}>]|\bat\b|@|艾特)\s?"
    r"(?:gmail|googlemail|hotmail|outlook|live|yahoo|icloud|proton(?:mail)?|aol|gmx|qq|foxmail|1[236]{2}|sina|mail)"
    r"\s?(?:[\[({<]\s?(?:dot|\.|点)\s?[\])}>]|\bdot\b|点|\.|。)\s?(?:com|net|org|me|de|co|ru|cn)(?![a-z0-9])"
)
_PHONE: Final = re.compile(
    r"(?<![\d.])(?:(?:\+?86[ -]?)?1[3-9]\d(?:[ .-]?\d{4}){2}|\+\d{1,3}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,4}\d{2,4}|"
    r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|0\d{2,3}-\d{7,8}|0\d{3,4}[ -]\d{3}[ -]?\d{3,4})(?![\d.]*\d)"
)
#: A short number counts where somebody says to call it.
_CALL: Final = re.compile(
    r"\b(?:call|text|phone|ring|sms|dial|my (?:phone |cell |mobile )?(?:number|phone|cell))"
    r"(?: (?:me|us|is|at|on|now|here))*\s?[:=]?\s?\(?\d{3}\)?[ .-]?\d{4}(?![\d.]*\d)"
    r"|(?:电话|手机号?|致电|打我电话|号码)(?:是|号码|联系|[:：])*\d{3,4}[ -]?\d{4}(?!\d)"
)
_SPELT_PHONE: Final = re.compile("(?:[零〇一二三四五六七八九幺两][ ,，.-]?){11}(?![零〇一二三四五六七八九幺两])")
_IDENTITY: Final = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx](?!\w)"
    r"|(?<![\d-])(?!000|666|9)\d{3}-\d{2}-\d{4}(?![\d-])"
    r"|(?:passport|护照)(?:\s?(?:number|no\.?|号码?|是|is|:|：))*\s?[a-z]{1,2}\d{7,8}(?!\d)"
)
_CARD: Final = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_IBAN: Final = re.compile(r"(?<![a-z0-9])[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){3,7}(?: ?[a-z0-9]{1,3})?(?![a-z0-9])")
_ACCOUNT: Final = re.compile(
    r"(?<![a-z0-9])(?:微信|薇信|威信|v信|vx|wx|扣扣|qq|企鹅|telegram|whatsapp|飞机号)(?:号|群)?\s*(?:[:：是+]|加|is|=)?\s*"
    r"(?=[a-z0-9_-]{0,20}\d)[a-z][a-z0-9_-]{5,19}"
    r"|(?<![a-z0-9])(?:扣扣|qq|企鹅)(?:号|群)?\s*(?:[:：是+=]|is)?\s*\d{5,11}(?!\d)"
)
_STREET: Final = "street|avenue|boulevard|blvd|ave|rd|road|straße|strasse"
_SMALLER: Final = "lane|ln|drive|dr|court|ct|way|place|pl|terrace|close|crescent|st"
_NO_STREET: Final = (
    "hours?|hrs?|min(?:ute)?s?|days?|miles?|km|k|meters?|metres?|more|ways?|the|a|an|on|per|of|cars?|people|in|times?|"
    "years?|weeks?|months?|sec(?:ond)?s?|to|from|is|and|or|hp|fps|wins?|kills?|down|up|off|at|for|with|by|this|that"
)
_ADDRESS: Final = re.compile(
    rf"(?<![\d.,$#-])\d{{1,5}}[a-z]?,?\s(?:(?!(?:{_NO_STREET})\s)[a-z.'-]{{2,20}}\s){{1,3}}(?:{_STREET})(?![a-z])"
    rf"|(?:live at|living at|address is|address:|house is at|come to)\s\d{{1,5}}[a-z]?\s(?:[a-z.'-]{{2,20}}\s){{1,3}}"
    rf"(?:{_SMALLER})(?![a-z])"
    rf"|(?<![\d.,$#-])\d{{1,5}}\s(?:[a-z.'-]{{2,20}}\s){{1,3}}(?:{_SMALLER})[.,]?\s(?:(?:apt|unit|suite|#)\.?\s?\d|"
    r"[a-z ,]{2,30}\s\d{5}(?!\d))"
    r"|(?:zip(?:\s?code)?|post(?:al)?\s?code|plz)\s?(?:is|:|=)?\s?(?:\d{5}(?!\d)|[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}(?![a-z]))"
)
_COUNT: Final = "[0-9一二三四五六七八九十百零〇]{1,6}"
_ADDRESS_ZH: Final = re.compile(
    rf"(?:路|街|大道|巷|弄|胡同|大街|村|小区|花园|公寓)\s?{_COUNT}\s?(?:号楼?|弄|栋|幢|单元)(?!线|机|选手|公路|出口|台风|玩家|位)"
    rf"|{_COUNT}\s?(?:号楼|栋|幢|座)\s?{_COUNT}\s?(?:单元|室|楼|层|号)"
    r"|(?:住在?|家在|家住|地址[是:：]?)[^，。！？,!?\s]{2,20}(?:小区|花园|公寓|家园|大厦)"
    r"(?:[^，。！？,!?\s]{0,6}(?:楼|室|单元|栋|幢))"
)
_DIGIT: Final = re.compile(r"\d")


def find_personal_data(folded: View) -> Iterator[Finding]:
    """Find private data, in letters of the original."""
    text = folded.text
    for name, start, end in _found(text):
        yield Finding(f"private:{name}", Category.PRIVATE, Severity.SERIOUS, *folded.original(start, end))


def _found(text: str) -> Iterator[tuple[str, int, int]]:
    if "@" in text:
        yield from _spans("mail", _MAIL, text)
    if (" at " in text or "@" in text or "at)" in text or "at]" in text or "艾特" in text) and (
        "dot" in text or "." in text or "点" in text or "。" in text
    ):
        yield from _spans("mail", _MAIL_IN_WORDS, text)
    digits = len(_DIGIT.findall(text))
    if digits:
        if " " in text:
            yield from _spans("address", _ADDRESS, text)
        if digits >= 5:
            yield from _numbers(text)
    if not text.isascii():
        yield from _spans("address", _ADDRESS_ZH, text)
        for found in _SPELT_PHONE.finditer(text):
            if len(set(found[0])) > 4:
                yield "phone", *found.span()


def _numbers(text: str) -> Iterator[tuple[str, int, int]]:
    yield from _spans("identity", _IDENTITY, text)
    yield from _spans("phone", _PHONE, text)
    yield from _spans("phone", _CALL, text)
    yield from _spans("account", _ACCOUNT, text)
    for found in _CARD.finditer(text):
        if is_card(found[0]):
            yield "card", *found.span()
    for found in _IBAN.finditer(text):
        if is_iban(found[0]):
            yield "card", *found.span()


def _spans(name: str, pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int, int]]:
    return ((name, *found.span()) for found in pattern.finditer(text))


def is_card(digits: str) -> bool:
    """Check the sum of Luhn, which every payment card's number has."""
    numbers = [int(char) for char in digits if char.isdecimal()][::-1]
    doubled = sum(sum(divmod(2 * n, 10)) for n in numbers[1::2])
    return len(set(numbers)) > 1 and (sum(numbers[::2]) + doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Check the sum of a bank account's international number (ISO 13616): 1 modulo 97."""
    account = text.replace(" ", "")
    if not account.isascii() or not 15 <= len(account) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1

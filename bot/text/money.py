"""Amounts of money, written and spoken."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.types import Money

#: Currencies without a minor unit, by ISO 4217, and the units that platforms count instead of money.
_WHOLE = frozenset(
    {"JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "PYG", "UGX", "BITS", "BATTERY", "POINTS", "VIEWERS"}
)


_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "USD": "{} dollars",
            "EUR": "{} euros",
            "GBP": "{} pounds",
            "CNY": "{} yuan",
            "JPY": "{} yen",
            "KRW": "{} won",
            "TWD": "{} Taiwan dollars",
            "HKD": "{} Hong Kong dollars",
            "BITS": "{} bits",
            "BATTERY": "{} battery credits",
            "POINTS": "{} points",
            "VIEWERS": "{} viewers",
        },
        "zh": {
            "USD": "{}美元",
            "EUR": "{}欧元",
            "GBP": "{}英镑",
            "CNY": "{}元",
            "JPY": "{}日元",
            "KRW": "{}韩元",
            "TWD": "{}新台币",
            "HKD": "{}港币",
            "BITS": "{}个小奇点",
            "BATTERY": "{}电池",
            "POINTS": "{}点积分",
            "VIEWERS": "{}位观众",
        },
    }
)


def spoken_amount(amount: Money, language: str) -> str:
    """Word an amount for a voice: ``Money(3000, "CNY")`` is "30 yuan" or "30元"; an unknown code stays a code."""
    if amount.minor <= 0:
        return ""
    whole, rest = (amount.minor, 0) if amount.currency in _WHOLE else divmod(amount.minor, 100)
    number = f"{whole}.{rest:02d}" if rest else str(whole)
    words = _WORDS.get(language, _WORDS["en"]).get(amount.currency, f"{{}} {amount.currency}")
    text = words.format(number)
    return text.removesuffix("s") if number == "1" and language != "zh" else text


def money(amount: Money) -> str:
    """Write an amount for people: ``4.99 USD``, ``500 JPY``, ``100 BITS``."""
    if amount.currency.upper() in _WHOLE:
        return f"{amount.minor} {amount.currency.upper()}"
    return f"{amount.minor / 100:.2f} {amount.currency.upper()}".replace(".00 ", " ")

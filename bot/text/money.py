"""Write amounts of money for the eye and word them for a voice."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.types import Money

#: Units that platforms count instead of money.
COUNTED = frozenset({"BITS", "BATTERY", "POINTS", "VIEWERS"})
#: Digits of the minor unit by ISO 4217, where they are not two.
_MINOR_DIGITS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
        **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
        **dict.fromkeys(COUNTED, 0),
    }
)


def minor_digits(currency: str) -> int:
    """Return how many digits follow the point in a currency: 2 for USD, 0 for JPY, 3 for KWD, 0 for counted units."""
    return _MINOR_DIGITS.get(currency.upper(), 2)


def _number(amount: Money) -> str:
    """Return an amount in major units as digits; ``.00`` is left out."""
    digits = minor_digits(amount.currency)
    sign, minor = ("-" if amount.minor < 0 else ""), abs(amount.minor)
    whole, rest = divmod(minor, 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}" if rest else f"{sign}{whole}"


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
        "ja": {
            "USD": "{}ドル",
            "EUR": "{}ユーロ",
            "GBP": "{}ポンド",
            "CNY": "{}元",
            "JPY": "{}円",
            "KRW": "{}ウォン",
            "TWD": "{}台湾ドル",
            "HKD": "{}香港ドル",
            "BITS": "{}ビッツ",
            "BATTERY": "{}バッテリー",
            "POINTS": "{}ポイント",
            "VIEWERS": "{}人",
        },
    }
)


def spoken_amount(amount: Money, language: str) -> str:
    """Return an amount in words for a voice: ``Money(3000, "CNY")`` is "30 yuan" in English and "30元" in Chinese.

    Returns an empty string for nothing and for less. A language without a table is worded in English; a currency
    that the table lacks stays its code.
    """
    if amount.minor <= 0:
        return ""
    number = _number(amount)
    table = language if language in _WORDS else "en"
    currency = amount.currency.upper()
    words = _WORDS[table].get(currency)
    if words is None:
        return f"{number} {currency}"
    text = words.format(number)
    return text.removesuffix("s") if number == "1" and table == "en" else text


def money(amount: Money) -> str:
    """Return an amount as people write it: ``4.99 USD``, ``500 JPY``, ``100 BITS``."""
    return f"{_number(amount)} {amount.currency.upper()}"

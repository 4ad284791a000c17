"""What was paid, in money: the platforms' own units, converted by the table that the user can change.

The table counts in hundredths of its currency; `Money` counts in the currency's minor unit by ISO 4217.
"""

from __future__ import annotations

from bot.sources.settings import Rates
from bot.text.money import minor_digits
from bot.types import Money

#: The largest payment that is believed, in minor units: a hundred million dollars. More is a broken field.
MAX_MINOR = 10**10


def count(value: object, most: int = 10**9) -> int | None:
    """Return a count that a platform sent as a number or as digits; None unless it is whole, from 0 to ``most``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= most else None


def bits(n: int, rates: Rates) -> Money:
    """Return what ``n`` bits are worth."""
    return _money(n * rates.bit, rates.currency)


def sub(tier: str, n: int, rates: Rates) -> Money:
    """Return what ``n`` subscriptions are worth. Tiers: "1000", "2000", "3000", and "Prime", which pays as "1000"."""
    each = {"2000": rates.sub_2000, "3000": rates.sub_3000}.get(tier, rates.sub_1000)
    return _money(each * n, rates.currency)


def gold(n: float, rates: Rates) -> Money:
    """Return what gold seeds of Bilibili are worth; by default a thousand are one yuan."""
    return _money(n * rates.gold, "CNY")


def yuan(n: int) -> Money:
    """Return the money of a super chat, which is paid in whole yuan."""
    return _money(n * 100, "CNY")


def guard(level: int, months: int, rates: Rates) -> Money:
    """Return what months as governor (1), admiral (2) or captain (3) are worth."""
    each = {1: rates.guard_1, 2: rates.guard_2}.get(level, rates.guard_3)
    return _money(each * months, "CNY")


def convert_minor(value: int, digits: int, currency: str) -> Money:
    """Return an amount counted in units of 10^-``digits`` as `Money`; a part of a minor unit is left out."""
    more = minor_digits(currency) - digits
    minor = value * 10**more if more >= 0 else value // 10**-more
    return Money(max(0, min(MAX_MINOR, minor)), currency)


def _money(hundredths: float, currency: str) -> Money:
    minor = hundredths * 10 ** (minor_digits(currency) - 2)
    return Money(max(0, min(MAX_MINOR, round(minor))), currency)

"""What was paid, in money: the platforms' own units by the table that the user can change."""

from __future__ import annotations

from bot.sources.settings import Rates
from bot.types import Money

#: No payment is larger, in hundredths: a hundred million of any currency. More is a broken field.
MAX_MINOR = 10**10


def count(value: object, most: int = 10**9) -> int | None:
    """Read a count that a platform sent: a whole number from 0 to ``most``, as a number or in digits; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= most else None


def bits(n: int, rates: Rates) -> Money:
    """Bits of a cheer."""
    return _money(n * rates.bit, rates.currency)


def sub(tier: str, n: int, rates: Rates) -> Money:
    """``n`` subscriptions of a tier: "1000", "2000", "3000", or "Prime", which pays as the first."""
    each = {"2000": rates.sub_2000, "3000": rates.sub_3000}.get(tier, rates.sub_1000)
    return _money(each * n, rates.currency)


def gold(n: float, rates: Rates) -> Money:
    """Bilibili's gold seeds: a thousand are one yuan."""
    return _money(n * rates.gold, "CNY")


def yuan(n: int) -> Money:
    """Yuan of a super chat."""
    return _money(n * 100, "CNY")


def guard(level: int, months: int, rates: Rates) -> Money:
    """Months as governor (1), admiral (2) or captain (3)."""
    each = {1: rates.guard_1, 2: rates.guard_2}.get(level, rates.guard_3)
    return _money(each * months, "CNY")


def _money(minor: float, currency: str) -> Money:
    return Money(max(0, min(MAX_MINOR, round(minor))), currency)

"""The platforms' own units in money, in currencies of no, two and three digits after the point."""

from __future__ import annotations

import pytest

from bot.sources import rates
from bot.sources.settings import Rates
from bot.text.money import money
from bot.types import Money


@pytest.mark.parametrize(
    ("currency", "sub", "bits"),
    [
        ("USD", Money(599, "USD"), "1.50 USD"),
        ("JPY", Money(6, "JPY"), "2 JPY"),
        ("XAF", Money(6, "XAF"), "2 XAF"),
        ("KWD", Money(5990, "KWD"), "1.500 KWD"),
    ],
)
def test_rates_are_hundredths_of_any_currency(currency: str, sub: Money, bits: str) -> None:
    table = Rates(currency=currency)
    assert rates.sub("1000", 1, table) == sub
    assert money(rates.bits(150, table)) == bits


def test_yen_by_a_table_in_hundredths() -> None:
    table = Rates(currency="JPY", bit=150, sub_1000=59_900)
    assert rates.bits(100, table) == Money(150, "JPY")
    assert rates.sub("Prime", 2, table) == Money(1198, "JPY")


def test_yuan_have_two_digits() -> None:
    assert rates.gold(5000, Rates()) == Money(500, "CNY")
    assert rates.yuan(30) == Money(3000, "CNY")
    assert rates.guard(3, 2, Rates()) == Money(2 * 19_800, "CNY")


def test_no_amount_is_larger_than_the_bound_or_below_zero() -> None:
    assert rates.bits(10**9, Rates(bit=1000)).minor == rates.MAX_MINOR
    assert rates.convert_minor(10**10, 0, "KWD").minor == rates.MAX_MINOR
    assert rates.convert_minor(-5, 2, "USD").minor == 0
    assert rates.convert_minor(99, 2, "JPY").minor == 0


@pytest.mark.parametrize(("value", "found"), [(5, 5), ("12", 12), (3.0, 3), (0, 0)])
def test_counts(value: object, found: int) -> None:
    assert rates.count(value) == found


@pytest.mark.parametrize(
    "value", [True, -1, 2.5, float("nan"), float("inf"), "1e2", "-1", "\u0661", 10**30, None, [], ""]
)
def test_what_is_not_a_count(value: object) -> None:
    assert rates.count(value) is None

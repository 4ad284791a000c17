"""Amounts of money, written and spoken."""

from __future__ import annotations

import pytest

from bot.text.money import COUNTED, money, spoken_amount
from bot.types import Money


@pytest.mark.parametrize(
    ("amount", "english", "chinese", "japanese"),
    [
        (Money(499, "USD"), "4.99 dollars", "4.99美元", "4.99ドル"),
        (Money(500, "USD"), "5 dollars", "5美元", "5ドル"),
        (Money(100, "USD"), "1 dollar", "1美元", "1ドル"),
        (Money(100, "usd"), "1 dollar", "1美元", "1ドル"),
        (Money(3000, "CNY"), "30 yuan", "30元", "30元"),
        (Money(1000, "JPY"), "1000 yen", "1000日元", "1000円"),
        (Money(5000, "KRW"), "5000 won", "5000韩元", "5000ウォン"),
        (Money(250, "GBP"), "2.50 pounds", "2.50英镑", "2.50ポンド"),
        (Money(3000, "TWD"), "30 Taiwan dollars", "30新台币", "30台湾ドル"),
        (Money(3000, "HKD"), "30 Hong Kong dollars", "30港币", "30香港ドル"),
        (Money(300, "BITS"), "300 bits", "300个小奇点", "300ビッツ"),
        (Money(1, "BITS"), "1 bit", "1个小奇点", "1ビッツ"),
        (Money(10, "BATTERY"), "10 battery credits", "10电池", "10バッテリー"),
        (Money(50, "POINTS"), "50 points", "50点积分", "50ポイント"),
        (Money(40, "VIEWERS"), "40 viewers", "40位观众", "40人"),
        (Money(5, "EUR"), "0.05 euros", "0.05欧元", "0.05ユーロ"),
        (Money(1250, "SEK"), "12.50 SEK", "12.50 SEK", "12.50 SEK"),
        (Money(100, "ARS"), "1 ARS", "1 ARS", "1 ARS"),
        (Money(0, "USD"), "", "", ""),
        (Money(-5, "USD"), "", "", ""),
    ],
)
def test_amounts_are_worded_for_a_voice(amount: Money, english: str, chinese: str, japanese: str) -> None:
    assert [spoken_amount(amount, language) for language in ("en", "zh", "ja")] == [english, chinese, japanese]
    assert spoken_amount(amount, "ko") == english


@pytest.mark.parametrize("currency", sorted(COUNTED | {"USD", "EUR", "GBP", "CNY", "JPY", "KRW", "TWD", "HKD"}))
def test_each_language_has_its_own_words(currency: str) -> None:
    english, *others = (spoken_amount(Money(700, currency), language) for language in ("en", "zh", "ja"))
    assert not [text for text in others if text == english or text.isascii()]


def test_amounts_are_written_for_people() -> None:
    amounts = (Money(499, "USD"), Money(500, "jpy"), Money(100, "BITS"), Money(-499, "USD"))
    assert [money(amount) for amount in amounts] == ["4.99 USD", "500 JPY", "100 BITS", "-4.99 USD"]

"""Prices in English."""

from __future__ import annotations

import re

from bot.voice.reading.english.numbers import cardinal, number, pair
from bot.voice.reading.units import MONEY, ZEROS, multiplied


def price(m: re.Match[str]) -> str:
    """Read a price: groups ``sign`` and ``n``, and perhaps ``zeros`` ("k") and ``big`` ("million")."""
    return (" " if m.string[: m.start()][-1:].isalnum() else "") + _price(m)


def _price(m: re.Match[str]) -> str:
    names, amount, zeros = MONEY[m["sign"]], m["n"], m["zeros"]
    if zeros and zeros.lower() in ("m", "b", "bn"):
        return f"{number(amount)} {'million' if zeros in 'mM' else 'billion'} {names.many}"
    if zeros and zeros in ZEROS:
        amount = multiplied(amount, zeros)
    if big := (m.groupdict().get("big") or ""):
        return f"{number(amount)} {big} {names.many}"
    whole, point, cents = amount.replace(",", "").partition(".")
    if not point or not names.cent or len(cents) != 2:
        return f"{number(amount)} {names.one if amount == '1' else names.many}"
    part = f"{pair(int(cents))} {names.cent if cents == '01' else names.cents}"
    if not int(whole):
        return part if int(cents) else f"zero {names.many}"
    full = f"{cardinal(whole)} {names.one if int(whole) == 1 else names.many}"
    return f"{full} and {part}" if int(cents) else full

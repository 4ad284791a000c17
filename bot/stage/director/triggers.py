"""What happens in a show, and which cues it sets off."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.stage.director.settings import Cue, ShowEvent, When, amount_of, listed
from bot.types import GIFT_SUB, Message, Money, Role

#: Letters of scripts that are written without spaces: a word of theirs is found within others.
_NO_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


#: What may stand before the name of a command, whatever `commands.prefix` is.
_SIGNS: Final = re.compile(r"^[^\w\s@]{1,3}(?=\w)")


class Trigger(StrEnum):
    """The ways in which a cue is set off."""

    EVENT = "event"
    SEGMENT = "segment"
    STATE = "state"
    SCENE = "scene"
    COMMAND = "command"
    SAID = "said"
    WATCHDOG = "watchdog"


#: Those that are found by a name. What was said is searched.
_BY_NAME = tuple(trigger for trigger in Trigger if trigger is not Trigger.SAID)


@dataclass(frozen=True, slots=True)
class Whom:
    """The message that a cue speaks of: what is deleted on its platform leaves the picture too."""

    source: str = ""
    message: str = ""
    author: str = ""


#: A cue speaks of nobody.
NOBODY = Whom()


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that may set off cues. ``names`` are all that it may be called; ``chain`` the cues that led to it.

    ``amounts`` are a platform's word, never a viewer's.
    """

    trigger: Trigger
    names: tuple[str, ...]
    begins: bool = True
    amounts: tuple[Money, ...] = ()
    item: str = ""
    roles: frozenset[Role] = frozenset()
    values: Mapping[str, object] = field(default_factory=dict)
    whom: Whom = NOBODY
    chain: tuple[str, ...] = ()


def events_of(message: Message) -> tuple[str, ...]:
    """Return what a message is called as an event; empty for a line of chat."""
    names = [message.kind.value] if message.kind.value in set(ShowEvent) else []
    if message.evidence is not None and message.evidence.item == GIFT_SUB:
        names.append(ShowEvent.GIFT_SUB)
    if message.paid:
        names.append(ShowEvent.PAID)
    return tuple(names)


def amounts_of(message: Message) -> tuple[Money, ...]:
    """Return what was paid, as its platform attests: the money, and what it counts instead."""
    units = message.evidence.units if message.evidence else None
    return tuple(amount for amount in (message.amount, units) if amount is not None)


class Triggers:
    """Finds the cues that something sets off, by one look into a table."""

    def __init__(self, cues: Mapping[str, Cue]) -> None:
        self._table: dict[tuple[Trigger, str], list[tuple[str, _Condition]]] = {}
        self._said: list[tuple[str, re.Pattern[str]]] = []
        self._turn = ""
        self._said_in_turn: set[str] = set()
        #: The cues that the model may ask for, with when it may, in words for the model.
        self.tools: dict[str, str] = {}
        for name, cue in cues.items():
            for when in cue.triggers:
                self._add(name, when)

    def _add(self, name: str, when: When) -> None:
        condition = _Condition(when)
        for trigger in _BY_NAME:
            for wanted in listed(getattr(when, trigger.value)):
                # A scene is named exactly; all else as people write it.
                key = wanted if trigger is Trigger.SCENE else _without_sign(wanted.casefold())
                self._table.setdefault((trigger, key), []).append((name, condition))
        self._said += [(name, _spoken(words)) for words in listed(when.said)]
        if when.tool:
            self.tools[name] = when.tool

    def set_off(self, happening: Happening) -> Iterator[str]:
        """Yield the cues that something sets off, each once."""
        found: set[str] = set()
        paid = {one.currency.upper(): one.minor for one in sorted(happening.amounts, key=lambda one: one.minor)}
        for given in happening.names:
            key = given if happening.trigger is Trigger.SCENE else given.casefold()
            for name, condition in self._table.get((happening.trigger, key), ()):
                if name not in found and condition.meets(happening, paid):
                    found.add(name)
                    yield name

    def said(self, turn: str, text: str, *, complete: bool) -> Iterator[str]:
        """Yield the cues whose words were heard, each once in a turn.

        ``text`` is what was heard of the turn so far. While it goes on, its last word may still become another.
        """
        if not self._said:
            return
        if turn != self._turn:
            self._turn, self._said_in_turn = turn, set()
        heard = _folded(text)
        for name, pattern in self._said:
            if name not in self._said_in_turn and any(
                complete or found.end() < len(heard) for found in pattern.finditer(heard)
            ):
                self._said_in_turn.add(name)
                yield name


class _Condition:
    """What must be true beside the name."""

    def __init__(self, when: When) -> None:
        least = [amount_of(text) for text in listed(when.at_least)]
        # Of two amounts in one currency the smaller counts.
        self._at_least = {one.currency: one.minor for one in sorted(least, key=lambda one: -one.minor)}
        self._items = {item.casefold() for item in listed(when.item)}
        self._roles = frozenset(when.roles) if when.command else frozenset()
        self._begins = when.at == "begins"

    def meets(self, happening: Happening, paid: Mapping[str, int]) -> bool:
        """Return whether it is so; ``paid`` are the amounts by currency. Called a thousand times a second."""
        if happening.begins != self._begins:
            return False
        if self._roles and self._roles.isdisjoint(happening.roles):
            return False
        if self._items and happening.item.casefold() not in self._items:
            return False
        if not self._at_least:
            return True
        for currency, minor in paid.items():  # noqa: SIM110 - a generator costs more than the look
            if minor >= self._at_least.get(currency, math.inf):
                return True
        return False


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _spoken(words: str) -> re.Pattern[str]:
    """Return a pattern that finds words as words: "art" is not in "start"."""
    folded = _folded(words)
    before = "" if not folded[:1].isalnum() or _NO_SPACES.match(folded[:1]) else r"(?<!\w)"
    after = "" if not folded[-1:].isalnum() or _NO_SPACES.match(folded[-1:]) else r"(?!\w)"
    return re.compile(before + re.escape(folded) + after)


def _without_sign(name: str) -> str:
    """Return a name without the signs before it, as somebody may write a command: "!confetti"."""
    bare = _SIGNS.sub("", name)
    return bare or name

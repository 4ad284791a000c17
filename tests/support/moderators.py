"""Moderators for tests. What never changes (word lists, weights) is read once for all of them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import cache

from moderation import Mode, Moderator, Policy, Rule
from moderation.corrections.allowances import Allowances


@cache
def _shared() -> Moderator:
    return Moderator()


def make_moderator(policy: Policy | None = None, *, on_air: Iterable[str] = ()) -> Moderator:
    """Return a moderator with a policy and corrections of its own."""
    made = copy.copy(_shared())
    made.allowances = Allowances()
    made._on_air = tuple(on_air)
    if policy is not None or on_air:
        made._policies = made._compile(policy or Policy())
    return made


@cache
def make_lists() -> Moderator:
    """Return one without the classifier, to read only: what the rules find must not hang on what a model thinks."""
    return make_moderator(Policy(rules={Rule.CLASSIFIER: Mode.OFF}))

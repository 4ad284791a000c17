"""Offers that nobody asked for: followers, viewers, easy money, cheats; in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import yaml
from ahocorasick_rs import AhoCorasick

from moderation.lexicon import Finding
from moderation.policy import Category, Severity
from moderation.views import HAN, Tables, View, squashed


class Offers:
    """The patterns of ``lexicons/selling.yaml``, ready to use."""

    def __init__(self, tables: Tables) -> None:
        source = resources.files("moderation").joinpath("lexicons", "selling.yaml")
        raw: dict[str, Any] = yaml.safe_load(source.read_text("utf-8"))
        parts: dict[str, str] = raw["parts"]
        self._tables = tables
        self._english = _Language(raw["en"], parts, spelt=True)
        self._chinese = _Language(raw["zh"], parts, spelt=False)

    def find(self, folded: View) -> Iterator[Finding]:
        """Find offers, in letters of the original."""
        yield from self._english.find(folded)
        if not folded.text.isascii() and HAN.search(folded.text):
            joined = self._tables.joined(folded)
            yield from self._chinese.find(self._tables.whole(joined) or joined)


class _Language:
    def __init__(self, raw: dict[str, list[str]], parts: dict[str, str], *, spelt: bool) -> None:
        self._spelt = spelt
        self._hints = AhoCorasick(raw["hints"]).find_matches_as_indexes
        self._patterns = []
        for pattern in raw["patterns"]:
            for name, part in parts.items():
                pattern = pattern.replace(name, part)  # noqa: PLW2901 - put together
            self._patterns.append(re.compile(pattern))

    def find(self, view: View) -> Iterator[Finding]:
        if not self._hints(view.text):
            return
        forms = [view]
        if self._spelt and (plain := squashed(view, keep=1)) is not None:
            forms.append(plain)
        for form in forms:
            for pattern in self._patterns:
                if found := pattern.search(form.text):
                    yield Finding("selling", Category.SPAM, Severity.SERIOUS, *form.original(*found.span()))
                    return

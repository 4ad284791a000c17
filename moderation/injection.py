"""How much a viewer's line looks like an order to the model. A risk, not a proof: no pattern stops all of them."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import yaml
from ahocorasick_rs import AhoCorasick


class Detector:
    """The patterns of ``lexicons/injection.yaml``, ready to use."""

    def __init__(self) -> None:
        source = resources.files("moderation").joinpath("lexicons", "injection.yaml")
        raw: dict[str, Any] = yaml.safe_load(source.read_text("utf-8"))
        self._hints = AhoCorasick(raw["hints"])
        self._patterns = tuple(
            (weight, name, re.compile(pattern.replace("PRIOR", raw["prior"]).replace("RULES", raw["rules"])))
            for name, patterns in raw["patterns"].items()
            for weight, pattern in patterns
        )

    def risk(self, folded: str) -> tuple[float, list[tuple[str, int, int]]]:
        """Give the risk, 0..1, for a folded text, and what it comes from: a name and a span each."""
        if not self._hints.find_matches_as_indexes(folded):
            return 0.0, []
        clear = 1.0
        found: list[tuple[str, int, int]] = []
        for weight, name, pattern in self._patterns:
            if match := pattern.search(folded):
                clear *= 1 - weight
                found.append((name, *match.span()))
        return 1 - clear, found

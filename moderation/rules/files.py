"""Reads the word lists of this package."""

from __future__ import annotations

from importlib import resources
from typing import Any, Final

import yaml

#: The parser in C reads the lists in 0.06 s, the one in Python in 0.8 s. A PyYAML that was built without libyaml has
#: the second one only.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_lexicon(name: str) -> dict[str, Any]:
    """Return what a file of ``lexicons/`` holds, by the names of its sections."""
    text = resources.files("moderation").joinpath("lexicons", name).read_text("utf-8")
    found: dict[str, Any] = yaml.load(text, _LOADER)  # noqa: S506 - both are safe loaders
    return found

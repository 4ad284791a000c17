"""What the scripts learn from is read and made once for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from scripts.train import english


@pytest.fixture(scope="module", autouse=True)
def lines_made_once() -> Iterator[None]:
    """Keep the lines of the files and of the grammars: nothing changes them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("own", "ruled"):
            patch.setattr(english, name, cache(getattr(english, name)))
        yield

"""The newest lines of chat, and which of them look like another one.

Comparing two lines letter by letter takes a tenth of a microsecond, and there may be hundreds. So the letters
are counted first: of two lines that are nearly equal, nearly all letters are the same, in whatever order.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

H = TypeVar("H", bound=Hashable)

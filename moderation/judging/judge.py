"""What a slower judge of texts is, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from moderation.verdict import Direction

#: The longest text for a judge, in characters. A chat line, or a clause with those before it, is shorter.
MAX_JUDGED = 1000


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely a text is bad, 0..1, and in which of `moderation.Category`, the likeliest first."""

    probability: float
    categories: tuple[str, ...] = ()


class JudgeError(Exception):
    """A judge could not be asked, or sent no proper answer.

    ``fatal``: it refused, as it does for a wrong key or a missing model. ``retry_after_s`` is the pause that it asked
    for, in seconds; 0 when it asked for none.
    """

    def __init__(self, message: str, *, remedy: str = "", fatal: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.fatal = fatal
        self.retry_after_s = retry_after_s


class Judge(Protocol):
    """A service or model that can tell whether a text is bad."""

    async def judge(self, text: str, direction: Direction) -> Opinion | None:
        """Judge a text; None when the judge has no opinion. Raises `JudgeError` alone; may be cancelled."""
        ...

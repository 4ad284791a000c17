"""What a slower judge of texts is, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from moderation.verdict import Direction

#: No more of a text is sent to a judge: a clause with its window, or a chat line, is shorter.
MAX_JUDGED = 1000


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely a text is bad, 0..1, and in which of `moderation.Category`, the likeliest first."""

    probability: float
    categories: tuple[str, ...] = ()


class JudgeError(Exception):
    """A judge could not be asked, or sent no proper answer. ``fatal``: it never will until a person acts."""

    def __init__(self, message: str, *, remedy: str = "", fatal: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.remedy, self.fatal, self.retry_after_s = remedy, fatal, retry_after_s


class Judge(Protocol):
    """Somebody who can tell whether a text is bad."""

    async def judge(self, text: str, direction: Direction) -> Opinion | None:
        """Judge a text; None when the judge has no opinion. Raises `JudgeError` alone; may be cancelled."""
        ...

"""What one call of a provider took, and the face of whoever counts it and says who may be asked.

What a call is for stands in the context of the task that makes it: `calling_for` and `paid_for` set it, so that
neither a prompt nor a clause needs to carry it through all the parts between.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.types import Prompt


class ProviderKind(StrEnum):
    """A kind of provider whose calls are counted."""

    LLM = "llm"
    TTS = "tts"


class CallPurpose(StrEnum):
    """What a call is for."""

    REPLY = "reply"  # words of the show
    SPEECH = "speech"  # sound of the show
    PAID = "paid"  # words and sound that answer or thank for money
    DRAFT = "draft"  # an answer that is begun before the streamer has said all
    NIGHT = "night"  # pieces for the night bank, and their sound
    JUDGE = "judge"  # the host's own model as a judge
    MEMORY = "memory"  # what is made of what was heard, in quiet moments
    GLANCE = "glance"  # pictures that the host looks at of its own accord
    BESIDE = "beside"  # other questions beside the show


#: What the show can do without when money is short.
EXTRAS = frozenset({CallPurpose.DRAFT, CallPurpose.NIGHT, CallPurpose.MEMORY, CallPurpose.GLANCE})


@dataclass(frozen=True, slots=True)
class Consumption:
    """What one call took: tokens of a model, or the ``spoken`` text of a voice. ``estimated``: no provider counted."""

    kind: ProviderKind
    link: str
    purpose: CallPurpose
    prompt: int = 0
    completion: int = 0
    spoken: str = ""
    estimated: bool = False


class Governor(Protocol):
    """Who counts, and says which link may be asked. Nothing here waits or raises."""

    def rank(self, kind: ProviderKind, link: str, purpose: CallPurpose) -> float | None:
        """Return when a link is asked, the lowest first, equal ones in their order; None: not at all."""
        ...

    def fitted(self, prompt: Prompt, purpose: CallPurpose) -> Prompt:
        """Return the prompt with the length of an answer that can be afforded."""
        ...

    def count(self, consumption: Consumption) -> None:
        """Count a call that is over."""
        ...


class Ungoverned:
    """Lets everything pass and counts nothing."""

    def rank(self, kind: ProviderKind, link: str, purpose: CallPurpose) -> float | None:  # noqa: ARG002
        """Return 0: the links are asked in their order."""
        return 0.0

    def fitted(self, prompt: Prompt, purpose: CallPurpose) -> Prompt:  # noqa: ARG002
        """Return the prompt as it is."""
        return prompt

    def count(self, consumption: Consumption) -> None:
        """Do nothing."""


_purpose: ContextVar[CallPurpose | None] = ContextVar("purpose", default=None)


def purpose_now(usual: CallPurpose) -> CallPurpose:
    """Return what a call of this task is for; ``usual`` where nobody said."""
    return _purpose.get() or usual


@contextmanager
def calling_for(purpose: CallPurpose) -> Iterator[None]:
    """Say what the calls within the block are for. What belongs to money that was paid stays that."""
    token = _purpose.set(purpose if _purpose.get() is not CallPurpose.PAID else CallPurpose.PAID)
    try:
        yield
    finally:
        _purpose.reset(token)


@contextmanager
def paid_for(paid: bool) -> Iterator[None]:
    """Say that the calls within the block, and of the tasks begun there, are for money that was ``paid``."""
    token = _purpose.set(CallPurpose.PAID if paid else _purpose.get())
    try:
        yield
    finally:
        _purpose.reset(token)

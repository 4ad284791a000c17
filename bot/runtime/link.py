"""One provider in a chain: whether it may be asked now, and how long it rests after a failure."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import FatalError, HaishinError, ProviderError, QuotaError, TransientError

#: The rest after a `FatalError`, in seconds: the first, and the longest. Gateways and local servers answer 401, 403
#: and 404 for a moment while they start or load a model, so even these errors are tried again.
FATAL_REST_S, FATAL_CAP_S = 30.0, 300.0
#: For so long a link that said that it is back is not asked that again, in seconds: the first time, and the longest.
REVIVED_S, REVIVED_CAP_S = 3.0, 60.0

P = TypeVar("P")


class ProviderState(StrEnum):
    """How a provider stands, as the control room shows it."""

    UP = "up"
    #: It failed and is asked again after a short while.
    RESTING = "resting"
    #: It refused us or could not be opened; it is tried again after a longer while.
    DOWN = "down"


class LinkConfig(BaseModel):
    """The chain's own options of a link; all others of an entry belong to the provider."""

    model_config = ConfigDict(extra="forbid")

    first_s: float | None = Field(
        None,
        gt=0,
        le=120,
        description="longest wait for the first piece, or for a sign that the model still reads or thinks; unset: 2.5 "
        "for a model, 2 for a voice, and much longer for the last link, behind which there is nobody",
    )
    gap_s: float | None = Field(
        None, gt=0, le=120, description="longest wait for a later piece; unset: 6 for a model, 2.5 for a voice"
    )
    total_s: float | None = Field(None, gt=0, le=600, description="longest answer in all; unset: 90")


class RestPolicy(NamedTuple):
    """When a failing link rests, and for how long in seconds: ``first_s``, doubling up to ``cap_s``."""

    first_s: float = 5.0
    cap_s: float = 120.0
    #: Failures in a row after which a link rests.
    after: int = 1
    #: After a rest a link gets one question at a time, even when no other link could answer meanwhile.
    one_probe: bool = False


class LinkState(NamedTuple):
    """A link as the control room shows it.

    ``next_try_s`` is the time in seconds until it is tried again: 0 with the next question, None when only a person
    can help it (`retry_now`).
    """

    name: str
    state: ProviderState
    detail: str
    next_try_s: float | None


class UnusableError(TransientError):
    """The provider answered, but the answer is of no use. That may be the question's fault: no rest follows."""


@dataclass(slots=True)
class Link(Generic[P]):
    """A provider in a chain, and how it has been doing. ``provider`` is None while it is not open."""

    name: str
    provider: P | None
    config: LinkConfig
    detail: str = ""
    #: The last failure was a `FatalError`, or the provider could not be opened.
    down: bool = False
    #: Failures in a row, and how many of them were fatal.
    failures: int = 0
    refusals: int = 0
    #: On the chain's clock; infinite when it is not tried again by itself.
    rests_until: float = 0.0
    #: It failed before, and a question is on its way that may bring it back.
    proving: bool = False
    #: How often it said that it is back since its last answer, and until when it is not asked whether it is.
    revivals: int = 0
    left_alone_until: float = 0.0
    #: Opens a provider that is not open; returns when that was tried.
    reopen: Callable[[], Awaitable[None]] | None = None

    def succeeded(self) -> None:
        """Forget all earlier failures."""
        self.failures = self.refusals = self.revivals = 0
        self.rests_until = self.left_alone_until = 0.0
        self.detail, self.down = "", False

    def revived(self, now: float) -> None:
        """End its rest, because it said that it is back. Its failures are forgotten with its first answer alone."""
        if not (self.failures or self.down or now < self.rests_until):
            return
        self.rests_until = 0.0
        self.detail, self.down = "", False
        self.left_alone_until = now + _doubled(REVIVED_S, REVIVED_CAP_S, self.revivals + 1)
        self.revivals += 1

    def failed(self, error: Exception, now: float, rests: RestPolicy) -> None:
        """Count a failure, and rest when the policy says so.

        Questions that were on their way when the rest began fail with it; they do not make it longer.
        """
        self.detail = reason(error)
        fatal = isinstance(error, FatalError)
        counts = not isinstance(error, UnusableError) and (now >= self.rests_until or (fatal and not self.down))
        self.failures += counts
        self.refusals += counts and fatal
        if fatal:
            self.down = True
            rest = _doubled(FATAL_REST_S, FATAL_CAP_S, self.refusals)
        else:
            self.down = self.down and now < self.rests_until
            rest = _doubled(rests.first_s, rests.cap_s, self.failures - rests.after + 1)
            # Who asks for no pause at all, or for one that is over by its clock, gets the usual one.
            if isinstance(error, QuotaError) and error.retry_after_s:
                rest = error.retry_after_s
                self.left_alone_until = max(self.left_alone_until, now + rest)
        self.rests_until = max(self.rests_until, now + rest)

    def not_opened(self, error: Exception, now: float, *, for_good: bool) -> float:
        """Count an attempt to open it that failed; return for how many seconds it rests. ``for_good``: for ever."""
        self.detail, self.down, self.provider = reason(error), True, None
        self.failures += 1
        self.refusals += 1
        rest = math.inf if for_good else _doubled(FATAL_REST_S, FATAL_CAP_S, self.refusals)
        self.rests_until = now + rest
        return rest

    def state(self, now: float) -> LinkState:
        """Describe it."""
        left = max(0.0, self.rests_until - now)
        if not self.down and not left:
            return LinkState(self.name, ProviderState.UP, self.detail, 0.0)
        state = ProviderState.DOWN if self.down else ProviderState.RESTING
        if math.isinf(left):
            return LinkState(self.name, state, self.detail, None)
        when = f"next try in {max(1, round(left))} s" if left else "next try with the next question"
        if not left and self.provider is None:
            when = "being opened"
        return LinkState(self.name, state, f"{when}: {self.detail}", left)


def _doubled(first_s: float, cap_s: float, times: int) -> float:
    """Return ``first_s`` for the first time, twice of it for the second, and so on; 0 before the first."""
    return min(cap_s, first_s * 2 ** min(10, times - 1)) if times > 0 else 0.0


def as_provider_error(error: Exception, provider: str) -> ProviderError:
    """Return what a provider raised as a `ProviderError`: its library's errors must not end the show."""
    if not isinstance(error, ProviderError):
        remedy = error.remedy if isinstance(error, HaishinError) else ""
        said = str(error)[:200]
        words = said if isinstance(error, HaishinError) and said else f"{type(error).__name__}: {said}"
        error = TransientError("no answer in time" if isinstance(error, TimeoutError) else words, remedy=remedy)
    error.provider = provider
    return error


def reason(error: Exception) -> str:
    """Return an error and its remedy in one line."""
    if isinstance(error, HaishinError):
        return f"{error} {error.remedy}".strip() or type(error).__name__
    return f"{type(error).__name__}: {error}"

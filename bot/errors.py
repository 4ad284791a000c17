"""Every error that Haishin raises on purpose.

    HaishinError
    ├── ConfigError          a setting is wrong; says the file, the line and the key
    ├── ProviderError        a part outside of us failed
    │   ├── TransientError   worth trying again soon (a reset, a 503, a stall)
    │   ├── QuotaError       worth trying again later (429, out of credit)
    │   └── FatalError       trying again at once cannot help (a wrong key, a missing model)
    └── Refused              somebody asked for what is not allowed or does not fit

A provider maps its library's errors to these. An error is never spoken and never stored as speech.
"""

from __future__ import annotations


class HaishinError(Exception):
    """Root of the tree. ``remedy`` is one sentence that tells a person what to do next."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class ConfigError(HaishinError):
    """A setting is missing, unknown or of the wrong shape."""


class ProviderError(HaishinError):
    """A language model, a voice or a service failed. ``provider`` is its name in the configuration."""

    def __init__(self, message: str, *, provider: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.provider = provider


class TransientError(ProviderError):
    """Passing: the next attempt, or the next provider of the chain, may succeed."""


class QuotaError(ProviderError):
    """A limit was reached. ``retry_after_s`` is the provider's own word for when to come back, or None."""

    def __init__(
        self, message: str, *, provider: str = "", remedy: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, provider=provider, remedy=remedy)
        self.retry_after_s = retry_after_s


class FatalError(ProviderError):
    """Permanent until a person changes something."""


class Refused(HaishinError):  # noqa: N818 - no failure: the answer to a wish
    """The request is well understood and declined."""

"""What is the same for all providers over HTTP, whichever library they use: refusals, trust, idle connections."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

import certifi

from bot.errors import FatalError, ProviderError, QuotaError, TransientError

T = TypeVar("T")

#: The longest pause that a service may ask for, in seconds.
_MAX_RETRY_AFTER_S = 3600.0
#: An idle connection is kept for so long, in seconds: a new one to a cloud costs the first word two or three round
#: trips. Common servers and balancers close theirs after 60 s and more; one that we close first is never used too late.
KEPT_ALIVE_S = 55.0
#: No more of a service's own words stands in an error.
_MAX_WORDS = 300


def refused(
    status: int, said: str, *, provider: str, key_remedy: str, missing_remedy: str, retry_after: str | None = None
) -> ProviderError:
    """Return the error for an answer with a status that is no success.

    ``said`` is the service's own words, ``retry_after`` its header Retry-After. A refused key (401, 403) and a missing
    address or model (404, 405) are a `FatalError` with the provider's own remedies; a limit (402, 429) is a
    `QuotaError`. Everything else is a `TransientError`, even another 400: one prompt that a filter dislikes must not
    take the provider away from the show. So is another address (301, 302, 307): the key is for this one alone.
    """
    said = " ".join("".join(char if char.isprintable() else " " for char in said[:_MAX_WORDS]).split())
    if status in (401, 403):
        return FatalError(f"the server refuses the key ({status})", provider=provider, remedy=key_remedy)
    if status in (404, 405):
        return FatalError(f"not found: {said}", provider=provider, remedy=missing_remedy)
    if status in (402, 429):
        return QuotaError(
            f"the limit is reached: {said}",
            provider=provider,
            remedy="Wait, or look at the account's limits and credit.",
            retry_after_s=retry_after_s(retry_after),
        )
    remedy = missing_remedy if 300 <= status < 400 and status != 304 else ""
    return TransientError(f"the server answered {status}: {said}", provider=provider, remedy=remedy)


def retry_after_s(header: str | None) -> float | None:
    """Parse the header Retry-After, seconds or a date, in seconds up to an hour. None when it is missing or neither."""
    if not header:
        return None
    try:
        wait = float(header)
    except ValueError:
        try:
            wait = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(_MAX_RETRY_AFTER_S, max(0.0, wait))


def pool(limits: Callable[..., T]) -> T:
    """Return the limits of a client's connections; ``limits`` is the class that its HTTP library has for them."""
    return limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=KEPT_ALIVE_S)


def is_on_this_machine(url: str) -> bool:
    """Return whether a URL leads to this machine. A proxy of the environment is for the internet, not for those."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def trust(url: str) -> ssl.SSLContext | bool:
    """Return what judges the certificate of a server: the machine's authorities, and those that certifi brings along.

    Some builds of Python find no authorities of the machine. An address without TLS needs none: then it is True.
    """
    if urlsplit(url).scheme != "https":
        return True
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context

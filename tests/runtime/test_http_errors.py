"""What a refused request means, and what a voice's check finds."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest

from bot.errors import FatalError, ProviderError, QuotaError, TransientError
from bot.runtime.http_errors import is_on_this_machine, refused, retry_after_s, trust
from bot.types import Pcm, Style
from bot.voice.check import speak_one_word
from tests.support.virtual import virtual


@pytest.mark.parametrize(
    ("status", "kind", "remedy"),
    [
        (400, TransientError, ""),
        (401, FatalError, "the key"),
        (402, QuotaError, "Wait, or look at the account's limits and credit."),
        (403, FatalError, "the key"),
        (404, FatalError, "the model"),
        (405, FatalError, "the model"),
        (429, QuotaError, "Wait, or look at the account's limits and credit."),
        (500, TransientError, ""),
        (503, TransientError, ""),
    ],
)
def test_each_status_has_one_meaning(status: int, kind: type[ProviderError], remedy: str) -> None:
    error = refused(status, "x" * 1000, provider="p", key_remedy="the key", missing_remedy="the model", retry_after="7")
    assert type(error) is kind
    assert (error.provider, error.remedy) == ("p", remedy)
    assert len(str(error)) < 400
    if isinstance(error, QuotaError):
        assert error.retry_after_s == 7


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("7", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("1e9", 3600),
        ("nan", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2399 07:28:00 GMT", 3600),
        ("Wed, 99 Oct 2015", None),
    ],
)
def test_the_pause_that_a_service_asks_for_is_bounded(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost", True),
        ("http://[::1]:1/v1", True),
        ("https://api.example.com/v1", False),
        ("https://localhost.example.com", False),
        ("no url", False),
    ],
)
def test_this_machine_is_known_by_its_addresses(url: str, here: bool) -> None:
    assert is_on_this_machine(url) is here


class Voice:
    """Makes one piece of sound after ``takes_s`` seconds, or raises."""

    languages = frozenset({"en"})

    def __init__(self, data: bytes = b"\0\0", takes_s: float = 0.0, error: ProviderError | None = None) -> None:
        self.data, self.takes_s, self.error = data, takes_s, error

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        await asyncio.sleep(self.takes_s)
        if self.error:
            raise self.error
        yield Pcm(self.data, 24_000)


@virtual
async def test_a_voice_is_checked_by_one_word() -> None:
    async def check(voice: Voice) -> tuple[bool, str, str]:
        health = await speak_one_word(voice, "speaks en", within_s=10, remedy="Wait.")  # type: ignore[arg-type]
        return health.ok, health.detail.partition(" (")[0], health.remedy

    assert await check(Voice()) == (True, "speaks en", "")
    assert await check(Voice(b"")) == (False, "it makes no sound", "")
    assert await check(Voice(takes_s=11)) == (False, "no sound within 10 s", "Wait.")
    assert await check(Voice(error=FatalError("no key", remedy="Set it."))) == (False, "no key", "Set it.")


def test_certificates_are_checked_against_authorities_that_are_there_on_every_machine() -> None:
    context = trust("https://api.example/v1")
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.cert_store_stats()["x509_ca"] > 50
    assert trust("http://127.0.0.1:8080/v1") is True

"""Speech sent to a service as a file, and its answer read with bounds: what recognisers online have in common."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import numpy as np

from bot.disclosure.wav import plain_wav
from bot.errors import TransientError
from bot.hearing.speech import RATE, Samples
from bot.runtime.http_errors import is_on_this_machine, refused

#: An answer has some hundred bytes; with the probability of each token some kilobytes.
MAX_BODY: Final = 1 << 20
_MAX_ERROR: Final = 4096


def wav(sound: Samples) -> bytes:
    """Return sound as a WAV file of 16 bits."""
    return plain_wav((np.clip(np.nan_to_num(sound), -1.0, 1.0) * 32767).astype("<i2").tobytes(), RATE)


def client(base_url: str, headers: dict[str, str], timeout_s: float) -> httpx.AsyncClient:
    """Return a client for a service, whose connection is kept between two utterances."""
    return httpx.AsyncClient(
        base_url=base_url.rstrip("/") + "/",
        headers=headers | {"Accept-Encoding": "identity"},
        timeout=httpx.Timeout(timeout_s, connect=5.0),
        limits=httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=300),
        trust_env=not is_on_this_machine(base_url),
    )


class Post:
    """A request to one provider; all that goes wrong becomes a `ProviderError` with its remedies."""

    def __init__(self, http: httpx.AsyncClient, provider: str, *, key_remedy: str, missing_remedy: str) -> None:
        self._http = http
        self._provider = provider
        self._key_remedy = key_remedy
        self._missing_remedy = missing_remedy

    async def json(self, path: str, **request: Any) -> dict[str, Any]:
        """Send and return the JSON object that comes back."""
        body = b""
        async with self.body(path, **request) as chunks:
            async for chunk in chunks:
                body += chunk
        return self.parse(body)

    @asynccontextmanager
    async def body(self, path: str, **request: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        """Send and stream what comes back, up to `MAX_BODY` bytes."""
        try:
            async with self._http.stream("POST", path, **request) as response:
                if response.status_code != 200:
                    raise refused(
                        response.status_code,
                        await _beginning(response),
                        provider=self._provider,
                        key_remedy=self._key_remedy,
                        missing_remedy=self._missing_remedy,
                        retry_after=response.headers.get("retry-after"),
                    )
                yield self._bounded(response)
        except httpx.TimeoutException as error:
            raise TransientError("the server did not answer in time", provider=self._provider) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise TransientError(
                f"the connection failed: {str(error) or type(error).__name__}",
                provider=self._provider,
                remedy=self._missing_remedy,
            ) from error

    def parse(self, body: bytes | str) -> dict[str, Any]:
        """Parse a JSON object. Raises `TransientError` for anything else."""
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise TransientError("the server sent no proper answer", provider=self._provider)
        return found

    async def _bounded(self, response: httpx.Response) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > MAX_BODY:
                raise TransientError("the server sent an answer without end", provider=self._provider)
            yield chunk


async def _beginning(response: httpx.Response) -> str:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ERROR:
            break
    return body[:_MAX_ERROR].decode("utf-8", "replace")

"""Embedders behind HTTP: one request for some texts, bounded in time and size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, cast

import httpx

from bot.errors import ProviderError, TransientError
from bot.mind.embedding.embedder import MAX_TEXT, Floats, checked
from bot.mind.embedding.vectors import vectors_of
from bot.runtime.http_errors import is_on_this_machine, pool, refused, trust
from bot.text.sanitize import fit
from bot.types import Health

#: Texts of one request.
BATCH: Final = 32
#: The longest answer, in bytes: 32 vectors of 4096 numbers, written out.
MAX_BODY: Final = 8 * 1024 * 1024


class ServedEmbedder:
    """An embedder that a server offers. ``body`` makes the request of some texts."""

    def __init__(
        self,
        name: str,
        client: httpx.AsyncClient,
        path: str,
        *,
        body: Callable[[list[str], bool], dict[str, Any]],
        timeout_s: float,
        remedies: tuple[str, str],
    ) -> None:
        self._provider, _, _ = name.partition(":")
        self._name = name
        self._client = client
        self._path = path
        self._body = body
        self._timeout_s = timeout_s
        self._remedies = remedies
        self._dimensions = 0

    @property
    def name(self) -> str:
        """The provider and the model."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Numbers of a vector; 0 until the first answer."""
        return self._dimensions

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return the vectors; see `Embedder.embed`."""
        parts = [fit(text, MAX_TEXT) or " " for text in texts]
        found = [await self._ask(parts[at : at + BATCH], query) for at in range(0, len(parts), BATCH)]
        rows = [row for vectors in found for row in vectors]
        return checked(rows, len(parts), self._provider, self._dimensions)

    def forget_dimensions(self) -> None:
        """Take whatever length the next answer has."""
        self._dimensions = 0

    async def check(self) -> Health:
        """Embed one word: there is no cheaper question that every server answers."""
        try:
            await self.embed(["ok"])
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        return Health(ok=True, detail=f"{self._name}, {self._dimensions} dimensions")

    async def _ask(self, texts: list[str], query: bool) -> Floats:
        try:
            async with asyncio.timeout(self._timeout_s):
                status, raw, pause = await self._post(self._body(texts, query))
        except TimeoutError:
            raise TransientError("the embedder did not answer in time", provider=self._provider) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = str(error) or type(error).__name__
            raise TransientError(
                f"no connection to the embedder: {what}", provider=self._provider, remedy=self._remedies[1]
            ) from error
        if status >= 300:
            said = raw[:300].decode("utf-8", "replace")
            key_remedy, missing_remedy = self._remedies
            raise refused(
                status,
                said,
                provider=self._provider,
                key_remedy=key_remedy,
                missing_remedy=missing_remedy,
                retry_after=pause,
            )
        vectors = checked(
            await asyncio.to_thread(self._vectors, raw, len(texts)), len(texts), self._provider, self._dimensions
        )
        self._dimensions = self._dimensions or vectors.shape[1]
        return vectors

    async def _post(self, body: dict[str, Any]) -> tuple[int, bytes, str | None]:
        async with self._client.stream("POST", self._path, json=body) as response:
            raw = bytearray()
            async with aclosing(cast("Any", response.aiter_bytes())) as chunks:
                async for chunk in chunks:
                    raw += chunk
                    if len(raw) > MAX_BODY:
                        raise TransientError("the embedder's answer has no end", provider=self._provider)
            return response.status_code, bytes(raw), response.headers.get("retry-after")

    def _vectors(self, raw: bytes, texts: int) -> Any:
        try:
            return vectors_of(_parsed(raw), texts)
        except (ValueError, TypeError, RecursionError) as error:
            raise TransientError(f"the embedder sent no proper answer: {error}", provider=self._provider) from None


def _parsed(raw: bytes) -> Any:
    """Parse JSON in whichever charset. Raises `ValueError` that tells what it is instead."""
    try:
        return httpx.Response(200, content=raw).json()
    except ValueError:
        raise ValueError(f"no JSON, but {raw[:60].decode('utf-8', 'replace')!r}") from None


@asynccontextmanager
async def client_of(base_url: str, key: str, timeout_s: float) -> AsyncIterator[httpx.AsyncClient]:
    """Make the client of a server, which is not asked before something is to be embedded."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(
        base_url=base_url.rstrip("/") + "/",
        headers=headers,
        timeout=httpx.Timeout(timeout_s, connect=5.0),
        limits=pool(httpx.Limits),
        trust_env=not is_on_this_machine(base_url),
        verify=trust(base_url),
        follow_redirects=False,
    ) as client:
        yield client

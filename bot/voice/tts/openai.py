"""Any server with OpenAI's ``/v1/audio/speech``: the cloud, or a local voice server that imitates it.

The sound is asked for as raw s16le and passed on as it arrives. The SDK is not used: reading the bytes straight from
the connection is what makes the first of them early.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import ProviderError, TransientError
from bot.runtime.http_errors import is_on_this_machine, trust
from bot.types import Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, merged, pace
from bot.voice.wire.connection import Service, beginning
from bot.voice.wire.sound import wav_sound

_MAX_ERROR_BYTES = 4096
_MAX_LIST_BYTES = 1 << 20
_SERVICE = Service("openai", "Check 'base_url' (it ends in /v1), 'model' and 'voice'.")


class Config(BaseModel):
    """Options of the voice ``openai``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("https://api.openai.com/v1", description="address of the API, usually ending in /v1")
    model: str = Field("gpt-4o-mini-tts", description="the model's name as the server knows it")
    api_key: SecretStr = Field(SecretStr("none"), description="key; local servers usually want none")
    voice: str = Field("alloy", description="the voice's name; empty: the persona's")
    voices: dict[Language, str] = Field({}, description="another voice for a language")
    languages: list[Language] = Field([], description="what the voice speaks; empty: everything")
    rate: int = Field(24_000, ge=8000, le=48_000, description="samples a second that the server sends as pcm")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    instructions: str = Field("", description="how to speak, for models that listen; {emotion} is filled in")
    extra_body: dict[str, Any] = Field({}, description="further parts of the request, sent as they are")
    timeout_s: float = Field(15.0, gt=0, le=300, description="longest silence of the connection")


class OpenAI:
    """The voice."""

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self.languages: frozenset[str] = frozenset(config.languages)
        self._config = config
        self._session = session

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound as it comes. A stream that ends too early raises `TransientError`."""
        try:
            async with AsyncExitStack() as stack:
                response = await stack.enter_async_context(self._request(text, style))
                if response.status != 200:
                    raise await _refused(response)
                async for pcm in _sound(response, self._config.rate):
                    yield pcm
        except TimeoutError as error:
            raise TransientError("the server did not answer in time", provider="openai") from error
        except aiohttp.ClientError as error:
            raise TransientError(
                f"the connection failed: {str(error) or type(error).__name__}",
                provider="openai",
                remedy="Check 'base_url', and that the server is running.",
            ) from error

    @asynccontextmanager
    async def _request(self, text: str, style: Style) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            response = await self._post(text, style)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            # The server had closed the connection that was kept: a new one, once.
            response = await self._post(text, style)
        async with response:
            yield response

    async def _post(self, text: str, style: Style) -> aiohttp.ClientResponse:
        url = f"{self._config.base_url.rstrip('/')}/audio/speech"
        return await self._session.post(url, json=self._body(text, style), allow_redirects=False)

    def _body(self, text: str, style: Style) -> dict[str, Any]:
        config = self._config
        voices = merged({}, config.voices)
        body: dict[str, Any] = {
            "model": config.model,
            "input": text,
            "voice": voices.get(style.language, config.voice) or style.voice or "alloy",
            "response_format": "pcm",
        }
        if (speed := pace(style, config.speed)) != 1.0:
            body["speed"] = round(speed, 2)
        if config.instructions:
            body["instructions"] = config.instructions.replace("{emotion}", style.emotion.value)
        return body | config.extra_body

    async def check(self) -> Health:
        """Speak one word."""
        where = f"{self._config.model} at {urlsplit(self._config.base_url).netloc}"
        return await speak_one_word(self, where, within_s=10, remedy="Check that the server is not overloaded.")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[OpenAI]:
    """Make a client and open its connection, which is kept, so that the first clause does not wait for it."""
    headers = {"Accept": "audio/pcm, application/octet-stream, */*", "Accept-Encoding": "identity"}
    if key := config.api_key.get_secret_value():
        headers["Authorization"] = f"Bearer {key}"
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=8, keepalive_timeout=300, ssl=trust(config.base_url)),
        headers=headers,
        timeout=aiohttp.ClientTimeout(sock_connect=5.0, sock_read=config.timeout_s),
        trust_env=not is_on_this_machine(config.base_url),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as session:
        with suppress(aiohttp.ClientError, TimeoutError):
            url = f"{config.base_url.rstrip('/')}/models"
            async with asyncio.timeout(2), session.get(url, allow_redirects=False) as response:
                await beginning(response, _MAX_LIST_BYTES)
        yield OpenAI(config, session)


async def _sound(response: aiohttp.ClientResponse, rate: int) -> AsyncIterator[Pcm]:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith(("text/", "application/json")) or kind in {"audio/mpeg", "audio/mp3", "audio/ogg", "audio/opus"}:
        raise TransientError(
            f"the server sent {kind} in place of raw sound",
            provider="openai",
            remedy="Use a server that can answer with response_format 'pcm' or 'wav'.",
        )
    # Some servers send a WAV file although raw sound was asked for.
    async for pcm in wav_sound(response.content.iter_any(), _SERVICE, raw_rate=rate):
        yield pcm


async def _refused(response: aiohttp.ClientResponse) -> ProviderError:
    """Read why the server refuses, and return the error."""
    body = await beginning(response, _MAX_ERROR_BYTES)
    return _SERVICE.refused(response.status, body.decode("utf-8", "replace"), response.headers)

"""Any server that speaks OpenAI's chat completions: the cloud, llama.cpp, vLLM, LM Studio, a gateway.

The SDK is not used: what imitates the API is forgiven more than an SDK forgives, and each word of a reply costs the
host a tenth of what it costs on the way through one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import FatalError, ProviderError, TransientError
from bot.mind.bounded_body import bounded
from bot.mind.chat_api import Bounds, functions, messages
from bot.mind.chat_chunks import ChunkReader
from bot.runtime.http_errors import is_on_this_machine, refused, trust
from bot.types import Delta, Health, Prompt, Tool

#: Longest wait for the end of a body whose last event has come, and for the list of models, in seconds.
_DRAIN_S: Final = 0.25
_LIST_S: Final = 5.0
#: What comes of a connection, and of an answer that is no JSON, or JSON of another shape.
_ERRORS: Final = (aiohttp.ClientError, TimeoutError, ValueError, TypeError, AttributeError)


class Config(BaseModel):
    """Options of the language model ``openai``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("https://api.openai.com/v1", description="address of the API, usually ending in /v1")
    model: str = Field(min_length=1, description="the model's name as the server knows it")
    api_key: SecretStr = Field(SecretStr("none"), description="key; local servers usually want none")
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = Field(
        "max_tokens", description="what the server calls the longest answer; OpenAI's newer models want the second"
    )
    temperature: float | None = Field(None, ge=0, le=2, description="unset: the show's own")
    usage: bool = Field(default=True, description="ask for the count of tokens; a few servers do not know this")
    grammar_field: str = Field("", description="where the server takes a GBNF grammar ('grammar' for llama.cpp's)")
    leave_out: list[str] = Field([], description="parts of the request that the server refuses, such as temperature")
    extra_body: dict[str, Any] = Field({}, description="further parts of the request, sent as they are")
    timeout_s: float = Field(30.0, gt=0, le=600, description="longest silence of the connection")


class OpenAI:
    """The language model."""

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self._config = config
        self._session = session

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer; tool calls come whole, at the end, before the usage.

        While the model thinks or writes a call, empty pieces come.
        """
        bounds, reader, answer, spoke = Bounds(prompt), ChunkReader(), _Answer(), False
        try:
            async with (
                self._request("POST", "chat/completions", json=self._body(prompt, tools)) as response,
                aclosing(cast("Any", answer.chunks(response))) as chunks,
            ):
                async for chunk in chunks:
                    for delta in reader.read(chunk):
                        yield delta
                        spoke = spoke or bool(delta.text)
                        if delta.text and bounds.spent(delta.text):
                            return
        except _ERRORS as error:
            raise _mapped(error) from error
        if not reader.finish and not answer.complete:
            raise TransientError("the answer broke off", provider="openai")
        for whole in reader.calls():
            spoke = True
            yield Delta(call=whole)
        if not spoke:
            raise TransientError(f"the answer was empty (finish reason: {reader.finish or 'none'})", provider="openai")
        if reader.usage:
            yield Delta(usage=reader.usage)

    def _body(self, prompt: Prompt, tools: Sequence[Tool]) -> dict[str, Any]:
        config = self._config
        body: dict[str, Any] = {
            "model": config.model,
            "messages": messages(prompt),
            "stream": True,
            config.max_tokens_field: prompt.max_tokens,
            "temperature": prompt.temperature if config.temperature is None else config.temperature,
        }
        if prompt.stop:
            body["stop"] = list(prompt.stop)
        if tools:
            body["tools"] = functions(tools)
        if config.usage:
            body["stream_options"] = {"include_usage": True}
        if config.grammar_field and prompt.grammar:
            body[config.grammar_field] = prompt.grammar
        elif prompt.schema:
            form = {"name": "answer", "strict": True, "schema": prompt.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return {k: v for k, v in body.items() if k not in config.leave_out} | config.extra_body

    async def check(self) -> Health:
        """Ask for the list of models, which costs nothing."""
        try:
            async with asyncio.timeout(_LIST_S), self._request("GET", "models") as response:
                listed = [str(model["id"]) for model in json.loads(await _whole(response)).get("data") or ()]
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        except (*_ERRORS, KeyError) as error:
            mapped = _mapped(error)
            return Health(ok=False, detail=str(mapped), remedy=mapped.remedy)
        if listed and self._config.model not in listed:
            some = ", ".join(sorted(listed)[:8])
            return Health(
                ok=False,
                detail=f"the server has no model {self._config.model!r}",
                remedy=f"Set 'model' to one of: {some}",
            )
        return Health(ok=True, detail=f"{self._config.model} at {urlsplit(self._config.base_url).netloc}")

    @asynccontextmanager
    async def _request(self, method: str, path: str, **body: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request, and give its answer. Raises a `ProviderError` for a refusal."""
        url = f"{self._config.base_url.rstrip('/')}/{path}"
        async with self._session.request(method, url, allow_redirects=False, **body) as response:
            if response.status >= 300:
                raise await _refused(response)
            yield response


class _Answer:
    """An answer on its way. ``complete`` tells whether the server said that this was all.

    Some gateways send ``[DONE]`` in place of a finish reason. Others keep the connection alive with events that have
    no data, or answer in one piece.
    """

    complete = False

    async def chunks(self, response: aiohttp.ClientResponse) -> AsyncIterator[object]:
        """Yield the chunks. Raises `ValueError` for what is no JSON, `TransientError` for an error in place of one."""
        if "json" in response.content_type:
            self.complete = True
            yield _chunk(await _whole(response))
            return
        async with aclosing(cast("Any", _events(_body_of(response)))) as events:
            async for data in events:
                if data.startswith(b"[DONE]"):
                    self.complete = True
                    break
                if data.strip():
                    yield _chunk(data)
            # The end of the body lets the connection be used again. Not every server sends it.
            with suppress(TimeoutError, ValueError, aiohttp.ClientError):
                async with asyncio.timeout(_DRAIN_S):
                    async for _ in events:
                        pass


async def _events(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the data of each server-sent event; names, numbers and comments are left out."""
    data: list[bytes] = []
    begun = b""
    async with aclosing(cast("Any", body)) as pieces:
        async for piece in pieces:
            lines = (begun + piece).splitlines(keepends=True)
            # A line that ends with a carriage return may go on with a line feed.
            begun = b"" if not lines or lines[-1].endswith(b"\n") else lines.pop()
            for line in lines:
                if line.startswith(b"data:"):
                    data.append(line[5:].strip())
                elif not line.strip() and data:
                    yield b"\n".join(data)
                    data.clear()
    if begun.startswith(b"data:"):
        data.append(begun[5:].strip())
    if data:
        yield b"\n".join(data)


def _chunk(data: bytes) -> object:
    """Parse a chunk. Raises `ValueError` for what is no JSON, and `TransientError` when it tells an error."""
    chunk = json.loads(data)
    if isinstance(chunk, dict) and (error := chunk.get("error")):
        said = error.get("message") if isinstance(error, dict) else error
        raise TransientError(f"the server broke off: {str(said)[:200]}", provider="openai")
    return chunk


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    return b"".join([piece async for piece in _body_of(response)])


def _body_of(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Return a body as it comes; of a refusal its beginning. It raises `TooLongError`."""

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in response.content.iter_any():
            yield piece

    return bounded(pieces(), refused=response.status >= 300)


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[OpenAI]:
    """Make a client. The server is not asked before a reply is wanted."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trust(config.base_url)),
        timeout=aiohttp.ClientTimeout(sock_connect=5.0, sock_read=config.timeout_s),
        trust_env=not is_on_this_machine(config.base_url),
        headers={"Authorization": f"Bearer {config.api_key.get_secret_value() or 'none'}"},
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield OpenAI(config, session)


async def _refused(response: aiohttp.ClientResponse) -> ProviderError:
    """Read why the server refuses, and return the error."""
    said = (await _whole(response)).decode("utf-8", "replace")
    with suppress(ValueError, TypeError, KeyError):
        said = str(json.loads(said)["error"]["message"])
    if response.status == 400 and "max_completion_tokens" in said:
        remedy = "Set 'max_tokens_field: max_completion_tokens'."
        return FatalError(said[:300], provider="openai", remedy=remedy)
    return refused(
        response.status,
        said,
        provider="openai",
        key_remedy="Is 'api_key' whole, and does it belong to this server?",
        missing_remedy="Check 'model' and 'base_url' (it ends in /v1).",
        retry_after=response.headers.get("retry-after"),
    )


def _mapped(error: Exception) -> ProviderError:
    if isinstance(error, TimeoutError):
        return TransientError("the server did not answer in time", provider="openai")
    if isinstance(error, aiohttp.ClientError) and not isinstance(error, aiohttp.ClientPayloadError):
        return TransientError(
            f"no connection: {str(error) or type(error).__name__}",
            provider="openai",
            remedy="Check 'base_url', and that the server is running.",
        )
    return TransientError(f"the server sent no proper answer: {str(error)[:200]}", provider="openai")

"""A model that Ollama serves."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import FatalError, ProviderError, TransientError
from bot.mind.bounded_body import limit_lines
from bot.mind.chat_api import Bounds, functions, messages
from bot.mind.chat_chunks import ChunkReader, ends, said_of, status_of
from bot.mind.event_stream import ObjectStream, answer_of
from bot.mind.local_servers import ollama_url
from bot.runtime.http_errors import is_on_this_machine, pool, refused, trust
from bot.types import Delta, Health, Prompt, Tool

#: What httpx raises, and the parsers for lines that are no JSON or JSON of another shape.
_ERRORS: Final = (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, AttributeError)
#: Ends that are none: the model was loaded or unloaded, and what was asked comes behind it if at all.
_NO_END: Final = frozenset({"load", "unload"})


class Config(BaseModel):
    """Options of the language model ``ollama``."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field("http://127.0.0.1:11434", description="address of the Ollama server")
    model: str = Field(min_length=1, description="the model's name as 'ollama list' shows it")
    api_key: SecretStr = Field(SecretStr(""), description="key, for a server that wants one; Ollama itself does not")
    keep_alive: str = Field("30m", description="how long Ollama keeps the model in memory after a reply; -1: for ever")
    think: bool = Field(default=False, description="let a reasoning model think first; viewers wait meanwhile")
    context: int = Field(4096, ge=256, le=1_000_000, description="tokens of prompt and answer together")
    temperature: float | None = Field(None, ge=0, le=2, description="unset: the show's own")
    options: dict[str, Any] = Field({}, description="further model options, as in an Ollama Modelfile")
    timeout_s: float = Field(30.0, gt=0, le=600, description="longest silence of the connection")


class _EmptyError(TransientError):
    """The model said nothing, which is no failure of `Ollama.warm`."""


class Ollama:
    """The language model. Its lines are read here: Ollama's own client takes an answer of one strict shape alone."""

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._config = config
        self._client = client

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer; tool calls come whole, at the end, before the usage.

        While the model thinks, empty pieces come.
        """
        bounds, reader, spoke = Bounds(prompt), ChunkReader(), False
        try:
            async with self._client.stream("POST", "api/chat", json=self._request(prompt, tools)) as response:
                if not response.is_success:
                    raise self._refused(response.status_code, await response.aread(), response.headers)
                async with aclosing(cast("Any", self._objects(response))) as objects:
                    async for found in objects:
                        for delta in reader.read(found):
                            yield delta
                            spoke = spoke or bool(delta.text)
                            if delta.text and bounds.spent(delta.text):
                                return
        except _ERRORS as error:
            raise self._mapped(error) from error
        if not (reader.finish or reader.whole):
            raise TransientError("the answer broke off", provider="ollama")
        for whole in reader.calls():
            spoke = True
            yield Delta(call=whole)
        if not spoke:
            why = f" ({reader.told})" if reader.told else ""
            raise _EmptyError(f"the answer was empty{why}", provider="ollama")
        if reader.usage:
            yield Delta(usage=reader.usage)

    async def _objects(self, response: httpx.Response) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the objects of an answer up to the one that ends it. Raises `ProviderError` for an error among them."""
        objects = ObjectStream(response.charset_encoding or "")
        async with aclosing(cast("Any", answer_of(response, objects, _is_last))) as read:
            async for found in read:
                if error := found.get("error"):
                    raise self._failed(error)
                yield found

    def _request(self, prompt: Prompt, tools: Sequence[Tool]) -> dict[str, Any]:
        config = self._config
        options: dict[str, Any] = {
            "num_ctx": config.context,
            "num_predict": prompt.max_tokens,
            "temperature": prompt.temperature if config.temperature is None else config.temperature,
        }
        if prompt.stop:
            options["stop"] = list(prompt.stop)
        alive: str | float = float(config.keep_alive) if config.keep_alive.lstrip("-").isdigit() else config.keep_alive
        body = {
            "model": config.model,
            "messages": messages(prompt, beside=True),
            "tools": functions(tools) or None,
            "stream": True,
            "think": config.think,
            "format": prompt.schema,
            "keep_alive": alive,
            "options": options | config.options,
        }
        return {name: part for name, part in body.items() if part is not None}

    async def warm(self, prompt: Prompt) -> None:
        """Load the model, and read the prompt's beginning. Raises `ProviderError`."""
        with suppress(_EmptyError):
            async for _ in self.reply(replace(prompt, max_tokens=1)):
                pass

    async def check(self) -> Health:
        """Ask which models are installed."""
        try:
            response = await self._client.get("api/tags", timeout=5.0)
            if not response.is_success:
                raise self._refused(response.status_code, response.content, response.headers)
            models = response.json()["models"]
            listed = {str(model[name]) for model in models or () for name in ("model", "name") if name in model}
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        except (*_ERRORS, KeyError) as error:
            mapped = self._mapped(error)
            return Health(ok=False, detail=str(mapped), remedy=mapped.remedy)
        wanted = self._config.model
        if wanted not in listed and f"{wanted}:latest" not in listed:
            return Health(ok=False, detail=f"Ollama has no model {wanted!r}", remedy=f"Run: ollama pull {wanted}")
        return Health(ok=True, detail=f"{wanted} at {urlsplit(self._config.host).netloc}")

    def _refused(self, status: int, body: bytes, headers: Mapping[str, str]) -> ProviderError:
        said = said_of(body)
        if status == 404 and "model" in said.casefold():
            remedy = f"Run: ollama pull {self._config.model}"
            return FatalError(f"Ollama has no model {self._config.model!r}", provider="ollama", remedy=remedy)
        return refused(
            status,
            said,
            provider="ollama",
            key_remedy="Check 'host' and 'api_key'.",
            missing_remedy="Check 'host': is it Ollama that listens there?",
            retry_after=headers.get("retry-after"),
        )

    def _failed(self, error: object) -> ProviderError:
        """Return what an error within an answer means."""
        said = said_of(error)
        if status := status_of(error):
            return self._refused(status, said.encode("utf-8", "replace"), {})
        return TransientError(f"Ollama failed: {said[:200]}", provider="ollama")

    def _mapped(self, error: Exception) -> ProviderError:
        if isinstance(error, httpx.TimeoutException):
            return TransientError("Ollama did not answer in time", provider="ollama")
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL) and not isinstance(error, httpx.DecodingError):
            return TransientError(
                f"no connection to Ollama at {self._config.host}",
                provider="ollama",
                remedy="Start Ollama, or check 'host'.",
            )
        return TransientError(f"Ollama sent no proper answer: {str(error)[:200]}", provider="ollama")


def _is_last(found: Mapping[str, Any]) -> bool:
    return ends(found) and found.get("done_reason") not in _NO_END


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Ollama]:
    """Make a client. The server is not asked before a reply is wanted."""
    url = ollama_url(config.host)
    key = config.api_key.get_secret_value() or os.environ.get("OLLAMA_API_KEY", "")
    async with httpx.AsyncClient(
        base_url=url,
        timeout=httpx.Timeout(config.timeout_s, connect=5.0),
        limits=pool(httpx.Limits),
        trust_env=not is_on_this_machine(url),
        verify=trust(url),
        follow_redirects=False,
        headers={"Authorization": f"Bearer {key}"} if key else {},
        event_hooks={"response": [limit_lines]},
    ) as client:
        yield Ollama(config, client)

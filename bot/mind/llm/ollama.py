"""A model that Ollama serves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import ollama
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bot.errors import FatalError, ProviderError, TransientError
from bot.mind.bounded_body import limit_lines
from bot.mind.chat_api import Bounds, functions, messages
from bot.runtime.http_errors import is_on_this_machine, pool, refused
from bot.types import Delta, Health, Prompt, Tool, ToolCall, Usage

_MAX_CALLS = 16

#: What the client lets through: its own errors, the builtin when nobody listens, httpx's in the middle of a
#: stream, and the parsers' for lines that are no JSON or JSON of another shape.
_ERRORS = (ollama.ResponseError, ollama.RequestError, ConnectionError, httpx.HTTPError, ValueError, TypeError)


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
    """The language model."""

    def __init__(self, config: Config, client: ollama.AsyncClient) -> None:
        self._config = config
        self._client = client

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer. While the model thinks, empty pieces come."""
        bounds, calls, spoke, done = Bounds(prompt), 0, False, False
        try:
            stream = await self._client.chat(**self._request(prompt, tools))
            async with aclosing(cast("Any", stream)) as parts:
                async for part in parts:
                    for call in (part.message.tool_calls or ())[: _MAX_CALLS - calls]:
                        calls, spoke = calls + 1, True
                        arguments = json.dumps(dict(call.function.arguments), ensure_ascii=False)
                        yield Delta(call=ToolCall(f"call_{calls}", call.function.name, arguments))
                    if part.message.thinking and not part.message.content:
                        yield Delta()  # it makes progress
                    if text := part.message.content:
                        spoke = True
                        yield Delta(text=text)
                        if bounds.spent(text):
                            return
                    if part.done:
                        done = True
                        yield Delta(usage=Usage(part.prompt_eval_count or 0, part.eval_count or 0))
        except _ERRORS as error:
            raise self._mapped(error) from error
        if not done:
            raise TransientError("the answer broke off", provider="ollama")
        if not spoke:
            raise _EmptyError("the answer was empty", provider="ollama")

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
        return {
            "model": config.model,
            "messages": messages(prompt, beside=True),
            "tools": functions(tools) or None,
            "stream": True,
            "think": config.think,
            "format": prompt.schema,
            "keep_alive": alive,
            "options": options | config.options,
        }

    async def warm(self, prompt: Prompt) -> None:
        """Load the model, and read the prompt's beginning. Raises `ProviderError`."""
        with suppress(_EmptyError):
            async for _ in self.reply(replace(prompt, max_tokens=1)):
                pass

    async def check(self) -> Health:
        """Ask which models are installed."""
        try:
            listed = [model.model or "" for model in (await self._client.list()).models]
        except _ERRORS as error:
            mapped = self._mapped(error)
            return Health(ok=False, detail=str(mapped), remedy=mapped.remedy)
        wanted = self._config.model
        if wanted not in listed and f"{wanted}:latest" not in listed:
            return Health(ok=False, detail=f"Ollama has no model {wanted!r}", remedy=f"Run: ollama pull {wanted}")
        return Health(ok=True, detail=f"{wanted} at {urlsplit(self._config.host).netloc}")

    def _mapped(self, error: Exception) -> ProviderError:
        if isinstance(error, ollama.ResponseError):
            if error.status_code == 404:
                remedy = f"Run: ollama pull {self._config.model}"
                return FatalError(f"Ollama has no model {self._config.model!r}", provider="ollama", remedy=remedy)
            return refused(
                error.status_code,
                str(error.error),
                provider="ollama",
                key_remedy="Check 'host' and 'api_key'.",
                missing_remedy="Check 'host'.",
            )
        if isinstance(error, httpx.TimeoutException):
            return TransientError("Ollama did not answer in time", provider="ollama")
        if isinstance(error, (ConnectionError, httpx.HTTPError)):
            return TransientError(
                f"no connection to Ollama at {self._config.host}",
                provider="ollama",
                remedy="Start Ollama, or check 'host'.",
            )
        fields = error.error_count() if isinstance(error, ValidationError) else ""
        what = f"{fields} fields of another shape" if fields else str(error)[:200]
        return TransientError(f"Ollama sent no proper answer: {what}", provider="ollama")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Ollama]:
    """Make a client. The server is not asked before a reply is wanted."""
    timeout = httpx.Timeout(config.timeout_s, connect=5.0)
    key = config.api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    client = ollama.AsyncClient(
        host=config.host,
        timeout=timeout,
        limits=pool(httpx.Limits),
        trust_env=not is_on_this_machine(config.host),
        headers=headers,
        event_hooks={"response": [limit_lines]},
    )
    async with client:
        yield Ollama(config, client)

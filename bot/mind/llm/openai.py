"""Any server that speaks OpenAI's chat completions: the cloud, llama.cpp, vLLM, LM Studio, a gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

import openai
from openai._streaming import ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import FatalError, ProviderError, TransientError
from bot.mind.bounded_body import limit
from bot.mind.chat_api import Bounds, functions, messages
from bot.mind.chat_chunks import ChunkReader
from bot.runtime.http_errors import is_on_this_machine, refused
from bot.types import Delta, Health, Prompt, Tool

#: Longest wait for the end of a body whose last event has come, in seconds.
_DRAIN_S: Final = 0.25


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

    def __init__(self, config: Config, client: openai.AsyncOpenAI) -> None:
        self._config = config
        self._client = client

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer; tool calls come whole, at the end, before the usage.

        While the model thinks or writes a call, empty pieces come.
        """
        bounds, reader, spoke = Bounds(prompt), ChunkReader(), False
        try:
            async with await self._client.post(
                "/chat/completions", body=self._body(prompt, tools), cast_to=object, stream=True, stream_cls=_Stream
            ) as stream:
                async for chunk in stream:
                    for delta in reader.read(chunk):
                        yield delta
                        spoke = spoke or bool(delta.text)
                        if delta.text and bounds.spent(delta.text):
                            return
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            # The last three come from an answer that is no JSON, or JSON of another shape.
            raise _mapped(error) from error
        if not reader.finish and not stream.complete:
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
            listed = [model.id async for model in self._client.with_options(timeout=5.0).models.list()]
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
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


class _Stream(openai.AsyncStream[object]):
    """The stream of an answer. ``complete`` tells whether the server said that this was all.

    The SDK reads ``[DONE]`` and hides it, but some gateways send it in place of a finish reason. Others keep the
    connection alive with events that have no data, which the SDK takes for broken JSON, or answer in one piece.
    """

    complete = False

    async def _iter_events(self) -> AsyncIterator[Any]:
        if "json" in self.response.headers.get("content-type", ""):
            self.complete = True
            yield ServerSentEvent(data=(await self.response.aread()).decode())
            return
        async with aclosing(cast("Any", super()._iter_events())) as events:
            async for event in events:
                if event.data.startswith("[DONE]"):
                    self.complete = True
                    break
                if event.data.strip():
                    yield event
            # The end of the body lets the connection be used again. Not every server sends it.
            with suppress(TimeoutError, ValueError, openai.OpenAIError):
                async with asyncio.timeout(_DRAIN_S):
                    async for _ in events:
                        pass


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[OpenAI]:
    """Make a client. The server is not asked before a reply is wanted."""
    timeout = openai.Timeout(config.timeout_s, connect=5.0)
    async with (
        openai.DefaultAsyncHttpxClient(
            timeout=timeout,
            trust_env=not is_on_this_machine(config.base_url),
            follow_redirects=False,
            event_hooks={"response": [limit]},
        ) as http,
        openai.AsyncOpenAI(
            base_url=config.base_url,
            api_key=config.api_key.get_secret_value() or "none",
            http_client=http,
            timeout=timeout,
            # The chain tries again: it knows another provider to ask meanwhile.
            max_retries=0,
        ) as client,
    ):
        yield OpenAI(config, client)


def _mapped(error: Exception) -> ProviderError:
    if isinstance(error, openai.APIStatusError):
        said = str(error.message)
        if error.status_code == 400 and "max_completion_tokens" in said:
            remedy = "Set 'max_tokens_field: max_completion_tokens'."
            return FatalError(said[:300], provider="openai", remedy=remedy)
        return refused(
            error.status_code,
            said,
            provider="openai",
            key_remedy="Is 'api_key' whole, and does it belong to this server?",
            missing_remedy="Check 'model' and 'base_url' (it ends in /v1).",
            retry_after=error.response.headers.get("retry-after"),
        )
    if isinstance(error, openai.APITimeoutError):
        return TransientError("the server did not answer in time", provider="openai")
    if isinstance(error, openai.APIConnectionError):
        return TransientError(
            f"no connection: {error.__cause__ or error}",
            provider="openai",
            remedy="Check 'base_url', and that the server is running.",
        )
    return TransientError(f"the server sent no proper answer: {str(error)[:200]}", provider="openai")

"""Any server that speaks OpenAI's chat completions: the cloud, llama.cpp, vLLM, LM Studio, a gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import FatalError, ProviderError, QuotaError, TransientError
from bot.mind.chat_api import Bounds, Calls, functions, messages
from bot.types import Delta, Health, Prompt, Tool, Usage


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
        """Stream the answer; tool calls come whole, at the end, before the usage."""
        bounds, calls, finish, spoke = Bounds(prompt), Calls(), "", False
        usage: Usage | None = None
        try:
            async with await self._client.post(
                "/chat/completions",
                body=self._body(prompt, tools),
                cast_to=openai.types.chat.ChatCompletionChunk,
                stream=True,
                stream_cls=openai.AsyncStream[openai.types.chat.ChatCompletionChunk],
            ) as stream:
                async for chunk in stream:
                    for choice in chunk.choices or ():
                        finish = choice.finish_reason or finish
                        for call in choice.delta.tool_calls or ():
                            of = call.function
                            calls.add(call.index, call.id, of.name if of else None, of.arguments if of else None)
                        if choice.delta.content:
                            spoke = True
                            yield Delta(text=choice.delta.content)
                            if bounds.spent(choice.delta.content):
                                return
                    if chunk.usage:
                        usage = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        except (openai.OpenAIError, httpx2.HTTPError, ValueError, TypeError, AttributeError) as error:
            # The last three: an answer that is no JSON, or JSON of another shape.
            raise _mapped(error) from error
        if not finish:
            raise TransientError("the answer broke off", provider="openai")
        for whole in calls.whole():
            spoke = True
            yield Delta(call=whole)
        if not spoke:
            raise TransientError(f"the answer was empty (finish reason: {finish})", provider="openai")
        if usage:
            yield Delta(usage=usage)

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
        except (openai.OpenAIError, httpx2.HTTPError, ValueError, TypeError, AttributeError) as error:
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
async def connect(config: Config) -> AsyncIterator[OpenAI]:
    """Make a client; the server is first asked when a reply is wanted."""
    timeout = httpx2.Timeout(config.timeout_s, connect=5.0)
    # A proxy of the environment is for the internet, not for a server on this machine.
    trust_env = urlsplit(config.base_url).hostname not in {"127.0.0.1", "localhost", "::1"}
    # Retries belong to the chain: it knows another provider to ask meanwhile.
    async with (
        httpx2.AsyncClient(timeout=timeout, trust_env=trust_env) as http,
        openai.AsyncOpenAI(
            base_url=config.base_url,
            api_key=config.api_key.get_secret_value() or "none",
            http_client=http,
            timeout=timeout,
            max_retries=0,
        ) as client,
    ):
        yield OpenAI(config, client)


def _mapped(error: Exception) -> ProviderError:
    if isinstance(error, openai.APIStatusError):
        return _mapped_status(error)
    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException)):
        return TransientError("the server did not answer in time", provider="openai")
    if isinstance(error, (openai.APIConnectionError, httpx2.HTTPError)):
        return TransientError(
            f"no connection: {error.__cause__ or error}",
            provider="openai",
            remedy="Check 'base_url', and that the server is running.",
        )
    return TransientError(f"the server sent no proper answer: {str(error)[:200]}", provider="openai")


def _mapped_status(error: openai.APIStatusError) -> ProviderError:
    status, said = error.status_code, str(error.message)[:300]
    if status in (401, 403):
        return FatalError(
            f"the server refuses the key ({status})",
            provider="openai",
            remedy="Check 'api_key': is it whole, and does it belong to this server?",
        )
    if status == 404:
        return FatalError(
            f"not found: {said}", provider="openai", remedy="Check 'model' and 'base_url' (it ends in /v1)."
        )
    if status in (402, 429):
        return QuotaError(
            f"the limit is reached: {said}",
            provider="openai",
            remedy="Wait, or look at the account's limits and credit.",
            retry_after_s=_seconds(error.response.headers.get("retry-after")),
        )
    if status == 400 and "max_completion_tokens" in said:
        return FatalError(said, provider="openai", remedy="Set 'max_tokens_field: max_completion_tokens'.")
    # Also any other 400: one prompt that a filter dislikes must not take the model away for the whole show.
    return TransientError(f"the server answered {status}: {said}", provider="openai")


def _seconds(header: str | None) -> float | None:
    try:
        return min(3600.0, max(0.0, float(header))) if header else None
    except ValueError:
        return None

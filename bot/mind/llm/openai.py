"""Any server that speaks OpenAI's chat completions: the cloud, llama.cpp, vLLM, LM Studio, a gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

import openai
from openai.types.chat.chat_completion_chunk import ChoiceDelta
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import FatalError, ProviderError, TransientError
from bot.mind.chat_api import Bounds, Calls, functions, messages
from bot.runtime.http_errors import is_on_this_machine, refused
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
                stream_cls=_Stream,
            ) as stream:
                async for chunk in stream:
                    for choice in chunk.choices or ():
                        finish = choice.finish_reason or finish
                        # Azure's content filter sends choices without a delta.
                        if (delta := getattr(choice, "delta", None)) is None:
                            continue
                        _add_calls(calls, delta)
                        if text := _text(delta.content):
                            spoke = True
                            yield Delta(text=text)
                            if bounds.spent(text):
                                return
                    if chunk.usage:
                        usage = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            # The last three come from an answer that is no JSON, or JSON of another shape.
            raise _mapped(error) from error
        if not finish and not stream.complete:
            raise TransientError("the answer broke off", provider="openai")
        for whole in calls.whole():
            spoke = True
            yield Delta(call=whole)
        if not spoke:
            raise TransientError(f"the answer was empty (finish reason: {finish or 'none'})", provider="openai")
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


class _Stream(openai.AsyncStream[openai.types.chat.ChatCompletionChunk]):
    """The stream of an answer. ``complete`` tells whether the server said that this was all.

    The SDK reads ``[DONE]`` and hides it, but some gateways send it in place of a finish reason. Others keep the
    connection alive with events that have no data, which the SDK takes for broken JSON.
    """

    complete = False

    async def _iter_events(self) -> AsyncIterator[Any]:
        async for event in super()._iter_events():
            self.complete = self.complete or event.data.startswith("[DONE]")
            if event.data.strip():
                yield event


def _add_calls(calls: Calls, delta: ChoiceDelta) -> None:
    for call in delta.tool_calls or ():
        of = call.function
        calls.add(call.index, call.id, of.name if of else None, of.arguments if of else None)


def _text(content: object) -> str:
    """Return the words of a delta's content. Mistral's models send a list of parts, of which only text is spoken."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict) and part.get("text"))
    if content is not None and not isinstance(content, str):
        raise TypeError(f"content that is no text, but {type(content).__name__}")
    return content or ""


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[OpenAI]:
    """Make a client. The server is not asked before a reply is wanted."""
    timeout = openai.Timeout(config.timeout_s, connect=5.0)
    async with (
        openai.DefaultAsyncHttpxClient(
            timeout=timeout, trust_env=not is_on_this_machine(config.base_url), follow_redirects=False
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
            key_remedy="Check 'api_key': is it whole, and does it belong to this server?",
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

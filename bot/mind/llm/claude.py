"""Claude, through Anthropic's own client: its address for OpenAI's clients keeps no beginning of a prompt.

What all prompts begin with is marked to be kept, and so is the conversation up to the last question: what was read
once is read again for a tenth of its price and at once, for five minutes or an hour after each use.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

import anthropic
import httpx2
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import ConfigError, ProviderError, TransientError
from bot.mind.bounded_body import limit
from bot.mind.chat_api import Bounds, in_turns, messages, with_schema
from bot.mind.chat_chunks import said_of, status_of
from bot.mind.event_stream import ObjectStream, answer_of
from bot.mind.refusals import dislikes_the_prompt, unknown_part
from bot.mind.wire.claude_events import ClaudeAnswer, is_last
from bot.runtime.http_errors import is_on_this_machine, pool, refused
from bot.runtime.link import UnusableError
from bot.types import Delta, Health, Prompt, Tool

#: Parts of a request without which it can be asked again: not every model knows them.
_SPARE: Final = frozenset({"temperature", "output_config", "thinking", "cache_control"})
#: Tokens for a thought, where one is wanted.
_THOUGHT: Final = 1024
#: The status of an error that comes within an answer, by its type.
_STATUS: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class Config(BaseModel):
    """Options of the language model ``claude``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("https://api.anthropic.com", description="address of the API, without /v1")
    model: str = Field(min_length=1, description="the model's name, such as claude-haiku-4-5")
    api_key: SecretStr = Field(SecretStr(""), description="key; unset: ANTHROPIC_API_KEY of the environment")
    temperature: float | None = Field(None, ge=0, le=1, description="unset: the show's own, at most 1")
    cache: Literal["off", "5m", "1h"] = Field("5m", description="how long the beginning of the prompt is kept there")
    think: bool = Field(default=False, description="let the model think first; viewers wait meanwhile")
    extra_body: dict[str, Any] = Field({}, description="further parts of the request, sent as they are")
    timeout_s: float = Field(30.0, gt=0, le=600, description="longest silence of the connection")


class _Stream(anthropic.AsyncStream[object]):
    """The events of an answer. The SDK reads those alone that have a name, and waits for the end of the body."""

    async def __stream__(self) -> AsyncIterator[object]:
        objects = ObjectStream(self.response.charset_encoding or "")
        try:
            async with aclosing(cast("Any", answer_of(self.response, objects, is_last))) as read:
                async for found in read:
                    if found.get("type") == "error" or found.get("error"):
                        raise _failed(found.get("error") or found)
                    yield found
        finally:
            await self.response.aclose()

    async def close(self) -> None:
        """Close what reads the answer, and then the answer. The collector would close both in any order."""
        await cast("Any", self._iterator).aclose()
        await super().close()


class Claude:
    """The language model."""

    def __init__(self, config: Config, client: anthropic.AsyncAnthropic) -> None:
        self._config = config
        self._client = client
        self._unknown: set[str] = set()

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer; tool calls come whole, at the end, before the usage.

        While the model thinks or writes a call, empty pieces come.
        """
        bounds, answer, spoke = Bounds(prompt), ClaudeAnswer(), False
        try:
            async with await self._asked(self._body(prompt, tools)) as stream:
                async for event in stream:
                    for delta in answer.take(cast("Mapping[str, Any]", event)):
                        yield delta
                        spoke = spoke or bool(delta.text)
                        if delta.text and bounds.spent(delta.text):
                            return
        except (anthropic.AnthropicError, httpx2.HTTPError, ValueError, TypeError, AttributeError) as error:
            # httpx2's come in the middle of an answer; the last three from one that is no JSON, or of another shape.
            raise _mapped(error) from error
        if not answer.finish:
            raise TransientError("the answer broke off", provider="claude")
        for whole in answer.calls.whole():
            spoke = True
            yield Delta(call=whole)
        if not spoke and answer.finish == "refusal":
            raise UnusableError("the model refused to answer", provider="claude")
        if not spoke:
            raise TransientError(f"the answer was empty (stop reason: {answer.finish})", provider="claude")
        if answer.usage:
            yield Delta(usage=answer.usage)

    async def _asked(self, body: dict[str, Any]) -> _Stream:
        """Send a request; when a part of it is refused that the answer can do without, send it again without that."""
        while True:
            body = {key: part for key, part in body.items() if key not in self._unknown}
            try:
                return await self._client.post(
                    "/v1/messages", body=body, cast_to=object, stream=True, stream_cls=_Stream
                )
            except anthropic.BadRequestError as error:
                part = unknown_part(str(error.message), _SPARE & body.keys())
                if not part:
                    raise
                self._unknown.add(part)

    def _body(self, prompt: Prompt, tools: Sequence[Tool]) -> dict[str, Any]:
        config = self._config
        lines = in_turns(messages(prompt))
        if prompt.schema:
            lines = with_schema(lines, prompt.schema)
        told = [line["content"] for line in lines if line["role"] == "system"]
        wanted = prompt.temperature if config.temperature is None else config.temperature
        body: dict[str, Any] = {
            "model": config.model,
            "max_tokens": prompt.max_tokens,
            "messages": self._turns([line for line in lines if line["role"] != "system"]),
            "stream": True,
            "temperature": min(1.0, wanted),
        }
        if told:
            body["system"] = [self._kept(told[0])]
        if stops := [stop for stop in prompt.stop if stop.strip()]:  # white space alone is refused
            body["stop_sequences"] = stops
        if tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.about, "input_schema": dict(tool.schema)} for tool in tools
            ]
        if prompt.schema:
            body["output_config"] = {"format": {"type": "json_schema", "schema": dict(prompt.schema)}}
        if config.think:
            body |= {"thinking": {"type": "enabled", "budget_tokens": _THOUGHT}}
            body["max_tokens"] += _THOUGHT
            del body["temperature"]  # a thought wants its own
        return body | config.extra_body

    def _turns(self, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the conversation, to be kept up to the answer before the last question."""
        turns = [{"role": line["role"], "content": _content(line["content"])} for line in lines]
        answers = [at for at, turn in enumerate(turns[:-1]) if turn["role"] == "assistant"]
        if answers:
            last = turns[answers[-1]]
            if isinstance(last["content"], str):
                last["content"] = [self._kept(last["content"])]
        return turns

    def _kept(self, text: str) -> dict[str, Any]:
        block: dict[str, Any] = {"type": "text", "text": text}
        if self._config.cache != "off":
            block["cache_control"] = {"type": "ephemeral", "ttl": self._config.cache}
        return block

    async def check(self) -> Health:
        """Ask about the model, which costs nothing."""
        try:
            await self._client.with_options(timeout=5.0).models.retrieve(self._config.model)
        except (anthropic.AnthropicError, ValueError, TypeError, AttributeError) as error:
            mapped = _mapped(error)
            return Health(ok=False, detail=str(mapped), remedy=mapped.remedy)
        return Health(ok=True, detail=f"{self._config.model} at {urlsplit(self._config.base_url).netloc}")


def _content(content: str | list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    """Return what a line says as this service takes it: pictures have a source here, not an address."""
    if isinstance(content, str):
        return content or "…"
    parts = []
    for part in content:
        if part["type"] == "image_url":
            kind, _, data = part["image_url"]["url"].removeprefix("data:").partition(";base64,")
            part = {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}  # noqa: PLW2901
        parts.append(part)
    return parts


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Claude]:
    """Make a client. The service is not asked before a reply is wanted. Raises `ConfigError` without a key."""
    key = config.api_key.get_secret_value() or os.environ.get("ANTHROPIC_API_KEY", "")
    if not key:
        raise ConfigError("claude needs a key", remedy="set 'api_key', or ANTHROPIC_API_KEY in the environment")
    timeout = anthropic.Timeout(config.timeout_s, connect=5.0)
    async with (
        anthropic.DefaultAsyncHttpxClient(
            timeout=timeout,
            limits=pool(httpx2.Limits),
            trust_env=not is_on_this_machine(config.base_url),
            follow_redirects=False,
            event_hooks={"response": [limit]},
        ) as http,
        anthropic.AsyncAnthropic(
            base_url=config.base_url,
            api_key=key,
            http_client=http,
            timeout=timeout,
            # The chain tries again: it knows another provider to ask meanwhile.
            max_retries=0,
        ) as client,
    ):
        yield Claude(config, client)


def _mapped(error: Exception) -> ProviderError:
    if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
        return TransientError("the service did not answer in time", provider="claude")
    cause = error.__cause__ or error
    unread = any(isinstance(each, httpx2.DecodingError) for each in (error, cause))
    if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError) and not unread:
        return TransientError(
            f"no connection: {cause}",
            provider="claude",
            remedy="Check the connection to the internet, and 'base_url'.",
        )
    if not isinstance(error, anthropic.APIStatusError):
        return TransientError(f"the service sent no proper answer: {str(cause)[:200]}", provider="claude")
    body = error.body
    inner = body.get("error") if isinstance(body, Mapping) else None
    said = said_of(inner) if inner else str(error.message)
    return _told(error.status_code, said, error.response.headers.get("retry-after"))


def _failed(error: object) -> ProviderError:
    """Return what an error within an answer means: it has its type alone."""
    said = said_of(error)
    status = status_of(error) or (_STATUS.get(str(error.get("type")), 0) if isinstance(error, Mapping) else 0)
    return _told(status, said, None) if status else TransientError(f"the service failed: {said}", provider="claude")


def _told(status: int, said: str, retry_after: str | None) -> ProviderError:
    """Return the error for a status and the service's own words."""
    if status == 400 and "credit balance" in said:
        status = 402
    if dislikes_the_prompt(status, said):
        return UnusableError(f"the service does not like the prompt: {said[:200]}", provider="claude")
    return refused(
        status,
        said,
        provider="claude",
        key_remedy="Is 'api_key' whole, and has it not been withdrawn?",
        missing_remedy="Check 'model' and 'base_url' (without /v1).",
        retry_after=retry_after,
    )

"""Any server that speaks OpenAI's chat completions: the cloud, llama.cpp, a gateway.

The services with a name of their own (`bot.mind.preset`) are this client with a few settings made for them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import FatalError, ProviderError, TransientError
from bot.mind.bounded_body import limit
from bot.mind.chat_api import Bounds, functions, messages
from bot.mind.chat_chunks import ChunkReader, status_of
from bot.mind.event_stream import ObjectStream, answer_of
from bot.mind.local_servers import is_embedding
from bot.mind.refusals import dislikes_the_prompt, unknown_part
from bot.runtime.http_errors import is_on_this_machine, pool, refused
from bot.runtime.link import UnusableError
from bot.types import Delta, Health, Prompt, Tool

#: Parts of a request without which it can be asked again, when a server does not know them.
_SPARE: Final = frozenset({"temperature", "stop", "stream_options", "response_format"})

#: What services write for the end of an answer that failed half-way.
_FAILED: Final = frozenset(("error", "failed", "insufficient_system_resource", "network_error", "abort"))
#: Reasons for an end by which a service says that it lets nothing of the answer through.
_FILTERED: Final = frozenset(
    ("content_filter", "safety", "refusal", "prohibited_content", "recitation", "blocklist", "spii", "sensitive")
)

Body: TypeAlias = dict[str, Any]
#: Of whichever HTTP client this release of the SDK has.
_Limits: Final = type(openai.DEFAULT_CONNECTION_LIMITS)
#: Clients of servers that somebody runs themselves, and where the one of the cloud is.
_OWN: Final = frozenset({"openai", "vllm", "lmstudio"})
_HOSTED: Final = "api.openai.com"
#: Models that think whatever they are told, and whose template opens the thought in the prompt.
_THINKS: Final = re.compile(
    r"(?i)(?<![a-z])r1(?![0-9a-z])|qwq|thinking|reason(?:ing|er)|magistral|glm-z1|skywork-o1|marco-o1|openthinker"
    r"|exaone-deep"
)


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
    """The language model.

    ``name`` stands in its errors. ``fit`` makes a request one that the service understands, and ``spare`` names the
    parts that are left out for good when the service says that it does not know them.
    """

    def __init__(
        self,
        config: Config,
        client: openai.AsyncOpenAI,
        *,
        name: str = "openai",
        fit: Callable[[Body], Body] = dict,
        spare: frozenset[str] = frozenset(),
    ) -> None:
        self._config = config
        self._client = client
        self._model = config.model
        self._name = name
        self._fit = fit
        self._spare = _SPARE | spare
        self._unknown: set[str] = set()

    @property
    def begins_in_thought(self) -> bool:
        """Whether its answers may begin within a thought whose opening mark stands in the prompt.

        So the servers of one's own write what a model answers that always thinks; services tell its thoughts apart.
        """
        own = self._name in _OWN and _HOSTED not in self._config.base_url
        return own and bool(_THINKS.search(self._model))

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer; tool calls come whole, at the end, before the usage.

        While the model thinks or writes a call, empty pieces come.
        """
        bounds, reader, spoke = Bounds(prompt), ChunkReader(), False
        try:
            async with await self._asked(self._fit(self._body(prompt, tools))) as stream:
                async for chunk in stream:
                    for delta in reader.read(chunk):
                        yield delta
                        spoke = spoke or bool(delta.text)
                        if delta.text and bounds.spent(delta.text):
                            return
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            # The last three come from an answer that is no JSON, or JSON of another shape.
            raise self._mapped(error) from error
        if reader.finish.casefold() in _FAILED or not (reader.finish or reader.whole or stream.complete):
            raise TransientError("the answer broke off", provider=self._name)
        for whole in reader.calls():
            spoke = True
            yield Delta(call=whole)
        if not spoke and reader.finish.casefold() in _FILTERED:
            raise UnusableError(f"the service held the answer back ({reader.finish})", provider=self._name)
        if not spoke:
            why = reader.told or f"finish reason: {reader.finish or 'none'}"
            raise TransientError(f"the answer was empty ({why})", provider=self._name)
        if reader.usage:
            yield Delta(usage=reader.usage)

    async def _asked(self, body: Body) -> _Stream:
        """Send a request; when the server names a part of it that it does not know, send it again without that."""
        while True:
            body = {key: part for key, part in body.items() if key not in self._unknown}
            try:
                return await self._client.post(
                    "/chat/completions", body=body, cast_to=object, stream=True, stream_cls=_Stream
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                part = unknown_part(_said(error), self._spare & body.keys())
                if not part:
                    raise
                self._unknown.add(part)

    def _body(self, prompt: Prompt, tools: Sequence[Tool]) -> Body:
        config = self._config
        body: Body = {
            "model": self._model,
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
            listed = await self._listed()
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        if listed and not _is_listed(self._model, listed):
            some = ", ".join(sorted(listed)[:8])
            return Health(
                ok=False,
                detail=f"the server has no model {self._model!r}",
                remedy=f"Set 'model' to one of: {some}",
            )
        return Health(ok=True, detail=f"{self._model} at {urlsplit(self._config.base_url).netloc}")

    async def take_first_model(self) -> None:
        """Ask a server of one's own for the first model that can talk. Raises `ProviderError` when there is none."""
        talking = [name for name in await self._listed() if not is_embedding(name)]
        if not talking:
            raise FatalError("the server has no model", provider=self._name, remedy="Load one there, or set 'model'.")
        self._model = talking[0]

    async def _listed(self) -> list[str]:
        try:
            return [str(model.id) async for model in self._client.with_options(timeout=5.0).models.list()]
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise self._mapped(error) from error

    def _mapped(self, error: Exception) -> ProviderError:
        name = self._name
        if isinstance(error, openai.APITimeoutError):
            return TransientError("the server did not answer in time", provider=name)
        if isinstance(error, openai.APIConnectionError) and not isinstance(error.__cause__, httpx2.DecodingError):
            return TransientError(
                f"no connection: {error.__cause__ or error}",
                provider=name,
                remedy="Check 'base_url', and that the server is running.",
            )
        status, said, headers = _refusal(error)
        if status and dislikes_the_prompt(status, said):
            return UnusableError(f"the service does not like the prompt: {said[:200]}", provider=name)
        if status == 400 and "max_completion_tokens" in said:
            return FatalError(said[:300], provider=name, remedy="Set 'max_tokens_field: max_completion_tokens'.")
        if status:
            return refused(
                status,
                said,
                provider=name,
                key_remedy="Is 'api_key' whole, and does it belong to this server?",
                missing_remedy="Check 'model' and 'base_url' (it ends in /v1).",
                retry_after=headers.get("retry-after"),
            )
        return TransientError(f"the server sent no proper answer: {str(error.__cause__ or error)[:200]}", provider=name)


class _Stream(openai.AsyncStream[object]):
    """The stream of an answer. ``complete`` tells whether the server said that this was all.

    The SDK reads the standard's frame alone, and hides ``[DONE]``, which gateways send in place of a finish reason.
    """

    complete = False

    async def __stream__(self) -> AsyncIterator[object]:
        response = self.response
        objects = ObjectStream(response.charset_encoding or "")
        try:
            async with aclosing(cast("Any", answer_of(response, objects))) as read:
                async for found in read:
                    self._raise_error(found, objects.named)
                    yield found
            self.complete = objects.done or "json" in response.headers.get("content-type", "")
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=response.request) from error
        except httpx2.HTTPError as error:
            raise openai.APIConnectionError(request=response.request) from error
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close what reads the answer, and then the answer. The collector would close both in any order."""
        await cast("Any", self._iterator).aclose()
        await super().close()

    def _raise_error(self, found: Mapping[str, Any], event: str) -> None:
        """Raise the error that an object is, as gateways send it within an answer that began with 200."""
        error = found.get("error")
        if not error and "choices" not in found and "error" in (event, found.get("object"), found.get("type")):
            error = found
        if error:
            said = error.get("message") if isinstance(error, Mapping) else error
            raise openai.APIError(str(said or "an error without words"), self.response.request, body=error)


@asynccontextmanager
async def connect(
    config: Config, *, name: str = "openai", fit: Callable[[Body], Body] = dict, spare: frozenset[str] = frozenset()
) -> AsyncIterator[OpenAI]:
    """Make a client; see `OpenAI`. The server is not asked before a reply is wanted."""
    timeout = openai.Timeout(config.timeout_s, connect=5.0)
    async with (
        openai.DefaultAsyncHttpxClient(
            timeout=timeout,
            limits=pool(_Limits),
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
        yield OpenAI(config, client, name=name, fit=fit, spare=spare)


def _is_listed(model: str, listed: Sequence[str]) -> bool:
    """Return whether a server has a model: Gemini lists "models/x", OpenRouter no variants such as "x:free"."""
    names = {name.removeprefix("models/") for name in listed}
    return model in listed or bool(names & {model.removeprefix("models/"), model.partition(":")[0]})


def _said(error: openai.APIError) -> str:
    """Return a server's own words for what is wrong. Google's come as a list of one error."""
    body: Any = error.body
    body = body[0] if isinstance(body, list) and body else body
    if isinstance(body, Mapping):
        body = body.get("error", body)
        body = body.get("message") if isinstance(body, Mapping) else body
    return body if isinstance(body, str) and body else str(error.message)


def _refusal(error: Exception) -> tuple[int, str, Mapping[str, str]]:
    """Return the status of a refusal, its words and its headers; 0 for an error without one.

    Gateways also send it within an answer that began with 200.
    """
    if isinstance(error, openai.APIStatusError):
        return error.status_code, _said(error), error.response.headers
    body = error.body if isinstance(error, openai.APIError) else None
    status = status_of(body)
    return (status, str(error), {}) if status else (0, "", {})

"""OpenAI's moderation endpoint, or a server that imitates it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from moderation.judging.http_limits import Bounded, unpacked
from moderation.judging.judge import JudgeError, Opinion
from moderation.verdict import Direction

#: The endpoint's categories in our words, by the part before the slash where the whole is not named.
_CATEGORIES: Final[Mapping[str, str]] = {
    "harassment": "harassment",
    "hate": "hate",
    "illicit": "violence",
    "self-harm": "self-harm",
    "sexual": "sexual",
    "sexual/minors": "minors",
    "violence": "violence",
}
#: Flagged or not is the endpoint's own decision, with a threshold for each category; the probability keeps to it.
_FLAGGED_FROM: Final = 0.5


class Config(BaseModel):
    """Options of the judge ``openai``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("https://api.openai.com/v1", description="address of the API, usually ending in /v1")
    model: str = Field("omni-moderation-latest", min_length=1, description="the moderation model")
    api_key: SecretStr = Field(SecretStr("none"), description="key; the endpoint costs nothing and wants one")
    timeout_s: float = Field(10.0, gt=0, le=60, description="longest silence of the connection")


class OpenAI:
    """The judge."""

    def __init__(self, config: Config, client: openai.AsyncOpenAI) -> None:
        self._config, self._client = config, client

    async def judge(self, text: str, direction: Direction) -> Opinion | None:
        """Ask the endpoint, which makes no difference between directions."""
        del direction
        try:
            answer = await self._client.moderations.create(model=self._config.model, input=text)
            return _opinion(answer.to_dict(warnings=False))
        except (openai.OpenAIError, httpx2.HTTPError, ValueError, TypeError, AttributeError) as error:
            # The last three: an answer that is no JSON, or JSON of another shape.
            raise _mapped(error) from error


def _opinion(answer: Mapping[str, Any]) -> Opinion:
    results = answer.get("results")
    if not isinstance(results, list) or len(results) != 1 or not isinstance(results[0], dict):
        raise ValueError("no single result")
    flagged, named, scores = (results[0].get(key) for key in ("flagged", "categories", "category_scores"))
    if not isinstance(flagged, bool) or not isinstance(named, dict) or not isinstance(scores, dict):
        raise TypeError("a result without its fields")
    known = {name: float(score) for name, score in scores.items() if isinstance(score, (int, float))}
    if not all(0 <= score <= 1 for score in known.values()):
        raise ValueError("a score that is no probability")
    worst = max(known.values(), default=0.0)
    hit = sorted((name for name, yes in named.items() if yes is True), key=lambda name: -known.get(name, 0.0))
    categories = (_CATEGORIES.get(name) or _CATEGORIES.get(str(name).partition("/")[0]) for name in hit)
    probability = max(worst, _FLAGGED_FROM) if flagged else min(worst, _FLAGGED_FROM - 0.01)
    return Opinion(probability, tuple(dict.fromkeys(name for name in categories if name)))


class _Bounded(Bounded, httpx2.AsyncByteStream):
    """An answer that ends in an error when it grows larger than any honest one."""


async def _bound(response: httpx2.Response) -> None:
    unpacked(response.headers)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[OpenAI]:
    """Make a client; the server is first asked when there is something to judge."""
    timeout = httpx2.Timeout(config.timeout_s, connect=5.0)
    # A proxy of the environment is for the internet, not for a server on this machine.
    trust_env = urlsplit(config.base_url).hostname not in {"127.0.0.1", "localhost", "::1"}
    async with (
        httpx2.AsyncClient(
            timeout=timeout,
            trust_env=trust_env,
            headers={"Accept-Encoding": "identity"},
            event_hooks={"response": [_bound]},
        ) as http,
        openai.AsyncOpenAI(
            base_url=config.base_url,
            api_key=config.api_key.get_secret_value() or "none",
            http_client=http,
            timeout=timeout,
            max_retries=0,
        ) as client,
    ):
        yield OpenAI(config, client)


def _mapped(error: Exception) -> JudgeError:
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        if status in (401, 403):
            return JudgeError(f"the server refuses the key ({status})", remedy="Check 'api_key'.", fatal=True)
        if status == 404:
            return JudgeError("not found", remedy="Check 'model' and 'base_url' (it ends in /v1).", fatal=True)
        if status in (402, 429):
            return JudgeError("the limit is reached", retry_after_s=_seconds(error.response.headers.get("retry-after")))
        return JudgeError(f"the server answered {status}")
    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException)):
        return JudgeError("the server did not answer in time")
    if isinstance(error, (openai.APIConnectionError, httpx2.HTTPError)) and not isinstance(error.__cause__, ValueError):
        return JudgeError("no connection", remedy="Check 'base_url', and that the server is running.")
    return JudgeError(f"no proper answer: {str(error.__cause__ or error)[:100]}")


def _seconds(header: str | None) -> float:
    try:
        return min(3600.0, max(0.0, float(header))) if header else 0.0
    except ValueError:
        return 0.0

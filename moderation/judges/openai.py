"""OpenAI's moderation endpoint, or a server that imitates it: one request, so the SDK is not needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from moderation.judging.http_limits import POOL, bound, is_on_this_machine, refused
from moderation.judging.judge import JudgeError, Opinion
from moderation.verdict import Direction

#: The endpoint's categories in our words. Where a name with a slash is not listed, the part before the slash counts.
_CATEGORIES: Final[Mapping[str, str]] = {
    "harassment": "harassment",
    "hate": "hate",
    "illicit": "violence",
    "self-harm": "self-harm",
    "sexual": "sexual",
    "sexual/minors": "minors",
    "violence": "violence",
}
#: The endpoint itself decides what is flagged, with a threshold for each category. A flagged text gets at least this
#: probability, and any other text less.
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

    def __init__(self, config: Config, client: httpx.AsyncClient) -> None:
        self._config = config
        self._client = client

    async def judge(self, text: str, direction: Direction) -> Opinion | None:
        """Ask the endpoint, which makes no difference between directions."""
        del direction
        try:
            response = await self._client.post("moderations", json={"model": self._config.model, "input": text})
            if response.is_success:
                return _opinion(response.json())
        except (httpx.HTTPError, ValueError, TypeError, AttributeError) as error:
            # The last three come from an answer that is too large, no JSON, or JSON of another shape.
            raise _mapped(error) from error
        raise refused(
            response.status_code,
            key_remedy="Check 'api_key'.",
            missing_remedy="Check 'model' and 'base_url' (it ends in /v1).",
            retry_after=response.headers.get("retry-after"),
        )


def _opinion(answer: Any) -> Opinion:
    """Read an answer. Raise `ValueError`, `TypeError` or `AttributeError` for one of another shape."""
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


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[OpenAI]:
    """Make a client. The server is not asked before there is something to judge."""
    async with httpx.AsyncClient(
        base_url=config.base_url.rstrip("/") + "/",
        timeout=httpx.Timeout(config.timeout_s, connect=5.0),
        limits=POOL,
        trust_env=not is_on_this_machine(config.base_url),
        headers={
            "Accept-Encoding": "identity",
            "Authorization": f"Bearer {config.api_key.get_secret_value() or 'none'}",
        },
        event_hooks={"response": [bound]},
    ) as client:
        yield OpenAI(config, client)


def _mapped(error: Exception) -> JudgeError:
    if isinstance(error, httpx.TimeoutException):
        return JudgeError("the server did not answer in time")
    if isinstance(error, httpx.HTTPError):
        return JudgeError("no connection", remedy="Check 'base_url', and that the server is running.")
    return JudgeError(f"no proper answer: {str(error)[:100]}")

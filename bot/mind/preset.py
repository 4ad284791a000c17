"""Services that speak OpenAI's language each in their own manner: what they are called, and what they do otherwise.

A service is one small file in ``bot/mind/llm`` with a `Preset`; the client is that of `bot.mind.llm.openai`. What a
service does not know of a request is left out after its first refusal, so a model without a switch for its thoughts,
or one that is newer than this file, is no fault.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import ConfigError
from bot.mind.chat_api import in_turns, with_schema
from bot.mind.llm import openai


class SchemaForm(StrEnum):
    """How a service can be held to a JSON Schema."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"  # to JSON alone; the schema stands in the prompt
    WORDS = "words"  # by the prompt alone


@dataclass(frozen=True, slots=True)
class Preset:
    """What a service does otherwise than OpenAI. ``quiet`` are the parts of a request that turn thoughts off."""

    name: str
    #: The variable of the environment that holds the key, by the service's own guide; empty: it needs none.
    key: str = ""
    quiet: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    hottest: float = 2.0
    stops: int = 4
    schema: SchemaForm = SchemaForm.SCHEMA
    extra: Mapping[str, Any] = field(default_factory=dict)

    def fit(self, body: openai.Body) -> openai.Body:
        """Return a request as the service understands it."""
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        body = body | {"messages": in_turns(body["messages"])}
        if schema and self.schema is not SchemaForm.SCHEMA:
            body["messages"] = with_schema(body["messages"], schema)
            if self.schema is SchemaForm.OBJECT:
                body["response_format"] = {"type": "json_object"}
            else:
                del body["response_format"]
        if "temperature" in body:
            body["temperature"] = min(self.hottest, body["temperature"])
        if "stop" in body:
            # A stop of white space alone is an error for some; more than a few are for most.
            body["stop"] = [stop for stop in body["stop"] if stop.strip()][: self.stops]
            if not body["stop"]:
                del body["stop"]
        return body


class PresetConfig(BaseModel):
    """Options that all services have in common."""

    model_config = ConfigDict(extra="forbid")
    preset: ClassVar[Preset]

    base_url: str = Field("", description="address of the API")
    model: str = Field(min_length=1, description="the model's name as the service knows it")
    api_key: SecretStr = Field(SecretStr(""), description="key; unset: the service's own variable of the environment")
    temperature: float | None = Field(None, ge=0, le=2, description="unset: the show's own")
    think: bool = Field(default=False, description="let a reasoning model think first; viewers wait meanwhile")
    leave_out: list[str] = Field([], description="parts of the request that the service refuses")
    extra_body: dict[str, Any] = Field({}, description="further parts of the request, sent as they are")
    timeout_s: float = Field(30.0, gt=0, le=600, description="longest silence of the connection")


@asynccontextmanager
async def connect(config: PresetConfig) -> AsyncIterator[openai.OpenAI]:
    """Make a client for a service. Raises `ConfigError` when it needs a key and none is set."""
    preset = config.preset
    key = config.api_key.get_secret_value() or (os.environ.get(preset.key, "") if preset.key else "")
    if preset.key and not key:
        raise ConfigError(
            f"{preset.name} needs a key", remedy=f"set 'api_key', or {preset.key} in the environment, to your key"
        )
    quiet = {} if config.think else dict(preset.quiet)
    wanted = openai.Config(
        base_url=config.base_url,
        model=config.model or "?",
        api_key=SecretStr(key or "none"),
        max_tokens_field=preset.max_tokens,
        temperature=config.temperature,
        leave_out=config.leave_out,
        extra_body={**preset.extra, **quiet, **config.extra_body},
        timeout_s=config.timeout_s,
    )
    spare = frozenset({*preset.extra, *preset.quiet} - config.extra_body.keys())
    async with openai.connect(wanted, name=preset.name, fit=preset.fit, spare=spare) as llm:
        if not config.model:
            await llm.take_first_model()
        yield llm

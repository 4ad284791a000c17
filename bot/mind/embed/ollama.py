"""A model for embeddings that Ollama serves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.mind.embedding.served import ServedEmbedder, client_of
from bot.mind.local_servers import ollama_url


class Config(BaseModel):
    """Options of the embedder ``ollama``."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field("http://127.0.0.1:11434", description="address of the Ollama server")
    model: str = Field(min_length=1, max_length=150, description="the model's name as 'ollama list' shows it")
    api_key: SecretStr = Field(SecretStr(""), description="key, for a server that wants one; Ollama itself does not")
    keep_alive: str = Field(
        "30m", description="how long Ollama keeps the model in memory after a request; -1: for ever"
    )
    query_prefix: str = Field("", max_length=200, description="what the model wants before a question, if anything")
    text_prefix: str = Field("", max_length=200, description="what the model wants before a text, if anything")
    timeout_s: float = Field(20.0, gt=0, le=600, description="longest wait for an answer")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[ServedEmbedder]:
    """Make a client. The server is not asked before something is to be embedded."""
    alive: str | float = float(config.keep_alive) if config.keep_alive.lstrip("-").isdigit() else config.keep_alive

    def body(texts: list[str], query: bool) -> dict[str, Any]:
        prefix = config.query_prefix if query else config.text_prefix
        return {"model": config.model, "input": [prefix + t for t in texts], "truncate": True, "keep_alive": alive}

    async with client_of(ollama_url(config.host), config.api_key.get_secret_value(), config.timeout_s) as client:
        yield ServedEmbedder(
            f"ollama:{config.model}",
            client,
            "api/embed",
            body=body,
            timeout_s=config.timeout_s,
            remedies=("Check 'host' and 'api_key'.", f"Is Ollama running? Run: ollama pull {config.model}"),
        )

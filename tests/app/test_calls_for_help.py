"""The running host tells a webhook and a program when a model is down, and names no address in its log."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.support.host import ROOT, host
from bench.support.upstreams import serve
from tests.support.wire_page import until, wire_page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program is a POSIX shell")


@dataclass
class World:
    """An HTTP server that takes notices under ``/hook`` and refuses all else, as a model does with a wrong key."""

    port: int = 0
    notices: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                (int(h.split(":")[1]) for h in head.splitlines() if h.lower().startswith("content-length")), 0
            )
            body = await reader.readexactly(length)
            if hooked := "/hook-secret" in head.splitlines()[0]:
                self.notices.append(json.loads(body))
            status = "204 No Content" if hooked else "401 Unauthorized"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def world() -> AsyncIterator[World]:
    one = World()
    async with await asyncio.start_server(one.answer, "127.0.0.1", 0) as server:
        one.port = server.sockets[0].getsockname()[1]
        yield one


async def test_a_model_that_refuses_the_key_calls_a_person(tmp_path: Path) -> None:
    told = tmp_path / "told"
    async with serve() as voice, world() as there:
        file = tmp_path / "mine.yaml"
        command = ["sh", "-c", f'echo "$HAISHIN_ALARM_STATE $HAISHIN_ALARM_ID" >> {told}']
        hook = {"url": f"http://127.0.0.1:{there.port}/hook-secret", "level": "warning"}
        file.write_text(json.dumps({"notify": {"webhooks": [hook], "command": command, "command_level": "warning"}}))
        env = {
            "HAISHIN_LLM__0__BASE_URL": f"http://127.0.0.1:{there.port}/v1",
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

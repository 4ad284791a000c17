"""Ears off means off: a secret that is spoken while they are switched off in mid-sentence is nowhere afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import websockets

from bench.support.host import ROOT, Host, host
from bench.support.upstreams import serve as upstreams
from bot.hearing.input.browser import HEADER, MAGIC, VERSION
from tests.fakes.openai_server import OpenAIServer, openai_server
from tests.support.spoken import spoken
from tests.support.wire_page import until

pytestmark = pytest.mark.model

SECRET = "swordfish"
MS = 20


class Voice:
    """A page that is the microphone, in real time."""

    def __init__(self, socket: websockets.ClientConnection, stream: int, rate: int) -> None:
        self._socket, self._stream, self._rate = socket, stream, rate
        self._sent = 0
        self._began = asyncio.get_running_loop().time()

    async def say(self, samples: np.ndarray[Any, np.dtype[np.float32]]) -> None:
        step = self._rate * MS // 1000
        for at in range(0, samples.size - step, step):
            pcm = (samples[at : at + step] * 32767).astype("<i2").tobytes()
            await self._socket.send(HEADER.pack(MAGIC, VERSION, 0, self._stream, self._rate, self._sent) + pcm)
            self._sent += 1
            ahead = self._began + self._sent * MS / 1000 - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, ahead))


def tables(home: Path) -> str:
    with sqlite3.connect(home / "haishin.db") as db:
        names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        return " ".join(str(db.execute(f'select * from "{name}"').fetchall()) for name in names)  # noqa: S608


async def found(h: Host, http: httpx.AsyncClient, fake: OpenAIServer, panel: list[str]) -> dict[str, bool]:
    """Return where the secret is."""
    files = " ".join(file.read_text("utf-8", "replace") for file in h.home.rglob("*") if file.suffix != ".db")
    raw = b"".join(file.read_bytes() for file in h.home.rglob("haishin.db*"))
    prompts = json.dumps([request for request in fake.requests if "messages" in request])
    places = {
        "tables": tables(h.home), "database file": raw.decode("latin-1"), "log and other files": files,
        "prompts": prompts, "metrics": (await http.get("/metrics")).text, "state": (await http.get("/api/state")).text,
        "panel": " ".join(panel), "ears": (await http.get("/api/ears")).text,
    }  # fmt: skip
    return {name: SECRET in text.lower() for name, text in places.items()}


async def test_a_secret_spoken_while_the_ears_are_switched_off_is_nowhere(tmp_path: Path) -> None:
    words, rate = await spoken("My password is swordfish, and nobody else may know it.", after_s=2.5)
    panel: list[str] = []
    async with openai_server() as fake, upstreams() as voices:
        fake.said = f"Mira, my password is {SECRET}, do you hear?"
        base = f"{fake.address}/v1"
        env = {
            "HAISHIN_LLM__0__BASE_URL": base,
            "HAISHIN_TTS__0__BASE_URL": f"http://127.0.0.1:{voices.port}/v1",
            "HAISHIN_ASR": json.dumps([{"provider": "openai", "base_url": base, "answer": "json"}]),
            "HAISHIN_HEARING__ENABLED": "true",
            "HAISHIN_HEARING__INPUT__KIND": "browser",
            "HAISHIN_HEARING__INPUT__ECHO": "off",
            "HAISHIN_HEARING__CAPTIONS": "true",
            "HAISHIN_HEARING__LISTENING__ENDPOINT": "silence",
            "HAISHIN_HEARING__LISTENING__PARTIALS": "false",
            "HAISHIN_COHOST__ANSWER": "always",
            "HAISHIN_LOG__LEVEL": "DEBUG",
            "HAISHIN_LOG__FILE": str(tmp_path / "haishin.log"),
        }
        async with (
            host([ROOT / "configs/bench.yaml"], env, home=tmp_path) as h,
            h.client() as http,
            websockets.connect(h.socket("panel")) as room,
            websockets.connect(h.socket("stage", role="audio")) as stage,
            asyncio.TaskGroup() as group,
        ):

            async def note(socket: websockets.ClientConnection) -> None:
                with contextlib.suppress(websockets.ConnectionClosed):
                    while True:
                        panel.append(str(await socket.recv()))

            listening = [group.create_task(note(one)) for one in (room, stage)]

            async def ready() -> bool:
                return "no page" in (await http.get("/api/ears")).json()["trouble"]

            async with asyncio.timeout(60):
                while not await ready():
                    await asyncio.sleep(0.1)
            async with websockets.connect(h.socket("ears", role="microphone")) as socket:
                voice = Voice(socket, json.loads(await socket.recv())["stream"], rate)
                part = int(1.3 * rate)  # in mid-sentence: no pause was made yet
                await voice.say(words[:part])
                await http.post("/api/ears", json={"on": False})
                await voice.say(words[part:])
                await asyncio.sleep(1.0)
                assert (await http.get("/api/ears")).json()["on"] is False
                assert not any("file" in request for request in fake.requests), "nothing was sent to be recognised"
                assert not any((await found(h, http, fake, panel)).values())

                # That they would have been found: the same words with open ears.
                await http.post("/api/ears", json={"on": True})
                await voice.say(words)
                await until(lambda: any("messages" in request for request in fake.requests), 20)
                where = await found(h, http, fake, panel)
                assert where["prompts"]
                assert where["panel"]
                assert where["ears"]
                await http.post("/api/ears", json={"on": False})
                assert SECRET not in (await http.get("/api/ears")).text
            for task in listening:
                task.cancel()

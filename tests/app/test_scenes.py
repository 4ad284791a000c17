"""The whole host as a process, with a mixer that speaks OBS's protocol beside it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from bench.support.host import ROOT, host
from bench.support.upstreams import serve
from tests.fakes.obs_server import PASSWORD, ObsServer
from tests.stage.director.test_with_obs import Texts
from tests.support.wire_page import until, wire_page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

CUES = """
director:
  scenes: {starting: Starting, live: Live, ending: Ending}
  cues:
    gift:
      when: {event: gift, at_least: 5 USD}
      do: {text: Thanks, to: "Thank you, {name}, for {amount}!"}
      undo_after: 3600
"""
GIFT = {
    "at": 2.0, "id": "g1", "source": "twitch", "author": {"id": "1", "name": "Annabel"}, "kind": "gift",
    "amount": {"minor": 500, "currency": "USD"},
}  # fmt: skip


async def test_scenes_and_a_gift_from_the_start_to_the_end(tmp_path: Path) -> None:
    (tmp_path / "cues.yaml").write_text(CUES)
    (tmp_path / "gifts.ndjson").write_text(json.dumps(GIFT) + "\n")
    server = ObsServer()
    server.scenes = ["Other", "Starting", "Live", "Ending"]
    server.scene = "Other"
    texts = Texts(server)
    async with serve() as fake, server.serving():
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {
            "HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base, "HAISHIN_OBS__ENABLED": "true",
            "HAISHIN_OBS__PORT": str(server.port), "HAISHIN_OBS__PASSWORD": PASSWORD,
            "HAISHIN_SOURCES__REPLAY__FILE": str(tmp_path / "gifts.ndjson"),
        }  # fmt: skip
        files = [ROOT / "configs/bench.yaml", tmp_path / "cues.yaml"]
        async with host(files, env, home=tmp_path) as h, h.client() as http:
            await until(lambda: server.scene == "Starting")
            async with wire_page(h.socket("stage", role="audio")):
                await until(lambda: server.scene == "Live")
                await until(lambda: texts.words["Thanks"] == "Thank you, Annabel, for 5 USD!")
                assert (await http.post("/api/mixer/scene", json={"scene": "Other"})).status_code == 200
                view = (await http.get("/api/state")).json()["mixer"]
                assert (server.scene, view["hold"]["by"], view["wished"]) == ("Other", "panel", "Live")
                assert (await http.post("/api/mixer/release")).json()["ok"]
                await until(lambda: server.scene == "Live")
                h.process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(h.process.wait(), 12)
        assert server.scene == "Ending"
        assert texts.words["Thanks"] == "", "what stood there for a while was put back"

"""The programme in a real process: killed with -9 in mid-segment, and with a file that changes on air."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from bench.support.host import ROOT, host
from bench.support.upstreams import serve
from tests.app.test_process import settings
from tests.support.wire_page import until, wire_page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

BENCH = [ROOT / "configs/bench.yaml"]
NUMBERS = ("one", "two", "three", "four", "five", "six")


def write(folder: Path) -> Path:
    texts = folder / "texts"
    texts.mkdir()
    parts = [f"This is the paragraph with the number {n} of the tale of the lighthouse." for n in NUMBERS]
    (texts / "tale.txt").write_text("\n\n".join(parts), "utf-8")
    file = folder / "programme.yaml"
    file.write_text(
        "segments:\n- name: reading\n  kind: reading\n  when: {quiet: 1s}\n  late: 5m\n"
        "  options: {folder: texts, piece_s: 5, pause_s: 0, titles: false}\n"
        "- {name: by hand, kind: break, when: {command: true}}\n",
        "utf-8",
    )
    return file


def spoken(texts: list[str]) -> list[str]:
    return re.findall("with the number (\\w+)", " ".join(texts))


async def test_killed_in_mid_segment_it_goes_on_and_says_nothing_twice(tmp_path: Path) -> None:
    file = write(tmp_path)
    async with serve() as fake:
        env = settings(fake.port, HAISHIN_PROGRAMME=str(file))
        async with host(BENCH, env, home=tmp_path) as h, wire_page(h.socket("stage", role="audio")) as page:
            await until(lambda: len(set(spoken([m["text"] for m in page.of("speak")]))) >= 3, 60)
            first = spoken([m["text"] for m in page.of("speak")])
            h.process.send_signal(signal.SIGKILL)
            await h.process.wait()
        async with host(BENCH, env, home=tmp_path) as h, wire_page(h.socket("stage", role="audio")) as page:
            await until(lambda: "six" in spoken([m["text"] for m in page.of("speak")]), 60)
            second = spoken([m["text"] for m in page.of("speak")])
            async with h.client() as http:
                state = (await http.get("/api/programme")).json()
    # The piece that was being said at the kill is not said again, and none before it.
    assert not set(first[:-1]) & set(second[: len(NUMBERS)]), (first, second)
    assert [NUMBERS.index(n) for n in second[:3]] == sorted(NUMBERS.index(n) for n in second[:3])
    assert state["segments"] == ["reading", "by hand"]
    with sqlite3.connect(tmp_path / "haishin.db") as db:
        runs = db.execute("select run, state from programme_run order by id").fetchall()
    assert len(runs) == len(set(runs))
    assert [state for _, state in runs].count("on air") <= 1


async def test_a_file_that_changes_on_air_is_taken_over_unless_it_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "programme.yaml"
    file.write_text("segments:\n- {name: first, kind: break, when: {command: true}}\n", "utf-8")
    async with (
        serve() as fake,
        host(BENCH, settings(fake.port, HAISHIN_PROGRAMME=str(file)), home=tmp_path) as h,
        h.client() as http,
    ):

        async def state() -> dict[str, object]:
            found: dict[str, object] = (await http.get("/api/programme")).json()
            return found

        async def comes(key: str, value: object) -> None:
            async with asyncio.timeout(20):
                while (await state())[key] != value:
                    await asyncio.sleep(0.1)

        assert (await state())["segments"] == ["first"]
        file.write_text("segments:\n- {name: second, kind: brake, when: {command: true}}\n", "utf-8")
        async with asyncio.timeout(20):
            while not (await state())["fault"]:
                await asyncio.sleep(0.1)
        wrong = await state()
        assert "programme.yaml:2: segments.0.kind" in str(wrong["fault"])
        assert wrong["segments"] == ["first"]
        file.write_text("segments:\n- {name: second, kind: break, when: {command: true}}\n", "utf-8")
        await comes("segments", ["second"])
        assert (await state())["fault"] == ""
        done = await http.post("/api/programme/start", json={"segment": "second"})
        assert done.json() == {"ok": True, "detail": "it is next"}
        async with asyncio.timeout(20):
            while (await state())["on_air"] is None:
                await asyncio.sleep(0.1)
        assert (await http.post("/api/programme/extend", json={"seconds": 5})).status_code == 409
        assert (await http.post("/api/programme/hold", json={"on": True})).status_code == 200
        assert (await http.post("/api/programme/skip", json={})).status_code == 200
        assert (await http.post("/api/programme/start", json={"segment": "third"})).status_code == 409
        assert (await http.get("/api/programme/timeline?hours=24")).json() == []


async def test_a_segment_invites_another_persona_and_the_own_one_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "programme.yaml"
    file.write_text(
        "segments:\n- {name: guest, kind: break, persona: xiaoyun, when: {command: true}, options: {seconds: 600}}\n",
        "utf-8",
    )
    async with (
        serve() as fake,
        host(BENCH, settings(fake.port, HAISHIN_PROGRAMME=str(file)), home=tmp_path) as h,
        wire_page(h.socket("stage", role="audio")) as page,
        h.client() as http,
    ):

        def hosts() -> list[str]:
            return [m["name"] for m in page.of("settings")]

        assert hosts() == []
        await http.post("/api/programme/start", json={"segment": "guest"})
        await until(lambda: hosts()[-1:] == ["小云"], 20)
        await http.post("/api/programme/skip", json={})
        await until(lambda: hosts()[-1:] == ["Mira"], 20)

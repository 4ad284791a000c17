"""The host as a process: killed in mid-sentence, ended by a signal, run into a taken port."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.support.host import ROOT, host
from bench.support.upstreams import serve
from tests.support.wire_page import until, wire_page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

GIFTS = [
    {"at": 0.2, "id": "g1", "source": "twitch", "author": {"id": "1", "name": "Annabel"}, "kind": "gift",
     "amount": {"minor": 500, "currency": "USD"}},
    {"at": 0.3, "id": "g2", "source": "twitch", "author": {"id": "2", "name": "Benedict"}, "kind": "gift",
     "amount": {"minor": 700, "currency": "USD"}},
]  # fmt: skip


def settings(port: int, **more: str) -> Mapping[str, str]:
    base = f"http://127.0.0.1:{port}/v1"
    return {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base, **more}


async def test_killed_in_mid_sentence_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    gifts = tmp_path / "gifts.ndjson"
    gifts.write_text("".join(json.dumps(g) + "\n" for g in GIFTS))
    bench = [ROOT / "configs/bench.yaml"]
    async with serve() as fake:
        env = settings(fake.port, HAISHIN_SOURCES__REPLAY__FILE=str(gifts))
        async with host(bench, env, home=tmp_path) as h, wire_page(h.socket("stage", role="audio")) as page:
            names = [g["author"]["name"] for g in GIFTS]  # type: ignore[index]
            # More than a word: of half a name nobody would say that it was thanked for.
            await until(lambda: sum(page.heard_ms.values()) > 1500)
            await until(lambda: any(n in m["text"] for m in page.of("speak") for n in names))
            first = " ".join(m["text"] for m in page.of("speak"))
            h.process.send_signal(signal.SIGKILL)
            await h.process.wait()
        thanked = next(name for name in names if name in first)
        other = next(name for name in names if name != thanked)

        async with host(bench, env, home=tmp_path) as h, wire_page(h.socket("stage", role="audio")) as page:
            await until(lambda: any(other in m["text"] for m in page.of("speak")))
            async with h.client() as http:
                await http.post("/api/chat", json={"author": "carol", "text": "is anybody there tonight?"})
            await until(lambda: len({m["epoch"] for m in page.of("speak")}) > 1, 40)
            spoken = [m["text"] for m in page.of("speak")]
            assert not any(thanked in text for text in spoken), spoken
            assert sum(other in text for text in spoken) == 1, spoken

    with sqlite3.connect(tmp_path / "haishin.db") as db:
        rows = db.execute("select state, heard from utterance order by id").fetchall()
        events = dict(db.execute("select message_id, state from paid_event").fetchall())
    assert rows[0][0] == "interrupted"
    assert rows[0][1]
    assert first.startswith(rows[0][1].split()[0])
    assert rows[0][1] != first or len(page.of("speak")) > 1
    assert set(events) == {"g1", "g2"}
    assert set(events.values()) == {"acknowledged"}


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_show_within_ten_seconds(tmp_path: Path, name: signal.Signals) -> None:
    async with (
        serve() as fake,
        host([ROOT / "configs/bench.yaml"], settings(fake.port), home=tmp_path) as h,
        wire_page(h.socket("stage", role="audio")) as page,
        h.client() as http,
    ):
        await http.post("/api/chat", json={"author": "ana", "text": "tell me a very long story"})
        await until(lambda: any(ms > 300 for ms in page.heard_ms.values()))
        began = asyncio.get_running_loop().time()
        h.process.send_signal(name)
        assert await asyncio.wait_for(h.process.wait(), 10) == 0
        assert asyncio.get_running_loop().time() - began < 10
    with sqlite3.connect(tmp_path / "haishin.db") as db:
        ((state, heard),) = db.execute("select state, heard from utterance").fetchall()
    assert (state, bool(heard)) in (("interrupted", True), ("completed", True))


async def haishin(*args: str, env: Mapping[str, str]) -> tuple[int, str]:
    import os  # noqa: PLC0415

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *args, cwd=ROOT, env={**os.environ, "COLUMNS": "200", **env},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 150)
    return process.returncode or 0, out.decode()


async def test_a_taken_port_and_a_wrong_key_are_explained_without_a_trace(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        bench = str(ROOT / "configs/bench.yaml")
        env = {"HAISHIN_HOME": str(tmp_path), "HAISHIN_WEB__PORT": port}
        code, out = await haishin("run", "--config", bench, env=env)
    assert code == 2
    assert f"port {port} is taken" in out
    assert "HAISHIN_WEB__PORT=" in out
    assert "Traceback" not in out

    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("show:\n  anwser: all\n")
    code, out = await haishin("run", "--config", str(wrong), env={"HAISHIN_HOME": str(tmp_path)})
    assert code == 2
    assert "wrong.yaml:2" in out
    assert "did you mean 'answer'" in out
    assert "Traceback" not in out


async def test_a_second_host_on_one_data_folder_is_told_who_has_it(tmp_path: Path) -> None:
    bench = ROOT / "configs/bench.yaml"
    async with serve() as fake, host([bench], settings(fake.port), home=tmp_path) as h:
        env = {**settings(fake.port), "HAISHIN_HOME": str(tmp_path), "HAISHIN_WEB__PORT": "0"}
        for more in ({}, {"HAISHIN_STORE": f"sqlite+aiosqlite:///{tmp_path / 'other.db'}"}):
            code, out = await haishin("run", "--config", str(bench), env={**env, **more})
            assert code == 2
            assert f"process {h.process.pid}" in out
            assert "what to do: stop the other host" in out
            assert "Traceback" not in out
        there = {"HAISHIN_STORE": f"sqlite+aiosqlite:///{tmp_path / 'haishin.db'}"}
        code, out = await haishin(
            "run", "--config", str(bench), env={**env, **there, "HAISHIN_HOME": str(tmp_path / "b")}
        )
        assert code == 2
        assert f"process {h.process.pid}" in out
        code, out = await haishin("ledger", env=env)
        assert (code, "every payment was thanked for" in out) == (0, True), out
        assert tmp_path.stat().st_mode & 0o777 == 0o700
        assert {file.name: oct(file.stat().st_mode & 0o077) for file in tmp_path.iterdir() if file.is_file()} == {
            file.name: "0o0" for file in tmp_path.iterdir() if file.is_file()
        }


async def test_check_says_what_works_and_what_to_do_about_the_rest(tmp_path: Path) -> None:
    bench = str(ROOT / "configs/bench.yaml")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    async with serve() as fake:
        env = {"HAISHIN_HOME": str(tmp_path), "HAISHIN_WEB__PORT": "0"}
        code, out = await haishin("check", "--config", bench, env={**settings(fake.port), **env})
        assert code == 0, out
        for part in ("configuration", "persona", "moderation", "port", "pages", "store", "llm: openai", "tts: openai"):
            assert any(line.startswith("ok") and part in line for line in out.splitlines()), (part, out)
        env["HAISHIN_LLM__0__BASE_URL"] = f"http://127.0.0.1:{closed}/v1"
        code, out = await haishin("check", "--config", bench, env={**settings(fake.port), **env})
        assert code == 1
        assert any(line.startswith("FAIL") and "llm: openai" in line for line in out.splitlines()), out
        assert "what to do:" in out


async def test_a_saved_file_takes_effect_while_on_air(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("show:\n  answer: all\n")
    files = [ROOT / "configs/bench.yaml", mine]
    async with serve() as fake, host(files, settings(fake.port), home=tmp_path) as h, h.client() as http:

        async def fate() -> str:
            answer = await http.post("/api/chat", json={"author": "ana", "text": "is it raining where you are?"})
            return str(answer.json()["reason"])

        assert "no chat" not in await fate()
        mine.write_text("show:\n  anser: none\n")
        await written(h.log, "not taken over")
        assert "no chat" not in await fate()
        mine.write_text("show:\n  answer: none\nweb:\n  port: 1\n")
        await written(h.log, "read again")
        assert "the host answers no chat now" in await fate()


async def written(log: Path, words: str) -> None:
    await until(lambda: words in log.read_text("utf-8", "replace"))


async def test_say_writes_a_wav_file(tmp_path: Path) -> None:
    import wave  # noqa: PLC0415

    target = tmp_path / "hello.wav"
    async with serve() as fake:
        bench = str(ROOT / "configs/bench.yaml")
        env = {"HAISHIN_HOME": str(tmp_path), **settings(fake.port)}
        code, out = await haishin("say", "[joy] Hello there, chat!", "-o", str(target), "--config", bench, env=env)
    assert code == 0, out
    with wave.open(str(target)) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, 24_000)
        assert file.getnframes() / 24_000 == pytest.approx(len("Hello there, chat!") / 14, abs=0.2)


async def test_a_replay_accounts_for_every_message(tmp_path: Path) -> None:
    evening = tmp_path / "evening.ndjson"
    lines = (ROOT / "configs" / "evening.ndjson").read_text("utf-8").splitlines()
    evening.write_text("\n".join(line for line in lines if line)[:20_000].rpartition("\n")[0] + "\n", "utf-8")
    async with serve() as fake:
        bench = str(ROOT / "configs/bench.yaml")
        env = {"HAISHIN_HOME": str(tmp_path), "HAISHIN_WEB__PORT": "0", **settings(fake.port)}
        code, out = await haishin("replay", str(evening), "--speed", "20", "--config", bench, env=env)
    assert code == 0, out
    assert "0 unaccounted for" in out
    assert "answered" in out

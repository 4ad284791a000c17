"""haishin run as a process: the port at once, the welcome, Ctrl-C while it starts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx
import pytest

from bench.support.host import ROOT, free_port
from bench.support.upstreams import serve
from bot.app.app import Addresses, App
from bot.cli import run
from bot.web.auth.token import all_keys

TOKEN = "a-long-token-of-the-test"


@contextlib.asynccontextmanager
async def starting(home: Path, fake: int, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    base = f"http://127.0.0.1:{fake}/v1"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--config", str(ROOT / "configs/bench.yaml"), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, stdin=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HAISHIN_HOME": str(home), "HAISHIN_TOKEN": TOKEN, "HAISHIN_WEB__PORT": str(port),
             "HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base, "COLUMNS": "200"},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def answer(http: httpx.AsyncClient, path: str, within_s: float = 60) -> httpx.Response:
    """Return the first answer that comes."""
    async with asyncio.timeout(within_s):
        while True:
            with contextlib.suppress(httpx.TransportError):
                return await http.get(path)
            await asyncio.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="signals and rights of POSIX")
async def test_the_port_answers_before_the_show_is_ready_and_then_turns_into_it(tmp_path: Path) -> None:
    port, home = free_port(), tmp_path / "home"
    auth = {"Authorization": f"Bearer {TOKEN}"}
    url = f"http://127.0.0.1:{port}"
    async with (
        serve() as fake,
        starting(home, fake.port, port) as process,
        httpx.AsyncClient(base_url=url, headers=auth, timeout=60) as http,
    ):
        assert (await answer(http, "/live")).status_code == 204
        first = await http.get("/health")
        assert (first.status_code, first.json()["status"]) == (503, "starting")
        parts, progress = [first.json()["part"]], [0.0]
        async with asyncio.timeout(120):
            while (now := await http.get("/health")).status_code == 503:
                parts.append(now.json()["part"])
                progress.append(now.json()["progress"])
                await asyncio.sleep(0.05)
        assert now.json()["status"] == "ok"
        assert progress == sorted(progress)
        assert len(set(parts)) > 1
        assert (await http.get("/api/state")).status_code == 200
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert not [one for one in home.iterdir() if one.is_file() and stat.S_IMODE(one.stat().st_mode) & 0o077]
        process.send_signal(signal.SIGTERM)
        out, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    said = out.decode()
    assert f"{url}/panel/" in said
    assert not any(key in said for key in all_keys(TOKEN)), "stdout is no terminal"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_during_the_start_ends_it(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    async with (
        serve() as fake,
        starting(tmp_path, fake.port, port) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http,
    ):
        await answer(http, "/live")
        process.send_signal(number)
        out, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 128 + number
    assert b"Traceback" not in out
    assert b"interrupted" in out


@pytest.mark.parametrize("terminal", [True, False])
def test_the_welcome_shows_keys_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool
) -> None:
    monkeypatch.setattr(run, "on_a_terminal", lambda: terminal)
    base = "http://127.0.0.1:7878"
    where = Addresses(*(f"{base}/{page}/?token=KEY-{page}" for page in ("stage", "chat", "panel")))
    run.welcome(cast("App", SimpleNamespace(addresses=where)), 1.0)
    said = capsys.readouterr().out
    for page in ("stage", "chat", "panel"):
        assert f"{base}/{page}/" in said
        assert (f"KEY-{page}" in said) is terminal
    if not terminal:
        assert "HAISHIN_TOKEN" in said


async def test_a_module_is_imported_while_the_loop_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.3)\nvalue = 5\n")
    (tmp_path / "broken_to_import.py").write_text("raise RuntimeError('no')\n")
    monkeypatch.syspath_prepend(tmp_path)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick())
        assert (await run.loaded("slow_to_import")).value == 5
        ticking.cancel()
    assert ticks > 3
    with pytest.raises(RuntimeError, match="no"):
        await run.loaded("broken_to_import")

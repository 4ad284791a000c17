"""Ctrl-C and SIGTERM while a command works: it ends at once, cleans up, and says so."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.cli import interrupts
from bot.cli.interrupts import Interrupted, Interrupts
from bot.weights.lockfile import Lock

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

#: What the fake hub sends of each file, and then nothing more.
FIRST = 3 << 20


@asynccontextmanager
async def slow_hub() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Serve a hub that sends the beginning of each file and then waits; the event is set once it was asked."""
    asked = asyncio.Event()
    sizes = {file.hub.rpartition("/")[2]: file.size for model in Lock.load().models for file in model.files if file.hub}

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.content_length = sizes[request.path.rpartition("/")[2]]
        await answer.prepare(request)
        await answer.write(b"x" * min(FIRST, answer.content_length - 1))
        asked.set()
        await asyncio.sleep(60)
        return answer

    app = web.Application()
    app.router.add_route("GET", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def interrupted(
    program: list[str], env: dict[str, str], ready: Callable[[asyncio.StreamReader], asyncio.Future[object]],
    *signals: signal.Signals,
) -> tuple[int, str, float]:  # fmt: skip
    """Start a program, send it signals once it is ready; return its status, its words, and how long its end took."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HAISHIN_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program, cwd=ROOT, env={**clean, **env, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            await ready(process.stdout)
            await asyncio.sleep(0.3)
            began = time.monotonic()
            for number in signals:
                with contextlib.suppress(ProcessLookupError):  # it may have ended before the second one
                    process.send_signal(number)
                await asyncio.sleep(0.05)
            words = (await process.stdout.read()).decode()
            return await process.wait(), words, time.monotonic() - began
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(
    ("command", "signals", "code"),
    [
        (["run"], [signal.SIGINT], 130),
        (["run"], [signal.SIGINT, signal.SIGINT], 130),
        (["run"], [signal.SIGTERM], 143),
        (["models", "pull"], [signal.SIGINT], 130),
        (["models", "pull"], [signal.SIGINT, signal.SIGINT, signal.SIGINT], 130),
    ],
    ids=["run", "run twice", "run by SIGTERM", "pull", "pull thrice"],
)
async def test_a_download_ends_at_once(
    tmp_path: Path, command: list[str], signals: list[signal.Signals], code: int
) -> None:
    async with slow_hub() as (base, asked):
        env = {
            "HAISHIN_HOME": str(tmp_path), "HAISHIN_MODELS__DIR": str(tmp_path / "models"), "HF_ENDPOINT": base,
            "HAISHIN_WEB__PORT": "0",
        }  # fmt: skip
        got, words, took = await interrupted(
            ["-m", "bot", *command], env, lambda _: asyncio.ensure_future(asked.wait()), *signals
        )
    assert got == code, words
    assert words.rstrip().endswith("what was fetched is kept"), words
    assert words.count("interrupted") == 1
    assert "Traceback" not in words
    assert took < interrupts.CLEAN_UP_S  # beside other work two seconds become four
    kept = list((tmp_path / "models").rglob("*.hub"))
    assert kept, "what was fetched is kept"
    assert max(file.stat().st_size for file in kept) > 0


LOADING = """
import asyncio, sys, time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
import bot.app.build as app

@asynccontextmanager
async def connect(*_args, **_kwargs):
    pool = ThreadPoolExecutor(1)
    print("loading", flush=True)
    try:
        await asyncio.get_running_loop().run_in_executor(pool, time.sleep, 60)  # a model on a slow disk
        yield
    finally:
        print("cleaned up", flush=True)
        pool.shutdown(wait=False)

app.open_llm = connect
from bot.__main__ import main
sys.argv = ["haishin", "run", "--config", sys.argv[1]]
main()
"""


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGINT, signal.SIGINT]], ids=["once", "twice"])
async def test_loading_a_model_is_not_waited_for(tmp_path: Path, signals: list[signal.Signals]) -> None:
    env = {"HAISHIN_HOME": str(tmp_path), "HAISHIN_WEB__PORT": "0"}

    async def loading(out: asyncio.StreamReader) -> None:
        while b"loading" not in await out.readline():
            pass

    program = ["-c", LOADING, str(ROOT / "configs/bench.yaml")]
    got, words, took = await interrupted(program, env, lambda out: asyncio.ensure_future(loading(out)), *signals)
    assert got == 130, words
    assert "cleaned up" in words
    assert "Traceback" not in words
    assert took < interrupts.CLEAN_UP_S  # beside other work two seconds become four


def test_a_show_is_asked_to_end_well_first_and_cancelled_then() -> None:
    steps: list[str] = []

    async def show(signals: Interrupts) -> None:
        stop = asyncio.Event()
        with signals.ending(stop.set):
            os.kill(os.getpid(), signal.SIGINT)
            await stop.wait()
            steps.append("asked")
            os.kill(os.getpid(), signal.SIGINT)
            try:
                await asyncio.sleep(10)
            finally:
                steps.append("cleaned up")

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(Interrupted) as ended:
            interrupts.run(show)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ended.value.code == 130
    assert steps == ["asked", "cleaned up"]


def test_without_a_signal_all_is_as_before() -> None:
    async def work(_signals: Interrupts) -> int:
        return 7

    before = signal.getsignal(signal.SIGINT)
    assert interrupts.run(work) == 7
    assert signal.getsignal(signal.SIGINT) is before

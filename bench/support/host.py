"""Starts the real host as a process of its own, for benchmarks and tests that drive it from outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parents[2]


@dataclass
class Host:
    """A running host."""

    port: int
    token: str
    process: asyncio.subprocess.Process
    log: Path
    started_s: float
    home: Path

    @property
    def http(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self.port}"

    def page(self, name: str) -> str:
        """Address of a page."""
        return f"{self.http}/{name}/?token={self.token}"

    def socket(self, name: str, **query: str) -> str:
        """Address of a WebSocket."""
        extra = "".join(f"&{k}={v}" for k, v in query.items())
        return f"ws://127.0.0.1:{self.port}/ws/{name}?token={self.token}{extra}"

    def client(self) -> httpx.AsyncClient:
        """Return an HTTP client with the key."""
        return httpx.AsyncClient(base_url=self.http, headers={"Authorization": f"Bearer {self.token}"}, timeout=20)

    def rss_mb(self) -> float:
        """Return the memory of the host and its children in MB."""
        process = psutil.Process(self.process.pid)
        return sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / 1e6


def free_port() -> int:
    """Find a free port."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def environment() -> dict[str, str]:
    """Return the environment for a program that is measured: as its users have it, with its modules compiled once.

    Where the writing of bytecode is turned off, each start would compile every module again: four times the CPU time.
    """
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if len(own) < len(os.environ):
        own.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / "out" / "bytecode"))
    return own


@contextlib.asynccontextmanager
async def host(
    configs: Sequence[Path | str] = (),
    env: Mapping[str, str] | None = None,
    *,
    home: Path | None = None,
    within_s: float = 120,
) -> AsyncIterator[Host]:
    """Run ``haishin run`` until the block ends; ready when ``/health`` answers."""
    with contextlib.ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="haishin-")))
        token, port = secrets.token_hex(16), free_port()
        log = folder / "host.log"
        began = time.monotonic()
        with log.open("ab") as sink:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", *(f"--config={c}" for c in configs),
                cwd=ROOT, stdout=sink, stderr=sink, stdin=asyncio.subprocess.DEVNULL,
                env={
                    **environment(), "HAISHIN_HOME": str(folder), "HAISHIN_TOKEN": token,
                    "HAISHIN_WEB__PORT": str(port), **(env or {}),
                },
            )  # fmt: skip
        running = Host(port, token, process, log, 0.0, folder)
        try:
            async with running.client() as http:
                await _ready(http, process, log, within_s)
            running.started_s = time.monotonic() - began
            yield running
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), 15)
                except TimeoutError:
                    process.kill()
                    await process.wait()


async def _ready(http: httpx.AsyncClient, process: asyncio.subprocess.Process, log: Path, within_s: float) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if process.returncode is not None:
            raise RuntimeError(
                f"the host ended with {process.returncode}:\n{log.read_text('utf-8', 'replace')[-3000:]}"
            )
        with contextlib.suppress(httpx.TransportError):
            if (await http.get("/health")).status_code == 200:
                return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"the host was not ready in {within_s:g} s:\n{log.read_text('utf-8', 'replace')[-3000:]}")


def quantiles(values: Sequence[float]) -> dict[str, Any]:
    """Return n, median, p90, p99 and the largest, rounded to hundredths."""
    ordered = sorted(values)
    if not ordered:
        return {"n": 0}

    def pick(q: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(q * len(ordered)))], 2)

    return {"n": len(ordered), "p50": pick(0.5), "p90": pick(0.9), "p99": pick(0.99), "max": round(ordered[-1], 2)}

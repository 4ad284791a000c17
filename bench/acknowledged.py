"""How long after its first heard word a payment is acknowledged: ``python -m bench.acknowledged`` prints JSON.

Method: the real host runs as a process of its own with ``configs/bench.yaml`` against `bench.support.upstreams`; a
recorded evening gives it payments, a stage client takes the audio role and reports what it plays. In the host's own
database the moment of the first word is the start of the turn plus its timing ``first_word``, and the payment has the
moment at which it was settled. The turn's own clock starts some milliseconds before the record of its start, so
small figures may be negative.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import sqlite3
import struct
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import websockets

from bench.support.host import ROOT, Host, host, quantiles
from bench.support.upstreams import serve

_HEADER = struct.Struct("<HBBIII")
#: 16-bit samples at 24 kHz, as the fake voice gives them.
_BYTES_PER_MS = 48


@dataclass
class Track:
    """One clause as the page plays it, in milliseconds."""

    epoch: int
    clause: int
    received: float = 0.0
    whole: bool = False
    began: float = 0.0


async def listen(url: str) -> None:
    """Be a stage page: play clause after clause by the clock, and report what was heard each 50 ms."""
    tracks: list[Track] = []
    async with websockets.connect(url, max_size=None) as ws, asyncio.TaskGroup() as group:
        await ws.send(json.dumps({"type": "audio", "state": "running", "latency_ms": 0}))
        group.create_task(_play(ws, tracks))
        async for frame in ws:
            if isinstance(frame, str):
                message = json.loads(frame)
                if message["type"] == "stop":
                    tracks.clear()
                    stopped = {"type": "stopped", "epoch": message["epoch"], "clause": -1, "position_ms": 0}
                    await ws.send(json.dumps(stopped))
                continue
            _, _, flags, epoch, clause, _ = _HEADER.unpack_from(frame)
            if not tracks or (tracks[-1].epoch, tracks[-1].clause) != (epoch, clause):
                tracks.append(Track(epoch, clause))
            tracks[-1].received += (len(frame) - _HEADER.size) / _BYTES_PER_MS
            tracks[-1].whole = tracks[-1].whole or bool(flags & 2)


async def _play(ws: Any, tracks: list[Track]) -> None:
    while True:
        await asyncio.sleep(0.05)
        if not tracks:
            continue
        track = tracks[0]
        track.began = track.began or time.monotonic()
        position = min(track.received, (time.monotonic() - track.began) * 1000)
        finished = track.whole and position >= track.received
        report = {"type": "playback", "epoch": track.epoch, "clause": track.clause, "position_ms": int(position)}
        await ws.send(json.dumps({**report, "finished": finished}))
        if finished:
            tracks.pop(0)


def recording(folder: Path, payments: int) -> Path:
    """Write a recorded evening of payments, one in half a second."""
    file = folder / "payments.ndjson"
    lines = [
        {
            "at": 3.0 + number * 0.5, "id": f"p{number}", "source": "twitch", "kind": "super_chat", "text": "",
            "author": {"id": f"u{number}", "name": f"viewer{number}", "roles": []},
            "amount": {"minor": 500, "currency": "USD"},
        }
        for number in range(payments)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


def lags(database: Path) -> list[float]:
    """Return the milliseconds between the first heard word and the acknowledgement of each payment."""
    with closing(sqlite3.connect(database)) as db:
        rows = db.execute(
            "SELECT u.started_at, u.timings, p.settled_at FROM paid_event p JOIN utterance u ON u.turn = p.turn "
            "WHERE p.state = 'acknowledged'"
        ).fetchall()
    found = []
    for started, timings, settled in rows:
        heard = json.loads(timings).get("first_word")
        if heard is not None:
            took = dt.datetime.fromisoformat(settled) - dt.datetime.fromisoformat(started)
            found.append(took.total_seconds() * 1000 - heard)
    return found


async def measure(payments: int) -> dict[str, object]:
    """Run the evening; return the figures."""
    with tempfile.TemporaryDirectory() as name:
        async with serve() as fake:
            base = f"http://127.0.0.1:{fake.port}/v1"
            env = {
                "HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base, "HAISHIN_LOG__LEVEL": "ERROR",
                "HAISHIN_SOURCES__REPLAY__FILE": str(recording(Path(name), payments)),
            }  # fmt: skip
            async with host([ROOT / "configs" / "bench.yaml"], env) as running:
                return await watch(running, payments)


async def watch(running: Host, payments: int) -> dict[str, object]:
    """Wait until the payments are acknowledged."""
    async with asyncio.TaskGroup() as group:
        page = group.create_task(listen(running.socket("stage", role="audio")))
        database = running.home / "haishin.db"
        for _ in range(payments * 10):
            await asyncio.sleep(1)
            if len(lags(database)) >= payments:
                break
        page.cancel()
    found = lags(database)
    return {
        "bench": "acknowledged",
        "payments": payments,
        "acknowledged": len(found),
        "after_first_word_ms": quantiles(found),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=40)
    wanted = parser.parse_args()
    print(json.dumps(asyncio.run(measure(wanted.payments))))


if __name__ == "__main__":
    main()

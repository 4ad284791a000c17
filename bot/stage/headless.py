"""A stage page without a browser, for replays: it plays by the clock and reports what it heard."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from bot.stage.hub import Overlay
from bot.stage.protocol import HEADER, LAST

#: Seconds of real time between two reports, as on the real page.
REPORT_S = 0.064


@dataclass
class _Track:
    """One clause as the page knows it: s16le sound of ``size`` bytes from ``at_ms`` on."""

    epoch: int
    clause: int
    rate: int
    at_ms: float
    size: int = 0
    complete: bool = False

    @property
    def duration_ms(self) -> float:
        return self.at_ms + self.size / 2 / self.rate * 1000 if self.rate else self.at_ms


class HeadlessPage:
    """A `Socket` that hears ``speed`` times as fast as people do; ``heard_s`` counts seconds of speech."""

    def __init__(self, stage: Overlay, speed: float = 1.0) -> None:
        self.heard_s = 0.0
        self._stage = stage
        self._speed = speed
        self._in: asyncio.Queue[str | None] = asyncio.Queue(1000)
        self._tracks: list[_Track] = []
        self._stopped = -1
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Connect to the stage, and play until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._stage.serve(self, wants_audio=True))
            await self._play()

    async def send_text(self, data: str) -> None:
        """Take a text frame of the server."""
        message: dict[str, Any] = json.loads(data)
        if message["type"] == "speak":
            rate = message["rate"]
            at = float(message["from_ms"]) + (0 if rate else message["silent_ms"])
            self._tracks.append(_Track(message["epoch"], message["clause"], rate, at, complete=not rate))
        elif message["type"] == "stop":
            self._stopped = max(self._stopped, message["epoch"])
            self._tell({"type": "stopped", "epoch": message["epoch"], "clause": -1, "position_ms": 0.0})
        self._changed.set()

    async def send_bytes(self, data: bytes) -> None:
        """Take a frame of sound."""
        _, _, flags, epoch, clause, _ = HEADER.unpack_from(data)
        for track in self._tracks:
            if (track.epoch, track.clause) == (epoch, clause):
                track.size += len(data) - HEADER.size
                track.complete = track.complete or bool(flags & LAST)
        self._changed.set()

    async def receive_text(self) -> str | None:
        """Return the next report for the server; None once the server has closed the page."""
        return await self._in.get()

    async def close(self, code: int, reason: str) -> None:
        """Take note that the server closes the page."""
        del code, reason
        self._in.put_nowait(None)

    def _tell(self, message: dict[str, Any]) -> None:
        if not self._in.full():
            self._in.put_nowait(json.dumps(message))

    async def _play(self) -> None:
        while True:
            self._tracks = [t for t in self._tracks if t.epoch > self._stopped]
            if not self._tracks:
                self._changed.clear()
                await self._changed.wait()
                continue
            track = self._tracks[0]
            position = 0.0
            while track.epoch > self._stopped and not (track.complete and position >= track.duration_ms):
                if position >= track.duration_ms:
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                step = min(REPORT_S * self._speed * 1000, track.duration_ms - position)
                await asyncio.sleep(step / 1000 / self._speed)
                position += step
                self.heard_s += step / 1000
                self._report(track, position, finished=False)
            if track.epoch > self._stopped:
                self._report(track, track.duration_ms, finished=True)
                self._tracks.pop(0)

    def _report(self, track: _Track, position: float, *, finished: bool) -> None:
        self._tell({
            "type": "playback", "epoch": track.epoch, "clause": track.clause,
            "position_ms": position, "finished": finished,
        })  # fmt: skip

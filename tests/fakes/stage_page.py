"""A stage page without a browser: speaks the wire protocol over a `Socket`, plays by the loop's clock.

It does what the real page does: queues sound by clause, plays clause after clause, reports about
every 64 ms, obeys a stop within a few ms. Switches make it misbehave.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from bot.stage.hub import Overlay
from bot.stage.protocol import HEADER, LAST, MAGIC, VERSION

REPORT_S = 0.064


@dataclass
class Track:
    """One clause as the page knows it."""

    epoch: int
    clause: int
    text: str
    rate: int
    from_ms: int
    silent_ms: int
    data: bytearray = field(default_factory=bytearray)
    complete: bool = False
    next_sequence: int = 0

    @property
    def duration_ms(self) -> float:
        if not self.rate:
            return self.from_ms + self.silent_ms
        return self.from_ms + len(self.data) / 2 / self.rate * 1000


@dataclass
class FakePage:
    """Connect it with `open`. ``mute`` never reports, ``deaf`` ignores stops, ``nonsense`` reports wild positions."""

    mute: bool = False
    deaf: bool = False
    nonsense: bool = False
    stop_delay_s: float = 0.005
    messages: list[dict[str, Any]] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    frames: list[tuple[float, int, int, int]] = field(default_factory=list)
    heard_ms: dict[tuple[int, int], float] = field(default_factory=dict)
    #: When the loudness of an epoch changed, and to what.
    gains: list[tuple[float, int, float]] = field(default_factory=list)
    role: str = ""
    closed: tuple[int, str] | None = None

    def __post_init__(self) -> None:
        self._to_server: asyncio.Queue[str | None] = asyncio.Queue()
        self._stopped = -1
        self._still = False
        self._changed = asyncio.Event()

    # --- the Socket that the server holds -----------------------------------------------------------

    async def send_text(self, data: str) -> None:
        message = json.loads(data)
        self.messages.append(message)
        kind = message["type"]
        if kind in ("hello", "role"):
            self.role = message["role"]
        elif kind == "speak" and message["epoch"] > self._stopped:
            key = (message["epoch"], message["clause"])
            self.tracks = [t for t in self.tracks if (t.epoch, t.clause) != key]
            self.tracks.append(
                Track(
                    *key, message["text"], message["rate"], message["from_ms"], message["silent_ms"],
                    complete=not message["rate"],
                )
            )  # fmt: skip
        elif kind == "duck":
            self.gains.append((asyncio.get_running_loop().time(), message["epoch"], message["gain"]))
            self._still = message["hold"]
        elif kind == "resume":
            self.gains.append((asyncio.get_running_loop().time(), message["epoch"], 1.0))
            self._still = False
        elif kind == "stop" and not self.deaf:
            self._still = False
            self._stopped = max(self._stopped, message["epoch"])
            asyncio.get_running_loop().call_later(self.stop_delay_s, self._acknowledge, message["epoch"])
        self._changed.set()

    async def send_bytes(self, data: bytes) -> None:
        magic, version, flags, epoch, clause, sequence = HEADER.unpack_from(data)
        assert (magic, version) == (MAGIC, VERSION)
        self.frames.append((asyncio.get_running_loop().time(), epoch, clause, len(data) - HEADER.size))
        if epoch <= self._stopped:
            return
        track = next(t for t in self.tracks if (t.epoch, t.clause) == (epoch, clause))
        assert sequence == track.next_sequence, "frames out of order"
        assert len(data) > HEADER.size, "an empty frame"
        track.next_sequence += 1
        track.data += data[HEADER.size :]
        track.complete = track.complete or bool(flags & LAST)
        self._changed.set()

    async def receive_text(self) -> str | None:
        return await self._to_server.get()

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)
        self._to_server.put_nowait(None)

    # --- the page's own life ------------------------------------------------------------------------

    def send(self, message: dict[str, Any] | str) -> None:
        """Send something to the server, valid or not."""
        self._to_server.put_nowait(message if isinstance(message, str) else json.dumps(message))

    def leave(self) -> None:
        """Close the tab."""
        self._to_server.put_nowait(None)

    def _acknowledge(self, epoch: int) -> None:
        last = max(((c, ms) for (e, c), ms in self.heard_ms.items() if e == epoch), default=(-1, 0.0))
        self.send({"type": "stopped", "epoch": epoch, "clause": last[0], "position_ms": last[1]})

    async def play(self) -> None:
        """Play what comes, for ever."""
        done: set[tuple[int, int]] = set()
        while True:
            track = next((t for t in self.tracks if (t.epoch, t.clause) not in done and t.epoch > self._stopped), None)
            if track is None or self.role != "audio":
                self._changed.clear()
                await self._changed.wait()
                continue
            position = float(track.from_ms)
            while track.epoch > self._stopped and self.role == "audio":
                if position >= track.duration_ms and track.complete:
                    done.add((track.epoch, track.clause))
                    self._report(track, track.duration_ms, finished=True)
                    break
                if position >= track.duration_ms:
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                step = min(REPORT_S, (track.duration_ms - position) / 1000)
                await asyncio.sleep(step)
                if self._still:
                    continue
                if track.epoch <= self._stopped:
                    break
                position += step * 1000
                self._report(track, position, finished=False)

    def _report(self, track: Track, position: float, *, finished: bool) -> None:
        self.heard_ms[track.epoch, track.clause] = position
        if self.mute:
            return
        shown = 3_500_000.0 if self.nonsense else position
        self.send({
            "type": "playback", "epoch": track.epoch, "clause": track.clause,
            "position_ms": shown, "finished": finished or self.nonsense,
        })  # fmt: skip

    @contextlib.asynccontextmanager
    async def open(self, stage: Overlay, *, wants_audio: bool = True, running: bool = True) -> AsyncIterator[FakePage]:
        """Be connected to a stage for a while."""
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(stage.serve(self, wants_audio, running=running))
            playing = group.create_task(self.play())
            await asyncio.sleep(0.001)
            try:
                yield self
            finally:
                self.leave()
                playing.cancel()
                await asyncio.wait({serving})

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of a type."""
        return [m for m in self.messages if m["type"] == kind]

"""Who watches a host for weeks: a stage page that reports seldom, and what was heard on it, host after host."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.stage.hub import Overlay
from bot.stage.protocol import HEADER, LAST

#: The first report of a clause comes as early as a real page's, later ones more seldom, in seconds.
FIRST_REPORT_S, REPORT_S = 0.064, 5.0
#: What is left of a clause that is over, in ms: the clock adds up floating-point numbers.
LEAST_MS = 0.1


@dataclass
class Heard:
    """One turn as it was heard: its clauses' words, when it began and ended, and whether it had sound."""

    life: int
    epoch: int
    began: float
    ended: float = 0.0
    words: list[str] = field(default_factory=list)
    sounded: bool = False

    @property
    def text(self) -> str:
        """All that was heard, at least in part."""
        return " ".join(self.words)


@dataclass
class Audience:
    """What was heard, and the silences in it. ``able`` says whether anything could be heard just now.

    ``over`` is called with each turn when the next one begins; ``silent`` with the end and the length of a silence.
    """

    over: Callable[[Heard], None]
    silent: Callable[[float, float], None]
    life: int = 0
    able: bool = False
    #: Whether words that are shown without a sound break a silence too: where no voice can be had.
    reads: bool = False
    until: float = 0.0
    turn: Heard | None = None

    def may_hear(self, *, able: bool) -> None:
        """Take note that a voice and a page can be had from now on, or no more: such time is no silence."""
        now = _now()
        if self.able and not able:
            self.silent(now, now - self.until)
        if able and not self.able:
            self.until = now
        self.able = able

    def begins(self, epoch: int, text: str, *, sound: bool) -> None:
        """Take note that a clause begins to be heard."""
        now = _now()
        sound = sound or self.reads
        if self.able and sound:
            self.silent(now, now - self.until)
        if self.turn is None or (self.turn.life, self.turn.epoch) != (self.life, epoch):
            self.ends_turn()
            self.turn = Heard(self.life, epoch, now)
        self.turn.words.append(text)
        self.turn.sounded = self.turn.sounded or sound
        self.turn.ended = now
        self.until = now if sound else self.until

    def ends(self, *, sound: bool) -> None:
        """Take note that a clause is over, or cut."""
        now = _now()
        if self.turn is not None:
            self.turn.ended = now
        if sound or self.reads:
            self.until = now

    def ends_turn(self) -> None:
        """Hand over the last turn."""
        turn, self.turn = self.turn, None
        if turn is not None:
            self.over(turn)


@dataclass
class _Track:
    epoch: int
    clause: int
    text: str
    rate: int
    from_ms: float
    silent_ms: float
    bytes: int = 0
    complete: bool = False

    @property
    def ms(self) -> float:
        return self.from_ms + (self.bytes / 2 / self.rate * 1000 if self.rate else self.silent_ms)


class Ear:
    """A stage page, one connection of it. It plays clause after clause, by the loop's clock, and obeys a stop."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._to_server: asyncio.Queue[str | None] = asyncio.Queue()
        self._tracks: deque[_Track] = deque()
        self._stopped = -1
        self._changed = asyncio.Event()
        self._at: tuple[int, int, float] = (-1, -1, 0.0)

    # --- the Socket that the server holds -----------------------------------------------------------

    async def send_text(self, data: str) -> None:
        """Take a text frame."""
        message = json.loads(data)
        match message["type"]:
            case "speak" if message["epoch"] > self._stopped:
                made = _Track(
                    message["epoch"], message["clause"], message["text"], message["rate"], message["from_ms"],
                    message["silent_ms"], complete=not message["rate"],
                )  # fmt: skip
                self._tracks.append(made)
            case "stop":
                self._stopped = max(self._stopped, message["epoch"])
                clause, at = (self._at[1], self._at[2]) if self._at[0] == message["epoch"] else (-1, 0.0)
                self._say({"type": "stopped", "epoch": message["epoch"], "clause": clause, "position_ms": at})
        self._changed.set()

    async def send_bytes(self, data: bytes) -> None:
        """Take sound."""
        _, _, flags, epoch, clause, _ = HEADER.unpack_from(data)
        for track in self._tracks:
            if (track.epoch, track.clause) == (epoch, clause):
                track.bytes += len(data) - HEADER.size
                track.complete = track.complete or bool(flags & LAST)
                self._changed.set()

    async def receive_text(self) -> str | None:
        """Return what the page says next; None when it is closed."""
        return await self._to_server.get()

    async def close(self, code: int, reason: str) -> None:
        """Be closed."""
        del code, reason
        self._to_server.put_nowait(None)

    # --- the page's own life ------------------------------------------------------------------------

    def _say(self, message: dict[str, Any]) -> None:
        self._to_server.put_nowait(json.dumps(message))

    async def play(self) -> None:
        """Play what comes, until cancelled."""
        while True:
            while self._tracks and self._tracks[0].epoch <= self._stopped:
                self._tracks.popleft()
            if not self._tracks:
                await self._wait()
                continue
            track = self._tracks[0]
            self._audience.begins(track.epoch, track.text, sound=bool(track.rate))
            try:
                await self._play(track)
            finally:
                self._audience.ends(sound=bool(track.rate))
            if self._tracks and self._tracks[0] is track:
                self._tracks.popleft()

    async def _play(self, track: _Track) -> None:
        position, step = track.from_ms, FIRST_REPORT_S
        loop = asyncio.get_running_loop()
        while track.epoch > self._stopped:
            left = track.ms - position
            left = left if left > LEAST_MS else 0.0
            if not left and track.complete:
                self._report(track, track.ms, finished=True)
                return
            before = loop.time()
            if not left:
                await self._wait()
                continue
            await self._wait(min(step, left / 1000))
            position = min(track.ms, position + (loop.time() - before) * 1000)
            if loop.time() - before >= step - 1e-6 and track.epoch > self._stopped:
                step = REPORT_S
                self._report(track, position, finished=False)
            self._at = (track.epoch, track.clause, position)

    def _report(self, track: _Track, position: float, *, finished: bool) -> None:
        self._at = (track.epoch, track.clause, position)
        self._say({
            "type": "playback", "epoch": track.epoch, "clause": track.clause,
            "position_ms": position, "finished": finished,
        })  # fmt: skip

    async def _wait(self, seconds: float | None = None) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def watch(self, stage: Overlay) -> None:
        """Be connected to a stage until cancelled, or the stage closes the page."""
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(self.play())
            try:
                await stage.serve(self, wants_audio=True)
            finally:
                playing.cancel()


def _now() -> float:
    return asyncio.get_running_loop().time()

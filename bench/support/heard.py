"""What was heard of a loudspeaker, against the sound that was sent to it: where each clause is, and how loud."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from tests.support.virtual_mic import VirtualMic

#: Samples a second of a tape.
RATE = 16_000
#: Loudness is measured in pieces of so many samples (20 ms), one each 5 ms.
WINDOW, HOP = 320, 80
#: Below this level nothing is heard: 60 dB below full.
SILENCE = 0.001
#: From this likeness on, a clause is in a recording.
SAME = 0.5

Sound = NDArray[np.float32]


class Tape:
    """A recording of one sink, of which each moment is known by the monotonic clock, within about 20 ms."""

    def __init__(self) -> None:
        self._data = bytearray()
        self.began = float("inf")

    async def run(self, mic: VirtualMic, sink: str) -> None:
        """Record what a sink plays until cancelled."""
        process = await asyncio.create_subprocess_exec(
            "parec", f"--device={sink}.monitor", "--raw", f"--rate={RATE}", "--channels=1", "--format=s16le",
            "--latency-msec=20", env={**os.environ, **mic.env}, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            while data := await process.stdout.read(4096):
                self._data += data
                # The block that was the least late tells when the first sample was played.
                self.began = min(self.began, time.monotonic() - len(self._data) / 2 / RATE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    @property
    def until(self) -> float:
        """The moment up to which there is sound."""
        return self.began + len(self._data) / 2 / RATE

    def sound(self, since: float, until: float) -> Sound:
        """Return what was played between two moments."""
        first, last = (max(0, int((at - self.began) * RATE)) * 2 for at in (since, until))
        return np.asarray(np.frombuffer(bytes(self._data[first:last]), "<i2") / 32768, np.float32)

    def loud(self, since: float, until: float, level: float = SILENCE) -> tuple[float, float] | None:
        """Return the moments of the first and the last sound above a level, or None."""
        found = np.flatnonzero(np.abs(self.sound(since, until)) > level)
        at = max(since, self.began)
        return (at + found[0] / RATE, at + (found[-1] + 1) / RATE) if found.size else None


@contextlib.asynccontextmanager
async def taped(mic: VirtualMic, *sinks: str) -> AsyncIterator[list[Tape]]:
    """Record some sinks until the block ends."""
    tapes = [Tape() for _ in sinks]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(tape.run(mic, sink)) for tape, sink in zip(tapes, sinks, strict=True)]
        while not all(tape.began < float("inf") for tape in tapes):
            await asyncio.sleep(0.02)
        yield tapes
        for task in tasks:
            task.cancel()


@dataclass(frozen=True, slots=True)
class Found:
    """A clause in a recording: the moment of its first sample, how like it is, and how like the next best place is."""

    at: float
    likeness: float
    again: float
    #: Milliseconds by which its second half is later than its first says: what was lost, or played twice.
    slip_ms: float


def resampled(pcm: bytes, rate: int) -> Sound:
    """Return s16le mono as a tape has it."""
    wave = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / 32768
    return np.asarray(soxr.resample(wave, rate, RATE), np.float32)


def find(clause: Sound, tape: Tape, since: float, until: float) -> Found | None:
    """Return where a clause is in a recording, by its first second; None where nothing like it is."""
    recorded = tape.sound(since, until)
    head = clause[:RATE]
    if head.size < WINDOW or recorded.size < head.size:
        return None
    at, likeness, again = _best(head, recorded)
    if likeness < SAME:
        return None
    tail = clause[-min(RATE, clause.size // 2) :]
    due = at + clause.size - tail.size
    near = max(0, due - RATE // 2)
    there = recorded[near : due + tail.size + RATE // 2]
    slip = 0.0
    if there.size >= tail.size:
        later, like, _ = _best(tail, there)
        slip = (near + later - due) / RATE * 1000 if like >= SAME else 0.0
    return Found(max(since, tape.began) + at / RATE, round(likeness, 2), round(again, 2), round(slip, 1))


def _best(piece: Sound, recorded: Sound) -> tuple[int, float, float]:
    """Return the place of a piece, its likeness there, and that of the best place that it does not overlap."""
    size = 1 << int(np.ceil(np.log2(recorded.size + piece.size)))
    product = np.fft.irfft(np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(piece, size)), size)
    places = recorded.size - piece.size + 1
    energy = np.concatenate(([0.0], np.cumsum(recorded.astype(np.float64) ** 2)))
    here = energy[piece.size : piece.size + places] - energy[:places]
    whole = float(np.sum(piece.astype(np.float64) ** 2))
    like = product[:places] / np.sqrt(np.maximum(here, 1e-3) * max(whole, 1e-9))
    at = int(np.argmax(like))
    best = float(like[at])
    like[max(0, at - piece.size) : at + piece.size] = 0.0
    return at, best, float(like.max(initial=0.0))


def gains(clause: Sound, tape: Tape, at: float) -> list[tuple[float, float]]:
    """Return how loud a clause that begins at a moment was played, as moments and factors, where it has sound."""
    recorded = tape.sound(at, at + clause.size / RATE)
    size = min(recorded.size, clause.size) - WINDOW
    found = []
    for start in range(0, max(0, size), HOP):
        wanted = float(np.sqrt(np.mean(clause[start : start + WINDOW] ** 2)))
        if wanted > 0.02:
            got = float(np.sqrt(np.mean(recorded[start : start + WINDOW] ** 2)))
            found.append((at + (start + WINDOW / 2) / RATE, got / wanted))
    return found

"""A video mixer in this process, on whichever clock runs: it streams, breaks in the known ways, and can be mended."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.errors import TransientError
from bot.runtime.signal import Signal
from bot.stage.obs.mixer import Declined, MixerEvent, MixerListener, MixerState, MixerStats, OutputState, StreamStats

_WORDS = {OutputState.ACTIVE: "STARTED"}


def bitmap(shade: int, width: int = 32, height: int = 18) -> str:
    """Return a grey picture as OBS sends it."""
    size = width * height * 4
    head = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54 + size, 0, 0, 54, 40, width, height, 1, 32, 0, size, 0, 0, 0, 0)
    pixels = bytes((shade, shade, shade, 255)) * (width * height)
    return f"data:image/bmp;base64,{base64.b64encode(head + pixels).decode()}"


class FakeMixer:
    """What is wrong is set by its fields; ``orders`` holds what was asked for, with the time."""

    def __init__(self) -> None:
        self.changed = Signal()
        self.state = MixerState(connected=True, problem="", scene="Live", scenes=("Live",))
        self.orders: list[tuple[float, str]] = []
        self.listeners: list[MixerListener] = []
        self.began = 0.0
        #: A connection of which only this end is left: the bytes stand still. Mended by a new stream, or never.
        self.half_open = self.incurable = False
        #: The network is gone: a stream does not begin.
        self.unreachable = False
        #: The output hangs when it is stopped, for so many seconds.
        self.stop_s = 1.0
        self._sent_at_break = 0
        self.skipped_share = self.congestion = self.render_share = 0.0
        self.disk_mb = 100_000.0
        self.shade, self.moving = 80, True
        self.peaks: dict[str, float] = {"Overlay": -12.0, "Music": -30.0}
        self.muted = False
        self.shown = True
        self.url = "http://127.0.0.1:7878/stage/?token=abc"
        #: What a revived page does to the mixer.
        self.on_revive: Any = lambda: None
        self.revived: list[str] = []

    # --- what a test does -------------------------------------------------------------------------

    def set(self, **changes: Any) -> None:
        """Change the state."""
        self.state = replace(self.state, **changes)
        self.changed.notify()

    def tell(self, stream: OutputState, *, ours: bool = False) -> None:
        """Let the stream be in a state, and say so."""
        if stream is OutputState.ACTIVE and self.state.stream is not OutputState.RECONNECTING:
            self.began = self._now()
        self.set(stream=stream)
        data = {"outputState": f"OBS_WEBSOCKET_OUTPUT_{_WORDS.get(stream, stream.name)}"}
        for listener in self.listeners:
            listener.mixer_event(MixerEvent("StreamStateChanged", data, ours))

    def break_off(self) -> None:
        """Let the stream stand still from now on."""
        self._sent_at_break = self._sent()
        self.half_open = True

    def count(self, order: str) -> int:
        """Return how often something was ordered."""
        return sum(name == order for _, name in self.orders)

    # --- the mixer --------------------------------------------------------------------------------

    def listen(self, listener: MixerListener) -> None:
        self.listeners.append(listener)

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        self._need()
        data = data or {}
        match request:
            case "GetInputList":
                return {"inputs": [{"inputName": "Overlay", "inputKind": "browser_source"}, {"inputName": 3}, None]}
            case "GetInputSettings":
                return {"inputSettings": {"url": self.url}}
            case "GetSourceActive":
                return {"videoActive": self.shown}
            case "GetInputMute":
                return {"inputMuted": self.muted}
            case "SetInputSettings":
                self._note("revive")
                self.url = data["inputSettings"]["url"]
                self.revived.append(self.url)
                self.on_revive()
                return {}
            case "GetSourceScreenshot":
                if self.moving:
                    self.shade = 80 + (self.shade - 79) % 100
                return {"imageData": bitmap(self.shade)}
            case "StopRecord":
                self._note("StopRecord")
                self.set(record=OutputState.STOPPED)
                return {}
        raise Declined(f"unknown: {request}", code=204)

    async def switch_scene(self, scene: str) -> None:
        self.set(scene=scene)

    async def start_stream(self) -> None:
        self._need()
        self._note("start")
        self.tell(OutputState.STARTING, ours=True)
        await asyncio.sleep(1.0)
        if self.unreachable:
            self.tell(OutputState.STOPPED, ours=True)
            raise TransientError("OBS could not start the stream")
        self.half_open = self.half_open and self.incurable
        self._sent_at_break = 0
        self.tell(OutputState.ACTIVE, ours=True)

    async def stop_stream(self) -> None:
        self._need()
        self._note("stop")
        if self.state.stream is OutputState.STOPPED:
            return
        self.tell(OutputState.STOPPING, ours=True)
        async with asyncio.timeout(45):
            await asyncio.sleep(self.stop_s)
        self.tell(OutputState.STOPPED, ours=True)

    async def stream_stats(self) -> StreamStats:
        self._need()
        frames = int(max(0.0, self._now() - self.began) * 30)
        active = self.state.stream in (OutputState.ACTIVE, OutputState.RECONNECTING, OutputState.STOPPING)
        return StreamStats(
            active=active,
            reconnecting=self.state.stream is OutputState.RECONNECTING,
            duration_ms=int((self._now() - self.began) * 1000) if active else 0,
            bytes=self._sent_at_break if self.half_open else self._sent(),
            congestion=self.congestion,
            skipped_frames=int(frames * self.skipped_share),
            total_frames=frames,
        )

    async def stats(self) -> MixerStats:
        self._need()
        frames = int(self._now() * 30)
        return MixerStats(3.0, 30.0, self.disk_mb, int(frames * self.render_share), frames, 0, frames)

    async def screenshot(self, source: str = "", *, width: int = 320) -> bytes:
        return b""

    async def volume_peaks(self, seconds: float) -> Mapping[str, float]:
        self._need()
        await asyncio.sleep(seconds)
        return dict(self.peaks)

    def _sent(self) -> int:
        return int(max(0.0, self._now() - self.began) * 300_000)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _note(self, order: str) -> None:
        self.orders.append((self._now(), order))

    def _need(self) -> None:
        if not self.state.connected:
            raise TransientError("OBS is not connected")

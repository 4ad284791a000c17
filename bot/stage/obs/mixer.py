"""What the show knows and orders of a video mixer such as OBS: the vocabulary of director and watchdog.

`bot.stage.obs.client` speaks to the real one; a rehearsal has one that only takes notes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.errors import Refused
from bot.runtime.signal import Signal


class OutputState(StrEnum):
    """What an output of the mixer is doing, after its own events; never guessed from a request's return."""

    STOPPED = "stopped"
    STARTING = "starting"
    ACTIVE = "active"
    RECONNECTING = "reconnecting"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class MixerState:
    """How the mixer stands. While it is not ``connected``, all but ``problem`` is what was last seen."""

    connected: bool = False
    problem: str = "not connected yet"
    version: str = ""
    scene: str = ""
    scenes: tuple[str, ...] = ()
    stream: OutputState = OutputState.STOPPED
    record: OutputState = OutputState.STOPPED


@dataclass(frozen=True, slots=True)
class StreamStats:
    """The stream output's own count: ``duration_ms`` and ``bytes`` since its start, ``congestion`` 0 to 1."""

    active: bool
    reconnecting: bool
    duration_ms: int
    bytes: int
    congestion: float
    skipped_frames: int
    total_frames: int


@dataclass(frozen=True, slots=True)
class MixerStats:
    """The mixer's load: ``cpu`` in percent of the machine, ``fps``, frames since its start, ``disk_free_mb``."""

    cpu: float
    fps: float
    disk_free_mb: float
    render_skipped: int
    render_total: int
    output_skipped: int
    output_total: int


@dataclass(frozen=True, slots=True)
class MixerEvent:
    """Something that happened in the mixer, in the order in which it happened.

    ``name`` is obs-websocket's event ("CurrentProgramSceneChanged"). ``ours``: an order of this program caused it,
    not a person at the mixer.
    """

    name: str
    data: Mapping[str, Any]
    ours: bool = False


class Declined(Refused):
    """The mixer understood a request and declines it. ``code`` is obs-websocket's, for example 600: no such thing."""

    def __init__(self, message: str, *, code: int, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code


class MixerListener(Protocol):
    """Is told of the mixer's events on the event loop; must return at once."""

    def mixer_event(self, event: MixerEvent) -> None:
        """Take note of an event."""
        ...


class Mixer(Protocol):
    """A video mixer. Every order has a deadline and raises `ProviderError` or `Refused` alone.

    ``changed`` is notified whenever ``state`` changes.
    """

    changed: Signal

    @property
    def state(self) -> MixerState:
        """How it stands."""
        ...

    def listen(self, listener: MixerListener) -> None:
        """Tell a listener of every event from now on."""
        ...

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return the mixer's answer to a request of obs-websocket 5. Raise `Refused` when it declines."""
        ...

    async def switch_scene(self, scene: str) -> None:
        """Put a scene on air; return when the mixer says that it is."""
        ...

    async def start_stream(self) -> None:
        """Start the stream; return when the output is active."""
        ...

    async def stop_stream(self) -> None:
        """Stop the stream; return when the output has really stopped, which is later than the request's return."""
        ...

    async def stream_stats(self) -> StreamStats:
        """Return the stream output's count."""
        ...

    async def stats(self) -> MixerStats:
        """Return the mixer's load."""
        ...

    async def screenshot(self, source: str = "", *, width: int = 320) -> bytes:
        """Return a PNG of a source, or of the scene on air, ``width`` pixels wide."""
        ...

    async def volume_peaks(self, seconds: float) -> Mapping[str, float]:
        """Return the loudest peak of each input within so many seconds, in dBFS (-inf: silent)."""
        ...

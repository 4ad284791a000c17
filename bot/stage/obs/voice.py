"""The host heard through OBS itself, where OBS cannot show the stage page.

Each clause is a sound file of a media source, and its words stand in a source of text. To the hub this is one more
stage page.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loguru import logger

from bot.disclosure.wav import write_speech
from bot.errors import HaishinError, ProviderError, Refused
from bot.stage.hub import Overlay
from bot.stage.obs.inventory import MARK
from bot.stage.obs.mixer import Mixer, MixerEvent
from bot.stage.protocol import HEADER, LAST

#: The marks of the two sources (`bot.stage.obs.setup` makes them).
VOICE, CAPTIONS = "voice", "captions"
#: How often the sources are looked for while they are not there, in seconds.
LOOK_S = 10.0
#: Seconds between two reports, as on the real page; the longest wait for OBS to begin a sound; how long words stay.
REPORT_S, BEGIN_S, LINGER_S = 0.064, 0.5, 2.6
#: Sound that is collected of one clause, in bytes: five minutes.
MAX_SOUND = 16 << 20


@dataclass(eq=False)
class _Track:
    """One clause: ``sound`` is s16le mono at ``rate`` Hz, from ``from_ms`` on; a ``rate`` of 0 is shown for a time."""

    epoch: int
    clause: int
    text: str
    rate: int
    from_ms: float
    silent_ms: float
    sound: bytearray = field(default_factory=bytearray)
    complete: bool = False

    @property
    def length_ms(self) -> float:
        return len(self.sound) / 2 / self.rate * 1000 if self.rate else self.silent_ms


class ObsVoice:
    """A stage page that is two sources of OBS. It takes part only while they are there, and OBS is on this machine."""

    def __init__(self, stage: Overlay, mixer: Mixer) -> None:
        self._stage = stage
        self._mixer = mixer
        self._sources: dict[str, str] = {}
        self._began = asyncio.Event()
        mixer.listen(self)

    def mixer_event(self, event: MixerEvent) -> None:
        """Take note that the sound began."""
        if event.name == "MediaInputPlaybackStarted" and event.data.get("inputName") == self._sources.get(VOICE):
            self._began.set()

    async def run(self) -> None:
        """Serve as a page whenever that is possible, until cancelled. No fault of OBS ends it."""
        while True:
            try:
                if self._mixer.state.connected and await self._find():
                    await self._serve()
            except HaishinError as error:
                logger.info("the voice does not get into OBS: {}", error)
            await self._mixer.changed.wait(LOOK_S)

    async def _find(self) -> bool:
        """Look for the sources by their marks; return whether the one of the voice is there."""
        self._sources = {}
        listed = (await self._mixer.call("GetInputList")).get("inputs")
        for entry in listed if isinstance(listed, list) else []:
            name, kind = str(entry.get("inputName")), str(entry.get("inputKind"))
            if kind == "ffmpeg_source" or kind.startswith("text_"):
                with contextlib.suppress(Refused):  # it went meanwhile
                    settings = (await self._mixer.call("GetInputSettings", {"inputName": name})).get("inputSettings")
                    if isinstance(settings, dict) and (mark := settings.get(MARK)) in (VOICE, CAPTIONS):
                        self._sources[mark] = name
        return VOICE in self._sources

    async def _serve(self) -> None:
        """Serve as a page until OBS is gone, or a source of it is."""
        page = _Page()
        with tempfile.TemporaryDirectory(prefix="haishin-voice-") as folder:
            async with asyncio.TaskGroup() as group:
                parts = {
                    group.create_task(self._stage.serve(page, wants_audio=True)),
                    group.create_task(self._play(page, Path(folder))),
                    group.create_task(self._until_gone()),
                }
                try:
                    await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for part in parts:
                        part.cancel()

    async def _until_gone(self) -> None:
        while self._mixer.state.connected:
            await self._mixer.changed.wait()

    async def _play(self, page: _Page, folder: Path) -> None:
        number = 0
        try:
            while True:
                if (track := page.next()) is None:
                    await self._idle(page)
                    continue
                number += 1
                await self._begin(track, folder / f"{number % 2}.wav")
                stopped_at = await self._follow(page, track)
                if stopped_at is None:
                    page.tell(track, track.length_ms, finished=True)
                    page.drop(track)
                else:
                    await self._order("TriggerMediaInputAction", VOICE, mediaAction=_STOP)
                    page.confirm_stop(track, stopped_at)
        except (ProviderError, Refused) as error:
            logger.info("the voice does not get into OBS any more: {}", error)

    async def _begin(self, track: _Track, file: Path) -> None:
        """Start a clause in OBS; return when it sounds."""
        await self._show(track.text)
        if track.rate:
            await asyncio.to_thread(write_speech, file, bytes(track.sound), track.rate)
            self._began.clear()
            await self._order("SetInputSettings", VOICE, inputSettings={"local_file": str(file), "is_local_file": True})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEGIN_S):
                    await self._began.wait()

    async def _follow(self, page: _Page, track: _Track) -> float | None:
        """Report how far a clause is until it is over; return where it was stopped, in ms, or None."""
        clock = asyncio.get_running_loop().time
        began = clock()
        while (at_ms := (clock() - began) * 1000) < track.length_ms:
            if page.stopped(track):
                return at_ms
            page.tell(track, at_ms, finished=False)
            await page.moved(min(REPORT_S, max(0.001, (track.length_ms - at_ms) / 1000)))
        return None

    async def _idle(self, page: _Page) -> None:
        """Wait for the next clause; the last words stay for a moment."""
        if not await page.moved(LINGER_S):
            await self._show(" ")
            await page.moved(None)

    async def _show(self, text: str) -> None:
        if CAPTIONS in self._sources:
            await self._order("SetInputSettings", CAPTIONS, inputSettings={"text": text})

    async def _order(self, request: str, which: str, **data: Any) -> None:
        await self._mixer.call(request, {"inputName": self._sources[which], **data})


_STOP = "OBS_WEBSOCKET_MEDIA_INPUT_ACTION_STOP"


class _Page:
    """The socket of the page: it collects the sound of each clause, and holds what is to be reported."""

    def __init__(self) -> None:
        self._out: asyncio.Queue[str | None] = asyncio.Queue(1000)
        self._tracks: deque[_Track] = deque()
        self._halted = -1
        self._heard = False
        self._moved = asyncio.Event()

    # --- what the hub says --------------------------------------------------------------------------

    async def send_text(self, data: str) -> None:
        """Take a text frame of the hub."""
        message: dict[str, Any] = json.loads(data)
        match message["type"]:
            case "hello" | "role":
                self._heard = message["role"] == "audio"
                if not self._heard:
                    self._tracks.clear()
            case "speak" if self._heard:
                rate, text = message["rate"], message["text"]
                self._tracks.append(
                    _Track(
                        message["epoch"], message["clause"], text, rate, float(message["from_ms"]),
                        float(message["silent_ms"]), complete=not rate,
                    )
                )  # fmt: skip
            case "stop":
                self._halted = max(self._halted, message["epoch"])
                if not any(self.stopped(track) for track in self._tracks):
                    self._say({"type": "stopped", "epoch": message["epoch"], "clause": -1, "position_ms": 0.0})
        self._moved.set()

    async def send_bytes(self, data: bytes) -> None:
        """Take a frame of sound."""
        _, _, flags, epoch, clause, _ = HEADER.unpack_from(data)
        for track in self._tracks:
            if (track.epoch, track.clause) == (epoch, clause) and len(track.sound) < MAX_SOUND:
                track.sound += data[HEADER.size :]
                track.complete = track.complete or bool(flags & LAST)
        self._moved.set()

    async def receive_text(self) -> str | None:
        """Return the next report for the hub; None once the page is closed."""
        return await self._out.get()

    async def close(self, code: int, reason: str) -> None:
        """End the page."""
        del code, reason
        with contextlib.suppress(asyncio.QueueFull):
            self._out.put_nowait(None)

    # --- what is played -----------------------------------------------------------------------------

    def next(self) -> _Track | None:
        """Return the clause that is next and has all its sound; what was stopped is dropped."""
        while self._tracks and self.stopped(self._tracks[0]):
            self.confirm_stop(self._tracks[0], 0)
        return self._tracks[0] if self._tracks and self._tracks[0].complete else None

    def stopped(self, track: _Track) -> bool:
        """Return whether a clause was stopped, or is another page's now."""
        return track.epoch <= self._halted or track not in self._tracks

    def drop(self, track: _Track) -> None:
        """Forget a clause that is over."""
        with contextlib.suppress(ValueError):
            self._tracks.remove(track)

    def tell(self, track: _Track, at_ms: float, *, finished: bool) -> None:
        """Report how far a clause is."""
        self._say({
            "type": "playback", "epoch": track.epoch, "clause": track.clause, "position_ms": track.from_ms + at_ms,
            "finished": finished,
        })  # fmt: skip

    def confirm_stop(self, track: _Track, at_ms: float) -> None:
        """Report that a clause is silent, and drop all clauses that were stopped with it."""
        position = track.from_ms + at_ms if at_ms else 0.0
        clause = track.clause if at_ms else -1
        self._say({"type": "stopped", "epoch": track.epoch, "clause": clause, "position_ms": position})
        self._tracks = deque(one for one in self._tracks if one.epoch > self._halted)

    async def moved(self, within_s: float | None) -> bool:
        """Wait until the hub says something; return False when nothing came in time."""
        try:
            async with asyncio.timeout(within_s):
                await self._moved.wait()
        except TimeoutError:
            return False
        self._moved.clear()
        return True

    def _say(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._out.put_nowait(json.dumps(message))

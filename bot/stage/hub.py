"""The hub of the stage pages: gives them what to show and play, and knows what was really heard.

Exactly one page has the audio role. The others are silent and follow it. When the page that is
heard goes away in mid-sentence, the next one (or the same one, reloaded) gets the rest of the
sound from where the audience last heard it. What no page reports was not heard.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from loguru import logger
from pydantic import BaseModel, ValidationError

from bot.runtime.signal import Signal
from bot.stage import protocol as p
from bot.stage.clip import ClausePlayback
from bot.stage.page import Page, Socket
from bot.text.scripts import join
from bot.types import Clause, Emotion, HostState, Pcm, Playback

#: A report may run ahead of our clock by this much: clocks, resampling, and the page's own start.
SLACK_MS = 500.0
#: A page that reported once and is this late is gone, whatever its socket says.
LATE_S = 2.0
#: A page that never reports is taken by the clock; this much is added for its start.
SILENT_GRACE_S = 0.3
#: Broken frames a page may send before it is closed.
MAX_PROBLEMS = 20


class PlaybackListener(Protocol):
    """Is told what is played. Both methods return at once."""

    def sound_began(self, epoch: int) -> None:
        """Take note that a clause of a turn began to sound."""
        ...

    def playback_advanced(self, playback: Playback) -> None:
        """Take note of how far the audience has heard a clause."""
        ...


class Overlay:
    """The stage as the show sees it. One turn at a time; ``epoch`` tells the turns apart."""

    def __init__(
        self,
        settings: p.Settings,
        *,
        stop_timeout_s: float = 0.3,
        max_pages: int = 16,
        clock: Callable[[], float] = time.monotonic,
        first_epoch: int = 0,
        pace: float = 1.0,
    ) -> None:
        """Take the look, and ``pace``: how many times faster than people the pages play (replays)."""
        self.settings = settings
        self.stop_timeout_s = stop_timeout_s
        self.max_pages = max_pages
        self.epoch = first_epoch
        self.changed = Signal()
        self.listener: PlaybackListener | None = None
        self._clock = clock
        self._pace = pace
        self._pages: list[Page] = []
        self._reels: list[ClausePlayback] = []
        self._ended = False
        self._halted = False
        self._acknowledged = -1
        self._progress_at = 0.0
        self._state = HostState.IDLE
        self._emotion = Emotion.NEUTRAL
        self._warned_silent = False

    # --- pages ------------------------------------------------------------------------------------

    @property
    def audible(self) -> bool:
        """Whether a page is there that can be heard."""
        return self._audio_page() is not None

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return len(self._pages)

    def describe(self) -> str:
        """Return in words whether the audience can hear anything."""
        if self.audible:
            return f"heard through one of {len(self._pages)} open page(s)"
        if any(not page.running for page in self._pages):
            return "a stage page is open, but its sound is blocked until it is clicked"
        return "no stage page is open" if not self._pages else "only silent stage pages are open"

    def _audio_page(self) -> Page | None:
        return next((page for page in self._pages if page.role == "audio"), None)

    async def serve(self, socket: Socket, wants_audio: bool, *, running: bool = True) -> None:
        """Serve one page until it goes. A page too many is refused with close code 1013.

        ``running`` is false for a page that knows it cannot make sound yet: it waits for the audio role
        until it says otherwise, and nobody takes it for an audience in the meantime.
        """
        if len(self._pages) >= self.max_pages:
            await socket.close(1013, f"{self.max_pages} stage pages are open already")
            return
        page = Page(socket, wants_audio, running=running)
        self._pages.append(page)
        if wants_audio and running and not self.audible:
            page.role = "audio"
        page.say(self._hello(page))
        self._catch_up(page)
        self.changed.notify()
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(page.write())
                reading = group.create_task(self._read(page))
                await asyncio.wait({writing, reading}, return_when=asyncio.FIRST_COMPLETED)
                writing.cancel()
                reading.cancel()
        finally:
            self._pages.remove(page)
            self._elect()
            self.changed.notify()

    async def _read(self, page: Page) -> None:
        while (raw := await page.socket.receive_text()) is not None:
            try:
                message = p.page_message.validate_json(raw)
            except ValidationError as error:
                page.problems += 1
                first = error.errors(include_url=False, include_input=False, include_context=False)[0]
                where = ".".join(map(str, first["loc"]))
                page.say(p.Problem(detail=f"{where or 'frame'}: {first['msg']}"[:300]))
                if page.problems > MAX_PROBLEMS:
                    page.doom(1008, "too many frames that were not understood")
                    return
                continue
            if isinstance(message, p.AudioState):
                self._audio_state(page, message)
            elif page.role != "audio":
                continue  # a silent page has heard nothing
            elif isinstance(message, p.PlaybackReport):
                self._report(page, message)
            elif self._halted and message.epoch == self.epoch > self._acknowledged:
                if message.clause >= 0:
                    self._advance(message.epoch, message.clause, message.position_ms, finished=False)
                self._acknowledged = message.epoch
                self.changed.notify()

    def _audio_state(self, page: Page, message: p.AudioState) -> None:
        page.running = message.state == "running"
        page.latency_ms = message.latency_ms
        if not page.running and page.role == "audio":
            page.role = "view"
            page.say(p.RoleChange(role="view"))
        self._elect()
        self.changed.notify()

    def _elect(self) -> None:
        """Return the audio role to the page that has waited longest for it, when nobody has it."""
        if self.audible:
            return
        for page in self._pages:
            if page.wants_audio and page.running and not page.doomed:
                page.role = "audio"
                page.say(p.RoleChange(role="audio"))
                self._catch_up(page)
                return

    def _hello(self, page: Page) -> p.Hello:
        s = self.settings
        return p.Hello(
            role=page.role,
            epoch=self.epoch,
            name=s.name,
            look=s.look,
            captions=s.captions,
            label=s.label,
            state=cast("Any", self._state.value),
            emotion=self._emotion,
        )

    def _catch_up(self, page: Page) -> None:
        """Return a page that comes in mid-sentence what has not been heard yet; nothing of what was stopped."""
        if self._halted:
            return
        for reel in self._reels:
            if reel.finished:
                continue
            if page.role == "audio":
                from_ms = reel.rewind()
                page.say(self._speak_message(reel, from_ms))
                self._send_frames(reel)
            else:
                page.say(self._speak_message(reel, int(reel.position_ms)))
        if self._reels and self._ended:
            page.say(p.End(epoch=self.epoch, clauses=len(self._reels)))

    def configure(self, settings: p.Settings) -> None:
        """Change the look while on air."""
        self.settings = settings
        self._broadcast(settings)

    def _broadcast(self, message: BaseModel, *, views_only: bool = False) -> None:
        text = message.model_dump_json()
        for page in self._pages:
            if not (views_only and page.role == "audio"):
                page.send(text)

    # --- the turn ---------------------------------------------------------------------------------

    def begin(self) -> int:
        """Start a turn: give its epoch."""
        self.epoch += 1
        self._reels = []
        self._ended = self._halted = False
        return self.epoch

    def show_state(self, state: HostState, emotion: Emotion = Emotion.NEUTRAL) -> None:
        """Tell the pages what the host is doing."""
        if (state, emotion) != (self._state, self._emotion):
            self._state, self._emotion = state, emotion
            self._broadcast(p.State(state=cast("Any", state.value), emotion=emotion))
            self.changed.notify()

    @property
    def state(self) -> HostState:
        """What the pages were told last."""
        return self._state

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> ClausePlayback | None:
        """Begin a clause: ``rate`` in Hz, or 0 to show it for ``silent_ms`` without sound.

        Gives None when the epoch is over: then nothing may be played.
        """
        if epoch != self.epoch or self._ended:
            return None
        reel = ClausePlayback(epoch, clause, rate, silent_ms, complete=rate == 0)
        if not rate:
            reel.first_sent_at = self._clock()
        self._reels.append(reel)
        self._broadcast(self._speak_message(reel, 0))
        if not rate:
            self._tell_sound(epoch)
        return reel

    @staticmethod
    def _speak_message(reel: ClausePlayback, from_ms: int) -> p.Speak:
        c = reel.clause
        return p.Speak(
            epoch=reel.epoch,
            clause=c.index,
            text=c.text,
            language=c.language,
            emotion=c.emotion,
            gestures=list(c.gestures),
            rate=reel.rate,
            from_ms=from_ms,
            silent_ms=max(0, reel.silent_ms - from_ms) if not reel.rate else 0,
        )

    def sound(self, reel: ClausePlayback, pcm: Pcm) -> None:
        """Add sound to a clause and send what makes whole frames."""
        if reel.epoch == self.epoch and not self._halted:
            reel.pcm += pcm.data
            reel.marks.extend(pcm.marks)
            self._send_frames(reel)

    def complete(self, reel: ClausePlayback, *, truncated: bool = False) -> None:
        """Say that a clause has all its sound; ``truncated`` when its voice broke off."""
        reel.complete = True
        reel.truncated = truncated
        if not reel.pcm and reel.rate:
            reel.finished = True
        if reel.epoch == self.epoch and not self._halted:
            self._send_frames(reel)
            self.changed.notify()

    def end(self, epoch: int) -> None:
        """Say that no further clause comes."""
        if epoch == self.epoch and not self._ended:
            self._ended = True
            self._broadcast(p.End(epoch=epoch, clauses=len(self._reels)))
            self.changed.notify()

    def _send_frames(self, reel: ClausePlayback) -> None:
        page = self._audio_page()
        if page is None or not reel.rate:
            return
        for frame in reel.take_frames():
            page.send(frame)
            if reel.first_sent_at is None:
                reel.first_sent_at = self._clock()
                self._tell_sound(reel.epoch)

    def _tell_sound(self, epoch: int) -> None:
        if self.listener is not None:
            self.listener.sound_began(epoch)

    # --- what was heard ---------------------------------------------------------------------------

    def _report(self, page: Page, message: p.PlaybackReport) -> None:
        page.reported = True
        self._advance(message.epoch, message.clause, message.position_ms, finished=message.finished)

    def _advance(self, epoch: int, clause: int, position_ms: float, *, finished: bool) -> None:
        """Believe a report as far as the clock and the sound that was sent allow."""
        reel = next((r for r in self._reels if r.epoch == epoch and r.clause.index == clause), None)
        if reel is None or reel.finished or reel.first_sent_at is None:
            return
        possible = ((self._clock() - reel.first_sent_at) * 1000 + SLACK_MS) * self._pace + reel.base_ms
        position = min(position_ms, reel.duration_ms, possible)
        if position > reel.position_ms:
            reel.position_ms = position
            self._progress_at = self._clock()
        if finished and reel.complete and possible >= reel.duration_ms - SLACK_MS * self._pace:
            reel.position_ms = reel.duration_ms
            reel.finished = True
            self._progress_at = self._clock()
        playback = Playback(epoch, clause, int(reel.position_ms), reel.finished)
        if self.listener is not None:
            self.listener.playback_advanced(playback)
        if len(self._pages) > 1:
            self._broadcast(
                p.Progress(
                    epoch=epoch,
                    clause=clause,
                    position_ms=playback.position_ms,
                    duration_ms=int(reel.duration_ms),
                    finished=reel.finished,
                ),
                views_only=True,
            )
        self.changed.notify()

    @property
    def reels(self) -> Sequence[ClausePlayback]:
        """The clauses of the current turn."""
        return self._reels

    def heard(self) -> str:
        """Return the words of the current turn that the audience has heard."""
        return join([r.heard() for r in self._reels])

    def ahead_s(self) -> float:
        """Seconds of sound that are made and not heard yet."""
        return sum(max(0.0, r.duration_ms - r.position_ms) for r in self._reels if not r.finished) / 1000

    async def played(self, epoch: int, return_s: float) -> bool:
        """Wait until the turn was heard to its end. False when no page could be heard in the meantime.

        A page that went away has ``return_s`` seconds to come back; one that stops reporting is
        closed, and counts as gone; one that has never reported is taken by the clock.
        """
        while epoch == self.epoch:
            if self._ended and all(r.finished for r in self._reels):
                return True
            if not self.audible:
                if not await self.changed.wait_until(lambda: self.audible or epoch != self.epoch, return_s):
                    return False
                continue
            overdue = self._overdue_in()
            if overdue is None:
                await self.changed.wait_until(self._moved(epoch), 1.0)
            elif overdue > 0:
                await self.changed.wait_until(self._moved(epoch), overdue)
            else:
                self._give_up_on_page()
        return False

    def _moved(self, epoch: int) -> Callable[[], bool]:
        before = self._snapshot()
        return lambda: epoch != self.epoch or self._snapshot() != before

    def _snapshot(self) -> tuple[object, ...]:
        return (self.audible, self._ended, len(self._reels), *((r.position_ms, r.finished) for r in self._reels))

    def _overdue_in(self) -> float | None:
        """Seconds until the clause that should be playing has gone on for too long, None when none should."""
        reel = next((r for r in self._reels if not r.finished), None)
        page = self._audio_page()
        if reel is None or page is None or not reel.complete or reel.first_sent_at is None:
            return None
        grace = LATE_S if page.reported else SILENT_GRACE_S
        return self._due_at(reel, reel.first_sent_at) + grace + page.latency_ms / 1000 - self._clock()

    def _due_at(self, reel: ClausePlayback, first_sent_at: float) -> float:
        """When a clause should be over, by the clock, counted from the last sign of its progress."""
        return max(self._progress_at, first_sent_at) + (reel.duration_ms - reel.position_ms) / 1000

    def _give_up_on_page(self) -> None:
        """Close a page that reported and went quiet; go by the clock for one that never did."""
        page = self._audio_page()
        reel = next((r for r in self._reels if not r.finished), None)
        if page is None or reel is None or reel.first_sent_at is None:
            return
        if page.reported:
            page.doom(1011, "no playback reports")
            page.role = "view"
            self._elect()
            return
        if not self._warned_silent:
            self._warned_silent = True
            logger.warning("the stage page never reports what it plays, so nothing counts as heard")
        self._progress_at = self._due_at(reel, reel.first_sent_at)
        reel.finished = reel.truncated = True  # over, and not known to be heard: its position stays what it was

    @property
    def silent(self) -> bool:
        """Whether nothing can be heard now: nothing was begun, all was heard, or the page confirmed a stop."""
        begun = [r for r in self._reels if r.first_sent_at is not None and not r.finished]
        return not begun or not self.audible or (self._halted and self._acknowledged >= self.epoch)

    async def stop(self, epoch: int) -> bool:
        """Silence the turn. True when the page acknowledged in time; else the clock's estimate counts."""
        if epoch != self.epoch or self._halted:
            return True
        self._halted = self._ended = True
        for page in self._pages:
            page.forget_sound()
        self._broadcast(p.Stop(epoch=epoch))
        page_now = self._audio_page()
        playing = next((r for r in self._reels if not r.finished and r.first_sent_at is not None), None)
        if page_now is None or playing is None or playing.first_sent_at is None:
            return True
        sent_at = self._clock()
        if await self.changed.wait_until(lambda: self._acknowledged >= epoch, self.stop_timeout_s):
            return True
        if page_now.reported:
            ran_ms = (sent_at - max(self._progress_at, playing.first_sent_at)) * 1000
            playing.position_ms = min(playing.duration_ms, playing.position_ms + max(0.0, ran_ms))
        return False

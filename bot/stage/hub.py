"""The hub of the stage pages: it gives them what to show and play, and takes their reports.

Exactly one page has the audio role. The others are silent and follow it. When the page that is
heard goes away in mid-sentence, the next one (or the same one, reloaded) gets the rest of the
sound from where the audience last heard it. `bot.stage.playback` knows what was heard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from loguru import logger

from bot.runtime.signal import Signal
from bot.stage import protocol as p
from bot.stage.clip import ClausePlayback
from bot.stage.feeling.view import FeelingView
from bot.stage.layers.board import Board, Wish
from bot.stage.models.messages import ModelState
from bot.stage.page import Page, Socket
from bot.stage.page_set import PageSet
from bot.stage.playback import PlaybackListener, TurnPlayback
from bot.stage.streamer import StreamerView
from bot.types import Clause, Emotion, HostState, Pcm, Playback


class Overlay:
    """The stage as the show sees it: one turn at a time, and ``epoch`` tells the turns apart.

    ``changed`` is notified whenever a page, the turn or a position changes.
    """

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
        """Take the look, and ``pace``: how many times faster than people the pages play (above 1 in replays)."""
        self.settings = settings
        self.stop_timeout_s = stop_timeout_s
        self.max_pages = max_pages
        self.changed = Signal()
        self.listener: PlaybackListener | None = None
        self._clock = clock
        self._playback = TurnPlayback(clock=clock, first_epoch=first_epoch, pace=pace)
        self._pages = PageSet()
        self.streamer = StreamerView(self._pages.broadcast)
        self.feeling = FeelingView(self._pages.broadcast)
        self.board = Board(lambda: self._pages, clock)
        self._duck: p.Duck | None = None
        self._state = HostState.IDLE
        self._emotion = Emotion.NEUTRAL
        self._warned_silent = False

    # --- pages ------------------------------------------------------------------------------------

    @property
    def audible(self) -> bool:
        """Whether a page is there that can be heard."""
        return self._pages.audio is not None

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return len(self._pages)

    def describe(self) -> str:
        """Return in words whether the audience can hear anything."""
        return self._pages.describe()

    def model_problem(self) -> str:
        """Return why an open page shows the built-in figure instead of the model that is set; else nothing."""
        return self._pages.model_problem(self.settings.model.name) if self.settings.model else ""

    async def serve(self, socket: Socket, wants_audio: bool, *, running: bool = True, wish: Wish | None = None) -> None:
        """Serve one page until it goes; ``wish`` names its layers. A page too many is refused with close code 1013.

        ``running`` is false for a page that knows that it cannot make sound yet. Such a page waits for the
        audio role until it says that it can, and does not count as an audience in the meantime.
        """
        if len(self._pages) >= self.max_pages:
            await socket.close(1013, f"{self.max_pages} stage pages are open already")
            return
        page = Page(socket, wants_audio, running=running, wish=wish)
        self._pages.add(page)
        page.say(self._hello(page))
        self.streamer.greet(page.say)
        self.feeling.greet(page.say)
        self.board.greet(page)
        self._catch_up(page)
        self.changed.notify()
        try:
            await page.write_while(self._read(page))
        finally:
            self._pages.remove(page)
            self._elect()
            self.changed.notify()

    async def _read(self, page: Page) -> None:
        async for message in page.messages():
            if isinstance(message, p.AudioState):
                page.take_audio_state(message)
                self._elect()
                self.changed.notify()
            elif isinstance(message, p.LabelSeen | ModelState):
                page.take_note(message)
                self.changed.notify()
            elif page.role != "audio":
                continue  # a silent page has heard nothing
            elif isinstance(message, p.PlaybackReport):
                page.reported = True
                self._advance(message.epoch, message.clause, message.position_ms, finished=message.finished)
            else:
                self._stopped(message)

    def _elect(self) -> None:
        """Move the voice to another page when no page has it, and send it what has not been heard yet."""
        if (page := self._pages.elect()) is not None:
            self._catch_up(page)

    def _hello(self, page: Page) -> p.Hello:
        s = self.settings
        return p.Hello(
            role=page.role, epoch=self.epoch, name=s.name, look=s.look, model=s.model, captions=s.captions,
            label=s.label, state=cast("Any", self._state.value), emotion=self._emotion,
        )  # fmt: skip

    def _catch_up(self, page: Page) -> None:
        """Send a page that comes in mid-sentence what has not been heard yet; of a stopped turn, send nothing."""
        turn = self._playback
        if turn.halted:
            return
        for clip in turn.clips:
            if clip.finished:
                continue
            heard = page.role == "audio"
            page.say(clip.speak_message(clip.rewind() if heard else int(clip.position_ms)))
            if clip.marks.words or clip.marks.visemes:
                page.say(clip.marks.message(clip.epoch))
            if heard:
                self._send_frames(clip)
        if self._duck is not None and self._duck.epoch == turn.epoch:
            page.say(self._duck)
        if turn.clips and turn.ended:
            page.say(p.End(epoch=turn.epoch, clauses=len(turn.clips)))

    def configure(self, settings: p.Settings) -> None:
        """Change the look and the captions while on air."""
        self.settings = settings
        self._pages.broadcast(settings)

    # --- the turn ---------------------------------------------------------------------------------

    @property
    def epoch(self) -> int:
        """The number of the latest turn."""
        return self._playback.epoch

    @property
    def clips(self) -> Sequence[ClausePlayback]:
        """The clauses of the current turn."""
        return self._playback.clips

    def begin(self) -> int:
        """Start a turn; return its epoch."""
        return self._playback.begin()

    @property
    def state(self) -> HostState:
        """What the pages were told last."""
        return self._state

    def show_state(self, state: HostState, emotion: Emotion = Emotion.NEUTRAL) -> None:
        """Tell the pages what the host is doing."""
        if (state, emotion) != (self._state, self._emotion):
            self._state = state
            self._emotion = emotion
            self._pages.broadcast(p.State(state=cast("Any", state.value), emotion=emotion))
            self.changed.notify()

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> ClausePlayback | None:
        """Begin a clause: ``rate`` in Hz, or 0 to show it for ``silent_ms`` without sound.

        Return None when the turn of ``epoch`` is over: then nothing may be played.
        """
        clip = self._playback.add(epoch, clause, rate, silent_ms)
        if clip is None:
            return None
        self._pages.broadcast(clip.speak_message(0))
        if not rate:
            self._tell_sound(epoch)
        return clip

    def sound(self, clip: ClausePlayback, pcm: Pcm) -> None:
        """Add sound to a clause, and send what makes whole frames. Sound of a turn that is over is dropped."""
        if self._playback.may_send(clip):
            if (marks := clip.add(pcm)) is not None:
                self._pages.broadcast(marks)
            self._send_frames(clip)

    def complete(self, clip: ClausePlayback, *, truncated: bool = False) -> None:
        """Record that a clause has all its sound; ``truncated`` when its voice broke off."""
        clip.close(truncated=truncated)
        if self._playback.may_send(clip):
            self._send_frames(clip)
            self.changed.notify()

    def end(self, epoch: int) -> None:
        """Tell the pages that no further clause comes."""
        if self._playback.end(epoch):
            self._pages.broadcast(p.End(epoch=epoch, clauses=len(self.clips)))
            self.changed.notify()

    def duck(self, epoch: int, gain: float, *, hold: bool = False) -> bool:
        """Bring the voice of a turn down to ``gain`` (0 to 1), with ``hold`` to a standstill; False when it is over."""
        if epoch != self.epoch or self._playback.halted:
            return False
        self._duck = p.Duck(epoch=epoch, gain=0.0 if hold else gain, hold=hold)
        self._pages.broadcast(self._duck)
        self._playback.stand_still(on=hold)
        self.streamer.stands(still=hold)
        return True

    def resume(self, epoch: int) -> None:
        """Bring the voice of a turn back up where it is; what stood still goes on."""
        if self._duck is not None and self._duck.epoch == epoch:
            self._duck = None
            self._playback.stand_still(on=False)
            self.streamer.stands(still=False)
            self._pages.broadcast(p.Resume(epoch=epoch))

    def _send_frames(self, clip: ClausePlayback) -> None:
        page = self._pages.audio
        if page is None or not clip.rate:
            return
        for frame in clip.take_frames():
            page.send(frame)
            self.streamer.sent(frame[p.HEADER.size :], clip.rate)
            if self._playback.mark_sent(clip):
                self._tell_sound(clip.epoch)

    def _tell_sound(self, epoch: int) -> None:
        if self.listener is not None:
            self.listener.sound_began(epoch)

    # --- what was heard ---------------------------------------------------------------------------

    def heard(self) -> str:
        """Return the words of the current turn that the audience has heard."""
        return self._playback.heard()

    def ahead_s(self) -> float:
        """Return the seconds of sound that are made and not heard yet."""
        return self._playback.ahead_s()

    @property
    def silent(self) -> bool:
        """Whether nothing can be heard now: nothing was begun, all was heard, or the page confirmed a stop."""
        return not self.audible or self._playback.sounding() is None

    def _stopped(self, message: p.Stopped) -> None:
        if not self._playback.confirms_stop(message.epoch):
            return
        if message.clause >= 0:
            self._advance(message.epoch, message.clause, message.position_ms, finished=False)
        self._playback.confirm_stop(message.epoch)
        self.changed.notify()

    def _advance(self, epoch: int, clause: int, position_ms: float, *, finished: bool) -> None:
        clip = self._playback.advance(epoch, clause, position_ms, finished=finished)
        if clip is None:
            return
        if self.listener is not None:
            self.listener.playback_advanced(Playback(epoch, clause, int(clip.position_ms), clip.finished))
        if len(self._pages) > 1:
            self._pages.broadcast(clip.progress_message(), views_only=True)
        self.changed.notify()

    async def played(self, epoch: int, return_s: float) -> bool:
        """Wait until the turn was heard to its end; return False when no page could be heard in the meantime.

        A page that went away has ``return_s`` seconds to come back. A page that stops reporting is closed
        and counts as gone. For a page that has never reported, the clock decides when a clause is over.
        """
        while epoch == self.epoch:
            if self._playback.finished:
                return True
            page = self._pages.audio
            if page is None:
                if not await self.changed.wait_until(lambda: self.audible or epoch != self.epoch, return_s):
                    return False
                continue
            overdue = self._playback.overdue_in(reported=page.reported, latency_s=page.latency_ms / 1000)
            if overdue is None:
                await self.changed.wait_until(self._moved(), 1.0)
            elif overdue > 0:
                await self.changed.wait_until(self._moved(), overdue)
            else:
                self._give_up_on(page)
        return False

    def _moved(self) -> Callable[[], bool]:
        """Return a test that is true once anything of the turn, or whether it can be heard, differs from now."""
        before = (self.audible, self._playback.snapshot())
        return lambda: (self.audible, self._playback.snapshot()) != before

    def _give_up_on(self, page: Page) -> None:
        """Close a page that reported and then went quiet; go by the clock for a page that never reported."""
        if page.reported:
            page.doom(1011, "no playback reports")
            page.role = "view"
            self._elect()
            return
        if not self._warned_silent:
            self._warned_silent = True
            logger.warning("the stage page never reports what it plays, so nothing counts as heard")
        self._playback.skip()

    async def stop(self, epoch: int) -> bool:
        """Silence the turn; return False when no page confirmed it in time: then the clock's estimate counts."""
        if not self._playback.halt(epoch):
            return True
        self._pages.forget_sound()
        self._pages.broadcast(p.Stop(epoch=epoch))
        self.streamer.stopped()
        audio_page = self._pages.audio
        playing = self._playback.sounding()
        if audio_page is None or playing is None:
            return True
        sent_at = self._clock()
        if await self.changed.wait_until(lambda: self._playback.stop_confirmed(epoch), self.stop_timeout_s):
            return True
        if audio_page.reported:
            self._playback.estimate(playing, sent_at)
        return False

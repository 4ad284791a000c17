"""The truth about playback: how much of the turn on air the audience has heard.

This part knows no sockets and no pages. The hub tells it what was sent and what a page reports; it
believes a report only as far as the clock and the sound that was sent allow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.stage.clip import ClausePlayback
from bot.text.scripts import join
from bot.types import Clause, Playback

#: A report may run ahead of our clock by this much: clocks, resampling, and the page's own start.
SLACK_MS = 500.0
#: A page that reported once and is this late is gone, even if its socket is still open.
LATE_S = 2.0
#: The clock decides for a page that never reports; this much is added for the page's start.
SILENT_GRACE_S = 0.3


class PlaybackListener(Protocol):
    """Is told what is played. Both methods return at once."""

    def sound_began(self, epoch: int) -> None:
        """Take note that a clause of a turn began to sound."""
        ...

    def playback_advanced(self, playback: Playback) -> None:
        """Take note of how far the audience has heard a clause."""
        ...


class TurnPlayback:
    """The clauses of the turn on air and how far each was heard. ``epoch`` counts up, one for each turn."""

    def __init__(self, *, clock: Callable[[], float], first_epoch: int = 0, pace: float = 1.0) -> None:
        """Take a clock in seconds, and ``pace``: how many times faster than people the pages play."""
        self.epoch = first_epoch
        self.clips: list[ClausePlayback] = []
        #: Whether no further clause comes.
        self.ended = False
        #: Whether the turn was stopped: nothing of it is sent any more.
        self.halted = False
        #: Since when the sound is told to stand still; None while it goes on.
        self.held_at: float | None = None
        #: The newest epoch whose stop a page has confirmed.
        self._acknowledged = -1
        #: When a position last moved.
        self._progress_at = 0.0
        self._clock = clock
        self._pace = pace

    # --- the turn ---------------------------------------------------------------------------------

    def begin(self) -> int:
        """Start a turn without clauses; return its epoch."""
        self.epoch += 1
        self.clips = []
        self.ended = False
        self.halted = False
        self.held_at = None
        return self.epoch

    def add(self, epoch: int, clause: Clause, rate: int, silent_ms: int) -> ClausePlayback | None:
        """Add a clause to the turn; return None when the turn of ``epoch`` is over.

        ``rate`` is in Hz; with 0 the clause is shown for ``silent_ms`` without sound, counted from now.
        """
        if epoch != self.epoch or self.ended:
            return None
        clip = ClausePlayback(epoch, clause, rate, silent_ms, complete=rate == 0)
        self.clips.append(clip)
        if not rate:
            self.mark_sent(clip)
        return clip

    def may_send(self, clip: ClausePlayback) -> bool:
        """Return whether the sound of a clip may still go out."""
        return clip.epoch == self.epoch and not self.halted

    def mark_sent(self, clip: ClausePlayback) -> bool:
        """Record that a frame of a clip was sent now; return False when one was sent before."""
        clip.last_sent_at = self._clock()
        if clip.first_sent_at is not None:
            return False
        clip.first_sent_at = clip.last_sent_at
        return True

    def end(self, epoch: int) -> bool:
        """Record that no further clause comes; return False when that was known, or the epoch is not on air."""
        if epoch != self.epoch or self.ended:
            return False
        self.ended = True
        return True

    def halt(self, epoch: int) -> bool:
        """Stop the turn; return False when it was stopped before, or the epoch is not on air."""
        if epoch != self.epoch or self.halted:
            return False
        self.halted = True
        self.ended = True
        return True

    # --- what was heard ---------------------------------------------------------------------------

    def heard(self) -> str:
        """Return the words of the turn that the audience has heard."""
        return join([clip.heard() for clip in self.clips])

    def ahead_s(self) -> float:
        """Return the seconds of sound that are made and not heard yet."""
        return sum(max(0.0, c.duration_ms - c.position_ms) for c in self.clips if not c.finished) / 1000

    @property
    def finished(self) -> bool:
        """Whether every clause is over and no further one comes."""
        return self.ended and all(clip.finished for clip in self.clips)

    def sounding(self) -> ClausePlayback | None:
        """Return the first clip that was sent and is not over; None when there is none, or a page confirmed a stop."""
        if self.stop_confirmed(self.epoch):
            return None
        return next((c for c in self.clips if not c.finished and c.first_sent_at is not None), None)

    def snapshot(self) -> tuple[object, ...]:
        """Return a value that differs from an earlier one when anything of the turn moved between the two."""
        return (self.epoch, self.ended, len(self.clips), *((c.position_ms, c.finished) for c in self.clips))

    def advance(self, epoch: int, clause: int, position_ms: float, *, finished: bool) -> ClausePlayback | None:
        """Believe a report as far as the clock and the sound that was sent allow.

        Return the clip of the report; None when it is unknown, not sent yet, or over already.
        """
        clip = next((c for c in self.clips if c.epoch == epoch and c.clause.index == clause), None)
        if clip is None or clip.finished or clip.first_sent_at is None:
            return None
        now = self._clock()
        possible = ((now - clip.first_sent_at) * 1000 + SLACK_MS) * self._pace + clip.base_ms
        position = min(position_ms, clip.duration_ms, possible)
        if position > clip.position_ms:
            clip.position_ms = position
            self._progress_at = now
        if finished and clip.complete and possible >= clip.duration_ms - SLACK_MS * self._pace:
            clip.position_ms = clip.duration_ms
            clip.finished = True
            self._progress_at = now
        return clip

    # --- pages that do not report -----------------------------------------------------------------

    def overdue_in(self, *, reported: bool, latency_s: float) -> float | None:
        """Return the seconds until the clause on air has lasted too long; None when no clause should be playing.

        ``reported`` says whether its page ever sent a report, ``latency_s`` how late its speakers are.
        """
        clip = next((c for c in self.clips if not c.finished), None)
        if self.held_at is not None or clip is None or not clip.complete or clip.first_sent_at is None:
            return None
        grace_s = LATE_S if reported else SILENT_GRACE_S
        return self._due_at(clip, clip.first_sent_at) + grace_s + latency_s - self._clock()

    def skip(self) -> None:
        """Count the clause on air as over by the clock, heard no further than its position says."""
        clip = next((c for c in self.clips if not c.finished), None)
        if clip is None or clip.first_sent_at is None:
            return
        self._progress_at = self._due_at(clip, clip.first_sent_at)
        clip.finished = True
        clip.truncated = True  # nobody knows that the rest was heard

    def _due_at(self, clip: ClausePlayback, first_sent_at: float) -> float:
        """Return when a clause should be over, by the clock, counted from the last sign of its progress.

        A voice that stalls holds the last frame back: no page can finish before it has that.
        """
        began = max(self._progress_at, first_sent_at)
        return max(clip.last_sent_at, began + (clip.duration_ms - clip.position_ms) / 1000)

    # --- standing still ---------------------------------------------------------------------------

    def stand_still(self, *, on: bool) -> None:
        """Record that the sound stands still from now on, in which nothing is late, or that it goes on."""
        if on:
            self.held_at = self._clock()
        elif self.held_at is not None:
            self.held_at, self._progress_at = None, self._clock()

    # --- stopping ---------------------------------------------------------------------------------

    def confirms_stop(self, epoch: int) -> bool:
        """Return whether a page's word that ``epoch`` is silent is news: the turn was stopped, and nobody said so."""
        return self.halted and epoch == self.epoch and not self.stop_confirmed(epoch)

    def confirm_stop(self, epoch: int) -> None:
        """Record that the page which is heard is silent."""
        self._acknowledged = epoch

    def stop_confirmed(self, epoch: int) -> bool:
        """Return whether a page confirmed the stop of a turn."""
        return self._acknowledged >= epoch

    def estimate(self, clip: ClausePlayback, stopped_at: float) -> None:
        """Take the clock's word for how far a clip was heard until ``stopped_at``: no page confirmed the stop."""
        if clip.first_sent_at is not None:
            stopped_at = stopped_at if self.held_at is None else self.held_at
            ran_ms = (stopped_at - max(self._progress_at, clip.first_sent_at)) * 1000
            clip.position_ms = min(clip.duration_ms, clip.position_ms + max(0.0, ran_ms))

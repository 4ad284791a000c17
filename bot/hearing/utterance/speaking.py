"""One utterance while it is being spoken: its sound, its pauses, and what was told of it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

import numpy as np

from bot.hearing.speech import FRAME, RATE, AudioFrame, Samples
from bot.hearing.utterance.recognition import Recognition

FRAME_S: Final = FRAME / RATE
#: Frames that the judge of a pause hears: 8 s.
_HEARD: Final = 8 * RATE // FRAME
#: Frames with a voice in a row that end a pause: a click is one.
_GOES_ON: Final = 2
#: Sound that waits in a pause is kept up to so many frames (8 s); more cannot come before patience ends.
_MOST_HELD: Final = 8 * RATE // FRAME


class Speaking:
    """See the module. Times are those of the frames, in seconds."""

    def __init__(self, number: int, began_at: float, at: float, recognition: Recognition) -> None:
        self.number = number
        self.began_at = began_at
        self.recognition = recognition
        self.task: asyncio.Task[None] | None = None
        #: End of the last frame with a voice, and of the last frame.
        self.voiced_at = self.at = at
        self._run = 0
        self._heard: deque[AudioFrame] = deque(maxlen=_HEARD)
        self._held: deque[AudioFrame] = deque(maxlen=_MOST_HELD)
        self._held_voiced = 0
        self._loudness: deque[float] = deque(maxlen=_HEARD)
        #: The pause: how many there were, whether its text was asked for, what the judge said, what was told.
        self.pauses = 0
        self.asked = False
        self.asked_at: float | None = None
        self.first: float | None = None
        self.latest: float | None = None
        self.looks = 0
        self.judging = False
        self.told_pause = ""
        self.thought_at: float | None = None
        self.told_text = ""
        #: It ends with the text that was asked for; its recogniser failed.
        self.ending = self.failed = False
        self._question_at: float | None = None
        self._answer_at, self._answer_took = -1e9, 0.0

    @property
    def silence_s(self) -> float:
        """How long it has been silent."""
        return self.at - self.voiced_at

    def take(self, frames: list[AudioFrame], *, voiced: int) -> None:
        """Take the frames that it begins with, and give them to the recogniser."""
        self._heard.extend(frames)
        self._held.extend(frames)
        self._held_voiced += voiced
        self._run = voiced
        self.send()

    def hear(self, frame: AudioFrame, *, voiced: bool) -> bool:
        """Take a frame; return whether a pause ended with it."""
        self.at = frame.at
        self._heard.append(frame)
        self._held.append(frame)
        self._loudness.append(float(np.abs(frame.samples).mean()))
        self._run = self._run + 1 if voiced else 0
        self._held_voiced += voiced
        pausing = self.pauses_now
        if voiced and (not pausing or self._run >= _GOES_ON):
            self.voiced_at = frame.at
            return pausing
        return False

    @property
    def pauses_now(self) -> bool:
        """Whether the last frames were silent: a frame without a voice alone is no pause."""
        return self.silence_s > 1.5 * FRAME_S

    def send(self, *, pause: bool = False, partial: bool = False) -> None:
        """Hand the recogniser all that it has not yet."""
        samples = np.concatenate([frame.samples for frame in self._held]) if self._held else np.zeros(0, np.float32)
        self._held.clear()
        if self.failed:
            return
        self.recognition.add(samples, self._held_voiced * FRAME_S, pause=pause, partial=partial)
        self._held_voiced = 0
        if pause or partial:
            self._question_at = self.at
        if pause:
            self.asked, self.asked_at = True, self.at

    def may_ask(self, every_s: float, now: float) -> bool:
        """Return whether another text may be asked for: the last one came, and there was as long a rest as it took."""
        return self._question_at is None and now - self._answer_at >= max(every_s, self._answer_took)

    def note_answer(self, now: float) -> None:
        """Take note of when the last question was answered."""
        if self._question_at is not None and self.recognition.caught_up:
            self._answer_at, self._answer_took = now, max(0.0, now - self._question_at)
            self._question_at = None

    def judged(self, probability: float) -> None:
        """Take the judge's word on the pause that goes on."""
        self.first = probability if self.first is None else self.first
        self.latest = probability

    def end_pause(self) -> None:
        """Forget the pause: speech goes on."""
        self.pauses += 1
        self.asked, self.asked_at, self.looks = False, None, 0
        self.first = self.latest = None
        self.told_pause, self.thought_at = "", None

    def cut(self) -> None:
        """Begin a new stretch for the recogniser."""
        self.recognition.cut()
        self._question_at = None
        self._loudness.clear()

    def is_quiet(self, from_s: float, at_s: float) -> bool:
        """Return whether this is the moment to cut a long stretch.

        From ``from_s`` on, at a moment as quiet as the quietest of the last 8 s; the longer the stretch, the less quiet
        it must be, until at ``at_s`` any will do.
        """
        length = self.recognition.stretch_s
        if length < from_s or not self._loudness:
            return False
        late = min(1.0, (length - from_s) / (at_s - from_s)) ** 2
        return late >= 1.0 or self._loudness[-1] <= float(np.quantile(np.array(self._loudness), late))

    def sound(self) -> Samples:
        """Return the last 8 s of it with the silence behind."""
        return np.concatenate([frame.samples for frame in self._heard])

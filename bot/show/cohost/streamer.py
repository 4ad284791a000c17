"""The streamer's side of the show: what the ears hear becomes the floor's state, a barge-in, or a turn of the host.

speech ─▶ duck, then cut or resume (`barge_in`)
─▶ the floor: nobody begins to speak meanwhile
─▶ answered or kept in mind (`manners`), the answer begun early (`speculation`) ─▶ the show's loop
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from bot.hearing.speech import Utterance
from bot.runtime.signal import Signal
from bot.show.cohost.answers import Answers
from bot.show.cohost.barge_in import BargeIn, Decision
from bot.show.cohost.settings import CohostSettings
from bot.show.cohost.words import is_murmur, is_order, plain
from bot.show.floor import StreamerVoice
from bot.show.floor_settings import FloorEvent, FloorRule, FloorSettings, FloorState
from bot.show.loop import Show
from bot.show.turn import LiveTurn
from bot.telemetry.metrics import Metrics
from bot.types import CutKind

#: How often it is looked whether a voice is still heard, in seconds: a frame of the voice detection.
LOOK_S: Final = 0.032
#: How long the host stays quieter for what may be a voice and has not begun as one, in seconds: an onset and its way.
LIKELY_S: Final = 0.2
#: How often speech that goes on is looked at, in seconds.
GO_ON_S: Final = 0.25
#: Sound that goes on for so long without a word in it is no speech, in seconds: music, a television.
WORDLESS_S: Final = 30.0


@dataclass
class BargeInCounts:
    """What became of the turns that the streamer spoke over, for the metrics."""

    ducked: int = 0
    resumed: int = 0
    cut: int = 0
    finished_ducked: int = 0


@dataclass
class _Speech:
    """What the streamer is saying.

    ``real_since`` is since when it is known to be speech; ``wanted`` that a button asks for an answer; ``gave_up`` that
    it went on for so long without a word that it counts for nothing.
    """

    sound: BargeIn
    real_since: float | None = None
    paused: bool = False
    wanted: bool = False
    gave_up: bool = False


class Streamer:
    """A `bot.hearing.speech.SpeechListener`. `run` must be going; everything else returns at once."""

    def __init__(
        self,
        show: Show,
        floor: FloorSettings,
        cohost: CohostSettings,
        *,
        names: Callable[[], Sequence[str]],
        voiced: Callable[[], bool] = lambda: True,
        rng: random.Random | None = None,
    ) -> None:
        """Take the show, what the host is called (``names``), and whether the last frame held a voice (``voiced``).

        Without ``voiced`` a cough is told from speech when the ears say that it is over, which may be too late.
        """
        self.counts = BargeInCounts()
        self.answers = Answers(show, cohost, names=names, rng=rng or random.Random())  # noqa: S311 - a chance, not a secret
        self._show = show
        self._names = names
        self._voiced = voiced
        self._changed = Signal()
        self._speech: _Speech | None = None
        self._ducked: int | None = None  # the epoch of the turn that is made quieter
        self._finishing: int | None = None  # the epoch of a turn that is said to its end over the streamer
        self._grace_until = self._likely_until = 0.0
        show.floor.update(floor)
        show.performance.remarks = self.answers.remarks

    async def run(self) -> None:
        """Decide and answer until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self.answers.group = group
                while True:
                    await self._changed.wait(self._step())
        finally:
            self.answers.group = None
            self.answers.drop()
            self._speech = None
            self._show.floor.hear(StreamerVoice.SILENT)
            self._resume()

    @property
    def speaking(self) -> bool:
        """Whether an utterance of the streamer is under way."""
        return self._speech is not None

    def count(self, metrics: Metrics) -> None:
        """Tell the metrics what became of barge-ins, and of answers that were begun early."""
        for gauge, counts in ((metrics.barge_ins, self.counts), (metrics.early, self.answers.drafts)):
            for what, number in asdict(counts).items():
                gauge.labels(what).set(number)

    def update(self, floor: FloorSettings, cohost: CohostSettings) -> None:
        """Take over other settings."""
        self.answers.settings = cohost
        self._show.floor.update(floor)
        self._changed.notify()

    def press(self) -> bool:
        """Answer what is being said, or was said just now; return False when there is nothing."""
        if self._speech is not None:
            self._speech.wanted = True
            return True
        return self.answers.answer_last()

    def forget(self) -> None:
        """Forget what was said and not answered."""
        self.answers.forget()

    # --- what is heard: see `SpeechListener` ----------------------------------------------------------

    def speech_likely(self, at: float) -> None:
        """Make the host quieter at once; it is loud again soon where no speech begins."""
        del at
        if self._speech is None:
            self._likely_until = _now() + LIKELY_S
            self._duck(surely=False)
            self._changed.notify()

    def speech_began(self, number: int, at: float) -> None:
        """Make the host quieter at once, and let nobody begin to speak."""
        self._speech = _Speech(BargeIn(number, min(at, _now())))
        self._show.floor.hear(StreamerVoice.UNSURE)
        self._duck()
        self._changed.notify()

    def speech_heard(self, utterance: Utterance) -> None:
        """Take a partial text: it may tell an order from a murmur."""
        if self._take(utterance) is not None:
            self._step()
            self._changed.notify()

    def speech_paused(self, utterance: Utterance) -> None:
        """Begin the answer, silently, where it is sure that there will be one."""
        speech = self._take(utterance)
        if speech is None:
            return
        speech.paused = True
        self._step()
        if speech.real_since is not None:
            self._show.floor.hear(StreamerVoice.PAUSED)
        self.answers.prepare(utterance.text, wanted=speech.wanted)
        self._changed.notify()

    def speech_resumed(self, number: int, at: float) -> None:
        """Throw away what was begun at the pause."""
        del at
        self.answers.drop()
        if self._speech is not None and self._speech.sound.number == number:
            self._speech.paused = False
            if self._speech.real_since is not None:
                self._show.floor.hear(StreamerVoice.SPEAKING)
            self._changed.notify()

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:
        """Take a whole utterance: answer it, keep it in mind, or nothing."""
        del at
        speech, now = self._speech, _now()
        if speech is None or speech.sound.number != number:
            return
        text = utterance.text if utterance is not None else ""
        speech.sound.text = self._without_names(text)
        if speech.sound.decide(now, self._decide_s, over=True) is Decision.CUT:
            self._cut()
        self._speech = None
        said = bool(plain(text)) and not is_murmur(text)
        self._grace_until = now + self._show.floor.settings.grace_s
        if said:
            self.answers.take_up(text, now, wanted=speech.wanted)
        else:
            self.answers.drop()
        self._show.floor.hear(StreamerVoice.GRACE if said else StreamerVoice.SILENT)
        self._resume()
        self._changed.notify()

    def _listen(self, speech: _Speech, now: float) -> None:
        """Look whether a voice is heard; after a cough a word begins anew."""
        heard = self._voiced() and not speech.paused
        back = heard and speech.sound.silent_at is not None
        speech.sound.voiced(now, heard=heard)
        if back and self._show.floor.voice is StreamerVoice.SILENT and not speech.gave_up:
            speech.sound.began_at = now
            self._show.floor.hear(StreamerVoice.UNSURE)
            self._duck()

    def _take(self, utterance: Utterance) -> _Speech | None:
        speech = self._speech
        if speech is None or speech.sound.number != utterance.number:
            return None
        speech.sound.text = self._without_names(utterance.text)
        if plain(utterance.text):
            speech.gave_up = False
        return speech

    def _without_names(self, text: str) -> str:
        """Return the words of a text without the host's names: "Mira, stop" is the order to stop."""
        words, names = plain(text), [plain(name) for name in self._names()]
        for name in sorted(filter(None, names), key=len, reverse=True):
            words = words.replace(name, " ") if not name.isascii() else f" {words} ".replace(f" {name} ", " ")
        return " ".join(words.split())

    # --- the floor ------------------------------------------------------------------------------------

    @property
    def _decide_s(self) -> float:
        return self._show.floor.settings.decide_s

    def _step(self) -> float | None:
        """Decide what can be decided now; return the seconds until something may be another way."""
        now, floor, speech = _now(), self._show.floor, self._speech
        if speech is None:
            return self._step_in_silence(now)
        self._hold(speech, now)
        sound = speech.sound
        self._listen(speech, now)
        if speech.real_since is not None or speech.gave_up:
            return self._go_on(speech, now)
        decision = sound.decide(now, self._decide_s)
        if decision is Decision.CUT:
            speech.real_since = now
            floor.hear(StreamerVoice.SPEAKING)
            self._cut()
            return GO_ON_S
        if decision is Decision.RESUME and floor.voice is not StreamerVoice.SILENT:
            floor.hear(StreamerVoice.SILENT)
            self._resume()
        return min(LOOK_S, sound.due_in(now, self._decide_s))

    def _step_in_silence(self, now: float) -> float | None:
        waits = []
        if self._ducked is not None and now >= self._likely_until:
            self._resume(surely=False)
        elif self._ducked is not None:
            waits.append(self._likely_until - now)
        if self._show.floor.voice is StreamerVoice.GRACE:
            if now >= self._grace_until:
                self._show.floor.hear(StreamerVoice.SILENT)
            else:
                waits.append(self._grace_until - now)
        return min(waits, default=None)

    def _go_on(self, speech: _Speech, now: float) -> float:
        """Watch speech that goes on: an order may come, and what never holds a word is none."""
        if speech.sound.text and is_order(speech.sound.text):
            self._cut()
        wordless = not speech.sound.text and speech.real_since is not None
        if wordless and speech.real_since is not None and now - speech.real_since >= WORDLESS_S:
            speech.real_since, speech.gave_up = None, True
            self._show.floor.hear(StreamerVoice.SILENT)
            self._resume()
        return GO_ON_S

    def _hold(self, speech: _Speech, now: float) -> None:
        """Withdraw a turn that has waited too long for the streamer, so that it is thought of anew."""
        air, floor = self._show.on_air, self._show.floor
        if air is None or air.sounded or speech.real_since is None or floor.admits(air.event):
            return
        if floor.leaves_out(air.event):
            floor.interrupt(CutKind.EXPIRED, "it was not to be said while the streamer speaks")
        held_s = now - max(air.began_at, speech.real_since)
        if air.event is not FloorEvent.STREAMER and held_s >= floor.settings.hold_s:
            floor.interrupt(CutKind.BARGED_IN, "the streamer speaks")

    def _sounding(self) -> LiveTurn | None:
        """Return the turn of which something was heard; between two clauses, too."""
        air = self._show.on_air
        return air if air is not None and air.sounded else None

    def _duck(self, *, surely: bool = True) -> None:
        """Make the host quieter, or let it stand still where that is wanted and it is ``surely`` a voice."""
        air, settings = self._sounding(), self._show.floor.settings
        if air is None:
            return
        epoch, hold = air.turn.epoch, surely and settings.while_unsure == "pause" and not self._finishes(air)
        already = self._ducked == epoch and not hold
        if already or self._show.stage.duck(epoch, 10 ** (settings.duck_db / 20), hold=hold):
            self._ducked = epoch
            self.counts.ducked += surely

    def _finishes(self, air: LiveTurn) -> bool:
        """Return whether a turn is said to its end: thanks for money, or what may speak over the streamer anyway."""
        return air.plan.finishes or self._show.floor.table.rule(air.event, FloorState.STREAMER) is FloorRule.CUT

    def _cut(self) -> None:
        air, speech = self._sounding(), self._speech
        if air is None or speech is None:
            return
        if air.plan.finishes or (self._finishes(air) and not is_order(speech.sound.text)):
            self.counts.finished_ducked += self._finishing != air.turn.epoch
            self._finishing = air.turn.epoch
            return
        self._ducked = None
        self.counts.cut += 1
        self._show.floor.interrupt(CutKind.BARGED_IN, "the streamer spoke")

    def _resume(self, *, surely: bool = True) -> None:
        if self._ducked is not None:
            self._show.stage.resume(self._ducked)
            self._ducked = None
            self.counts.resumed += surely


def _now() -> float:
    return asyncio.get_running_loop().time()

"""From frames of sound to what was said: when speech begins, what a pause means, and what is told to whom.

All decisions go by the times of the frames, so that they are the same at any speed. While the ears are closed no
frame is looked at, and what was on its way is thrown away at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from loguru import logger

from bot.errors import ProviderError
from bot.hearing.ears import Ears
from bot.hearing.gate import Gate, Turned
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.listening_settings import ListeningSettings
from bot.hearing.pauses.decision import LOOKS, Meaning, Pause, meaning
from bot.hearing.pauses.patience import Patience
from bot.hearing.pauses.unfinished import LastWords
from bot.hearing.speech import Asr, AudioFrame, Endpoint, Hints, SpeechListener, Utterance
from bot.hearing.utterance.onset import ONSET, Began, Onset
from bot.hearing.utterance.recognition import Recognition
from bot.hearing.utterance.speaking import Speaking
from bot.hearing.utterance.transcripts import Cleaner, chinese_converter
from bot.hearing.vad import VoiceActivity

#: How much less sure the voice detection may be of speech that goes on.
HYSTERESIS: Final = 0.15
#: Silence in seconds at which a text is asked for, when one is due anyway.
ASK_S: Final = 0.09
#: After this silence a stretch of so many seconds is long enough to be closed, when speech goes on.
CLOSE_AFTER_S, CLOSE_FROM_S = 0.3, 6.0
#: Seconds after which a stretch is cut at the next quiet moment, and at the latest.
CUT_FROM_S, CUT_AT_S = 16.0, 24.0
#: Stretches that may wait for the recogniser: sound of a minute and a half.
MOST_BEHIND: Final = 3
#: Without a frame for so long, an utterance is over: the microphone is gone.
STARVED_S: Final = 1.0
#: The longest wait for the text of an utterance that is over, in seconds, beyond what each recogniser is given.
LAST_WORD_S: Final = 20.0
#: Sound on its way from the microphone when the button to talk is let go.
RELEASE_S: Final = 0.15
#: The longest wait for the judge of a pause.
JUDGE_S: Final = 2.0


class Listening:
    """Listens for as long as `run` runs. ``busy`` says that the machine has better to do than partial texts."""

    def __init__(
        self,
        ears: Ears,
        inlet: AudioInlet,
        recogniser: Asr,
        endpoint: Endpoint,
        listener: SpeechListener,
        hints: Callable[[], Hints],
        *,
        vad: VoiceActivity,
        settings: ListeningSettings,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self.settings = settings
        self.patience = Patience(settings.patience_ms / 1000, learns=settings.learn_patience)
        self._ears = ears
        self._inlet = inlet
        self._recogniser = recogniser
        self._endpoint = endpoint
        self._listener = listener
        self._hints = hints
        self._vad = vad
        self._busy = busy
        self._last_words = LastWords()
        self._convert = chinese_converter(settings.chinese)
        self._number = 0
        self._speaking: Speaking | None = None
        self._onset = Onset()
        self._gate = Gate(ears)
        self._ended_at = -1.0
        self._frame_came = 0.0

    async def run(self) -> None:
        """Listen for ever."""
        self._clock = asyncio.get_running_loop().time
        self._frame_came = self._clock()
        self._gate.open_from(self._frame_came)
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._tasks.create_task(self._follow_the_switch())
                self._tasks.create_task(self._watch_the_clock())
                async for frame in self._inlet.frames():
                    self._take(frame)
                    # After a stall many frames come at once, and the loop has others to serve.
                    await asyncio.sleep(0)
        finally:
            self._discard()

    @property
    def thinking(self) -> bool:
        """Whether the pause that goes on was found worth thinking: the eager decision, before its text is there."""
        return self._speaking is not None and self._speaking.thought_at is not None

    @property
    def voiced(self) -> bool:
        """Whether the last frame of an utterance held a voice."""
        return self._speaking is not None and not self._speaking.silence_s

    # --- the switch ---------------------------------------------------------------------------------

    async def _follow_the_switch(self) -> None:
        while True:
            await self._ears.changed.wait()
            self._heed_the_switch()

    def _heed_the_switch(self) -> None:
        turned = self._gate.heed(self._clock())
        if turned is Turned.CLOSED:
            self._inlet.clear()
            self._discard()
        elif turned is Turned.RELEASED and self._speaking is not None:
            self._tasks.create_task(self._finish_soon(self._speaking))

    async def _finish_soon(self, speaking: Speaking) -> None:
        """End an utterance when the last sound of a released button has come."""
        await asyncio.sleep(RELEASE_S)
        self._finish(speaking)

    def _discard(self) -> None:
        """Throw away what was heard and not told yet."""
        self._forget()
        if (speaking := self._speaking) is not None:
            self._over(speaking, None)

    def _forget(self) -> None:
        self._onset.clear()
        self._vad.reset()

    # --- sound --------------------------------------------------------------------------------------

    def _take(self, frame: AudioFrame) -> None:
        """Take a frame: at most some tenths of a millisecond of work."""
        self._heed_the_switch()
        self._frame_came = self._clock()
        if not self._gate.passes(frame):
            if self._onset.frames:
                self._forget()
            return
        likely = self._vad.probability(frame.samples)
        if (speaking := self._speaking) is None:
            began = self._onset.take(frame, likely, self.settings.speech_above)
            if began is Began.PERHAPS:
                self._listener.speech_likely(frame.at)
            elif began is Began.SPEECH:
                self._begin(frame)
        else:
            self._go_on(speaking, frame, voiced=likely >= self.settings.speech_above - HYSTERESIS)

    def _begin(self, frame: AudioFrame) -> None:
        self._number += 1
        began_at = self._onset.began_at()
        if self._ended_at >= 0:
            # What came so soon after an utterance was taken for finished belongs to it.
            self.patience.went_on(began_at - self._ended_at)
        hints = self._hints()
        recognition = Recognition(self._recogniser, hints, Cleaner(hints, self._convert), self._decide)
        self._speaking = speaking = Speaking(self._number, began_at, frame.at, recognition)
        speaking.take(list(self._onset.frames), voiced=ONSET)
        self._onset.clear()
        speaking.task = self._tasks.create_task(self._recognise(speaking), name=f"utterance {self._number}")
        self._listener.speech_began(self._number, began_at)

    def _go_on(self, speaking: Speaking, frame: AudioFrame, *, voiced: bool) -> None:
        pause_s = speaking.silence_s
        if speaking.hear(frame, voiced=voiced):
            self._went_on(speaking, pause_s, frame.at)
        silence_s = speaking.silence_s
        if silence_s < ASK_S:
            speaking.send(partial=self._partial_due(speaking))
            if speaking.is_quiet(CUT_FROM_S, CUT_AT_S):
                speaking.cut()
                if speaking.recognition.behind > MOST_BEHIND:
                    self._give_up(speaking)
        elif not speaking.asked and (silence_s >= self.settings.think_after_ms / 1000 or self._partial_due(speaking)):
            speaking.send(pause=True)
        self._look(speaking)
        self._decide()

    def _went_on(self, speaking: Speaking, pause_s: float, at: float) -> None:
        """Take note that a pause was none."""
        self.patience.went_on(pause_s)
        told, long_enough = speaking.told_pause, speaking.recognition.stretch_s >= CLOSE_FROM_S
        if speaking.asked and pause_s >= CLOSE_AFTER_S and long_enough and speaking.recognition.caught_up:
            speaking.cut()
        speaking.end_pause()
        if told:
            self._listener.speech_resumed(speaking.number, at)

    def _partial_due(self, speaking: Speaking) -> bool:
        every_s = self.settings.partial_every_ms / 1000
        return (
            self.settings.partials
            and speaking.recognition.stretch_s >= every_s
            and speaking.may_ask(every_s, self._clock())
            and not self._busy()
        )

    # --- pauses -------------------------------------------------------------------------------------

    def _look(self, speaking: Speaking) -> None:
        """Ask the judge, at each of the looks once, one question at a time."""
        if speaking.looks < len(LOOKS) and not speaking.judging and speaking.silence_s >= LOOKS[speaking.looks] - 0.01:
            while speaking.looks < len(LOOKS) and speaking.silence_s >= LOOKS[speaking.looks] - 0.01:
                speaking.looks += 1
            speaking.judging = True
            self._tasks.create_task(self._judge(speaking, speaking.pauses))

    async def _judge(self, speaking: Speaking, pause: int) -> None:
        try:
            async with asyncio.timeout(JUDGE_S):
                said = speaking.recognition
                found = await self._endpoint.probability(speaking.sound(), said.text, said.language)
        except Exception as error:  # noqa: BLE001 - without a judge the patience decides
            logger.debug("no judgement of a pause: {!r}", error)
            return
        finally:
            speaking.judging = False
        if self._speaking is speaking and speaking.pauses == pause:
            speaking.judged(found)
            self._decide()

    def _decide(self) -> None:
        """Tell what is new of the utterance, and end it when it is over."""
        if (speaking := self._speaking) is None:
            return
        recognition = speaking.recognition
        speaking.note_answer(self._clock())
        text = recognition.text
        known = speaking.asked and recognition.caught_up
        unfinished = self._last_words.want_more(text) if known else None
        pause = Pause(speaking.silence_s, speaking.first, speaking.latest, unfinished)
        think_s = self.settings.think_after_ms / 1000
        found = meaning(pause, think_s=think_s, patience_s=self.patience.seconds)
        if speaking.ending:
            found = Meaning.COMMIT
        if found >= Meaning.THINK and speaking.thought_at is None:
            speaking.thought_at = self._clock()
        if text and text != speaking.told_text and not speaking.told_pause and not (known and found >= Meaning.THINK):
            speaking.told_text = text
            self._listener.speech_heard(self._utterance(speaking, final=False))
        if found is Meaning.COMMIT:
            if speaking.failed:
                self._over(speaking, None)
            elif not speaking.asked:
                speaking.send(pause=True)
            elif known:
                self._over(speaking, self._utterance(speaking, final=True) if text else None)
        elif found is Meaning.THINK and known and text and text != speaking.told_pause:
            speaking.told_pause = speaking.told_text = text
            self._listener.speech_paused(self._utterance(speaking, final=False))

    def _finish(self, speaking: Speaking) -> None:
        """End an utterance now, whatever the pause says."""
        if self._speaking is speaking:
            speaking.ending = True
            self._decide()

    def _utterance(self, speaking: Speaking, *, final: bool) -> Utterance:
        said = speaking.recognition
        stable = said.text if final else said.stable
        return Utterance(
            speaking.number, said.text, said.language, said.confidence, stable, final,
            speaking.began_at, speaking.voiced_at,
        )  # fmt: skip

    def _over(self, speaking: Speaking, utterance: Utterance | None) -> None:
        self._speaking = None
        self._ended_at = speaking.voiced_at if utterance is not None else -1.0
        speaking.recognition.end()
        if utterance is None and speaking.task is not None:
            speaking.task.cancel()
        if utterance is not None:
            self._last_words.note(utterance.text)
        self._listener.speech_over(speaking.number, speaking.voiced_at, utterance)

    # --- what may go wrong --------------------------------------------------------------------------

    async def _recognise(self, speaking: Speaking) -> None:
        try:
            await speaking.recognition.run()
        except ProviderError as error:
            self._failed(speaking, f"{error} {error.remedy}".strip())
        except Exception as error:  # noqa: BLE001 - a recogniser that raises anything is one that failed
            logger.opt(exception=error).warning("the recogniser failed")
            self._failed(speaking, f"the recogniser failed: {type(error).__name__}")
        else:
            self._ears.tell_recogniser("")

    def _give_up(self, speaking: Speaking) -> None:
        """Take no more from a recogniser that says nothing, or is hopelessly behind."""
        if speaking.task is not None:
            speaking.task.cancel()
        self._failed(speaking, "the recogniser does not answer")

    def _failed(self, speaking: Speaking, why: str) -> None:
        """Go on without a text: the streamer's turn ends when the voice does."""
        self._ears.tell_recogniser(why)
        speaking.failed = True
        if self._speaking is speaking:
            self._decide()

    async def _watch_the_clock(self) -> None:
        """End an utterance whose frames stop coming, or whose text never comes."""
        while True:
            await asyncio.sleep(STARVED_S / 4)
            if (speaking := self._speaking) is None:
                continue
            now = self._clock()
            if now - self._frame_came >= STARVED_S:
                self._finish(speaking)
            late = speaking.asked_at is not None and now - speaking.asked_at > LAST_WORD_S
            if self._speaking is speaking and late and not speaking.recognition.caught_up:
                self._give_up(speaking)

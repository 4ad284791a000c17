"""Answers the streamer: what is answered at all, begun early where it is sure, and handed to the show's loop."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from statistics import median_low
from typing import Final

from bot.mind.memory.history import STREAMER
from bot.show.cohost.manners import Manner, drawn, is_asked, manner_of
from bot.show.cohost.settings import CohostSettings
from bot.show.cohost.speculation import Draft, DraftCounts, agree
from bot.show.loop import Show
from bot.show.turn import Answer, FinishedTurn, TurnPlan
from bot.types import Author, Kind, Message, TurnKind

#: The longest text that is answered, in characters.
MAX_TEXT: Final = 500
#: Remarks that are kept; the settings say how many of them the host has in mind.
MAX_REMARKS: Final = 20
#: Where most of the last answers took so long to their first words, in seconds, the next will too, and its voice takes
#: longer still: the sound is made at once.
SLOW_S, OF_LAST = 0.3, 3


class Answers:
    """Decides on each utterance. Nothing waits; what takes time runs in ``group``, without which it is left out."""

    def __init__(
        self, show: Show, settings: CohostSettings, *, names: Callable[[], Sequence[str]], rng: random.Random
    ) -> None:
        self.settings = settings
        self.group: asyncio.TaskGroup | None = None
        #: How many answers were ordered, and what beginning them early cost.
        self.ordered = 0
        self.drafts = DraftCounts()
        self._show = show
        self._names = names
        self._rng = rng
        self._draft: Draft | None = None
        self._judged: tuple[str, asyncio.Task[bool]] | None = None  # what the model is asked about, at a pause
        self._last: tuple[TurnPlan, str] | None = None  # the last answer, and the words that it answers
        self._heard_at = float("-inf")
        self._waits: deque[float] = deque(maxlen=OF_LAST)  # until the first clause of the last answers, in seconds
        self._remarks: deque[tuple[float, str]] = deque(maxlen=MAX_REMARKS)

    def remarks(self) -> Sequence[str]:
        """Return what the streamer said of late that nobody answered, the oldest first."""
        after, most = _now() - self.settings.remark_s, self.settings.remarks
        return tuple(text for at, text in self._remarks if at >= after)[-most:] if most else ()

    def answer_last(self) -> bool:
        """Answer the last remark; return False when there is none, or it is too long ago."""
        if not self._remarks or _now() - self._remarks[-1][0] > self.settings.button_s:
            return False
        self._reply(self._remarks.pop()[1], _now())
        return True

    def forget(self) -> None:
        """Forget what was said and not answered."""
        self._remarks.clear()
        self.drop()

    # --- before all was said --------------------------------------------------------------------------

    def prepare(self, text: str, *, wanted: bool) -> None:
        """Begin the answer to what was probably all, or ask the model whether there is to be one. Nobody hears it."""
        self.drop()
        text, group = _line(text), self.group
        if group is None or not self._show.floor.open:
            return
        manner = self._manner(text, wanted=wanted)
        if manner is Manner.ASK:
            self._judged = text, group.create_task(self._ask(text))
        elif self.settings.speculate and manner in (Manner.ANSWER, 1.0):
            joined = self._joined(text)
            prompt = self._show.performance.request(self._plan(joined)).prompt
            if prompt is not None:
                llm = self._show.composer.llm
                self._draft = Draft(llm, prompt, joined, self.drafts, self.settings.agreement)
                self._draft.start(group)

    def drop(self) -> None:
        """Throw away what was prepared."""
        if self._draft is not None:
            self._draft.drop()
            self._draft = None
        if self._judged is not None:
            self._judged[1].cancel()
            self._judged = None

    # --- when all was said ----------------------------------------------------------------------------

    def take_up(self, text: str, at: float, *, wanted: bool) -> None:
        """Answer an utterance that was over at a moment, keep it in mind, or do nothing."""
        text = _line(text)
        manner = drawn(self._manner(text, wanted=wanted), self._rng)
        if manner is Manner.ANSWER:
            self._reply(text, at)
        elif manner is Manner.ASK and self.group is not None:
            judged, self._judged = self._judged, None
            if judged is not None and not agree(judged[0], text, self.settings.agreement):
                judged[1].cancel()
                judged = None
            task = judged[1] if judged else self.group.create_task(self._ask(text))
            self.group.create_task(self._reply_when(task, text, at))
        else:
            self.drop()
            if manner is not Manner.NOTHING:
                self._remarks.append((at, text))

    def _manner(self, text: str, *, wanted: bool) -> Manner | float:
        if wanted:
            return Manner.ANSWER
        talking = _now() - self._heard_at <= self.settings.attention_s
        return manner_of(text, self.settings, self._names(), talking=talking)

    async def _ask(self, text: str) -> bool:
        names = self._names()
        return await is_asked(self._show.composer.llm, text, names[0] if names else "", self.settings.asked_s)

    async def _reply_when(self, asked: asyncio.Task[bool], text: str, at: float) -> None:
        if await asked:
            self._reply(text, at)
        else:
            self._remarks.append((at, text))

    def _unheard(self) -> str:
        """Return the words of the last answer of which nothing was heard yet; empty when there is none."""
        if self._last is None or not self._show.holds(self._last[0]):
            return ""
        air = self._show.on_air
        return "" if air is not None and air.plan is self._last[0] and air.sounded else self._last[1]

    def _joined(self, text: str) -> str:
        return f"{self._unheard()} {text}".strip()[-MAX_TEXT:]

    def _reply(self, text: str, at: float) -> None:
        """Order an answer. An answer that nobody has heard yet is withdrawn: this one answers both."""
        text, draft = self._joined(text), self._draft
        if self._last is not None and self._unheard():
            self._show.withdraw(self._last[0], "the streamer went on")
        self._draft = None
        if draft is not None and not agree(draft.text, text, self.settings.agreement):
            draft.drop()
            draft = None
        plan = self._plan(text, draft, self._sound_at(at))
        self._last = plan, text
        self.ordered += 1
        self._show.answer(plan)

    def _sound_at(self, at: float) -> float | None:
        """Return when a sound is made, unless the answer to what was over at a moment has begun; None for never."""
        if not self.settings.first_sound:
            return None
        slow = bool(self._waits) and median_low(self._waits) > SLOW_S
        return at if slow else at + self.settings.first_sound_s

    def _plan(self, text: str, draft: Draft | None = None, sound_at: float | None = None) -> TurnPlan:
        cast = self._show.cast
        said = Message("speech", STREAMER, Author(STREAMER, self.settings.streamer), text, Kind.HOST, at=_now())
        language = cast.prompter.answer_language(text, cast.policy.language)

        def over(turn: FinishedTurn) -> None:
            if draft is not None:
                draft.drop()
            if turn.text:
                self._heard_at = _now()
            if (waited := turn.timeline.ms("first_clause")) is not None:
                self._waits.append(waited / 1000)

        answer = Answer(said, draft.stream if draft else None, sound_at)
        return TurnPlan(TurnKind.STREAMER, language=language, over=over, answer=answer)


def _line(text: str) -> str:
    return " ".join(text.split())[:MAX_TEXT]


def _now() -> float:
    return asyncio.get_running_loop().time()

"""Listens to the show for the host's mood, and tells the stage: the mood, and what the figure reacts to at once.

gifts, raids, laughter, insults ─▶ Mood ─▶ the idle face and the hands (`FeelingView.show`)
feelings of what was said ───────▶      └▶ the voice of clauses without a feeling (`Feelings.colour`)
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from bot.inbox.entries import Offer
from bot.show.feelings.mood import Mood, Push
from bot.show.feelings.settings import MoodSettings
from bot.show.observer import Observer
from bot.show.turn import FinishedTurn
from bot.stage.feeling.messages import ReactionKind
from bot.stage.feeling.view import FeelingView
from bot.types import Clause, Emotion, Kind, Message, MessageOutcome, Style, Tone
from moderation import Category, Verdict

#: How often the pages are told of a mood that moved by itself, in seconds.
LOOK_S: Final = 2.0
#: A change of the mood smaller than this is not told.
STEP: Final = 0.05
#: A weaker mood is not heard: a voice that changes for nothing sounds ill.
AUDIBLE: Final = 0.3
#: So many lines of laughter within so many seconds are laughter of the room.
LAUGHS, LAUGHS_WITHIN_S = 3, 12.0
#: The same reaction comes again after so many seconds at the earliest, however much is given.
REST_S: Final = 4.0
#: A payment of so many of its currency's units moves the host fully; a smaller one less.
_MUCH: Final = 2_000
_PUSHES: Final[Mapping[Kind, Push]] = MappingProxyType(
    {
        Kind.CHEER: Push(0.3, 0.25),
        Kind.GIFT: Push(0.3, 0.25),
        Kind.SUPER_CHAT: Push(0.35, 0.25),
        Kind.SUB: Push(0.35, 0.2),
        Kind.GUARD: Push(0.5, 0.3),
        Kind.REDEMPTION: Push(0.1, 0.1),
        Kind.RAID: Push(0.4, 0.6),
        Kind.FOLLOW: Push(0.06, 0.03),
    }
)
_LAUGHTER: Final = Push(0.12, 0.14)
_INSULT: Final = Push(-0.22, 0.1)
#: What moderation calls words that hurt.
_HURTS: Final = frozenset({Category.HATE, Category.HARASSMENT})
_LAUGHS: Final = re.compile(
    r"(?i)\b(?:a?(?:ha){2,}h?|lo+l|lmf?ao|rofl|kekw?|xd+)\b|哈{2,}|笑死|233+|草{2,}|w{3,}|\uff57{2,}|笑笑|🤣|😂"
)


class Feelings(Observer):
    """Moves the mood. Told of messages and turns like every observer; everything here returns at once."""

    def __init__(self, settings: MoodSettings, view: FeelingView, clock: Callable[[], float]) -> None:
        self.mood = Mood(settings, clock)
        self._view = view
        self._clock = clock
        self._laughs: deque[tuple[float, str]] = deque(maxlen=32)
        self._last: dict[ReactionKind, float] = {}
        self._shown = Tone(strength=0.0)

    def update(self, settings: MoodSettings) -> None:
        """Take over settings, on air."""
        self.mood.settings = settings
        self._tell()

    def colour(self, clause: Clause) -> Tone:
        """Return how a clause sounds: as its own feeling says, and without one as the mood does."""
        tone = clause.tone or Tone(clause.emotion)
        mood = self.mood.tone()
        strength = round(mood.strength * self.mood.settings.voice, 1)
        if tone.emotion is not Emotion.NEUTRAL or mood.strength < AUDIBLE or strength <= 0:
            return tone
        return Tone(mood.emotion, strength)

    def coloured(self, style: Callable[[Clause], Style]) -> Callable[[Clause], Style]:
        """Return how a persona speaks a clause, with the mood in it."""
        return lambda clause: style(replace(clause, tone=self.colour(clause)))

    # --- what happens ---------------------------------------------------------------------------

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """React to what somebody did or wrote."""
        if message.kind in (Kind.HOST, Kind.TIMER):
            return
        self.mood.company()
        if offer.outcome is MessageOutcome.REFUSED:
            if not _HURTS.isdisjoint(verdict.categories):
                self.mood.happened(_INSULT)
                self._tell()
            return
        if offer.outcome is MessageOutcome.HELD:
            return
        if (push := _PUSHES.get(message.kind)) is not None:
            self._moved(message, push)
        elif message.kind is Kind.CHAT:
            self._heard(message)

    def turn_over(self, turn: FinishedTurn) -> None:
        """Let the feelings of what was heard linger."""
        for emotion in turn.emotions:
            self.mood.said(emotion)
        self._tell()

    def _moved(self, message: Message, push: Push) -> None:
        worth = 1.0
        paid = (message.evidence.units if message.evidence else None) or message.amount
        if message.paid and paid is not None:
            worth = 0.4 + 0.6 * min(1.0, max(0, paid.minor) / _MUCH)
        self.mood.happened(push, worth)
        if message.kind is Kind.RAID:
            self._react("raid", 1.0)
        elif message.paid:
            self._react("gift", worth)
        else:
            self._react("welcome", 0.5)
        self._tell()

    def _heard(self, message: Message) -> None:
        now = self._clock()
        if not _LAUGHS.search(message.text[:200]):
            self._react("chat", 0.3)
            return
        self._laughs.append((now, message.author.id))
        recent = {author for at, author in self._laughs if now - at <= LAUGHS_WITHIN_S}
        if len(recent) >= LAUGHS:
            self._laughs.clear()
            self.mood.happened(_LAUGHTER)
            self._react("laughter", 0.8)
            self._tell()

    def _react(self, kind: ReactionKind, strength: float) -> None:
        now = self._clock()
        if self.mood.settings.enabled and now - self._last.get(kind, -REST_S) >= REST_S:
            self._last[kind] = now
            self._view.react(kind, strength)

    # --- the pages ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell the pages while the mood fades."""
        while True:
            self._tell()
            await asyncio.sleep(LOOK_S)

    def _tell(self) -> None:
        tone = self.mood.tone()
        if tone.emotion is self._shown.emotion and abs(tone.strength - self._shown.strength) < STEP:
            return
        self._shown = tone
        self._view.show(tone)

"""Makes the pieces of the night bank: asks the model for one, reads it, compares it, has it judged.

what about? ─▶ model ─▶ words alone ─▶ like anything of late, by words, by meaning? ─▶ moderation ─▶ Piece
                 ▲────────────── once more, about the same, when it is ──────────┘
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from loguru import logger

from bot.errors import ProviderError
from bot.mind.reply.parser import ReplyParser
from bot.runtime.metering import CallPurpose, calling_for
from bot.show.loop import Show
from bot.show.night.bank import NightBank, Piece
from bot.show.night.likeness import Said
from bot.show.night.meaning import Meanings
from bot.show.night.settings import NightSettings, PieceKind
from bot.show.turn import Judge
from bot.text.sanitize import one_line
from bot.types import Emotion, Gesture, Llm, Message
from moderation import Context, Direction
from moderation.worker import Worker, called

#: A draft has at least so many characters and at most so many, and takes at most so long, in seconds.
SHORTEST: Final = 30
LONGEST: Final = 700
DRAFT_S: Final = 60.0
TOKENS: Final = 300
#: So often a draft is made anew that is like something said of late; then the topic has its rest.
ATTEMPTS: Final = 3
#: Questions that nobody answered, as they wait for a quiet minute; and how long one is, in characters.
LEFT_OVER: Final = 20
QUESTION: Final = 200

_TASKS: Final = {
    PieceKind.TOPIC: "Nobody has written for a while. Talk of your own accord about this: {topic}",
    PieceKind.STORY: "Nobody has written for a while. Tell a small story from your own life and world.",
    PieceKind.FACT: "Nobody has written for a while. Tell something about this part of your world: {topic}",
    PieceKind.RECAP: "Nobody has written for a while. Look back on what happened of late; the notes say what.",
    PieceKind.QUESTION: "A viewer asked this earlier, and it was left over. Say what was asked, and answer it now.",
}
_FORM: Final = (
    "\nFour to six sentences, as spoken to people who listen in the night. Whole in itself: it may be said at any "
    "hour, so no greeting, no goodbye, no time of day."
)
_ANEW: Final = (
    "\nSomething quite different from what you said lately, which the notes show: another thing, another beginning."
)


_NOTHING: Final = ("", "")


class ModelAwayError(Exception):
    """No model answers just now."""


@dataclass(frozen=True, slots=True)
class _Idea:
    kind: PieceKind
    topic: str = ""
    material: tuple[str, ...] = ()
    about: Message | None = None


class Drafter:
    """Makes pieces. ``busy`` says whether the model is wanted for the show: then a draft is given up."""

    def __init__(
        self,
        show: Show,
        llm: Callable[[], Llm],
        bank: NightBank,
        said: Said,
        *,
        judge: Judge,
        worker: Worker | None,
        clock: Callable[[], dt.datetime],
        recent: Callable[[], Awaitable[Sequence[str]]],
        pages: Callable[[], Sequence[tuple[str, str]]],
        meanings: Meanings | None = None,
    ) -> None:
        """Take the parts. ``recent`` tells what happened of late; ``pages`` are the persona's own: heading, words."""
        self.meanings = meanings or Meanings(lambda: None)
        self._show = show
        self._llm = llm
        self._bank = bank
        self._said = said
        self._judge = judge
        self._worker = worker
        self._clock = clock
        self._recent = recent
        self._pages = pages
        self._turn = 0
        self.left_over: deque[Message] = deque(maxlen=LEFT_OVER)

    @property
    def busy(self) -> bool:
        """Whether somebody waits for the model."""
        air = self._show.on_air
        thinking = air is not None and (air.plan.choice is not None or air.plan.brief is not None)
        return thinking or len(self._show.inbox) > 0

    async def draft(self, settings: NightSettings) -> Piece | None:
        """Return a new piece that was checked; None when there is nothing to say, or it was given up.

        Raises `ModelAwayError` when no model answers.
        """
        idea = await self._idea(settings)
        if idea is None:
            return None
        notes: tuple[str, ...] = ()
        for _ in range(ATTEMPTS):
            text, feeling = await self._write(idea, notes)
            if len(text) < SHORTEST:
                return None
            other = await self._told_before(text, settings)
            if other is not None:
                notes = (other, text[:QUESTION])
                continue
            if not await self._passes(text):
                return None
            about = (idea.about.source, idea.about.id, idea.about.author.id) if idea.about else ("", "", "")
            return Piece(idea.kind, idea.topic, feeling + text, self._clock(), about=about)
        return None

    async def _told_before(self, text: str, settings: NightSettings) -> str | None:
        """Return what a draft is too like of what was said of late; None when it is new. Words are compared first."""
        alike, other = await called(self._worker, lambda: self._said.like(text, self._clock()))
        if alike >= settings.alike or self._said.opens_alike(text):
            logger.debug("a draft is too like what was said of late ({:.2f}) and is made anew", alike)
            return other
        if settings.same_thought == 1:
            return None
        near, other = await self.meanings.like(text, self._clock() - self._said.age)
        if near >= settings.same_thought:
            logger.debug("a draft tells the same thought as something of late ({:.2f}) and is made anew", near)
            return other[:QUESTION]
        return None

    async def _idea(self, settings: NightSettings) -> _Idea | None:
        """Return what is to be talked about: kind after kind, and of each what was not for longest."""
        for _ in PieceKind:
            kind = list(PieceKind)[self._turn % len(PieceKind)]
            self._turn += 1
            if kind not in settings.kinds:
                continue
            if kind is PieceKind.STORY:
                return _Idea(kind)
            if kind is PieceKind.QUESTION and self.left_over:
                asked = self.left_over.popleft()
                material = (f"{asked.author.name}: {one_line(asked.text, QUESTION)}",)
                return _Idea(kind, about=asked, material=material)
            if kind is PieceKind.RECAP and (events := tuple(await self._recent())):
                return _Idea(kind, material=events[-20:])
            if kind is PieceKind.TOPIC and settings.topics:
                return _Idea(kind, self._least_used(kind, settings.topics))
            if kind is PieceKind.FACT and (pages := dict(self._pages())):
                topic = self._least_used(kind, list(pages))
                return _Idea(kind, topic, (pages[topic],))
        return None

    def _least_used(self, kind: PieceKind, topics: Sequence[str]) -> str:
        long_ago = dt.datetime.min.replace(tzinfo=dt.UTC)
        return min(topics, key=lambda topic: self._bank.last_used(kind, topic) or long_ago)

    async def _write(self, idea: _Idea, notes: Sequence[str]) -> tuple[str, str]:
        """Return the words that the model writes, and the tag of their first feeling; no words when of no use."""
        cast_, history = self._show.cast, self._show.history
        task = _TASKS[idea.kind].format(topic=idea.topic) + _FORM + (_ANEW if notes else "")
        prompt = cast_.prompter.brief(task, (*idea.material, *notes), history, language=cast_.policy.language)
        parser, parts = ReplyParser(self._show.composer.name, max_chars=LONGEST), []
        with calling_for(CallPurpose.NIGHT):
            reply = self._llm().reply(replace(prompt, max_tokens=TOKENS))
        try:
            async with asyncio.timeout(DRAFT_S), aclosing(cast("Any", reply)) as deltas:
                async for delta in deltas:
                    parts += parser.feed(delta.text)
                    if self.busy:
                        return _NOTHING
                    if parser.ended is not None:
                        break
            parts += parser.flush()
        except (ProviderError, TimeoutError) as error:
            raise ModelAwayError(str(error)) from error
        if parser.voided or (parser.ended is not None and parser.ended.garbage):
            return _NOTHING
        text = " ".join("".join(p for p in parts if not isinstance(p, Emotion | Gesture)).split())
        feeling = next((p for p in parts if isinstance(p, Emotion)), Emotion.NEUTRAL)
        return text, f"[{feeling}] "

    async def _passes(self, text: str) -> bool:
        """Return whether moderation lets a piece pass, by the strictest policy: nobody may look when it is said."""
        verdict = await called(self._worker, lambda: self._judge.check(text, Context(Direction.OUT, strict=True)))
        if not verdict.allowed:
            logger.info("a piece of the night bank is not kept: {}", ", ".join(verdict.rules))
        return verdict.allowed

"""Writes one turn: prepared lines, then what the model answers, as clauses in the order to be spoken.

A model that is slow gets a bridging line, one that fails gets a prepared line: there is never a dead
mouth, and an error is never spoken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from loguru import logger

from bot.mind.reply.parser import End, Piece, ReplyParser
from bot.persona.lines import Lines, Purpose
from bot.show.observer import Observer
from bot.telemetry.timeline import Timeline
from bot.types import Clause, Delta, Llm, Prompt
from bot.voice.clauses.maker import ClauseMaker

Put = Callable[[Clause], Awaitable[None]]
#: Takes back the clauses from a number on that nobody took yet; returns the number of the first of them, or None.
TakeBack = Callable[[int], "int | None"]

#: How often the models are asked for one reply, while nothing of it was said.
ATTEMPTS: Final = 3
#: So many characters more are read of a reply that is long enough, in case that it turns out to be a thought.
LISTEN_ON: Final = 8000
#: A wait goes on for so much longer each time before it is bridged again.
_PATIENCE: Final = 4


@dataclass(frozen=True, slots=True)
class CompositionRequest:
    """What a turn is to say: ``lines`` are spoken first as they are; then the answer to ``prompt``, if any.

    ``prepared`` is spoken instead when no model answers a piece that nobody asked for; None: it answers somebody.
    ``draft`` returns a reply that was begun before, None when it is not one to this prompt.
    ``sound`` is made at ``sound_at``, a moment of the loop's clock, when no clause of the reply is there by then.
    """

    lines: tuple[str, ...] = ()
    prompt: Prompt | None = None
    language: str = "en"
    others: tuple[str, ...] = ()
    prepared: str | None = None
    draft: Callable[[Prompt], AsyncIterator[Delta] | None] | None = None
    sound: str = ""
    sound_at: float = 0.0


class Composer:
    """Composes turns for one persona over one chain of models."""

    def __init__(
        self,
        llm: Llm,
        lines: Lines,
        name: str,
        *,
        filler_after_s: float,
        reply_chars: int,
        observer: Observer | None = None,
    ) -> None:
        self.llm = llm
        self.lines = lines
        self.name = name
        self.filler_after_s = filler_after_s
        self.reply_chars = reply_chars
        #: How long a reply may be just now, as a part of ``reply_chars``.
        self.brevity: Callable[[], float] = lambda: 1.0
        self._observer = observer or Observer()

    @property
    def most_chars(self) -> int:
        """How many characters a reply has at most."""
        return max(1, int(self.reply_chars * self.brevity()))

    async def compose(
        self,
        turn: str,
        wishes: CompositionRequest,
        timeline: Timeline,
        put: Put,
        take_back: TakeBack = lambda _since: None,
    ) -> None:
        """Return the clauses of a turn to ``put``, numbered from 0. Raises nothing of a provider's or the parser's."""
        writer = _ClauseWriter(turn, wishes.language, put, take_back)
        for line in wishes.lines:
            await writer.read(line)
        if wishes.prompt is None:
            return
        async with asyncio.TaskGroup() as group:
            bridging = group.create_task(self._bridge(writer, wishes))
            try:
                failed = await self._answer(wishes, wishes.prompt, writer, timeline, bridging)
            finally:
                bridging.cancel()
        if failed is not None:
            await writer.read(self._instead(failed, wishes))

    def _instead(self, failed: Purpose, wishes: CompositionRequest) -> str:
        """Return what is said for an answer that did not come; of a piece that nobody awaits, nothing by itself."""
        if failed is Purpose.NO_LLM and wishes.prepared is not None:
            return wishes.prepared
        return self.lines.pick(failed, wishes.language)

    async def _bridge(self, writer: _ClauseWriter, wishes: CompositionRequest) -> None:
        """Say something as long as no answer comes, more and more seldom. Nobody awaits what nobody asked for."""
        if wishes.prepared is not None:
            return
        if wishes.sound:
            await asyncio.sleep(wishes.sound_at - asyncio.get_running_loop().time())
            await writer.read(wishes.sound)
        wait_s = self.filler_after_s
        while True:
            await asyncio.sleep(wait_s)
            logger.info("the model is slow: bridging")
            await writer.read(self.lines.pick(Purpose.THINKING, wishes.language))
            wait_s *= _PATIENCE

    async def _answer(
        self,
        wishes: CompositionRequest,
        prompt: Prompt,
        writer: _ClauseWriter,
        timeline: Timeline,
        bridging: asyncio.Task[None],
    ) -> Purpose | None:
        """Stream the model's reply; return the purpose of the prepared line that is needed after it, if any.

        While nothing was said, a failure costs nothing but time: the models are asked again, and the one that failed
        rests meanwhile.
        """
        timeline.stamp("asked")
        reply = _Reply(self, wishes, writer, timeline, bridging)
        draft = wishes.draft(prompt) if wishes.draft else None
        for _ in range(ATTEMPTS):
            reply.begin()
            source, draft = draft or self.llm.reply(prompt), None
            try:
                await self._stream(source, reply)
            except Exception as error:  # noqa: BLE001 - what a provider or the parser raises must not end the show
                self._observer.provider_failed("llm", error)
                if reply.said:
                    return Purpose.LOST_THREAD
                if not reply.begun:
                    break
                continue
            return self._judged(reply)
        return Purpose.NO_LLM

    async def _stream(self, source: AsyncIterator[Delta], reply: _Reply) -> None:
        async with aclosing(cast("Any", source)) as deltas:
            async for delta in deltas:
                try:
                    await reply.take(delta.text)
                except Exception as error:
                    await _blame(deltas, error)
                    raise
                if reply.over:
                    break
        await reply.finish()

    def _judged(self, reply: _Reply) -> Purpose | None:
        ended = reply.parser.ended
        if ended is not None and ended.garbage:
            reply.writer.take_back()
            self._observer.provider_failed(f"llm: {ended.value}", None)
            return Purpose.LOST_THREAD
        if not reply.said:
            self._observer.provider_failed("llm: an empty reply", None)
            return Purpose.LOST_THREAD
        return None


class _Reply:
    """One reply on its way: parsed, cut into clauses, written."""

    def __init__(
        self,
        composer: Composer,
        wishes: CompositionRequest,
        writer: _ClauseWriter,
        timeline: Timeline,
        bridging: asyncio.Task[None],
    ) -> None:
        self.writer = writer
        self.said = False
        self._composer = composer
        self._wishes = wishes
        self._timeline = timeline
        self._bridging = bridging
        self.begin()

    def begin(self) -> None:
        """Forget what came of an earlier attempt."""
        self.begun = False
        self.parser = ReplyParser(self._composer.name, self._wishes.others, self._composer.most_chars)
        self._new_maker()

    def _new_maker(self) -> None:
        self._maker = ClauseMaker(self.writer.turn, self._wishes.language)
        self._voided = self.parser.voided
        self._flushed = False
        self._listened = 0

    @property
    def over(self) -> bool:
        """Whether nothing more is wanted of the model."""
        ended = self.parser.ended
        return ended is not None and (ended is not End.LENGTH or self._listened > LISTEN_ON)

    async def take(self, text: str) -> None:
        """Take the next words of the model."""
        self.begun = True
        if text:
            self._timeline.stamp("first_token")
        if self.parser.ended is End.LENGTH:
            self._listened += len(text)
        await self._write(self.parser.feed(text))
        if self.parser.ended is End.LENGTH:
            await self._flush()

    async def finish(self) -> None:
        """Write what was held back, unless the model fell apart."""
        if self.parser.ended is None or not self.parser.ended.garbage:
            await self._write(self.parser.flush())
            await self._flush()

    async def _write(self, pieces: Sequence[Piece]) -> None:
        if self.parser.voided != self._voided:  # what was written was a thought
            self.writer.take_back()
            self._new_maker()
        for piece in pieces:
            for clause in self._maker.feed(piece):
                await self._put(clause)

    async def _flush(self) -> None:
        if not self._flushed:
            self._flushed = True
            for clause in self._maker.flush():
                await self._put(clause)

    async def _put(self, clause: Clause) -> None:
        self._timeline.stamp("first_clause")
        if not self.said:
            self._bridging.cancel()
            await asyncio.wait({self._bridging})
            self.writer.begin_reply()
        self.said = self.said or bool(clause.speech)
        await self.writer.write(clause)


async def _blame(deltas: Any, error: Exception) -> None:
    """Tell a stream that its words could not be used, so that its link rests."""
    if (throw := getattr(deltas, "athrow", None)) is not None:
        with suppress(Exception):
            await throw(error)


class _ClauseWriter:
    """Numbers the clauses of a turn, whoever writes them."""

    def __init__(self, turn: str, language: str, put: Put, take_back: TakeBack) -> None:
        self.turn = turn
        self._language = language
        self._put = put
        self._take_back = take_back
        self._next = 0
        self._since = 0

    def begin_reply(self) -> None:
        """Note that what is written from now on may be taken back."""
        self._since = self._next

    def take_back(self) -> None:
        """Take back what was written of the reply and waits to be said; its numbers are given again."""
        first = self._take_back(self._since)
        self._next = self._next if first is None else first

    async def write(self, clause: Clause) -> None:
        await self._put(replace(clause, index=self._next))
        self._next += 1  # only now: a bridge that is cancelled while it waits for room leaves no hole in the numbers

    async def read(self, line: str) -> None:
        """Write a prepared line, tags and all."""
        for clause in clauses_of(line, self._language, self.turn):
            await self.write(clause)


def clauses_of(line: str, language: str, turn: str = "") -> list[Clause]:
    """Return a prepared line, tags and all, as the clauses in which it is spoken."""
    parser, maker = ReplyParser(), ClauseMaker(turn, language)
    pieces = [*parser.feed(line), *parser.flush()]
    return [clause for piece in pieces for clause in maker.feed(piece)] + maker.flush()

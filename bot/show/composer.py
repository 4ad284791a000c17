"""Writes one turn: prepared lines, then what the model answers, as clauses in the order to be spoken.

A model that is slow gets a bridging line, one that fails gets a prepared line: there is never a dead
mouth, and an error is never spoken.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from loguru import logger

from bot.mind.reply.parser import End, Piece, ReplyParser
from bot.persona.lines import Lines, Purpose
from bot.show.observer import Observer
from bot.show.tools.turn_tools import TurnTools
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
    ``tools`` are what the model may call meanwhile. By ``speak_by`` the wait is bridged at the latest, on that clock.
    """

    lines: tuple[str, ...] = ()
    prompt: Prompt | None = None
    language: str = "en"
    others: tuple[str, ...] = ()
    prepared: str | None = None
    draft: Callable[[Prompt], AsyncIterator[Delta] | None] | None = None
    sound: str = ""
    sound_at: float = 0.0
    tools: TurnTools | None = None
    speak_by: float = math.inf


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
    ) -> bool:
        """Return the clauses of a turn to ``put``, numbered from 0. Raises nothing of a provider's or the parser's.

        False: no model answered, and nothing was prepared for that.
        """
        writer = _ClauseWriter(turn, wishes.language, put, take_back)
        for line in wishes.lines:
            await writer.read(line)
        if wishes.prompt is None:
            return True
        async with asyncio.TaskGroup() as group:
            reply = _Reply(self, wishes, writer, timeline, group)
            try:
                failed = await self._with_tools(wishes, wishes.prompt, reply, timeline)
            finally:
                reply.bridging.cancel()
        if failed is None:
            return True
        instead = self._instead(failed, wishes)
        await writer.read(instead)
        return bool(instead)

    def _instead(self, failed: Purpose, wishes: CompositionRequest) -> str:
        """Return what is said for an answer that did not come; of a piece that nobody awaits, nothing by itself."""
        if failed is Purpose.NO_LLM and wishes.prepared is not None:
            return wishes.prepared
        return self.lines.pick(failed, wishes.language)

    async def bridge(self, writer: _ClauseWriter, wishes: CompositionRequest) -> None:
        """Say something as long as no answer comes, more and more seldom, the first time before it is quiet for long.

        Nobody awaits what nobody asked for: there the quiet alone counts.
        """
        asked, clock = wishes.prepared is None, asyncio.get_running_loop().time
        if wishes.sound and asked:
            await asyncio.sleep(wishes.sound_at - clock())
            await writer.read(wishes.sound)
        wait_s = self.filler_after_s
        left_s = min(wait_s if asked else math.inf, wishes.speak_by - clock())
        while left_s < math.inf:
            await asyncio.sleep(left_s)
            logger.info("the model is slow: bridging")
            await writer.read(self.lines.pick(Purpose.THINKING if asked else Purpose.IDLE, wishes.language))
            wait_s *= _PATIENCE
            left_s = wait_s if asked else math.inf

    async def _with_tools(
        self, wishes: CompositionRequest, prompt: Prompt, reply: _Reply, timeline: Timeline
    ) -> Purpose | None:
        """Stream the reply, and go on with what the calls in it came to; return as `_answer` does."""
        tools = wishes.tools
        if tools is None:
            return await self._answer(wishes, prompt, reply, timeline)
        if tools.asks_first:
            if (call := tools.plain) is None:
                await reply.bridge()
                call = await tools.first()
            if call is not None:
                tools.begin(call, reply.group)
                prompt = await tools.go_on(prompt, "", last=True) or prompt
        for count in range(1, tools.rounds + 1):
            failed = await self._answer(wishes, prompt, reply, timeline)
            if not tools.called:
                return failed
            await reply.bridge()
            following = await tools.go_on(prompt, reply.words, last=count == tools.rounds)
            if following is None:
                return None
            prompt = following
            reply.go_on()
        return await self._answer(wishes, prompt, reply, timeline)

    async def _answer(
        self, wishes: CompositionRequest, prompt: Prompt, reply: _Reply, timeline: Timeline
    ) -> Purpose | None:
        """Stream the model's reply; return the purpose of the prepared line that is needed after it, if any.

        While nothing was said, a failure costs nothing but time: the models are asked again, and the one that failed
        rests meanwhile.
        """
        timeline.stamp("asked")
        tools = wishes.tools
        drafted = wishes.draft is not None and prompt is wishes.prompt and not (tools and tools.wished)
        draft = wishes.draft(prompt) if wishes.draft and drafted else None
        for _ in range(ATTEMPTS):
            reply.begin(prompt.max_tokens)
            offered = tools.offered if tools else ()
            source, draft = draft or (self.llm.reply(prompt, offered) if offered else self.llm.reply(prompt)), None
            try:
                await self._stream(source, reply)
            except Exception as error:  # noqa: BLE001 - what a provider or the parser raises must not end the show
                self._observer.provider_failed("llm", error)
                if reply.said or reply.called:
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
                    reply.hear(delta)
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
        if not reply.said and not reply.called:
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
        group: asyncio.TaskGroup,
    ) -> None:
        self.writer = writer
        self.group = group
        self.said = False
        #: Calls that were begun since the last round.
        self.called = False
        self._bridged = False
        self._composer = composer
        self._wishes = wishes
        self._timeline = timeline
        #: Says something as long as no answer comes.
        self.bridging = group.create_task(composer.bridge(writer, wishes))
        self.begin()

    def begin(self, max_tokens: int = 0) -> None:
        """Forget what came of an earlier attempt; the model writes so many tokens at most, 0: nobody knows."""
        self.begun = False
        self._max_tokens = max_tokens
        self._ran_out = False
        self._words: list[str] = []
        self.parser = ReplyParser(self._composer.name, self._wishes.others, self._composer.most_chars)
        self._new_maker()

    def _new_maker(self) -> None:
        self._maker = ClauseMaker(self.writer.turn, self._wishes.language)
        self._voided = self.parser.voided
        self._flushed = False
        self._listened = 0

    @property
    def words(self) -> str:
        """What is said of this round."""
        return " ".join(self._words)

    def hear(self, delta: Delta) -> None:
        """Begin the call of a piece, if it has one, beside what is said."""
        if delta.usage is not None:
            self._ran_out = 0 < self._max_tokens <= delta.usage.completion
        tools = self._wishes.tools
        if delta.call is not None and tools is not None:
            self.called = True
            tools.begin(delta.call, self.group)

    async def bridge(self) -> None:
        """Say that something is being done, when nothing was said yet and somebody waits."""
        if not self.said and not self._bridged and self._wishes.prepared is None:
            self._bridged = True
            await self._end_bridging()
            await self.writer.read(self._composer.lines.pick(Purpose.THINKING, self._wishes.language))
            self.bridging = self.group.create_task(self._composer.bridge(self.writer, replace(self._wishes, sound="")))

    async def _end_bridging(self) -> None:
        self.bridging.cancel()
        await asyncio.wait({self.bridging})

    def go_on(self) -> None:
        """Start the next round: what is written from now on is another reply."""
        self.called = False
        self.writer.begin_reply()

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
            for clause in self._maker.flush(cut=self._ran_out):
                await self._put(clause)

    async def _put(self, clause: Clause) -> None:
        self._timeline.stamp("first_clause")
        if not self.said:
            await self._end_bridging()
            self.writer.begin_reply()
        self.said = self.said or bool(clause.speech)
        self._words.append(clause.text)
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

"""Writes one turn: prepared lines, then what the model answers, as clauses in the order to be spoken.

A model that is slow gets a bridging line, one that fails gets a prepared line: there is never a dead
mouth, and an error is never spoken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, cast

from loguru import logger

from bot.errors import ProviderError
from bot.mind.reply.parser import ReplyParser
from bot.persona.lines import Lines, Purpose
from bot.show.observer import Observer
from bot.telemetry.timeline import Timeline
from bot.types import Clause, Llm, Prompt
from bot.voice.clauses.maker import ClauseMaker

Put = Callable[[Clause], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CompositionRequest:
    """What a turn is to say: ``lines`` are spoken first as they are; then the answer to ``prompt``, if any."""

    lines: tuple[str, ...] = ()
    prompt: Prompt | None = None
    language: str = "en"
    others: tuple[str, ...] = ()


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
        self._observer = observer or Observer()

    async def compose(self, turn: str, wishes: CompositionRequest, timeline: Timeline, put: Put) -> None:
        """Return the clauses of a turn to ``put``, numbered from 0. Raises nothing of a provider's."""
        writer = _ClauseWriter(turn, wishes.language, put)
        for line in wishes.lines:
            await writer.read(line)
        if wishes.prompt is None:
            return
        async with asyncio.TaskGroup() as group:
            bridging = group.create_task(self._bridge(writer, wishes.language))
            try:
                failed = await self._answer(wishes, wishes.prompt, writer, timeline, bridging)
            finally:
                bridging.cancel()
        if failed is not None:
            await writer.read(self.lines.pick(failed, wishes.language))

    async def _bridge(self, writer: _ClauseWriter, language: str) -> None:
        await asyncio.sleep(self.filler_after_s)
        logger.info("the model is slow: bridging")
        await writer.read(self.lines.pick(Purpose.THINKING, language))

    async def _answer(
        self,
        wishes: CompositionRequest,
        prompt: Prompt,
        writer: _ClauseWriter,
        timeline: Timeline,
        bridging: asyncio.Task[None],
    ) -> Purpose | None:
        """Stream the model's reply; return the purpose of the prepared line that is needed after it, if any."""
        parser = ReplyParser(self.name, wishes.others, self.reply_chars)
        maker = ClauseMaker(writer.turn, wishes.language)
        said = False

        async def write(clauses: Sequence[Clause]) -> None:
            nonlocal said
            for clause in clauses:
                timeline.stamp("first_clause")
                if not said:
                    bridging.cancel()
                    await asyncio.wait({bridging})
                said = said or bool(clause.speech)
                await writer.write(clause)

        timeline.stamp("asked")
        try:
            async with aclosing(cast("Any", self.llm.reply(prompt))) as deltas:
                async for delta in deltas:
                    if delta.text:
                        timeline.stamp("first_token")
                    for piece in parser.feed(delta.text):
                        await write(maker.feed(piece))
                    if parser.ended is not None:
                        break
        except ProviderError as error:
            self._observer.provider_failed("llm", error)
            return Purpose.LOST_THREAD if said else Purpose.NO_LLM
        if parser.ended is not None and parser.ended.garbage:
            self._observer.provider_failed(f"llm: {parser.ended.value}", None)
            return Purpose.LOST_THREAD
        for piece in parser.flush():
            await write(maker.feed(piece))
        await write(maker.flush())
        if not said:
            self._observer.provider_failed("llm: an empty reply", None)
            return Purpose.LOST_THREAD
        return None


class _ClauseWriter:
    """Numbers the clauses of a turn, whoever writes them."""

    def __init__(self, turn: str, language: str, put: Put) -> None:
        self.turn = turn
        self._language = language
        self._put = put
        self._next = 0

    async def write(self, clause: Clause) -> None:
        await self._put(replace(clause, index=self._next))
        self._next += 1  # only now: a bridge that is cancelled while it waits for room leaves no hole in the numbers

    async def read(self, line: str) -> None:
        """Write a prepared line, tags and all."""
        parser, maker = ReplyParser(), ClauseMaker(self.turn, self._language)
        pieces = [*parser.feed(line), *parser.flush()]
        for piece in pieces:
            for clause in maker.feed(piece):
                await self.write(clause)
        for clause in maker.flush():
            await self.write(clause)

"""Writes into the platforms' chats what the host said, where the streamer wants that.

Only what was heard, only as a whole, and through the same gate as every word that is spoken.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from loguru import logger

from bot.show.observer import Observer
from bot.show.turn import FinishedTurn, Judge
from bot.sources.registry import SourceRegistry
from bot.sources.source import ActionKind, ChannelAction
from bot.types import Message, Retraction, TurnKind
from moderation import Context, Direction
from moderation.worker import Worker, called

#: ChatReplies that wait to be written; more are not worth writing any more.
MAX_WAITING = 8
#: Deletions that are remembered: of what waits, each is among them.
MAX_GONE = 100
#: How long the writing of one may take, in seconds: four danmaku behind four others take 40.
WRITE_S = 60.0
#: Longest text, by source, in characters.
LONGEST: Mapping[str, int] = {"twitch": 480, "bilibili_web": 80}
#: Who writes for a source that only reads.
WRITES_FOR: Mapping[str, str] = {"bilibili_open": "bilibili_web"}
#: Marks in front of a word, by which a platform or another bot takes a line for a command.
_COMMAND_MARKS = re.compile(r"\A\s*[!/#.\\！／＃．﹗﹟]+(?=\w)")


class ChatReplies(Observer):
    """``wanted(source)`` gives "off", "addressed" or "all"."""

    def __init__(
        self, sources: SourceRegistry, judge: Judge, wanted: Callable[[str], str], worker: Worker | None = None
    ) -> None:
        self._sources = sources
        self._judge = judge
        self._wanted = wanted
        self._worker = worker
        self._waiting: dict[str, asyncio.Queue[tuple[Message, str]]] = {}
        self._gone: deque[Retraction] = deque(maxlen=MAX_GONE)

    def turn_over(self, turn: FinishedTurn) -> None:
        """Take a finished turn: what was heard of it wholly is written under the message that it answers."""
        if turn.interrupted or not turn.text or turn.plan.kind is not TurnKind.ANSWER or not turn.plan.messages:
            return
        message = turn.plan.messages[0]
        writer = WRITES_FOR.get(message.source, message.source)
        if not self._may(writer, message):
            return
        # The account may be a moderator: nobody may order bots about by what they get the host to say.
        text = _short(_COMMAND_MARKS.sub("", turn.text), LONGEST.get(writer, 400))
        with suppress(asyncio.QueueFull):
            self._queue(writer).put_nowait((message, text))

    def retracted(self, retraction: Retraction) -> None:
        """Write no answer to what is taken back now."""
        self._gone.append(retraction)

    def _queue(self, writer: str) -> asyncio.Queue[tuple[Message, str]]:
        return self._waiting.setdefault(writer, asyncio.Queue(MAX_WAITING))

    def _may(self, writer: str, message: Message) -> bool:
        wanted = self._wanted(writer)
        source = self._sources.sources.get(writer)
        if source is None or "reply" not in source.actions:
            return False
        return wanted == "all" or (wanted == "addressed" and message.addressed)

    async def run(self) -> None:
        """Write what waits; runs as long as the show. A slow platform keeps no other waiting."""
        async with asyncio.TaskGroup() as group:
            for writer in self._sources.sources:
                group.create_task(self._write(writer))

    async def _write(self, writer: str) -> None:
        while True:
            message, text = await self._queue(writer).get()
            context = Context(Direction.OUT, heard=(message.text,))
            verdict = await called(self._worker, partial(self._judge.check, text, context))
            if not verdict.allowed:
                logger.warning("a reply was not written into the chat: moderation did not let it pass")
                continue
            if any(r.covers(message.source, message.id, message.author.id) for r in self._gone):
                logger.info("a reply was not written: what it answers was taken back")
                continue
            try:
                async with asyncio.timeout(WRITE_S):
                    await self._sources.act(
                        writer, ChannelAction(ActionKind.REPLY, message.author.id, message.id, text)
                    )
            except TimeoutError:
                logger.warning("a reply could not be written: {} did not take it in time", writer)
            except Exception as error:  # noqa: BLE001 - no reply is worth the show, whatever a client library raises
                logger.warning("a reply could not be written: {}", error)


def _short(text: str, most: int) -> str:
    """Cut at a sentence, else at a space, else where it must be."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    end = max(text.rfind(mark, 0, most - 1 + len(mark)) + 1 for mark in (". ", "! ", "? ", "。", "！", "？"))
    if end <= most // 3:
        end = text.rfind(" ", 0, most + 1)
    return text[:end].rstrip() if end > most // 3 else text[: most - 1] + "…"

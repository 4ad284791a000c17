"""Writes into the platforms' chats: what the host said, where the streamer wants that, and what commands answer.

Of what the host said only what was heard, only as a whole, and through the same gate as every word that is spoken.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from loguru import logger

from bot.show.observer import Observer
from bot.show.turn import FinishedTurn, Judge
from bot.sources.registry import SourceRegistry
from bot.sources.source import ActionKind, ChannelAction
from bot.types import Message, Retraction, TurnKind
from moderation import Context, Direction
from moderation.worker import Worker, called

#: Lines that wait to be written into one chat; more are not worth writing any more. Of those that are no answer of
#: the host, so many: viewers cannot shut it out with commands.
MAX_WAITING, MAX_OTHERS = 8, 4
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


@dataclass(frozen=True, slots=True)
class _Line:
    """A line to be written, as a reply ``to`` a message or on its own.

    ``instead`` is written when moderation does not let the text pass, empty for nothing; one that equals the text is
    not judged. ``until`` is when it is not worth writing any more, by the loop's clock.
    """

    text: str
    to: Message | None
    instead: str = ""
    until: float = float("inf")


class ChatReplies(Observer):
    """``wanted(source)`` gives "off", "addressed" or "all" for what the host said.

    ``pages`` are chats on pages of ours, by their source; each shows a line soon.
    """

    def __init__(
        self, sources: SourceRegistry, judge: Judge, wanted: Callable[[str], str], worker: Worker | None = None
    ) -> None:
        self._sources = sources
        self._judge = judge
        self._wanted = wanted
        self._worker = worker
        self.pages: dict[str, Callable[[str], None]] = {}
        self._waiting: dict[str, asyncio.Queue[_Line]] = {}
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
        text = _fitted(turn.text, writer)
        with suppress(asyncio.QueueFull):
            self._queue(writer).put_nowait(_Line(text, message))

    def write(self, chat: str, text: str, to: Message | None = None, *, instead: str = "", worth_s: float) -> bool:
        """Queue a line for the chat that the host did not say; return False when it cannot be, or too much waits.

        ``to`` is what it answers. ``instead`` is written when moderation does not let the text pass; when it is the
        text itself, that is the owner's word alone and not judged. After ``worth_s`` seconds it is left out.
        """
        text, instead = _fitted(text, self.writer(chat)), _fitted(instead, self.writer(chat))
        if chat in self.pages:
            if text != instead and not self._judge.check(text, _context(to)).allowed:
                text = instead
            if text:  # after the line that it answers, which is on its way to the page
                asyncio.get_running_loop().call_soon(self.pages[chat], text)
            return True
        writer = self.writer(chat, "reply" if to else "send")
        if not writer or self._queue(writer).qsize() >= MAX_OTHERS:
            return False
        until = asyncio.get_running_loop().time() + worth_s
        self._queue(writer).put_nowait(_Line(text, to, instead, until))
        return True

    def writer(self, chat: str, action: str = "send") -> str:
        """Return who writes into a chat just now, a page of ours included; empty: nobody can."""
        if chat in self.pages:
            return chat
        writer = WRITES_FOR.get(chat, chat)
        source = self._sources.sources.get(writer)
        return writer if source is not None and action in source.actions else ""

    @property
    def chats(self) -> list[str]:
        """The chats that can be written to just now, by who writes."""
        return [*(name for name in self._sources.sources if self.writer(name) == name), *self.pages]

    def retracted(self, retraction: Retraction) -> None:
        """Write no answer to what is taken back now."""
        self._gone.append(retraction)

    def _queue(self, writer: str) -> asyncio.Queue[_Line]:
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
            line = await self._queue(writer).get()
            text, to = await self._allowed(line), line.to
            if not text:
                logger.warning("a reply was not written into the chat: moderation did not let it pass")
                continue
            if to and any(r.covers(to.source, to.id, to.author.id) for r in self._gone):
                logger.info("a reply was not written: what it answers was taken back")
                continue
            if asyncio.get_running_loop().time() > line.until:
                continue
            order = (
                ChannelAction(ActionKind.REPLY, to.author.id, to.id, text)
                if to
                else ChannelAction(ActionKind.SEND, text=text)
            )
            try:
                async with asyncio.timeout(WRITE_S):
                    await self._sources.act(writer, order)
            except TimeoutError:
                logger.warning("a reply could not be written: {} did not take it in time", writer)
            except Exception as error:  # noqa: BLE001 - no reply is worth the show, whatever a client library raises
                logger.warning("a reply could not be written: {}", error)

    async def _allowed(self, line: _Line) -> str:
        """Return the text that may be written; empty when none may."""
        if line.text == line.instead:
            return line.text
        verdict = await called(self._worker, partial(self._judge.check, line.text, _context(line.to)))
        return line.text if verdict.allowed else line.instead


def _context(to: Message | None) -> Context:
    return Context(Direction.OUT, heard=(to.text,) if to else ())


def _fitted(text: str, writer: str) -> str:
    """Return a text as a platform takes it: short enough, and no command for another bot."""
    return _short(_COMMAND_MARKS.sub("", text), LONGEST.get(writer, 400))


def _short(text: str, most: int) -> str:
    """Cut at a sentence, else at a space, else where it must be."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    end = max(text.rfind(mark, 0, most - 1 + len(mark)) + 1 for mark in (". ", "! ", "? ", "。", "！", "？"))
    if end <= most // 3:
        end = text.rfind(" ", 0, most + 1)
    return text[:end].rstrip() if end > most // 3 else text[: most - 1] + "…"

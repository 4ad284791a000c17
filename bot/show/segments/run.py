"""One run of a segment: what it has done already, kept so that nothing is done twice after a crash.

The note comes before the deed. Who is killed in between leaves a step out, and says nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from bot.show.segments.segment import Brief, Heard, SegmentHost
from bot.types import Message

#: What counts as heard of a step that an earlier performance did.
BEFORE: Final = Heard("", complete=True)
#: How long to wait before a piece of which nothing was heard is tried again, and how often it is said at most.
AGAIN_S: Final = 8.0
TRIES: Final = 2
#: Time that has passed is made durable so often, in seconds; a crash loses at most so much of it.
KEEP_EVERY_S: Final = 5.0
#: So many lines are taken without a pause; then whatever else the loop has to do gets its turn.
AT_ONCE: Final = 100
#: More lines than these do not wait to be read.
MOST_UNREAD: Final = 100_000


class Run:
    """A run and its ``state``: JSON values that begin empty, last over a crash, and are dropped at the next run."""

    def __init__(self, host: SegmentHost) -> None:
        self.host = host
        if host.memory.get("run") != host.run or not isinstance(host.memory.get("state"), dict):
            host.memory.update(run=host.run, state={})
        self.state: dict[str, Any] = host.memory["state"]
        self._ends: dict[str, float] = {}
        self._taken = 0

    async def once(self, step: str) -> bool:
        """Return whether a step is still to be done; from now on it counts as done."""
        done: list[str] = self.state.setdefault("done", [])
        if step in done:
            return False
        done.append(step)
        await self.host.save()
        return True

    async def say(self, step: str, text: str) -> Heard:
        """Speak words as they are, once."""
        return await self.host.say(text) if await self.once(step) else BEFORE

    async def improvise(self, step: str, brief: Brief, *, tries: int = TRIES) -> Heard:
        """Speak what the model composes, once. A piece of which nothing at all was heard is tried again."""
        if not await self.once(step):
            return BEFORE
        heard = await self.host.improvise(brief)
        for _ in range(tries - 1):
            if heard.text:
                break
            await self.host.wait(AGAIN_S)
            heard = await self.host.improvise(brief)
        return heard

    async def lines(
        self, name: str, seconds: float, keep: Callable[[], None] = lambda: None
    ) -> AsyncIterator[Message | None]:
        """Yield each line of the chat for so many seconds, and None now and then while none comes.

        ``name`` is the name of this time: after a crash it goes on where it was. ``keep`` is called before the state
        is made durable. What came in time and was not read, because the host spoke, is yielded at the end.
        """
        ends, kept = self._end_of(name, seconds), _now()
        while (left := ends - _now()) > 0 and self.host.remaining_s > 0:
            yield await self._line(min(left, KEEP_EVERY_S))
            if _now() - kept >= KEEP_EVERY_S:
                kept = _now()
                self.state[name] = self.left(name)
                keep()
                await self.host.save()
        for _ in range(MOST_UNREAD):
            if (line := await self._line(0.0)) is None or line.at > ends:
                break
            yield line
        self.state[name] = 0.0
        keep()
        await self.host.save()

    async def drop_lines(self) -> None:
        """Forget the lines that came in before now: they are no answer to what is asked next."""
        for _ in range(MOST_UNREAD):
            if await self._line(0.0) is None:
                break

    async def _line(self, seconds: float) -> Message | None:
        self._taken += 1
        if self._taken % AT_ONCE == 0:
            await asyncio.sleep(0)
        return await self.host.next_line(seconds)

    async def wait(self, name: str, seconds: float) -> None:
        """Wait on the show's clock; after a crash only for what is left of it."""
        await self.until(name, seconds, 0.0)

    async def until(self, name: str, seconds: float, left: float) -> None:
        """Wait until so much is ``left`` of a time of so many seconds, which began when it was first named."""
        ends = self._end_of(name, seconds)
        while (rest := ends - left - _now()) > 0 and self.host.remaining_s > 0:
            await self.host.wait(min(rest, KEEP_EVERY_S))
            self.state[name] = self.left(name)
            await self.host.save()

    def left(self, name: str) -> float:
        """Return what is left of a time that began, in seconds."""
        return max(0.0, self._ends[name] - _now())

    def asks(self, name: str, seconds: float, **what: Any) -> None:
        """Show viewers what they are asked until a time of this name is up: a vote or a question, as JSON values."""
        self.state["asks"] = {**what, "ends": _now() + float(self.state.get(name, seconds))}

    def forget(self, name: str) -> None:
        """Reset a time, so that it begins anew when it is named next."""
        self._ends.pop(name, None)
        self.state.pop(name, None)

    def _end_of(self, name: str, seconds: float) -> float:
        if name not in self._ends:
            self._ends[name] = _now() + float(self.state.setdefault(name, float(seconds)))
        return self._ends[name]


def key_of(message: Message) -> str:
    """Return what tells one viewer from all others: the source and the viewer's id in it."""
    return f"{message.source}\n{message.author.id}"


def _now() -> float:
    return asyncio.get_running_loop().time()

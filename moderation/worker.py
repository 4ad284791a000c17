"""Moderation in a thread of its own, so that an event loop goes on meanwhile.

    submit ─▶ lines, in the order of coming ─┐
    call ───▶ what is urgent, before them ───┴─▶ one thread ─▶ verdicts, in the same order

What waits is judged together, in batches that are small enough for something urgent to go between two of them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from moderation.verdict import Action, Context, Reason, Verdict

V = TypeVar("V")
CheckAll = Callable[[Sequence[tuple[str, Context]]], list[Verdict]]

#: Lines that wait at most; one more is not taken.
MOST_WAITING: Final = 500
#: Lines of one batch, and characters of all of them: a batch takes some milliseconds.
MOST_LINES, MOST_CHARACTERS = 16, 2000


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    context: Context
    then: Callable[[Verdict], None]


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    function: Callable[[], Any]
    done: asyncio.Future[Any]


class Worker:
    """Judges by ``check_all`` in one thread. All methods belong to the thread of the event loop, and none blocks it."""

    def __init__(self, check_all: CheckAll, *, most: int = MOST_WAITING) -> None:
        self._check_all = check_all
        self._most = most
        self._lines: deque[_Line] = deque()
        self._urgent: deque[_Call] = deque()
        self._busy = 0
        #: Is told how long each piece of work took, in seconds.
        self.worked: Callable[[float], None] = lambda _seconds: None
        self._thread = ThreadPoolExecutor(1, "moderation")

    @property
    def waiting(self) -> int:
        """How many lines have no verdict yet."""
        return len(self._lines) + self._busy

    def submit(self, text: str, context: Context, then: Callable[[Verdict], None]) -> bool:
        """Queue a line for its verdict; return False when too many wait.

        ``then`` is called with the verdict by the event loop, in the order in which lines were submitted.
        """
        if len(self._lines) >= self._most:
            return False
        self._lines.append(_Line(text, context, then))
        self._go_on()
        return True

    async def call(self, function: Callable[[], V]) -> V:
        """Run a function in the thread before all lines that wait; return its value, or raise what it raises."""
        call = _Call(function, asyncio.get_running_loop().create_future())
        self._urgent.append(call)
        self._go_on()
        value: V = await call.done
        return value

    def close(self) -> None:
        """Take no more work. What waits gets no verdict."""
        self._lines.clear()
        for call in self._urgent:
            call.done.cancel()
        self._urgent.clear()
        self._most = 0
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _go_on(self) -> None:
        """Begin with what is next, unless the thread is at work."""
        if self._busy:
            return
        while self._urgent:
            call = self._urgent.popleft()
            if not call.done.done():  # else nobody waits for it any more
                self._start(call.function, lambda work, of=call: _answer(of, work))  # type: ignore[misc]
                return
        if self._lines:
            lines = self._batch()
            texts = [(line.text, line.context) for line in lines]
            self._start(lambda: self._check_all(texts), lambda work: _tell(lines, work), size=len(lines))

    def _batch(self) -> list[_Line]:
        lines = [self._lines.popleft()]
        size = len(lines[0].text)
        while self._lines and len(lines) < MOST_LINES and (size := size + len(self._lines[0].text)) <= MOST_CHARACTERS:
            lines.append(self._lines.popleft())
        return lines

    def _start(
        self, function: Callable[[], Any], then: Callable[[asyncio.Future[Any]], None], *, size: int = 1
    ) -> None:
        self._busy = size
        loop = asyncio.get_running_loop()
        began = loop.time()
        work = loop.run_in_executor(self._thread, function)

        def over(done: asyncio.Future[Any]) -> None:
            self._busy = 0
            self.worked(loop.time() - began)
            self._go_on()  # the thread works while the loop takes in what it found
            then(done)

        work.add_done_callback(over)


def _answer(call: _Call, work: asyncio.Future[Any]) -> None:
    if call.done.done():
        return
    if work.cancelled():
        call.done.cancel()
    elif error := work.exception():
        call.done.set_exception(error)
    else:
        call.done.set_result(work.result())


def _tell(lines: Sequence[_Line], work: asyncio.Future[list[Verdict]]) -> None:
    """Tell each line its verdict, each in a step of the loop of its own; what could not be judged is held."""
    failed = work.cancelled() or work.exception() is not None
    verdicts = [_UNJUDGED] * len(lines) if failed else work.result()
    loop = asyncio.get_running_loop()
    for line, verdict in zip(lines, verdicts, strict=True):
        loop.call_soon(line.then, verdict)


async def called(worker: Worker | None, function: Callable[[], V]) -> V:
    """Run a function in a worker's thread; at once where there is no worker."""
    return function() if worker is None else await worker.call(function)


_UNJUDGED: Final = Verdict(Action.HOLD, ("error",), 1.0, "", (Reason("error", "error", action=Action.HOLD),))

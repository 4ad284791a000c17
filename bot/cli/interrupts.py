"""What Ctrl-C and SIGTERM do to a command: they end its work at once, or, for a show on air, ask it to end well."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

#: How long the clean-up of a command that was interrupted may take. A library may hold the interpreter meanwhile.
CLEAN_UP_S = 8.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """A command was interrupted, and has cleaned up. ``code`` is the exit status: 130 for Ctrl-C, 143 for SIGTERM.

    No `Exception`, as KeyboardInterrupt is none: nothing that catches errors shall take it for one.
    """

    def __init__(self, number: int) -> None:
        super().__init__("interrupted")
        self.code = 128 + number


class Interrupts:
    """The signals of one command.

    Each signal cancels the command, whose ``finally`` blocks then clean up; a second one cancels a clean-up that
    waits for something. While `ending` is in force, the first signal calls its function instead.
    """

    def __init__(self) -> None:
        self.number = 0
        self._task: asyncio.Task[Any] | None = None
        self._end: Callable[[], None] | None = None
        self._limit: threading.Timer | None = None

    def close(self) -> None:
        """Lift the limit of time: the clean-up is over."""
        if self._limit is not None:
            self._limit.cancel()

    async def guard(self, work: Awaitable[T]) -> T:
        """Run a command's work. Raise `Interrupted` when a signal ended it."""
        self._task = asyncio.current_task()
        with self._installed():
            try:
                return await work
            except BaseException:
                if self.number:  # the work may have turned its cancelling into another error
                    raise Interrupted(self.number) from None
                raise

    @contextlib.contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """Call ``end`` at the first signal instead of cancelling. The next one cancels."""
        self._end = end
        try:
            yield
        finally:
            self._end = None

    def _received(self, number: int) -> None:
        if self._end is not None:
            end, self._end = self._end, None
            end()
            return
        if not self.number:
            self._limit = threading.Timer(CLEAN_UP_S, _give_up, (128 + number,))
            self._limit.daemon = True
            self._limit.start()
        self.number = number
        if self._task is not None:
            self._task.cancel()

    @contextlib.contextmanager
    def _installed(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            try:
                loop.add_signal_handler(number, self._received, number)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda n, _: loop.call_soon_threadsafe(self._received, n))
        try:
            yield
        finally:
            for number in _SIGNALS:
                with contextlib.suppress(NotImplementedError):
                    loop.remove_signal_handler(number)
                # After an interruption all is cleaned up: a further signal could only print a traceback.
                signal.signal(number, signal.SIG_IGN if self.number else before[number])


def raise_on_signals() -> None:
    """Raise `Interrupted` on Ctrl-C and SIGTERM, for as long as no event loop runs."""

    def received(number: int, _frame: object) -> None:
        raise Interrupted(number)

    for number in _SIGNALS:
        signal.signal(number, received)


def run(work: Callable[[Interrupts], Awaitable[T]]) -> T:
    """Run a command on an event loop of its own. Raise what it raises, or `Interrupted`."""
    factory = None
    if sys.platform != "win32":
        try:
            import uvloop  # noqa: PLC0415
        except ImportError:
            pass
        else:
            factory = uvloop.new_event_loop
    interrupts = Interrupts()
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(_coroutine(interrupts.guard(work(interrupts))))
    finally:
        interrupts.close()


async def _coroutine(work: Awaitable[T]) -> T:
    return await work


def leave(code: int) -> None:
    """End the process. A thread that still works for nobody (a model that is being loaded) is not waited for."""
    others = [t for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    if others:
        _leave(code)
    sys.exit(code)


def _give_up(code: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        show_cursor = "\x1b[?25h" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{show_cursor}haishin: interrupted; a part did not close within {CLEAN_UP_S:.0f} s\n")
    _leave(code)


def _leave(code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)

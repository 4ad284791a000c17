"""What ends the show from outside: SIGTERM and Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable


def on_signals(stop: Callable[[], None]) -> None:
    """Let SIGTERM and Ctrl-C end the show well; a second one ends it at once."""
    loop = asyncio.get_running_loop()

    def once(*_: object) -> None:
        stop()
        for name in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, RuntimeError):
                loop.remove_signal_handler(name)
            signal.signal(name, signal.SIG_DFL)

    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, once)
        except NotImplementedError:  # Windows
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(once))

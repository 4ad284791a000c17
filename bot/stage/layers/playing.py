"""What is being played: told by another program, by the programme, or by a text file, in this order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from bot.stage.layers.messages import MAX_LINE, NowPlaying
from bot.stage.layers.style import version
from bot.stage.layers.vocabulary import Shown
from bot.text.sanitize import one_line

#: So much of a text file is read, in bytes.
MAX_FILE: Final = 4096
_Text = Annotated[str, Field(max_length=1000)]


class PlayingIn(Shown):
    """``POST /api/stage/playing``: a title, by whom, and for how many seconds it stands; 0: until it is told anew."""

    title: _Text
    by: _Text = ""
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 0.0


class Playing:
    """What is played now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told = NowPlaying()
        self._until = 0.0
        self._file: Path | None = None
        self._version = -1
        self._read = NowPlaying()

    def tell(self, order: PlayingIn) -> None:
        """Take what another program says is played."""
        self._told = _shown(order.title, order.by)
        self._until = self._clock() + order.seconds if order.seconds else float("inf")

    async def look(self, file: Path | None) -> None:
        """Read the text file when it was written since."""
        found = version(file)
        if (file, found) == (self._file, self._version):
            return
        self._file, self._version = file, found
        self._read = await asyncio.to_thread(_of, file) if file is not None and found else NowPlaying()

    def now(self, segment: str = "") -> NowPlaying:
        """Return what is played; ``segment`` is the programme's, while it plays a file."""
        if self._told.title and self._clock() < self._until:
            return self._told
        return _shown(segment, "") if segment else self._read


def _of(file: Path) -> NowPlaying:
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_FILE).decode("utf-8-sig", "replace")
    except OSError:
        return NowPlaying()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return _shown(lines[0] if lines else "", lines[1] if len(lines) > 1 else "")


def _shown(title: str, by: str) -> NowPlaying:
    return NowPlaying(title=one_line(title, MAX_LINE), by=one_line(by, MAX_LINE))

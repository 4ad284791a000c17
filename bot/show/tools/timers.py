"""Timers that the model set for somebody: when one is over, the host says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from loguru import logger

from bot.errors import Refused
from bot.mind.tools.function import Asker
from bot.runtime.signal import Signal
from bot.types import Retraction

#: More timers than these do not run at once.
MOST: Final = 8
#: When a line could not be said, it is tried again so much later, so many times.
AGAIN_S: Final = 5.0
TRIES: Final = 6

_OVER: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("[surprise] The time is up!", "[surprise] The time is up: {about}."),
    "zh": ("[surprise] 时间到了！", "[surprise] 时间到了：{about}。"),
    "ja": ("[surprise] 時間です！", "[surprise] 時間です。{about}。"),
}
_MARKUP: Final = str.maketrans("", "", "[]【】{}<>*`|\\")


@dataclass(frozen=True, slots=True)
class _Timer:
    due: float
    line: str
    asker: Asker
    tries: int = 0


class HostTimers:
    """The timers that run. ``say`` lets a line be spoken; it raises `Refused` when it cannot now."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say = say
        self._clock = clock
        self._timers: list[_Timer] = []
        self._changed = Signal()

    @property
    def running(self) -> int:
        """How many run."""
        return len(self._timers)

    def set(self, seconds: float, about: str, asker: Asker) -> str:
        """Set a timer; return in words what was set. Raises `Refused` when too many run."""
        if len(self._timers) >= MOST:
            raise Refused(f"{MOST} timers run already")
        bare, told = _OVER.get(asker.language, _OVER["en"])
        about = " ".join(about.translate(_MARKUP).split()).rstrip(".。!！")
        line = told.replace("{about}", about) if about else bare
        self._timers.append(_Timer(self._clock() + seconds, line, asker))
        self._changed.notify()
        return f"the timer runs for {seconds:g} seconds"

    def retracted(self, retraction: Retraction) -> None:
        """Drop the timers that were asked for by what is taken back."""
        self._timers = [
            timer
            for timer in self._timers
            if not any(retraction.covers(source, line, timer.asker.author_id) for source, line in timer.asker.messages)
        ]

    async def run(self) -> None:
        """Say what is due, for as long as the show runs."""
        while True:
            now = self._clock()
            for timer in [timer for timer in self._timers if timer.due <= now]:
                self._timers.remove(timer)
                self._over(timer, now)
            first = min((timer.due for timer in self._timers), default=None)
            await self._changed.wait(None if first is None else max(0.01, first - now))

    def _over(self, timer: _Timer, now: float) -> None:
        try:
            self._say(timer.line)
        except Refused as error:
            if timer.tries < TRIES:
                self._timers.append(_Timer(now + AGAIN_S, timer.line, timer.asker, timer.tries + 1))
            else:
                logger.info("a timer is over and could not be told: {}", error)

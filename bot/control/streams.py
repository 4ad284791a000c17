"""What the platforms say of the stream, and the messages that their own filters hold."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.runtime.signal import Signal
from bot.show.observer import Observer
from bot.sources.source import Notice
from bot.telemetry.alarms import AlarmLevel, Alarms
from bot.types import Retraction

#: Held messages that are shown; the oldest leaves.
MAX_HOLDS = 200


@dataclass(frozen=True, slots=True)
class Hold:
    """A message that the platform's own filter holds. ``at`` is in seconds of the clock."""

    id: str
    source: str
    author: str
    text: str
    category: str
    level: int
    at: float


@dataclass(slots=True)
class Stream:
    """What a platform says of the stream; ``online`` None when it said nothing yet.

    ``viewers`` is how many watch; None while nobody knows, and once the stream is over.
    """

    online: bool | None = None
    title: str = ""
    category: str = ""
    hype_level: int = 0
    viewers: int | None = None
    poll: Poll | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """A platform's own poll as it was told last; ``votes`` are those of the ``choices``."""

    title: str
    choices: tuple[str, ...]
    votes: tuple[int, ...]


class StreamStates(Observer):
    """Keeps the news of the platforms for the control room. ``changed`` is notified of each."""

    def __init__(self, alarms: Alarms, clock: Callable[[], float] = time.monotonic) -> None:
        self.changed = Signal()
        self.streams: dict[str, Stream] = {}
        self.holds: OrderedDict[tuple[str, str], Hold] = OrderedDict()
        self._alarms = alarms
        self._clock = clock

    def noticed(self, notice: Notice) -> None:
        """Take news of a platform."""
        stream = self.streams.setdefault(notice.source, Stream())
        data = notice.data
        match notice.what:
            case "online" | "offline":
                stream.online = notice.what == "online"
                stream.viewers = stream.viewers if stream.online else None
            case "viewers":
                count = data.get("count")
                stream.viewers = count if isinstance(count, int) else None
            case "title":
                stream.title = str(data.get("title", stream.title))[:200]
                stream.category = str(data.get("category", stream.category))[:100]
            case "hype_train":
                level = data.get("level", 0)
                stream.hype_level = level if isinstance(level, int) and data.get("phase") != "end" else 0
            case "poll":
                votes = tuple(one for one in data.get("votes", ()) if isinstance(one, int))
                stream.poll = Poll(str(data.get("title", "")), tuple(map(str, data.get("choices", ()))), votes)
            case "automod_hold":
                self._hold(notice)
            case "automod_update":
                self.release(notice.source, str(data.get("message_id", "")))
            case "warning" | "cut_off":
                level_ = AlarmLevel.ERROR if notice.what == "cut_off" else AlarmLevel.WARNING
                words = f"{notice.source}: {notice.text[:200]}"
                self._alarms.raise_alarm(f"{notice.what}:{notice.source}", words, "", level_)
            case _:
                pass
        self.changed.notify()

    def release(self, source: str, message: str) -> None:
        """Forget a held message: it was allowed or denied."""
        self.holds.pop((source, message), None)

    def retracted(self, retraction: Retraction) -> None:
        """Forget held messages that were taken back."""
        for key, hold in list(self.holds.items()):
            if retraction.covers(hold.source, hold.id, ""):
                del self.holds[key]

    def _hold(self, notice: Notice) -> None:
        data = notice.data
        level = data.get("level", 0)
        hold = Hold(
            id=str(data.get("message_id", "")),
            source=notice.source,
            author=str(data.get("user", ""))[:100],
            text=str(data.get("text", ""))[:500],
            category=str(data.get("category", ""))[:60],
            level=level if isinstance(level, int) else 0,
            at=self._clock(),
        )
        self.holds[hold.source, hold.id] = hold
        while len(self.holds) > MAX_HOLDS:
            self.holds.popitem(last=False)

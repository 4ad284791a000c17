"""How often a tool may be called: by all together in a minute, by one viewer in an hour."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

MINUTE_S: Final = 60.0
HOUR_S: Final = 3600.0
#: Viewers whose calls are remembered; the one who called longest ago is forgotten first.
MOST_VIEWERS: Final = 5000


class Rates:
    """Counts calls. Times are of one clock, in seconds."""

    def __init__(self) -> None:
        self._tools: dict[str, deque[float]] = {}
        self._viewers: OrderedDict[tuple[str, str, str], deque[float]] = OrderedDict()

    def refused(self, tool: str, viewer: tuple[str, str], now: float, per_minute: int, per_viewer_hour: int) -> str:
        """Return why a call comes too early; empty when it may be made, and then it counts.

        ``viewer`` is the source and the viewer's id; an empty id is nobody in particular.
        """
        of_all = _since(self._tools.setdefault(tool, deque()), now - MINUTE_S)
        if len(of_all) >= per_minute:
            return f"it was called {per_minute} times within a minute"
        if viewer[1]:
            key = (tool, *viewer)
            own = _since(self._viewers.setdefault(key, deque()), now - HOUR_S)
            self._viewers.move_to_end(key)
            while len(self._viewers) > MOST_VIEWERS:
                self._viewers.popitem(last=False)
            if len(own) >= per_viewer_hour:
                return f"this viewer called it {per_viewer_hour} times within an hour"
            own.append(now)
        of_all.append(now)
        return ""


def _since(times: deque[float], start: float) -> deque[float]:
    while times and times[0] <= start:
        times.popleft()
    return times

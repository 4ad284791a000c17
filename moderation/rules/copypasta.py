"""What a single line does not show: who else wrote it lately, and who may post a link just now.

Pure bookkeeping with the time given, in bounded memory.
"""

from __future__ import annotations

import unicodedata
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

#: Lines that are remembered, and viewers that are counted for one of them.
MAX_LINES: Final = 2_000
MAX_VIEWERS: Final = 100
#: Seconds after which a line is forgotten: copies that lie an hour apart are no wave.
WINDOW_S: Final = 120.0
#: Characters of a line that are compared.
MAX_COMPARED: Final = 400
#: Permits at one time; the oldest goes.
MAX_PERMITS: Final = 200


def pasted(text: str) -> str:
    """Return the key of a line: its letters and digits, without case, width and what stands between them."""
    text = text[:MAX_COMPARED]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return "".join(filter(str.isalnum, text.casefold()))


class Copies:
    """Counts the viewers who write the same. ``key`` is what `pasted` makes of a line.

    A text so short that people write it by chance is for the caller to leave out.
    """

    def __init__(self, lines: int = MAX_LINES, viewers: int = MAX_VIEWERS, window_s: float = WINDOW_S) -> None:
        self._most, self._viewers, self._window_s = lines, viewers, window_s
        #: Of each line its viewers and when they wrote it; what was written last stands last, in both.
        self._lines: OrderedDict[str, dict[Hashable, float]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many lines are remembered."""
        return len(self._lines)

    def record(self, key: str, viewer: Hashable, now: float) -> int:
        """Record a line; return how many other viewers wrote it within the window, counted up to a bound."""
        viewers = self._lines.get(key)
        if viewers is None:
            self._lines[key] = {viewer: now}
            if len(self._lines) > self._most:
                self._lines.popitem(last=False)
            return 0
        self._lines.move_to_end(key)
        viewers.pop(viewer, None)
        old = now - self._window_s
        while viewers and viewers[first := next(iter(viewers))] < old:
            del viewers[first]
        others = len(viewers)
        if others >= self._viewers:
            del viewers[next(iter(viewers))]
        viewers[viewer] = now
        return others


@dataclass(frozen=True, slots=True)
class Permit:
    """Somebody may post links until a moment. ``user`` is a name or an id, as it was given."""

    source: str
    user: str
    until: float


class Permits:
    """Who may post links for a while, by their name or their id on a platform."""

    def __init__(self, most: int = MAX_PERMITS) -> None:
        self._most = most
        self._permits: OrderedDict[tuple[str, str], Permit] = OrderedDict()

    def grant(self, source: str, user: str, until: float) -> Permit:
        """Allow a viewer to post links until ``until``; a new permit replaces an old one."""
        permit = Permit(source, user, until)
        key = (source, _named(user))
        self._permits[key] = permit
        self._permits.move_to_end(key)
        while len(self._permits) > self._most:
            self._permits.popitem(last=False)
        return permit

    def allows(self, source: str, names: tuple[str, ...], now: float) -> bool:
        """Return whether a viewer with one of these names or ids may post a link now."""
        if not self._permits:
            return False
        found = (self._permits.get((source, _named(name))) for name in names)
        return any(permit is not None and permit.until > now for permit in found)

    def list_running(self, now: float) -> Iterator[Permit]:
        """Yield the permits that hold now, and forget the others."""
        for key in [key for key, permit in self._permits.items() if permit.until <= now]:
            del self._permits[key]
        yield from self._permits.values()


def _named(user: str) -> str:
    return unicodedata.normalize("NFKC", user).strip().lstrip("@").casefold()

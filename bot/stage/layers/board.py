"""What the layers show now. Each page is told of the layers that it asked for, and of nothing else."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs

from pydantic import BaseModel

from bot.stage.layers.emotes import Emotes
from bot.stage.layers.messages import (
    FED,
    Alert,
    Answering,
    ChatGone,
    ChatLine,
    Dress,
    Goals,
    Layer,
    Screen,
    SegmentState,
    Theme,
    VoteState,
)  # fmt: skip

#: A countdown is told anew when it is off by more than so much, in seconds.
DRIFT_S = 1.5
#: Lines that a page gets which opens now.
KEPT = 60
#: Names that a page may give in its address.
MAX_NAMES = 30

#: What stands until it changes.
Standing = Answering | Goals | VoteState | SegmentState | Screen
_LAYER_OF: dict[type[BaseModel], Layer] = {
    Answering: Layer.ANSWER, Goals: Layer.GOALS, VoteState: Layer.VOTE, SegmentState: Layer.SEGMENT,
    Screen: Layer.SCREENS, ChatLine: Layer.CHAT, Alert: Layer.ALERTS,
}  # fmt: skip


class Wish:
    """What a page asked for: its layers, and of which platforms; an empty set of ``sources`` means all."""

    def __init__(self, layers: Collection[str] = (), sources: Collection[str] = ()) -> None:
        self.layers = frozenset(Layer(name) for name in layers if name in set(Layer)) & FED
        self.sources = frozenset(sources) - {"all"}
        #: Whether it knows layers at all: other programs that play sound are told nothing new.
        self.knows = bool(layers)

    def wants(self, layer: Layer, source: str = "") -> bool:
        """Return whether something goes to the page."""
        return layer in self.layers and (not (source and self.sources) or _named(source, self.sources))


def _named(source: str, wanted: Collection[str]) -> bool:
    """Return whether a source is wanted; "bilibili" means each connection to that platform."""
    return source in wanted or source.partition("_")[0] in wanted


def wish_of(layers: str, sources: str) -> Wish:
    """Return what a page's address asks for: names with commas between them."""
    return Wish(*([name.strip() for name in text[:1000].split(",")[:MAX_NAMES] if name.strip()]
                  for text in (layers, sources)))  # fmt: skip


def shows_host(query: str) -> bool:
    """Return whether a stage page with this query shows the host, and so takes the voice, rather than layers alone."""
    named = [name.strip() for text in parse_qs(query).get("layers", ()) for name in text.split(",") if name.strip()]
    return not named or Layer.AVATAR in named


class Reader(Protocol):
    """A page, as far as the board needs it."""

    wish: Wish
    label_seen: bool | None

    def send(self, frame: str) -> None:
        """Queue a frame."""
        ...


class Board:
    """Keeps what stands, tells what is new. ``pages`` returns the open pages."""

    def __init__(self, pages: Callable[[], Iterable[Reader]], clock: Callable[[], float] = time.monotonic) -> None:
        self._pages = pages
        self._clock = clock
        self._at: dict[Layer, float] = {}
        self.emotes = Emotes()
        #: The streamer's own style.
        self.css: Path | None = None
        self._lines: OrderedDict[str, ChatLine] = OrderedDict()
        self._standing: dict[Layer, Standing] = {}
        self._dress = Dress(theme=Theme.GLASS, css=0, sources=[])

    def wanted(self, layer: Layer) -> bool:
        """Return whether any open page shows a layer."""
        return any(page.wish.wants(layer) for page in self._pages())

    @property
    def label_hidden(self) -> bool:
        """Whether an open page says that its AI label cannot be seen."""
        return any(page.label_seen is False for page in self._pages())

    def greet(self, page: Reader) -> None:
        """Tell a page that opens now how everything stands. Alerts are never told again."""
        if not page.wish.knows:
            return
        page.send(self._dress.model_dump_json())
        for layer, message in self._standing.items():
            if page.wish.wants(layer):
                page.send(self._by_now(layer, message).model_dump_json())
        for line in self._lines.values():
            if page.wish.wants(Layer.CHAT, line.source):
                page.send(line.model_dump_json())

    def dress(self, message: Dress) -> None:
        """Change how the layers look."""
        if message != self._dress:
            self._dress = message
            self._send(message, lambda wish: wish.knows)

    def show(self, message: Standing) -> None:
        """Set what stands from now on."""
        layer = _LAYER_OF[type(message)]
        before = self._standing.get(layer)
        if before is None or not _same(self._by_now(layer, before), message):
            self._standing[layer], self._at[layer] = message, self._clock()
            self._send(message, lambda wish: wish.wants(layer))

    def line(self, message: ChatLine) -> None:
        """Show a line. One of a key that is shown takes its place."""
        self._lines.pop(message.key, None)
        self._lines[message.key] = message
        while len(self._lines) > KEPT:
            self._lines.popitem(last=False)
        self._send(message, lambda wish: wish.wants(Layer.CHAT, message.source))

    def alert(self, message: Alert) -> None:
        """Tell what somebody gave."""
        self._send(message, lambda wish: wish.wants(Layer.ALERTS, message.source))

    def gone(self, keys: Collection[str]) -> None:
        """Take lines off the pages that show anything of them."""
        if not keys:
            return
        for key in keys:
            self._lines.pop(key, None)
        shown = (Layer.CHAT, Layer.ALERTS, Layer.ANSWER)
        self._send(ChatGone(keys=sorted(keys)), lambda wish: any(wish.wants(layer) for layer in shown))

    def _by_now(self, layer: Layer, message: Standing) -> Standing:
        """Return a message as it would be told now: of its time, less is left."""
        left = getattr(message, "left_s", None)
        if not left:
            return message
        return message.model_copy(update={"left_s": round(max(0.0, left - (self._clock() - self._at[layer])), 1)})

    def _send(self, message: BaseModel, goes: Callable[[Wish], bool]) -> None:
        readers = [page for page in self._pages() if goes(page.wish)]
        if readers:
            text = message.model_dump_json()
            for page in readers:
                page.send(text)


def _same(one: Standing, other: Standing) -> bool:
    """Return whether two messages tell the same; the seconds that are left may differ a little."""
    left, right = getattr(one, "left_s", None), getattr(other, "left_s", None)
    if left is None or right is None:
        return one == other
    return abs(left - right) <= DRIFT_S and one == other.model_copy(update={"left_s": left})

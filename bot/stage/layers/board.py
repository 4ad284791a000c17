"""What the layers show now. Each page is told of the layers that it asked for, and of nothing else."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs

from pydantic import BaseModel

from bot.stage.layers.emotes import Emotes
from bot.stage.layers.layouts import Layout
from bot.stage.layers.messages import (
    Alert,
    Answering,
    ChatGone,
    ChatLine,
    Dress,
    Goals,
    LayoutShown,
    NowPlaying,
    Screen,
    SegmentState,
    Stinger,
    Translation,
    VoteState,
)  # fmt: skip
from bot.stage.layers.playing import Playing
from bot.stage.layers.shelf import LayoutShelf
from bot.stage.layers.vocabulary import FED, Layer, Theme

#: A countdown is told anew when it is off by more than so much, in seconds.
DRIFT_S = 1.5
#: Lines that a page gets which opens now.
KEPT = 60
#: Names that a page may give in its address.
MAX_NAMES = 30

#: What stands until it changes.
Standing = Answering | Goals | VoteState | SegmentState | Screen | NowPlaying
_LAYER_OF: dict[type[BaseModel], Layer] = {
    Answering: Layer.ANSWER, Goals: Layer.GOALS, VoteState: Layer.VOTE, SegmentState: Layer.SEGMENT,
    Screen: Layer.SCREENS, NowPlaying: Layer.PLAYING,
}  # fmt: skip


class Wish:
    """What a page asked for: its layers, and of which platforms; an empty set of ``sources`` means all.

    With a ``layout`` both are those of the layout of that name, whenever it is changed. ``sounds``: it may make the
    sounds of alerts.
    """

    def __init__(
        self, layers: Collection[str] = (), sources: Collection[str] = (), layout: str = "", *, sounds: bool = False
    ) -> None:
        self.layers = frozenset(Layer(name) for name in layers if name in set(Layer)) & FED
        self.sources = frozenset(sources) - {"all"}
        self.layout = layout
        self.sounds = sounds
        #: Whether it knows layers at all: other programs that play sound are told nothing new.
        self.knows = bool(layers or layout)

    def follow(self, layout: Layout | None) -> frozenset[Layer]:
        """Ask for what a layout shows from now on; return the layers that are new. Without one all stays as it is."""
        if layout is None:
            return frozenset()
        before, platforms = self.layers, self.sources
        self.layers = frozenset(box.layer for box in layout.boxes) & FED
        self.sources = frozenset(layout.platforms) - {"all"}
        return self.layers if platforms != self.sources else self.layers - before

    def wants(self, layer: Layer, source: str = "") -> bool:
        """Return whether something goes to the page."""
        return layer in self.layers and (not (source and self.sources) or _named(source, self.sources))


def _named(source: str, wanted: Collection[str]) -> bool:
    """Return whether a source is wanted; "bilibili" means each connection to that platform."""
    return source in wanted or source.partition("_")[0] in wanted


def wish_of(layers: str, sources: str, layout: str = "", *, sounds: bool = False) -> Wish:
    """Return what a page's address asks for: names with commas between them, and the name of a layout."""
    return Wish(_names(layers), _names(sources), layout[:120], sounds=sounds)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text[:1000].split(",")[:MAX_NAMES] if name.strip()]


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
        self._layouts: dict[str, Layout] = {}
        self.shelf = LayoutShelf(self.lay_out)
        self.playing = Playing(clock)
        #: The streamer's own sounds and pictures of alerts, by their names in addresses.
        self.files: dict[str, Path] = {}

    def wanted(self, layer: Layer) -> bool:
        """Return whether any open page shows a layer."""
        return any(page.wish.wants(layer) for page in self._pages())

    @property
    def wants_captions(self) -> bool:
        """Whether any open page shows captions."""
        return self.wanted(Layer.CAPTIONS)

    @property
    def label_hidden(self) -> bool:
        """Whether an open page says that its AI label cannot be seen."""
        return any(page.label_seen is False for page in self._pages())

    def greet(self, page: Reader) -> None:
        """Tell a page that opens now how everything stands. Alerts are never told again."""
        if not page.wish.knows:
            return
        page.send(self._dress.model_dump_json())
        if page.wish.layout:
            layout = self._layouts.get(page.wish.layout)
            page.wish.follow(layout)
            page.send(LayoutShown(layout=layout).model_dump_json())
        self._bring(page, page.wish.layers)

    def _bring(self, page: Reader, layers: Collection[Layer]) -> None:
        """Tell a page how layers stand that are new on it."""
        for layer, message in self._standing.items():
            if layer in layers and page.wish.wants(layer):
                page.send(self._by_now(layer, message).model_dump_json())
        for line in self._lines.values():
            if Layer.CHAT in layers and page.wish.wants(Layer.CHAT, line.source):
                page.send(line.model_dump_json())

    def lay_out(self, layouts: Mapping[str, Layout]) -> None:
        """Take the layouts as they are now, and tell the open pages of those that have changed."""
        before, self._layouts = self._layouts, dict(layouts)
        for page in self._pages():
            name = page.wish.layout
            layout = self._layouts.get(name)
            if not name or layout == before.get(name):
                continue
            fresh = page.wish.follow(layout)
            page.send(LayoutShown(layout=layout).model_dump_json())
            self._bring(page, fresh)

    def layout(self, name: str) -> Layout | None:
        """Return the layout of a name."""
        return self._layouts.get(name)

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
        """Tell what somebody gave. The first page that may make its sound makes it, and no other."""
        wanting = [page for page in self._pages() if page.wish.wants(Layer.ALERTS, message.source)]
        heard = next((page for page in wanting if page.wish.sounds), None) if self._dress.volume else None
        if heard is not None:
            heard.send(message.model_copy(update={"sound": True}).model_dump_json())
        text = message.model_dump_json() if wanting else ""
        for page in wanting:
            if page is not heard:
                page.send(text)

    def stinger(self, message: Stinger) -> int:
        """Play a stinger; return on how many open pages."""
        return self._send(message, lambda wish: wish.wants(Layer.STINGER))

    def translation(self, message: Translation) -> None:
        """Tell what a clause is in the second language of the captions."""
        self._send(message, lambda wish: wish.wants(Layer.CAPTIONS))

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

    def _send(self, message: BaseModel, goes: Callable[[Wish], bool]) -> int:
        readers = [page for page in self._pages() if goes(page.wish)]
        if readers:
            text = message.model_dump_json()
            for page in readers:
                page.send(text)
        return len(readers)


def _same(one: Standing, other: Standing) -> bool:
    """Return whether two messages tell the same; the seconds that are left may differ a little."""
    left, right = getattr(one, "left_s", None), getattr(other, "left_s", None)
    if left is None or right is None:
        return one == other
    return abs(left - right) <= DRIFT_S and one == other.model_copy(update={"left_s": left})

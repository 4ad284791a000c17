"""Folding: when two chat lines say the same thing.

Half of a live chat repeats itself, and a raid is one sentence from a hundred accounts. Lines are
compared by a key: what is left of a text without case, width, punctuation and drawn-out letters.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Hashable
from itertools import islice
from typing import Generic, Protocol, TypeVar

from rapidfuzz import fuzz, process

from bot.inbox.similarity import Nearest, anchors, distinctive, same

H = TypeVar("H", bound=Hashable)
C = TypeVar("C", bound="Cluster")

#: Near matches that are looked at more closely.
CLOSEST = 4
#: A cluster of so many viewers is a wave; what follows it is folded even when it is short.
WAVE = 3
#: So many waves are remembered when there is no room for all that was answered.
SPARED = 16
#: So many lines within so many seconds are a flood; then lines are not compared with all others before they wait.
FLOOD_LINES, FLOOD_S = 400, 0.5
#: So much longer a wave that goes on is remembered at a time, in seconds.
KEPT_S = 5.0


class Folds(Generic[H]):
    """Keys of lines, each under a handle. The work of `find` is bounded by ``window``."""

    def __init__(self, similarity: float, window: int) -> None:
        self._keys: dict[H, str] = {}
        self._exact: dict[str, H] = {}
        self._anchors: dict[str, H] = {}
        self.update(similarity, window)

    def __len__(self) -> int:
        """Return how many lines are known."""
        return len(self._keys)

    def update(self, similarity: float, window: int) -> None:
        """Take over the least similarity, 0..1, and with how many of the newest lines a new one is compared."""
        self.similarity, self.window = similarity, window
        #: The newest of them, at most ``window``; filled up again when half of them have gone.
        self._newest: Nearest[H] = Nearest(similarity, window)

    def find(self, key: str, *, near: bool = True) -> H | None:
        """Return the handle of a line that says the same, the most alike first, or None.

        Without ``near`` it must be equal, or begin or end the same: that costs next to nothing.
        """
        if not key or not self.window:
            return None
        if (handle := self._exact.get(key)) is not None:
            return handle
        if not near:
            return self._anchored(key)
        if self.window // 2 >= len(self._newest) < len(self._keys):
            newest = list(islice(reversed(self._keys.items()), self.window))
            self._newest.fill(reversed(newest))
        alike = self._newest.like(key, CLOSEST)
        return next((handle for other, handle in alike if same(key, other)), None)

    def alike(self, one: str, other: str) -> bool:
        """Whether two keys say the same."""
        return fuzz.ratio(one, other, score_cutoff=self.similarity * 100) > 0 and same(one, other)

    def _anchored(self, key: str) -> H | None:
        for anchor in anchors(key):
            handle = self._anchors.get(anchor)
            if handle is not None and self.alike(key, self._keys[handle]):
                return handle
        return None

    def add(self, handle: H, key: str) -> None:
        """Take a line in."""
        self._keys[handle] = key
        self._newest.add(handle, key)
        self._exact[key] = handle
        for anchor in anchors(key):
            self._anchors[anchor] = handle

    def discard(self, handle: H) -> None:
        """Let a line go."""
        key = self._keys.pop(handle, None)
        self._newest.discard(handle)
        if key is None:
            return
        if self._exact.get(key) == handle:
            del self._exact[key]
        for anchor in anchors(key):
            if self._anchors.get(anchor) == handle:
                del self._anchors[anchor]


class Cluster(Protocol):
    """A line, and all who sent one that says the same."""

    @property
    def seq(self) -> int:
        """Its number."""
        ...

    @property
    def key(self) -> str:
        """What `fold` made of its text."""
        ...

    @property
    def viewers(self) -> Collection[object]:
        """Who sent it."""
        ...


class Clusters(Generic[C]):
    """Clusters of lines that say the same: those that wait, and those that were answered just now."""

    def __init__(self, similarity: float, window: int) -> None:
        self.folds: Folds[int] = Folds(similarity, window)
        self._clusters: dict[int, C] = {}
        self._answered: OrderedDict[int, float] = OrderedDict()

    def __len__(self) -> int:
        """Return how many are known."""
        return len(self._clusters)

    def add(self, cluster: C) -> None:
        """Take in one that waits."""
        self._answered.pop(cluster.seq, None)
        self._clusters[cluster.seq] = cluster
        self.folds.add(cluster.seq, cluster.key)

    def answer(self, cluster: C, now: float) -> None:
        """Record that one is answered now. At most ``window`` of these are remembered, waves the longest."""
        self.add(cluster)
        self._answered[cluster.seq] = now
        while len(self._answered) > self.folds.window:
            eldest = list(islice(self._answered, SPARED))
            few = (seq for seq in eldest if len(self._clusters[seq].viewers) < WAVE)
            self.discard(next(few, eldest[0]))

    def discard(self, seq: int) -> None:
        """Forget one."""
        self._answered.pop(seq, None)
        self._clusters.pop(seq, None)
        self.folds.discard(seq)

    def answered(self, seq: int) -> C | None:
        """Return one that was answered just now."""
        return self._clusters[seq] if seq in self._answered else None

    def fade(self, before: float, *, waves: bool = True) -> None:
        """Forget what was answered before a moment; without ``waves``, what many wrote is kept nevertheless."""
        while self._answered and next(iter(self._answered.values())) < before:
            seq = next(iter(self._answered))
            if not waves and len(self._clusters[seq].viewers) >= WAVE:
                self._answered[seq] = before + KEPT_S  # as if it were younger
                self._answered.move_to_end(seq)
            else:
                self.discard(seq)

    def recently_answered(self, key: str, viewer: object) -> C | None:
        """Return the cluster that says nearly the same, and was answered just now; see `find`."""
        keys = {seq: self._clusters[seq].key for seq in self._answered}
        cutoff = self.folds.similarity * 100
        alike = process.extract(key, keys, scorer=fuzz.ratio, score_cutoff=cutoff, limit=CLOSEST, processor=None)
        for other, _, seq in alike:
            if same(key, other) and self._again(self._clusters[seq], key, viewer):
                return self._clusters[seq]
        return None

    def find(self, key: str, viewer: object, *, near: bool = True) -> C | None:
        """Return the cluster into which a viewer's line folds, or None.

        What was answered just now takes in only what is no chance: two people may well say hello, but
        a pasted sentence, a wave of accounts, or a viewer's own words again are one thing.
        """
        seq = self.folds.find(key, near=near)
        if seq is None:
            return None
        cluster = self._clusters[seq]
        return cluster if seq not in self._answered or self._again(cluster, key, viewer) else None

    @staticmethod
    def _again(cluster: C, key: str, viewer: object) -> bool:
        return viewer in cluster.viewers or len(cluster.viewers) >= WAVE or distinctive(key)


class FloodDetector:
    """Tells whether lines come so fast that comparing each with many others would cost more than it gives."""

    def __init__(self) -> None:
        self._lately: deque[float] = deque(maxlen=FLOOD_LINES)

    def on(self, now: float) -> bool:
        """Count a line; tell whether it is one of a flood."""
        self._lately.append(now)
        return len(self._lately) == FLOOD_LINES and now - self._lately[0] < FLOOD_S

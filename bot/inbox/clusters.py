"""Folding: chat lines that say the same thing become one cluster and get one answer.

Half of a live chat repeats itself, and a raid is one sentence from a hundred accounts. Lines are
compared by a key: a text without case, width, punctuation and drawn-out letters (`bot.inbox.similarity.fold`).
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

#: So many near matches are looked at more closely.
CLOSEST = 4
#: A cluster of so many viewers is a wave. A later line is folded into a wave even when the line is short.
WAVE = 3
#: When there is no room for every answered cluster, up to so many waves are kept and a smaller cluster goes.
MAX_WAVES_KEPT = 16
#: So many lines within so many seconds are a flood. In a flood a new line is not compared with all others.
FLOOD_LINES, FLOOD_S = 400, 0.5
#: A wave that outlives its time during a raid is remembered for so many seconds more, again and again.
WAVE_KEPT_S = 5.0


class Folds(Generic[H]):
    """The keys of lines, each under a handle. `find` compares with ``window`` lines at most."""

    def __init__(self, similarity: float, window: int) -> None:
        self._keys: dict[H, str] = {}
        self._exact: dict[str, H] = {}
        self._anchors: dict[str, H] = {}
        self.update(similarity, window)

    def __len__(self) -> int:
        """Return how many lines are known."""
        return len(self._keys)

    def update(self, similarity: float, window: int) -> None:
        """Take over the least similarity (0..1), and the number of newest lines with which a new line is compared."""
        self.similarity, self.window = similarity, window
        #: The newest lines, at most ``window``; filled up again when half of them have gone.
        self._newest: Nearest[H] = Nearest(similarity, window)

    def find(self, key: str, *, near: bool = True) -> H | None:
        """Return the handle of the line that says the same and is most alike; None when there is none.

        Without ``near`` a line must be equal, or begin or end the same: that is cheap to check.
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
        alike = self._newest.find_alike(key, CLOSEST)
        return next((handle for other, handle in alike if same(key, other)), None)

    def are_alike(self, one: str, other: str) -> bool:
        """Return whether two keys say the same."""
        return fuzz.ratio(one, other, score_cutoff=self.similarity * 100) > 0 and same(one, other)

    def _anchored(self, key: str) -> H | None:
        for anchor in anchors(key):
            handle = self._anchors.get(anchor)
            if handle is not None and self.are_alike(key, self._keys[handle]):
                return handle
        return None

    def add(self, handle: H, key: str) -> None:
        """Add a line under a handle."""
        self._keys[handle] = key
        self._newest.add(handle, key)
        self._exact[key] = handle
        for anchor in anchors(key):
            self._anchors[anchor] = handle

    def discard(self, handle: H) -> None:
        """Remove a line, if it is there."""
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
    """A line, and all viewers who sent one that says the same."""

    @property
    def seq(self) -> int:
        """Its number in the order of arrival."""
        ...

    @property
    def key(self) -> str:
        """Its text as `fold` returns it."""
        ...

    @property
    def viewers(self) -> Collection[object]:
        """The viewers who sent it."""
        ...


class Clusters(Generic[C]):
    """Clusters of lines that say the same: those that wait, and those that were answered a short time ago."""

    def __init__(self, similarity: float, window: int) -> None:
        self.folds: Folds[int] = Folds(similarity, window)
        self._clusters: dict[int, C] = {}
        self._answered: OrderedDict[int, float] = OrderedDict()

    def __len__(self) -> int:
        """Return how many clusters are known."""
        return len(self._clusters)

    def add(self, cluster: C) -> None:
        """Add a cluster that waits."""
        self._answered.pop(cluster.seq, None)
        self._clusters[cluster.seq] = cluster
        self.folds.add(cluster.seq, cluster.key)

    def mark_answered(self, cluster: C, now: float) -> None:
        """Record that a cluster is answered now. At most ``window`` answered ones are kept, and waves the longest."""
        self.add(cluster)
        self._answered[cluster.seq] = now
        while len(self._answered) > self.folds.window:
            eldest = list(islice(self._answered, MAX_WAVES_KEPT))
            few = (seq for seq in eldest if len(self._clusters[seq].viewers) < WAVE)
            self.discard(next(few, eldest[0]))

    def discard(self, seq: int) -> None:
        """Remove a cluster, if it is there."""
        self._answered.pop(seq, None)
        self._clusters.pop(seq, None)
        self.folds.discard(seq)

    def answered(self, seq: int) -> C | None:
        """Return a cluster that was answered a short time ago; None when it waits or is unknown."""
        return self._clusters[seq] if seq in self._answered else None

    def expire(self, before: float, *, waves: bool = True) -> None:
        """Remove the clusters that were answered before a moment. With ``waves`` false, waves are kept for longer."""
        while self._answered and next(iter(self._answered.values())) < before:
            seq = next(iter(self._answered))
            if not waves and len(self._clusters[seq].viewers) >= WAVE:
                self._answered[seq] = before + WAVE_KEPT_S  # as if it had been answered later
                self._answered.move_to_end(seq)
            else:
                self.discard(seq)

    def find_answered(self, key: str, viewer: object) -> C | None:
        """Return the cluster that says nearly the same and was answered a short time ago, or None; see `find`."""
        keys = {seq: self._clusters[seq].key for seq in self._answered}
        cutoff = self.folds.similarity * 100
        alike = process.extract(key, keys, scorer=fuzz.ratio, score_cutoff=cutoff, limit=CLOSEST, processor=None)
        for other, _, seq in alike:
            if same(key, other) and self._is_repetition(self._clusters[seq], key, viewer):
                return self._clusters[seq]
        return None

    def find(self, key: str, viewer: object, *, near: bool = True) -> C | None:
        """Return the cluster into which a viewer's line folds, or None.

        A waiting cluster takes in every line that says the same. A cluster that was answered a short time ago
        takes in only what is no coincidence: a pasted sentence, one more line of a wave, or the words of a
        viewer who is in it already. Two people may well say hello, and each gets an answer.
        """
        seq = self.folds.find(key, near=near)
        if seq is None:
            return None
        cluster = self._clusters[seq]
        return cluster if seq not in self._answered or self._is_repetition(cluster, key, viewer) else None

    @staticmethod
    def _is_repetition(cluster: C, key: str, viewer: object) -> bool:
        """Return whether a line that says the same as an answered cluster is no coincidence."""
        return viewer in cluster.viewers or len(cluster.viewers) >= WAVE or distinctive(key)


class FloodDetector:
    """Tells whether lines come so fast that comparing each with many others takes too long."""

    def __init__(self) -> None:
        self._lately: deque[float] = deque(maxlen=FLOOD_LINES)

    def count(self, now: float) -> bool:
        """Count a line at a moment; return whether it is part of a flood."""
        self._lately.append(now)
        return len(self._lately) == FLOOD_LINES and now - self._lately[0] < FLOOD_S

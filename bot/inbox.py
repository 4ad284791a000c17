"""The inbox: who of all that write is answered next. Pure bookkeeping without I/O.

    offer ─▶ moderation's verdict ─▶ token bucket ─▶ folding ─▶ bounds ─▶ waiting ─▶ take

Paid events come first, the earliest due first. The other classes (addressed, event, ordinary) share
the turns by weight; within a class the viewer who was served least recently is next. Nothing is
answered that is older than its time to live, and whatever leaves without being taken, leaves with an
outcome and a reason in words.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.fairness import Accounts, Lane, Rotation, Viewer
from bot.folding import Clusters, fold
from bot.limits import Limits
from bot.paid import Runs, due, together
from bot.runtime import Pulse
from bot.types import Kind, Message, Retraction
from moderation.verdict import Action, Verdict

__all__ = ["Choice", "Group", "Inbox", "Item", "Limits", "Offer"]

Group = Literal["paid", "addressed", "ordinary", "event"]
OnOutcome = Callable[[Message, str, str], None]

#: Longest text that waits, in characters; platforms allow 500.
MAX_TEXT = 2000
#: Distinct viewers of one cluster are counted up to here.
MAX_COUNTED = 256
#: How much more often a cluster is drawn than a single line, at most.
MAX_WEIGHT = 10
#: So many lines within so many seconds are a flood; then only equal lines are folded, and each costs next to nothing.
FLOOD_LINES, FLOOD_S = 400, 0.5
#: Lines that the control room sees at once.
MAX_SHOWN = 300
#: How often `Inbox.take` looks for what has grown old while nothing arrives, in seconds.
LOOK_S = 1.0

_SHARED: tuple[Group, ...] = ("addressed", "event", "ordinary")
_TRUSTED = frozenset({Kind.HOST, Kind.TIMER})
_WHY: dict[Group, str] = {
    "paid": "paid",
    "addressed": "speaks to the host",
    "event": "an event",
    "ordinary": "from the chat",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What became of a message when it was offered; ``reason`` is in words."""

    outcome: Literal["queued", "folded", "refused", "held", "dropped"]
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What is answered next. ``viewers`` is how many distinct viewers asked it, ``arrived`` when the first did."""

    messages: tuple[Message, ...]
    group: Group
    reason: str
    viewers: int = 1
    arrived: float = 0.0
    #: For `Inbox.put_back`: the number in the order of arrival, and when the viewer was served before.
    seq: int = 0
    served: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the queue, for the control room. Times are seconds; None means that it waits for ever."""

    message: Message
    group: Group
    viewers: int
    age_s: float
    expires_in_s: float | None
    reason: str


@dataclass(slots=True, eq=False)
class _Entry:
    message: Message
    group: Group
    seq: int
    arrived: float
    key: str = ""
    viewers: set[Viewer] = field(default_factory=set)
    viewer: Viewer = field(init=False)

    def __post_init__(self) -> None:
        self.viewer = _viewer(self.message)

    @property
    def weight(self) -> float:
        return min(len(self.viewers), MAX_WEIGHT)


class Inbox:
    """The queue of messages. ``clock`` gives seconds; ``rng`` draws lots, so a seed repeats every choice.

    ``on_outcome(message, outcome, reason)`` is called once for each message that leaves, or never
    enters, without being taken: refused, held, folded, dropped, expired.
    """

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float],
        rng: random.Random,
        on_outcome: OnOutcome = lambda _m, _o, _r: None,
    ) -> None:
        self.limits = limits
        self.on_outcome = on_outcome
        self._clock, self._rng = clock, rng
        self._entries: dict[Viewer, _Entry] = {}  # by source and message id, in order of arrival
        self._lanes: dict[Group, Lane[_Entry]] = {group: Lane() for group in ("paid", *_SHARED)}
        self._rotation = Rotation(_SHARED)
        self._accounts = Accounts(limits.viewers)
        self._waiting_of: dict[Viewer, int] = {}  # unpaid, by viewer
        self._clusters: Clusters[_Entry] = Clusters(limits.fold_similarity, limits.fold_window)
        self._seq, self._turns = itertools.count(1), itertools.count(1)
        self._oldest = float("inf")  # no entry that can expire is older
        self._lately: deque[float] = deque(maxlen=FLOOD_LINES)
        self._runs = Runs()
        self._arrived = Pulse()

    def __len__(self) -> int:
        """Give how many wait; a cluster counts once."""
        return len(self._entries)

    # --- in -----------------------------------------------------------------------------------------

    def offer(self, message: Message, verdict: Verdict, addressed: bool = False) -> Offer:  # noqa: FBT002 - a return for each way to end
        """Take a message in, or say why not. A paid one always gets in; words that may not be used stay outside."""
        now = self._clock()
        self.expire(now)
        if (message.source, message.id) in self._entries:
            return Offer("dropped", "it is waiting already")  # the same message again: its outcome is still to come
        if not verdict.allowed and not message.paid:
            held = verdict.action is Action.HOLD
            return self._turn_away(message, "held" if held else "refused", _rules(verdict, held=held))
        text = verdict.text[:MAX_TEXT] if verdict.allowed else ""
        if text != message.text:
            message = replace(message, text=text)
        if message.paid:
            return self._admit(self._entry(message, "paid", now), now)
        if not self._may_write(message, now):
            return self._turn_away(message, "dropped", "this viewer writes too fast")
        entry = self._entry(message, _group(message, addressed=addressed), now)
        if now - entry.arrived > self.limits.ttl_s:
            return self._turn_away(message, "dropped", "too old when it arrived")
        if entry.key and (folded := self._fold(entry, now)):
            return folded
        if self._waiting_of.get(entry.viewer, 0) >= self.limits.per_viewer:
            return self._turn_away(message, "dropped", f"{self.limits.per_viewer} messages of this viewer wait already")
        return self._admit(entry, now)

    def put_back(self, choice: Choice) -> None:
        """Let a choice wait again at its old place: its turn never became audible."""
        now = self._clock()
        for message in choice.messages:
            if (message.source, message.id) in self._entries:
                continue
            entry = self._clusters.answered(choice.seq)
            if entry is None or entry.message != message:
                seq = choice.seq if choice.seq and message is choice.messages[0] else next(self._seq)
                entry = _Entry(message, choice.group, seq, choice.arrived or now, _key(message), {_viewer(message)})
            self._accounts.serve(entry.viewer, choice.served, now, self.limits.burst)
            self._admit(entry, now)
            self._trim(entry.viewer)
        self.expire(now)

    def _entry(self, message: Message, group: Group, now: float) -> _Entry:
        arrived = message.at if 0 < message.at <= now else now
        entry = _Entry(message, group, next(self._seq), arrived, _key(message) if group != "paid" else "")
        entry.viewers.add(entry.viewer)
        return entry

    def _may_write(self, message: Message, now: float) -> bool:
        if message.kind in _TRUSTED:
            return True
        return self._accounts.admit(_viewer(message), now, self.limits.burst, self.limits.refill_per_s)

    def _admit(self, entry: _Entry, now: float) -> Offer:
        """Let it wait, and make room: that may well cost the newcomer its own place."""
        self._insert(entry)
        fate = Offer("queued", self._why(entry, now))
        for victim, reason in self._surplus():
            self._leave(victim, "dropped", reason)
            if victim is entry:
                fate = Offer("dropped", reason)
        if fate.outcome == "queued":
            self._arrived.ring()
        return fate

    def _surplus(self) -> Iterable[tuple[_Entry, str]]:
        """Name what must go, one by one, until the bounds hold. The class furthest over its share gives first."""
        paid = self._lanes["paid"]
        while len(paid) > self.limits.paid_size:
            yield paid.victim(self._rng), f"{self.limits.paid_size} paid messages wait already"
        while len(self._entries) - len(paid) > self.limits.size:
            weights = self._weights()
            fullest = max(_SHARED, key=lambda group: len(self._lanes[group]) / weights[group])
            yield self._lanes[fullest].victim(self._rng), f"{self.limits.size} messages wait already"

    def _fold(self, entry: _Entry, now: float) -> Offer | None:
        """Fold a line into the cluster that says the same, if there is one."""
        self._clusters.fade(before=now - self.limits.ttl_s)
        cluster = self._clusters.find(entry.key, entry.viewer, near=not self._flooded(now))
        if cluster is None:
            return None
        if self._clusters.answered(cluster.seq):
            reason = "the same was taken up just now"
        else:
            reason = f"the same as {cluster.message.author.name} asked"
            if entry.group == "addressed" and cluster.group == "ordinary":
                self._lanes["ordinary"].remove(cluster)
                cluster.group = "addressed"
                self._lanes["addressed"].add(cluster)
        if len(cluster.viewers) < MAX_COUNTED:
            cluster.viewers.add(entry.viewer)
        return self._turn_away(entry.message, "folded", reason)

    def _flooded(self, now: float) -> bool:
        """Tell whether lines come so fast that looking for nearly equal ones would cost more than it gives."""
        self._lately.append(now)
        return len(self._lately) == FLOOD_LINES and now - self._lately[0] < FLOOD_S

    # --- out ----------------------------------------------------------------------------------------

    def take_nowait(self, now: float) -> Choice | None:
        """Take what is to be answered next; None when nothing waits."""
        self.expire(now)
        paid = self._ripe(now)
        if paid:
            return self._thank(min(paid, key=lambda e: (due(e, self.limits), e.seq)), paid, now)
        waiting: dict[Group, int] = {group: len(self._lanes[group]) for group in _SHARED}
        group = self._rotation.next(waiting, self._weights())
        if group is None:
            return None
        entry = self._lanes[group].next(self._accounts.served, self._rng)
        choice = Choice(
            (entry.message,),
            entry.group,
            self._why(entry, now),
            viewers=len(entry.viewers),
            arrived=entry.arrived,
            seq=entry.seq,
            served=self._accounts.served(entry.viewer),
        )
        self._accounts.serve(entry.viewer, next(self._turns), now, self.limits.burst)
        self._remove(entry)
        if entry.key:  # what says the same soon after is still the same
            self._clusters.answer(entry, now)
        return choice

    def _ripe(self, now: float) -> list[_Entry]:
        """Give the paid entries that may be thanked now: the run of gifts they belong to is over."""
        lane = self._lanes["paid"]
        return [e for e in lane if self._runs.over_at(e.message, self.limits) <= now] if lane else []

    def _thank(self, first: _Entry, ripe: list[_Entry], now: float) -> Choice:
        """Take a paid entry, and what gets the same thanks with it."""
        entries = together(first, self._lanes["paid"], ripe, self.limits)
        viewers = dict.fromkeys(entry.viewer for entry in entries)
        reason = self._why(first, now) + (f", {len(entries)} payments together" if len(entries) > 1 else "")
        served = self._accounts.served(first.viewer)
        turn = next(self._turns)
        for entry in entries:
            self._runs.end(entry.message)
            self._remove(entry)
            self._accounts.serve(entry.viewer, turn, now, self.limits.burst)
        messages = tuple(entry.message for entry in entries)
        return Choice(messages, "paid", reason, len(viewers), first.arrived, first.seq, served)

    def ripe_in(self, now: float) -> float | None:
        """Give in how many seconds a run of gifts that waits will be over; None when none waits."""
        waits = [self._runs.over_at(e.message, self.limits) - now for e in self._lanes["paid"]]
        return max(0.0, min(waits)) if waits else None

    def overdue(self, now: float) -> list[Item]:
        """Give the paid entries whose thanks are overdue, the oldest first."""
        late = [e for e in self._lanes["paid"] if due(e, self.limits) < now]
        return [self._item(e, now) for e in sorted(late, key=lambda e: due(e, self.limits))]

    async def take(self) -> Choice:
        """Wait for something to answer, and take it."""
        while True:
            if choice := self.take_nowait(self._clock()):
                return choice
            await self._arrived.rung(LOOK_S)

    def expire(self, now: float) -> None:
        """Let go of what is older than its time to live."""
        ttl, paid_ttl = self.limits.ttl_s, self.limits.paid_ttl_s
        shortest = ttl if paid_ttl is None else min(ttl, paid_ttl)
        if now - self._oldest <= shortest:
            return
        for entry in list(self._entries.values()):
            longest = paid_ttl if entry.group == "paid" else ttl
            if longest is not None and now - entry.arrived > longest:
                self._leave(entry, "expired", f"not answered within {longest:g} s")
        mortal = (e.arrived for e in self._entries.values() if e.group != "paid" or paid_ttl is not None)
        self._oldest = min(mortal, default=float("inf"))

    def retract(self, retraction: Retraction) -> list[Message]:
        """Take out what its platform took back; give what was waiting.

        When all of a chat is cleared, its payments stay, without their words.
        """
        whole = not (retraction.id or retraction.author)
        gone = []
        for entry in list(self._entries.values()):
            m = entry.message
            if not retraction.covers(m.source, m.id, m.author.id):
                continue
            if whole and m.paid:
                entry.message = replace(m, text="")
                continue
            gone.append(m)
            self._leave(entry, "dropped", retraction.reason)
        if retraction.author:
            for entry in self._entries.values():
                entry.viewers -= {v for v in entry.viewers if retraction.covers(v[0], "", v[1])}
        return gone

    def drop(self, id: str, reason: str) -> list[Message]:  # noqa: A002 - the sources' word
        """Take a message out on an operator's word; give what was waiting under that id."""
        gone = [e for e in self._entries.values() if e.message.id == id]
        for entry in gone:
            self._leave(entry, "dropped", reason)
        return [entry.message for entry in gone]

    # --- the control room ---------------------------------------------------------------------------

    def items(self, now: float, limit: int = MAX_SHOWN) -> list[Item]:
        """Show what waits, in about the order in which it will be answered."""
        order = {"paid": 0, "addressed": 1, "event": 2, "ordinary": 3}

        def place(entry: _Entry) -> tuple[int, float, int]:
            first = due(entry, self.limits) if entry.group == "paid" else float(self._accounts.served(entry.viewer))
            return order[entry.group], first, entry.seq

        return [self._item(entry, now) for entry in heapq.nsmallest(limit, self._entries.values(), key=place)]

    def update(self, limits: Limits) -> None:
        """Take over new limits while running; what no longer fits leaves with its reason."""
        self.limits = limits
        self._accounts.size = limits.viewers
        self._clusters.folds.similarity, self._clusters.folds.window = limits.fold_similarity, limits.fold_window
        self._oldest = float("-inf")
        self.expire(self._clock())
        for victim, reason in self._surplus():
            self._leave(victim, "dropped", reason)
        for viewer in list(self._waiting_of):
            self._trim(viewer)

    def _trim(self, viewer: Viewer) -> None:
        """Keep a viewer within their bound; their newest go first."""
        while self._waiting_of.get(viewer, 0) > self.limits.per_viewer:
            theirs = (e for e in self._entries.values() if e.group != "paid" and e.viewer == viewer)
            newest = max(theirs, key=lambda e: e.seq)
            self._leave(newest, "dropped", f"{self.limits.per_viewer} messages of this viewer wait already")

    def _item(self, entry: _Entry, now: float) -> Item:
        ttl = self.limits.paid_ttl_s if entry.group == "paid" else self.limits.ttl_s
        age = max(0.0, now - entry.arrived)
        left = None if ttl is None else max(0.0, ttl - age)
        return Item(entry.message, entry.group, len(entry.viewers), age, left, self._why(entry, now))

    def _why(self, entry: _Entry, now: float) -> str:
        parts = [_WHY[entry.group]]
        if entry.group == "paid":
            left = due(entry, self.limits) - now
            parts.append(f"due in {left:.0f} s" if left >= 0 else f"overdue by {-left:.0f} s")
        elif len(entry.viewers) > 1:
            more = "or more " if len(entry.viewers) >= MAX_COUNTED else ""
            parts.append(f"asked by {len(entry.viewers)} {more}viewers")
        elif not self._accounts.served(entry.viewer):
            parts.append("not answered before")
        return ", ".join(parts)

    # --- bookkeeping --------------------------------------------------------------------------------

    def _weights(self) -> dict[Group, float]:
        w = self.limits.weights
        return {"addressed": w.addressed, "event": w.event, "ordinary": w.ordinary}

    def _insert(self, entry: _Entry) -> None:
        self._entries[entry.message.source, entry.message.id] = entry
        self._lanes[entry.group].add(entry)
        self._oldest = min(self._oldest, entry.arrived)
        if entry.group == "paid":
            self._runs.add(entry.message, self._clock())
        else:
            self._waiting_of[entry.viewer] = self._waiting_of.get(entry.viewer, 0) + 1
        if entry.key:
            self._clusters.add(entry)

    def _remove(self, entry: _Entry) -> None:
        del self._entries[entry.message.source, entry.message.id]
        self._lanes[entry.group].remove(entry)
        if entry.group != "paid":
            self._waiting_of[entry.viewer] -= 1
            if not self._waiting_of[entry.viewer]:
                del self._waiting_of[entry.viewer]
        self._clusters.discard(entry.seq)

    def _leave(self, entry: _Entry, outcome: str, reason: str) -> None:
        self._remove(entry)
        self.on_outcome(entry.message, outcome, reason)

    def _turn_away(
        self, message: Message, outcome: Literal["folded", "refused", "held", "dropped"], reason: str
    ) -> Offer:
        self.on_outcome(message, outcome, reason)
        return Offer(outcome, reason)


def _viewer(message: Message) -> Viewer:
    return message.source, message.author.id


def _key(message: Message) -> str:
    """Give the key by which a line is folded; empty for what is never folded."""
    return fold(message.text) if message.kind is Kind.CHAT and message.text else ""


def _group(message: Message, *, addressed: bool) -> Group:
    if addressed or message.kind is Kind.HOST:
        return "addressed"
    return "ordinary" if message.kind is Kind.CHAT else "event"


def _rules(verdict: Verdict, *, held: bool) -> str:
    what = "waits for a moderator" if held else "not allowed"
    return f"{what}: {', '.join(verdict.rules)}" if verdict.rules else what

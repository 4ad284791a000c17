"""The waiting entries of the inbox in each order that is needed: by id, by class, by age, by deadline."""

from __future__ import annotations

import heapq
import random
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from bot.inbox import reasons
from bot.inbox.entries import ALL, SHARED, Ages, Entry, Group, Item
from bot.inbox.fair_queue import FairQueue, Rotation, lottery_ticket
from bot.inbox.payments import PaymentQueue, due
from bot.inbox.settings import Limits
from bot.types import Viewer

_ORDER: dict[Group, int] = {"paid": 0, "addressed": 1, "event": 2, "ordinary": 3}


class WaitingQueues:
    """The waiting entries. Every entry is in all orders at once. The caller keeps the bounds of `Limits`."""

    def __init__(self, limits: Limits, rng: random.Random) -> None:
        self.limits, self._weights = limits, _weights(limits)
        self.entries: dict[Viewer, Entry] = {}  # by source and message id, in order of arrival
        self.lanes: dict[Group, FairQueue[Entry]] = {group: FairQueue(rng) for group in ("paid", *SHARED)}
        self.lanes["ordinary"].update(limits.fresh_s)
        self.payments, self.rotation = PaymentQueue(), Rotation(SHARED)
        self._ages, self._paid_ages = Ages(), Ages()
        self._waiting_of: dict[Viewer, int] = {}  # unpaid, by viewer
        self._answered: OrderedDict[Viewer, float] = (
            OrderedDict()
        )  # the moment of the last answer; at most ``limits.viewers``
        #: How much longer than its time to live an unpaid line may wait, and until when.
        self.grace = 0.0, 0.0
        self._salt = rng.randbytes(16)

    def __len__(self) -> int:
        """Return how many entries wait."""
        return len(self.entries)

    def forget(self, viewer: Viewer) -> None:
        """Forget when a viewer was answered."""
        self._answered.pop(viewer, None)

    # --- in and out ---------------------------------------------------------------------------------

    def add(self, entry: Entry, now: float, *, again: int | None = None) -> None:
        """Add an entry. For one that was taken and waits again, ``again`` is the round that `remove` returned."""
        self.entries[entry.message.source, entry.message.id] = entry
        if again is None:
            self.lanes[entry.group].add(entry, self._lot(entry, now))
        else:
            self.lanes[entry.group].put_back(entry, again, self._lot(entry, now))
        if entry.group == "paid":
            self._paid_ages.add(entry)
            self.payments.add(entry, self.limits, None if again is not None else now)
        else:
            self._ages.add(entry)
            self._waiting_of[entry.viewer] = self.waiting_of(entry.viewer) + 1

    def remove(self, entry: Entry, *, taken: bool = False) -> int:
        """Remove an entry. When it is ``taken``, its viewer had their turn: return the round of that turn, else 0."""
        del self.entries[entry.message.source, entry.message.id]
        lane = self.lanes[entry.group]
        had = 0
        if taken:
            had = lane.take_turn(entry)
        else:
            lane.remove(entry)
        if entry.group == "paid":
            self._paid_ages.discard(entry)
            self.payments.remove(entry)
            return had
        self._ages.discard(entry)
        self._waiting_of[entry.viewer] -= 1
        if not self._waiting_of[entry.viewer]:
            del self._waiting_of[entry.viewer]
        return had

    def lift_to_addressed(self, entry: Entry, now: float) -> None:
        """Move an ordinary line to the class of lines that speak to the host."""
        self.lanes["ordinary"].remove(entry)
        entry.group = "addressed"
        self.lanes["addressed"].add(entry, self._lot(entry, now))

    def weigh(self, entry: Entry) -> None:
        """Set the chance of an entry anew: more viewers, or fewer, have asked it."""
        if self.entries.get((entry.message.source, entry.message.id)) is entry:
            self.lanes[entry.group].weigh(entry.viewer)

    def remove_words(self, entry: Entry, now: float) -> None:
        """Remove the words of a payment; it goes on waiting."""
        again = self.remove(entry)
        entry.remove_words()
        self.add(entry, now, again=again)

    def set_words(self, entry: Entry, text: str, now: float) -> None:
        """Set the words of a payment; it goes on waiting."""
        again = self.remove(entry)
        entry.message = replace(entry.message, text=text)
        self.add(entry, now, again=again)

    def record_answer(self, viewer: Viewer, when: float) -> None:
        """Record when a viewer was answered; 0 means never."""
        self._answered.pop(viewer, None)
        if when:
            self._answered[viewer] = when
            while len(self._answered) > self.limits.viewers:
                self._answered.popitem(last=False)

    def update(self, limits: Limits) -> None:
        """Take over new limits."""
        self.limits, self._weights = limits, _weights(limits)
        self.payments.update(limits)
        self.lanes["ordinary"].update(limits.fresh_s)

    # --- questions ----------------------------------------------------------------------------------

    def waiting_of(self, viewer: Viewer) -> int:
        """Return how many unpaid messages of a viewer wait."""
        return self._waiting_of.get(viewer, 0)

    def answered_at(self, viewer: Viewer) -> float:
        """Return when a viewer was answered last; 0 means never."""
        return self._answered.get(viewer, 0.0)

    def expired(self, now: float) -> Iterator[tuple[Entry, float]]:
        """Yield each entry that is older than its time to live, and that time in seconds.

        The caller removes each entry before it asks for the next.
        """
        longer, until = self.grace
        ttl, paid_ttl = self.limits.ttl_s + (longer if now < until else 0.0), self.limits.paid_ttl_s
        while entry := self._ages.oldest_beyond(now, ttl):
            yield entry, ttl
        while paid_ttl is not None and (entry := self._paid_ages.oldest_beyond(now, paid_ttl)):
            yield entry, paid_ttl

    def open_lanes(self, *, chat: bool, addressed: bool, groups: Collection[Group] = ALL) -> dict[Group, int]:
        """Return how many entries of each class may be taken: of ``groups`` alone, without ``chat`` no line of it.

        With ``addressed`` only the lines that speak to the host.
        """
        open_to: set[Group] = {"event", "addressed"} if addressed else set(SHARED)
        open_to &= set(groups)
        return {g: len(self.lanes[g]) if g in (open_to if chat else open_to & {"event"}) else 0 for g in SHARED}

    def refusal(self, entry: Entry, now: float) -> str:
        """Return why an unpaid entry would have to leave as soon as it was added; empty when it may stay."""
        if self.waiting_of(entry.viewer) >= self.limits.per_viewer and self.displaced(entry) is None:
            return f"{self.limits.per_viewer} {reasons.THEIRS_WAIT}"
        if len(self.entries) - len(self.lanes["paid"]) < self.limits.size or self._fullest(entry.group) != entry.group:
            return ""
        gone = self.lanes[entry.group].would_leave(entry.viewer, self._lot(entry, now))
        return self._full if gone else ""

    def displaced(self, entry: Entry) -> Entry | None:
        """Return the line that has to leave so that its viewer's next one waits, if any: their oldest ordinary one."""
        if self.waiting_of(entry.viewer) < self.limits.per_viewer or not self.limits.fresh_s:
            return None
        return self.lanes["ordinary"].oldest_of(entry.viewer)

    def beyond_bounds(self) -> Iterator[tuple[Entry, str]]:
        """Yield the entries that must leave until the bounds hold, each with the reason.

        The class that is furthest over its share loses an entry first, and in it the viewer with the most
        entries. The caller removes each entry before it asks for the next.
        """
        paid, limits = self.lanes["paid"], self.limits
        while len(paid) > limits.paid_size:
            yield paid.victim(), f"{limits.paid_size} paid messages wait already"
        while len(self.entries) - len(paid) > limits.size:
            yield self.lanes[self._fullest()].victim(), self._full

    @property
    def _full(self) -> str:
        return f"{self.limits.size} {reasons.ALL_WAIT}"

    def _fullest(self, more: Group | None = None) -> Group:
        """Return the class that is furthest over its share; ``more`` is a class that counts one entry more."""
        fullest, most = SHARED[0], -1.0
        for group, weight in self._weights.items():
            over = (len(self.lanes[group]) + (group == more)) / weight
            if over > most:
                fullest, most = group, over
        return fullest

    def beyond_viewer_bound(self, viewers: Iterable[Viewer] | None = None) -> Iterator[tuple[Entry, str]]:
        """Yield the entries of viewers beyond their bound, the newest first, each with the reason.

        Without ``viewers``, all viewers are checked. The caller removes each entry before it asks for the next.
        """
        for viewer in list(self._waiting_of if viewers is None else viewers):
            while self.waiting_of(viewer) > self.limits.per_viewer:
                theirs = (e for e in self.entries.values() if e.group != "paid" and e.viewer == viewer)
                reason = f"{self.limits.per_viewer} {reasons.THEIRS_WAIT}"
                yield max(theirs, key=lambda e: e.seq), reason

    def weights(self) -> Mapping[Group, float]:
        """Return the weights by which the classes share the turns."""
        return self._weights

    def facts(self, entry: Entry, now: float) -> reasons.Facts:
        """Return what `bot.inbox.reasons` needs to explain the place of an entry."""
        waited = max(0.0, now - entry.arrived)
        if entry.group == "paid":
            return reasons.Facts("paid", waited_s=waited, due_in_s=due(entry, self.limits) - now)
        when = self.answered_at(entry.viewer)
        before, rivals = self.lanes[entry.group].rivals(entry.viewer)
        ago = max(0.0, now - when) if when else None
        aside = entry.message.aside and entry.group == "ordinary"
        return reasons.Facts(entry.group, len(entry.viewers), waited, ago, before=before, rivals=rivals, aside=aside)

    # --- the control room ---------------------------------------------------------------------------

    def item(self, entry: Entry, now: float) -> Item:
        """Return an entry as the control room shows it."""
        ttl = self.limits.paid_ttl_s if entry.group == "paid" else self.limits.ttl_s
        facts = self.facts(entry, now)
        left = None if ttl is None else max(0.0, ttl - facts.waited_s)
        why = reasons.waiting(facts)
        return Item(entry.message, entry.group, len(entry.viewers), facts.waited_s, left, why, entry.doubt)

    def items(self, now: float, limit: int) -> list[Item]:
        """Return up to ``limit`` entries as the control room shows them, in about the order of their answers."""

        def place(entry: Entry) -> tuple[int, float, int]:
            lane = self.lanes[entry.group]
            first = due(entry, self.limits) if entry.group == "paid" else float(lane.rivals(entry.viewer)[0])
            return _ORDER[entry.group], first, entry.seq

        return [self.item(entry, now) for entry in heapq.nsmallest(limit, self.entries.values(), key=place)]

    def overdue(self, now: float) -> list[Item]:
        """Return the paid entries whose thanks are overdue, the oldest first."""
        late = [e for e in self.payments if due(e, self.limits) < now]
        return [self.item(e, now) for e in sorted(late, key=lambda e: due(e, self.limits))]

    def _lot(self, entry: Entry, now: float) -> float:
        """Return the lottery ticket of an entry's viewer, the same for one time to live; a new viewer's is above 1.

        The highest leaves first, so in a raid the lines of new viewers go before all others.
        """
        return lottery_ticket(entry.viewer, self._salt, int(now // self.limits.ttl_s)) + entry.stranger


def _weights(limits: Limits) -> dict[Group, float]:
    shares = limits.weights
    return {"addressed": shares.addressed, "event": shares.event, "ordinary": shares.ordinary}

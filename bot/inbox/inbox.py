"""The inbox: decides which message is answered next. Pure bookkeeping without I/O.

    offer ─▶ verdict ─▶ shield ─▶ token bucket ─▶ folding ─▶ bounds ─▶ waiting ─▶ take

Paid events come first, the earliest due first. The other classes (addressed, event, ordinary) share
the turns by weight; within a class the viewers have one turn each in every round. A message that is
older than its time to live is not answered. Every message that leaves without an answer leaves with
an outcome and a reason in words.
"""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from bot.inbox import reasons
from bot.inbox.clusters import Clusters, FloodDetector
from bot.inbox.entries import (
    ALL,
    MAX_NAMED,
    MAX_TEXT,
    Choice,
    Entry,
    Group,
    Item,
    Offer,
    group_of,
    key_of,
    viewer_of,
)
from bot.inbox.observer import MessageObserver
from bot.inbox.queues import WaitingQueues
from bot.inbox.raid_shield import RaidShield
from bot.inbox.settings import Limits
from bot.runtime.ratelimit import RateLimiter
from bot.runtime.signal import Signal
from bot.types import Kind, Message, MessageOutcome, Retraction
from moderation.verdict import Action, Verdict

__all__ = ["Choice", "Group", "Inbox", "Item", "Limits", "Offer"]

#: The control room sees so many lines at once.
MAX_SHOWN = 300
#: So many of the latest retractions are remembered for messages that are put back.
MAX_RETRACTED = 1000

#: The host and the operator's timers may write as fast as they like.
_TRUSTED = frozenset({Kind.HOST, Kind.TIMER})


class Inbox:
    """The queue of messages. ``clock`` gives seconds; ``rng`` draws lots, so a seed repeats every choice.

    ``observer.settled`` is called once for each message that leaves without being taken, or never enters:
    refused, held, folded, dropped, expired. ``arrived`` is notified whenever a message begins to wait.
    """

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float],
        rng: random.Random,
        observer: MessageObserver | None = None,
    ) -> None:
        self.limits = limits
        self.arrived = Signal()
        self.shield = RaidShield(limits, rng)
        self._observer = observer or MessageObserver()
        self._clock = clock
        self._queues = WaitingQueues(limits, rng)
        self._accounts = RateLimiter(limits.viewers)
        self._clusters: Clusters[Entry] = Clusters(limits.fold_similarity, limits.fold_window)
        #: Each with the number of the choice before it.
        self._retracted: deque[tuple[int, Retraction]] = deque(maxlen=MAX_RETRACTED)
        self._seq, self._turn = itertools.count(1), 0
        self._flood = FloodDetector()
        self._unsure_until = 0.0  # until then a line may wait that was not compared with all answered ones

    def __len__(self) -> int:
        """Return how many messages wait; a cluster counts once."""
        return len(self._queues)

    # --- in -----------------------------------------------------------------------------------------

    def offer(self, message: Message, verdict: Verdict, addressed: bool = False) -> Offer:  # noqa: FBT002 - a return for each way to end
        """Add a message, or say why not. A paid one always gets in, but never with words that are not allowed."""
        now = self._clock()
        self.expire(now)
        if (message.source, message.id) in self._queues.entries:
            # The same message again: its outcome is still to come.
            return Offer(MessageOutcome.DROPPED, "it is waiting already")
        text = verdict.text[:MAX_TEXT] if verdict.allowed else ""
        if message.paid:
            return self._admit(self._entry(replace(message, text=text), "paid", "", now, doubt=verdict.doubt), now)
        key = key_of(message)
        stranger, thinned = self._shielded(message, key, now)
        if not verdict.allowed:
            held = verdict.action is Action.HOLD
            return self._turn_away(
                message, MessageOutcome.HELD if held else MessageOutcome.REFUSED, reasons.stopped(verdict, held=held)
            )
        if thinned:
            return self._turn_away(message, MessageOutcome.DROPPED, thinned)
        if text != message.text:
            message = replace(message, text=text)
            key = key_of(message)
        if not self._may_write(message, now):
            return self._turn_away(message, MessageOutcome.DROPPED, reasons.TOO_FAST)
        entry = self._entry(message, group_of(message, addressed=addressed), key, now, doubt=verdict.doubt)
        entry.stranger = stranger
        if now - entry.arrived > self.limits.ttl_s:
            return self._turn_away(message, MessageOutcome.DROPPED, reasons.TOO_OLD)
        if key and (folded := self._fold(entry, now)):
            return folded
        if full := self._queues.refusal(entry, now):
            return self._turn_away(message, MessageOutcome.DROPPED, full)
        if (older := self._queues.displaced(entry)) is not None:
            self._leave(older, MessageOutcome.DROPPED, reasons.NEWER)
        return self._admit(entry, now)

    def put_back(self, choice: Choice) -> None:
        """Put a choice back at its old place: its turn never became audible.

        A message that its platform took back in the meantime leaves with its reason instead.
        """
        now = self._clock()
        for message in choice.messages:
            if (message.source, message.id) in self._queues.entries:
                continue
            left, reason = self._left_of(message, choice.turn)
            if left is None:
                self._observer.settled(message, MessageOutcome.DROPPED, reason)
                continue
            entry = self._clusters.answered(choice.seq)
            if entry is None or entry.message != left:
                seq = choice.seq if choice.seq and message is choice.messages[0] else next(self._seq)
                entry = Entry(left, choice.group, seq, choice.arrived or now, key_of(left), doubt=choice.doubt)
            self._queues.record_answer(entry.viewer, choice.before)
            self._admit(entry, now, again=choice.served)
            self._clear(self._queues.beyond_viewer_bound([entry.viewer]))
        self.expire(now)

    def _left_of(self, message: Message, turn: int) -> tuple[Message | None, str]:
        """Return what the retractions since a choice leave of a message; None and the reason when nothing is left."""
        for after, r in self._retracted:
            if after < turn or not r.covers(message.source, message.id, message.author.id):
                continue
            if r.id or r.author or not message.paid:
                return None, r.reason
            message = replace(message, text="")
        return message, ""

    def _entry(self, message: Message, group: Group, key: str, now: float, *, doubt: bool) -> Entry:
        return Entry(message, group, next(self._seq), message.at if 0 < message.at <= now else now, key, doubt=doubt)

    def _shielded(self, message: Message, key: str, now: float) -> tuple[bool, str]:
        """Return whether a new viewer sent a line in a raid, and why it is stopped (empty when it passes)."""
        if message.kind is Kind.RAID:
            self.shield.expect_guests(now)
        if message.kind is not Kind.CHAT:
            return False, ""
        viewer = viewer_of(message)
        known = bool(message.author.roles or self._queues.answered_at(viewer))
        return self.shield.admit(viewer, key, now, known=known)

    def _may_write(self, message: Message, now: float) -> bool:
        if message.kind in _TRUSTED:
            return True
        return self._accounts.admit(viewer_of(message), now, self.limits.burst, self.limits.refill_per_s)

    def _admit(self, entry: Entry, now: float, *, again: int | None = None) -> Offer:
        """Add an entry, and make room; the entry that has to go may be the new one."""
        self._queues.add(entry, now, again=again)
        if entry.key:
            self._clusters.add(entry)
        fate = ""
        for victim, reason in self._queues.beyond_bounds():
            self._leave(victim, MessageOutcome.DROPPED, reason)
            fate = reason if victim is entry else fate
        if fate:
            return Offer(MessageOutcome.DROPPED, fate)
        self.arrived.notify()
        return Offer(MessageOutcome.QUEUED, reasons.waiting(self._queues.facts(entry, now)))

    def _fold(self, entry: Entry, now: float) -> Offer | None:
        """Fold a line into the cluster that says the same; return None when there is none."""
        near = not self._flood.count(now)
        cluster = self._clusters.find(entry.key, entry.viewer, near=near)
        if cluster is None:
            if not near or len(self._clusters.folds) > self.limits.fold_window:
                self._unsure_until = now + self.limits.ttl_s
            return None
        taken_up = self._clusters.answered(cluster.seq)
        reason = "the same was taken up just now" if taken_up else f"the same as {cluster.message.author.name} asked"
        if not taken_up and entry.group == "addressed" and cluster.group == "ordinary":
            self._queues.lift_to_addressed(cluster, now)
        cluster.add_viewer(entry.message)
        self._queues.weigh(cluster)
        return self._turn_away(entry.message, MessageOutcome.FOLDED, reason)

    # --- out ----------------------------------------------------------------------------------------

    def take_nowait(
        self, now: float, *, chat: bool = True, addressed: bool = False, groups: Collection[Group] = ALL
    ) -> Choice | None:
        """Remove and return what is to be answered next, if any; of the ``groups``, and of the chat what is open."""
        self.expire(now)
        if "paid" in groups and (paid := self._queues.payments.take(now, self.limits)):
            return self._thank(paid, now)
        lanes, rotation = self._queues.lanes, self._queues.rotation
        while True:
            waiting = self._queues.open_lanes(chat=chat, addressed=addressed, groups=groups)
            group = rotation.next(waiting, self._queues.weights())
            if group is None:
                return None
            entry = lanes[group].next()
            unsure = entry.key and now <= self._unsure_until
            same = self._clusters.find_answered(entry.key, entry.viewer) if unsure else None
            if same is None:
                return self._choose(entry, now, waiting)
            same.add_viewer(entry.message)
            self._leave(entry, MessageOutcome.FOLDED, "the same was taken up just now")
            rotation.undo(group)

    def _choose(self, entry: Entry, now: float, waiting: dict[Group, int]) -> Choice:
        reason = reasons.taken(self._queues.facts(entry, now), self._queues.rotation.had, waiting)
        before = self._queues.answered_at(entry.viewer)
        had = self._remove(entry, taken=True)
        self._turn += 1
        self._queues.record_answer(entry.viewer, now)
        if entry.key:  # a line that says the same soon after is folded into it
            self._clusters.mark_answered(entry, now)
        names, viewers = tuple(entry.names.values()), len(entry.viewers) or 1
        return Choice(
            (entry.message,), entry.group, reason, viewers, entry.arrived, entry.seq, had, names, self._turn, before,
            entry.doubt,
        )  # fmt: skip

    def _thank(self, entries: Sequence[Entry], now: float) -> Choice:
        """Remove paid entries that get one thanks together, and return them as a choice."""
        first = entries[0]
        names = {entry.viewer: entry.message.author.name for entry in entries}
        some = tuple(itertools.islice(names.values(), MAX_NAMED))
        reason = reasons.taken(replace(self._queues.facts(first, now), together=len(entries)), {}, {})
        before = self._queues.answered_at(first.viewer)
        self._turn += 1
        self._queues.payments.record_thanks(entries)
        for entry in entries:
            self._remove(entry)
            self._queues.record_answer(entry.viewer, now)
        messages = tuple(entry.message for entry in entries)
        doubt = any(entry.doubt for entry in entries)
        return Choice(
            messages, "paid", reason, len(names), first.arrived, first.seq, 0, some, self._turn, before, doubt
        )

    def waiting(self, *, chat: bool = True, addressed: bool = False) -> set[Group]:
        """Return the classes of which something waits that might be taken now."""
        lanes = self._queues.open_lanes(chat=chat, addressed=addressed)
        return {group for group, count in lanes.items() if count}

    def payments(self) -> Iterator[Message]:
        """Yield the payments that wait."""
        return (entry.message for entry in self._queues.payments)

    def leave_out(self, group: Group, reason: str) -> None:
        """Remove whatever waits of a class with a reason: it is not to be said any more."""
        for entry in [e for e in self._queues.entries.values() if e.group == group]:
            self._leave(entry, MessageOutcome.EXPIRED, reason)

    def ripe_in(self, now: float) -> float | None:
        """Return in how many seconds the first waiting payment can be thanked for; None when no payment waits."""
        at = self._queues.payments.ripe_at(self.limits)
        return None if at is None else max(0.0, at - now)

    def expire(self, now: float) -> None:
        """Remove the entries that are older than their time to live."""
        for entry, ttl in self._queues.expired(now):
            self._leave(entry, MessageOutcome.EXPIRED, f"not answered within {ttl:g} s")
        self._clusters.expire(before=now - self.limits.ttl_s, waves=not self.shield.raised(now))

    def keep(self, longer_s: float, until: float) -> None:
        """Extend the time to live of unpaid lines by so much, until a moment of the clock."""
        self._queues.grace = longer_s, until

    def retract(self, retraction: Retraction) -> list[Message]:
        """Remove the messages that their platform took back; return those that were waiting.

        When a whole chat is cleared, its payments stay without their words.
        """
        self._retracted.append((self._turn, retraction))
        whole = not (retraction.id or retraction.author)
        gone = []
        for entry in list(self._queues.entries.values()):
            m = entry.message
            if not retraction.covers(m.source, m.id, m.author.id):
                continue
            if whole and m.paid:
                self._queues.remove_words(entry, self._clock())
                continue
            gone.append(m)
            self._leave(entry, MessageOutcome.DROPPED, retraction.reason)
        if retraction.author:
            for entry in self._queues.entries.values():
                entry.remove_viewers([v for v in entry.viewers if retraction.covers(v[0], "", v[1])])
                self._queues.weigh(entry)
        return gone

    def drop(self, id: str, reason: str, source: str = "") -> list[Message]:  # noqa: A002 - the sources' word
        """Drop the waiting message with an id on an operator's order; return what was dropped.

        Ids are unique within one ``source``. Without a ``source``, the message of that id of every source is dropped.
        """
        gone = [e for e in self._queues.entries.values() if e.message.id == id and source in ("", e.message.source)]
        for origin in {source} if source else {e.message.source for e in gone}:
            self._retracted.append((self._turn, Retraction(origin, id, reason=reason)))
        for entry in gone:
            self._leave(entry, MessageOutcome.DROPPED, reason)
        return [entry.message for entry in gone]

    def forget(self, source: str, viewer: str) -> None:
        """Drop the unpaid messages of a viewer, and forget when they were answered. Their payments stay."""
        for entry in list(self._queues.entries.values()):
            if not entry.message.paid and entry.viewer == (source, viewer):
                self._leave(entry, MessageOutcome.DROPPED, "forgotten at the viewer's wish")
            elif entry.viewer != (source, viewer):
                entry.remove_viewers([(source, viewer)])
                self._queues.weigh(entry)
        self._queues.forget((source, viewer))
        self._accounts.forget((source, viewer))

    def reword(self, source: str, id: str, text: str) -> bool:  # noqa: A002 - as above
        """Put the words of a waiting payment back, which a person allowed; return False when it waits no longer."""
        entry = self._queues.entries.get((source, id))
        if entry is None or entry.group != "paid":
            return False
        self._queues.set_words(entry, text[:MAX_TEXT], self._clock())
        return True

    def facts(self, source: str, id: str, now: float) -> reasons.Facts | None:  # noqa: A002 - as above
        """Return what explains the place of a waiting message; None when it does not wait."""
        entry = self._queues.entries.get((source, id))
        return self._queues.facts(entry, now) if entry else None

    # --- the control room ---------------------------------------------------------------------------

    def items(self, now: float, limit: int = MAX_SHOWN) -> list[Item]:
        """Return up to ``limit`` waiting lines, in about the order in which they will be answered."""
        return self._queues.items(now, limit)

    def overdue(self, now: float) -> list[Item]:
        """Return the paid entries whose thanks are overdue, the oldest first."""
        return self._queues.overdue(now)

    def update(self, limits: Limits) -> None:
        """Take over new limits while running. Entries that no longer fit leave with a reason."""
        self.limits = self.shield.limits = limits
        self._queues.update(limits)
        self._accounts.size = limits.viewers
        self._clusters.folds.update(limits.fold_similarity, limits.fold_window)
        self.expire(self._clock())
        self._clear(self._queues.beyond_bounds())
        self._clear(self._queues.beyond_viewer_bound())

    # --- bookkeeping --------------------------------------------------------------------------------

    def _clear(self, entries: Iterable[tuple[Entry, str]]) -> None:
        for entry, reason in entries:
            self._leave(entry, MessageOutcome.DROPPED, reason)

    def _remove(self, entry: Entry, *, taken: bool = False) -> int:
        self._clusters.discard(entry.seq)
        return self._queues.remove(entry, taken=taken)

    def _leave(self, entry: Entry, outcome: MessageOutcome, reason: str) -> None:
        self._remove(entry)
        self._observer.settled(entry.message, outcome, reason)

    def _turn_away(self, message: Message, outcome: MessageOutcome, reason: str) -> Offer:
        self._observer.settled(message, outcome, reason)
        return Offer(outcome, reason)

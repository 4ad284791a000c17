"""A minute of flood: ``python -m bench.flood`` prints one JSON object; it exits 1 when a promise is broken.

10,000 messages a second for 60 s of virtual time, in front of them two quiet minutes:

- a raid: 50,000 new accounts paste one of three sentences, with marks of their own at the end;
- noise: 5,000 other new viewers write lines of which none is like another;
- 200 ordinary viewers, each with something else to say every 8 s or so;
- 30 payments, half of them with words; one in five comes within the same second as another.

The messages go through moderation and into the inbox, in the order of the intake. While more than
`QUICK_RATE` lines a second come, the check leaves the classifier out (``quick``), and the verdict on a
text that was judged before is used again; `--full` judges every line on its own. The host takes a
choice every `TURN_S` seconds. Fairness: Jain's index over the answers of those of the ordinary viewers
who had a line waiting all the time of the flood; for that a second part lets them, and the same raid,
write to a host that is quick enough (`QUICK_TURN_S`) for each to have several answers.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.inbox.inbox import Choice, Inbox, Limits
from bot.inbox.observer import MessageObserver
from bot.inbox.payments import MAX_SHARING
from bot.types import Author, Evidence, Kind, Message, MessageOutcome, Money
from moderation import Action, Context, Moderator, Verdict

SECONDS, RATE = 60, 10_000
QUIET_S = 180
ORDINARY, EVERY_S = 200, 8.0
RAIDERS, GUESTS, PAID = 50_000, 5_000, 30
RAID_SHARE = 0.8
TURN_S, QUICK_TURN_S = 5.0, 0.05
QUICK_RATE = 300
REMEMBERED = 5_000
PASTED = (
    "everybody leave this stream and come over to the other channel right now",
    "this host is a robot and you are all talking to a wall my friends",
    "大家快点离开这里去看隔壁的直播间真的好看多了",
)
WORDS = (
    "what game song tonight do you like tea rain lamp story sea favourite colour why is the moon bright tell us about "
    "today tomorrow best food bread music play again please love winter summer dog cat 今天 玩 什么 游戏 好听 天气 故事"
).split()


def line(rng: random.Random) -> str:
    """Make up a line that is like no other."""
    return " ".join(rng.choices(WORDS, k=rng.randint(6, 10)))


class Verdicts:
    """Moderation as the intake asks it, with the verdicts on repeated texts remembered while lines rush in."""

    def __init__(self, *, full: bool) -> None:
        self.moderator, self.full = Moderator(), full
        self.seen: OrderedDict[str, Verdict] = OrderedDict()
        self.asked = self.judged = self.stopped = 0
        self.spent = 0.0

    def check(self, text: str, *, rush: bool) -> Verdict:
        """Judge a text."""
        began = time.process_time()
        self.asked += 1
        verdict = None if self.full else self.seen.get(text)
        if verdict is None:
            self.judged += 1
            verdict = self.moderator.check(text, Context(platform="twitch", quick=rush and not self.full))
            self.seen[text] = verdict
            if len(self.seen) > REMEMBERED:
                self.seen.popitem(last=False)
        self.stopped += not verdict.allowed
        self.spent += time.process_time() - began
        return verdict


@dataclass
class Tally:
    """What became of everything."""

    fates: Counter[str] = field(default_factory=Counter)
    paid_at: dict[str, tuple[float, float]] = field(default_factory=dict)  # when, and its bound
    paid_waits: dict[str, float] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    pasted: Counter[int] = field(default_factory=Counter)
    stale: int = 0
    largest: int = 0
    offers: int = 0
    offer_s: float = 0.0
    choose_s: list[float] = field(default_factory=list)


class _Outcomes(MessageObserver):
    """Counts what becomes of messages."""

    def __init__(self, flood: Flood) -> None:
        self._flood = flood

    def settled(self, message: Message, outcome: MessageOutcome, reason: str) -> None:
        """Count it."""
        flood = self._flood
        flood.lost.add(message.author.id)
        flood.tally.fates["thinned by the shield" if reason.startswith("shield") else outcome.value] += 1


class Flood:
    """One virtual minute in front of an inbox."""

    def __init__(self, verdicts: Verdicts, turn_s: float, rate: int, *, backlog: bool) -> None:
        self.rng, self.verdicts, self.turn_s, self.rate = random.Random(5), verdicts, turn_s, rate
        self.backlog = backlog
        self.now, self.made, self.next_turn = 1000.0, 0, 1000.0
        self.limits, self.tally = Limits(), Tally()
        self.inbox = Inbox(self.limits, lambda: self.now, random.Random(9), _Outcomes(self))
        self.ids = {f"o{n}" for n in range(ORDINARY)}
        self.lost: set[str] = set()  # ordinary viewers who did not wait all the time

    def say(self, viewer: str, text: str, kind: Kind = Kind.CHAT, *, rush: bool = True) -> None:
        """Let one message arrive."""
        self.made += 1
        gift = Evidence("GIFT", Money(10, "BATTERY"), "Rose") if kind is Kind.GIFT else None
        message = Message(f"m{self.made}", "twitch", Author(viewer, viewer), text, kind, at=self.now, evidence=gift)
        verdict = self.verdicts.check(text, rush=rush) if text else Verdict(Action.ALLOW, (), 0.0, "")
        began = time.process_time()
        self.inbox.offer(message, verdict)
        self.tally.offer_s += time.process_time() - began
        self.tally.offers += 1
        if message.paid:
            bound = self.limits.words_due_s if text else self.limits.gift_due_s
            self.tally.paid_at[message.id] = self.now, bound

    def turn(self) -> None:
        """Let the host take its turns until now."""
        while self.next_turn <= self.now:
            began = time.process_time()
            choice = self.inbox.take_nowait(self.now)
            self.tally.choose_s.append(time.process_time() - began)
            self.next_turn += self.turn_s
            if choice is None:
                continue
            self._count(choice)
            self.tally.largest = max(self.tally.largest, len(self.inbox))

    def _count(self, choice: Choice) -> None:
        tally = self.tally
        for m in choice.messages:
            if m.paid:
                tally.paid_waits[m.id] = self.now - m.at
                continue
            tally.answers[m.author.id] += 1
            tally.stale += self.now - m.at > self.limits.ttl_s
            tally.pasted.update(n for n, text in enumerate(PASTED) if m.text.startswith(text))
            if self.backlog and m.author.id in self.ids:
                self.say(m.author.id, line(self.rng))

    def quiet(self) -> None:
        """Let the ordinary viewers chat for some minutes."""
        for second in range(QUIET_S):
            for n in range(ORDINARY):
                if self.rng.random() < 1 / EVERY_S:
                    self.now = 1000.0 + second + n / ORDINARY
                    self.say(f"o{n}", line(self.rng), rush=False)
            self.turn()
        self.now = 1000.0 + QUIET_S
        if self.backlog:
            for n in range(ORDINARY):
                self.say(f"o{n}", line(self.rng))
        self.tally.answers.clear()
        self.lost.clear()

    def pour(self) -> Iterator[int]:
        """Let the flood come, second by second."""
        paid = sorted(self.rng.choices(range(SECONDS * self.rate * 3 // 4), k=PAID - 6))
        paid = sorted(paid + [at + 1 for at in paid[:6]])
        for number in range(SECONDS * self.rate):
            self.now = 1000.0 + QUIET_S + number / self.rate
            while paid and paid[0] <= number:
                paid.pop(0)
                n = len(paid)
                self.say(
                    f"payer{n}", f"number {n}: {line(self.rng)}" if n % 2 else "", (Kind.GIFT, Kind.SUPER_CHAT)[n % 2]
                )
            self._one()
            self.turn()
            if number % self.rate == self.rate - 1:
                yield number // self.rate

    def _one(self) -> None:
        draw = self.rng.random()
        if draw < ORDINARY / EVERY_S / self.rate:
            if not self.backlog:
                self.say(f"o{self.rng.randrange(ORDINARY)}", line(self.rng))
        elif draw < RAID_SHARE:
            text = self.rng.choice(PASTED) + self.rng.choice(("", "!", "!!", " 😂", f" {self.rng.randrange(50)}"))
            self.say(f"r{self.rng.randrange(RAIDERS)}", text)
        else:
            self.say(f"g{self.rng.randrange(GUESTS)}", line(self.rng))

    def drain(self) -> None:
        """Let the host go on after the flood until every bound is over."""
        end = self.now + max(self.limits.words_due_s, self.limits.gift_due_s)
        while self.now < end:
            self.now += self.turn_s
            self.turn()


def jain(values: list[int]) -> float:
    """Return Jain's index: 1 when all are equal, 1/n when one has it all."""
    total = sum(values)
    return total * total / (len(values) * sum(v * v for v in values)) if total else 0.0


def resident_kib() -> int:
    """Return the largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    """Print the figures; 1 when a promise is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="judge every line on its own, classifier included")
    parser.add_argument("--rate", type=int, default=RATE, help="messages a second")
    args = parser.parse_args()
    verdicts = Verdicts(full=args.full)
    flood = Flood(verdicts, TURN_S, args.rate, backlog=False)
    flood.quiet()
    memory = {second: resident_kib() for second in flood.pour() if second in (9, 59)}
    shield = flood.inbox.shield.report(flood.now)
    flood.drain()
    fair = Flood(verdicts, QUICK_TURN_S, args.rate // 10, backlog=True)
    fair.quiet()
    for _ in fair.pour():
        pass
    tally = flood.tally
    waits = [tally.paid_waits.get(name, float("inf")) / bound for name, (_, bound) in tally.paid_at.items()]
    counts = [fair.tally.answers[viewer] for viewer in sorted(fair.ids - fair.lost)] or [0]
    answered_pastes = max([*tally.pasted.values(), *fair.tally.pasted.values()], default=0)
    stale = tally.stale + fair.tally.stale
    result = {
        "bench": "flood",
        "messages": tally.offers,
        "paid_answered": f"{len(tally.paid_waits)} of {len(tally.paid_at)}",
        "largest_paid_wait_s": round(max(tally.paid_waits.values(), default=0.0), 1),
        "largest_paid_wait_of_its_bound": round(max(waits), 3),
        "jain": round(jain(counts), 4),
        "backlogged_viewers": len(fair.ids - fair.lost),
        "answers_each": [min(counts), max(counts)],
        "answers_to_ordinary_and_all": [sum(tally.answers[v] for v in flood.ids), sum(tally.answers.values())],
        "stale_answered": stale,
        "times_a_paste_was_answered": answered_pastes,
        "largest_queue": tally.largest,
        "outcomes": dict(tally.fates),
        "shield": shield.reason,
        "growth_kib_from_10_s_to_60_s": memory[59] - memory[9],
        "offer_mean_us": round(tally.offer_s / tally.offers * 1e6, 1),
        "choose_mean_us": round(sum(tally.choose_s) / len(tally.choose_s) * 1e6, 1),
        "moderation": "all in full" if args.full else "quick, repeated texts once",
        "moderation_mean_us": round(verdicts.spent / verdicts.asked * 1e6, 1),
        "judged": verdicts.judged,
        "stopped_by_moderation": verdicts.stopped,
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))
    kept = max(waits) <= 1.0 and jain(counts) >= 0.95 and min(counts) > 1 and not stale and answered_pastes <= 1
    return 0 if kept and tally.largest <= flood.limits.size + PAID * MAX_SHARING else 1


if __name__ == "__main__":
    sys.exit(main())

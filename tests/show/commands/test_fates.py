"""What is remembered of a viewer's last line, and what is told of each reason that there is."""

from __future__ import annotations

import pytest

from bot.inbox import reasons
from bot.inbox.entries import Offer
from bot.intake import intake
from bot.intake.ignored import BY_A_BOT
from bot.show.commands import fates as module
from bot.show.commands.fates import Fates, told
from bot.show.commands.words import Say
from bot.show.picking.picker import SHUNNED
from bot.types import Author, Kind, Message, MessageOutcome, Retraction
from moderation import Action, Verdict

QUEUED, ANSWERED, DROPPED = MessageOutcome.QUEUED, MessageOutcome.ANSWERED, MessageOutcome.DROPPED
FINE = Verdict(Action.ALLOW, (), 0.0, "")


def line(name: str, at: float, who: str = "ann", kind: Kind = Kind.CHAT) -> Message:
    return Message(name, "twitch", Author(who, who), "hello", kind, at=at)


def test_the_last_line_counts_and_not_the_last_news() -> None:
    fates = Fates()
    fates.offered(line("a", 1), FINE, Offer(QUEUED, ""))
    fates.settled(line("b", 2), DROPPED, reasons.TOO_FAST)
    fates.settled(line("a", 1), ANSWERED, "answered")
    found = fates.of(("twitch", "ann"))
    assert found is not None
    assert (found.id, found.outcome) == ("b", DROPPED)
    fates.settled(line("c", 0), DROPPED, "too much chat to read: left out by lot")
    found = fates.of(("twitch", "ann"))
    assert found is not None
    assert found.id == "c"


def test_commands_and_the_hosts_own_lines_are_no_lines_of_a_viewer() -> None:
    fates = Fates()
    fates.settled(line("a", 1), DROPPED, "a command: why, answered")
    fates.settled(line("b", 2, kind=Kind.HOST), ANSWERED, "answered")
    assert fates.of(("twitch", "ann")) is None


def test_a_deletion_takes_the_reason_too() -> None:
    fates = Fates()
    for who in ("ann", "ben", "cem"):
        fates.settled(line(f"of {who}", 1, who), ANSWERED, "answered")
    fates.retracted(Retraction("twitch", id="of ann"))
    fates.retracted(Retraction("twitch", author="ben"))
    fates.retracted(Retraction("bilibili_web"))
    fates.retracted(Retraction("twitch", id="of nobody"))
    fates.retracted(Retraction("twitch", author="nobody"))
    says = [told(f.outcome, f.reason) for who in ("ann", "ben", "cem") if (f := fates.of(("twitch", who)))]
    assert says == [Say.NOT_TAKEN, Say.NOT_TAKEN, Say.ANSWERED]
    fates.retracted(Retraction(id="of cem"))
    found = fates.of(("twitch", "cem"))
    assert found is not None
    assert told(found.outcome, found.reason) is Say.NOT_TAKEN
    fates.settled(line("newer", 2), ANSWERED, "answered")
    fates.retracted(Retraction("twitch", id="of ann"))
    found = fates.of(("twitch", "ann"))
    assert found is not None
    assert found.outcome is ANSWERED, "an older line of theirs was deleted"


def test_a_flood_of_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VIEWERS", 10)
    fates = Fates()
    for n in range(1000):
        fates.settled(line(f"m{n}", n, f"v{n}"), ANSWERED, "answered")
    assert fates.of(("twitch", "v0")) is None
    assert fates.of(("twitch", "v999")) is not None
    assert len(fates._of) == len(fates._whose) == 10


@pytest.mark.parametrize(
    ("outcome", "reason", "say"),
    [
        (ANSWERED, "answered with a prepared line; blocked: lexicon:threat", Say.ANSWERED),
        (MessageOutcome.FOLDED, "the same as Mallory asked", Say.SAME),
        (MessageOutcome.EXPIRED, "not answered within 60 s", Say.LATE),
        (MessageOutcome.REFUSED, "not allowed: lexicon:threat", Say.NOT_TAKEN),
        (MessageOutcome.HELD, "waits for a moderator: lexicon:threat", Say.NOT_TAKEN),
        (DROPPED, "3 messages of this viewer wait already", Say.TOO_FAST),
        (DROPPED, "200 messages wait already", Say.FULL),
        (DROPPED, reasons.NEWER, Say.NEWER),
        (DROPPED, reasons.TOO_OLD, Say.LATE),
        (DROPPED, intake.UNREAD, Say.CROWD),
        (DROPPED, "shield: many new viewers write at once, one in 8 is heard", Say.NOT_TAKEN),
        (DROPPED, SHUNNED, Say.NOT_TAKEN),
        (DROPPED, "moderation let nothing be said: lexicon:threat", Say.NOT_TAKEN),
        (DROPPED, "deleted by a moderator", Say.NOT_TAKEN),
        (DROPPED, "what it answers was taken back: banned", Say.NOT_TAKEN),
        (DROPPED, BY_A_BOT, Say.NOT_TAKEN),
        (DROPPED, "read by the segment Quiz", Say.READ),
        (DROPPED, "a reason that comes with another version", Say.NOT_TAKEN),
        (DROPPED, "no page could be heard", Say.UNHEARD),
        (DROPPED, "skipped by the operator", Say.PASSED_OVER),
        (DROPPED, "skipped by a moderator in the chat", Say.PASSED_OVER),
        (DROPPED, "dropped by the operator", Say.PASSED_OVER),
        (DROPPED, "the turn took too long", Say.MISHAP),
    ],
)
def test_what_is_told_of_a_reason(outcome: MessageOutcome, reason: str, say: Say) -> None:
    assert told(outcome, reason) is say

"""The choice in words."""

from __future__ import annotations

import random

import pytest

from bot.inbox.entries import MAX_COUNTED, SHARED
from bot.inbox.inbox import Inbox, Limits
from bot.inbox.reasons import Facts, taken, waiting
from bot.inbox.settings import Weights
from bot.types import Author, Kind, Message
from moderation.verdict import Action, Verdict

NONE = dict.fromkeys(SHARED, 0)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts("ordinary"), "from the chat, not answered before"),
        (Facts("addressed", answered_s=40), "speaks to the host, last answered 40 s ago"),
        (Facts("event", answered_s=600), "an event, last answered 10 min ago"),
        (Facts("ordinary", viewers=5, rivals=3), ("from the chat, asked by 5 viewers, not answered before, "
         "drawn by lot among 3 viewers")),
        (Facts("ordinary", viewers=MAX_COUNTED), (f"from the chat, asked by {MAX_COUNTED} or more viewers, "
         "not answered before")),
        (Facts("ordinary", answered_s=5, before=1), ("from the chat, last answered 5 s ago, "
         "after 1 viewer whose turn comes first")),
        (Facts("paid", due_in_s=12), "paid, due in 12 s"),
        (Facts("paid", due_in_s=-3), "paid, overdue by 3 s"),
    ],
)  # fmt: skip
def test_what_waits(facts: Facts, words: str) -> None:
    assert waiting(facts) == words


def test_what_was_taken_tells_whose_turns_were_used_up() -> None:
    facts = Facts("ordinary", viewers=5, waited_s=12)
    assert taken(facts, {**NONE, "addressed": 4}, {**NONE, "addressed": 9}) == (
        "from the chat, asked by 5 viewers, waited 12 s, not answered before; lines to the host had their 4 turns"
    )
    assert ";" not in taken(facts, {**NONE, "addressed": 4}, NONE)  # nobody else waits
    assert taken(Facts("paid", due_in_s=5, waited_s=3, together=3), {}, {}) == (
        "paid, due in 5 s, waited 3 s, 3 payments together"
    )


def test_the_inbox_says_what_happened() -> None:
    now = 1000.0
    inbox = Inbox(Limits(weights=Weights(addressed=2, event=1, ordinary=1)), lambda: now, random.Random(1))

    def say(name: str, text: str, *, addressed: bool = False) -> None:
        message = Message(f"{name}{text}", "test", Author(name, name), text, Kind.CHAT, at=now)
        inbox.offer(message, Verdict(Action.ALLOW, (), 0.0, text), addressed)

    for name, text in (("ann", "do you like rain"), ("ben", "tell us a story"), ("cat", "what is that lamp")):
        say(name, text, addressed=True)
    say("dan", "a quiet evening this is")
    now += 12
    reasons = []
    while choice := inbox.take_nowait(now):
        reasons.append(choice.reason)
    assert reasons == [
        "speaks to the host, waited 12 s, not answered before, drawn by lot among 3 viewers",
        "speaks to the host, waited 12 s, not answered before, drawn by lot among 2 viewers",
        "from the chat, waited 12 s, not answered before; lines to the host had their 2 turns",
        "speaks to the host, waited 12 s, not answered before",
    ]
    now += 30
    say("dan", "and what about snow")
    (item,) = inbox.items(now)
    assert item.reason == "from the chat, last answered 30 s ago"

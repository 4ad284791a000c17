"""A show that thanks for gifts and is killed in the middle; run by ``test_ledger.py`` as a process of its own.

Every line that it prints is a promise: what was printed before the kill must be found after it.
"""

from __future__ import annotations

import asyncio
import sys

from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.payments import Recorded
from bot.types import Author, Kind, Message, MessageOutcome, Money, TurnKind


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def main(url: str, boot: str) -> None:
    """Receive two gifts a turn and thank for one, for ever."""
    async with open_store(url) as store, asyncio.TaskGroup() as group:
        ledger = Ledger(store)
        group.create_task(ledger.journal.run())
        waiting = list((await ledger.recover()).pending)
        for message in waiting:
            say("recovered", message.id)
        for number in range(1_000_000):
            for which in "ab":
                gift = Message(f"{boot}-{number}{which}", "test", Author("a", "Ann"), "", Kind.GIFT, Money(100, "USD"))
                if await ledger.record(gift) is Recorded.NEW:
                    say("paid", gift.id)
                    waiting.append(gift)
            first = waiting.pop(0)
            turn = f"turn-{boot}-{number}"
            await ledger.begin(turn, number, TurnKind.THANKS, [first])
            say("begun", turn, first.id)
            if number % 3 == 2:  # no page can be heard
                await ledger.finish(turn, "", "expired", "Thank you!", {})
                waiting.insert(0, first)
                continue
            for heard in ("Thank", "Thank you", "Thank you, Ann!"):
                await ledger.progress(turn, heard)
                say("heard", turn, first.id)
            await ledger.finish(turn, "Thank you, Ann!", "completed", "Thank you, Ann!", {"heard": 12.5})
            ledger.journal.outcome(first, MessageOutcome.ANSWERED, "answered")
            say("finished", turn, first.id)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

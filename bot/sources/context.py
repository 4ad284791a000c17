"""What every reader of a platform's events is given, and how it writes a payment down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sources.payload import Fields
from bot.sources.settings import Rates
from bot.sources.source import SourceEvent
from bot.types import Author, Evidence, Fragment, Kind, Message, Money, Reply


@dataclass(slots=True)
class EventContext:
    """The name of the source, what its units are worth, and ``count_fault(kind, detail)`` for what cannot be read."""

    source: str
    rates: Rates
    count_fault: Callable[[str, str], None]

    def drop(self, kind: str, event: Fields) -> list[SourceEvent]:
        """Count an event that is not a payment and cannot be read; return nothing."""
        self.count_fault(kind, event.fault)
        return []

    def payment(
        self,
        kind: Kind,
        event: Fields,
        *,
        id: str,  # noqa: A002 - the name in `Message`
        event_type: str,
        who: Author,
        amount: Money | None,
        text: str = "",
        units: Money | None = None,
        item: str = "",
        count: int = 1,
        months: int = 0,
        tier: str = "",
        combo: str = "",
        pair: str = "",
        fragments: tuple[Fragment, ...] = (),
        reply: Reply | None = None,
        addressed: bool = False,
    ) -> list[SourceEvent]:
        """Return the message of a payment. It is never dropped: what could not be read is noted in its evidence."""
        if event.faults:
            self.count_fault(event_type, event.fault)
        evidence = Evidence(event_type, units, item, count, months, tier, combo, pair, event.fault)
        return [Message(id, self.source, who, text, kind, amount, 0.0, fragments, reply, evidence, addressed)]

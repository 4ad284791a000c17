"""Settings of the floor: who may speak when, as a table that a person can read and change.

A row is something that wants the floor, a column who has it just now, and a cell what happens then.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.runtime.settings import Section
from bot.text.money import minor_digits
from bot.types import Money


class FloorEvent(StrEnum):
    """What wants to be said: a row of the table."""

    STREAMER = "streamer"  # an answer to the streamer
    OPERATOR = "operator"  # what an operator ordered
    PAID_LARGE = "paid_large"  # the thanks for a large payment
    PAID = "paid"  # the thanks for any other
    ALERT = "alert"  # a raid, a follow
    ADDRESSED = "addressed"  # an answer to a line that speaks to the host
    CHAT = "chat"  # an answer to any other line
    SEGMENT = "segment"  # a piece of the programme
    OWN_ACCORD = "own_accord"  # what the host says when it is quiet


class FloorState(StrEnum):
    """Who has the floor; all but the first are a column of the table."""

    FREE = "free"
    STREAMER = "streamer"  # the streamer speaks
    GRACE = "grace"  # the streamer has spoken just now
    THINKING = "thinking"  # the host has begun a turn that cannot be heard yet
    SPEAKING = "speaking"  # the host speaks


class FloorRule(StrEnum):
    """What happens when something wants a floor that somebody has."""

    WAIT = "wait"  # until the floor is free
    NEXT_CLAUSE = "next_clause"  # until the host's clause ends, or the streamer pauses
    CUT = "cut"  # not at all: it takes the floor now
    EXPIRE = "expire"  # it is not said any more


class FloorRow(Section):
    """What becomes of one kind of event, by who has the floor."""

    streamer: FloorRule = Field(FloorRule.WAIT, description="while the streamer speaks")
    grace: FloorRule = Field(FloorRule.WAIT, description="shortly after it")
    thinking: FloorRule = Field(FloorRule.WAIT, description="while the host thinks about something else")
    speaking: FloorRule = Field(FloorRule.WAIT, description="while the host says something else")

    def rule(self, state: FloorState) -> FloorRule:
        """Return the cell of a state; on a free floor nothing waits."""
        return FloorRule.CUT if state is FloorState.FREE else FloorRule(getattr(self, state.value))


class AnswerRow(FloorRow):
    """An answer to the streamer comes first, and lets the streamer finish."""

    grace: FloorRule = Field(FloorRule.CUT, description="shortly after it")
    thinking: FloorRule = Field(FloorRule.CUT, description="while the host thinks about something else")
    speaking: FloorRule = Field(FloorRule.NEXT_CLAUSE, description="while the host says something else")


class OperatorRow(FloorRow):
    """An order is carried out in the streamer's next pause."""

    streamer: FloorRule = Field(FloorRule.NEXT_CLAUSE, description="while the streamer speaks")
    grace: FloorRule = Field(FloorRule.CUT, description="shortly after it")


class PaidRow(FloorRow):
    """Thanks for money are never left out."""

    @model_validator(mode="after")
    def _never_expires(self) -> PaidRow:
        if FloorRule.EXPIRE in (self.streamer, self.grace, self.thinking, self.speaking):
            raise ValueError("thanks for money never expire: write wait, next_clause or cut")
        return self


class OwnAccordRow(FloorRow):
    """Where a person speaks, nobody has to fill a silence."""

    streamer: FloorRule = Field(FloorRule.EXPIRE, description="while the streamer speaks")
    grace: FloorRule = Field(FloorRule.EXPIRE, description="shortly after it")


class FloorTable(Section):
    """For each kind of event what happens when it comes while somebody has the floor."""

    streamer: AnswerRow = Field(AnswerRow(), description="an answer to the streamer")
    operator: OperatorRow = Field(OperatorRow(), description="what an operator ordered to be said")
    paid_large: PaidRow = Field(PaidRow(), description="thanks for a large payment")
    paid: PaidRow = Field(PaidRow(), description="thanks for any other payment")
    alert: FloorRow = Field(FloorRow(), description="a raid, a follow")
    addressed: FloorRow = Field(FloorRow(), description="an answer to a line that speaks to the host")
    chat: FloorRow = Field(FloorRow(), description="an answer to any other line of the chat")
    segment: FloorRow = Field(FloorRow(), description="a piece of the programme")
    own_accord: OwnAccordRow = Field(OwnAccordRow(), description="what the host says when it is quiet")

    def rule(self, event: FloorEvent, state: FloorState) -> FloorRule:
        """Return the cell of an event and a state; on a free floor nothing waits."""
        row: FloorRow = getattr(self, event.value)
        return row.rule(state)


#: From these amounts on a payment is large, in whole units of the currency.
LARGE = {
    "USD": 20.0, "EUR": 20.0, "GBP": 20.0, "CNY": 100.0, "TWD": 500.0, "JPY": 2000.0, "KRW": 20_000.0,
    "BITS": 2000.0, "BATTERY": 1000.0,
}  # fmt: skip


class FloorSettings(Section):
    """Who may speak when, and what happens when the streamer speaks over the host."""

    table: FloorTable = Field(FloorTable(), description="what happens to whom; see docs/floor.md")
    grace_s: float = Field(0.6, ge=0, le=10, description="the floor stays the streamer's for so long after a word")
    hold_s: float = Field(
        10.0,
        ge=0,
        le=120,
        description="a turn that is ready waits so long for the streamer",
    )
    while_unsure: Literal["duck", "pause"] = Field(
        "duck", description="what the host's voice does until it is clear whether the streamer interrupts"
    )
    duck_db: float = Field(-14.0, ge=-60, le=-3, description="how much quieter the host is meanwhile, in decibels")
    decide_s: float = Field(
        0.5, ge=0.2, le=2, description="speech that lasts so long over the host interrupts it; shorter only as an order"
    )
    large: Annotated[dict[str, float], Field(description="from how many units of a currency on a payment is large")] = (
        LARGE
    )

    def is_large(self, amount: Money | None) -> bool:
        """Return whether a payment is large; one in a currency without a bound is not."""
        bound = self.large.get(amount.currency.upper()) if amount else None
        return bound is not None and amount is not None and amount.minor / 10 ** minor_digits(amount.currency) >= bound

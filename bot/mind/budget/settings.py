"""Hold the settings of the budget."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from bot.runtime.settings import Section

#: Dollars for a million tokens or characters. NaN and infinity are refused.
_Price = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class BudgetLimit(Section):
    """What may be spent within a day or a stream."""

    usd: float | None = Field(
        None, gt=0, le=1_000_000, allow_inf_nan=False, description="US dollars; unset: no limit in money"
    )
    tokens: int | None = Field(
        None, gt=0, le=10**15, description="tokens of models that do not run here, read and written; unset: no limit"
    )


class TokenPrice(Section):
    """What a model costs, in US dollars for a million tokens."""

    input: _Price = Field(description="a million tokens that the model reads")
    output: _Price = Field(description="a million tokens that it writes")


class BudgetSettings(Section):
    """What the host may spend on models and voices; see docs/budget.md. Without limits it is only counted."""

    day: BudgetLimit = Field(BudgetLimit(), description="within a day of the time zone")
    stream: BudgetLimit = Field(BudgetLimit(), description="within a stream, from going live to its end")
    soft: float = Field(
        0.8, gt=0, le=1, allow_inf_nan=False, description="the part of a limit from which the host is thrifty"
    )
    time_zone: str = Field(
        "", description="where the day begins, as Europe/Berlin; empty: the programme's, or this machine's"
    )
    prices: dict[_Name, TokenPrice] = Field(
        {}, max_length=200, description="prices of models, by the model's name or the link's; they go before the list"
    )
    voices: dict[_Name, _Price] = Field(
        {}, max_length=200, description="prices of a million characters, by the voice's model or its link's name"
    )

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name:
            try:
                ZoneInfo(name)
            except (KeyError, ValueError, OSError) as error:  # a folder is an OSError
                raise ValueError("there is no such time zone; write for example Europe/Berlin") from error
        return name

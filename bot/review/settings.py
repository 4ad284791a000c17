"""The settings of the judges, which are slower than the rules."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.runtime.settings import Section


class JudgeSettings(Section):
    """When the judges are asked, and when their answer counts. Without ``judges`` nobody is asked."""

    outbound: Literal["off", "uncertain", "all"] = Field("uncertain", description="clauses of the host to ask about")
    inbound: Literal["off", "uncertain"] = Field("uncertain", description="viewers' lines to ask about")
    uncertain_from: float = Field(0.3, ge=0, le=1, description="what passes the rules with this score is uncertain")
    unsafe_from: float = Field(0.5, gt=0, le=1, description="a judge that is so sure that a text is bad is believed")
    outbound_s: float = Field(1.5, gt=0, le=10, description="longest wait for a judge before a clause")
    inbound_s: float = Field(3.0, gt=0, le=30, description="longest wait for a judge before a line is offered")
    per_minute: int = Field(60, ge=1, le=6000, description="questions to all judges together, at most")

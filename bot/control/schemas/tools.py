"""What the panel gets and orders of the tools."""

from __future__ import annotations

from pydantic import Field

from bot.mind.tools.function import Origin, Outcome
from bot.stage.protocol import Model


class AnswerCallIn(Model):
    """``POST /api/tools/answer``: let a call that waits be carried out, or not."""

    call: int = Field(ge=1)
    yes: bool


class WaitingCall(Model):
    """A call that waits for a person: who caused it and why a person is asked."""

    call: int
    tool: str
    arguments: str
    origin: Origin
    who: str
    why: str
    left_s: float


class PastCall(Model):
    """What became of a call, and why."""

    tool: str
    arguments: str
    origin: Origin
    who: str
    outcome: Outcome
    detail: str
    age_s: float


class ToolsView(Model):
    """``GET /api/tools``: the tools that there are, the calls that wait, the last calls, the newest first."""

    tools: list[str]
    waiting: list[WaitingCall]
    last: list[PastCall]

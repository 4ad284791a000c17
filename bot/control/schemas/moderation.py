"""What the control room sees of moderation, and what it may decide.

One id runs through it all: a verdict, the held line it belongs to and its "why" have the same one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.stage.protocol import Model

Verdict = Literal["allow", "mask", "hold", "block"]
Direction = Literal["in", "out"]
#: What a person decided about a verdict: the exact text is allowed, or stopped, from now on.
Decision = Literal["allow", "block"]
ShieldMode = Literal["auto", "on", "off"]


class PermitIn(Model):
    """``POST /api/permit``: let a viewer post links for a while; without ``seconds``, as long as the policy says."""

    source: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    user: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    seconds: Annotated[int, Field(ge=1, le=3600)] | None = None


class ShieldIn(Model):
    """``POST /api/shield``: raise it, lower it, or let it see for itself."""

    mode: ShieldMode


class AuditReason(Model):
    """One finding. ``start`` and ``end`` count characters of the text; both 0 when it concerns all of it."""

    rule: str
    category: str
    action: Verdict
    start: int
    end: int


class AuditLine(Model):
    """One verdict. ``outcome`` is what came of it so far; ``decision`` what a person said since, if anything.

    ``text`` is empty when its platform took it back, or when it is older than raw chat is kept.
    """

    id: str
    at: str
    direction: Direction
    source: str
    author: str
    author_id: str
    text: str
    action: Verdict
    score: float
    categories: list[str]
    rules: list[str]
    outcome: str
    doubt: bool
    decision: Decision | None


class AuditWhy(Model):
    """A verdict in full: ``why`` says in plain English what each finding is and what the policy made of it.

    ``can`` names what a person may decide about it now.
    """

    line: AuditLine
    why: list[str]
    reasons: list[AuditReason]
    can: list[Literal["allow", "block", "undo", "approve", "deny"]]


class HeldLine(Model):
    """A line that waits for a person. ``paid``: its event goes on, only its words wait."""

    id: str
    source: str
    author: str
    author_id: str
    text: str
    paid: bool
    why: list[str]
    score: float
    age_s: float
    expires_in_s: float


class ProposedStep(Model):
    """What a viewer's offences have come to; a person takes the step, or dismisses it.

    ``problem`` says why it cannot be taken, or why it failed. ``audit`` is the last offence's verdict.
    """

    id: str
    source: str
    author: str
    author_id: str
    action: Literal["delete", "timeout", "ban"]
    seconds: int
    offences: int
    text: str
    audit: str
    problem: str
    age_s: float


class PermitLine(Model):
    """A viewer who may post links for a while."""

    source: str
    user: str
    expires_in_s: float


class ShieldState(Model):
    """The shield against hostile raids; ``reason`` is in words.

    When it is raised, one of ``one_in`` new viewers is heard; ``thinned`` lines were left out since then.
    """

    mode: ShieldMode
    raised: bool
    reason: str
    expires_in_s: float | None
    one_in: int
    thinned: int


class GuardBlock(Model):
    """A clause of the host's that was not said. The text stands in the audit alone."""

    age_s: float
    rules: list[str]


class GuardState(Model):
    """Whether the chat is answered no more because too many replies were blocked; ``shunned``: viewers who are not."""

    paused: bool
    reason: str
    shunned: int
    blocks: list[GuardBlock]


class ModerationState(Model):
    """Everything that the control room shows of moderation. In ``held`` the oldest stands first, else the newest."""

    held: list[HeldLine]
    audit: list[AuditLine]
    escalations: list[ProposedStep]
    permits: list[PermitLine]
    shield: ShieldState | None
    guard: GuardState | None
    cases: int


class CaseLine(Model):
    """A verdict that a person corrected: the exact text is allowed, or stopped, since then."""

    id: str
    text: str
    expect: Literal["allow", "hold"]
    direction: Direction
    source: str
    rules: list[str]
    at: str

"""Moderation in the words of the control room.

All text is made fit to be sent, as in `bot.control.views.platforms`.
"""

from __future__ import annotations

from typing import Any

from bot.control.schemas.moderation import (
    AuditLine,
    AuditReason,
    AuditWhy,
    CaseLine,
    Decision,
    GuardBlock,
    GuardState,
    HeldLine,
    PermitLine,
    ProposedStep,
    ShieldState,
)
from bot.inbox.inbox import Inbox
from bot.review.escalation import Proposal
from bot.review.hold_queue import HeldMessage
from bot.review.verdict_log import VerdictRecord
from bot.show.breaker import BlockBreaker
from bot.text.sanitize import fit
from moderation import Policy
from moderation.corrections.cases import Case
from moderation.rules.copypasta import Permit
from moderation.why import explain

#: Longest text, name, and sentence that is shown, in characters; and rules of one verdict.
MAX_TEXT, MAX_NAME, MAX_WORDS, MAX_RULES = 2_000, 100, 500, 20


def audit_line(entry: VerdictRecord, decision: Decision | None, *, excerpt: int = MAX_TEXT) -> AuditLine:
    """Return a verdict as one line."""
    v = entry.verdict
    return AuditLine.model_validate(
        {
            "id": entry.id,
            "at": entry.at.isoformat(timespec="milliseconds"),
            "direction": entry.direction.value,
            "source": entry.source,
            "author": fit(entry.author, MAX_NAME),
            "author_id": fit(entry.author_id, MAX_NAME),
            "text": fit(entry.text, excerpt),
            "action": v.action.value,
            "score": round(min(1.0, max(0.0, v.score)), 3),
            "categories": [fit(name, MAX_NAME) for name in v.categories[:MAX_RULES]],
            "rules": [fit(name, MAX_NAME) for name in v.rules[:MAX_RULES]],
            "outcome": fit(entry.outcome, MAX_WORDS),
            "doubt": v.doubt,
            "decision": decision,
        }
    )


def audit_why(entry: VerdictRecord, policy: Policy, decision: Decision | None, *, waits: bool) -> AuditWhy:
    """Return a verdict in full. ``waits``: its line is held, and a person may let it go on."""
    v, size = entry.verdict, len(entry.text)
    can = [*(["approve", "deny"] if waits else []), *(["undo"] if decision else [])]
    if entry.text and decision is None:
        can.append("block" if v.action.value == "allow" else "allow")
    reasons = [
        AuditReason.model_validate(
            {
                "rule": fit(r.rule, MAX_NAME),
                "category": fit(r.category, MAX_NAME),
                "action": r.action.value,
                "start": min(max(0, r.start), size),
                "end": min(max(0, r.end), size),
            }
        )
        for r in v.reasons[:MAX_RULES]
    ]
    why = [*explain(v, entry.text, policy, entry.direction), *entry.notes]
    shown: dict[str, Any] = {
        "line": audit_line(entry, decision),
        "why": [fit(sentence, MAX_WORDS) for sentence in why],
        "reasons": reasons,
        "can": can,
    }
    return AuditWhy.model_validate(shown)


def held_line(held: HeldMessage, policy: Policy, keep_s: float, now: float) -> HeldLine:
    """Return a line that waits for a person."""
    m = held.message
    return HeldLine(
        id=held.id,
        source=m.source,
        author=fit(m.author.name, MAX_NAME),
        author_id=fit(m.author.id, MAX_NAME),
        text=fit(m.text, MAX_TEXT),
        paid=m.paid,
        why=[fit(sentence, MAX_WORDS) for sentence in explain(held.verdict, m.text, policy)[1:]],
        score=round(held.verdict.score, 3),
        age_s=round(max(0.0, now - held.at), 1),
        expires_in_s=round(max(0.0, held.at + keep_s - now), 1),
    )


def proposed_step(proposal: Proposal, now: float) -> ProposedStep:
    """Return a step that a person may take."""
    m, step = proposal.message, proposal.step
    return ProposedStep.model_validate(
        {
            "id": proposal.id,
            "source": proposal.source,
            "author": fit(m.author.name, MAX_NAME),
            "author_id": fit(m.author.id, MAX_NAME),
            "action": step.action,
            "seconds": step.seconds,
            "offences": proposal.offences,
            "text": fit(m.text, MAX_WORDS),
            "audit": proposal.audit,
            "problem": fit(proposal.problem, MAX_WORDS),
            "age_s": round(max(0.0, now - proposal.at), 1),
        }
    )


def permit_line(permit: Permit, now: float) -> PermitLine:
    """Return a permit that holds."""
    left = round(max(0.0, permit.until - now), 1)
    return PermitLine(source=permit.source, user=fit(permit.user, MAX_NAME), expires_in_s=left)


def case_line(case: Case) -> CaseLine:
    """Return a correction."""
    return CaseLine.model_validate(
        {
            "id": case.id,
            "text": fit(case.text, MAX_TEXT),
            "expect": case.expect,
            "direction": case.direction.value,
            "source": fit(case.platform, MAX_NAME),
            "rules": [fit(rule, MAX_NAME) for rule in case.rules],
            "at": fit(case.at, MAX_NAME),
        }
    )


def shield_state(inbox: Inbox, now: float) -> ShieldState:
    """Return how the shield stands."""
    report = inbox.shield.report(now)
    return ShieldState(
        mode=inbox.limits.shield,
        raised=report.state == "raised",
        reason=fit(report.reason, MAX_WORDS),
        expires_in_s=None if report.left_s is None else round(max(0.0, report.left_s), 1),
        one_in=report.one_in,
        thinned=report.thinned,
    )


def guard_state(guard: BlockBreaker, now: float) -> GuardState:
    """Return whether the chat is answered no more, and what was not said lately, the newest first."""
    blocks = [
        GuardBlock(age_s=round(max(0.0, now - b.at), 1), rules=[fit(r, MAX_NAME) for r in b.verdict.rules[:MAX_RULES]])
        for b in reversed(guard.recent)
    ]
    shunned = len(guard.shunned())
    return GuardState(paused=guard.paused, reason=fit(guard.reason, MAX_WORDS), shunned=shunned, blocks=blocks)

"""The show as the control room sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.control.schemas.panel import Now, NowClause, NowMessage, QueueItem, TurnLine
from bot.inbox.inbox import Item
from bot.show.turn import FinishedTurn, LiveTurn
from bot.stage.clip import ClausePlayback
from bot.text.money import money
from bot.types import TurnOutcome

#: Longest excerpt of a text in the control room.
_EXCERPT = 300


def excerpt(text: str) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


def queue_item(item: Item) -> QueueItem:
    """Return a waiting message."""
    m = item.message
    return QueueItem(
        id=m.id,
        source=m.source,
        author=m.author.name,
        author_id=m.author.id,
        text=excerpt(m.text),
        kind=m.kind,
        group=item.group,
        amount=money(m.amount) if m.amount else "",
        viewers=item.viewers,
        age_s=round(item.age_s, 1),
        expires_in_s=None if item.expires_in_s is None else round(item.expires_in_s, 1),
        reason=item.reason,
        doubt=item.doubt,
    )


def now_on_air(
    air: LiveTurn, clips: Sequence[ClausePlayback], heard: str, now: float, pending: Mapping[int, float]
) -> Now:
    """Return the turn on air; ``pending`` are the clauses that are held back, with the seconds until each is due."""
    by_index = {r.clause.index: r for r in clips}
    playing = next((i for i, r in sorted(by_index.items()) if not r.finished), None)

    def state(index: int) -> str:
        if index in pending:
            return "pending"  # held back by the release delay: it can still be skipped
        clip = by_index.get(index)
        if clip is None:
            return "waiting"
        if clip.finished:
            return "cut" if clip.truncated else "heard"
        return "playing" if index == playing and clip.first_sent_at is not None else "waiting"

    return Now(
        turn=air.turn.id,
        epoch=air.turn.epoch,
        purpose=air.plan.kind.value,
        messages=[
            NowMessage(
                id=m.id,
                source=m.source,
                author=m.author.name,
                author_id=m.author.id,
                text=excerpt(m.text),
                kind=m.kind,
            )
            for m in air.plan.messages
        ],
        clauses=[
            NowClause.model_validate(
                {"index": c.index, "text": c.text, "state": state(c.index), "due_in_s": pending.get(c.index)}
            )
            for c in air.clauses
        ],
        heard=heard,
        age_s=round(now - air.began_at, 1),
    )


def finished_turn(past: FinishedTurn) -> TurnLine:
    """Return a turn that is over."""
    t = past.timeline
    first = past.plan.messages[0] if past.plan.messages else None
    return TurnLine(
        turn=past.turn.id,
        ended_at=past.ended_at.isoformat(timespec="seconds"),
        asked=excerpt(first.text or first.kind.value) if first else past.plan.kind.value,
        text=excerpt(past.text),
        interrupted=past.interrupted,
        outcome=f"{past.outcome}: {past.detail}" if past.outcome is TurnOutcome.PUT_BACK else past.outcome.value,
        first_token_ms=t.ms("first_token"),
        first_clause_ms=t.ms("first_clause"),
        first_audio_ms=t.ms("first_audio"),
        heard_ms=t.ms("heard"),
        total_ms=t.ms("ended"),
    )

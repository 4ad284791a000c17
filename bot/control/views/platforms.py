"""The platforms in the words of the control room and of the metrics.

All text is made fit to be sent: one half of a character in an error's words would silence the whole control room.
"""

from __future__ import annotations

from typing import get_args

from bot.control.schemas import panel
from bot.control.schemas.panel import Alarm, Connection, Hold, MissingItem, SignIn, Stream
from bot.control.streams import StreamStates
from bot.inbox.inbox import Inbox
from bot.sources.registry import SourceRegistry
from bot.sources.source import LinkState, SignInStep
from bot.telemetry.alarms import Alarms
from bot.telemetry.metrics import Metrics
from bot.text.sanitize import fit

#: Longest text, account and count's name that are shown, in characters.
MAX_TEXT, MAX_ACCOUNT, MAX_LABEL = 500, 100, 200
_ACTIONS: tuple[str, ...] = get_args(panel.Action)


def connections(registry: SourceRegistry, now: float) -> list[Connection]:
    """Return every connection."""
    return [_connection(registry, name, now) for name in registry.links]


def _connection(registry: SourceRegistry, name: str, now: float) -> Connection:
    link, source = registry.links[name], registry.sources.get(name)
    sign_in = registry.sign_ins.get(name)
    return Connection.model_validate(
        {
            "name": name,
            "state": link.state.value,
            "detail": fit(link.detail, MAX_TEXT),
            "remedy": fit(link.remedy, MAX_TEXT),
            "account": fit(link.account, MAX_ACCOUNT),
            "since_s": round(max(0.0, now - link.since), 1),
            "heard_s": _ago(link.heard_at, now),
            "event_s": _ago(link.event_at, now),
            "expires_in_s": link.expires_in_s,
            "reconnects": link.reconnects,
            "missing": [MissingItem(what=fit(m.what, MAX_TEXT), why=fit(m.why, MAX_TEXT)) for m in link.missing],
            "faults": {fit(what, MAX_LABEL): count for what, count in link.faults.items()},
            "actions": [a for a in _ACTIONS if source and a in source.actions],
            "can_sign_in": bool(source and source.can_sign_in),
            "renews": bool(source and source.renews),
            "sign_in": signing_in(name, sign_in, now) if sign_in else None,
        }
    )


def signing_in(source: str, step: SignInStep, now: float) -> SignIn:
    """Return a sign-in."""
    return SignIn.model_validate(
        {
            "source": source,
            "role": step.role,
            "state": step.state,
            "url": fit(step.url, 2 * MAX_TEXT),
            "code": fit(step.code, MAX_LABEL),
            "qr": list(step.qr),
            "detail": fit(step.detail, MAX_TEXT),
            "expires_in_s": round(max(0.0, step.until - now), 1),
        }
    )


def streams(states: StreamStates) -> list[Stream]:
    """Return what is known of the streams."""
    return [
        Stream(
            source=name,
            online=s.online,
            title=fit(s.title, MAX_TEXT),
            category=fit(s.category, MAX_LABEL),
            hype_level=s.hype_level,
        )
        for name, s in states.streams.items()
    ]


def holds(states: StreamStates, now: float) -> list[Hold]:
    """Return what the platforms' own filters hold, oldest first."""
    return [
        Hold(
            id=fit(h.id, MAX_LABEL),
            source=h.source,
            author=fit(h.author, MAX_ACCOUNT),
            text=fit(h.text, MAX_TEXT),
            category=fit(h.category, MAX_LABEL),
            level=h.level,
            age_s=round(max(0.0, now - h.at), 1),
        )
        for h in states.holds.values()
    ]


def alarms(standing: Alarms, now: float) -> list[Alarm]:
    """Return what needs a person."""
    return [
        Alarm.model_validate(
            {
                "id": fit(a.id, MAX_TEXT),
                "level": a.level.value,
                "text": fit(a.text, MAX_TEXT),
                "remedy": fit(a.remedy, MAX_TEXT),
                "age_s": round(max(0.0, now - a.at), 1),
            }
        )
        for a in standing.standing()
    ]


def measure(registry: SourceRegistry, metrics: Metrics, inbox: Inbox, now: float) -> None:
    """Put how the platforms stand into the metrics."""
    for name, link in registry.links.items():
        for state in LinkState:
            metrics.links.labels(name, state.value).set(link.state is state)
        if (heard := _ago(link.heard_at, now)) is not None:
            metrics.heard.labels(name).set(heard)
        if link.expires_in_s is not None:
            metrics.expires.labels(name).set(link.expires_in_s)
        metrics.reconnects.labels(name).set(link.reconnects)
        for what, count in link.faults.items():
            metrics.faults.labels(name, fit(what, MAX_LABEL)).set(count)
    metrics.overdue.set(len(inbox.overdue(now)))


def _ago(at: float, now: float) -> float | None:
    return round(max(0.0, now - at), 1) if at else None

"""A control room over a show of the harness."""

from __future__ import annotations

from collections.abc import Callable

from bot.control.chat_room import ChatRoom
from bot.control.control_room import ControlRoom, Controls
from bot.control.health import Parts
from bot.control.streams import StreamStates
from bot.show.night.accord import OwnAccord
from bot.show.schedule.state import Desk
from bot.stage.director.director import Director
from bot.telemetry.metrics import Metrics
from moderation.corrections.cases import Cases
from tests.support.harness import Stagehand


def control_room(
    hand: Stagehand,
    cases: Cases | None = None,
    director: Director | None = None,
    *,
    programme: Desk | None = None,
    night: OwnAccord | None = None,
    forget: Callable[[str, str], None] = lambda _source, _viewer: None,
) -> ControlRoom:
    """Return the control room of a show, told of everything that happens in it."""
    streams, metrics = StreamStates(hand.alarms), Metrics()
    controls = Controls(
        show=hand.show, intake=hand.intake, sources=hand.registry, streams=streams, alarms=hand.alarms,
        parts=Parts(metrics),
        ledger=hand.ledger, observer=hand.observers, cases=Cases() if cases is None else cases,
        director=director, programme=programme, night=night, forget=forget,
    )  # fmt: skip
    room = ControlRoom(controls, ChatRoom("hello", "AI"), hand.persona, metrics)
    hand.observers.add(room, room.moderation, streams)
    return room

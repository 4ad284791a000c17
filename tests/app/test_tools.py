"""When the model may call tools at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bot import config
from bot.inbox.entries import Choice
from bot.mind.tools.settings import CallStyle
from bot.show.turn import TurnPlan
from bot.types import Author, Message, TurnKind
from tests.app.test_reload import changed, running
from tests.support.virtual import virtual


@virtual
async def test_a_model_that_does_one_thing_at_a_time_is_not_asked_beside_a_reply() -> None:
    settings = config.load([], {})
    app = running(settings)
    tools: Any = app.tools
    tools._llm = SimpleNamespace(native_calls=False, aside=lambda: None)
    line = Message("m", "local", Author("ann", "Ann"), "Mira, do you remember my cat?")
    plan = TurnPlan(TurnKind.ANSWER, Choice((line,), "ordinary", "waited"))
    tools._deeds = SimpleNamespace()
    tools.box.offered = lambda *_a, **_k: True
    app.local_model = SimpleNamespace(speed=None)
    assert tools._for_turn(plan, "en") is not None, "a server answers two questions at once"
    app.local_model.speed = object()
    assert tools._for_turn(plan, "en") is None
    tools.update(changed(settings, "tools.calls", CallStyle.SCHEMA).tools)
    assert tools._for_turn(plan, "en") is not None, "who says so wants it"

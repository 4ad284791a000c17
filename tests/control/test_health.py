"""What is told of the parts that are down."""

from __future__ import annotations

from bot.control.health import Parts
from bot.errors import TransientError
from bot.telemetry.metrics import Metrics


def test_what_is_down_is_named_with_its_reason() -> None:
    parts, trouble = Parts(Metrics()), ""
    parts.troubles["database"] = lambda: trouble
    parts.report("show", "up", None)
    assert parts.down() == {}
    assert [(part.name, part.state) for part in parts.all()] == [("show", "up"), ("database", "up")]
    trouble = "the database failed: database is locked"
    parts.report("show", "down", TransientError("no stage"))
    assert parts.down() == {"show": "no stage", "database": trouble}
    parts.report("show", "up", None)
    assert parts.down() == {"database": trouble}

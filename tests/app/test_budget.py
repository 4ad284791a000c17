"""The whole host while its budget runs out, on a clock that jumps."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bench.budget import evening
from bench.support.virtual_host import run_virtually

#: Half an hour before midnight.
LATE = dt.datetime(2026, 11, 28, 23, 30, tzinfo=dt.UTC)


def test_an_evening_on_which_the_budget_runs_out(tmp_path: Path) -> None:
    found = run_virtually(lambda: evening(0.1, tmp_path, 0.6, start=LATE, killed_s=420))
    phases = found["phases"]
    assert list(phases) == ["normal", "soft", "hard", "next day"]

    # The books of the providers and of the host agree, though answers were cut and the host was killed.
    assert found["cut"] > 0
    assert abs(found["off_percent"]) < 2
    for sums in found["books"].values():
        assert all(abs(one["off_percent"]) < 2 for one in sums.values())

    # Within the budget the dear model and voice; then the cheap ones, shorter; then prepared lines.
    normal, soft, hard, after = phases.values()
    assert normal["by the dear model"] == normal["answers"] > 0
    assert soft["by the dear model"] <= 1  # the one that was under way
    assert soft["by a model"] == soft["answers"] > 0
    assert soft["answer_chars"] < 0.8 * normal["answer_chars"]
    assert hard["prepared"] >= hard["answers"] - 1
    assert hard["by the free voice"] > 0
    assert hard["silent"] == 0
    assert after["by the dear model"] > 0

    # What was paid for is answered and thanked for as ever.
    assert soft["thanks for money"] + hard["thanks for money"] > 0
    for phase in phases.values():
        assert phase.get("thanks by the dear voice", 0) == phase.get("thanks for money", 0)
        assert phase.get("of these by the dear model", 0) >= phase.get("answers to super chats", 0) - 1

    # The limit holds, but for what was under way and what was paid for.
    assert soft["day_usd"] < 0.11
    assert any("budget runs low" in text for text in found["alarms"])
    assert any("budget is spent" in text for text in found["alarms"])

"""What a person reads when something is wrong is what was meant."""

from __future__ import annotations

import pytest

from bot.cli import faults
from bot.cli.output import out
from bot.errors import ConfigError
from bot.telemetry.redaction import Redactor


def test_the_number_of_a_line_is_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    faults.explain(ConfigError("day.yaml:100: kind: wrong", remedy="look at day.yaml:100: it is wrong"), Redactor([]))
    printed = capsys.readouterr().err
    assert "day.yaml:100: kind" in printed
    assert "day.yaml:100: it" in printed


def test_what_is_printed_keeps_its_signs(capsys: pytest.CaptureFixture[str]) -> None:
    out.print("11:100:12 and :fire: stay as they are")
    assert ":100:12 and :fire:" in capsys.readouterr().out

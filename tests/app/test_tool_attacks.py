"""Nothing that attacks the tools is obeyed, and each attack has its reason."""

from __future__ import annotations

import pytest

from tests.app.tool_attacks import ATTACKS, Attack, attempted
from tests.support.virtual import socketless


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
@socketless
async def test_nothing_is_obeyed_and_the_reason_is_told(attack: Attack) -> None:
    attempt = await attempted(attack)
    assert not attempt.obeyed, attempt.why
    assert attack.why in attempt.why


def test_the_names_are_apart() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 30

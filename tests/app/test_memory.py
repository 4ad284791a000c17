"""What is opened and closed again for weeks (a policy that is saved, a provider that is exchanged) keeps no memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: MB from round to round by which the allocator may come and go.
FLAT_MB = 20.0


def measure(part: str, rounds: int) -> list[float]:
    """Return the memory of a fresh process in MB after each round; see `tests.support.rounds`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.rounds", part, str(rounds)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    print(part, done.stdout.replace("\n", " "))
    return [float(line) for line in done.stdout.split()]


@pytest.mark.slow
@pytest.mark.parametrize("part", ["moderation", "llm", "tts"])
def test_fifty_rounds_keep_nothing(part: str) -> None:
    used = measure(part, 50)
    assert max(used[40:]) - max(used[5:15]) < FLAT_MB, used


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize(("part", "rounds"), [("hibari", 15), ("kokoro", 8), ("llamacpp", 15)])
def test_models_are_given_back(part: str, rounds: int) -> None:
    """A model that is not given back costs 120 MB (hibari) to 400 MB (Kokoro) a round."""
    used = measure(part, rounds)
    assert max(used[-3:]) - max(used[:3]) < 3 * FLAT_MB, used

"""The pages' TypeScript types are the server's models, to the letter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OVERLAY = Path(__file__).parents[2] / "overlay"


@pytest.fixture(scope="module")
def generated() -> str:
    """Make the types anew, as ``npm run protocol`` does."""
    node = shutil.which("node")
    assert node, "node is needed to build the pages and to check their types"
    assert (OVERLAY / "node_modules").is_dir(), "run `npm ci` in overlay/ first"
    done = subprocess.run(
        [node, "common/generate.mjs", "--print"],
        cwd=OVERLAY,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_file_is_what_the_models_say(generated: str) -> None:
    assert (OVERLAY / "common" / "protocol.ts").read_text("utf-8") == generated, "run `npm run protocol` in overlay/"


def test_every_message_of_both_directions_is_there(generated: str) -> None:
    unions = [
        line for line in generated.splitlines() if line.startswith(("export type ServerMessage", "export type P"))
    ]
    assert unions == [
        "export type ServerMessage = Hello | RoleChange | Speak | End | Stop | Progress | State | Settings | Problem;",
        "export type PageMessage = PlaybackReport | Stopped | AudioState;",
    ]
    assert "?:" not in generated, "both sides always write every field"

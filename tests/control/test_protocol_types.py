"""The pages' TypeScript types are the server's models, to the letter."""

from __future__ import annotations

import os
import re
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
    found = dict(re.findall(r"^export type (ServerMessage|PageMessage) =\s+([^;]+);", generated, re.MULTILINE))
    assert {name: re.findall(r"\w+", words) for name, words in found.items()} == {
        "ServerMessage": [
            "Hello", "RoleChange", "Speak", "Marks", "End", "Stop", "Duck", "Resume", "Progress", "State", "Settings",
            "Problem", "EarsMark", "EyesMark", "Heard", "MoodMark", "Reaction", "Dress", "ChatLine", "ChatGone",
            "Answering", "Alert", "Goals", "VoteState", "SegmentState", "Screen", "NowPlaying", "Stinger",
            "Translation", "LayoutShown",
        ],
        "PageMessage": ["PlaybackReport", "Stopped", "AudioState", "LabelSeen", "ModelState"],
    }  # fmt: skip

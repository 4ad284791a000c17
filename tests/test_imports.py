"""What an import of the host or of moderation does to its process: shown in a fresh interpreter each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
THREADS = "OPENBLAS_NUM_THREADS"

#: Runs its first argument and prints what the variable was when numpy was first imported.
WATCH = f"""
import importlib.abc, os, sys
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "numpy":
            print(os.environ.get("{THREADS}"))
sys.meta_path.insert(0, Watch())
exec(sys.argv[1])
"""


def run(*words: str, **variables: str) -> str:
    env = {name: value for name, value in os.environ.items() if name != THREADS} | variables
    done = subprocess.run(
        [sys.executable, "-c", *words], cwd=ROOT, env=env, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "imports",
    [
        "import bot.__main__; from bot.cli.run import go_on_air; from bot.app.build import open_app",
        "import bot.inbox.similarity",
        "import bot.voice.audio.pcm",
    ],
)
def test_numpy_has_one_thread_in_the_host(imports: str) -> None:
    assert run(WATCH, imports) == "1"


def test_a_number_of_threads_that_was_chosen_is_kept() -> None:
    assert run(WATCH, "import bot.inbox.similarity", **{THREADS: "2"}) == "2"


def test_moderation_alone_changes_nothing_for_its_process() -> None:
    code = "import os; before = dict(os.environ); import moderation; print(dict(os.environ) == before)"
    assert run(code) == "True"

"""What the machine offers: open files, and the memory of a container."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.runtime import machine

ASK = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from bot.runtime.machine import allow_open_files
print(allow_open_files(4096), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize(
    ("soft", "hard", "got"), [(256, 1024, 1024), (256, 256, 256), (256, 8192, 4096), (5000, 8192, 5000)]
)
def test_more_files_may_be_open_where_the_system_allows_it(soft: int, hard: int, got: int) -> None:
    ask = [sys.executable, "-c", ASK.format(soft=soft, hard=hard)]
    said = subprocess.run(ask, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]).stdout
    assert said.split() == [str(got), str(got)]


@pytest.mark.parametrize(("text", "counts"), [("2147483648\n", True), ("max\n", False), ("", False), ("\xff", False)])
def test_the_limit_of_a_container_is_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, counts: bool
) -> None:
    monkeypatch.setattr(machine, "_LIMITS", ())
    whole = machine.memory_bytes()
    limit = tmp_path / "memory.max"
    limit.write_text(text, "latin-1")
    monkeypatch.setattr(machine, "_LIMITS", (str(limit), str(tmp_path / "missing")))
    assert machine.memory_bytes() == (min(whole, 2 << 30) if counts else whole)

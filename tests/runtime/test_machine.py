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


KEPT = """
from pathlib import Path
from bot.runtime.machine import give_back_memory
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
pieces = [bytes(4000) for _ in range(20_000)]
last = pieces[-1]
pieces.clear()
before = resident()
print(give_back_memory(), before - resident())
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells its memory there")
def test_what_was_freed_below_something_that_is_still_in_use_is_given_back_to_the_system() -> None:
    said = subprocess.run(
        [sys.executable, "-c", KEPT], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    ).stdout.split()
    if said[0] == "False":
        pytest.skip("this C library keeps nothing back, or cannot be asked")
    assert float(said[1]) > 60

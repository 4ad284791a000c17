"""How many threads a model on the CPU may use."""

from __future__ import annotations

import os
from pathlib import Path


def physical_cores() -> int:
    """Count the cores this process may run on, hyper-threads once (where Linux tells which belong together)."""
    try:
        allowed = os.sched_getaffinity(0)
    except AttributeError:  # Windows and macOS
        return max(1, (os.cpu_count() or 2) // 2)
    topology = Path("/sys/devices/system/cpu")
    cores = set()
    for cpu in allowed:
        try:
            cores.add((topology / f"cpu{cpu}/topology/core_cpus_list").read_text("ascii"))
        except OSError:
            return max(1, len(allowed))
    return max(1, len(cores))


def model_threads() -> int:
    """Give the threads for a language model: all cores but one, which is left to the voices and to OBS.

    The threads of llama.cpp wait for each other many times in each token, so one that must share its core slows
    all down: on two cores with other work on them, two threads gave 1 to 4 tokens a second, and one gave 10 to 30.
    """
    return max(1, physical_cores() - 1)

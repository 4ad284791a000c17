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

"""What the machine offers: cores, threads for models, memory; and the garbage collector's pace."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Speed(NamedTuple):
    """How fast a language model runs on this machine, in tokens a second: reading its prompt, writing its answer."""

    read: float
    write: float


def physical_cores() -> int:
    """Return the number of cores that this process may run on.

    Hyper-threads count once where Linux tells which of them belong together.
    """
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
    """Return the threads for a language model: all cores but one, which is left to the voices and to OBS.

    The threads of llama.cpp wait for each other many times in each token, so one that must share its core slows
    all down: on two cores with other work on them, two threads gave 1 to 4 tokens a second, and one gave 10 to 30.
    """
    return max(1, physical_cores() - 1)


#: How many new objects start a collection of the young ones, and how often older ones are collected too. With
#: Python's own 700 the collector takes a tenth of the time that a busy chat costs. The price is a few megabytes.
GC_THRESHOLDS = (20_000, 20, 50)


def tune_gc(*, collect: bool = True) -> None:
    """Spare the garbage collector work once everything is loaded: what exists now stays, so it is not walked again.

    One full walk takes up to 100 ms, in which nothing else happens. Without ``collect`` there is none now either, and
    what was already of no use stays too: for a program that starts often.
    """
    if collect:
        gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def give_back_memory() -> bool:
    """Return to the system what was freed; False where the C library keeps nothing back, or cannot be asked.

    glibc keeps what lies below something that is still in use, for each thread's arena: 27 MB of 234 after a start. It
    takes some milliseconds and holds no lock of Python's, so it belongs into a thread.
    """
    try:
        import ctypes  # noqa: PLC0415 - wanted once in ten minutes

        trim = ctypes.CDLL("libc.so.6").malloc_trim
    except (ImportError, OSError, AttributeError):  # musl, macOS, Windows
        return False
    trim(0)
    return True


def allow_open_files(wanted: int) -> int:
    """Return how many files may be open at once, after asking for up to ``wanted``: macOS starts with 256."""
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    most = wanted if hard == infinite else min(wanted, hard)
    if soft == infinite or soft >= most:
        return wanted if soft == infinite else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):
        return soft
    return most


def memory_bytes() -> int:
    """Return the memory that we may use, or 8 GiB where it cannot be asked: the machine's, or the container's limit."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _windows_memory() or 8 << 30
    return min([whole, *_container_limits()])


#: Where Linux tells the limit of the own container, in its newer and in its older way.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def _container_limits() -> Iterator[int]:
    for file in _LIMITS:
        try:
            text = Path(file).read_text("ascii").strip()
        except (OSError, ValueError):
            continue
        if text.isdecimal() and int(text) > 0:
            yield int(text)


def _windows_memory() -> int:
    try:
        import ctypes  # noqa: PLC0415 - Windows alone needs it

        class Status(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong), *(
                (name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")
            )]  # fmt: skip

        status = Status()
        status.length = ctypes.sizeof(status)
        kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - absent elsewhere
        return int(status.total) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else 0
    except (ImportError, AttributeError, OSError):
        return 0

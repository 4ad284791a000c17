"""Sign-ins on disk: one JSON file for each platform, readable by its owner alone, never half written."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from loguru import logger

#: No sign-in is larger.
MAX_FILE = 1 << 20


def write(path: Path, data: Any) -> None:
    """Write a file in one step: whoever reads it sees the old one or the new one, and nobody else sees it.

    Raises `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def read(path: Path) -> dict[str, Any]:
    """Read a file; an empty dict when it is not there or holds no object (which is logged)."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE)
        data = json.loads(raw)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        logger.error("{} cannot be read ({}): sign in again", path, type(error).__name__)
        return {}
    return data if isinstance(data, dict) else {}

"""The token that VTube Studio gave us: a file in the data folder, for its owner alone. Both functions block."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bot.runtime.private import make_folder

#: A token has at most 64 characters; the file is no longer than this, in bytes.
MAX_FILE = 4096


def read_token(path: Path) -> str:
    """Return the token; empty when there is none, or the file is broken."""
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(MAX_FILE))
    except (OSError, ValueError, RecursionError):
        return ""
    token = data.get("token") if isinstance(data, dict) else None
    return token if isinstance(token, str) and len(token) <= 200 else ""


def write_token(path: Path, token: str) -> None:
    """Keep a token, or forget it when it is empty, in one step. Raises `OSError`."""
    if not token:
        path.unlink(missing_ok=True)
        return
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"token": token}, file)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

"""Files that belong to their owner alone."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def close_to_others(path: Path) -> None:
    """Take all rights to a file or folder from everybody but its owner; what belongs to somebody else stays as it is.

    On Windows a user's own folders are closed to others by themselves.
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or found.st_uid != os.getuid():
            return
        if found.st_mode & 0o077:
            path.chmod(stat.S_IMODE(found.st_mode) & 0o700)

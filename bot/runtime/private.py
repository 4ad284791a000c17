"""Folders and files for their owner alone, whatever rights they had before."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

_OWNER = 0o700


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing: the folder itself for its owner alone. Raise `OSError`.

    One that is there stays as it is.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=_OWNER, exist_ok=True)


def keep_private(folder: Path) -> None:
    """Make the data folder, or take the rights of all others from it and from the files in it. Raise `OSError`.

    What belongs to somebody else stays theirs. Links are not followed: what they lead to may be meant for others.
    """
    make_folder(folder)
    _take_rights(folder)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                _take_rights(Path(entry.path))


def _take_rights(path: Path) -> None:
    """Take all rights from everybody but the owner. On Windows a user's own folders are closed to others anyway."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        found = path.lstat()
        mine = found.st_uid == os.getuid() and not stat.S_ISLNK(found.st_mode)
        if mine and found.st_mode & 0o077:
            path.chmod(stat.S_IMODE(found.st_mode) & _OWNER)

"""Folders and files for their owner alone."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from bot.runtime.private import keep_private, make_folder
from bot.sources import credentials
from moderation.corrections.allowances import Allowances, Expect
from moderation.corrections.cases import Cases, case_of
from moderation.verdict import Direction

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_data_folder_and_its_files_are_the_owners_whatever_they_were(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        folder = tmp_path / "above" / "data"
        keep_private(folder)
        assert mode(folder) == 0o700
        folder.chmod(0o755)
        for name, rights in (("token", 0o644), ("twitch.json", 0o666), ("run.sh", 0o755), ("payments.spool", 0o600)):
            (folder / name).write_text("x")
            (folder / name).chmod(rights)
        outside = tmp_path / "outside"
        outside.write_text("x")
        outside.chmod(0o644)
        (folder / "link").symlink_to(outside)
        (folder / "gone").symlink_to(tmp_path / "nowhere")
        (folder / "models").mkdir(mode=0o755)
        keep_private(folder)
    finally:
        os.umask(before)
    assert mode(folder) == 0o700
    assert {n: mode(folder / n) for n in ("token", "twitch.json", "run.sh", "payments.spool")} == {
        "token": 0o600, "twitch.json": 0o600, "run.sh": 0o700, "payments.spool": 0o600,
    }  # fmt: skip
    assert mode(outside) == 0o644, "what a link leads to may be meant for others"


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_folder(tmp_path)
    assert mode(tmp_path) == 0o755
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        keep_private(tmp_path / "file" / "data")


def test_corrections_and_sign_ins_are_the_owners_whatever_they_were(tmp_path: Path) -> None:
    file = tmp_path / "new" / "cases.ndjson"
    before = os.umask(0)
    try:
        cases = Cases(file, Allowances())
        cases.add(case_of("a line", Expect.ALLOW, Direction.IN, "twitch", ()))
        assert mode(file) == 0o600
        file.chmod(0o666)
        cases.add(case_of("another line", Expect.ALLOW, Direction.IN, "twitch", ()))
        assert mode(file) == 0o600
        file.chmod(0o666)
        cases.remove(next(iter(cases)).id)
        assert mode(file) == 0o600
        credentials.write(tmp_path / "made" / "twitch.json", {})
        assert mode(tmp_path / "made") == 0o700
        assert mode(tmp_path / "made" / "twitch.json") == 0o600
    finally:
        os.umask(before)

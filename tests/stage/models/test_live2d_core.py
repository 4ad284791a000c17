"""Live2D's Core: found in what a streamer downloaded, checked by its signs, kept in one step. Ours here is a fake."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.stage.models.live2d_core import FILE, MOST, CoreStore, check_core, find_core
from tests.support.live2d import CORE


def test_it_is_found_in_a_folder_an_archive_and_by_itself(tmp_path: Path) -> None:
    sdk = tmp_path / "CubismSdkForWeb" / "Core"
    sdk.mkdir(parents=True)
    (sdk / FILE).write_bytes(CORE)
    archive = tmp_path / "sdk.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("Sdk/Samples/readme.md", "x")
        made.writestr(f"Sdk/Core/{FILE}", CORE)
    for source in (tmp_path / "CubismSdkForWeb", archive, sdk / FILE):
        found = find_core(source)
        assert (found.data, found.version) == (CORE, "4.2.2")


def test_the_list_of_changes_tells_the_version_that_the_script_does_not(tmp_path: Path) -> None:
    silent = CORE.replace(b"return 67239938", b"return a(b)")
    (tmp_path / FILE).write_bytes(silent)
    assert not find_core(tmp_path).version
    (tmp_path / "CHANGELOG.md").write_text(
        "* Upgrade Core version to 06.00.0001.\n* Upgrade Core version to 05.01.0000."
    )
    assert find_core(tmp_path).version == "6.0.1"
    with zipfile.ZipFile(tmp_path / "sdk.zip", "w") as made:
        made.writestr(f"Core/{FILE}", silent)
        made.writestr("Core/CHANGELOG.md", "Core version to 05.01.0000")
    assert find_core(tmp_path / "sdk.zip").version == "5.1.0"


@pytest.mark.parametrize(
    "data", [b"", b"<html>sign in first</html>" * 2_000, CORE[:1_000], CORE + b"\0", CORE * (MOST // len(CORE) + 1)]
)
def test_what_is_not_the_core_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ConfigError, match="not the Cubism Core"):
        check_core(data, "there")
    with zipfile.ZipFile(tmp_path / "sdk.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"Core/{FILE}", data)
    with pytest.raises(ConfigError):
        find_core(tmp_path / "sdk.zip")


def test_archives_that_are_broken_or_hold_nothing_of_it(tmp_path: Path) -> None:
    archive = tmp_path / "sdk.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(f"Core/{FILE}", CORE)
    whole = archive.read_bytes()
    archive.write_bytes(whole[:200] + bytes(100) + whole[300:])
    with pytest.raises(ConfigError):
        find_core(archive)
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.txt", "x")
    with pytest.raises(ConfigError, match="holds no"):
        find_core(archive)
    with pytest.raises(ConfigError, match="nothing at"):
        find_core(tmp_path / "away.zip")
    with pytest.raises(ConfigError, match="holds no"):
        find_core(tmp_path)


def test_links_in_an_sdk_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.js").write_bytes(CORE)
    sdk = tmp_path / "sdk"
    sdk.mkdir()
    (sdk / FILE).symlink_to(tmp_path / "elsewhere.js")
    with pytest.raises(ConfigError, match="holds no"):
        find_core(sdk)


def test_it_is_kept_and_taken_away_again(tmp_path: Path) -> None:
    store = CoreStore(tmp_path / "data")
    assert store.path is None
    assert store.installed() is None
    kept = store.install(check_core(CORE, "there"))
    assert kept.read_bytes() == CORE
    assert (kept.parent / ".gitignore").read_text() == "*\n"
    found = store.installed()
    assert found is not None
    assert found.version == "4.2.2"
    kept.write_bytes(b"something else")
    assert store.installed() is None
    assert store.remove()
    assert not store.remove()
    kept.symlink_to(tmp_path / "secret")
    assert store.path is None  # pages are sent no link's target

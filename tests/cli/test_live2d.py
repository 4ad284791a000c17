"""haishin live2d: terms before anything is taken, a model's faults before it is copied."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.errors import ConfigError
from bot.stage.models.live2d_core import FILE
from tests.support.live2d import CORE, make_model, png


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path / "data"


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    (tmp_path / "sdk").mkdir()
    (tmp_path / "sdk" / FILE).write_bytes(CORE)
    return tmp_path / "sdk"


def run(*words: str, answer: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["live2d", *words], input=answer)
    if isinstance(result.exception, ConfigError):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


def test_the_terms_are_shown_and_nothing_is_taken_without_a_yes(data: Path, sdk: Path) -> None:
    code, said = run("install", str(sdk), answer="n\n")
    assert code == 1
    assert "live2d-proprietary-software-license-agreement" in said
    assert "release-license" in said
    assert "Cubism Core 4.2.2" in said
    assert not (data / "live2d").exists()
    code, said = run("install", str(sdk), "--dry-run")
    assert code == 0
    assert "Nothing was changed" in said
    assert not data.exists()
    assert run("install", str(sdk), answer="y\n")[0] == 0
    assert (data / "live2d" / FILE).read_bytes() == CORE
    assert "Cubism Core 4.2.2" in run("list")[1]
    assert run("remove", "core", "--yes")[1].endswith("deleted")
    assert "not installed" in run("install")[1]


def test_an_address_must_be_an_https_one(data: Path) -> None:
    with pytest.raises(ConfigError, match="no https address"):
        run("install", "http://example.org/sdk.zip", "--yes")
    assert not data.exists()


def test_a_model_is_added_with_its_mapping_listed_and_removed(data: Path, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "mei")
    code, said = run("add", str(folder), "--dry-run", "--author", "Aki")
    assert code == 0
    assert "Cubism 4.0" in said
    assert "joy = 笑顔" in said
    assert "licence is not known" in said
    assert not data.exists()
    assert run("add", str(folder), "--author", "Aki", "--licence", "streaming")[0] == 0
    card = yaml.safe_load((data / "models" / "mei" / "model.yaml").read_text("utf-8"))
    assert card["credit"] == "Mei by Aki · Live2D"
    assert card["mapping"]["emotions"] == {"joy": "笑顔", "angry": "Angry"}
    with pytest.raises(ConfigError, match="already"):
        run("add", str(folder))
    assert run("add", str(folder), "--replace", "--credit", "none")[0] == 0
    assert yaml.safe_load((data / "models" / "mei" / "model.yaml").read_text("utf-8"))["credit"] == ""
    assert "mei Mei" in run("list")[1]
    assert run("remove", "mei", answer="n\n")[0] == 1
    assert run("remove", "mei", "--yes")[0] == 0
    assert "no Live2D model yet" in run("list")[1]


def test_a_model_that_cannot_be_shown_is_not_added(data: Path, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "mei")
    (folder / "Mei.2048/texture_00.png").write_bytes(png(9_000, 10))
    with pytest.raises(ConfigError, match="at most 8192"):
        run("add", str(folder))
    assert not data.exists()

"""haishin vrm: nothing is copied before its terms were shown and agreed to."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import typer

from bot import config
from bot.app.casting import models
from bot.cli.models import work
from bot.cli.output import out
from bot.errors import ConfigError
from tests.support.vrm import make_vrm

OWN = {"avatarPermission": "onlyAuthor", "commercialUsage": "personalNonProfit", "creditNotation": "required"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a model's file; the data folder and the personas are the test's own."""
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path / "data"))
    shutil.copytree(config.home() / "personas" / "mira", tmp_path / "home" / "personas" / "mira")
    monkeypatch.setattr(config, "home", lambda: tmp_path / "home")
    found = tmp_path / "Mei.vrm"
    found.write_bytes(make_vrm(1, meta=OWN))
    return found


def add(file: Path, **more: object) -> str:
    options: dict[str, object] = {
        "name": "", "persona": "", "yes": True, "replace": False, "dry_run": False, **more,
    }  # fmt: skip
    with out.capture() as printed:
        work.add_vrm(file, **options)  # type: ignore[arg-type]
    return printed.get()


def test_the_terms_are_shown_before_anything_is_copied(file: Path) -> None:
    printed = add(file, dry_run=True)
    for words in (
        "Haishin's tests",
        "VRM Public License 1.0",
        "only its author",
        "only without profit",
        "must be shown",
    ):
        assert words in printed
    assert "earns money" in printed
    assert not models().names()


def test_without_agreement_nothing_is_copied(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="nobody"):
        add(file, yes=False)  # the tests have no terminal
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", lambda _question: False)
    with pytest.raises(typer.Exit):
        add(file, yes=False)
    assert not models().names()
    monkeypatch.setattr(typer, "confirm", lambda _question: True)
    add(file, yes=False)
    assert models().names() == ["made-by-code"]
    assert models().card("made-by-code").credit == "Made by code © Haishin's tests"


def test_a_persona_wears_it_and_the_rest_of_its_file_stays(file: Path) -> None:
    card = config.home() / "personas" / "mira" / "persona.yaml"
    before = card.read_text("utf-8")
    add(file, name="mei", persona="mira")
    after = card.read_text("utf-8")
    assert after.startswith(before.rstrip())
    assert after.endswith("model: mei\n")
    add(file, name="yui", persona="mira")
    assert card.read_text("utf-8") == after.replace("model: mei", "model: yui")
    with out.capture() as printed:
        work.list_models()
    rows = {line.split()[0]: line for line in printed.get().splitlines() if line.split()}
    assert rows["yui"].rstrip().endswith("mira")
    assert not rows["mei"].rstrip().endswith("mira")


@pytest.mark.parametrize(("more", "words"), [({"name": "../x"}, "no model's name"), ({"persona": "nobody"}, "nobody")])
def test_what_cannot_be_is_told_first(file: Path, more: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        add(file, **more)
    assert not models().names()


def test_a_name_is_not_taken_twice_and_a_model_can_go(file: Path) -> None:
    add(file, name="mei")
    with pytest.raises(ConfigError, match="already"):
        add(file, name="mei")
    add(file, name="mei", replace=True)
    with pytest.raises(ConfigError, match="nobody"):
        work.remove_model("mei", yes=False)
    with out.capture():
        work.remove_model("mei", yes=True)
    assert not models().names()
    with pytest.raises(ConfigError, match="no model"):
        work.remove_model("mei", yes=True)


def test_a_broken_file_is_refused_with_what_to_do(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ConfigError, match="cut off") as refused:
        add(file)
    assert refused.value.remedy

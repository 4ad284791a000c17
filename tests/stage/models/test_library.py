"""The library of models: names, links, sizes, and what pages may be sent."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.stage.models import library as lib
from bot.stage.models.library import Card, ModelKind, ModelLibrary


def card(**more: object) -> Card:
    return Card.model_validate({"kind": ModelKind.VRM, "file": "model.vrm", "title": "Mei", **more})


@pytest.fixture
def models(tmp_path: Path) -> ModelLibrary:
    return ModelLibrary(tmp_path / "data")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "a.vrm"
    file.write_bytes(b"glTF")
    return file


def test_what_is_added_is_there_for_the_page(models: ModelLibrary, source: Path) -> None:
    models.add("mei", card(credit="Mei © Aki", mapping={"emotions": {"joy": "happy"}}), {"model.vrm": source})
    source.unlink()  # it was copied
    assert models.names() == ["mei"]
    shown = models.stage_model("mei")
    assert shown.kind == "vrm"
    assert shown.credit == "Mei © Aki"
    assert shown.mapping == {"emotions": {"joy": "happy"}}
    assert shown.url.startswith("/stage/models/mei/model.vrm?v=")
    found = models.file("mei", "model.vrm")
    assert found is not None
    assert found[0].read_bytes() == b"glTF"
    assert models.file("mei", "model.yaml") is None


def test_a_card_is_exchanged_whole(models: ModelLibrary, source: Path) -> None:
    models.add("mei", card(), {"model.vrm": source})
    models.write_card("mei", card(author='Aki: "小秋"', mapping={"emotions": {"sad": "no"}}))
    assert models.card("mei").author == 'Aki: "小秋"'
    assert models.card("mei").mapping == {"emotions": {"sad": "no"}}  # words stay words


def test_a_name_is_taken_once(models: ModelLibrary, source: Path) -> None:
    models.add("mei", card(), {"model.vrm": source})
    with pytest.raises(ConfigError, match="already"):
        models.add("mei", card(), {"model.vrm": source})
    models.add("mei", card(title="New"), {"model.vrm": source}, replace=True)
    assert models.card("mei").title == "New"
    models.remove("mei")
    assert models.names() == []
    with pytest.raises(ConfigError, match="no model"):
        models.remove("mei")


@pytest.mark.parametrize("name", ["", "..", "../x", "A", "a/b", "a.b", "-a", "a" * 41, "ａ", "a\n"])
def test_a_name_leads_nowhere_else(models: ModelLibrary, source: Path, name: str) -> None:
    for call in (models.card, models.remove, models.stage_model):
        with pytest.raises(ConfigError):
            call(name)
    with pytest.raises(ConfigError):
        models.add(name, card(), {"model.vrm": source})
    assert models.file(name, "model.vrm") is None


@given(st.text(max_size=40))
def test_a_path_stays_in_its_folder(path: str) -> None:
    try:
        checked = lib.check_path(path)
    except ValueError:
        return
    assert not Path(checked).is_absolute()
    assert ".." not in Path(checked).parts
    assert "\\" not in checked


@pytest.mark.parametrize(
    "path", ["../mei/model.vrm", "a/../../x.png", "/etc/x.png", "model.vrm\0", "C:x.png", ".x.png"]
)
def test_a_path_that_climbs_is_no_file(models: ModelLibrary, source: Path, path: str) -> None:
    models.add("mei", card(), {"model.vrm": source})
    assert models.file("mei", path) is None


def test_links_are_not_followed(models: ModelLibrary, source: Path, tmp_path: Path) -> None:
    models.add("mei", card(), {"model.vrm": source})
    folder = models.folder / "mei"
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (folder / "link.json").symlink_to(secret)
    (folder / "out").symlink_to(tmp_path)
    (models.folder / "other").symlink_to(folder)
    assert models.file("mei", "link.json") is None
    assert models.file("mei", "out/secret.json") is None
    assert models.file("other", "model.vrm") is None
    assert models.names() == ["mei"]
    with pytest.raises(ConfigError, match="no plain file"):
        models.add("linked", card(), {"model.vrm": source, "link.json": folder / "link.json"})


def test_only_files_of_models_are_taken(
    models: ModelLibrary, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "run.js"
    script.write_text("")
    with pytest.raises(ConfigError, match="no model needs"):
        models.add("mei", card(), {"model.vrm": source, "run.js": script})
    monkeypatch.setattr(lib, "MAX_FILE", 3)
    with pytest.raises(ConfigError, match="at most"):
        models.add("mei", card(), {"model.vrm": source})
    monkeypatch.setattr(lib, "MAX_FILES", 0)
    with pytest.raises(ConfigError, match="files"):
        models.add("mei", card(), {"model.vrm": source})
    assert models.names() == []


def test_nothing_is_left_of_what_failed(models: ModelLibrary, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(ConfigError, match="No space"):
        models.add("mei", card(), {"model.vrm": source})
    assert list(models.folder.iterdir()) == []


def test_a_broken_card_is_told_with_its_line(models: ModelLibrary, source: Path) -> None:
    models.add("mei", card(), {"model.vrm": source})
    models.add("yui", card(), {"model.vrm": source})
    (models.folder / "mei" / "model.yaml").write_text("kind: vrm\nfile: ../../x.vrm\n")
    with pytest.raises(ConfigError, match=r"model\.yaml:2: file"):
        models.stage_model("mei")
    (models.folder / "yui" / "model.vrm").unlink()
    problems = {found.name: found.problem for found in models.list()}
    assert "file" in problems["mei"]
    assert "lacks its file" in problems["yui"]


@pytest.mark.parametrize(
    ("title", "slug"), [("Mei Ling 2.0", "mei-ling-2-0"), ("小云", "model"), ("--", "model"), ("a" * 60, "a" * 40)]
)
def test_a_slug_is_a_name(title: str, slug: str) -> None:
    assert lib.slug_of(title) == slug
    assert lib.check_name(lib.slug_of(title)) == slug

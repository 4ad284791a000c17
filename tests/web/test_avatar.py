"""The routes of the figure on the stage: the files of models behind the stage's key, the choice behind the token."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.stage.models.library import Card, ModelKind, ModelLibrary
from bot.stage.models.live2d import MAIN, read_model, write_main
from bot.stage.models.live2d_core import CoreStore, check_core
from bot.stage.models.live2d_mapping import mapping_of
from bot.web.auth.token import Page, weak_key
from tests.support.live2d import CORE, make_model
from tests.web.test_server import AUTH, TOKEN, site


@pytest.fixture
def models(tmp_path: Path) -> ModelLibrary:
    """Return the library of the site's folder, with one model in it."""
    file = tmp_path / "a.vrm"
    file.write_bytes(b"glTF" * 10)
    library = ModelLibrary(tmp_path)
    card = Card(kind=ModelKind.VRM, file="a.vrm", title="Mei", author="Aki", licence="CC0")
    library.add("mei", card, {"a.vrm": file, "textures/a.png": file})
    (library.folder / "mei" / "page.html").write_text("<script>alert(1)</script>")
    return library


async def test_the_stage_page_gets_the_files_of_a_model(tmp_path: Path, models: ModelLibrary) -> None:
    key = weak_key(TOKEN, Page.STAGE)
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        where = f"{s.http}/stage/models/mei"
        for path in ("a.vrm", "textures/a.png", "page.html", "gone.vrm"):
            assert (await http.get(f"{where}/{path}")).status_code == 401
        assert (await http.get(f"{s.http}/stage/", params={"token": key})).status_code == 200
        # From here on by the page's cookie alone.
        answer = await http.get(f"{where}/a.vrm")
        assert answer.content == b"glTF" * 10
        assert answer.headers["content-type"] == "model/gltf-binary"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-cache"
        kept = await http.get(f"{s.http}{models.stage_model('mei').url}")
        assert "immutable" in kept.headers["cache-control"]
        assert (await http.get(f"{where}/textures/a.png")).headers["content-type"] == "image/png"
        for path in (
            "page.html",
            "model.yaml",
            "gone.vrm",
            "..%2fmei%2fa.vrm",
            "%2e%2e/a.vrm",
            "a.vrm%00",
            "textures",
            "",
        ):
            assert (await http.get(f"{where}/{path}")).status_code == 404, path
        assert (await http.get(f"{s.http}/stage/models/%2e%2e/a.vrm")).status_code == 404
    async with site(tmp_path / "other") as s, httpx.AsyncClient() as http:
        params = {"token": weak_key(TOKEN, Page.CHAT)}
        assert (await http.get(f"{s.http}/stage/models/mei/a.vrm", params=params)).status_code == 401


@pytest.mark.usefixtures("models")
async def test_a_model_is_chosen_by_the_operator_alone(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        url = f"{s.http}/api/avatar"
        weak = {"token": weak_key(TOKEN, Page.STAGE)}
        assert (await http.get(url)).status_code == 401
        assert (await http.get(url, params=weak)).status_code == 401
        assert (await http.post(url, params=weak, json={"name": "mei"})).status_code == 401
        http.headers.update(AUTH)
        found = (await http.get(url)).json()
        assert found["shown"] == ""
        assert [(m["name"], m["licence"], m["author"]) for m in found["models"]] == [("mei", "CC0", "Aki")]
        assert (await http.post(url, json={"name": "mei"})).json()["ok"]
        assert s.stage.settings.model is not None
        assert (await http.get(url)).json()["shown"] == "mei"
        gone = await http.post(url, json={"name": "gone"})
        assert gone.status_code == 409
        assert "haishin vrm list" in gone.text
        for wrong in ({}, {"name": "../x"}, {"name": 5}, {"name": "mei", "more": 1}):
            assert (await http.post(url, json=wrong)).status_code == 422
        assert (await http.post(url, json={"name": None})).json()["ok"]
        assert s.stage.settings.model is None


def add_live2d(tmp_path: Path) -> ModelLibrary:
    """Return the library of a site's folder with one Live2D model in it."""
    model = read_model(make_model(tmp_path / "source"))
    library = ModelLibrary(tmp_path)
    card = Card(kind=ModelKind.LIVE2D, file=MAIN, title="Hiyo", mapping=mapping_of(model))
    library.add("hiyo", card, {MAIN: write_main(model, tmp_path), **model.copies})
    return library


async def test_the_core_is_sent_to_the_stage_page_when_it_is_installed(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        where = f"{s.http}/stage/live2d/core.js"
        assert (await http.get(where)).status_code == 401
        http.headers.update(AUTH)
        assert (await http.get(where)).status_code == 404
        kept = CoreStore(tmp_path).install(check_core(CORE, "there"))
        answer = await http.get(where)
        assert answer.content == CORE
        assert answer.headers["content-type"].startswith("text/javascript")
        kept.unlink()
        kept.symlink_to(tmp_path / "models")
        assert (await http.get(where)).status_code == 404


async def test_the_mapping_of_a_live2d_model_is_read_and_written(tmp_path: Path) -> None:
    library = add_live2d(tmp_path)
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        url = f"{s.http}/api/avatar/mapping/hiyo"
        weak = {"token": weak_key(TOKEN, Page.STAGE)}
        assert (await http.get(url, params=weak)).status_code == 401
        assert (await http.put(url, params=weak, json={"mapping": {}})).status_code == 401
        http.headers.update(AUTH)
        found = (await http.get(url)).json()
        assert found["expressions"] == ["笑顔", "Angry"]
        assert {"id": "ParamAngleX", "title": "角度 X"} in found["theirs"]
        assert {"id": "TapBody/1", "title": "2"} in found["motions"]
        assert found["model"]["mapping"]["emotions"]["joy"] == "笑顔"
        await http.post(f"{s.http}/api/avatar", json={"name": "hiyo"})
        mapping = {"emotions": {"joy": "Angry"}, "gestures": {}}
        assert (await http.put(url, json={"mapping": mapping})).json()["ok"]
        assert library.card("hiyo").mapping == {"emotions": {"joy": "Angry"}}
        model = s.stage.settings.model
        assert model is not None
        assert model.mapping == {"emotions": {"joy": "Angry"}}  # the pages follow at once
        for wrong in (3, {"a": 3}, {"a": {"b": ""}}, {"a": {"b": "x" * 200}}, {"a": {"b": 4}}):
            assert (await http.put(url, json={"mapping": wrong})).status_code == 422
        assert (await http.get(f"{s.http}/api/avatar/mapping/..%2fhiyo")).status_code in (404, 409)
        assert (await http.get(f"{s.http}/api/avatar/mapping/gone")).status_code == 409
        assert (await http.post(f"{s.http}/api/avatar/vts", json={})).status_code == 409  # it is not configured


@pytest.mark.usefixtures("models")
async def test_a_vrm_model_has_no_mapping_to_be_edited_here(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.get(f"{s.http}/api/avatar/mapping/mei")).status_code == 409

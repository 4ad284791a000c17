"""The routes of the figure on the stage: the files of models behind the stage's key, the choice behind the token."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.stage.models.library import Card, ModelKind, ModelLibrary
from bot.web.auth.token import Page, weak_key
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

"""How long a browser may keep an answer, and by which names the host lets itself be called."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.web.test_server import AUTH, TOKEN, site


async def test_no_answer_of_the_api_is_kept_and_pages_are_asked_for_anew(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        for path in ("/api/state", "/api/pages", "/health", "/metrics", "/openapi.json", "/api/nothing", "/"):
            answer = await http.get(s.http + path)
            assert answer.headers.get_list("cache-control") == ["no-store"], path
        for name in ("stage", "panel", "chat"):
            page = await http.get(f"{s.http}/{name}/")
            assert page.headers.get_list("cache-control") == ["no-cache"]
            asset = await http.get(f"{s.http}/{name}/assets/a.js")
            assert asset.headers.get_list("cache-control") == ["private, max-age=31536000, immutable"]
            same = await http.get(f"{s.http}/{name}/", headers={"If-None-Match": page.headers["etag"]})
            assert (same.status_code, same.headers["cache-control"]) == (304, "no-cache")
            gone = await http.get(f"{s.http}/{name}/assets/old.js")
            assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")


async def test_a_refusal_is_kept_nowhere(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for path in ("/api/state", "/stage/", "/live", "/nothing"):
            assert (await http.get(s.http + path)).headers.get_list("cache-control") == ["no-store"]
        refused = await http.get(f"{s.http}/api/state", headers={"Origin": "http://evil.test"})
        assert (refused.status_code, refused.headers["cache-control"]) == (403, "no-store")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:80:80", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:123456", "127.0.0.1@evil.test",
        "evil.test@127.0.0.1", "127.0.0.1/x", "127.0.0.1#", "127.0.0.1?x", "127.0.0.1\\x", "[::1", "::1", "[::1]:80:80",
        "[::1]x", "[127.0.0.1", "localhost.", "localhost.evil.test", "127.0.0.1 evil.test", "127.1", "0.0.0.0",
        "[::ffff:127.0.0.1]", "",
    ],
)  # fmt: skip
async def test_a_name_that_is_not_ours_is_refused_also_a_malformed_one(tmp_path: Path, host: str) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.get(f"{s.http}/health", headers={"Host": host})).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:7878", "LOCALHOST:1", "[::1]", "[::1]:7878"])
async def test_our_own_names_pass(tmp_path: Path, host: str) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.get(f"{s.http}/health", headers={"Host": host})).status_code == 200


async def test_what_the_api_says_of_its_refusals_is_what_it_answers(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        described = (await http.get(f"{s.http}/openapi.json")).json()
        assert "HTTPValidationError" not in described["components"]["schemas"]
        problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for path, methods in described["paths"].items():
            for method, operation in methods.items():
                for status in ("400", "401", "403", "413", "422", "429"):
                    assert operation["responses"][status]["content"] == problem, (method, path, status)
        wrong = await http.post(f"{s.http}/api/say", json={"text": 5})
        assert wrong.status_code == 422
        assert isinstance(wrong.json()["detail"], str)
        assert set(wrong.json()) == {"detail"}
        broken = await http.post(f"{s.http}/api/connections/twitch/sign-in", content=b"\xff")
        assert broken.status_code in (400, 422)
        assert TOKEN not in broken.text

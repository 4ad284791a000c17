"""The routes of the names that are read aloud: behind the gate, strict."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.web.test_server import AUTH, site


async def test_the_list_is_read_and_changed(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        url = f"{s.http}/api/pronunciations"
        assert (await http.get(url)).json() == {"names": [], "room": 300}
        assert (await http.post(url, json={"name": "Mira", "spelled": "MEE-rah"})).json()["ok"]
        assert (await http.get(url)).json()["names"] == [
            {"name": "Mira", "spelled": "MEE-rah", "language": "", "own": True}
        ]
        assert (await http.post(f"{url}/drop", json={"name": "mira"})).json()["ok"]
        assert not (await http.post(f"{url}/drop", json={"name": "mira"})).json()["ok"]
        for wrong in ({}, {"name": "Mira"}, {"name": "Mira", "spelled": "[joy]"}, {"name": 5, "spelled": "x"}):
            assert (await http.post(url, json=wrong)).status_code == 422


async def test_without_the_key_nothing_is_shown_or_ordered(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        url = f"{s.http}/api/pronunciations"
        assert (await http.get(url)).status_code == 401
        assert (await http.post(url, json={"name": "Mira", "spelled": "x"})).status_code == 401

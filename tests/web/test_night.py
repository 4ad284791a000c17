"""The routes of the night bank: behind the gate, strict, and refusing in words."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.web.test_server import AUTH, site

ORDERS: dict[str, dict[str, object]] = {"drop": {"piece": "0123456789abcdef"}, "draft": {}}


@pytest.mark.parametrize("order", ORDERS)
async def test_without_the_key_nothing_is_ordered_and_nothing_shown(tmp_path: Path, order: str) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            answer = await http.post(f"{s.http}/api/night/{order}", json=ORDERS[order], headers=headers)
            assert answer.status_code == 401
            for path in ("", "/pieces"):
                assert (await http.get(f"{s.http}/api/night{path}", headers=headers)).status_code == 401


async def test_without_a_bank_every_order_is_refused_in_words_and_what_is_malformed_at_once(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.get(f"{s.http}/api/night")).json() is None
        assert (await http.get(f"{s.http}/api/night/pieces")).json() == []
        for order, body in ORDERS.items():
            answer = await http.post(f"{s.http}/api/night/{order}", json=body)
            assert answer.status_code == 409
            assert "no night bank" in answer.json()["detail"]
        for wrong in ({}, {"piece": "../../x"}, {"piece": 5}, {"piece": "0" * 16, "more": 1}):
            assert (await http.post(f"{s.http}/api/night/drop", json=wrong)).status_code == 422

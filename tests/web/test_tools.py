"""The routes of the tools and the eyes: behind the gate, strict, and refusing in words."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.web.test_server import AUTH, site

ORDERS: dict[str, tuple[dict[str, object], str]] = {
    "tools/answer": ({"call": 1, "yes": True}, "may call nothing"),
    "eyes": ({"on": False}, "no eyes"),
}


async def test_without_the_key_nothing_is_ordered_and_nothing_shown(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for path, (body, _) in ORDERS.items():
            assert (await http.post(f"{s.http}/api/{path}", json=body)).status_code == 401
            assert (await http.get(f"{s.http}/api/{path.partition('/')[0]}")).status_code == 401


async def test_where_there_is_nothing_every_order_is_refused_in_words(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        for path, (body, said) in ORDERS.items():
            assert (await http.get(f"{s.http}/api/{path.partition('/')[0]}")).json() is None
            answer = await http.post(f"{s.http}/api/{path}", json=body)
            assert answer.status_code == 409
            assert said in answer.json()["detail"]
            malformed: list[dict[str, object]] = [{}, {"call": 0, "yes": True}, {"on": "perhaps"}, {**body, "more": 1}]
            for wrong in malformed:
                assert (await http.post(f"{s.http}/api/{path}", json=wrong)).status_code == 422

"""The routes of the tools and the eyes: behind the gate, strict, and refusing in words."""

from __future__ import annotations

import httpx

from tests.web.test_server import serving


async def test_the_routes_are_strict_and_refuse_in_words_where_there_is_nothing() -> None:
    async with serving() as s, httpx.AsyncClient(headers=s.headers) as http:
        for path in ("tools", "eyes"):
            assert (await http.get(f"{s.http}/api/{path}")).json() is None
        for path, body, said in (
            ("tools/answer", {"call": 1, "yes": True}, "may call nothing"),
            ("eyes", {"on": False}, "no eyes"),
        ):
            answer = await http.post(f"{s.http}/api/{path}", json=body)
            assert answer.status_code == 409
            assert said in answer.json()["detail"]
            assert (await http.post(f"{s.http}/api/{path}", json={"call": 0})).status_code == 422
            assert (await httpx.AsyncClient().post(f"{s.http}/api/{path}", json=body)).status_code in (401, 403)

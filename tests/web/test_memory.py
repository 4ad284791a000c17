"""The routes of memory and of the budget: behind the gate, strict, bounded."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.web.test_server import AUTH, site

READ = (
    "memory", "memory?words=cat", "memory/notes", "memory/viewers", "memory/viewers/twitch/u1", "budget", "budget/days",
)  # fmt: skip
ORDERS: dict[str, dict[str, object]] = {"correct": {"piece": 1, "text": "words"}, "delete": {"piece": 1}}


async def test_without_the_key_nothing_is_shown_and_nothing_ordered(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient() as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            for path in READ:
                assert (await http.get(f"{s.http}/api/{path}", headers=headers)).status_code == 401, path
            for order, body in ORDERS.items():
                answer = await http.post(f"{s.http}/api/memory/{order}", json=body, headers=headers)
                assert answer.status_code == 401


async def test_a_page_of_another_site_orders_nothing(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH | {"Origin": "https://evil.example"}) as http:
        assert (await http.post(f"{s.http}/api/memory/delete", json={"piece": 1})).status_code == 403


async def test_without_memory_there_is_nothing_and_orders_are_refused_in_words(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        for path in READ:
            answer = await http.get(f"{s.http}/api/{path}")
            assert (answer.status_code, answer.json() or None) == (200, None), path
        for order, body in ORDERS.items():
            answer = await http.post(f"{s.http}/api/memory/{order}", json=body)
            assert answer.status_code == 409
            assert "no memory" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"piece": 0, "text": "x"}, {"piece": -1, "text": "x"}, {"piece": 2**63, "text": "x"},
        {"piece": "1; drop table", "text": "x"}, {"piece": 1, "text": ""}, {"piece": 1, "text": "   "},
        {"piece": 1, "text": "x" * 301}, {"piece": 1, "text": 5}, {"piece": 1, "text": "x", "more": 1},
    ],
)  # fmt: skip
async def test_what_is_malformed_is_refused_at_once(tmp_path: Path, body: dict[str, object]) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.post(f"{s.http}/api/memory/correct", json=body)).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "memory?kind=secrets",
        "memory?state=all",
        f"memory?words={'x' * 201}",
        "budget/days?days=0",
        "budget/days?days=9999",
    ],
)
async def test_a_question_out_of_bounds_is_refused(tmp_path: Path, path: str) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.get(f"{s.http}/api/{path}")).status_code == 422

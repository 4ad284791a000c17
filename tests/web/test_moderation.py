"""The routes of moderation over a real uvicorn: what passes, what is refused, and in which words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.control.schemas.panel import Done
from bot.errors import HaishinError, Refused, TransientError
from tests.fakes.moderation_control import FakeModeration
from tests.web.test_server import AUTH, Desk, serve


class Moderated(Desk):
    """Fails as it is told."""

    fails: HaishinError | None = None

    @property
    def moderation(self) -> FakeModeration:
        return Failing(self)


class Failing(FakeModeration):
    def __init__(self, desk: Moderated) -> None:
        super().__init__(desk.orders)
        self._desk = desk

    def _order(self, what: str, id: str = "v1") -> Done:  # noqa: A002 - as the fake has it
        self.fails = self._desk.fails
        return super()._order(what, id)


@asynccontextmanager
async def moderated(tmp_path: Path) -> AsyncIterator[tuple[Moderated, httpx.AsyncClient]]:
    async with serve(tmp_path, Moderated()) as site, httpx.AsyncClient(base_url=site.http, headers=AUTH) as http:
        yield site.desk, http
        assert (await http.get("/health")).status_code == 200


ORDERS = [
    ("POST", "/api/audit/v1/allow", None, "decide allow"),
    ("POST", "/api/audit/v1/block", None, "decide block"),
    ("DELETE", "/api/audit/v1/allow", None, "undo allow"),
    ("DELETE", "/api/audit/v1/block", None, "undo block"),
    ("DELETE", "/api/cases/v1", None, "drop case"),
    ("POST", "/api/held/v1/approve", None, "approve"),
    ("POST", "/api/held/v1/deny", None, "deny"),
    ("POST", "/api/permit", {"source": "twitch", "user": " ann "}, "permit twitch ann None"),
    ("POST", "/api/permit", {"source": "twitch", "user": "ann", "seconds": 60}, "permit twitch ann 60"),
    ("POST", "/api/escalations/v1/take", None, "take"),
    ("POST", "/api/escalations/v1/dismiss", None, "dismiss"),
    ("POST", "/api/shield", {"mode": "on"}, "shield on"),
]


async def test_every_order_passes(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (desk, http):
        for method, path, body, order in ORDERS:
            answer = await http.request(method, path, json=body)
            assert (answer.status_code, answer.json()) == (200, {"ok": True, "detail": "done"}), path
            assert desk.orders[-1] == order


async def test_the_audit_is_read(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (desk, http):
        (line,) = (await http.get("/api/audit")).json()
        assert (line["id"], line["action"], line["decision"]) == ("v1", "hold", None)
        assert (await http.get("/api/audit?limit=7&stopped=true")).status_code == 200
        assert (await http.get("/api/audit/v1")).json()["why"] == ["held: because"]
        assert (await http.get("/api/cases")).json() == []
        assert desk.orders == ["audit 100 False", "audit 7 True", "why", "cases"]


NAMED = [(method, path.replace("v1", "v2"), body) for method, path, body, _ in ORDERS if "v1" in path]


async def test_what_is_not_there_any_more_is_not_found(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (desk, http):
        for method, path, body in [*NAMED, ("GET", "/api/audit/v2", None)]:
            answer = await http.request(method, path, json=body)
            assert (answer.status_code, answer.json()) == (404, {"detail": "it is gone"}), path
        assert desk.orders == []


@pytest.mark.parametrize(
    "error", [Refused("not now", remedy="Later."), TransientError("no answer")], ids=["refused", "away"]
)
async def test_what_cannot_be_done_is_a_conflict(tmp_path: Path, error: HaishinError) -> None:
    may_fail = [o for o in ORDERS if "held" not in o[1] and "dismiss" not in o[1]]
    async with moderated(tmp_path) as (desk, http):
        desk.fails = error
        for method, path, body, _ in may_fail:
            answer = await http.request(method, path, json=body)
            assert answer.status_code == 409, path
            assert answer.json() == {"detail": f"{error}. {error.remedy}".strip()}
        assert desk.orders == []


WRONG: list[tuple[str, str, Any]] = [
    ("GET", "/api/audit?limit=0", None),
    ("GET", "/api/audit?limit=501", None),
    ("GET", "/api/audit?limit=x", None),
    ("GET", "/api/audit?stopped=perhaps", None),
    ("GET", f"/api/audit/{'v' * 65}", None),
    ("GET", "/api/audit/v%00", None),
    ("POST", "/api/audit/v1/destroy", None),
    ("POST", "/api/audit/..%2f1/allow", None),
    ("POST", "/api/held/v1/allow", None),
    ("POST", "/api/escalations/v1/ban", None),
    ("POST", "/api/permit", {"source": "twitch"}),
    ("POST", "/api/permit", {"source": "Twitch", "user": "a"}),
    ("POST", "/api/permit", {"source": "twitch", "user": " "}),
    ("POST", "/api/permit", {"source": "twitch", "user": "a" * 201}),
    ("POST", "/api/permit", {"source": "twitch", "user": "\ud800"}),
    ("POST", "/api/permit", {"source": "twitch", "user": "a", "seconds": 0}),
    ("POST", "/api/permit", {"source": "twitch", "user": "a", "seconds": 3601}),
    ("POST", "/api/permit", {"source": "twitch", "user": "a", "seconds": "60"}),
    ("POST", "/api/permit", {"source": "twitch", "user": "a", "seconds": True}),
    ("POST", "/api/permit", {"source": "twitch", "user": "a", "extra": 1}),
    ("POST", "/api/shield", {"mode": "up"}),
    ("POST", "/api/shield", {}),
    ("POST", "/api/shield", []),
]


async def test_orders_of_a_wrong_shape_are_refused_in_words(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (desk, http):
        for method, path, body in WRONG:
            content = None if body is None else json.dumps(body)
            answer = await http.request(method, path, content=content, headers={"Content-Type": "application/json"})
            assert answer.status_code in (400, 404, 405, 422), (path, body, answer.text)
            assert answer.json()["detail"], path
        assert desk.orders == []


async def test_without_the_token_nothing_is_told_or_done(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (desk, http):
        for method, path, body, _ in [*ORDERS, ("GET", "/api/audit", None, ""), ("GET", "/api/cases", None, "")]:
            answer = await http.request(method, path, json=body, headers={"Authorization": "Bearer wrong"})
            assert answer.status_code == 401, path
        assert desk.orders == []

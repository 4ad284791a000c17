"""The routes of the programme: behind the gate, strict, and refusing in words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from bot.control.programme import ProgrammeControls
from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.show.schedule.state import Coming, Entry, OnAir, ProgrammeState
from bot.show.schedule.state import Desk as ProgrammeDesk
from bot.show.segments.segment import ChatMode
from bot.store.tables import RunPhase, RunState
from tests.web.test_server import AUTH, Desk, serve, site

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
ORDERS: dict[str, dict[str, object]] = {
    "start": {"segment": "story", "at_once": True},
    "skip": {"segment": "story"},
    "extend": {"seconds": -60},
    "hold": {"on": True},
    "reorder": {"segments": ["story", "quiz"]},
}


class Noting:
    """A `bot.show.schedule.state.Desk` that notes its orders."""

    def __init__(self) -> None:
        self.changed = Signal()
        self.orders: list[tuple[Any, ...]] = []

    def start(self, name: str, *, at_once: bool) -> None:
        if name == "none":
            raise Refused("there is no segment 'none'", remedy="The state lists them.")
        self.orders.append(("start", name, at_once))

    def skip(self, name: str) -> None:
        self.orders.append(("skip", name))

    def extend(self, seconds: float) -> None:
        self.orders.append(("extend", seconds))

    def hold(self, *, on: bool) -> None:
        self.orders.append(("hold", on))

    def reorder(self, names: list[str]) -> None:
        self.orders.append(("reorder", names))

    def state(self) -> ProgrammeState:
        run = Entry("quiz", NOON, RunState.WAITING, "on time", "0 watch, and 5 are wanted", None, 0.0)
        return ProgrammeState(
            file="p.yaml", fault="p.yaml:3: nonsense", zone="UTC", held=False,
            on_air=OnAir("story", "story", RunPhase.BODY, ChatMode.VOTES, NOON, 12.0, None),
            waiting=(run,), coming=(Coming("quiz", "quiz", NOON, NOON),), past=(), segments=("story", "quiz"),
        )  # fmt: skip

    async def timeline(self, hours: float) -> list[Coming]:
        return [Coming("quiz", "quiz", NOON + dt.timedelta(hours=hours), None)]


class Programmed(Desk):
    """A control room with a programme."""

    def __init__(self) -> None:
        super().__init__()
        self.noting = Noting()

    @property
    def programme(self) -> ProgrammeControls:
        return ProgrammeControls(cast("ProgrammeDesk", self.noting))


@pytest.mark.parametrize("order", ORDERS)
async def test_without_the_key_nothing_is_ordered_and_nothing_shown(tmp_path: Path, order: str) -> None:
    async with serve(tmp_path, Programmed()) as s, httpx.AsyncClient() as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            answer = await http.post(f"{s.http}/api/programme/{order}", json=ORDERS[order], headers=headers)
            assert answer.status_code == 401
            for path in ("", "/timeline"):
                assert (await http.get(f"{s.http}/api/programme{path}", headers=headers)).status_code == 401
        assert not s.desk.noting.orders


async def test_orders_and_state(tmp_path: Path) -> None:
    async with serve(tmp_path, Programmed()) as s, httpx.AsyncClient(headers=AUTH) as http:
        for order, body in ORDERS.items():
            answer = await http.post(f"{s.http}/api/programme/{order}", json=body)
            assert answer.status_code == 200, (order, answer.text)
        assert s.desk.noting.orders == [
            ("start", "story", True), ("skip", "story"), ("extend", -60.0), ("hold", True),
            ("reorder", ["story", "quiz"]),
        ]  # fmt: skip
        state = (await http.get(f"{s.http}/api/programme")).json()
        assert state["on_air"]["chat"] == "votes"
        assert state["on_air"]["remaining_s"] is None
        assert state["waiting"][0]["note"] == "0 watch, and 5 are wanted"
        assert state["fault"] == "p.yaml:3: nonsense"
        coming = (await http.get(f"{s.http}/api/programme/timeline?hours=2")).json()
        assert coming == [{"segment": "quiz", "kind": "quiz", "due_at": "2026-06-01T14:00:00Z", "until": None}]
        refused = await http.post(f"{s.http}/api/programme/start", json={"segment": "none"})
        assert refused.status_code == 409
        assert "there is no segment 'none'" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("order", "body"),
    [
        ("start", {}),
        ("start", {"segment": ""}),
        ("start", {"segment": "x" * 61}),
        ("skip", {"segment": 5}),
        ("extend", {"seconds": "NaN"}),
        ("extend", {"seconds": 1e9}),
        ("hold", {"on": "perhaps"}),
        ("reorder", {"segments": "story"}),
        ("reorder", {"segments": ["a"] * 501}),
        ("skip", {"segment": "story", "more": 1}),
    ],
)
async def test_what_is_malformed_is_refused(tmp_path: Path, order: str, body: dict[str, object]) -> None:
    async with serve(tmp_path, Programmed()) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.post(f"{s.http}/api/programme/{order}", json=body)).status_code == 422
        assert not s.desk.noting.orders


async def test_without_a_programme_the_state_is_null_and_every_order_refused_in_words(tmp_path: Path) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as http:
        assert (await http.get(f"{s.http}/api/programme")).json() is None
        for order, body in ORDERS.items():
            answer = await http.post(f"{s.http}/api/programme/{order}", json=body)
            assert answer.status_code == 409
            assert "no programme is configured" in answer.json()["detail"]
        assert (await http.get(f"{s.http}/api/programme/timeline")).status_code == 409

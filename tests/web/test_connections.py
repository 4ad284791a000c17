"""Connections without a key: short, few, and never in the way of those who have one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets

from bot.web import connections, door
from bot.web.connections import Strangers
from tests.web.test_server import AUTH, TOKEN, Desk, Site, site

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def opened(s: Site[Desk], count: int, sent: bytes = b"") -> AsyncIterator[list[Stream]]:
    streams: list[Stream] = []
    try:
        for _ in range(count):
            stream = await asyncio.open_connection("127.0.0.1", s.port)
            stream[1].write(sent)
            streams.append(stream)
        yield streams
    finally:
        for _, writer in streams:
            writer.close()


async def ended(stream: Stream, within_s: float = 5.0) -> bool:
    """Return whether the server closed a connection."""
    try:
        async with asyncio.timeout(within_s):
            while await stream[0].read(4096):
                pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "Strangers", lambda most: Strangers(most, seconds=0.3))


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /", b"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
     b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
     b"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
     b"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\n{"],
)  # fmt: skip
@pytest.mark.usefixtures("brief")
async def test_a_connection_without_a_right_key_is_closed_after_a_while(tmp_path: Path, sent: bytes) -> None:
    async with site(tmp_path) as s, opened(s, 1, sent) as (stream,):
        assert await ended(stream)


@pytest.mark.usefixtures("brief")
async def test_bytes_that_trickle_in_win_no_time(tmp_path: Path) -> None:
    async with site(tmp_path) as s, opened(s, 1, b"GET / HTTP/1.1\r\nX-A: ") as (stream,):

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    stream[1].write(b"a")
                    await stream[1].drain()
                    await asyncio.sleep(0.05)

        async with asyncio.TaskGroup() as group:
            trickling = group.create_task(trickle())
            assert await ended(stream)
            trickling.cancel()


@pytest.mark.usefixtures("brief")
async def test_a_connection_that_had_the_key_stays(tmp_path: Path) -> None:
    async with site(tmp_path) as s:
        asked = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
        async with opened(s, 1, asked) as (stream,):
            assert b"200" in await stream[0].readuntil(b"\r\n")
            await asyncio.sleep(0.6)
            stream[1].write(asked)
            assert await stream[0].readuntil(b"HTTP/1.1 200")
        async with websockets.connect(f"{s.ws}/ws/panel?token={TOKEN}") as panel:
            await asyncio.sleep(0.6)
            assert await panel.recv()


@pytest.mark.slow
@pytest.mark.parametrize("sent", [b"", b"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "])
async def test_stop_is_carried_out_under_two_thousand_idle_sockets(tmp_path: Path, sent: bytes) -> None:
    async with site(tmp_path) as s, httpx.AsyncClient(headers=AUTH) as page:
        assert (await page.get(f"{s.http}/health")).status_code == 200
        async with websockets.connect(f"{s.ws}/ws/panel?token={TOKEN}") as panel, opened(s, 2000, sent) as streams:
            async with httpx.AsyncClient(headers=AUTH, timeout=60) as http:
                assert (await http.post(f"{s.http}/api/stop")).status_code == 200
            assert (await page.post(f"{s.http}/api/skip")).status_code == 200
            assert s.desk.orders == ["stop", "skip"]
            assert await panel.recv()
            assert await ended(streams[0]), "the oldest had to go"
        async with httpx.AsyncClient(headers=AUTH) as http:
            assert (await http.get(f"{s.http}/health")).status_code == 200


async def test_the_oldest_goes_first_and_the_admitted_are_not_counted() -> None:
    class Line:
        def __init__(self) -> None:
            self.closed = False

        def abort(self) -> None:
            self.closed = True

    lines = [Line() for _ in range(6)]
    strangers = Strangers(most=3, seconds=60)
    for line in lines[:3]:
        strangers.add(line)  # type: ignore[arg-type]
    strangers.remove(lines[0])  # type: ignore[arg-type]
    for line in lines[3:]:
        strangers.add(line)  # type: ignore[arg-type]
    assert [line.closed for line in lines] == [False, True, True, False, False, False]
    assert len(strangers) == 3
    for line in lines:
        strangers.remove(line)  # type: ignore[arg-type]
    assert len(strangers) == 0
    assert connections.STRANGER_S <= 10, "a wait of some seconds, not for ever"

"""What a request may carry: one that is too long is answered in words, also to a client that goes on sending."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from bot.web.auth import unread
from bot.web.auth.gate import MAX_BODY
from tests.web.test_server import TOKEN, site

AUTH = f"Authorization: Bearer {TOKEN}"
PIECE = b"x" * 65_536
TEN_MB = 10 * 1024 * 1024


def head(*lines: str, path: str = "/api/chat") -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


def declared(size: int, sent: int = 0) -> list[bytes]:
    return [head(AUTH, f"Content-Length: {size}"), *[PIECE] * ((sent or size) // len(PIECE))]


def chunked(size: int, *more: str) -> list[bytes]:
    chunk = b"10000\r\n" + PIECE + b"\r\n"
    return [head(AUTH, "Transfer-Encoding: chunked", *more), *[chunk] * (size // len(PIECE)), b"0\r\n\r\n"]


def closing(pieces: Iterable[bytes]) -> list[bytes]:
    first, *rest = pieces
    return [first[:-2] + b"Connection: close\r\n\r\n", *rest]


async def told(port: int, pieces: Iterable[bytes]) -> tuple[int, dict[str, str], bool]:
    """Send all, and only then read, as simple clients do; return the status, the body and whether the end came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(10):
            answer = await reader.read()
    finally:
        writer.close()
    first, _, body = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
    assert b"connection: close" in first.lower()
    return int(first.split()[1]), json.loads(body), reader.at_eof()


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        (declared(TEN_MB), 413),
        (closing(declared(TEN_MB)), 413),
        (closing(declared(10**18, TEN_MB)), 413),
        ([head(AUTH, f"Content-Length: {'9' * 4000}"), *[PIECE] * 20], 400),
        (chunked(TEN_MB), 413),
        (closing(chunked(TEN_MB)), 413),
        (closing(chunked(TEN_MB, "Expect: 100-continue")), 413),
        (closing([head("Authorization: Bearer wrong", f"Content-Length: {TEN_MB}"), *[PIECE] * 160]), 401),
        (closing([head("Origin: http://evil.example", f"Content-Length: {TEN_MB}"), *[PIECE] * 160]), 403),
        (closing([head(AUTH, "Content-Length: 60000", path="/api/nothing"), PIECE[:60_000]]), 404),
        ([head(AUTH, "Transfer-Encoding: chunked"), b"10000\r\n" + PIECE + b"\r\n", *[PIECE] * 40], 400),
        ([head(AUTH, f"X-Long: {'x' * 1_000_000}")], 431),
        ([b"\x16\x03\x01 no request at all\r\n\r\n", *[PIECE] * 40], 400),
    ],
    ids=["declared", "declared, closing", "never ends", "no number", "chunked", "chunked, closing", "asks before",
         "no key", "another page", "nobody reads it", "broken off", "long head", "no request"],
)  # fmt: skip
async def test_a_client_that_sends_all_before_it_reads_sees_the_answer(
    tmp_path: Path, pieces: list[bytes], status: int
) -> None:
    async with site(tmp_path) as s:
        found, body, ended = await told(s.port, pieces)
        assert (found, ended) == (status, True)
        assert body["detail"]
        assert s.desk.orders == []


async def test_a_client_that_waits_for_the_answer_has_it_at_once(tmp_path: Path) -> None:
    async with site(tmp_path) as s:
        for pieces in (declared(TEN_MB, 65_536), chunked(2 * MAX_BODY)[:-1]):
            reader, writer = await asyncio.open_connection("127.0.0.1", s.port)
            began = time.perf_counter()
            writer.writelines(pieces)
            answer = await reader.readuntil(b"}")
            assert b" 413 " in answer.partition(b"\r\n")[0]
            assert time.perf_counter() - began < unread.SILENCE_S / 2
            writer.close()


async def test_a_body_without_end_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "WHOLE_S", 0.5)
    monkeypatch.setattr(unread, "MOST", 1 << 20)

    async def sent(pieces: AsyncIterator[bytes], s_port: int) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", s_port)
        writer.write(head(AUTH, "Transfer-Encoding: chunked"))
        count = 0
        try:
            async with asyncio.timeout(10):
                async for piece in pieces:
                    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                    await writer.drain()
                    count += len(piece)
        except ConnectionError:
            return count
        finally:
            writer.close()
            reader.feed_eof()
        raise AssertionError("it goes on")

    async def flood() -> AsyncIterator[bytes]:
        for _ in range(4000):
            yield PIECE

    async def trickle() -> AsyncIterator[bytes]:
        yield PIECE
        yield PIECE
        for _ in range(1000):
            yield b"x"
            await asyncio.sleep(0.02)

    async with site(tmp_path) as s:
        assert await sent(flood(), s.port) < 16 << 20
        assert await sent(trickle(), s.port) < 3 * len(PIECE)


async def test_an_ordinary_request_keeps_its_connection(tmp_path: Path) -> None:
    body = json.dumps({"author": "a", "text": "hi"}).encode()
    asked = head(AUTH, "Content-Type: application/json", f"Content-Length: {len(body)}") + body
    async with site(tmp_path) as s:
        reader, writer = await asyncio.open_connection("127.0.0.1", s.port)
        for _ in range(2):
            writer.write(asked)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert b" 202 " in answer
            assert b"connection: close" not in answer.lower()
            length = int(answer.lower().partition(b"content-length: ")[2].split()[0])
            await reader.readexactly(length)
        writer.close()
        assert len(s.desk.orders) == 2

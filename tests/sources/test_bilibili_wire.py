"""The framing of Bilibili: what was packed comes back; nothing that arrives raises or fills the memory."""

from __future__ import annotations

import json
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sources.bilibili.frames import (
    HEADER,
    MAX_DEPTH,
    MAX_INFLATED,
    MAX_PACKETS,
    Operation,
    Packet,
    auth,
    heartbeat,
    pack,
    read_json,
    unpack,
)

SHRINK = {2: zlib.compress, 3: brotli.compress}


def read(frame: bytes) -> tuple[list[Packet], list[str]]:
    faults: list[str] = []
    return unpack(frame, faults.append), faults


BODIES = st.lists(st.tuples(st.sampled_from(list(Operation)), st.binary(max_size=200)), max_size=8)


@given(BODIES, st.sampled_from([0, 1, 2, 3]))
def test_what_was_packed_comes_back(bodies: list[tuple[int, bytes]], version: int) -> None:
    frame = b"".join(pack(operation, body) for operation, body in bodies)
    if version in SHRINK:
        frame = pack(Operation.MESSAGE, SHRINK[version](frame), version=version)
    assert read(frame) == ([Packet(operation, body) for operation, body in bodies], [])


def test_the_bytes_are_those_of_the_protocol() -> None:
    assert heartbeat() == bytes.fromhex("00000010 0010 0001 00000002 00000001")
    assert auth({"roomid": 1})[16:] == b'{"roomid":1}'
    assert auth("as it was given")[8:12] == bytes.fromhex("00000007")


@settings(max_examples=500)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(frame: bytes) -> None:
    read(frame)


@settings(max_examples=300)
@given(
    st.binary(max_size=100), st.sampled_from([0, 1, 2, 3, 4, 99]), st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1)
)
def test_lying_headers_never_raise(body: bytes, version: int, total: int, header: int) -> None:
    read(HEADER.pack(total, header, version, 5, 0) + body)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_frame_cut_off_at_any_byte_is_borne(version: int) -> None:
    inner = pack(5, b'{"cmd":"DANMU_MSG"}') * 3
    frame = inner if version == 1 else pack(5, SHRINK[version](inner), version=version)
    for end in range(len(frame)):
        packets, faults = read(frame[:end])
        assert len(packets) < 3
        assert faults or end in (0, len(inner) // 3, len(inner) // 3 * 2)


def test_whole_packets_before_rubbish_are_kept() -> None:
    packets, faults = read(pack(5, b"one") + pack(5, b"two") + b"rubbish that is long enough")
    assert [p.body for p in packets] == [b"one", b"two"]
    assert len(faults) == 1


@pytest.mark.parametrize("version", [2, 3])
def test_a_bomb_stops_at_the_bound(version: int) -> None:
    bomb = b"\0" * (1 << 20) * 256
    small = SHRINK[version](bomb) if version == 3 else zlib.compress(bomb, 9)
    del bomb
    frame = pack(5, small, version=version)
    assert len(frame) < 400_000
    tracemalloc.start()
    packets, faults = read(frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert packets == []
    assert "more than 4 MB" in faults[0]
    assert peak < 4 * MAX_INFLATED


def test_nesting_is_bounded() -> None:
    frame = pack(5, b"core")
    for _ in range(MAX_DEPTH):
        frame = pack(5, zlib.compress(frame), version=2)
    assert read(frame) == ([Packet(5, b"core")], [])
    assert read(pack(5, zlib.compress(frame), version=2)) == ([], ["packets nested too deeply"])


def test_the_packets_of_a_frame_are_bounded() -> None:
    packets, faults = read(heartbeat() * (MAX_PACKETS + 5))
    assert len(packets) == MAX_PACKETS
    assert faults == ["too many packets in a frame"]


def test_bodies() -> None:
    assert read_json(b'{"cmd":"X"}') == {"cmd": "X"}
    for none in (b"", b"[1]", b"\xff\xfe", b"[" * 100_000, json.dumps("x").encode()):
        assert read_json(none) is None

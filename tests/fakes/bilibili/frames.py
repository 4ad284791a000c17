"""Packs and reads frames by its own few lines, so that an error of the codec under test shows."""

from __future__ import annotations

import json
import zlib
from typing import Any

import brotli

HEARTBEAT, HEARTBEAT_REPLY, MESSAGE, AUTH, AUTH_REPLY = 2, 3, 5, 7, 8
PLAIN, ZLIB, BROTLI = 0, 2, 3
#: What a version is called where a fault forces one.
VERSIONS = {"plain": PLAIN, "zlib": ZLIB, "brotli": BROTLI}


def frame(operation: int, body: bytes, version: int = 1, *, total: int | None = None) -> bytes:
    """Return one packet; ``total`` is the length that it claims."""
    length = 16 + len(body) if total is None else total
    words = (length.to_bytes(4, "big"), b"\x00\x10", version.to_bytes(2, "big"), operation.to_bytes(4, "big"))
    return b"".join((*words, b"\x00\x00\x00\x01", body))


def dumps(value: Any) -> bytes:
    """Return JSON as the platform writes it: without blanks, letters of all scripts as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def squeeze(inner: bytes, version: int) -> bytes:
    """Put whole packets into a compressed one; as they are for version 0."""
    if version == ZLIB:
        return frame(MESSAGE, zlib.compress(inner), ZLIB)
    if version == BROTLI:
        return frame(MESSAGE, brotli.compress(inner, quality=4), BROTLI)
    return inner


def messages(events: list[dict[str, Any]], version: int) -> bytes:
    """Return events in one frame."""
    return squeeze(b"".join(frame(MESSAGE, dumps(event), PLAIN) for event in events), version)


def read(data: bytes) -> tuple[int, bytes]:
    """Read the one packet that a client sends: its operation and body; ValueError when it is none."""
    total, head = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:6], "big")
    if len(data) < 16 or total != len(data) or head != 16:
        raise ValueError("no packet")
    return int.from_bytes(data[8:12], "big"), data[16:]


def bomb() -> bytes:
    """Return 825 bytes that inflate to a gibibyte."""
    press = brotli.Compressor(quality=5, lgwin=24)
    squeezed = b"".join(press.process(bytes(1 << 20)) for _ in range(1024))
    return frame(MESSAGE, squeezed + press.finish(), BROTLI)


def broken(name: str) -> bytes:
    """Return a frame that is wrong in the way of the fault ``name``."""
    event = dumps({"cmd": "DANMU_MSG", "info": [[], "in a broken frame", [1, "nobody"]]})
    return {
        "garbage": lambda: bytes(range(256)),
        "bomb": bomb,
        "truncated": lambda: frame(MESSAGE, event, PLAIN)[:-10],
        "lying_length": lambda: frame(MESSAGE, event, PLAIN, total=2**31),
        "huge_frame": lambda: frame(MESSAGE, dumps({"cmd": "DANMU_MSG", "info": "x" * (2 << 20)}), PLAIN),
        "bad_json": lambda: frame(MESSAGE, b'{"cmd": "DANMU_MSG", "info": [', PLAIN),
    }[name]()


#: The faults that are one broken frame.
BROKEN = ("garbage", "bomb", "truncated", "lying_length", "huge_frame", "bad_json")

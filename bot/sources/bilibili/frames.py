"""The framing of Bilibili's live sockets, without any I/O: bytes in, packets out.

A frame holds packets; each begins with 16 bytes, big-endian: length of all (u32), of the header (u16,
16), version (u16), operation (u32), sequence (u32). Versions 0 and 1 are plain; the body of 2 (zlib)
and 3 (brotli) is a frame again. Packets that cannot be read are skipped and reported; nothing is raised.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import brotli

HEADER = struct.Struct(">IHHII")
#: The longest body after decompression, in bytes. The largest of a busy room have some hundred kilobytes.
MAX_INFLATED = 4 << 20
#: Levels of compression. The platform uses one; a relay may add a second.
MAX_DEPTH = 2
MAX_PACKETS = 20_000
#: Brotli is decompressed in pieces of this many bytes, so that a decompression bomb stops at `MAX_INFLATED`.
_PIECE = 1 << 16

OnFault = Callable[[str], None]


class Operation(IntEnum):
    """The kinds of packets."""

    HEARTBEAT = 2
    HEARTBEAT_REPLY = 3
    MESSAGE = 5
    AUTH = 7
    AUTH_REPLY = 8


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet with its body decompressed. ``operation`` may be a number that `Operation` does not have."""

    operation: int
    body: bytes


def pack(operation: int, body: bytes, *, sequence: int = 1, version: int = 1) -> bytes:
    """Return a frame of one packet."""
    return HEADER.pack(HEADER.size + len(body), HEADER.size, version, operation, sequence) + body


def heartbeat() -> bytes:
    """Return the frame that keeps the connection alive."""
    return pack(Operation.HEARTBEAT, b"")


def auth(body: dict[str, Any] | str) -> bytes:
    """Return the first frame of a connection. Open Live gives its body as a ready text."""
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    return pack(Operation.AUTH, text.encode())


def unpack(frame: bytes, on_fault: OnFault) -> list[Packet]:
    """Return the packets of a frame. ``on_fault`` is called with a few words for each part that cannot be read."""
    return list(_packets(frame, on_fault, 0, [0]))


def _packets(frame: bytes, on_fault: OnFault, depth: int, count: list[int]) -> Iterator[Packet]:
    at, end = 0, len(frame)
    while at < end:
        if end - at < HEADER.size:
            on_fault("a packet that is cut off")
            return
        total, header, version, operation, _ = HEADER.unpack_from(frame, at)
        if header < HEADER.size or total < header or total > end - at:
            on_fault("a packet of a length that cannot be")
            return
        body = frame[at + header : at + total]
        at += total
        count[0] += 1
        if count[0] > MAX_PACKETS:
            on_fault("too many packets in a frame")
            return
        if version in (0, 1):
            yield Packet(operation, body)
        elif version not in (2, 3):
            on_fault("a packet of an unknown version")
        elif depth >= MAX_DEPTH:
            on_fault("packets nested too deeply")
        elif (inflated := _inflate(version, body, on_fault)) is not None:
            yield from _packets(inflated, on_fault, depth + 1, count)


def _inflate(version: int, body: bytes, on_fault: OnFault) -> bytes | None:
    try:
        inflated = _zlib(body) if version == 2 else _brotli(body)
    except (zlib.error, brotli.error):
        on_fault("a body that cannot be inflated")
        return None
    if inflated is None:
        on_fault(f"a body of more than {MAX_INFLATED >> 20} MB")
    return inflated


def _zlib(body: bytes) -> bytes | None:
    inflater = zlib.decompressobj()
    out = inflater.decompress(body, MAX_INFLATED)
    if inflater.unconsumed_tail or (not inflater.eof and len(out) >= MAX_INFLATED):
        return None
    return out


def _brotli(body: bytes) -> bytes | None:
    inflater = brotli.Decompressor()
    out = bytearray(inflater.process(body, output_buffer_limit=_PIECE))
    while not inflater.is_finished():
        piece = inflater.process(b"", output_buffer_limit=_PIECE)
        if not piece and inflater.can_accept_more_data():
            break  # the body is cut off, but what was read may hold whole packets
        out += piece
        if len(out) > MAX_INFLATED:
            return None
    return bytes(out) if len(out) <= MAX_INFLATED else None


def read_json(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a body; None when it holds something else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None

"""Writes glTF 2.0 as one binary file."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
#: glTF names types of numbers by OpenGL's.
_FLOAT, _UINT, _USHORT = 5126, 5125, 5123
_KINDS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


class Glb:
    """One file under construction: ``json`` is its description, numbers and pictures go into its binary part."""

    def __init__(self) -> None:
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "Haishin's tests"},
            "accessors": [], "bufferViews": [], "buffers": [],
        }  # fmt: skip
        self._data = bytearray()

    def view(self, data: bytes, target: int | None = None) -> int:
        """Add bytes; return the number of their view."""
        self._data += bytes(-len(self._data) % 4)
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self._data), "byteLength": len(data)}
        if target:
            view["target"] = target
        self._data += data
        self.json["bufferViews"].append(view)
        return len(self.json["bufferViews"]) - 1

    def floats(self, values: Any, *, bounds: bool = False) -> int:
        """Add an array of n × 1, 2, 3, 4 or 16 numbers; return the number of its accessor."""
        array = np.ascontiguousarray(values, dtype="<f4")
        return self._accessor(array, _FLOAT, bounds=bounds)

    def integers(self, values: Any, *, short: bool = False) -> int:
        """Add an array of n, or n × 4, integers; return the number of its accessor."""
        array = np.ascontiguousarray(values, dtype="<u2" if short else "<u4")
        return self._accessor(array, _USHORT if short else _UINT)

    def _accessor(self, array: NDArray[Any], kind: int, *, bounds: bool = False) -> int:
        width = array.shape[1] if array.ndim == 2 else 1
        accessor: dict[str, Any] = {
            "bufferView": self.view(array.tobytes()), "componentType": kind, "count": len(array),
            "type": _KINDS[width],
        }  # fmt: skip
        if bounds:
            accessor |= {"min": array.min(axis=0).tolist(), "max": array.max(axis=0).tolist()}
        self.json["accessors"].append(accessor)
        return len(self.json["accessors"]) - 1

    def write(self) -> bytes:
        """Return the file."""
        self.json["buffers"] = [{"byteLength": len(self._data)}]
        return pack(self.json, bytes(self._data))


def pack(description: Mapping[str, Any] | bytes, data: bytes = b"") -> bytes:
    """Return a binary file of a description, or of bytes that stand in its place, and a binary part."""
    words = description if isinstance(description, bytes) else json.dumps(description).encode()
    words += b" " * (-len(words) % 4)
    data += bytes(-len(data) % 4)
    chunks = struct.pack("<II", len(words), 0x4E4F534A) + words
    if data:
        chunks += struct.pack("<II", len(data), 0x004E4942) + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a PNG of rows × columns × 3 bytes."""
    rows, columns, _ = pixels.shape
    raw = np.concatenate([np.zeros((rows, 1), np.uint8), pixels.reshape(rows, columns * 3)], axis=1).tobytes()

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")

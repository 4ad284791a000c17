"""Folders that look like Live2D models and SDKs, made by us: nothing in them is Live2D's."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

#: A script with the signs by which the Core is known, and no more of it than that.
CORE = (
    b"/* Live2D Cubism Core, made for a test */var Live2DCubismCore={_csmGetVersion:function(){return 67239938}};"
    + b"// filler\n" * 4_000
)


def png(width: int, height: int) -> bytes:
    """Return the bytes of a PNG with a head of this size; its picture is one black line."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * (1 + 4 * min(width, 16)))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body


def moc(*names: str, version: int = 3) -> bytes:
    """Return bytes with the head of a moc3 file and its names, each in a field of 64 bytes."""
    return b"MOC3" + bytes([version, 0]) + bytes(58) + b"".join(name.encode().ljust(64, b"\0") for name in names)


def make_model(folder: Path, *, parameters: tuple[str, ...] = ("ParamAngleX", "ParamMouthOpenY"), **over: Any) -> Path:
    """Write a model with two expressions and three movements into a folder; ``over`` replaces keys of the files' list.

    Return the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "Moc": "Mei.moc3",
        "Textures": ["Mei.2048/texture_00.png"],
        "Physics": "Mei.physics3.json",
        "DisplayInfo": "Mei.cdi3.json",
        "Expressions": [{"Name": "笑顔", "File": "e/smile.exp3.json"}, {"Name": "Angry", "File": "e/angry.exp3.json"}],
        "Motions": {
            "Idle": [{"File": "m/idle.motion3.json"}],
            "TapBody": [{"File": "m/mtn_01.motion3.json"}, {"File": "m/wave_hand.motion3.json", "FadeInTime": 0.2}],
        },
        **over,
    }
    (folder / "Mei.moc3").write_bytes(moc(*parameters))
    (folder / "Mei.2048").mkdir(exist_ok=True)
    (folder / "Mei.2048/texture_00.png").write_bytes(png(2048, 2048))
    for part in ("e", "m"):
        (folder / part).mkdir(exist_ok=True)
    for name in ("e/smile.exp3.json", "e/angry.exp3.json"):
        _write(folder / name, {"Parameters": [{"Id": "ParamMouthForm", "Value": 1, "Blend": "Add"}]})
    for name in ("m/idle.motion3.json", "m/mtn_01.motion3.json", "m/wave_hand.motion3.json"):
        _write(folder / name, {"Meta": {"Duration": 1}, "Curves": []})
    _write(folder / "Mei.physics3.json", {"PhysicsSettings": []})
    _write(folder / "Mei.cdi3.json", {"Parameters": [{"Id": "ParamAngleX", "Name": "角度 X"}]})
    main = {
        "Version": 3,
        "FileReferences": files,
        "Groups": [{"Target": "Parameter", "Name": "LipSync", "Ids": ["ParamMouthForm", "ParamMouthOpenY"]}],
        "HitAreas": [{"Id": "HitArea", "Name": "Head"}],
    }
    _write(folder / "Mei.model3.json", main)
    return folder


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")

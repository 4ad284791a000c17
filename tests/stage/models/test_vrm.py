"""VRM files: what is read of a whole one, and that no broken or hostile one passes or costs much."""

from __future__ import annotations

import contextlib
import copy
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.stage.models import gltf
from bot.stage.models.vrm import Commerce, Users, read_vrm
from tests.support.vrm import make_vrm
from tests.support.vrm.glb import pack, png

WHOLE = make_vrm(1)


def parts(data: bytes) -> tuple[dict[str, Any], bytes]:
    size = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + size]), data[28 + size :]


JSON, BINARY = parts(WHOLE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.vrm"


def changed(file: Path, change: Callable[[dict[str, Any]], Any], binary: bytes = BINARY) -> Path:
    """Write the whole model with something changed in its description."""
    description = copy.deepcopy(JSON)
    change(description)
    file.write_bytes(pack(description, binary))
    return file


@pytest.mark.parametrize("version", [0, 1])
def test_a_whole_model_is_read(file: Path, version: int) -> None:
    file.write_bytes(make_vrm(version))
    found = read_vrm(file)
    assert found.version == version
    assert found.notes == ()
    assert {"aa", "ih", "ou", "ee", "oh", "blink", "happy", "smirk"} <= set(found.expressions)
    terms = found.terms
    assert (terms.title, terms.author) == ("Made by code", "Haishin's tests")
    assert (terms.users, terms.commerce, terms.credit) == (Users.EVERYONE, Commerce.ALL, False)
    card = found.card()
    assert (card.file, card.credit) == ("model.vrm", "")


@pytest.mark.parametrize(
    ("meta", "users", "commerce", "credit", "licence"),
    [
        ({"avatarPermission": "onlyAuthor", "commercialUsage": "personalNonProfit", "creditNotation": "required"},
         Users.AUTHOR, Commerce.NONE, True, "VRM Public License 1.0"),
        ({"avatarPermission": "onlySeparatelyLicensedPerson", "commercialUsage": "personalProfit"},
         Users.LICENSED, Commerce.PERSONAL, False, "VRM Public License 1.0"),
        # What is not said, or is nonsense, is the strictest.
        ({"avatarPermission": 5, "commercialUsage": [], "creditNotation": None, "licenseUrl": {}},
         Users.AUTHOR, Commerce.NONE, True, "not said"),
    ],
)  # fmt: skip
def test_the_terms_of_vrm_1(
    file: Path,
    meta: dict[str, Any],
    users: Users,
    commerce: Commerce,
    credit: bool,
    licence: str,
) -> None:
    file.write_bytes(make_vrm(1, meta=meta))
    terms = read_vrm(file).terms
    assert (terms.users, terms.commerce, terms.credit, terms.licence) == (users, commerce, credit, licence)


def test_the_terms_of_vrm_0(file: Path) -> None:
    meta = {"licenseName": "CC_BY_NC", "commercialUssageName": "Allow", "allowedUserName": "OnlyAuthor"}
    file.write_bytes(make_vrm(0, meta=meta))
    found = read_vrm(file)
    assert (found.terms.users, found.terms.commerce) == (Users.AUTHOR, Commerce.NONE)
    assert found.card().credit == "Made by code © Haishin's tests"
    assert found.terms.licence == "CC-BY NC"


def test_words_of_strangers_are_made_harmless(file: Path) -> None:
    file.write_bytes(make_vrm(1, meta={"name": "a\x1b[31m\u202eb\n" + "x" * 10_000, "authors": ["\0evil", 7]}))
    terms = read_vrm(file).terms
    assert terms.title.isprintable()
    assert len(terms.title) <= 100
    assert "\0" not in terms.author


def test_what_the_stage_lacks_is_told(file: Path) -> None:
    file.write_bytes(make_vrm(1, visemes=False))
    assert any("mouth does not move" in note for note in read_vrm(file).notes)
    file.write_bytes(make_vrm(1, texture=4096))
    assert any("4096×4096" in note for note in read_vrm(file).notes)


@pytest.mark.parametrize("texture", [8192, 8193])
def test_textures_up_to_8k_are_taken(file: Path, texture: int) -> None:
    picture = bytearray(png(np.zeros((1, 1, 3), np.uint8)))
    picture[16:24] = struct.pack(">II", texture, texture)  # it says so; nothing here decodes it

    def other(d: dict[str, Any]) -> None:
        d["bufferViews"].append({"buffer": 0, "byteOffset": len(BINARY), "byteLength": len(picture)})
        d["images"][0]["bufferView"] = len(d["bufferViews"]) - 1
        d["buffers"][0]["byteLength"] = len(BINARY) + len(picture)

    changed(file, other, BINARY + bytes(picture))
    if texture == 8192:
        assert any("8192" in note for note in read_vrm(file).notes)
    else:
        with pytest.raises(ConfigError, match="8,193"):
            read_vrm(file)


@pytest.mark.parametrize("size", [0, 3, 11, 12, 19, 24, 5_000, len(WHOLE) // 2, len(WHOLE) - 1])
def test_a_file_that_is_cut_off_is_refused(file: Path, size: int) -> None:
    file.write_bytes(WHOLE[:size])
    with pytest.raises(ConfigError) as refused:
        read_vrm(file)
    assert refused.value.remedy


@pytest.mark.parametrize(
    "data",
    [
        b"", b"MZ" + bytes(100), b"glTF" + struct.pack("<II", 1, 12), pack(b""), pack(b"[]"), pack(b"{"),
        pack(b"\xff\xfe{}"), pack(b'{"asset": NaN}'), pack(b"[" * 100_000), pack(b'{"a":' * 50_000),
        b"glTF" + struct.pack("<IIII", 2, 28, 0xFFFFFFF0, 0x4E4F534A) + bytes(8), pack({"asset": {"version": "2.0"}}),
        pack({"asset": {"version": "1.0"}}), pack({"asset": []}),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with pytest.raises(ConfigError):
        read_vrm(file)


def _deep(d: dict[str, Any]) -> None:
    first = len(d["nodes"])
    d["nodes"] += [{"children": [first + n + 1]} for n in range(1_000)] + [{}]


def _circle(d: dict[str, Any]) -> None:
    first = len(d["nodes"])
    d["nodes"] += [{"children": [first + 1]}, {"children": [first]}]


HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another file": lambda d: d["buffers"][0].update(uri="http://127.0.0.1/x.bin"),
    "a picture elsewhere": lambda d: d["images"][0].update(uri="//127.0.0.1/x.png"),
    "a picture in a data address": lambda d: d["images"][0].update(uri="data:image/png;base64,AA"),
    "numbers beyond the end": lambda d: d["bufferViews"][0].update(byteOffset=1 << 31),
    "a negative offset": lambda d: d["bufferViews"][0].update(byteOffset=-4),
    "a length in words": lambda d: d["bufferViews"][0].update(byteLength="many"),
    "a huge count": lambda d: d["accessors"][0].update(count=1 << 31),
    "a huge count of nothing": lambda d: d["accessors"].append(
        {"count": 1 << 29, "componentType": 5126, "type": "MAT4"}
    ),
    "a stride": lambda d: d["bufferViews"][d["accessors"][1]["bufferView"]].update(byteStride=1 << 20),
    "an unknown type": lambda d: d["accessors"][0].update(type="VEC9"),
    "too many nodes": lambda d: d.update(nodes=d["nodes"] + [{}] * 30_000),
    "nodes that are no list": lambda d: d.update(nodes={"0": {}}),
    "a node that is none": lambda d: d["nodes"].append(7),
    "a child that is none": lambda d: d["nodes"][0].update(children=[99_999]),
    "two parents": lambda d: d["nodes"][1].update(children=[2, 3, 5]) or d["nodes"][0].update(children=[1, 5]),
    "a circle": _circle,
    "a deep tree": _deep,
    "a bone of its own": lambda d: d["nodes"].append({"children": [len(d["nodes"])]}),
    "a mesh that is none": lambda d: d["nodes"][0].update(mesh=50),
    "a surface without points": lambda d: d["meshes"][0]["primitives"][0].update(attributes={}),
    "points that are none": lambda d: d["meshes"][0]["primitives"][0]["attributes"].update(POSITION=10**9),
    "a shape of another size": lambda d: d["meshes"][1]["primitives"][0]["targets"][0].update(POSITION=0),
    "a million shapes": lambda d: d["meshes"][1]["primitives"][0].update(
        targets=d["meshes"][1]["primitives"][0]["targets"] * 5_000
    ),
    "too many surfaces": lambda d: d["meshes"][0].update(primitives=d["meshes"][0]["primitives"] * 1_000),
    "bones without places": lambda d: d["skins"][0].update(joints=[0] * 10_000),
    "a bone that is none": lambda d: d["skins"][0].update(joints=[-1]),
    "Draco": lambda d: d.update(extensionsRequired=["KHR_draco_mesh_compression"]),
    "no head": lambda d: d["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"].pop("head"),
    "a head that is none": lambda d: d["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"].update(head={"node": 1e9}),
    "no humanoid": lambda d: d["extensions"]["VRMC_vrm"].pop("humanoid"),
    "no VRM": lambda d: d.pop("extensions"),
    "extensions that are none": lambda d: d.update(extensions=[]),
    "a picture of another kind": lambda d: d["images"][0].update(mimeType="image/svg+xml"),
    "a picture that is none": lambda d: d["images"][0].update(bufferView=0),
    "a picture nowhere": lambda d: d["images"][0].pop("bufferView"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_model_is_refused_in_words(file: Path, name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_vrm(changed(file, HOSTILE[name]))
    assert str(refused.value).startswith("a.vrm: ")
    assert refused.value.remedy


def test_a_large_file_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(WHOLE)
    monkeypatch.setattr("bot.stage.models.glb.MAX_FILE", 1_000)
    with pytest.raises(ConfigError, match="MB"):
        read_vrm(file)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - len(BINARY) + 64), st.binary(min_size=1, max_size=8)), max_size=6)
)
def test_a_model_with_wrong_bytes_is_read_or_refused(file: Path, wrong: list[tuple[int, bytes]]) -> None:
    data = bytearray(WHOLE)
    for at, found in wrong:
        data[at : at + len(found)] = found
    file.write_bytes(bytes(data))
    try:
        found_model = read_vrm(file)
    except ConfigError:
        return
    assert found_model.triangles <= 2_000_000


#: Anything that JSON can hold, small.
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_model_with_anything_anywhere_is_read_or_refused(file: Path, data: st.DataObject) -> None:
    """Put any value in the place of any other."""
    description = copy.deepcopy(JSON)
    at: Any = description
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans()):
            at = at[key]
            continue
        at[key] = data.draw(ANYTHING)
        break
    file.write_bytes(pack(description, BINARY))
    with contextlib.suppress(ConfigError):
        read_vrm(file).card()


def test_the_bounds_are_those_of_large_models() -> None:
    assert gltf.MAX_SIDE == 8192
    assert min(gltf.MOST[name] for name in ("nodes", "accessors", "bufferViews")) >= 20_000

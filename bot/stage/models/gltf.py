"""Reads a binary glTF file without trusting it: what it claims is held against what is there, and against bounds.

Of the numbers nothing is read but the heads of the pictures. A browser that opens what passes here allocates no more
than `MAX_DECODED`, and fetches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

from bot.errors import ConfigError
from bot.stage.models.glb import Wrong, amount, index, listed, open_glb, plain
from bot.stage.models.picture import size_of

#: Bound of what the numbers become in memory, in bytes.
MAX_DECODED = 512 << 20
#: How many of each there may be: some ten times what large models have.
MOST: Final = {
    "nodes": 20_000, "meshes": 4_000, "accessors": 60_000, "bufferViews": 60_000, "materials": 1_000, "textures": 1_000,
    "images": 300, "samplers": 1_000, "skins": 500, "animations": 500, "cameras": 100, "scenes": 20, "buffers": 1,
}  # fmt: skip
MAX_DEPTH, MANY_TRIANGLES = 400, 200_000
_SURFACES: Final = {
    "surfaces": 6_000, "triangles": 2_000_000, "shapes of expressions": 60_000, "bytes of expressions": 768 << 20,
}  # fmt: skip
#: What a point takes on the graphics card in each shape of an expression, in bytes: place and direction.
_MORPHED = 32
#: Sides of a picture in pixels, what all of them may have together, and from where the page makes them smaller.
MAX_SIDE, MAX_PIXELS, SHOWN_SIDE = 8192, 600_000_000, 2048

#: Bytes of each type of number, and numbers of each type of value.
_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_PICTURES = ("image/png", "image/jpeg", "image/webp")
_COMPRESSED = {
    "KHR_draco_mesh_compression": "Draco", "EXT_meshopt_compression": "meshopt", "KHR_texture_basisu": "Basis",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gltf:
    """A file whose description was checked. ``notes`` say what a streamer should know of it."""

    json: dict[str, Any]
    triangles: int
    notes: list[str] = field(default_factory=list)


def read_gltf(file: Path) -> Gltf:
    """Read and check a file. Raise `ConfigError` with what is wrong and what to do."""
    try:
        with file.open("rb") as opened:
            opened.seek(0, 2)
            size = opened.tell()
            opened.seek(0)
            return _Checked(file.name, opened, size).result()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror or error}") from None


class _Checked:
    """One file while it is looked at."""

    def __init__(self, name: str, opened: BinaryIO, size: int) -> None:
        self._name, self._file, self._size = name, opened, size
        self._json: dict[str, Any] = {}
        self._binary = (0, 0)
        self._notes: list[str] = []

    def result(self) -> Gltf:
        try:
            self._json, self._binary = open_glb(self._file, self._size)
            self._check_extensions()
            self._check_counts()
            self._check_views()
            self._check_accessors()
            self._check_tree()
            triangles = self._check_meshes()
            self._check_skins()
            self._check_pictures()
        except Wrong as wrong:
            raise ConfigError(f"{self._name}: {wrong}", remedy=wrong.remedy) from None
        return Gltf(self._json, triangles, self._notes)

    def _check_extensions(self) -> None:
        asset = self._json.get("asset")
        if not isinstance(asset, dict) or not str(asset.get("version", "")).startswith("2."):
            raise Wrong("it does not say that it is glTF 2")
        needed = self._json.get("extensionsRequired", [])
        for name in needed if isinstance(needed, list) else []:
            if how := _COMPRESSED.get(str(name)):
                raise Wrong(f"it is compressed with {how}", "export it without compression")

    def _check_counts(self) -> None:
        for name, most in MOST.items():
            found = self._json.setdefault(name, [])
            if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
                raise Wrong(f"its {name} are no list")
            if len(found) > most:
                raise Wrong(f"it has {len(found):,} {name}; at most {most:,} are taken")
        for name in ("buffers", "images"):
            if any("uri" in one for one in self._json[name]):
                raise Wrong(f"its {name} lie outside of it; a model is one file", "export it as one .vrm file")

    # --- the numbers ----------------------------------------------------------------------------------

    def _check_views(self) -> None:
        buffers = self._json["buffers"]
        if buffers and amount(buffers[0].get("byteLength"), "a buffer's length") > self._binary[1]:
            raise Wrong("its numbers are cut off", "copy or download it again")
        for view in self._json["bufferViews"]:
            if view.get("buffer") != 0 or not buffers:
                raise Wrong("a part of its numbers is in no buffer")
            end = amount(view.get("byteOffset", 0), "an offset") + amount(view.get("byteLength"), "a length")
            if end > self._binary[1]:
                raise Wrong("a part of its numbers lies beyond its end")

    def _check_accessors(self) -> None:
        decoded = 0
        for one in self._json["accessors"]:
            size = _BYTES.get(plain(one.get("componentType")), 0) * _WIDTH.get(str(one.get("type")), 0)
            count = amount(one.get("count"), "a count")
            if not size:
                raise Wrong("it has numbers of an unknown type")
            decoded += size * count
            if decoded > MAX_DECODED:
                raise Wrong(f"its numbers would take more than {MAX_DECODED >> 20} MB of memory")
            if (view := one.get("bufferView")) is not None:
                views = self._json["bufferViews"]
                self._check_fits(one, views[index(view, views, "view")], size, count)
            sparse = one.get("sparse", {})
            if not isinstance(sparse, dict) or amount(sparse.get("count", 0), "a count") > count:
                raise Wrong("it has sparse numbers that do not fit")

    @staticmethod
    def _check_fits(one: dict[str, Any], view: dict[str, Any], size: int, count: int) -> None:
        stride = amount(view.get("byteStride", 0), "a stride") or size
        needed = amount(one.get("byteOffset", 0), "an offset") + stride * (count - 1) + size if count else 0
        if needed > view["byteLength"]:
            raise Wrong("it claims more numbers than it has")

    # --- what they are for ----------------------------------------------------------------------------

    def _check_tree(self) -> None:
        nodes = self._json["nodes"]
        parents: dict[int, int] = {}
        for number, node in enumerate(nodes):
            for child in listed(node.get("children", []), "children"):
                if parents.setdefault(index(child, nodes, "node"), number) != number:
                    raise Wrong("its skeleton is no tree: a bone hangs from two others")
            for name in ("mesh", "skin"):
                if name in node:
                    index(node[name], self._json["meshes" if name == "mesh" else "skins"], name)
        _check_depth(parents, len(nodes))
        for scene in self._json["scenes"]:
            for node in listed(scene.get("nodes", []), "a scene's nodes"):
                index(node, nodes, "node")

    def _check_meshes(self) -> int:
        sums = {"surfaces": 0, "triangles": 0, "shapes of expressions": 0, "bytes of expressions": 0}
        for mesh in self._json["meshes"]:
            for one in listed(mesh.get("primitives"), "primitives"):
                for name, count in self._primitive(one).items():
                    sums[name] += count
                    if sums[name] > _SURFACES[name]:
                        raise Wrong(
                            f"it has more than {_SURFACES[name]:,} {name}", "export it with fewer polygons and shapes"
                        )
        if sums["triangles"] > MANY_TRIANGLES:
            self._notes.append(f"it has {sums['triangles']:,} triangles, which a weak graphics card draws slowly")
        return sums["triangles"]

    def _primitive(self, one: Any) -> dict[str, int]:
        accessors = self._json["accessors"]
        attributes = one.get("attributes") if isinstance(one, dict) else None
        if not isinstance(attributes, dict) or "POSITION" not in attributes:
            raise Wrong("it has a surface without points")
        points = accessors[index(attributes["POSITION"], accessors, "accessor")]
        for number in attributes.values():
            if accessors[index(number, accessors, "accessor")]["count"] != points["count"]:
                raise Wrong("the parts of a surface do not fit each other")
        corners = accessors[index(one["indices"], accessors, "accessor")] if "indices" in one else points
        if "material" in one:
            index(one["material"], self._json["materials"], "material")
        targets = listed(one.get("targets", []), "targets")
        for target in targets:
            for number in target.values() if isinstance(target, dict) else ():
                if accessors[index(number, accessors, "accessor")]["count"] != points["count"]:
                    raise Wrong("an expression of it does not fit its surface")
        return {
            "surfaces": 1, "triangles": int(corners["count"]) // 3, "shapes of expressions": len(targets),
            "bytes of expressions": len(targets) * int(points["count"]) * _MORPHED,
        }  # fmt: skip

    def _check_skins(self) -> None:
        for skin in self._json["skins"]:
            joints = listed(skin.get("joints"), "joints")
            for joint in joints:
                index(joint, self._json["nodes"], "bone")
            if "inverseBindMatrices" in skin:
                accessors = self._json["accessors"]
                found = accessors[index(skin["inverseBindMatrices"], accessors, "accessor")]
                if found["count"] < len(joints):
                    raise Wrong("it has more bones than places for them")

    def _check_pictures(self) -> None:
        pixels = 0
        large: list[str] = []
        for texture in self._json["textures"]:
            if "source" in texture:
                index(texture["source"], self._json["images"], "image")
        for one in self._json["images"]:
            view = self._json["bufferViews"][index(one.get("bufferView"), self._json["bufferViews"], "view")]
            if one.get("mimeType") not in _PICTURES:
                raise Wrong("it has a picture that is neither PNG, JPEG nor WebP")
            size = size_of(partial(self._bytes, view), view["byteLength"])
            if size is None:
                raise Wrong("it has a picture that cannot be read")
            if max(size) > MAX_SIDE:
                raise Wrong(
                    f"it has a picture of {size[0]:,} × {size[1]:,} pixels; a side has at most {MAX_SIDE:,}",
                    f"make its textures smaller: the stage shows {SHOWN_SIDE} pixels",
                )
            pixels += size[0] * size[1]
            if max(size) > SHOWN_SIDE:
                large.append(f"{size[0]}×{size[1]}")
        if pixels > MAX_PIXELS:
            found = f"{pixels / 1e6:,.0f} million pixels; at most {MAX_PIXELS / 1e6:,.0f} are taken"
            raise Wrong(f"its pictures have {found}", "make its textures smaller")
        if large:
            self._notes.append(
                f"{len(large)} of its textures ({', '.join(sorted(set(large)))}) are larger than {SHOWN_SIDE} pixels: "
                "the stage makes them smaller, which takes a moment at each start"
            )

    def _bytes(self, view: dict[str, Any], at: int, count: int) -> bytes:
        self._file.seek(self._binary[0] + int(view.get("byteOffset", 0)) + at)
        return self._file.read(max(0, min(count, view["byteLength"] - at)))


def _check_depth(parents: dict[int, int], nodes: int) -> None:
    """Raise when a skeleton goes in a circle or is too deep; ``parents`` has the parent of each node but the roots."""
    depths: dict[int, int] = {}
    for number in range(nodes):
        path: list[int] = []
        at = number
        while at not in depths and at in parents and len(path) <= MAX_DEPTH:
            path.append(at)
            at = parents[at]
        depth = depths.get(at, 0)
        if depth + len(path) > MAX_DEPTH:
            raise Wrong(f"its skeleton goes in a circle, or is deeper than {MAX_DEPTH} bones")
        for one in reversed(path):
            depth += 1
            depths[one] = depth

"""Puts the figure together, as a file of VRM 1 or of VRM 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.vrm.figure import BONES, EXPRESSIONS, HAIR, MATERIALS, body_parts, face_parts
from tests.support.vrm.glb import Glb, png
from tests.support.vrm.shapes import Part

META_1: dict[str, Any] = {
    "name": "Made by code", "version": "1", "authors": ["Haishin's tests"], "licenseUrl": "https://vrm.dev/licenses/1.0/",
    "avatarPermission": "everyone", "commercialUsage": "corporation", "creditNotation": "unnecessary",
    "allowRedistribution": True, "modification": "allowModificationRedistribution",
}  # fmt: skip
META_0: dict[str, Any] = {
    "title": "Made by code", "version": "1", "author": "Haishin's tests", "allowedUserName": "Everyone",
    "violentUssageName": "Disallow", "sexualUssageName": "Disallow", "commercialUssageName": "Allow",
    "licenseName": "CC0", "texture": -1,
}  # fmt: skip
_OLD_BONES = {"ThumbMetacarpal": "ThumbProximal", "ThumbProximal": "ThumbIntermediate"}
_OLD_NAMES = {
    "aa": "a", "ih": "i", "ou": "u", "ee": "e", "oh": "o", "happy": "joy", "sad": "sorrow", "relaxed": "fun",
    "angry": "angry", "blink": "blink", "blinkLeft": "blink_l", "blinkRight": "blink_r",
}  # fmt: skip


def make_vrm(version: int = 1, *, meta: dict[str, Any] | None = None, texture: int = 64,
             visemes: bool = True) -> bytes:  # fmt: skip
    """Return the model. ``texture`` is the side of its one picture in pixels; without ``visemes`` it has no mouth."""
    glb = Glb()
    sign = 1 if version == 1 else -1  # models of VRM 0 look the other way
    names = list(BONES)
    flip = np.array([sign, 1.0, sign])
    nodes: list[dict[str, Any]] = []
    for name in names:
        parent, at = BONES[name]
        offset = np.array(at) - (np.array(BONES[parent][1]) if parent else 0)
        nodes.append({"name": name, "translation": (offset * flip).tolist()})
    for number, name in enumerate(names):
        if (parent := BONES[name][0]) is not None:
            nodes[names.index(parent)].setdefault("children", []).append(number)
    inverse = []
    for name in names:
        matrix = np.eye(4)
        matrix[:3, 3] = -np.array(BONES[name][1]) * flip
        inverse.append(matrix.T.ravel())
    glb.json |= {
        "scene": 0, "skins": [{"joints": list(range(len(names))), "inverseBindMatrices": glb.floats(inverse)}],
        "materials": [_material(name, version) for name in MATERIALS], "meshes": [],
    }  # fmt: skip
    _picture(glb, texture)
    shapes = [name for name in EXPRESSIONS if visemes or name not in ("aa", "ih", "ou", "ee", "oh")]
    for mesh, (label, parts) in enumerate((("Body", body_parts()), ("Face", face_parts()))):
        morphs = shapes if label == "Face" else []
        glb.json["meshes"].append({
            "name": label, "extras": {"targetNames": morphs},
            "primitives": [_primitive(glb, part, names, morphs, flip) for part in parts],
        })  # fmt: skip
        nodes.append({"name": label, "mesh": mesh, "skin": 0})
    glb.json |= {"nodes": nodes, "scenes": [{"nodes": [0, len(nodes) - 2, len(nodes) - 1]}]}
    (_as_vrm_1 if version == 1 else _as_vrm_0)(glb.json, names, shapes, meta or {})
    return glb.write()


def _material(name: str, version: int) -> dict[str, Any]:
    red, green, blue, *rest = MATERIALS[name]
    colour = [red, green, blue]
    out: dict[str, Any] = {
        "name": name, "doubleSided": True,
        "pbrMetallicRoughness": {"baseColorFactor": [*colour, 1], "metallicFactor": 0, "roughnessFactor": 1},
    }  # fmt: skip
    if name == "dress":
        out["pbrMetallicRoughness"]["baseColorTexture"] = {"index": 0}
    if rest:
        out["extensions"] = {"KHR_materials_unlit": {}}
    elif version == 1:
        shade = [c * s for c, s in zip(colour, (0.82, 0.7, 0.78), strict=True)]
        out["extensions"] = {"VRMC_materials_mtoon": {
            "specVersion": "1.0", "shadeColorFactor": shade, "shadingToonyFactor": 0.85, "shadingShiftFactor": -0.05,
        }}  # fmt: skip
    return out


def _picture(glb: Glb, side: int) -> None:
    y, x = np.mgrid[0:side, 0:side]
    stripe = ((x * 8 // side) % 4 == 0) | ((y * 8 // side) % 4 == 0)
    pixels = np.where(stripe[..., None], [226, 232, 255], [255, 255, 255]).astype(np.uint8)
    view = glb.view(png(pixels))
    glb.json |= {
        "images": [{"bufferView": view, "mimeType": "image/png"}], "textures": [{"source": 0, "sampler": 0}],
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497}],
    }  # fmt: skip


def _primitive(glb: Glb, part: Part, names: list[str], morphs: list[str], flip: Any) -> dict[str, Any]:
    count = len(part.points)
    joints, weights = np.zeros((count, 4), int), np.zeros((count, 4))
    for point, bones in enumerate(part.weights):
        for n, (bone, weight) in enumerate(bones):
            joints[point, n], weights[point, n] = names.index(bone), weight
    uv = part.uv if part.uv is not None else np.zeros((count, 2))
    out: dict[str, Any] = {
        "attributes": {
            "POSITION": glb.floats(part.points * flip, bounds=True), "NORMAL": glb.floats(part.normals * flip),
            "TEXCOORD_0": glb.floats(uv), "JOINTS_0": glb.integers(joints, short=True),
            "WEIGHTS_0": glb.floats(weights),
        },
        "indices": glb.integers(part.triangles.ravel()), "material": list(MATERIALS).index(part.material),
    }  # fmt: skip
    if morphs:
        still = np.zeros_like(part.points)
        out["targets"] = [{"POSITION": glb.floats(part.morphs.get(m, still) * flip, bounds=True)} for m in morphs]
    return out


def _human(names: list[str]) -> list[str]:
    return [name for name in names if name != "root" and not name.startswith("lock")]


def _as_vrm_1(json: dict[str, Any], names: list[str], shapes: list[str], meta: dict[str, Any]) -> None:
    face = len(json["nodes"]) - 1
    presets = {
        shape: {"morphTargetBinds": [{"node": face, "index": n, "weight": 1.0}]} for n, shape in enumerate(shapes)
    }
    custom = {"smirk": presets.pop("smirk")}
    chains = [{"joints": [_spring(names.index(bone)) for bone in chain]} for chain in HAIR]
    json["extensionsUsed"] = ["VRMC_vrm", "VRMC_springBone", "VRMC_materials_mtoon", "KHR_materials_unlit"]
    json["extensions"] = {
        "VRMC_vrm": {
            "specVersion": "1.0", "meta": META_1 | meta,
            "humanoid": {"humanBones": {name: {"node": names.index(name)} for name in _human(names)}},
            "expressions": {"preset": presets, "custom": custom},
            "lookAt": {
                "type": "bone", "offsetFromHeadBone": [0, 0.06, 0],
                "rangeMapHorizontalInner": {"inputMaxValue": 90, "outputScale": 22},
                "rangeMapHorizontalOuter": {"inputMaxValue": 90, "outputScale": 22},
                "rangeMapVerticalDown": {"inputMaxValue": 90, "outputScale": 16},
                "rangeMapVerticalUp": {"inputMaxValue": 90, "outputScale": 16},
            },
        },
        "VRMC_springBone": {"specVersion": "1.0", "springs": chains},
    }  # fmt: skip


def _spring(node: int) -> dict[str, Any]:
    return {"node": node, "hitRadius": 0.01, "stiffness": 0.7, "gravityPower": 0.15, "dragForce": 0.45}


def _as_vrm_0(json: dict[str, Any], names: list[str], shapes: list[str], meta: dict[str, Any]) -> None:
    mesh = len(json["meshes"]) - 1
    groups = [
        {"name": shape, "presetName": _OLD_NAMES.get(shape, "unknown"), "materialValues": [], "isBinary": False,
         "binds": [{"mesh": mesh, "index": n, "weight": 100}]}
        for n, shape in enumerate(shapes)
    ]  # fmt: skip
    bones = [
        {"bone": next((name.replace(k, v) for k, v in _OLD_BONES.items() if k in name), name),
         "node": names.index(name), "useDefaultValues": True}
        for name in _human(names)
    ]  # fmt: skip
    degrees = {"curve": [0, 0, 0, 1, 1, 1, 1, 0], "xRange": 90, "yRange": 20}
    json["extensionsUsed"] = ["VRM", "KHR_materials_unlit"]
    json["extensions"] = {
        "VRM": {
            "exporterVersion": "tests", "specVersion": "0.0", "meta": META_0 | meta,
            "humanoid": {"humanBones": bones}, "materialProperties": [],
            "firstPerson": {
                "firstPersonBone": names.index("head"), "lookAtTypeName": "Bone",
                "firstPersonBoneOffset": {"x": 0, "y": 0.06, "z": 0},
                "lookAtHorizontalInner": degrees, "lookAtHorizontalOuter": degrees, "lookAtVerticalDown": degrees,
                "lookAtVerticalUp": degrees,
            },
            "blendShapeMaster": {"blendShapeGroups": groups},
            "secondaryAnimation": {"colliderGroups": [], "boneGroups": [{
                "stiffiness": 0.7, "gravityPower": 0.15, "gravityDir": {"x": 0, "y": -1, "z": 0}, "dragForce": 0.45,
                "center": -1, "hitRadius": 0.01, "colliderGroups": [],
                "bones": [names.index(chain[0]) for chain in HAIR],
            }]},
        },
    }  # fmt: skip

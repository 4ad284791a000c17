"""Reads what a VRM file says of itself: whose it is, who may use it for what, and which expressions it has.

The terms are those of the specifications' ``meta``: VRM 1 (``VRMC_vrm``) and VRM 0 (``VRM``). They say what the author
allows; a stream that earns money, or has a company behind it, needs a model that allows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bot.errors import ConfigError
from bot.stage.models.gltf import Gltf, read_gltf
from bot.stage.models.library import Card, ModelKind
from bot.text.sanitize import fit, one_line

#: The name that a model's file has in the library.
FILE: Final = "model.vrm"
#: Bones without which nothing can be moved.
_BONES: Final = ("hips", "spine", "head")
#: The expressions of VRM 0 by the names that they have in VRM 1.
_OLD: Final = {
    "a": "aa", "i": "ih", "u": "ou", "e": "ee", "o": "oh", "joy": "happy", "sorrow": "sad", "fun": "relaxed",
    "blink_l": "blinkLeft", "blink_r": "blinkRight", "lookup": "lookUp", "lookdown": "lookDown",
    "lookleft": "lookLeft", "lookright": "lookRight",
}  # fmt: skip
_VISEMES: Final = ("aa", "ih", "ou", "ee", "oh")
_LICENCE_URL: Final = "https://vrm.dev/licenses/1.0/"


class Users(StrEnum):
    """Who may perform with a model."""

    AUTHOR = "its author alone"
    LICENSED = "people to whom its author gave a licence"
    EVERYONE = "everyone"


class Commerce(StrEnum):
    """What a model may be used for. A channel with ads, gifts or subscriptions makes a profit."""

    NONE = "only without profit"
    PERSONAL = "by a person, with profit too"
    ALL = "by persons and companies, with profit too"


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose a model is and what its author allows, in the file's own words where it has any."""

    title: str
    author: str
    licence: str
    users: Users
    commerce: Commerce
    credit: bool
    #: More that the file says, as pairs of a name and words.
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class VrmModel:
    """A model that was checked. ``version`` is 0 or 1; ``notes`` say what a streamer should know of it."""

    version: int
    terms: Terms
    expressions: tuple[str, ...]
    triangles: int
    notes: tuple[str, ...]

    def card(self) -> Card:
        """Return what the library keeps of it."""
        terms = self.terms
        by = f" © {terms.author}" if terms.author else ""
        return Card(
            kind=ModelKind.VRM, file=FILE, title=terms.title, author=terms.author, licence=terms.licence,
            credit=fit(f"{terms.title or 'model'}{by}", 120) if terms.credit else "",
        )  # fmt: skip


def read_vrm(file: Path) -> VrmModel:
    """Read and check a file. Raise `ConfigError` with what is wrong and what to do."""
    found = read_gltf(file)
    extensions = found.json.get("extensions")
    extensions = extensions if isinstance(extensions, dict) else {}
    for name, version in (("VRMC_vrm", 1), ("VRM", 0)):
        if isinstance(vrm := extensions.get(name), dict):
            return _model(file.name, found, vrm, version)
    raise ConfigError(
        f"{file.name}: it is a glTF file without a VRM model in it",
        remedy="export it as VRM, for example with VRoid Studio, UniVRM or the VRM add-on of Blender",
    )


def _model(name: str, found: Gltf, vrm: dict[str, Any], version: int) -> VrmModel:
    bones = _bones(vrm, version)
    nodes = len(found.json["nodes"])
    for bone in _BONES:
        node = bones.get(bone)
        if not isinstance(node, int) or isinstance(node, bool) or not 0 <= node < nodes:
            raise ConfigError(f"{name}: its skeleton has no {bone}", remedy="export it as a humanoid")
    expressions = _expressions(vrm, version)
    notes = list(found.notes)
    if not any(viseme in expressions for viseme in _VISEMES):
        notes.append("it has no expressions aa, ih, ou, ee, oh: its mouth does not move" if "jaw" not in bones
                     else "it has no expressions aa, ih, ou, ee, oh: its jaw moves instead")  # fmt: skip
    if "blink" not in expressions and "blinkLeft" not in expressions:
        notes.append("it has no expression blink: its eyes stay open")
    meta = vrm.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    terms = _terms_1(meta) if version == 1 else _terms_0(meta)
    return VrmModel(version, terms, expressions, found.triangles, tuple(notes))


def _bones(vrm: dict[str, Any], version: int) -> dict[str, Any]:
    humanoid = vrm.get("humanoid")
    bones = humanoid.get("humanBones") if isinstance(humanoid, dict) else None
    if version == 1 and isinstance(bones, dict):
        return {str(bone): one.get("node") for bone, one in bones.items() if isinstance(one, dict)}
    if version == 0 and isinstance(bones, list):
        return {str(one.get("bone")): one.get("node") for one in bones if isinstance(one, dict)}
    return {}


def _expressions(vrm: dict[str, Any], version: int) -> tuple[str, ...]:
    if version == 1:
        found = vrm.get("expressions")
        groups = [found.get(kind) for kind in ("preset", "custom")] if isinstance(found, dict) else []
        names = [str(name) for group in groups if isinstance(group, dict) for name in group]
    else:
        master = vrm.get("blendShapeMaster")
        listed = master.get("blendShapeGroups") if isinstance(master, dict) else None
        names = [_old_name(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(fit(name, 80) for name in names[:500] if name))


def _old_name(group: dict[str, Any]) -> str:
    preset = str(group.get("presetName") or "unknown").lower()
    return str(group.get("name", "")) if preset == "unknown" else _OLD.get(preset, preset)


def _terms_1(meta: dict[str, Any]) -> Terms:
    authors = meta.get("authors")
    licence = _text(meta, "licenseUrl")
    other = _text(meta, "otherLicenseUrl")
    return Terms(
        title=_text(meta, "name", 100),
        author=fit(", ".join(_words(a) for a in authors[:20]) if isinstance(authors, list) else "", 200),
        licence=" and ".join(filter(None, (
            "VRM Public License 1.0" if licence.startswith(_LICENCE_URL) else licence, other,
        ))) or "not said",
        users={"everyone": Users.EVERYONE, "onlySeparatelyLicensedPerson": Users.LICENSED}.get(
            _text(meta, "avatarPermission"), Users.AUTHOR
        ),
        commerce={"corporation": Commerce.ALL, "personalProfit": Commerce.PERSONAL}.get(
            _text(meta, "commercialUsage"), Commerce.NONE
        ),
        credit=_text(meta, "creditNotation") != "unnecessary",
        more=_pairs(
            ("copyright", _text(meta, "copyrightInformation")), ("contact", _text(meta, "contactInformation")),
            ("parts of others", _text(meta, "thirdPartyLicenses")),
            ("violent scenes", _allowed(meta.get("allowExcessivelyViolentUsage") is True)),
            ("sexual scenes", _allowed(meta.get("allowExcessivelySexualUsage") is True)),
            ("politics and religion", _allowed(meta.get("allowPoliticalOrReligiousUsage") is True)),
        ),
    )  # fmt: skip


def _terms_0(meta: dict[str, Any]) -> Terms:
    licence = _text(meta, "licenseName").replace("_", " ").replace("CC BY", "CC-BY").strip()
    links = [_text(meta, key) for key in ("otherLicenseUrl", "otherPermissionUrl")]
    paid = _text(meta, "commercialUssageName") == "Allow"
    named = " and ".join(filter(None, ("" if licence == "Other" else licence, *links)))
    return Terms(
        title=_text(meta, "title", 100),
        author=_text(meta, "author", 200),
        licence=named or "not said",
        users={"Everyone": Users.EVERYONE, "ExplicitlyLicensedPerson": Users.LICENSED}.get(
            _text(meta, "allowedUserName"), Users.AUTHOR
        ),
        commerce=Commerce.ALL if paid and "NC" not in licence else Commerce.NONE,
        credit=licence.startswith("CC-BY"),
        more=_pairs(
            ("contact", _text(meta, "contactInformation")), ("reference", _text(meta, "reference")),
            ("violent scenes", _allowed(_text(meta, "violentUssageName") == "Allow")),
            ("sexual scenes", _allowed(_text(meta, "sexualUssageName") == "Allow")),
        ),
    )  # fmt: skip


def _pairs(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, words) for name, words in pairs if words)


def _allowed(yes: bool) -> str:
    return "allowed" if yes else "not allowed"


def _text(meta: dict[str, Any], key: str, most: int = 300) -> str:
    return _words(meta.get(key), most)


def _words(value: object, most: int = 300) -> str:
    return one_line(value[: 4 * most], most) if isinstance(value, str) else ""

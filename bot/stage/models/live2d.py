"""A Live2D model as its folder holds it: read without Live2D's own library, checked, and mapped to what we say.

What moves is decided later, by the Core that the streamer installs; this part tells early what is missing or wrong,
and guesses which parameter is the mouth and which expression is joy.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.errors import ConfigError
from bot.stage.models.live2d_files import (
    LARGE_SIDE,
    MAX_JSON,
    MAX_MOC,
    MAX_PICTURE,
    MAX_PIXELS,
    Cubism,
    ModelFiles,
    moc_version,
    png_size,
)
from bot.stage.models.live2d_names import PARAMETERS, VOWELS

#: The name of the main file once a model is copied in, and how a main file's name ends.
MAIN, ENDING = "model.model3.json", ".model3.json"
#: Textures, expressions and movements of one model at most.
MAX_TEXTURES, MAX_EXPRESSIONS, MAX_MOTIONS = 32, 120, 250
#: Names that are longer are cut: they are shown and written into `model.yaml`.
MAX_NAME: Final = 100
#: Names of a moc3 file lie in fields of so many bytes.
_FIELD = 64
_ID: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Live2DModel:
    """What a folder holds. ``copies`` are the files by the names under which they are kept, without the main one.

    ``expressions`` and ``motions`` (by ``Group/number``) are those whose files are there; ``main`` is the main file as
    it is kept: with plain names, and nothing in it that is not known.
    """

    title: str
    cubism: Cubism
    textures: tuple[tuple[int, int], ...]
    parameters: tuple[str, ...]
    #: What the maker calls parameters, where that is told.
    display: Mapping[str, str]
    expressions: tuple[str, ...]
    motions: Mapping[str, str]
    hit_areas: tuple[str, ...]
    blink: tuple[str, ...]
    lips: tuple[str, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]
    copies: Mapping[str, Path]
    main: Mapping[str, Any]


def find_main(folder: Path) -> Path:
    """Return the one ``.model3.json`` of a folder, or the file itself when it is one. Raise `ConfigError`."""
    if folder.name.endswith(ENDING) and folder.is_file():
        return folder
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder", remedy="name the folder that holds the model's .model3.json")
    found = sorted(path for path in folder.iterdir() if path.name.endswith(ENDING))
    if not found:
        found = sorted(folder.glob(f"*/*{ENDING}"))  # often the folder around it is named
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path in found[:5])
        raise ConfigError(f"{folder} holds several models: {names}", remedy="name one of these files instead")
    old = any(path.name.endswith((".moc", ".model.json")) for path in folder.iterdir())
    raise ConfigError(
        f"{folder} holds no .model3.json" + (": a model of Cubism 2" if old else ""),
        remedy="models of Cubism 3 and newer can be shown; in the editor: File → Export For Runtime",
    )


def read_model(folder: Path) -> Live2DModel:
    """Read the model in a folder. Raise `ConfigError` with what to do when it cannot be shown.

    Files that a model can live without may be missing: they are listed.
    """
    path = find_main(folder)
    if stat.S_ISLNK(path.lstat().st_mode):
        raise ConfigError(f"{path.name} is a link", remedy="name the folder in which the file itself lies")
    reading = _Reading(ModelFiles(path.parent))
    main = reading.files.json(path.name) or {}
    references = main.get("FileReferences")
    if not isinstance(references, dict):
        raise ConfigError(f"{path.name} names no files", remedy="export the model again, for Cubism 3 or newer")
    return reading.model(path.name.removesuffix(ENDING)[:MAX_NAME], main, references)


class _Reading:
    """One model being read."""

    def __init__(self, files: ModelFiles) -> None:
        self.files = files
        self._missing: list[str] = []
        self._warnings: list[str] = []
        self._copies: dict[str, Path] = {}
        self._seen: dict[str, None] = {}

    def model(self, title: str, main: dict[str, Any], references: dict[str, Any]) -> Live2DModel:
        moc = self._needed(_text(references.get("Moc")), MAX_MOC, "its moc3 file")
        cubism = moc_version(moc)
        self._copies["model.moc3"] = moc
        kept: dict[str, Any] = {"Moc": "model.moc3"}
        sizes = self._textures(references, kept)
        expressions = self._expressions(references, kept)
        motions = self._motions(references, kept)
        self._beside(references, kept)
        display = self._display(references, kept)
        groups = {_text(g.get("Name")): _words(g.get("Ids")) for g in _objects(main.get("Groups"))}
        areas = _objects(main.get("HitAreas"))[:64]
        named = moc_names(moc)
        told = [*display, *groups.get("EyeBlink", ()), *groups.get("LipSync", ()), *self._seen]
        parameters = tuple(dict.fromkeys(one for one in told if one in named))
        known = {name for names in PARAMETERS.values() for name in names} | set(VOWELS)
        parameters += tuple(sorted((named & known) - set(parameters)))
        return Live2DModel(
            title=title,
            cubism=cubism,
            textures=sizes,
            parameters=parameters[:1_000],
            display=display,
            expressions=expressions,
            motions=motions,
            hit_areas=tuple(_text(area.get("Name")) or _text(area.get("Id")) for area in areas),
            blink=groups.get("EyeBlink", ()),
            lips=groups.get("LipSync", ()),
            missing=tuple(self._missing),
            warnings=tuple(self._warnings),
            copies=self._copies,
            main={
                "Version": 3,
                "FileReferences": kept,
                "Groups": [
                    {"Target": "Parameter", "Name": name, "Ids": list(groups[name])}
                    for name in ("EyeBlink", "LipSync")
                    if name in groups
                ],
                "HitAreas": [{"Id": _text(area.get("Id")), "Name": _text(area.get("Name"))} for area in areas],
            },
        )

    def _needed(self, name: str, most: int, what: str) -> Path:
        path = self.files.find(name, most) if name else None
        if path is None:
            raise ConfigError(
                f"the model lacks {what}" + (f": {name}" if name else ""),
                remedy="take the whole folder from its maker, with all folders in it",
            )
        return path

    def _wanted(self, name: str, most: int) -> Path | None:
        """Return a file without which the model can be shown; None, with a line for a person, when it is of no use."""
        try:
            path = self.files.find(name, most) if name else None
        except ConfigError as error:
            if "folder" in str(error) or "link" in str(error):
                raise
            self._warnings.append(str(error))
            return None
        if path is None and name:
            self._missing.append(name[:MAX_NAME])
        return path

    def _textures(self, references: dict[str, Any], kept: dict[str, Any]) -> tuple[tuple[int, int], ...]:
        names = [_text(one) for one in _list(references.get("Textures"))]
        if not names or len(names) > MAX_TEXTURES:
            raise ConfigError(f"the model names {len(names)} textures; 1 to {MAX_TEXTURES} can be shown")
        sizes = []
        for n, name in enumerate(names):
            path = self._needed(name, MAX_PICTURE, "a texture")
            width, height = png_size(path)
            if max(width, height) > LARGE_SIDE:
                self._warnings.append(
                    f"{name}: {width} × {height} pixels are shown as {LARGE_SIDE}; 4096 or 2048 load quicker"
                )
            sizes.append((width, height))
            self._copies[f"texture_{n}.png"] = path
        if sum(width * height for width, height in sizes) > MAX_PIXELS:
            raise ConfigError(
                f"its textures have {sum(w * h for w, h in sizes) >> 20} million pixels; at most {MAX_PIXELS >> 20}",
                remedy="export the model with smaller textures",
            )
        kept["Textures"] = [f"texture_{n}.png" for n in range(len(names))]
        return tuple(sizes)

    def _expressions(self, references: dict[str, Any], kept: dict[str, Any]) -> tuple[str, ...]:
        found: dict[str, str] = {}
        entries = _objects(references.get("Expressions"))
        self._bounded("expressions", len(entries), MAX_EXPRESSIONS)
        for n, entry in enumerate(entries[:MAX_EXPRESSIONS]):
            file = _text(entry.get("File"))
            name = (_text(entry.get("Name")) or Path(file).name.removesuffix(".exp3.json"))[:MAX_NAME].strip()
            data = self._kept(file, f"expressions/{n}.exp3.json")
            if data is None or not name:
                continue
            self._see(one.get("Id") for one in _objects(data.get("Parameters")))
            found[name] = f"expressions/{n}.exp3.json"
        kept["Expressions"] = [{"Name": name, "File": file} for name, file in found.items()]
        return tuple(found)

    def _motions(self, references: dict[str, Any], kept: dict[str, Any]) -> dict[str, str]:
        names: dict[str, str] = {}
        groups: dict[str, list[dict[str, Any]]] = {}
        all_groups = references.get("Motions")
        entries = [
            (str(group)[: MAX_NAME - 10], entry)
            for group, listed in (all_groups.items() if isinstance(all_groups, dict) else ())
            for entry in _objects(listed)
        ]
        self._bounded("movements", len(entries), MAX_MOTIONS)
        for n, (group, entry) in enumerate(entries[:MAX_MOTIONS]):
            file = _text(entry.get("File"))
            data = self._kept(file, f"motions/{n}.motion3.json")
            if data is None:
                continue
            self._see(c.get("Id") for c in _objects(data.get("Curves")) if c.get("Target") == "Parameter")
            fades = {key: entry[key] for key in ("FadeInTime", "FadeOutTime") if _is_number(entry.get(key))}
            known = groups.setdefault(group, [])
            names[f"{group}/{len(known)}"] = Path(file).name.removesuffix(".motion3.json")
            known.append({"File": f"motions/{n}.motion3.json", **fades})
        kept["Motions"] = groups
        return names

    def _beside(self, references: dict[str, Any], kept: dict[str, Any]) -> None:
        names = {"Physics": "model.physics3.json", "Pose": "model.pose3.json"}
        kept |= {k: name for k, name in names.items() if self._kept(_text(references.get(k)), name) is not None}

    def _display(self, references: dict[str, Any], kept: dict[str, Any]) -> dict[str, str]:
        data = self._kept(_text(references.get("DisplayInfo")), "model.cdi3.json")
        if data is None:
            return {}
        kept["DisplayInfo"] = "model.cdi3.json"
        named = ((_text(one.get("Id")), _text(one.get("Name"))) for one in _objects(data.get("Parameters"))[:2_000])
        return {one[:MAX_NAME]: name[:MAX_NAME] for one, name in named if one}

    def _kept(self, file: str, name: str) -> dict[str, Any] | None:
        """Return what a JSON file holds, and keep it as ``name``; None when it is missing or broken."""
        path = self._wanted(file, MAX_JSON)
        if path is None:
            return None
        try:
            data = self.files.json(file)
        except ConfigError as error:
            self._warnings.append(str(error))
            return None
        self._copies[name] = path
        return data

    def _see(self, ids: Iterable[Any]) -> None:
        for one in ids:
            if isinstance(one, str) and len(self._seen) < 2_000:
                self._seen[one[:MAX_NAME]] = None

    def _bounded(self, what: str, count: int, most: int) -> None:
        if count > most:
            self._warnings.append(f"{count} {what}; the first {most} are taken")


def moc_names(path: Path) -> set[str]:
    """Return all names in a moc3 file: of parameters, parts and shapes alike, which lie in fields of 64 bytes."""
    data = path.read_bytes()
    found: set[str] = set()
    for match in _ID.finditer(data):
        end = match.end()
        # A name fills its field with zeros; what only looks like one is followed by something else.
        if len(match[0]) >= 3 and data[end : match.start() + _FIELD].count(0) == _FIELD - len(match[0]):
            found.add(match[0].decode("ascii"))
    return found


def write_main(model: Live2DModel, folder: Path) -> Path:
    """Write the main file as it is kept into a folder; return it. Raises `OSError`."""
    path = folder / MAIN
    path.write_text(json.dumps(model.main, ensure_ascii=False), "utf-8")
    return path


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _words(value: Any) -> tuple[str, ...]:
    return tuple(one[:MAX_NAME] for one in _list(value) if isinstance(one, str) and one)[:64]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

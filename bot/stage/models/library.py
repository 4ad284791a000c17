"""The streamer's own models: a folder each in the data folder, with a ``model.yaml`` beside what was copied in.

    <data folder>/models/<name>/model.yaml    see `Card`
    <data folder>/models/<name>/…             the files of the model

People pass models around, so what lies here is read with bounds, is never code, and no name or link leads out of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.errors import ConfigError
from bot.runtime.private import make_folder
from bot.stage.models.messages import StageModel
from bot.text.yaml_file import Limits, fit_to, read_yaml

#: The folder in the data folder, and the file in each model's folder.
FOLDER, CARD = "models", "model.yaml"
#: Bounds of the library, of one model's files, and of one file, in bytes.
MAX_MODELS, MAX_FILES, MAX_FILE, MAX_TOTAL = 100, 500, 192 << 20, 384 << 20
#: What pages may be sent, by the end of the name. Everything else stays where it is.
TYPES: Final = {
    ".vrm": "model/gltf-binary",
    ".moc3": "application/octet-stream",
    ".json": "application/json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
_LIMITS: Final = Limits(size=64 << 10, depth=4, nodes=2_000, aliases=0)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_STEP = re.compile(r"(?!\.)[^\x00-\x1f\x7f/\\:*?\"<>|]{1,120}(?<![. ])")
#: How deep a file may lie in its model's folder.
_DEPTH = 6
_LIST = "`haishin vrm list` shows the models that there are"


class ModelKind(StrEnum):
    """What a model was made for."""

    VRM = "vrm"
    LIVE2D = "live2d"


def check_name(name: str) -> str:
    """Return the name of a model, which is its folder's as well. Raise `ValueError`."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:60]!r} is no model's name: small letters, digits, '-' and '_', at most 40")
    return name


def check_path(path: str) -> str:
    """Return the path of a file within its model's folder, with ``/`` between its steps. Raise `ValueError`."""
    steps = path.split("/")
    if len(steps) > _DEPTH or not all(_STEP.fullmatch(step) for step in steps):
        raise ValueError(f"{path[:80]!r} is no file within a model's folder")
    return path


def slug_of(text: str) -> str:
    """Return a model's name made from a title or a file's name; "model" where nothing of it can be used."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "model"


Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Entry = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
#: Groups ("emotions", "gestures", "parameters", …) of ours to theirs; what each kind makes of it stands in its docs.
Assignments = Annotated[dict[Entry, Annotated[dict[Entry, Entry], Field(max_length=200)]], Field(max_length=12)]


class Card(BaseModel):
    """Hold ``model.yaml``: whose a model is, under which licence, and what of ours is what of theirs.

    ``credit`` is what viewers must read while it is on the stage; empty where nobody asks for it.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: ModelKind
    file: Annotated[str, AfterValidator(check_path)]
    title: Words = ""
    author: Words = ""
    licence: Words = ""
    credit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    mapping: Assignments = {}


@dataclass(frozen=True, slots=True)
class Found:
    """One model of the list; ``problem`` says in words why it cannot be used, and then there may be no card."""

    name: str
    card: Card | None
    problem: str = ""


class ModelLibrary:
    """The models of one data folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER

    def names(self) -> list[str]:
        """Return the names of the models that are there, usable or not, in the order of the alphabet."""
        try:
            with os.scandir(self.folder) as entries:
                found = [e.name for e in entries if _NAME.fullmatch(e.name) and e.is_dir(follow_symlinks=False)]
        except OSError:
            return []
        return sorted(found)[:MAX_MODELS]

    def list(self) -> list[Found]:
        """Return all models, each with what is wrong with it."""
        found = []
        for name in self.names():
            try:
                found.append(Found(name, self.card(name)))
            except ConfigError as error:
                found.append(Found(name, None, str(error)))
        return found

    def card(self, name: str) -> Card:
        """Return what is known of a model whose main file is there. Raise `ConfigError` with what to do."""
        folder = self._folder(name)
        file = folder / CARD
        if not _is_plain(folder, stat.S_ISDIR):
            raise ConfigError(f"there is no model {name!r}", remedy=_LIST)
        if not _is_plain(file, stat.S_ISREG):
            raise ConfigError(f"the model {name!r} has no {CARD}", remedy="remove it and add it again")
        found = read_yaml(file, _LIMITS, fit_to(Card))
        try:
            # The way through JSON: there a strict model takes a word for an enum.
            card = Card.model_validate_json(json.dumps(found.value or {}))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            key = tuple(part for part in first["loc"] if part != "[key]")
            wrong = f"{file}:{found.line(key)}: {'.'.join(map(str, key))}: {first['msg'].removeprefix('Value error, ')}"
            raise ConfigError(wrong, remedy="correct it, or remove the model and add it again") from None
        if self.file(name, card.file) is None:
            raise ConfigError(f"the model {name!r} lacks its file {card.file}", remedy="remove it and add it again")
        return card

    def stage_model(self, name: str) -> StageModel:
        """Return what the stage page is told of a model. Raise `ConfigError` with what to do."""
        card = self.card(name)
        path = self._folder(name) / card.file
        version = path.stat().st_mtime_ns // 1_000_000
        url = f"/stage/models/{name}/{quote(card.file)}?v={version:x}"
        return StageModel(kind=card.kind.value, name=name, url=url, credit=card.credit, mapping=card.mapping)

    def file(self, name: str, path: str) -> tuple[Path, str] | None:
        """Return a file of a model and its media type; None for whatever pages are not sent."""
        try:
            folder, steps = self._folder(name), check_path(path).split("/")
        except (ConfigError, ValueError):
            return None
        kind = TYPES.get(Path(path).suffix.lower())
        if kind is None or not _is_plain(folder, stat.S_ISDIR):
            return None
        here = folder
        for step in steps[:-1]:
            here /= step
            if not _is_plain(here, stat.S_ISDIR):
                return None
        here /= steps[-1]
        return (here, kind) if _is_plain(here, stat.S_ISREG) else None

    def add(self, name: str, card: Card, files: Mapping[str, Path], *, replace: bool = False) -> Path:
        """Copy a model in: ``files`` are its paths in the model's folder, and where each is now. Return the folder.

        All of it is there at the end, or nothing. Raise `ConfigError`.
        """
        folder = self._folder(name)
        _check_sizes(files)
        if card.file not in files:
            raise ConfigError(f"{card.file} is not among the files of the model")
        if folder.exists() and not replace:
            raise ConfigError(f"there is a model {name!r} already", remedy="give this one another name with --name")
        if not folder.exists() and len(self.names()) >= MAX_MODELS:
            raise ConfigError(f"there are {MAX_MODELS} models already", remedy="remove one first")
        try:
            make_folder(self.folder)
            making = Path(tempfile.mkdtemp(prefix=".adding-", dir=self.folder))
            try:
                for path, source in files.items():
                    target = making / check_path(path)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target, follow_symlinks=False)
                _write_card(making, card)
                if folder.exists():
                    shutil.rmtree(folder)
                making.rename(folder)
            finally:
                shutil.rmtree(making, ignore_errors=True)
        except OSError as error:
            raise ConfigError(
                f"the model cannot be copied to {self.folder}: {error.strerror or error}",
                remedy="check the folder's rights and the free space",
            ) from None
        return folder

    def write_card(self, name: str, card: Card) -> None:
        """Exchange what is known of a model that is there. Raise `ConfigError`."""
        self.card(name)
        try:
            _write_card(self._folder(name), card)
        except OSError as error:
            raise ConfigError(f"{name}/{CARD} cannot be written: {error.strerror or error}") from None

    def remove(self, name: str) -> None:
        """Delete a model with its files. Raise `ConfigError`."""
        folder = self._folder(name)
        if not _is_plain(folder, stat.S_ISDIR):
            raise ConfigError(f"there is no model {name!r}", remedy=_LIST)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise ConfigError(f"the model {name!r} cannot be deleted: {error.strerror or error}") from None

    def _folder(self, name: str) -> Path:
        try:
            return self.folder / check_name(name)
        except ValueError as error:
            raise ConfigError(str(error), remedy=_LIST) from None


def _check_sizes(files: Mapping[str, Path]) -> None:
    if len(files) > MAX_FILES:
        raise ConfigError(f"the model has {len(files)} files; at most {MAX_FILES} are taken")
    total = 0
    for path, source in files.items():
        try:
            check_path(path)
            found = source.lstat()
        except (ValueError, OSError) as error:
            raise ConfigError(f"{path[:80]}: {error}") from None
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError(f"{path}: it is no plain file", remedy="links and devices are not taken")
        if Path(path).suffix.lower() not in TYPES:
            raise ConfigError(f"{path}: no model needs such a file; known are {', '.join(TYPES)}")
        total += found.st_size
        if found.st_size > MAX_FILE or total > MAX_TOTAL:
            raise ConfigError(
                f"{path}: a file has at most {MAX_FILE >> 20} MB, a model {MAX_TOTAL >> 20} MB",
                remedy="export the model with smaller textures: a stage shows none larger than 2048 pixels",
            )


def _write_card(folder: Path, card: Card) -> None:
    text = yaml.safe_dump(card.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=110)
    making = folder / f"{CARD}.new"
    making.write_text(text, "utf-8")
    making.replace(folder / CARD)


def _is_plain(path: Path, kind: Callable[[int], bool]) -> bool:
    """Return whether something is there of a kind (`stat.S_ISDIR` or `stat.S_ISREG`), and no link."""
    try:
        return kind(path.lstat().st_mode)
    except (OSError, ValueError):
        return False

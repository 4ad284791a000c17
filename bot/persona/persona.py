"""Who the host is: a folder with a character, prepared lines and pages of knowledge.

    personas/<id>/persona.yaml    the character: see `Card`
    personas/<id>/lines.yaml      prepared lines by language and purpose: see `bot.persona.lines`
    personas/<id>/knowledge/*.md  what the host knows about itself and its show

People pass such folders around, so a folder is read with bounds and is never code.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.errors import ConfigError
from bot.persona.lines import Lines, Purpose, problem

MAX_FILE = 256 * 1024
MAX_PAGE = 32 * 1024
MAX_PAGES = 64
#: Levels of a YAML file; ours have four.
MAX_DEPTH = 12

#: The parts of the avatar's look; the overlay's protocol says what each may be.
LOOK_COLOURS = frozenset({"hair", "hair_tip", "eyes", "skin", "outfit", "accent"})
LOOK_SHAPES = frozenset({"style", "accessory"})

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_SHAPE = re.compile(r"[a-z]{2,20}")


class Model(BaseModel):
    """Strict: no unknown field, no coercion, no change afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


def _sound(line: str) -> str:
    if wrong := problem(line):
        raise ValueError(f"the line {wrong}")
    return line


def _look(look: dict[str, str]) -> dict[str, str]:
    for key, value in look.items():
        if key in LOOK_COLOURS:
            if not _COLOUR.fullmatch(value):
                raise ValueError(f"{key}: {value!r} is no colour; write it as '#rrggbb', with the quotes")
        elif key not in LOOK_SHAPES:
            raise ValueError(f"unknown part {key!r}; known are {', '.join(sorted(LOOK_COLOURS | LOOK_SHAPES))}")
        elif not _SHAPE.fullmatch(value):
            raise ValueError(f"{key}: {value!r} is not one plain word")
    return look


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Short = Annotated[Text, StringConstraints(max_length=60)]
Template = Annotated[str, AfterValidator(_sound)]
Language = Literal["en", "zh", "ja"]
Variants = Annotated[tuple[Template, ...], Field(min_length=1, max_length=100)]


class Voice(Model):
    """How the host sounds in one language. ``names`` gives each provider's own name of a fitting voice."""

    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    names: dict[Short, Short] = Field(default={}, max_length=20)


class Example(Model):
    """One exchange that shows the model how the host answers; ``reply`` carries its tags."""

    viewer: Annotated[Text, StringConstraints(max_length=300)]
    reply: Template


class Card(Model):
    """``persona.yaml``. The first language is the default one.

    ``answer_in`` says whether the host answers a viewer in the viewer's language, where it speaks
    it, or always in its own first one. ``aliases`` are names that count as being spoken to.
    ``system`` is what a model is told; small local models follow about 900 characters of it.
    """

    name: Short
    about: Annotated[Text, StringConstraints(max_length=200)]
    languages: tuple[Language, ...] = Field(min_length=1, max_length=3)
    answer_in: Literal["viewer", "default"] = "viewer"
    aliases: tuple[Short, ...] = Field(default=(), max_length=20)
    label: Short = "AI"
    temperature: float = Field(default=0.8, ge=0.0, le=2.0)
    system: Annotated[Text, StringConstraints(max_length=4000)]
    examples: tuple[Example, ...] = Field(default=(), max_length=8)
    voice: dict[Language, Voice] = {}
    look: Annotated[dict[str, str], AfterValidator(_look)] = {}

    @model_validator(mode="after")
    def _agrees(self) -> Card:
        if len(set(self.languages)) < len(self.languages):
            raise ValueError("languages: each may stand there once")
        if foreign := sorted(set(self.voice) - set(self.languages)):
            raise ValueError(f"voice: {foreign[0]!r} is none of the languages")
        return self


class Script(Model):
    """``lines.yaml``: variants by language and purpose."""

    lines: dict[Language, dict[Purpose, Variants]]

    @model_validator(mode="after")
    def _never_at_a_loss(self) -> Script:
        for language, purposes in self.lines.items():
            for purpose, variants in purposes.items():
                if all("{" in line for line in variants):
                    raise ValueError(f"{language}.{purpose}: at least one variant must do without placeholders")
        return self


@dataclass(frozen=True, slots=True)
class Page:
    """One page of knowledge: the file's name without its ending, and its Markdown."""

    name: str
    text: str


class Persona(Card):
    """A whole persona. ``lines`` remembers what it said last, so there is one of it for each show."""

    id: str
    lines: Lines
    knowledge: tuple[Page, ...]

    def language_for(self, language: str) -> str:
        """Choose the language of an answer to a text in ``language``."""
        return language if self.answer_in == "viewer" and language in self.languages else self.languages[0]


@dataclass(frozen=True, slots=True)
class Summary:
    """One persona of a list. ``problem`` says in words why it cannot be used; empty when it can."""

    id: str
    name: str
    about: str
    languages: tuple[str, ...]
    problem: str = ""


def load(folder: Path, rng: random.Random | None = None) -> Persona:
    """Read and check a persona's folder; ``rng`` makes the choice of lines repeatable.

    Raises `ConfigError` with the file, the line and the key of the first thing that is wrong.
    """
    if not _ID.fullmatch(folder.name):
        raise ConfigError(
            f"{folder}: {folder.name!r} is no persona's name",
            remedy="name the folder with small letters, digits, '-' and '_'",
        )
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such persona", remedy="look into the folder 'personas' for the names")
    card = _validated(Card, folder / "persona.yaml")
    script_file = folder / "lines.yaml"
    script = _validated(Script, script_file, under="lines")
    default = card.languages[0]
    if missing := [p for p in Purpose if p not in script.lines.get(default, {})]:
        raise ConfigError(
            f"{script_file}: {default}: no lines for {', '.join(missing)}",
            remedy="the first language of the persona needs at least one line for each purpose",
        )
    return Persona(
        **dict(card),
        id=folder.name,
        lines=Lines(script.lines, default, rng),
        knowledge=tuple(_knowledge(folder / "knowledge")),
    )


def discover(root: Path) -> list[Summary]:
    """List the personas below a folder, by name; a broken one is listed with its problem."""
    found = []
    for folder in sorted(file.parent for file in root.glob("*/persona.yaml")):
        try:
            persona = load(folder)
        except ConfigError as error:
            found.append(Summary(folder.name, folder.name, "", (), str(error)))
        else:
            found.append(Summary(persona.id, persona.name, persona.about, persona.languages))
    return found


def _knowledge(folder: Path) -> Iterator[Page]:
    files = sorted(folder.glob("*.md"))
    if len(files) > MAX_PAGES:
        raise ConfigError(f"{folder}: more than {MAX_PAGES} pages")
    for file in files:
        yield Page(file.stem, _text(file, MAX_PAGE).strip())


def _text(file: Path, limit: int) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    if len(raw) > limit:
        raise ConfigError(f"{file}: is larger than {limit // 1024} KiB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{file}: byte {error.start} is not UTF-8", remedy="save the file with the encoding UTF-8"
        ) from error


def _validated(model: type[Any], file: Path, under: str = "") -> Any:
    """Read a YAML file into a model; ``under`` names the one field that the whole file is."""
    text = _text(file, MAX_FILE)
    try:
        _bounded(file, text)
        root = yaml.compose(text, Loader=_Plain)
        data = yaml.load(text, Loader=_Plain)  # noqa: S506 - a SafeLoader
        # By way of JSON, since in it a strict model takes a list for a tuple and a word for an enum.
        return model.model_validate_json(json.dumps({under: data} if under else data))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(f"{file}, line {line}: {error.problem}") from error
    except (yaml.YAMLError, TypeError) as error:
        raise ConfigError(f"{file}: is no plain YAML: {error}") from error
    except ValidationError as error:
        first, *others = error.errors(include_url=False, include_input=False)
        path = [part for part in first["loc"] if part != "[key]"][bool(under) :]
        key = ".".join(map(str, path))
        wrong = first["msg"].removeprefix("Value error, ") + (f" (and {len(others)} more)" if others else "")
        where = f"{file}, line {_line(root, path)}: "
        raise ConfigError(f"{where}{key}: {wrong}" if key else f"{where}{wrong}") from error


def _bounded(file: Path, text: str) -> None:
    """Refuse what makes a small file cost much: aliases, which can stand for any amount of text, and depth."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        alias = isinstance(event, yaml.AliasEvent)
        if alias or depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise ConfigError(
                f"{file}, line {line}: {'aliases (*name) are not allowed' if alias else 'too many levels'}"
            )


class _Plain(yaml.SafeLoader):
    """YAML without dates, so that a date stays the text it was written as; a key may come once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT002
        """Build a mapping as the parent does, and refuse a key that is there twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem=f"{key.value!r} is there twice", problem_mark=key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Plain.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _line(node: yaml.Node | None, path: list[int | str]) -> int:
    """Find the line of the deepest part of ``path`` that is in the file."""
    line = 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if part not in pairs:
                break
            key, node = pairs[part]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line

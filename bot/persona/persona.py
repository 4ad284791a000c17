"""Load a persona, which is who the host is: a folder with a character, prepared lines and pages of knowledge.

    personas/<id>/persona.yaml    the character: see `Card`
    personas/<id>/lines.yaml      prepared lines by language and purpose: see `bot.persona.lines`
    personas/<id>/knowledge/*.md  what the host knows about itself and its show

People pass such folders around, so a folder is read with bounds and is never code.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.errors import ConfigError
from bot.persona.files import read_model
from bot.persona.lines import BUILT_IN, Lines, Purpose, find_problem
from bot.persona.looks import PRESETS
from bot.text.encoding import read_text
from bot.text.pronunciations import MAX_ENTRIES, MAX_NAME, MAX_SPELLING, checked, checked_name
from bot.text.scripts import Language
from bot.types import Emotion

MAX_PAGE = 32 * 1024
MAX_PAGES = 64

#: The parts of the avatar's look; the overlay's protocol says what each may be.
LOOK_COLOURS = frozenset({"hair", "hair_tip", "eyes", "skin", "outfit", "accent", "shirt", "scene"})
LOOK_SHAPES = frozenset({"style", "accessory", "face", "body", "clothes", "stance", "backdrop", "hour"})

#: Purposes of older personas that nothing says any more. A file that still has them loads with a warning.
RETIRED_PURPOSES = frozenset({"held", "voice_back", "technical"})

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_FILE = re.compile(r"[\w-][\w .-]{0,60}(?:/[\w-][\w .-]{0,60}){0,3}")
_SHAPE = re.compile(r"[a-z]{2,20}")


class Model(BaseModel):
    """Strict: no unknown field, no coercion, no change afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


def _check_line(line: str) -> str:
    if wrong := find_problem(line):
        raise ValueError(f"the line {wrong}")
    return line


def _check_look(look: dict[str, str]) -> dict[str, str]:
    """Return a look with what its preset says filled in."""
    look = dict(look)
    preset = look.pop("preset", None)
    if preset is not None and preset not in PRESETS:
        raise ValueError(f"preset: {preset!r} is none of {', '.join(PRESETS)}")
    for key, value in look.items():
        if key in LOOK_COLOURS:
            if not _COLOUR.fullmatch(value):
                raise ValueError(f"{key}: {value!r} is no colour; write it as '#rrggbb', with the quotes")
        elif key not in LOOK_SHAPES:
            raise ValueError(f"unknown part {key!r}; known are preset, {', '.join(sorted(LOOK_COLOURS | LOOK_SHAPES))}")
        elif not _SHAPE.fullmatch(value):
            raise ValueError(f"{key}: {value!r} is not one plain word")
    return {**PRESETS[preset], **look} if preset else look


def _check_file(file: str) -> str:
    """Return a file's name within the persona's folder; people pass personas around, so none may lead out of it."""
    if not _FILE.fullmatch(file) or ".." in file:
        raise ValueError(f"{file!r} is no file of the persona's folder, such as voice/calm.wav")
    return file


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Short = Annotated[Text, StringConstraints(max_length=60)]
#: A name, and how it is spelled so that a voice says it well: for all languages, or for each.
Name = Annotated[Text, StringConstraints(max_length=MAX_NAME), AfterValidator(checked_name)]
Said = Annotated[Text, StringConstraints(max_length=MAX_SPELLING), AfterValidator(checked)]
Spelled = Said | Annotated[dict[Language, Said], Field(min_length=1)]
Template = Annotated[str, AfterValidator(_check_line)]
Variants = Annotated[tuple[Template, ...], Field(min_length=1, max_length=100)]


class AnswerIn(StrEnum):
    """The language in which the host answers: the viewer's where it speaks it, or always its own first one."""

    VIEWER = "viewer"
    DEFAULT = "default"


class Voice(Model):
    """How the host sounds in one language. ``names`` gives each provider's own name of a fitting voice."""

    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    names: dict[Short, Short] = Field(default={}, max_length=20)


class Clip(Model):
    """A sound by which a voice is cloned, what is said in it, and in which language."""

    file: Annotated[Short, AfterValidator(_check_file)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    language: Language = Language.ZH


class Example(Model):
    """One exchange that shows the model how the host answers; ``reply`` carries its tags."""

    viewer: Annotated[Text, StringConstraints(max_length=300)]
    reply: Template


class Card(Model):
    """Hold ``persona.yaml``. The first language is the default one.

    ``model`` names a model of the streamer's own (``haishin vrm list``), in the place of the built-in figure.
    ``aliases`` are names that count as being spoken to. ``clips`` are what a voice is cloned from, for each feeling;
    ``pronunciations`` how names are read aloud, in every language or in each. ``system`` is what a model is told; small
    local models follow about 900 characters of it.
    """

    name: Short
    about: Annotated[Text, StringConstraints(max_length=200)]
    languages: tuple[Language, ...] = Field(min_length=1, max_length=3)
    answer_in: AnswerIn = AnswerIn.VIEWER
    aliases: tuple[Short, ...] = Field(default=(), max_length=20)
    label: Short = "AI"
    temperature: float = Field(default=0.8, ge=0.0, le=2.0)
    system: Annotated[Text, StringConstraints(max_length=4000)]
    examples: tuple[Example, ...] = Field(default=(), max_length=8)
    voice: dict[Language, Voice] = {}
    clips: dict[Emotion, Clip] = {}
    pronunciations: Annotated[dict[Name, Spelled], Field(max_length=MAX_ENTRIES)] = {}
    look: Annotated[dict[str, str], AfterValidator(_check_look)] = {}
    model: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,39})?$")] = ""

    @model_validator(mode="after")
    def _check_languages(self) -> Card:
        if len(set(self.languages)) < len(self.languages):
            raise ValueError("languages: each may stand there once")
        if foreign := sorted(set(self.voice) - set(self.languages)):
            raise ValueError(f"voice: {foreign[0].value!r} is none of the languages")
        return self


class Script(Model):
    """``lines.yaml``: variants by language and purpose."""

    lines: dict[Language, dict[Purpose, Variants]]

    @model_validator(mode="after")
    def _check_variants(self) -> Script:
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


@dataclass(frozen=True, slots=True)
class Summary:
    """One persona of a list. ``problem`` says in words why it cannot be used; empty when it can."""

    id: str
    name: str
    about: str
    languages: tuple[str, ...]
    problem: str = ""


def load(folder: Path, rng: random.Random | None = None) -> Persona:
    """Return the persona of a folder, checked; ``rng`` makes the choice of lines repeatable.

    Raises `ConfigError` with the file, the line and the key of the first thing that is wrong.
    """
    if not _ID.fullmatch(folder.name):
        raise ConfigError(
            f"{folder}: {folder.name!r} is no persona's name",
            remedy="name the folder with small letters, digits, '-' and '_'",
        )
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such persona", remedy="look into the folder 'personas' for the names")
    card = read_model(Card, folder / "persona.yaml")
    script_file = folder / "lines.yaml"
    script = read_model(Script, script_file, under="lines", retired=RETIRED_PURPOSES)
    default = card.languages[0]
    spoken = {language: {**BUILT_IN.get(language, {}), **lines} for language, lines in script.lines.items()}
    if missing := [p for p in Purpose if p not in spoken.get(default, {})]:
        raise ConfigError(
            f"{script_file}: {default}: no lines for {', '.join(missing)}",
            remedy="the first language of the persona needs at least one line for each purpose",
        )
    return Persona(
        **dict(card),
        id=folder.name,
        lines=Lines(spoken, default, rng, follows_viewer=card.answer_in is AnswerIn.VIEWER),
        knowledge=tuple(_knowledge(folder / "knowledge")),
    )


def discover(root: Path) -> list[Summary]:
    """Return the personas below a folder, by name; a broken one with its problem."""
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
        yield Page(file.stem, read_text(file, MAX_PAGE).strip())

"""Reads a programme's file. Each fault is told with its file and line, all of them at once."""

from __future__ import annotations

import difflib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.errors import ConfigError
from bot.runtime.settings import Section
from bot.show.schedule.programme import Programme, Segment
from bot.show.segments import registry
from bot.show.segments.registry import Kind, SegmentKind
from bot.text.field_types import KeyPath, kinds_at
from bot.text.yaml_file import Fit, Scalar, YamlFile, fit_to, read_yaml


@dataclass(frozen=True, slots=True)
class Planned:
    """A segment with its kind and the options that the kind understands."""

    segment: Segment
    kind: Kind
    options: Section


@dataclass(frozen=True, slots=True)
class ProgrammeFile:
    """A programme as it was read: ``planned`` by the segments' names, in the order of the file."""

    programme: Programme = field(default_factory=Programme)
    path: Path = field(default_factory=Path)
    planned: dict[str, Planned] = field(default_factory=dict)
    yaml: YamlFile = field(default_factory=lambda: YamlFile("", None))

    def line(self, name: str, *keys: str) -> int:
        """Return the line of a segment, or of a key in it."""
        index = next((i for i, one in enumerate(self.programme.segments) if one.name == name), 0)
        return self.yaml.line(("segments", index, *keys))

    def place(self, name: str, *keys: str) -> str:
        """Return "file:line" of a segment, or of a key in it."""
        return f"{self.path}:{self.line(name, *keys)}"


def read(path: Path) -> ProgrammeFile:
    """Read a programme. Raise `ConfigError` that has a line for each fault: "file:line: where: what"."""
    yaml = read_yaml(path, fit=fit_to(Programme))
    if fits := _option_fits(yaml.value):
        yaml = read_yaml(path, fit=_fit_with(fits))
    try:
        programme = Programme.model_validate(yaml.value or {})
    except ValidationError as error:
        raise ConfigError("\n".join(_faults(error, yaml, Programme, ())), remedy=_remedy(error, yaml)) from None
    planned: dict[str, Planned] = {}
    faults: list[str] = []
    for index, segment in enumerate(programme.segments):
        place: KeyPath = ("segments", index)
        if segment.name in planned:
            faults.append(f"{path}:{yaml.line((*place, 'name'))}: there are two segments {segment.name!r}")
        kind = registry.load(segment.kind)
        try:
            options = kind.config.model_validate(segment.options, context={"folder": path.parent})
        except ValidationError as error:
            faults += _faults(error, yaml, kind.config, (*place, "options"))
        else:
            planned[segment.name] = Planned(segment, kind, options)
    if faults:
        raise ConfigError("\n".join(faults))
    found = ProgrammeFile(programme, path, planned, yaml)
    if circles := _circles(found):
        raise ConfigError("\n".join(circles))
    return found


def _option_fits(value: Any) -> dict[str | int, Fit]:
    """Return what reads the options of each segment by the types of its kind, by the segment's number."""
    found: dict[str | int, Fit] = {}
    segments = value.get("segments") if isinstance(value, dict) else None
    for index, one in enumerate(segments if isinstance(segments, list) else ()):
        if isinstance(one, dict) and isinstance(one.get("options"), dict):
            with suppress(ValueError):  # it is told when the segments are read
                found[index] = fit_to(registry.load(SegmentKind(str(one.get("kind")))).config)
    return found


def _fit_with(fits: dict[str | int, Fit]) -> Fit:
    usual = fit_to(Programme)

    def fit(path: KeyPath, scalar: Scalar) -> Any:
        if len(path) > 3 and path[2] == "options" and path[1] in fits:
            return fits[path[1]](path[3:], scalar)
        return usual(path, scalar)

    return fit


def _faults(error: ValidationError, yaml: YamlFile, model: type[BaseModel], under: KeyPath) -> list[str]:
    return [_explain(fault, yaml, model, under) for fault in error.errors(include_url=False, include_context=False)]


def _explain(fault: Any, yaml: YamlFile, model: type[BaseModel], under: KeyPath) -> str:
    inner = tuple(fault["loc"])
    path = (*under, *inner)
    where = ".".join(str(part) for part in path) or "(whole file)"
    message = fault["msg"].removeprefix("Value error, ")
    text = f"{yaml.name}:{yaml.line(path)}: {where}: {message[0].lower()}{message[1:]}"
    if fault["type"] == "extra_forbidden":
        known = [
            name
            for kind in (kinds_at(model, inner[:-1]) if inner[:-1] else [model])
            if isinstance(kind, type) and issubclass(kind, BaseModel)
            for name in kind.model_fields
        ]
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        text = f"{yaml.name}:{yaml.line(path)}: {where}: there is no such setting"
        text += f"; did you mean {near[0]!r}?" if near else ""
    return text


def _remedy(error: ValidationError, yaml: YamlFile) -> str:
    if isinstance(yaml.value, dict) and "segments" not in yaml.value:
        return "a programme has 'segments'; if these are settings of the host, see: haishin check --config FILE"
    places = (tuple(fault["loc"]) for fault in error.errors(include_url=False, include_context=False))
    return next((yaml.hints[place] for place in places if place in yaml.hints), "")


def _circles(found: ProgrammeFile) -> list[str]:
    """Return what is wrong with the order of segments that follow others: unknown ones, and circles."""
    after = {one.name: one.when.after for one in found.programme.segments if one.when.after}
    faults = []
    for name, before in after.items():
        place = found.place(name, "when", "after")
        if before not in found.planned:
            near = difflib.get_close_matches(before, found.planned, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            faults.append(f"{place}: {name}: there is no segment {before!r} to follow{hint}")
            continue
        way = [name]
        while (step := after.get(way[-1])) is not None and step not in way:
            way.append(step)
        if step == name:
            faults.append(f"{place}: {name}: these follow each other in a circle: {' ← '.join([*way, name])}")
    return faults

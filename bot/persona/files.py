"""Read the YAML and Markdown files of a persona with bounds, and say where a mistake stands.

People pass personas around, so no file may cost much memory or time, and none may hold more than plain data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from loguru import logger
from pydantic import BaseModel, ValidationError

from bot.errors import ConfigError
from bot.text.yaml_file import Limits, YamlFile, fit_to, read_yaml

#: What a file of a persona may cost. Ours have four levels; an alias can stand for any amount of text.
LIMITS: Final = Limits(size=256 * 1024, depth=12, aliases=0)


def read_model(model: type[BaseModel], file: Path, under: str = "", retired: frozenset[str] = frozenset()) -> Any:
    """Read a YAML file into a Pydantic model; ``under`` names the one field that the whole file is.

    Keys of the second level that are ``retired`` are left out with a warning. Raises `ConfigError` with the file, the
    line and the key of the first mistake.
    """
    found = read_yaml(file, LIMITS, fit_to(model, (under,) if under else ()))
    _drop_retired(found, retired)
    value = {} if found.value is None else found.value
    try:
        # The way through JSON: there a strict model takes a list for a tuple and a word for an enum.
        return model.model_validate_json(json.dumps({under: value} if under else value))
    except ValidationError as error:
        first, *others = error.errors(include_url=False, include_input=False)
        path = tuple(part for part in first["loc"] if part != "[key]")[bool(under) :]
        key = ".".join(map(str, path))
        wrong = first["msg"].removeprefix("Value error, ") + (f" (and {len(others)} more)" if others else "")
        where = f"{file}:{found.line(path)}: "
        hint = found.hints.get(path, "")
        raise ConfigError(f"{where}{key}: {wrong}" if key else f"{where}{wrong}", remedy=hint) from error


def _drop_retired(found: YamlFile, retired: frozenset[str]) -> None:
    sections = found.value.items() if isinstance(found.value, dict) else ()
    for name, section in sections:
        for key in sorted(retired & section.keys()) if isinstance(section, dict) else ():
            del section[key]
            where = f"{found.name}:{found.line((name, key))}"
            logger.warning("{}: {}.{} is not used any more; you may delete it", where, name, key)

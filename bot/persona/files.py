"""Read the YAML and Markdown files of a persona with bounds, and say where a mistake stands.

People pass personas around, so no file may cost much memory or time, and none may hold more than plain data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from loguru import logger
from pydantic import ValidationError

from bot.errors import ConfigError

MAX_FILE = 256 * 1024
#: Levels of a YAML file; ours have four.
MAX_DEPTH = 12


def read_text(file: Path, limit: int) -> str:
    """Return the text of a UTF-8 file of at most ``limit`` bytes. Raises `ConfigError`."""
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


def read_model(model: type[Any], file: Path, under: str = "", retired: frozenset[str] = frozenset()) -> Any:
    """Read a YAML file into a Pydantic model; ``under`` names the one field that the whole file is.

    Keys of the second level that are ``retired`` are left out with a warning. Raises `ConfigError` with the file, the
    line and the key of the first mistake.
    """
    text = read_text(file, MAX_FILE)
    try:
        _bounded(file, text)
        root = yaml.compose(text, Loader=_Plain)
        data = yaml.load(text, Loader=_Plain)  # noqa: S506 - a SafeLoader
        _drop_retired(file, root, data, retired)
        # The way through JSON: there a strict model takes a list for a tuple and a word for an enum.
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


def _drop_retired(file: Path, root: yaml.Node | None, data: Any, retired: frozenset[str]) -> None:
    sections = data.items() if isinstance(data, dict) else ()
    for name, section in sections:
        for key in sorted(retired & section.keys()) if isinstance(section, dict) else ():
            del section[key]
            line = _line(root, [name, key])
            logger.warning("{}, line {}: {}.{} is not used any more; you may delete it", file, line, name, key)


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

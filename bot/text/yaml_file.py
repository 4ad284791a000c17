"""The one reader of YAML files that people write: configurations, personas, policies.

It bounds what a small file may cost, refuses a key that is there twice, keeps the line of each key, and says in
plain words what to do about the usual slips: a tab, a full-width colon, a backslash or a quote of the wrong kind.
A date stays the text it was written as, and so does a number with a leading zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from pydantic import BaseModel

from bot.errors import ConfigError
from bot.text.encoding import read_text
from bot.text.field_types import KeyPath, is_text, kinds_at, may_be_missing
from bot.text.slips import hint, misread, remedy


class Limits(NamedTuple):
    """What a file may cost. ``size`` is in bytes; ``nodes`` counts the values after aliases were put in."""

    size: int = 1 << 20
    depth: int = 20
    nodes: int = 20_000
    aliases: int = 100


USUAL: Final = Limits()


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value of a file: its text as it was written, and what YAML makes of it."""

    text: str
    value: Any
    quoted: bool

    @property
    def empty(self) -> bool:
        """Return whether nothing was written after the colon."""
        return not self.quoted and not self.text


#: What a `Fit` returns for a key that counts as not written.
OMITTED: Final = object()
#: Turns a scalar at a place into its value.
Fit = Callable[[KeyPath, Scalar], Any]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """What a file says. ``lines`` has the line of each key; ``hints`` has advice for lines that look like a slip."""

    name: str
    value: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)
    hints: dict[KeyPath, str] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int:
        """Return the line of a key, or of the closest key around it that is in the file."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


def read_yaml(file: Path, limits: Limits = USUAL, fit: Fit | None = None) -> YamlFile:
    """Read a file. Raise `ConfigError` that names the file, the line and what to do."""
    return parse_yaml(read_text(file, limits.size), str(file), limits, fit)


def parse_yaml(text: str, name: str, limits: Limits = USUAL, fit: Fit | None = None) -> YamlFile:
    """Read a text as a file of that name. An empty text has the value None. Raise `ConfigError`."""
    loader = None
    try:
        loader = _Loader(text, limits)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(
            f"{name}:{line}: not valid YAML: {_REPEATED.sub('', str(error.problem))}",
            remedy=remedy(text, line, str(error.problem)),
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            f"{name}:{line}: not valid YAML: {error.reason}", remedy="take the invisible character out of this line"
        ) from None
    finally:
        if loader is not None:
            loader.dispose()
    found = YamlFile(name, None)
    if node is None:
        return found
    value = _Builder(found, text.splitlines(), limits, fit or _as_yaml_says).build(node, ())
    return YamlFile(name, None if value is OMITTED else value, found.lines, found.hints)


def fit_to(model: type[BaseModel], under: KeyPath = ()) -> Fit:
    """Return what reads the words of a file by the types of a model; ``under`` is the place of the file in it.

    Where a field is text, the text is taken as it was written, though YAML sees a number or a truth value in it.
    A key after which nothing is written is an empty section, else a key that is not there.
    """

    def fit(path: KeyPath, scalar: Scalar) -> Any:
        kinds = kinds_at(model, (*under, *path))
        if scalar.empty:
            return _nothing(kinds)
        if scalar.value is None and not scalar.quoted and not may_be_missing(kinds) and not any(map(is_text, kinds)):
            return _nothing(kinds)
        numbers = any(kind in (int, float, bool, Any) for kind in kinds)
        if scalar.value is None or numbers or not any(is_text(kind) for kind in kinds):
            return scalar.value
        return scalar.text

    return fit


def _nothing(kinds: list[Any]) -> Any:
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            needed = any(info.is_required() for info in kind.model_fields.values())
            return OMITTED if needed and may_be_missing(kinds) else {}
    return OMITTED


_OWN_TAG = re.compile(r"tag:yaml\.org,2002:(python(?=/)|set$|binary$|omap$|pairs$)")
#: Words of the file that the parser repeats: a password that begins with * is an alias to it.
_REPEATED = re.compile(r" '[^'<]{3,}'")


def _as_yaml_says(_path: KeyPath, scalar: Scalar) -> Any:
    return scalar.value


class _Loader(yaml.SafeLoader):
    """Composes nodes within bounds. Dates, and numbers with a leading zero or a colon, stay text."""

    def __init__(self, text: str, limits: Limits) -> None:
        super().__init__(text)
        self._limits = limits
        self._level = 0
        self._seen = 0
        self._aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node as the parent class does. Raise `yaml.MarkedYAMLError` beyond the bounds."""
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        self._aliases += bool(self.check_event(yaml.AliasEvent))
        self._seen += 1
        for much, most, what in (
            (self._level, self._limits.depth, "nested too deeply"),
            (self._seen, self._limits.nodes, f"more than {self._limits.nodes} values"),
            (
                self._aliases,
                self._limits.aliases,
                "too many aliases (*name)" if self._limits.aliases else "aliases (*name) are not allowed",
            ),
        ):
            if much > most:
                raise yaml.MarkedYAMLError(problem=what, problem_mark=mark)
        self._level += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._level -= 1


# PyYAML asks with match(), so the expression has to reach the end by itself.
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|0b[01_]+)$")
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, _WHOLE if tag.endswith(":int") else regexp) for tag, regexp in found if not tag.endswith(":timestamp")
    ]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null"))


class _Builder:
    """Turns nodes into plain values, and notes lines and hints as it goes."""

    def __init__(self, found: YamlFile, source: list[str], limits: Limits, fit: Fit) -> None:
        self._found = found
        self._source = source
        self._limits = limits
        self._fit = fit
        self._nodes = 0

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        """Return the value of a node. Raise `ConfigError`."""
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            raise ConfigError(f"{self._found.name}: more than {self._limits.nodes} values")
        if len(path) > self._limits.depth:
            raise self._error(node, "nested too deeply")
        if node.tag not in _TAGS:
            # Named when it is one of YAML's own: a password may begin with an exclamation mark.
            own = _OWN_TAG.match(node.tag)
            which = f"the tag !!{own[1]}" if own else "a tag (a value that begins with ! and has no quotes)"
            raise self._error(node, f"{which} is not allowed")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path)
        return self._fit(path, self._scalar(node))

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        out: dict[str, Any] = {}
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, "a key must be a word")
            key = str(key_node.value)
            place = (*path, key)
            if key in seen:
                raise self._error(key_node, f"{'.'.join(map(str, place))} is written twice")
            seen.add(key)
            self._note(place, key_node, value_node)
            if (value := self.build(value_node, place)) is not OMITTED:
                out[key] = value
        return out

    def _sequence(self, node: yaml.SequenceNode, path: KeyPath) -> list[Any]:
        out = []
        for index, item in enumerate(node.value):
            plain = isinstance(item, yaml.ScalarNode) and item.style is None
            if node.flow_style and plain and re.search("[，、]", item.value):
                raise self._error(
                    item, "a full-width comma parts no items", "write ',' between two; quote a text that it belongs to"
                )
            self._note((*path, index), item, item)
            value = self.build(item, (*path, index))
            out.append(None if value is OMITTED else value)
        return out

    def _scalar(self, node: yaml.Node) -> Scalar:
        quoted = getattr(node, "style", None) is not None
        mark = node.start_mark
        line = self._source[mark.line] if mark.line < len(self._source) else ""
        wrong, advice = misread(getattr(node, "style", None), str(node.value), line[mark.column :])
        if wrong:
            raise self._error(node, wrong, advice)
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except (yaml.MarkedYAMLError, ValueError) as error:
            raise self._error(node, f"not a value: {getattr(error, 'problem', error)}") from None
        return Scalar(str(node.value), value, quoted)

    def _note(self, path: KeyPath, key: yaml.Node, value: yaml.Node) -> None:
        first = key.start_mark.line
        self._found.lines[path] = first + 1
        prose = isinstance(value, yaml.ScalarNode) and value.style in ("|", ">")  # any mark may stand in it
        last = value.end_mark.line if isinstance(value, yaml.ScalarNode) and not prose else first
        for line in self._source[first : last + 1]:
            if advice := hint(line):
                self._found.hints[path] = advice

    def _error(self, node: yaml.Node, what: str, advice: str = "") -> ConfigError:
        line = node.start_mark.line
        advice = advice or (hint(self._source[line]) if line < len(self._source) else "")
        return ConfigError(f"{self._found.name}:{line + 1}: {what}", remedy=advice)

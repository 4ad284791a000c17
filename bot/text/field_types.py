"""What a setting may be, read from the annotations of its model: text, a number, a group, a secret.

A value that comes as text (a variable of the environment, a word in a file) is read by the type of its field. So a
channel named ``123456`` or ``no`` stays that name, and a key that begins with 0 stays that key.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

KeyPath = tuple[str | int, ...]

_SECRET_NAME = re.compile(
    r"token|passw|secret|credential|cookie|authorization|api_?key|access_?key|(?:^|_)keys?(?:$|_)", re.IGNORECASE
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")


def options(annotation: Any) -> list[Any]:
    """Return the alternatives of a type: without ``Annotated``, a union as its members, a literal as one."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return options(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [one for member in get_args(annotation) for one in options(member)]
    return [annotation]


def field_of(model: type[BaseModel], path: KeyPath) -> FieldInfo | None:
    """Return the last named field on the way along ``path``; None when there is none."""
    found: FieldInfo | None = None
    kinds: list[Any] = [model]
    for step in path:
        for kind in kinds:
            if _is_model(kind) and str(step) in kind.model_fields:
                found = kind.model_fields[str(step)]
        kinds = [inner for kind in kinds for inner in _step(kind, step)]
    return found


def kinds_at(model: type[BaseModel], path: KeyPath) -> list[Any]:
    """Return the alternatives of the type at a place below a model; empty when there is no such place.

    What lies below an ``Any`` is ``Any`` too.
    """
    kinds: list[Any] = [model]
    for step in path:
        kinds = [inner for kind in kinds for inner in _step(kind, step)]
    return kinds


def _step(kind: Any, step: str | int) -> list[Any]:
    if kind is Any:
        return [Any]
    if _is_model(kind):
        info = kind.model_fields.get(str(step))
        return options(info.annotation) if info else []
    origin, args = get_origin(kind) or kind, get_args(kind)
    if origin is dict:
        return options(args[1]) if args else [Any]
    if origin in (list, set, frozenset, tuple) and isinstance(step, int):
        if origin is tuple and args and args[-1] is not Ellipsis:
            return options(args[step]) if step < len(args) else []
        return options(args[0]) if args else [Any]
    return []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def is_text(kind: Any) -> bool:
    """Return whether a type takes text as it is: a string, a secret, a path, an enum or literals of words."""
    if get_origin(kind) is Literal:
        return all(isinstance(value, str) for value in get_args(kind))
    if not isinstance(kind, type):
        return False
    if issubclass(kind, Enum):
        return all(isinstance(member.value, str) for member in kind)
    return issubclass(kind, str | SecretStr | SecretBytes | PurePath)


def is_group(kind: Any) -> bool:
    """Return whether a type holds further values: a model, a mapping, a list."""
    return _is_model(kind) or (get_origin(kind) or kind) in (dict, list, tuple, set, frozenset)


def may_be_missing(kinds: Iterable[Any]) -> bool:
    """Return whether None is among the alternatives."""
    return any(kind is type(None) or kind is None for kind in kinds)


def plain(text: str) -> Any:
    """Return a text as a number or a truth value where it plainly is one, else as it is."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _NUMBER.fullmatch(text):
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 20 else float(text)
    return text


def holds_secret(kind: Any) -> bool:
    """Return whether a value of this type is a secret, or may have one inside."""
    if kind is Any or (isinstance(kind, type) and issubclass(kind, SecretStr | SecretBytes)):
        return True
    if _is_model(kind):
        return any(is_secret_field(name, info) for name, info in kind.model_fields.items())
    return any(holds_secret(one) for arg in get_args(kind) for one in options(arg) if get_origin(kind) is not Literal)


def is_secret_field(name: str, info: FieldInfo) -> bool:
    """Return whether a field's value must not be printed: by its type, its name, or ``repr=False``."""
    return not info.repr or is_secret_name(name) or any(holds_secret(kind) for kind in options(info.annotation))


def is_secret_name(name: str) -> bool:
    """Return whether an option's name says that it is a secret, as ``api_key`` and ``token`` do."""
    # A count of tokens is no secret.
    return bool(_SECRET_NAME.search(name)) and not re.fullmatch(r"max_.*|.*_field", name, re.IGNORECASE)


def secrets_in(value: Any, *, secret: bool = False) -> Iterator[str]:
    """Yield the text of every secret in a model, a mapping or a list; of a URL its password alone."""
    if isinstance(value, SecretStr | SecretBytes):
        found = value.get_secret_value()
        yield found.decode("utf-8", "replace") if isinstance(found, bytes) else found
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from secrets_in(getattr(value, name), secret=not info.repr or is_secret_name(name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from secrets_in(item, secret=secret or is_secret_name(str(key)))
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from secrets_in(item, secret=secret)
    elif isinstance(value, str) and "://" in value:
        if password := _password(value):
            yield password
            yield unquote(password)
    elif secret and isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""

"""Read the arguments of a call as a model wrote them: JSON of bounded size that fits, or a reason why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from bot.mind.tools.function import Function
from bot.mind.untrusted import visible

#: Longest arguments that are read, in characters, and their deepest nesting.
MAX_ARGUMENTS: Final = 4000
MAX_DEPTH: Final = 6


class Declined(Exception):  # noqa: N818 - an answer, not a failure
    """Why a call is not carried out."""


def canonical(arguments: str) -> str:
    """Return arguments in the form in which equal ones are equal."""
    try:
        return json.dumps(json.loads(arguments[:MAX_ARGUMENTS] or "{}"), sort_keys=True)
    except (ValueError, RecursionError):
        return arguments[:MAX_ARGUMENTS]


def read(function: Function, written: str) -> tuple[Any, str]:
    """Return the checked arguments, and as a person is shown them. Raises `Declined`."""
    if len(written) > MAX_ARGUMENTS:
        raise Declined("the arguments are too long")
    try:
        given = json.loads(written or "{}")
    except (ValueError, RecursionError):
        raise Declined("the arguments are no JSON") from None
    if not isinstance(given, dict) or _depth(given) > MAX_DEPTH:
        raise Declined("the arguments are no plain JSON object")
    shown = visible(", ".join(f"{key}: {_words(value)}" for key, value in given.items()), MAX_ARGUMENTS)
    if function.arguments is None:
        return given, shown
    try:
        return function.arguments.model_validate(given), shown
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))[:60]
        raise Declined(f"the arguments do not fit: {where}: {first['msg'][:120]}") from None


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(item)}" for key, item in value.items())
    return str(value)


def _depth(value: Any, depth: int = 1) -> int:
    if depth > MAX_DEPTH:
        return depth
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((_depth(item, depth + 1) for item in inner), default=depth)

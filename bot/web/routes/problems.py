"""What every route may answer when it does not do what was asked: a status and a sentence."""

from __future__ import annotations

from typing import Any

from bot.stage.protocol import Model


class Problem(Model):
    """Why not, in words for a person."""

    detail: str


_WHEN = {
    400: "the body is no JSON",
    401: "the token is missing or wrong",
    403: "the call comes from another web page, or by a name that is not ours",
    413: "the body is too large",
    422: "a field is missing, unknown or does not fit",
    429: "too many wrong tokens",
    503: "the host is starting, or its records cannot be written now",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words} for status, words in _WHEN.items()
}

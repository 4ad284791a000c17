"""Take the vectors out of what servers answer: OpenAI's frame, Ollama's two, and those of their imitations."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from bot.mind.chat_chunks import number_of, said_of

#: Where servers put the vectors, and where in a part of them its numbers stand.
_LISTS: Final = ("data", "embeddings", "embedding")
_NUMBERS: Final = ("embedding", "values", "embeddings")


def vectors_of(answer: Any, texts: int) -> list[Any]:
    """Return as many vectors as there are ``texts``, in their order. Raises `ValueError` with the reason."""
    if isinstance(answer, Mapping):
        found = next((answer[name] for name in _LISTS if answer.get(name)), None)
        if found is None and (answer.get("error") or answer.get("detail")):
            raise ValueError(said_of(answer)[:200])
        answer = found
    if not isinstance(answer, list) or not answer:
        raise ValueError("no vectors in it")
    parts = [answer] if texts == 1 and isinstance(answer[0], int | float) else answer
    if len(parts) != texts:
        raise ValueError(f"{len(parts)} vectors for {texts} texts")
    vectors = [_numbers(part) for part in parts]
    places = _places(parts)
    return [vectors[places.index(place)] for place in range(texts)] if places else vectors


def _places(parts: list[Any]) -> list[int]:
    """Return which text each part belongs to, where the server says so; it need not keep the order."""
    told = [part.get("index") if isinstance(part, Mapping) else None for part in parts]
    if all(each is None for each in told):
        return []
    numbers = [number for each in told if (number := number_of(each)) is not None]
    first = min(numbers, default=0)
    if first not in (0, 1) or sorted(numbers) != list(range(first, first + len(parts))):
        raise ValueError("vectors whose texts cannot be told")
    return [number - first for number in numbers]


def _numbers(part: Any) -> Any:
    """Return the numbers of a part: they may stand in it, be packed as base64, or be the one row of a table."""
    for _ in range(2):  # a part may hold another
        if isinstance(part, Mapping):
            part = next((part[name] for name in _NUMBERS if name in part), None)
    if isinstance(part, str):
        return np.frombuffer(base64.b64decode(part, validate=True), "<f4")
    if isinstance(part, list) and len(part) == 1 and isinstance(part[0], list):
        part = part[0]
    if not isinstance(part, list) or not all(isinstance(each, int | float | str) for each in part):
        raise ValueError("a vector that is no list of numbers")
    if any(isinstance(each, bool) for each in part):
        raise ValueError("a vector of yes and no")
    return part

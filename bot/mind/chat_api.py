"""Turn a prompt and its tools into what the chat APIs take; the files of the language models share it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.mind.untrusted import harmless
from bot.types import Line, Prompt, Tool, ToolCall

_MAX_CALLS = 16
_MAX_ARGUMENTS = 20_000


def messages(prompt: Prompt, *, beside: bool = False) -> list[dict[str, Any]]:
    """Return the lines as role and content. Lines that are not the system's lose the marks of chat templates.

    Images are parts of the content, as in OpenAI's API; with ``beside`` they stand beside it, as in Ollama's.
    """
    return [_message(line, beside=beside) for line in prompt.lines]


def _message(line: Line, *, beside: bool) -> dict[str, Any]:
    text = line.text if line.role == "system" else harmless(line.text)
    if not line.images:
        return {"role": line.role, "content": text}
    images = [(image, base64.b64encode(image).decode()) for image in line.images]
    if beside:
        return {"role": line.role, "content": text, "images": [code for _, code in images]}
    parts = [
        {"type": "image_url", "image_url": {"url": f"data:{_mime(image)};base64,{code}"}} for image, code in images
    ]
    return {"role": line.role, "content": [{"type": "text", "text": text}, *parts]}


def _mime(image: bytes) -> str:
    return "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"


def in_turns(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages by the strictest rules for roles: one of the system, first; then a user and the model in turn.

    Templates such as Gemma's and Mistral's refuse anything else, and Anthropic's address moves it silently.
    """
    told = [line["content"] for line in lines if line["role"] == "system"]
    turns: list[dict[str, Any]] = []
    for line in lines:
        if line["role"] == "system":
            continue
        if turns and turns[-1]["role"] == line["role"]:
            turns[-1]["content"] = _joined(turns[-1]["content"], line["content"])
        else:
            turns.append(dict(line))
    if not turns or turns[0]["role"] != "user":
        turns.insert(0, {"role": "user", "content": "…"})
    return [{"role": "system", "content": "\n\n".join(told)}, *turns] if told else turns


def _joined(one: str | list[Any], other: str | list[Any]) -> str | list[Any]:
    """Return two contents as one; one with images is a list of parts."""
    if isinstance(one, str) and isinstance(other, str):
        return f"{one}\n{other}"
    parts = ([{"type": "text", "text": each}] if isinstance(each, str) else each for each in (one, other))
    return [part for each in parts for part in each]


def with_schema(lines: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return messages that ask for JSON of a schema in words, for services that cannot be held to one."""
    wish = f"Answer with JSON alone, of this JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    return in_turns([*lines, {"role": "system", "content": wish}])


def functions(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Return the tools in the form of OpenAI's API, which the others took over."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.about, "parameters": dict(tool.schema)},
        }
        for tool in tools
    ]


class Calls:
    """Assembles tool calls from the pieces in which they stream. More than 16 calls are dropped."""

    def __init__(self) -> None:
        self._parts: dict[int, tuple[str, str, str]] = {}
        self._last = 0  # the call of the piece before

    def add(self, index: int | None, call_id: str | None, name: str | None, arguments: str | None) -> None:
        """Add one piece of call number ``index``; None stands for a part that the piece does not have."""
        if index is None:
            index = self._place(call_id, name)
        self._last = index
        if index in self._parts or len(self._parts) < _MAX_CALLS:
            before = self._parts.get(index, ("", "", ""))
            whole = (before[2] + (arguments or ""))[:_MAX_ARGUMENTS]
            self._parts[index] = (call_id or before[0], name or before[1], whole)

    def _place(self, call_id: str | None, name: str | None) -> int:
        """Return the number of a call whose piece has none: a name begins another one, what has none goes on."""
        known = next((index for index, part in self._parts.items() if call_id and part[0] == call_id), None)
        if known is not None:
            return known
        _, named, arguments = self._parts.get(self._last, ("", "", ""))
        goes_on = not name or (name == named and not call_id and not _is_whole(arguments))
        return self._last if goes_on else max(self._parts, default=-1) + 1

    def whole(self) -> list[ToolCall]:
        """Return the calls that have a name. Call this when the stream is over."""
        return [
            ToolCall(call_id or f"call_{index}", name, arguments)
            for index, (call_id, name, arguments) in self._parts.items()
            if name
        ]


def _is_whole(arguments: str) -> bool:
    """Return whether the arguments of a call are all there."""
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return False
    return True


class Bounds:
    """Counts what a model sends, so that one that ignores ``max_tokens`` cannot talk for ever.

    A token rarely has more than eight characters. The limit is twice the tokens that were asked for.
    """

    def __init__(self, prompt: Prompt) -> None:
        self._pieces = 2 * prompt.max_tokens + 16
        self._chars = 16 * prompt.max_tokens + 256

    def spent(self, text: str) -> bool:
        """Count a piece; return True when there have been too many."""
        self._pieces -= 1
        self._chars -= len(text)
        return self._pieces < 0 or self._chars < 0

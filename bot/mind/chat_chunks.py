"""Read the chunks in which OpenAI's API and its many imitations stream an answer.

Each server leaves out, doubles or renames something. What has words is an answer, whatever its frame; what is no such
chunk at all raises `ValueError`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.mind.chat_api import Calls
from bot.types import Delta, ToolCall, Usage

#: Where servers put the thoughts of a model, which are not for the audience.
_THOUGHTS: Final = ("reasoning_content", "reasoning", "reasoning_text", "thinking", "reasoning_details")
_MAX_DEPTH: Final = 4


class ChunkReader:
    """Reads the chunks of one answer. ``finish`` is the reason that the server gave for its end, or empty."""

    def __init__(self) -> None:
        self.finish = ""
        self.usage: Usage | None = None
        self._calls = Calls()
        self._spoke = False

    def read(self, chunk: object) -> Iterator[Delta]:
        """Yield the words of a chunk; an empty piece when it shows that the model reads, thinks or writes a call."""
        if not isinstance(chunk, Mapping):
            raise ValueError(f"a chunk that is no object, but {type(chunk).__name__}")  # noqa: TRY004 - not our error
        groq = chunk.get("x_groq")
        counts = chunk.get("usage") or (groq.get("usage") if isinstance(groq, Mapping) else None)
        self.usage = usage_of(counts) or self.usage
        if chunk.get("prompt_progress"):
            yield Delta()
        for choice in chunk.get("choices") or ():
            if not isinstance(choice, Mapping) or choice.get("index"):  # the first of several answers is enough
                continue
            self.finish = str(choice.get("finish_reason") or self.finish)
            yield from self._choice(choice)

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[Delta]:
        message = choice.get("delta")
        if message is None:  # the older API, or an answer in one piece
            message = {"content": choice.get("text")}
            if not self._spoke:
                message = choice.get("message") or message
        if not isinstance(message, Mapping):
            raise ValueError(f"a delta that is no object, but {type(message).__name__}")  # noqa: TRY004
        progress = self._add_calls(message) or any(message.get(name) for name in _THOUGHTS)
        if text := text_of(message.get("content")):
            self._spoke = True
            yield Delta(text)
        elif progress or message.get("content"):
            yield Delta()

    def _add_calls(self, message: Mapping[str, Any]) -> bool:
        """Add the pieces of calls; return whether there were any."""
        pieces = message.get("tool_calls") or ()
        if isinstance(pieces, Mapping):
            pieces = (pieces,)
        if isinstance(old := message.get("function_call"), Mapping):
            pieces = (*pieces, {"function": old})
        for number, piece in enumerate(pieces):
            of = piece.get("function") or {}
            arguments = of.get("arguments")
            if arguments is not None and not isinstance(arguments, str):
                arguments = json.dumps(arguments, ensure_ascii=False)
            index = piece.get("index")
            self._calls.add(index if isinstance(index, int) else number, piece.get("id"), of.get("name"), arguments)
        return bool(pieces)

    def calls(self) -> list[ToolCall]:
        """Return the calls. Call this when the stream is over."""
        return self._calls.whole()


def text_of(content: object, depth: int = 0) -> str:
    """Return the words of a delta's content: a text, or parts, of which only those of text are spoken.

    What is neither has no words.
    """
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, Mapping) and depth < _MAX_DEPTH:
        kind = content.get("type", "text")
        return text_of(content.get("text", content.get("value")), depth + 1) if kind in ("text", "output_text") else ""
    if isinstance(content, list) and depth < _MAX_DEPTH:
        return "".join(text_of(part, depth + 1) for part in content)
    return ""


def usage_of(counts: object) -> Usage | None:
    """Return the tokens as a server counts them, or None."""
    if not isinstance(counts, Mapping):
        return None
    prompt, completion = counts.get("prompt_tokens"), counts.get("completion_tokens")
    if not isinstance(prompt, int | float) and not isinstance(completion, int | float):
        return None
    return Usage(*(int(count) if isinstance(count, int | float) else 0 for count in (prompt, completion)))

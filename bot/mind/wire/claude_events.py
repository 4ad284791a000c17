"""Read the events of Anthropic's Messages API. What has words is an answer, whatever is missing around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.mind.chat_api import Calls
from bot.mind.chat_chunks import count_of, number_of, text_of
from bot.types import Delta, Usage

#: Kinds of blocks whose words are a thought. One that was redacted has none, so what follows it is an answer.
_THOUGHT: Final = re.compile("^(?!redacted).*(?:think|reason|thought)")


class ClaudeAnswer:
    """Reads the events of one answer. ``finish`` is the reason for its end, or empty."""

    def __init__(self) -> None:
        self.finish = ""
        self.usage: Usage | None = None
        self.calls = Calls()
        self._at = 0  # the block of the event before
        self._thoughts: set[int] = set()  # blocks of which nothing is for the audience
        self._inputs: set[int] = set()  # calls whose input came whole

    def take(self, event: Mapping[str, Any]) -> Iterator[Delta]:
        """Yield what an event says; an empty piece when the model thinks or writes a call."""
        kind = event.get("type")
        index = number_of(event.get("index"))
        self._at = self._at if index is None else index
        if kind == "message_start":
            self._count(_part(event, "message").get("usage"))
        elif kind == "content_block_start":
            yield from self._block(_part(event, "content_block"))
        elif kind == "content_block_stop":
            self._thoughts.discard(self._at)
        elif kind == "content_block_delta":
            yield from self._delta(event.get("delta"))
        elif kind == "message_delta":
            self.finish = str(_part(event, "delta").get("stop_reason") or self.finish)
            self._count(event.get("usage"))
        elif kind == "message_stop":
            self.finish = self.finish or "end_turn"
        elif kind == "message":  # the answer in one piece
            for self._at, block in enumerate(content if isinstance(content := event.get("content"), list) else ()):
                yield from self._block(block if isinstance(block, Mapping) else {})
            self.finish = str(event.get("stop_reason") or "end_turn")
            self._count(event.get("usage"))

    def _block(self, block: Mapping[str, Any]) -> Iterator[Delta]:
        kind, given = block.get("type", "text"), block.get("input")
        if kind == "text":
            self._thoughts.discard(self._at)
            if text := text_of(block.get("text")):
                yield Delta(text)
            return
        if kind == "tool_use":
            call_id, name = block.get("id"), block.get("name")
            whole = json.dumps(given, ensure_ascii=False) if given else None
            if whole:
                self._inputs.add(self._at)
            self.calls.add(
                self._at, None if call_id is None else str(call_id), name if isinstance(name, str) else None, whole
            )
        elif _THOUGHT.search(str(kind)):
            self._thoughts.add(self._at)
        yield Delta()

    def _delta(self, delta: object) -> Iterator[Delta]:
        if isinstance(delta, str):
            delta = {"text": delta}
        if not isinstance(delta, Mapping | None):
            raise ValueError(f"a delta that is no object, but {type(delta).__name__}")  # noqa: TRY004 - not our error
        delta = delta or {}
        kind = delta.get("type", "text_delta" if "text" in delta else "input_json_delta")
        if kind == "text_delta" and self._at not in self._thoughts and (text := text_of(delta.get("text"))):
            yield Delta(text)
            return
        if kind == "input_json_delta" and self._at not in self._inputs:
            piece = delta.get("partial_json")
            if piece is not None and not isinstance(piece, str):
                piece = json.dumps(piece, ensure_ascii=False)
            self.calls.add(self._at, None, None, piece)
        yield Delta()  # a thought, its signature, a piece of a call: progress

    def _count(self, counts: object) -> None:
        """Add what the service counts. What it read from its cache stands apart, and is a part of the prompt."""
        if not isinstance(counts, Mapping):
            return
        names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        prompt = sum(count_of(counts.get(name)) or 0 for name in names)
        written = count_of(counts.get("output_tokens"))
        before = self.usage or Usage()
        if prompt or written is not None:
            self.usage = Usage(prompt or before.prompt, before.completion if written is None else written)


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of an event; an empty one when it has none."""
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}


def is_last(event: Mapping[str, Any]) -> bool:
    """Return whether an event ends an answer, or is the whole of it."""
    return event.get("type") in ("message_stop", "message")

"""Read the chunks in which OpenAI's API and its many imitations stream an answer.

Each server leaves out, doubles or renames something. What has words is an answer, whatever its frame; what is no such
chunk at all raises `ValueError`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.mind.chat_api import Calls
from bot.types import Delta, ToolCall, Usage

#: Where servers put the thoughts of a model, which are not for the audience.
_THOUGHTS: Final = (
    "reasoning_content", "reasoning", "reasoning_text", "reasoning_details", "reasoningContent", "thinking",
    "thinking_content", "thinking_blocks", "thought", "thoughts",
)  # fmt: skip
#: Where a server that refuses says so, when it says 200 all the same.
_REFUSALS: Final = ("detail", "message", "msg", "error_msg", "error_message")
_MAX_DEPTH: Final = 4
#: No server counts more tokens in one answer.
_MAX_TOKENS: Final = 1_000_000_000
#: What the tokens of the prompt and of the answer are called: by OpenAI, Ollama, and Anthropic.
_COUNTS: Final = (
    ("prompt_tokens", "prompt_eval_count", "input_tokens"),
    ("completion_tokens", "eval_count", "output_tokens"),
)
#: Digits of a number that is written as text.
_MAX_DIGITS: Final = 12


class ChunkReader:
    """Reads the chunks of one answer. ``finish`` is the reason that the server gave for its end, or empty.

    ``whole`` tells whether the answer came in one piece, and ``told`` is what a server said in place of an answer.
    """

    def __init__(self) -> None:
        self.finish = ""
        self.whole = False
        self.told = ""
        self.usage: Usage | None = None
        self._calls = Calls()
        self._said = ""
        self._streams = False  # a piece came as a piece
        self._number: object = None  # of the answer that is read: the first of several is enough

    def read(self, chunk: object) -> Iterator[Delta]:
        """Yield the words of a chunk; an empty piece when it shows that the model reads, thinks or writes a call."""
        if not isinstance(chunk, Mapping):
            raise ValueError(f"a chunk that is no object, but {type(chunk).__name__}")  # noqa: TRY004 - not our error
        groq = chunk.get("x_groq")
        counts = chunk.get("usage") or (groq.get("usage") if isinstance(groq, Mapping) else None) or chunk
        self.usage = usage_of(counts) or self.usage
        if chunk.get("prompt_progress"):
            yield Delta()
        choices = chunk.get("choices")
        if isinstance(choices, Mapping):
            choices = (choices,)
        if not isinstance(choices, list | tuple):
            choices = self._without_choices(chunk)
        for choice in choices:
            if not isinstance(choice, Mapping) or not self._is_ours(choice.get("index")):
                continue
            self.finish = str(choice.get("finish_reason") or self.finish)
            yield from self._choice(choice)

    def _is_ours(self, number: object) -> bool:
        if self._number is None:
            self._number = str(number or 0)
        return number is None or str(number or 0) == self._number

    def _without_choices(self, chunk: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the one choice of the servers that have none: Ollama's own API, llama.cpp's own, and their like."""
        reason = "stop" if ends(chunk) or chunk.get("stop") is True else None
        message = chunk.get("message")
        if message is not None and not isinstance(message, Mapping | str):
            raise ValueError(f"a message that is no object, but {type(message).__name__}")
        if isinstance(message, Mapping) and not chunk.get("error"):
            yield {"delta": message, "finish_reason": reason}
        elif isinstance(text := chunk.get("response", chunk.get("content")), str):
            yield {"delta": {"content": text}, "finish_reason": reason}
        else:
            said = (chunk.get(name) for name in _REFUSALS)
            self.told = self.told or next((words[:200] for words in said if isinstance(words, str) and words), "")

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[Delta]:
        piece, message = choice.get("delta"), choice.get("message")
        if message is None and piece is None and choice.get("text") is not None:  # the older API
            piece = choice["text"]
        if piece is not None:
            yield from self._message(piece)
        if message:  # in one piece, or all of it so far again and again
            self.whole = self.whole or not self._streams
            yield from self._message(message, again=True)

    def _message(self, message: object, *, again: bool = False) -> Iterator[Delta]:
        if isinstance(message, str):
            message = {"content": message}
        if not isinstance(message, Mapping):
            raise ValueError(f"a delta that is no object, but {type(message).__name__}")  # noqa: TRY004
        progress = self._add_calls(message, again=again) if not (again and self._streams) else False
        thought = _is_thought(message)
        progress = progress or thought or any(message.get(name) for name in _THOUGHTS)
        text = "" if thought else text_of(message.get("content"))
        if again:
            text = self._new(text)
        if text:
            self._streams = self._streams or not again
            self._said += text
            yield Delta(text)
        elif progress or message.get("content"):
            yield Delta()

    def _new(self, text: str) -> str:
        """Return what of a whole message was not said before."""
        if text.startswith(self._said):
            return text[len(self._said) :]
        return "" if self._streams else text

    def _add_calls(self, message: Mapping[str, Any], *, again: bool) -> bool:
        """Add the pieces of calls; return whether there were any. With ``again`` they stand for those before."""
        pieces = message.get("tool_calls") or ()
        if isinstance(pieces, Mapping):
            pieces = (pieces,)
        if not isinstance(pieces, list | tuple):
            pieces = ()
        if isinstance(old := message.get("function_call"), Mapping):
            pieces = (*pieces, {"function": old})
        if again and pieces:
            self._calls = Calls()
        added = False
        for piece in pieces:
            if not isinstance(piece, Mapping):
                continue
            added = True
            of = piece.get("function")
            of = of if isinstance(of, Mapping) else {}
            arguments = of.get("arguments")
            if arguments is not None and not isinstance(arguments, str):
                arguments = json.dumps(arguments, ensure_ascii=False)
            name, call_id = of.get("name"), piece.get("id")
            self._calls.add(
                number_of(piece.get("index", of.get("index"))),
                None if call_id is None else str(call_id),
                name if isinstance(name, str) else None,
                arguments,
            )
        return added

    def calls(self) -> list[ToolCall]:
        """Return the calls. Call this when the stream is over."""
        return self._calls.whole()


def ends(chunk: Mapping[str, Any]) -> bool:
    """Return whether a chunk of Ollama's says that it is the last one."""
    return chunk.get("done") in (True, "true", "True")


def said_of(error: object) -> str:
    """Return a server's own words for what is wrong: those of a body, of an object in it, or of a list of one."""
    if isinstance(error, bytes):
        text = error.decode("utf-8", "replace").strip()
        try:
            return said_of(json.loads(text))
        except (ValueError, RecursionError):
            return text
    for _ in range(_MAX_DEPTH):
        if isinstance(error, list) and error:
            error = error[0]
        elif isinstance(error, Mapping):
            error = next((error[name] for name in ("error", *_REFUSALS) if error.get(name)), "an error without words")
        else:
            break
    return error if isinstance(error, str) and error else str(error)


def status_of(error: object) -> int:
    """Return the status that an error within an answer names; 0 when it names none."""
    code = error.get("code") or error.get("status") if isinstance(error, Mapping) else None
    status = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdecimal()) else 0
    return status if 400 <= status < 600 else 0


def number_of(index: object) -> int | None:
    """Return the number of a call; None when there is none."""
    if isinstance(index, str) and index.isdecimal() and len(index) < _MAX_DIGITS:
        return int(index)
    return index if isinstance(index, int) and not isinstance(index, bool) else None


def _is_thought(message: Mapping[str, Any]) -> bool:
    """Return whether a whole piece is marked as a thought, as Google marks those that it was asked to show."""
    more = message.get("extra_content")
    google = more.get("google") if isinstance(more, Mapping) else None
    return message.get("thought") is True or (isinstance(google, Mapping) and google.get("thought") is True)


def text_of(content: object, depth: int = 0) -> str:
    """Return the words of a delta's content: a text, or parts, of which only those of text are spoken.

    What is neither has no words.
    """
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, Mapping) and depth < _MAX_DEPTH:
        if content.get("thought") is True:  # Google's mark of a part
            return ""
        kind = content.get("type", "text")
        return text_of(content.get("text", content.get("value")), depth + 1) if kind in ("text", "output_text") else ""
    if isinstance(content, list) and depth < _MAX_DEPTH:
        return "".join(text_of(part, depth + 1) for part in content)
    return ""


def usage_of(counts: object) -> Usage | None:
    """Return the tokens as a server counts them, or None."""
    if not isinstance(counts, Mapping):
        return None
    prompt, completion = (
        next((count for name in names if (count := count_of(counts.get(name))) is not None), None) for names in _COUNTS
    )
    return None if prompt is None and completion is None else Usage(prompt or 0, completion or 0)


def count_of(count: object) -> int | None:
    """Return a count of tokens as a number that can be one; None for what is no number."""
    if isinstance(count, str) and count.isdecimal() and len(count) < _MAX_DIGITS:
        count = int(count)
    if not isinstance(count, int | float) or (isinstance(count, float) and not math.isfinite(count)):
        return None
    return max(0, min(int(count), _MAX_TOKENS))

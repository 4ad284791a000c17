"""Read the objects of an answer from the body of a server that was asked for events, in whichever frame they come.

Asked for server-sent events, servers send them with a name in capitals or with one end of a line for two, lines of
JSON, several objects in a line, a list of them, or one whole answer. An object is an object; what is none, such as a
page of a proxy, is kept for the error alone.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final, cast

from bot.mind.bounded_body import TooLongError

#: Longest wait for the end of a body whose last object has come, in seconds.
DRAIN_S: Final = 0.25
_FIELD: Final = re.compile(r"\s*(data|event|id|retry)\s*:", re.IGNORECASE)
_DATA: Final = re.compile(r"(?:\s*data\s*:)+", re.IGNORECASE)
_LINE_END: Final = re.compile(rb"[\r\n]")
_BETWEEN: Final = re.compile(r"[\s,]*")
_OPENERS: Final = ("{", "[")
_DECODER: Final = json.JSONDecoder(strict=False)
#: The last line of an object that was written over several.
_LAST: Final = re.compile(r"[}\]][\s,]*\Z")
#: So often it is looked whether an object that goes over several lines is whole; then once more at its end.
_LOOKS: Final = 16
#: Characters of what is no object that are kept.
_KEPT: Final = 200
#: The longest object, in characters. A whole answer has some thousands.
_LONGEST: Final = 1 << 20
_WIDE: Final = ("utf-16", "utf-32")
_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class ObjectStream:
    """The objects of one body. ``charset`` is the one that the server names; it counts where a line is no UTF-8.

    ``seen`` tells whether there was any, ``done`` whether the mark came that nothing follows, ``named`` is the name of
    the event that is read, and ``noise`` the beginning of what was no object.
    """

    def __init__(self, charset: str = "") -> None:
        self.seen = self.done = False
        self.named = ""
        self.noise = ""
        self._charset = charset
        self._held: list[str] = []  # the lines of an object that is not whole
        self._room = _LONGEST
        self._looks = 0
        self._framed = False  # it came in an event

    async def read(self, body: AsyncIterator[bytes]) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the objects until the body or the answer is over. Raises `ValueError` for one that is broken."""
        async with aclosing(cast("Any", _lines(body, self._charset))) as lines:
            async for line in lines:
                for found in self._line(_text(line, self._charset)):
                    yield found
                if self.done:
                    return
        for found in self._end():
            yield found

    def _line(self, line: str) -> Iterator[Mapping[str, Any]]:
        if not line.strip():
            if self._framed:
                yield from self._end()
                self.named = ""
            return
        if found := _FIELD.match(line):
            name = found[1].casefold()
            if name == "event":
                self.named = line[found.end() :].strip()
            if name == "data" and (found := _DATA.match(line)):
                yield from self._add(line[found.end() :], framed=True)
        elif not line.startswith(":"):
            yield from self._add(line, framed=False)

    def _add(self, text: str, *, framed: bool) -> Iterator[Mapping[str, Any]]:
        """Take the text of a line, which may go on with an object, hold several, or none."""
        bare = text.strip()
        if bare.upper().startswith("[DONE]"):
            yield from self._end()
            self.done = True
            return
        if not self._held and not bare.startswith(_OPENERS):
            self.noise = self.noise or bare[:_KEPT]
            return
        first = not self._held
        self._held.append(text)
        self._framed = framed
        self._room -= len(text)
        if self._room < 0:
            raise TooLongError("an object without end")
        if first or (self._looks < _LOOKS and _LAST.match(bare if framed else text)):
            self._looks += not first
            yield from self._whole()

    def _whole(self) -> Iterator[Mapping[str, Any]]:
        """Yield what of the held text is whole, and hold the rest."""
        held = "\n".join(self._held)
        at = _start(held, 0)
        while held.startswith(_OPENERS, at):
            try:
                value, end = _DECODER.raw_decode(held, at)
            except RecursionError:
                raise ValueError("an object that is too deep") from None
            except ValueError:
                self._held = [held[at:]]
                return
            for found in _objects(value):
                self.seen = True
                yield found
            at = _start(held, end)
            if held[at : at + 6].upper() == "[DONE]":
                self.done = True
                break
        self._drop()

    def _end(self) -> Iterator[Mapping[str, Any]]:
        """Yield what is held, at the end of an event or of all. Raises `ValueError` for a broken object."""
        if self._held:
            yield from self._whole()
        if self._held:
            broken = self._held[0][:_KEPT]
            self._drop()
            raise ValueError(f"broken JSON: {broken}")

    def _drop(self) -> None:
        self._held, self._room, self._looks, self._framed = [], _LONGEST, 0, False


def _none(_: Mapping[str, Any]) -> bool:
    return False


async def answer_of(
    response: Any, objects: ObjectStream, last: Callable[[Mapping[str, Any]], bool] = _none
) -> AsyncIterator[Mapping[str, Any]]:
    """Yield the objects of a response of httpx or httpx2 up to the one that is the ``last``.

    Raises what the client raises, and `ValueError` for a body of something else.
    """
    async with aclosing(response.aiter_bytes()) as body:
        async with aclosing(cast("Any", objects.read(body))) as read:
            async for found in read:
                yield found
                if last(found):
                    break
        # The end of the body lets the connection be used again. Not every server sends it.
        with suppress(Exception):  # what fails behind an answer, in whichever client, is no fault of the answer
            async with asyncio.timeout(DRAIN_S):
                async for _ in body:
                    pass
    if objects.noise and not objects.seen and not objects.done:
        raise ValueError(f"no JSON, but {objects.noise}")


def _start(text: str, at: int) -> int:
    """Return where the next object may begin."""
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield an object, or those of a list. Anything else, such as null or a lone word, says nothing."""
    for each in value if isinstance(value, list) else (value,):
        if isinstance(each, Mapping):
            yield each


async def _lines(body: AsyncIterator[bytes], charset: str) -> AsyncIterator[bytes]:
    """Yield the lines of a body without their ends; an empty one more between CR and LF is harmless."""
    rest = bytearray()
    async with aclosing(cast("Any", _narrow(body, charset))) as chunks:
        async for chunk in chunks:
            at = 0
            for found in _LINE_END.finditer(chunk):
                rest += memoryview(chunk)[at : found.start()]
                yield bytes(rest)
                rest.clear()
                at = found.end()
            rest += memoryview(chunk)[at:]
    if rest:
        yield bytes(rest)


async def _narrow(body: AsyncIterator[bytes], charset: str) -> AsyncIterator[bytes]:
    """Pass on a body; one of two or four bytes a character, in which no line can be found, as UTF-8."""
    decoder: codecs.IncrementalDecoder | None = None
    first = True
    async for chunk in body:  # whose it is closes it: what stands behind the answer is read there
        if first and chunk:
            first = False
            if charset.casefold().startswith(_WIDE) or chunk.startswith(_WIDE_MARKS):
                named = charset if charset.casefold().startswith(_WIDE) else _WIDE[0]
                decoder = codecs.getincrementaldecoder(named)("replace")
        yield decoder.decode(chunk).encode("utf-8", "replace") if decoder else chunk


def _text(line: bytes, charset: str) -> str:
    """Return a line as text: in UTF-8, as the standard wants it whatever the server says, else in what it says."""
    try:
        return line.decode().lstrip("\ufeff")
    except UnicodeDecodeError:
        pass
    try:
        return line.decode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError):
        return line.decode("utf-8", "replace")

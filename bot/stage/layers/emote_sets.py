"""The emotes that a Twitch channel has with 7TV, BetterTTV and FrankerFaceZ: words of its chat, and their pictures.

The lists are asked for by the channel's id, by the host alone: a page never asks another server. What hangs, is huge or
says something else than a list leaves the words that were known before.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from loguru import logger

from bot.errors import ProviderError
from bot.stage.layers.vocabulary import EmoteSet

#: Of one list: bytes, emotes, and seconds until it must be there.
MAX_BYTES, MAX_EMOTES, LIST_S = 4 << 20, 3000, 10.0
#: A list is asked for again after so long, and after a failure, in seconds.
FRESH_S, AGAIN_S = 1800.0, 300.0

_LISTS: Final = {
    EmoteSet.SEVEN_TV: "https://7tv.io/v3/users/twitch/{}",
    EmoteSet.BTTV: "https://api.betterttv.net/3/cached/users/twitch/{}",
    EmoteSet.FFZ: "https://api.frankerfacez.com/v1/room/id/{}",
}
_CHANNEL: Final = re.compile(r"\d{1,20}", re.ASCII)
_ID: Final = re.compile(r"[A-Za-z0-9]{1,40}", re.ASCII)
_WORD: Final = re.compile(r"[^\s\x00-\x1f\x7f<>]{2,40}")

#: Returns the bytes of an address, at most so many; raises `ValueError` or `ProviderError` in words.
Fetch = Callable[[str, int], Awaitable[bytes]]


class EmoteSets:
    """The words of a channel that are pictures."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._words: dict[EmoteSet, dict[str, str]] = {}
        self._due: dict[EmoteSet, float] = {}
        self._channel = ""

    def address(self, word: str) -> str:
        """Return where the picture of a word is; empty for a word that is none."""
        return next((words[word] for words in self._words.values() if word in words), "")

    def __len__(self) -> int:
        """Return how many words are known."""
        return sum(len(words) for words in self._words.values())

    async def refresh(self, channel: str, sets: Sequence[EmoteSet]) -> None:
        """Ask for the lists that are due; another channel's words, and those of lists that are not wanted, are gone."""
        if channel != self._channel:
            self._channel = channel
            self._words, self._due = {}, {}
        for gone in set(self._words) - set(sets):
            del self._words[gone]
        if not _CHANNEL.fullmatch(channel):
            return
        for one in sets:
            if self._clock() >= self._due.get(one, 0.0):
                self._due[one] = self._clock() + (FRESH_S if await self._read(one) else AGAIN_S)

    async def _read(self, one: EmoteSet) -> bool:
        try:
            async with asyncio.timeout(LIST_S):
                data = await self._fetch(_LISTS[one].format(self._channel), MAX_BYTES)
            self._words[one] = await asyncio.to_thread(words_of, one, data)
        except (ValueError, ProviderError, TimeoutError) as error:
            logger.warning("the emotes of {} stay words: {}", one, str(error) or "it takes too long")
            return False
        return True


def words_of(one: EmoteSet, data: bytes) -> dict[str, str]:
    """Return the words of a list, each with the address of its picture. Raise `ValueError` when it is no list."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise ValueError("the answer is no list of emotes")  # noqa: TRY004 - a server said it
    found: dict[str, str] = {}
    for word, address in _READ[one](told):
        if isinstance(word, str) and _WORD.fullmatch(word) and address and word not in found:
            found[word] = address
            if len(found) >= MAX_EMOTES:
                break
    return found


def _seven_tv(told: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    for emote in _dicts(_of(told, "emote_set"), "emotes"):
        yield emote.get("name"), _address("https://cdn.7tv.app/emote/{}/2x.webp", emote.get("id"))


def _bttv(told: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    for part in ("channelEmotes", "sharedEmotes"):
        for emote in _dicts(told, part):
            yield emote.get("code"), _address("https://cdn.betterttv.net/emote/{}/2x", emote.get("id"))


def _ffz(told: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    for emotes in _of(told, "sets").values():
        for emote in _dicts(emotes, "emoticons"):
            size = 2 if "2" in _of(emote, "urls") else 1
            number = emote.get("id")
            id_ = str(number) if isinstance(number, int) and not isinstance(number, bool) else ""
            yield emote.get("name"), _address(f"https://cdn.frankerfacez.com/emote/{{}}/{size}", id_)


def _of(told: Any, key: str) -> Mapping[str, Any]:
    value = told.get(key) if isinstance(told, dict) else None
    return value if isinstance(value, dict) else {}


def _dicts(told: Any, key: str) -> Iterator[Mapping[str, Any]]:
    value = told.get(key) if isinstance(told, dict) else None
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _address(template: str, id_: Any) -> str:
    """Return the address of a picture on the set's own server: never one that the answer names."""
    return template.format(id_) if isinstance(id_, str) and _ID.fullmatch(id_) else ""


_READ: Final[Mapping[EmoteSet, Callable[[Mapping[str, Any]], Iterator[tuple[Any, str]]]]] = {
    EmoteSet.SEVEN_TV: _seven_tv,
    EmoteSet.BTTV: _bttv,
    EmoteSet.FFZ: _ffz,
}

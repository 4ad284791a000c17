"""Pictures of emotes: fetched by the host from the platforms' own servers, looked at, and kept in memory.

A page never asks another server itself: nobody learns who watches, and what is slow, huge or no picture ends here.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from typing import Final

import httpx
from loguru import logger

from bot.errors import ProviderError
from bot.stage.layers.emote_sets import EmoteSets

#: Of a picture: bytes, pixels of a side, and seconds until it must be there.
MAX_BYTES, MAX_SIDE, FETCH_S = 256 << 10, 512, 5.0
#: Emotes that are known, bytes of all pictures that are kept, and fetches at once.
MAX_KNOWN, MAX_KEPT, AT_ONCE = 3000, 16 << 20, 4
#: One that could not be had is asked for again after so long, in seconds.
AGAIN_S = 120.0

_TWITCH: Final = "https://static-cdn.jtvnw.net/emoticons/v2/{}/default/dark/2.0"
#: The sources whose lines may have words of the Twitch channel's emotes.
_OF_CHANNEL: Final = ("twitch", "local")
_TWITCH_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_BILIBILI: Final = re.compile(r"https?://(i[0-2]\.hdslb\.com/bfs/[\w/-]{1,200}\.(?:png|gif|webp))", re.ASCII)


def address_of(source: str, emote: str, url: str) -> str:
    """Return where the platform has an emote; empty for a platform or an address that is not known."""
    if source.startswith("twitch") and _TWITCH_ID.fullmatch(emote):
        return _TWITCH.format(emote)
    if source.startswith("bilibili") and (found := _BILIBILI.fullmatch(url)):
        return f"https://{found[1]}"
    return ""


def kind_of(data: bytes, most: int = MAX_SIDE) -> str:
    """Return the media type of a picture whose sides have at most so many pixels; empty for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR":
        kind, sides = "image/png", (int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    elif data[:6] in (b"GIF87a", b"GIF89a"):
        kind, sides = "image/gif", (int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind, sides = "image/webp", _webp_sides(data)
    else:
        return ""
    return kind if len(data) > 30 and all(0 < side <= most for side in sides) else ""


def _webp_sides(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
        case _:
            return 0, 0


class Emotes:
    """The emotes that were seen in the chat, by a name that is safe in an address."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Take how to fetch; tests give a transport of their own."""
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._known: OrderedDict[str, str] = OrderedDict()
        self._kept: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._failed: OrderedDict[str, float] = OrderedDict()
        self._slots = asyncio.Semaphore(AT_ONCE)
        #: The words of the Twitch channel that are pictures.
        self.sets = EmoteSets(self._listed)

    def name(self, source: str, emote: str, url: str) -> str:
        """Return the name under which `picture` has an emote from now on; empty when it has none."""
        return self._name(address_of(source, emote, url))

    def word(self, source: str, word: str) -> str:
        """Return the name under which `picture` has a word of the chat from now on; empty for one that is a word."""
        return self._name(self.sets.address(word)) if source in _OF_CHANNEL else ""

    def _name(self, address: str) -> str:
        if not address:
            return ""
        name = hashlib.blake2b(address.encode(), digest_size=12).hexdigest()
        self._known[name] = address
        self._known.move_to_end(name)
        while len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return name

    async def picture(self, name: str) -> tuple[bytes, str] | None:
        """Return an emote's bytes and media type; None when it is unknown or cannot be had: then its text is shown."""
        if name not in self._known or time.monotonic() - self._failed.get(name, -AGAIN_S) < AGAIN_S:
            return None
        if (found := self._kept.get(name)) is not None:
            self._kept.move_to_end(name)
            return found
        try:
            async with asyncio.timeout(FETCH_S), self._slots:
                return self._kept.get(name) or self._keep(name, await self._fetch(self._known[name]))
        except (httpx.HTTPError, OSError, TimeoutError, KeyError) as error:
            why = str(error) or "it takes too long"
        except ValueError as error:
            why = str(error)
        logger.debug("an emote stays a word: {}", why)
        self._failed[name] = time.monotonic()
        while len(self._failed) > MAX_KNOWN:
            self._failed.popitem(last=False)
        return None

    async def close(self) -> None:
        """Close what is open to the platforms' servers."""
        if self._client is not None:
            await self._client.aclose()

    async def _listed(self, address: str, most: int) -> bytes:
        try:
            return await self._fetch(address, most)
        except (httpx.HTTPError, OSError) as error:
            raise ProviderError(str(error) or type(error).__name__) from error

    async def _fetch(self, address: str, most: int = MAX_BYTES) -> bytes:
        if self._client is None:  # it reads certificates: not on the loop
            self._client = await asyncio.to_thread(httpx.AsyncClient, timeout=FETCH_S, transport=self._transport)
        data = bytearray()
        # As it comes: what is packed could grow a thousandfold before it is counted.
        plain = {"accept-encoding": "identity"}
        async with self._client.stream("GET", address, headers=plain) as answer:
            if answer.status_code != httpx.codes.OK:
                raise ValueError(f"the answer was {answer.status_code}")
            async for piece in answer.aiter_raw(1 << 14):
                data += piece
                if len(data) > most:
                    raise ValueError(f"it has more than {most >> 10} kB")
        return bytes(data)

    def _keep(self, name: str, data: bytes) -> tuple[bytes, str]:
        kind = kind_of(data)
        if not kind:
            raise ValueError("it is no picture of a size to be drawn")
        self._kept[name] = data, kind
        while sum(len(one) for one, _ in self._kept.values()) > MAX_KEPT:
            self._kept.popitem(last=False)
        return data, kind

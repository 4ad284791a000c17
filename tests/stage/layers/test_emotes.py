"""Pictures of emotes: from the platforms' own servers alone, and whatever these send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.stage.layers import emotes
from bot.stage.layers.emotes import Emotes, address_of, kind_of
from tests.support.virtual import virtual

CDN = "https://i0.hdslb.com/bfs/emote/abc.png"


def png(side: int = 56) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + side.to_bytes(4) * 2 + b"\x08\x06\0\0\0" + b"x" * 40


class Cdn(httpx.AsyncBaseTransport):
    """A server of emotes; ``body`` is what it sends, or how."""

    def __init__(self, body: bytes | str = b"", status: int = 200) -> None:
        self.body, self.status = body, status
        self.asked: list[str] = []
        self.sent = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.body == "hangs":
            await asyncio.Event().wait()
        if self.body == "floods":
            return httpx.Response(200, content=self._flood())
        assert isinstance(self.body, bytes)
        return httpx.Response(self.status, content=self._whole(self.body), headers={"location": "http://127.0.0.1/"})

    async def _whole(self, body: bytes) -> AsyncIterator[bytes]:
        yield body

    async def _flood(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += 1 << 16
            yield b"x" * (1 << 16)


@pytest.mark.parametrize(
    ("source", "emote", "url", "wanted"),
    [
        ("twitch", "25", "", "https://static-cdn.jtvnw.net/emoticons/v2/25/default/dark/2.0"),
        ("twitch", "../../x", "", ""),
        ("twitch", "25?a=b", "", ""),
        ("bilibili_web", "emoji_208", CDN.replace("https", "http"), CDN),
        ("bilibili_web", "x", "https://i0.hdslb.com.evil.test/bfs/a.png", ""),
        ("bilibili_web", "x", "https://i0.hdslb.com/bfs/../x.png", ""),
        ("bilibili_web", "x", "https://i0.hdslb.com/bfs/a.svg", ""),
        ("local", "25", CDN, ""),
    ],
)
def test_only_the_platforms_own_addresses_are_known(source: str, emote: str, url: str, wanted: str) -> None:
    assert address_of(source, emote, url) == wanted


def test_only_pictures_of_a_size_to_be_drawn_are_pictures() -> None:
    gif = b"GIF89a" + (112).to_bytes(2, "little") * 2 + b"x" * 40
    webp = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (55).to_bytes(3, "little") * 2 + b"x" * 9
    assert [kind_of(data) for data in (png(), gif, webp)] == ["image/png", "image/gif", "image/webp"]
    for data in (png(20_000), png(0), b"<svg onload=alert(1)>" + b" " * 60, b"", png()[:20]):
        assert kind_of(data) == ""


@virtual
async def test_a_picture_is_fetched_once_and_kept() -> None:
    cdn = Cdn(png())
    known = Emotes(cdn)
    name = known.name("twitch", "25", "")
    assert await known.picture(name) == (png(), "image/png")
    assert await known.picture(name) == (png(), "image/png")
    assert len(cdn.asked) == 1
    assert await known.picture("0" * 24) is None, "the route is no way to any other address"
    await known.close()


@virtual
@pytest.mark.parametrize("body", ["hangs", "floods", b"<html>", b"", png(4096)])
async def test_what_hangs_floods_or_is_no_picture_stays_a_word(body: bytes | str) -> None:
    cdn = Cdn(body)
    known = Emotes(cdn)
    name = known.name("twitch", "25", "")
    assert await known.picture(name) is None
    assert await known.picture(name) is None
    assert len(cdn.asked) == 1, "it is not asked again at once"
    assert cdn.sent <= emotes.MAX_BYTES * 2


@virtual
async def test_an_answer_that_leads_elsewhere_is_not_followed() -> None:
    cdn = Cdn(b"", status=302)
    known = Emotes(cdn)
    assert await known.picture(known.name("twitch", "25", "")) is None
    assert len(cdn.asked) == 1

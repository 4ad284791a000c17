"""The settings of the platforms. Apart from the sources themselves, so that reading them needs no client library."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr

from bot.runtime.settings import Section


def _word(value: Any) -> Any:
    """Return the word for a bare ``off``, which YAML reads as false."""
    return "off" if value is False else value


Answers = Annotated[Literal["off", "addressed", "all"], BeforeValidator(_word)]


class Rates(Section):
    """What the platforms' own units are worth, in hundredths (cents, fen). Change them to what you are paid."""

    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="money that Twitch amounts are counted in")
    bit: float = Field(1.0, ge=0, le=1000, description="one bit, in hundredths of it")
    sub_1000: int = Field(599, ge=0, le=10**6, description="a subscription of tier 1 (Prime too), in hundredths")
    sub_2000: int = Field(999, ge=0, le=10**6, description="a subscription of tier 2, in hundredths")
    sub_3000: int = Field(2499, ge=0, le=10**6, description="a subscription of tier 3, in hundredths")
    gold: float = Field(0.1, ge=0, le=1000, description="one Bilibili gold seed, in fen")
    guard_1: int = Field(1_999_800, ge=0, le=10**8, description="a month as governor (总督), in fen")
    guard_2: int = Field(199_800, ge=0, le=10**8, description="a month as admiral (提督), in fen")
    guard_3: int = Field(19_800, ge=0, le=10**8, description="a month as captain (舰长), in fen")


class Twitch(Section):
    """A Twitch channel."""

    client_id: str = Field("", max_length=64, description="of your application: a public one, without a secret")
    channel: str = Field("", max_length=64, description="login name of the streamer; empty: whoever signed in")
    replies: Answers = Field("off", description="write what was said into the chat too: off, addressed or all")
    shared_chat: bool = Field(default=False, description="take in lines of other channels of a shared chat")
    follows: bool = Field(default=True, description="greet new followers")
    api: str = Field("https://api.twitch.tv/helix/", description="for tests: where Helix is")
    id: str = Field("https://id.twitch.tv/", description="for tests: where the sign-in is")
    eventsub: str = Field("wss://eventsub.wss.twitch.tv/ws", description="for tests: where the events come from")


class BilibiliOpen(Section):
    """A Bilibili room through the official Open Live platform (reads only)."""

    app_id: int = Field(0, ge=0, description="of your application on open-live.bilibili.com")
    access_key: str = Field("", max_length=128, description="access key id of the developer")
    access_secret: SecretStr = Field(SecretStr(""), description="access key secret of the developer")
    code: SecretStr = Field(SecretStr(""), description="the streamer's identity code (身份码)")
    host: str = Field("https://live-open.biliapi.com", description="for tests: where the platform is")


class BilibiliWeb(Section):
    """A Bilibili room as a viewer's browser sees it, with a signed-in account; it can write too."""

    room: int = Field(0, ge=0, description="number of the room, as in live.bilibili.com/NUMBER")
    replies: Answers = Field("off", description="write what was said into the danmaku too: off, addressed or all")
    base: str = Field("", description="for tests: one address that stands for all of bilibili.com")


class Replay(Section):
    """A recorded evening as a source."""

    file: Path = Field(description="an NDJSON recording that is played as if it were live")
    speed: float = Field(1.0, gt=0, le=10_000, description="how many times faster than it was recorded")


class Sources(Section):
    """Where messages come from. The local chat is always there; a platform is there when it is named."""

    twitch: Twitch | None = None
    bilibili_open: BilibiliOpen | None = None
    bilibili_web: BilibiliWeb | None = None
    rates: Rates = Rates()
    replay: Replay | None = None

"""Settings of the HTTP server."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.runtime.settings import Section


class Web(Section):
    """The one HTTP server: pages, sockets, control."""

    host: str = Field("127.0.0.1", description="address to listen on; anything but loopback lets others in")
    port: int = Field(7878, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    open_browser: bool = Field(default=False, description="open the pages when the show is on air")
    origins: list[str] = Field([], description="further page origins that may call, for example http://obs-pc:7878")
    token: SecretStr = Field(SecretStr(""), description="the key to every page; empty makes one at first start")

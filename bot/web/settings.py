"""Settings of the HTTP server."""

from __future__ import annotations

import ipaddress

from pydantic import Field, SecretStr, model_validator

from bot.runtime.settings import Section

#: Names of this machine itself, which nobody else can reach.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
#: A shorter key can be guessed.
MIN_TOKEN = 16


def is_loopback(host: str) -> bool:
    """Return whether an address to listen on can be reached from this machine alone."""
    try:
        return host in LOOPBACK or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Web(Section):
    """The one HTTP server: pages, sockets, control."""

    host: str = Field("127.0.0.1", description="address to listen on; anything but loopback lets others in")
    port: int = Field(7878, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    open_browser: bool = Field(default=False, description="open the pages when the show is on air")
    origins: list[str] = Field([], description="further page origins that may call, for example http://obs-pc:7878")
    token: SecretStr = Field(
        SecretStr(""), description="the key to every page, of 16 characters or more; empty makes one at first start"
    )

    @model_validator(mode="after")
    def _not_to_be_guessed(self) -> Web:
        size = len(self.token.get_secret_value())
        if 0 < size < MIN_TOKEN and not is_loopback(self.host):
            raise ValueError(
                f"the token has {size} characters; others can reach {self.host}, and would guess it: take {MIN_TOKEN} "
                "or more, for example the output of 'openssl rand -hex 24', or leave it empty to have one made"
            )
        return self

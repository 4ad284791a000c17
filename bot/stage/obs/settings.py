"""Settings of the connection to OBS."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.runtime.settings import Section


class ObsSettings(Section):
    """The connection to OBS, through its WebSocket server."""

    enabled: bool = Field(default=False, description="connect to OBS; the show runs with or without it")
    host: str = Field("127.0.0.1", min_length=1, max_length=253, description="the machine that OBS runs on")
    port: int = Field(4455, ge=1, le=65535, description="port of OBS's WebSocket server")
    password: SecretStr = Field(
        SecretStr(""), description="its password: in OBS, Tools → WebSocket Server Settings → Show Connect Info"
    )

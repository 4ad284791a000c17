"""Settings of the log, and of who is called when something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from bot.runtime.settings import Section
from bot.telemetry.alarms import AlarmLevel


class LogSettings(Section):
    """The log."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    file: Path | None = Field(
        None,
        description="also write here, for its owner alone; a new file at 10 MB, at most ten of them, kept for 7 days",
    )


class Webhook(Section):
    """An address that is told of alarms."""

    kind: Literal["discord", "telegram", "ntfy", "json"] = Field("json", description="who reads it: sets the form")
    url: SecretStr = Field(description="where to post; for telegram it ends in /bot<token>/sendMessage")
    chat_id: str = Field("", description="telegram: the chat that gets the message")
    level: AlarmLevel = Field(AlarmLevel.ERROR, description="error: what costs viewers or money now; warning: all")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.url.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("the url of a webhook begins with https:// or http://")
        if self.kind == "telegram" and not self.chat_id:
            raise ValueError("a telegram webhook needs chat_id: the number of the chat, or @name of a channel")
        return self


class NotifySettings(Section):
    """Who is called when something is wrong, beside the control room."""

    webhooks: list[Webhook] = Field([], max_length=10, description="addresses that are told of alarms")
    command: list[str] = Field(
        [], max_length=50, description="a program with its arguments; gets the alarm in HAISHIN_ALARM_… variables"
    )
    command_level: AlarmLevel = Field(AlarmLevel.ERROR, description="from which level on the program is run")

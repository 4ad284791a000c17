"""Settings of the ears."""

from __future__ import annotations

from pydantic import Field

from bot.hearing.ears import TalkMode
from bot.hearing.input.settings import InputSettings
from bot.hearing.listening_settings import ListeningSettings
from bot.runtime.settings import Section


class HearingSettings(Section):
    """The ears: the streamer speaks, the host listens."""

    enabled: bool = Field(default=False, description="listen to the streamer")
    talk: TalkMode = Field(TalkMode.OPEN, description="when to listen: always, while a button is held, or toggled")
    input: InputSettings = InputSettings()
    listening: ListeningSettings = ListeningSettings()
    captions: bool = Field(default=False, description="show on the stage what the streamer says")
    mark: bool = Field(default=True, description="show a small mark on the stage while the ears are off")

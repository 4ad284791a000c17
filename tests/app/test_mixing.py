"""What of the mixer is a part of the show, by the settings."""

from __future__ import annotations

import pytest

from bot import config
from bot.app.mixing import open_mixing
from bot.stage import protocol as p
from bot.stage.hub import Overlay


@pytest.mark.parametrize(
    ("env", "parts"),
    [
        ({}, set()),
        ({"HAISHIN_OBS__ENABLED": "true"}, {"obs", "voice in OBS"}),
        ({"HAISHIN_OBS__ENABLED": "true", "HAISHIN_OBS__HOST": "192.168.1.30"}, {"obs"}),
    ],
)
async def test_obs_on_another_machine_gets_no_sound_files(env: dict[str, str], parts: set[str]) -> None:
    stage = Overlay(p.Settings(name="Mira", look=p.Look(), captions=p.Captions(), label="AI"))
    assert open_mixing(config.load([], env), stage).parts().keys() == parts

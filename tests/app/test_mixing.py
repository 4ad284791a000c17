"""What speaks to the video mixer is built as configured, and asks the rest of the show rightly."""

from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from bot import config
from bot.app.mixing import Mixing, is_stage, open_mixing, platform_live, surroundings, with_voice
from bot.control.streams import Stream, StreamStates
from bot.runtime.supervise import supervise
from bot.sources.registry import SourceRegistry
from bot.sources.source import Link, LinkState
from bot.stage import protocol as p
from bot.stage.hub import Overlay
from bot.stage.obs.client import Obs
from bot.telemetry.alarms import Alarms


def parts(**sections: Any) -> tuple[object, object, set[str]]:
    settings = config.Settings(**sections)
    alarms = Alarms(lambda: 0.0)
    around = surroundings(
        SimpleNamespace(silent=True, pages=0), StreamStates(alarms), SourceRegistry(alarms), lambda: 1
    )
    mixing = open_mixing(settings, around, alarms, lambda: 0.0)
    return mixing.mixer, mixing.watchdog, set(mixing.parts())


async def test_nothing_is_built_unless_it_is_wanted() -> None:
    assert parts() == (None, None, set())
    assert parts(obs={"enabled": True})[2] == {"obs", "watchdog"}
    assert parts(obs={"enabled": True}, watchdog={"enabled": False})[2] == {"obs"}


async def test_an_obs_that_is_not_there_never_counts_as_a_failed_part() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        alarms, states = Alarms(lambda: 0.0), []
        around = surroundings(
            SimpleNamespace(silent=True, pages=0), StreamStates(alarms), SourceRegistry(alarms), lambda: 1
        )
        settings = config.Settings(obs={"enabled": True, "port": closed.getsockname()[1]})
        mixing = open_mixing(settings, around, alarms, asyncio.get_running_loop().time)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(supervise(name, run, lambda part, state, _: states.append((part, state))))
                for name, run in mixing.parts().items()
            ]
            mixer = mixing.mixer
            assert mixer is not None
            assert await mixer.changed.wait_until(lambda: "does not answer" in mixer.state.problem, 15)
            await asyncio.sleep(0.3)
            for task in tasks:
                task.cancel()
    assert {state for _, state in states} == {"up"}
    assert not alarms.standing()


@pytest.mark.parametrize(
    ("online", "link", "live"),
    [
        ({}, {}, None),
        ({"twitch": None}, {}, None),
        ({"twitch": True}, {}, True),
        ({"twitch": False}, {"twitch": LinkState.LIVE}, False),
        ({"twitch": True}, {"twitch": LinkState.DEAF}, None),
        ({"twitch": False, "bilibili_web": True}, {"twitch": LinkState.LIVE, "bilibili_web": LinkState.QUIET}, True),
        ({"twitch": False, "bilibili_web": True}, {"bilibili_web": LinkState.EXPIRED}, False),
    ],
)
def test_a_platform_is_believed_while_it_is_heard(
    online: dict[str, bool | None], link: dict[str, LinkState], live: bool | None
) -> None:
    alarms = Alarms(lambda: 0.0)
    streams, sources = StreamStates(alarms), SourceRegistry(alarms)
    streams.streams = {name: Stream(online=value) for name, value in online.items()}
    sources.links = {name: Link(name, state) for name, state in link.items()}
    assert platform_live(streams, sources) is live


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("http://127.0.0.1:7878/stage/?token=a", True),
        ("http://stream-pc:7878/stage?token=a&again=3", True),
        ("http://127.0.0.1:7879/stage/", False),
        ("http://127.0.0.1:7878/chat/", False),
        ("https://alerts.example/stage/", False),
        ("http://[::1/stage/", False),
        ("", False),
        ("file:///stage", False),
    ],
)
def test_the_stage_page_is_known_by_its_address(address: str, ours: bool) -> None:
    assert is_stage(address, 7878) is ours


async def test_obs_on_another_machine_gets_no_sound_files() -> None:
    stage = Overlay(p.Settings(name="Mira", look=p.Look(), captions=p.Captions(), label="AI"))
    here, there = config.Settings(), config.Settings(obs={"host": "192.168.1.30"})  # type: ignore[arg-type]
    assert set(with_voice(Mixing(), here, stage).parts()) == set()
    assert set(with_voice(Mixing(Obs(here.obs), None, {}), here, stage).parts()) == {"voice in OBS"}
    assert set(with_voice(Mixing(Obs(there.obs), None, {}), there, stage).parts()) == set()

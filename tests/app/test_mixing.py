"""What speaks to the video mixer is built as configured, and asks the rest of the show rightly."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import config
from bot.app.mixing import Channel, Mixing, is_stage, open_mixing, platform_live
from bot.control.streams import Stream, StreamStates
from bot.runtime.signal import Signal
from bot.runtime.supervise import supervise
from bot.show.observer import Observers
from bot.sources.registry import SourceRegistry
from bot.sources.source import Link, LinkState
from bot.stage import protocol as p
from bot.stage.hub import Overlay
from bot.telemetry.alarms import Alarms


def mixing(alarms: Alarms, clock: Callable[[], float] = lambda: 0.0, **sections: Any) -> Mixing:
    stage = Overlay(p.Settings(name="Mira", look=p.Look(), captions=p.Captions(), label="AI"))
    show: Any = SimpleNamespace(stage=stage, wake=Signal(), floor=SimpleNamespace(closing=False))
    channel = Channel(
        show=show,
        sources=SourceRegistry(alarms),
        streams=StreamStates(alarms),
        observers=Observers(),
        alarms=alarms,
        clock=clock,
        port=lambda: 1,
        data=Path(),
    )
    return open_mixing(config.Settings(**sections), channel)


@pytest.mark.parametrize(
    ("sections", "parts"),
    [
        ({}, set()),
        ({"obs": {"enabled": True}}, {"voice in OBS", "watchdog", "findings"}),
        ({"obs": {"enabled": True}, "watchdog": {"enabled": False}}, {"voice in OBS"}),
        # OBS on another machine could not open the files with the voice.
        ({"obs": {"enabled": True, "host": "192.168.1.30"}}, {"watchdog", "findings"}),
    ],
)
async def test_what_is_built_is_what_is_wanted(sections: dict[str, Any], parts: set[str]) -> None:
    always = {"obs", "director", "states of the show"} if sections else set()
    assert mixing(Alarms(lambda: 0.0), **sections).parts.keys() == always | parts


async def test_an_obs_that_is_not_there_never_counts_as_a_failed_part() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        alarms, states = Alarms(lambda: 0.0), []
        built = mixing(alarms, asyncio.get_running_loop().time, obs={"enabled": True, "port": closed.getsockname()[1]})
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(supervise(name, run, lambda part, state, _: states.append((part, state))))
                for name, run in built.parts.items()
            ]
            mixer = built.mixer
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
        ("http://127.0.0.1:7878/stage/?token=a&layers=avatar,chat", True),
        ("http://127.0.0.1:7878/stage/?token=a&layers=chat,alerts", False),
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

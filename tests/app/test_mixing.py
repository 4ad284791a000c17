"""What speaks to the video mixer is built as configured, and asks the rest of the show rightly."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot import config
from bot.app.mixing import Mixing, is_stage, open_mixing, platform_live, surroundings, tell, with_voice
from bot.control.streams import Stream, StreamStates
from bot.runtime.signal import Signal
from bot.runtime.supervise import supervise
from bot.sources.registry import SourceRegistry
from bot.sources.source import Link, LinkState
from bot.stage import protocol as p
from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from bot.stage.hub import Overlay
from bot.stage.obs.client import Obs
from bot.stage.watchdog.cases import Finding
from bot.stage.watchdog.check import Kind
from bot.stage.watchdog.watchdog import Watchdog
from bot.telemetry.alarms import AlarmLevel, Alarms
from tests.stage.director.rig import NAMES, directing, settings, settle, words
from tests.support.harness import Stagehand
from tests.support.virtual import virtual


def parts(**sections: Any) -> tuple[object, object, set[str]]:
    wanted = config.Settings(**sections)
    alarms = Alarms(lambda: 0.0)
    around = surroundings(
        SimpleNamespace(silent=True, pages=0), StreamStates(alarms), SourceRegistry(alarms), lambda: 1
    )
    hand = Stagehand()
    mixing = open_mixing(
        wanted, around, alarms, lambda: 0.0, show=hand.show, sources=hand.registry, data=Path("nowhere")
    )
    return mixing.mixer, mixing.watchdog, set(mixing.parts())


async def test_nothing_is_built_unless_it_is_wanted() -> None:
    assert parts() == (None, None, set())
    directing = {"obs", "director", "states of the show"}
    assert parts(obs={"enabled": True})[2] == {*directing, "watchdog", "findings"}
    assert parts(obs={"enabled": True}, watchdog={"enabled": False})[2] == directing


async def test_an_obs_that_is_not_there_never_counts_as_a_failed_part() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        alarms, states = Alarms(lambda: 0.0), []
        around = surroundings(
            SimpleNamespace(silent=True, pages=0), StreamStates(alarms), SourceRegistry(alarms), lambda: 1
        )
        wanted = config.Settings(obs={"enabled": True, "port": closed.getsockname()[1]})
        hand = Stagehand()
        mixing = open_mixing(
            wanted, around, alarms, asyncio.get_running_loop().time,
            show=hand.show, sources=hand.registry, data=Path("nowhere"),
        )  # fmt: skip
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


class Findings:
    """A watchdog that finds what a test says."""

    def __init__(self) -> None:
        self.changed = Signal()
        self.kinds: set[Kind] = set()

    def findings(self) -> tuple[Finding, ...]:
        old = Finding(Kind.BLACK, AlarmLevel.ERROR, "the picture is black", "", 0.0, over_at=1.0)
        return (*(Finding(kind, AlarmLevel.ERROR, f"it is {kind}", "", 0.0) for kind in self.kinds), old)

    def find(self, *kinds: Kind) -> None:
        self.kinds = set(kinds)
        self.changed.notify()


@virtual
async def test_the_director_is_told_what_the_watchdog_finds() -> None:
    cues = {
        "siren": {"when": {"watchdog": ["disk", "page_gone"]}, "do": {"media": "Siren"}, "cooldown": 0},
        "quiet": {"when": {"watchdog": "disk", "at": "ends"}, "do": {"media": "Siren", "stop": True}, "cooldown": 0},
    }
    mixer, dog = RehearsalMixer(NAMES, "Game"), Findings()
    director = Director(settings(cues), mixer)
    async with directing(director), asyncio.TaskGroup() as group:
        telling = group.create_task(tell(cast("Watchdog", dog), director))
        await settle()
        dog.find(Kind.DISK)
        await settle()
        assert mixer.state.scene == "Starting", "the audience sees nothing of a full disk"
        assert words(mixer)[-1] == "plays 'Siren'"
        dog.find(Kind.DISK, Kind.PAGE_GONE)
        await settle()
        assert (mixer.state.scene, director.why) == ("Trouble", "it is page_gone")
        dog.find(Kind.PAGE_GONE)
        await settle()
        assert words(mixer)[-1] == "stops 'Siren'"
        dog.find()
        await settle()
        assert mixer.state.scene == "Starting"
        telling.cancel()


async def test_obs_on_another_machine_gets_no_sound_files() -> None:
    stage = Overlay(p.Settings(name="Mira", look=p.Look(), captions=p.Captions(), label="AI"))
    here, there = config.Settings(), config.Settings(obs={"host": "192.168.1.30"})  # type: ignore[arg-type]
    assert set(with_voice(Mixing(), here, stage).parts()) == set()
    assert set(with_voice(Mixing(Obs(here.obs), None, {}), here, stage).parts()) == {"voice in OBS"}
    assert set(with_voice(Mixing(Obs(there.obs), None, {}), there, stage).parts()) == set()

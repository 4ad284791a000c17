"""Builds what speaks to the video mixer: director and watchdog. The show neither waits for them nor ends with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from loguru import logger

from bot.config import Settings
from bot.control.cueing import ChannelPlatform, Cueing, follow
from bot.control.streams import StreamStates
from bot.show.loop import Show
from bot.show.observer import Observer
from bot.sources.registry import SourceRegistry
from bot.sources.source import LinkState
from bot.stage.director.director import Director
from bot.stage.hub import Overlay
from bot.stage.obs.client import Obs
from bot.stage.obs.mixer import Mixer
from bot.stage.obs.voice import ObsVoice
from bot.stage.watchdog.check import Kind
from bot.stage.watchdog.watchdog import Surroundings, Watchdog
from bot.telemetry.alarms import Alarms
from bot.web.settings import is_loopback

_HEARD = (LinkState.LIVE, LinkState.QUIET)
#: The folder of screenshots in the data folder.
PICTURES = "screenshots"
#: What the audience should see another scene for. All else that the watchdog finds is either not theirs, or is looked
#: for in the scene on air: another scene would hide it, and it would come and go.
TECHNICAL = frozenset({Kind.PAGE_GONE})


class Stage(Protocol):
    """The stage as far as the watch goes."""

    @property
    def silent(self) -> bool:
        """Whether nothing can be heard now."""
        ...

    @property
    def pages(self) -> int:
        """How many pages are open."""
        ...


@dataclass(frozen=True, slots=True)
class Mixing:
    """What speaks to the mixer; None where there is none. ``long_lived`` are the parts to be run, by their names."""

    mixer: Mixer | None = None
    watchdog: Watchdog | None = None
    long_lived: Mapping[str, Callable[[], Awaitable[None]]] | None = None
    director: Director | None = None
    observers: tuple[Observer, ...] = ()

    def parts(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Return the long-lived parts by their names."""
        return self.long_lived or {}


def open_mixing(
    settings: Settings,
    around: Surroundings,
    alarms: Alarms,
    clock: Callable[[], float],
    *,
    show: Show,
    sources: SourceRegistry,
    data: Path,
) -> Mixing:
    """Make the connection to OBS, when it is enabled, its director, and the watch over it. Connects to nothing yet."""
    if not settings.obs.enabled:
        if settings.director.scenes or settings.director.cues:
            logger.warning("scenes and cues are configured, but no connection to OBS: obs.enabled is false")
        return Mixing()
    obs = Obs(settings.obs)
    director = Director(settings.director, obs, platform=ChannelPlatform(sources), pictures=data / PICTURES)
    parts: dict[str, Callable[[], Awaitable[None]]] = {
        "obs": obs.run,
        "director": director.run,
        "states of the show": partial(follow, show, director),
    }
    watchdog = None
    if settings.watchdog.enabled:
        watchdog = Watchdog(obs, around, alarms, settings.watchdog, clock)
        parts |= {"watchdog": watchdog.run, "findings": partial(tell, watchdog, director)}
    return Mixing(obs, watchdog, parts, director, (Cueing(director, lambda: show.cast.policy.language),))


async def tell(watchdog: Watchdog, director: Director) -> None:
    """Tell the director what the watchdog finds, and when it is over."""
    known: set[Kind] = set()
    while True:
        standing = {one.kind: one.words for one in watchdog.findings() if one.over_at is None}
        for kind in known - standing.keys():
            director.mended(kind)
        for kind in standing.keys() - known:
            director.trouble(kind, standing[kind], technical=kind in TECHNICAL)
        known = set(standing)
        await watchdog.changed.wait()


def with_voice(mixing: Mixing, settings: Settings, stage: Overlay) -> Mixing:
    """Add what lets the host be heard through an OBS that cannot show the stage page, where OBS can open our files."""
    if mixing.mixer is None or not is_loopback(settings.obs.host):
        return mixing
    return replace(mixing, long_lived={**mixing.parts(), "voice in OBS": ObsVoice(stage, mixing.mixer).run})


def surroundings(stage: Stage, streams: StreamStates, sources: SourceRegistry, port: Callable[[], int]) -> Surroundings:
    """Return what the watch asks of the show; ``port`` is where the pages are."""
    return Surroundings(
        platform_live=lambda: platform_live(streams, sources),
        speaking=lambda: not stage.silent,
        pages=lambda: stage.pages,
        is_stage=lambda address: is_stage(address, port()),
    )


def platform_live(streams: StreamStates, sources: SourceRegistry) -> bool | None:
    """Return whether any platform says that the channel is live; None when none says anything.

    One whose connection is down counts as saying nothing: what it said last may be hours old.
    """
    said = []
    for name, stream in streams.streams.items():
        link = sources.links.get(name)
        if stream.online is not None and (link is None or link.state in _HEARD):
            said.append(stream.online)
    return any(said) if said else None


def is_stage(address: str, port: int) -> bool:
    """Return whether an address in OBS is that of this host's stage page, by whichever name of the machine."""
    try:
        parts = urlsplit(address)
        return parts.path.rstrip("/") == "/stage" and (parts.port or 80) == port
    except ValueError:
        return False

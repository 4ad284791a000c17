"""Builds what speaks to the video mixer, and the watch over it. The show neither waits for it nor ends with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from loguru import logger

from bot.config import Settings
from bot.control.cueing import ChannelPlatform, ChatOrders, Cueing, follow, follow_watchdog
from bot.control.streams import Stream, StreamStates
from bot.show.loop import Show
from bot.show.observer import Observers
from bot.sources.registry import SourceRegistry
from bot.sources.source import LinkState
from bot.stage.director.director import Director
from bot.stage.layers.board import shows_host
from bot.stage.obs.client import Obs
from bot.stage.obs.voice import ObsVoice
from bot.stage.watchdog.watchdog import Surroundings, Watchdog
from bot.telemetry.alarms import Alarms
from bot.web.settings import is_loopback

#: The folder of screenshots in the data folder.
PICTURES = "screenshots"
_HEARD = (LinkState.LIVE, LinkState.QUIET)

Run = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Channel:
    """What the parts around the mixer ask of the channel. ``port`` is where the pages are; ``data`` its folder."""

    show: Show
    sources: SourceRegistry
    streams: StreamStates
    observers: Observers
    alarms: Alarms
    clock: Callable[[], float]
    port: Callable[[], int]
    data: Path
    #: The sign with which a command of the chat begins.
    prefix: Callable[[], str] = lambda: "!"


@dataclass(frozen=True, slots=True)
class Mixing:
    """What speaks to the mixer; None where there is none. ``parts`` are to be run, by their names."""

    mixer: Obs | None = None
    director: Director | None = None
    watchdog: Watchdog | None = None
    parts: Mapping[str, Run] = field(default_factory=dict)

    def chat_orders(self) -> ChatOrders | None:
        """Return what commands of the chat may order; None when there is no director."""
        return ChatOrders(self.director) if self.director else None


def open_mixing(settings: Settings, channel: Channel) -> Mixing:
    """Make the connection to OBS, its director and the watch over it when OBS is enabled. Connects to nothing yet."""
    if not settings.obs.enabled:
        if settings.director.scenes or settings.director.cues:
            logger.warning("scenes and cues are configured, but no connection to OBS: obs.enabled is false")
        return Mixing()
    show = channel.show
    mixer = Obs(settings.obs)
    director = Director(
        settings.director,
        mixer,
        platform=ChannelPlatform(channel.sources),
        pictures=channel.data / PICTURES,
        cover=show.stage.board.stinger,
    )
    channel.observers.add(Cueing(director, lambda: show.cast.policy.language, channel.prefix))
    parts: dict[str, Run] = {
        "obs": mixer.run,
        "director": director.run,
        "states of the show": partial(follow, show, director),
    }
    if is_loopback(settings.obs.host):  # OBS on another machine could not open the files
        parts["voice in OBS"] = ObsVoice(show.stage, mixer).run
    watchdog = None
    if settings.watchdog.enabled:
        watchdog = Watchdog(mixer, _surroundings(channel), channel.alarms, settings.watchdog, channel.clock)
        parts |= {"watchdog": watchdog.run, "findings": partial(follow_watchdog, watchdog, director)}
    return Mixing(mixer, director, watchdog, parts)


def _surroundings(channel: Channel) -> Surroundings:
    stage = channel.show.stage
    return Surroundings(
        platform_live=lambda: platform_live(channel.streams, channel.sources),
        speaking=lambda: not stage.silent,
        pages=lambda: stage.pages,
        is_stage=lambda address: is_stage(address, channel.port()),
    )


def platform_live(streams: StreamStates, sources: SourceRegistry) -> bool | None:
    """Return whether any platform says that the channel is live; None when none says anything.

    One whose connection is down counts as saying nothing: what it said last may be hours old.
    """
    said = [stream.online for stream in _heard(streams, sources) if stream.online is not None]
    return any(said) if said else None


def watching(streams: StreamStates, sources: SourceRegistry) -> int | None:
    """Return how many watch on all platforms together that tell it; None when none does, or none is connected."""
    told = [stream.viewers for stream in _heard(streams, sources) if stream.viewers is not None]
    return sum(told) if told else None


def _heard(streams: StreamStates, sources: SourceRegistry) -> list[Stream]:
    links = sources.links
    return [s for name, s in streams.streams.items() if (link := links.get(name)) is None or link.state in _HEARD]


def is_stage(address: str, port: int) -> bool:
    """Return whether an address in OBS is that of this host's stage page, by whichever name of the machine.

    One of layers alone is none: it has no voice to be watched.
    """
    try:
        parts = urlsplit(address)
        return parts.path.rstrip("/") == "/stage" and (parts.port or 80) == port and shows_host(parts.query)
    except ValueError:
        return False

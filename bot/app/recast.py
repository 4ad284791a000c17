"""Exchanges who the host is, on air: all of it at once, or nothing.

who speaks now = the guest whom a segment of the programme has invited, else the persona of the settings
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loguru import logger

from bot.app.casting import load_persona, look_of, policy_of, prompter_of, style_of, voices_of, worn_by
from bot.config import Settings
from bot.control.avatar.controls import Worn
from bot.errors import ConfigError
from bot.intake.addressing import NameMatcher
from bot.mind.prompt import Prompter
from bot.persona.persona import Persona
from bot.show.turn import HostPolicy
from bot.stage.protocol import Settings as StageLook
from bot.text.pronunciations import Pronunciation, entries_of
from bot.types import Clause, Style
from bot.voice.recorded import RecordedVoice

if TYPE_CHECKING:
    from bot.app.app import App


@dataclass(frozen=True, slots=True)
class Casting:
    """What the parts need of a persona under some settings: all that can fail is done."""

    persona: Persona
    look: StageLook
    worn: Worn
    prompter: Prompter
    policy: HostPolicy
    style: Callable[[Clause], Style]
    names: list[Pronunciation]


def prepare(persona: Persona, settings: Settings) -> Casting:
    """Return what is needed to take over a persona. Raise `ConfigError`."""
    return Casting(
        persona, look_of(persona, settings), worn_by(persona), prompter_of(persona, settings),
        policy_of(persona, settings), style_of(persona), entries_of(persona.pronunciations),
    )  # fmt: skip


def take_over(app: App, cast: Casting, settings: Settings) -> None:
    """Set the persona that is the host from now on. Nothing in it can fail, and nothing waits."""
    show, persona = app.show, cast.persona
    if persona is not app.persona:
        app.persona = app.control.persona = persona
        app.intake.names = NameMatcher((persona.name, *persona.aliases))
        app.control.room.greeting = persona.about
        show.composer.name = persona.name
        show.composer.lines = persona.lines
        show.cast.lines = persona.lines
        show.speaker.style = app.feelings.coloured(cast.style)
        if isinstance(show.speaker.tts, RecordedVoice):
            show.speaker.tts.chain.voices = voices_of(persona, settings.tts)
    app.control.names.follow(cast.names)
    show.cast.prompter = cast.prompter
    show.cast.policy = cast.policy
    look = app.avatar.follow(persona.id, cast.worn, cast.look)
    if look != show.stage.settings:
        show.stage.configure(look)
        app.control.room.label = look.label


def guest_of(app: App) -> str:
    """Return who is the host in place of the channel's own persona, by the folder's name; empty while nobody is."""
    return app.guest.id if app.guest else ""


async def invite(app: App, name: str) -> None:
    """Set another persona as the host for a while; an empty name brings back the one of the settings.

    One that cannot be read changes nothing, and is told.
    """
    if name == guest_of(app):
        return
    settings = app.settings
    try:
        guest = await asyncio.to_thread(load_persona, settings, name) if name and name != settings.persona else None
        cast = await asyncio.to_thread(prepare, guest or app.own_persona, settings)
    except ConfigError as error:
        logger.error("the persona {} is not invited: {}", name, error)
        return
    if settings is not app.settings:  # they were read again meanwhile
        cast = prepare(guest or app.own_persona, app.settings)
    app.guest = guest
    take_over(app, cast, app.settings)
    app.hearing.update(app.settings)
    app.local_model.apply()
    logger.info("the host is {}", app.persona.name)

"""Hot reload: the configuration is read again while the host is on air, and taken over whole or not at all.

    new settings ─▶ prepare everything that may fail (persona, look, moderation) ─▶ exchange it all between two awaits

A part that cannot change on air is named: `COLD` are the sections that need a restart.
"""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from bot.app import budget
from bot.app.casting import load_persona, voices_of
from bot.app.recast import prepare, take_over
from bot.config import Settings
from bot.errors import ConfigError
from bot.persona.persona import Persona
from bot.text.pronunciations import entries_of
from moderation.moderator import SelfTestError

if TYPE_CHECKING:
    from bot.app.app import App

#: Sections that need a restart; all others are taken over at once.
COLD = (
    "web",
    "llm",
    "judges",
    "tts",
    "sources",
    "obs",
    "watchdog",
    "programme",
    "models",
    "store",
    "log",
    "notify",
    "vision",
)

#: Single settings that need one, of sections that are hot.
COLD_KEYS = ("memory.embedder", "stage.vts")


def apply(app: App, new: Settings, persona: Persona | None = None) -> list[str]:
    """Take over new settings; return the names of the sections that changed and need a restart.

    ``persona`` is theirs, as it was read in a thread before; without it its files are read here.

    Raises `ConfigError`, and then nothing has changed.
    """
    old, show = app.settings, app.show
    before = voices_of(app.own_persona, old.tts)
    read = persona or load_persona(new)
    own = read if new.persona != old.persona else app.own_persona
    cast = prepare(app.guest or own, new)
    if app.guest is None:  # a persona is another one only by another name; how its names are said may change
        cast = replace(cast, names=entries_of(read.pronunciations))
    if new.moderation != old.moderation:
        try:
            app.moderator.reload(new.moderation)  # it keeps the old policy when it raises
        except (ValueError, SelfTestError) as error:
            raise ConfigError(f"moderation: {error}", remedy="the old policy stays in force") from error
        app.intake.rules_changed()
    # From here on nothing can fail.
    app.own_persona = own
    take_over(app, cast, new)
    show.composer.reply_chars = new.show.reply_chars
    show.speaker.lookahead_s = new.show.lookahead_s
    show.stage.stop_timeout_s = new.stage.stop_timeout_s
    show.stage.max_pages = new.stage.max_pages
    if new.inbox != old.inbox:
        app.inbox.update(new.inbox)
    if new.director != old.director and app.mixing.director is not None:
        app.mixing.director.update(new.director)
    if new.night != old.night:
        app.night.update(new.night)
    budget.apply(app, new.budget)
    app.hearing.update(new)
    restart = app.tools.update(new.tools)
    app.memory.update(new.memory)
    app.layers.update(new.stage)
    app.feelings.update(new.show.mood)
    app.intake.answer = new.show.answer
    app.intake.update(new.intake)
    app.commands.update(new.commands, new.timers)
    app.opinions.settings = new.judging
    app.settings = new
    app.local_model.apply()
    return _cold(old, new, before, voices_of(own, new.tts)) + restart


def _cold(
    old: Settings, new: Settings, before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]
) -> list[str]:
    """Return what changed and needs a restart."""
    cold = [name for name in COLD if getattr(new, name) != getattr(old, name)]
    cold += [key for key in COLD_KEYS if attrgetter(key)(new) != attrgetter(key)(old)]
    # hibari loads its voice when it is opened.
    if after.get("hibari") != before.get("hibari") and "tts" not in cold:
        cold.append("tts")
    return cold

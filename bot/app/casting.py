"""Build what each part needs of a persona and the settings: the look, the prompts, the policy, the voices."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from bot import config
from bot.config import Settings
from bot.control.avatar.controls import Worn, read_worn
from bot.control.pronunciations import FILE, PronunciationControls
from bot.errors import ConfigError
from bot.mind.memory.knowledge import Knowledge
from bot.mind.prompt import Character, Prompter
from bot.persona import persona as personas
from bot.persona.persona import AnswerIn, Persona
from bot.show.turn import HostPolicy
from bot.stage.models.library import ModelLibrary
from bot.stage.protocol import Captions, Look
from bot.stage.protocol import Settings as StageLook
from bot.text.pronunciations import entries_of
from bot.types import Clause, Style, Tone


def load_persona(settings: Settings, name: str = "") -> Persona:
    """Read the persona of a configuration, or the one of this ``name``. Raise `ConfigError`."""
    return personas.load(config.home() / "personas" / (name or settings.persona), random.Random())  # noqa: S311 - variety


def look_of(persona: Persona, settings: Settings) -> StageLook:
    """Return what the stage page shows of a persona. Raises `ConfigError` for a look that the page does not know."""
    label = settings.stage.label if settings.stage.label is not None else persona.label
    captions = Captions(**settings.stage.captions.model_dump())
    try:
        look = Look.model_validate(persona.look)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise ConfigError(
            f"persona {persona.id}: look.{'.'.join(map(str, first['loc']))}: {first['msg']}",
            remedy="docs/personas.md lists the styles and accessories",
        ) from None
    return StageLook(name=persona.name, look=look, captions=captions, label=label)


def models() -> ModelLibrary:
    """Return the models that streamers brought."""
    return ModelLibrary(config.data_dir())


def worn_by(persona: Persona) -> Worn:
    """Return the model that a persona's file names, or why it cannot be shown."""
    return read_worn(models(), persona.model)


def prompter_of(persona: Persona, settings: Settings) -> Prompter:
    """Return the builder of prompts for a persona, with its examples and pages."""
    character = Character(
        persona.name,
        persona.system,
        tuple((e.viewer, e.reply) for e in persona.examples),
        persona.temperature,
        languages=persona.languages,
        follows_viewer=persona.answer_in is AnswerIn.VIEWER,
        streamer=settings.cohost.streamer if settings.hearing.enabled else None,
        knowledge=Knowledge(((page.name, page.text) for page in persona.knowledge), (persona.name, *persona.aliases)),
    )
    return Prompter(
        character,
        max_tokens=settings.show.max_tokens,
        history_tokens=settings.memory.history_tokens if settings.memory.history else 0,
        knowledge_tokens=settings.memory.knowledge_tokens,
    )


def policy_of(persona: Persona, settings: Settings) -> HostPolicy:
    """Return how the host behaves, by the settings; ``show.language: auto`` is the persona's first language."""
    s = settings.show
    language = persona.languages[0] if s.language == "auto" else s.language
    return HostPolicy(
        language,
        s.greeting,
        s.thanks,
        s.idle_after_s,
        s.turn_s,
        settings.stage.return_s,
        release_delay_s=s.release_delay_s,
        read_aloud=settings.cohost.read_aloud,
        pause_after_blocks=s.pause_after_blocks,
        pause_within_s=s.pause_within_s,
    )


def style_of(persona: Persona) -> Callable[[Clause], Style]:
    """Return a function from a clause to the style in which the persona speaks it."""

    def style(clause: Clause) -> Style:
        voice = next((v for language, v in persona.voice.items() if language == clause.language), None)
        tone = clause.tone or Tone(clause.emotion)
        return Style(clause.language, tone.emotion, voice.speed if voice else 1.0, strength=tone.strength)

    return style


def with_voices(entries: list[config.Link], persona: Persona) -> list[config.Link]:
    """Return the voice providers with the persona's voice names, where the configuration names none."""
    out = []
    for entry in entries:
        provider = str(entry.get("provider", ""))
        named = {lang: v.names[provider] for lang, v in persona.voice.items() if provider in v.names}
        if provider == "gpt_sovits":
            out.append({"clips": clips_of(persona), **entry} if persona.clips else entry)
        else:
            out.append({"voices": named, **entry} if named else entry)
    return out


def clips_of(persona: Persona) -> dict[str, dict[str, str]]:
    """Return what a persona's voice is cloned from, by feeling, for the voices that clone."""
    folder = config.home() / "personas" / persona.id
    return {
        feeling.value: {"file": str(folder / clip.file), "text": clip.text, "language": clip.language.value}
        for feeling, clip in persona.clips.items()
    }


async def open_pronunciations(
    persona: Persona, folder: Path | None, use: Callable[[Callable[[Clause], Clause]], None]
) -> PronunciationControls:
    """Read the operator's list of names, over the persona's; ``use`` gets what spells them, now and at each change."""
    names = PronunciationControls(folder / FILE if folder else None, use)
    names.follow(entries_of(persona.pronunciations))
    await names.load()
    return names


async def pronouncer_of(persona: Persona) -> Callable[[Clause], Clause]:
    """Return what spells names for a voice outside of a show: by the persona and the operator's list."""
    found: list[Callable[[Clause], Clause]] = []
    await open_pronunciations(persona, config.data_dir(), found.append)
    return found[-1]


def voices_of(persona: Persona, entries: Literal["auto"] | list[config.Link]) -> dict[str, dict[str, str]]:
    """Return the persona's voice names by provider and language, for the providers whose configuration names none."""
    own = {str(e.get("provider", "")) for e in entries if "voices" in e} if isinstance(entries, list) else set()
    found: dict[str, dict[str, str]] = {}
    for language, voice in persona.voice.items():
        for provider, name in voice.names.items():
            if provider not in own:
                found.setdefault(provider, {})[str(language)] = name
    return found

"""haishin programme rehearse --aloud: the host says how each segment opens, as it would on air."""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.app import builtin_models
from bot.app.casting import load_persona, policy_of, prompter_of, pronouncer_of, style_of, with_voices
from bot.app.moderator import checked_moderator
from bot.cli.output import downloads, open_log, out
from bot.config import Settings
from bot.disclosure.wav import write_speech
from bot.errors import ProviderError
from bot.mind.failover import open_llm
from bot.mind.memory.history import History
from bot.show.composer import Composer, CompositionRequest
from bot.show.schedule.rehearsal import Part, Rehearsal
from bot.show.segments.segment import Brief
from bot.telemetry.timeline import Timeline
from bot.types import Clause, Tts
from bot.voice.failover import open_tts
from moderation import Context, Direction
from moderation.moderator import Moderator

#: Where the sound goes on a machine that has no output for it.
FOLDER: Final = Path("rehearsal")
#: Takes samples (s16le) and their rate in Hz, and returns when they were heard.
Play = Callable[[bytes, int], None]


async def read_openings(settings: Settings, rehearsal: Rehearsal, folder: Path | None) -> None:
    """Speak what opens each segment of a rehearsal, once. Raise `ProviderError` when no voice answers.

    Without a ``folder`` it is heard through this machine's sound, where it has any.
    """
    openings = first_of_each(rehearsal)
    open_log(settings)
    play = None if folder else sound_output()
    target = folder or FOLDER
    if play is None:
        await asyncio.to_thread(target.mkdir, parents=True, exist_ok=True)
    persona = load_persona(settings)
    language, style, pronounce = policy_of(persona, settings).language, style_of(persona), await pronouncer_of(persona)
    moderator = await asyncio.to_thread(checked_moderator, settings)
    async with AsyncExitStack() as stack:
        with downloads() as progress:
            voices = with_voices(await builtin_models.tts_entries(settings, progress), persona)
            models = await builtin_models.llm_entries(settings, progress) if any_brief(openings) else []
        tts, llm = await stack.enter_async_context(open_tts(voices)), await stack.enter_async_context(open_llm(models))
        composer = Composer(
            llm, persona.lines, persona.name, filler_after_s=float("inf"), reply_chars=settings.show.reply_chars
        )
        prompter = prompter_of(persona, settings)
        for number, part in enumerate(openings, 1):
            request = CompositionRequest((str(part.first),), None, language)
            if isinstance(part.first, Brief):
                prompt = prompter.brief(part.first.task, part.first.material, History(), language=language)
                # Without a model the owner's own words are read, so that the voice is heard at least.
                instead = part.first.prepared or part.first.task
                request = CompositionRequest((), prompt, language, prepared=instead)
            clauses = [pronounce(clause) for clause in await composed(composer, request)]
            sound, rate = await spoken(tts, moderator, clauses, style)
            words = " ".join(clause.text for clause in clauses)
            if not sound:
                out.print(f"{part.segment}: nothing is said ({words[:70] or 'no words'})", markup=False)
            elif play is not None:
                out.print(f"{part.segment}: {words}", markup=False)
                await asyncio.to_thread(play, sound, rate)
            else:
                file = target / f"{number:02}-{file_name(part.segment)}.wav"
                await asyncio.to_thread(write_speech, file, sound, rate)
                out.print(f"{file}: {len(sound) / 2 / rate:.1f} s: {words}", markup=False)


def first_of_each(rehearsal: Rehearsal) -> list[Part]:
    """Return the first run of each segment that said anything, in the order of their starts."""
    found: dict[str, Part] = {}
    for part in sorted(rehearsal.parts, key=lambda p: p.started_at or p.due_at):
        if part.started_at is not None and part.first:
            found.setdefault(part.segment, part)
    return list(found.values())


def any_brief(parts: list[Part]) -> bool:
    """Return whether a model is needed for any of them."""
    return any(isinstance(part.first, Brief) for part in parts)


async def composed(composer: Composer, request: CompositionRequest) -> list[Clause]:
    """Return the clauses of an opening."""
    clauses: list[Clause] = []

    async def put(clause: Clause) -> None:
        clauses.append(clause)

    await composer.compose("rehearsal", request, Timeline(asyncio.get_running_loop().time), put)
    return clauses


async def spoken(tts: Tts, moderator: Moderator, clauses: list[Clause], style: Any) -> tuple[bytes, int]:
    """Return the sound of what moderation lets pass, and its rate. Raise `ProviderError` when no voice answers."""
    sound, rate = bytearray(), 0
    for clause in clauses:
        verdict = moderator.check(clause.speech or clause.text, Context(Direction.OUT))
        if not verdict.allowed:
            out.print(f"not said, as on air: {', '.join(verdict.rules)}", markup=False)
            break
        if not clause.speech:
            continue
        async for pcm in tts.speak(clause.speech, style(clause)):
            if rate and pcm.rate != rate:
                raise ProviderError(f"two voices of different rates ({rate} and {pcm.rate} Hz)", remedy="use one")
            rate = pcm.rate
            sound += pcm.data
    return bytes(sound), rate


def sound_output() -> Play | None:
    """Return what plays sound on this machine; None without the package "sounddevice", or without a device."""
    try:
        device: Any = importlib.import_module("sounddevice")
        device.query_devices(kind="output")
    except Exception:  # noqa: BLE001 - the library raises errors of its own, and OSError without PortAudio
        return None

    def play(data: bytes, rate: int) -> None:
        device.play(np.frombuffer(data, "<i2"), rate, blocking=True)

    return play


def file_name(segment: str) -> str:
    """Return a segment's name as a part of a file's name."""
    return re.sub(r"[^\w-]+", "-", segment).strip("-")[:60] or "segment"

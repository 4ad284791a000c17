"""haishin say: speak a text into a file."""

from __future__ import annotations

import time
from pathlib import Path

from bot.app import builtin_models
from bot.app.casting import load_persona, pronouncer_of, style_of, with_voices
from bot.cli.output import downloads, open_log, out
from bot.config import Settings
from bot.disclosure.wav import write_speech
from bot.errors import ProviderError
from bot.mind.reply.parser import ReplyParser
from bot.voice.clauses.maker import ClauseMaker
from bot.voice.failover import open_tts


async def say_to_file(settings: Settings, text: str, target: Path) -> None:
    """Speak a text into a WAV file."""
    open_log(settings)
    persona = load_persona(settings)
    with downloads() as progress:
        entries = with_voices(await builtin_models.tts_entries(settings, progress), persona)
    parser, maker = ReplyParser(), ClauseMaker("say", persona.languages[0])
    clauses = [c for piece in [*parser.feed(text), *parser.flush()] for c in maker.feed(piece)] + maker.flush()
    style, began, first = style_of(persona), 0.0, 0.0
    sound, rate = bytearray(), 0
    pronounce = await pronouncer_of(persona)
    async with open_tts(entries) as tts:
        began = time.monotonic()
        for clause in clauses:
            clause = pronounce(clause)  # noqa: PLW2901 - as it is said
            if not clause.speech:
                continue
            async for pcm in tts.speak(clause.speech, style(clause)):
                first = first or time.monotonic() - began
                if rate and pcm.rate != rate:
                    raise ProviderError(f"two voices of different rates ({rate} and {pcm.rate} Hz)", remedy="use one")
                rate = pcm.rate
                sound += pcm.data
    if not sound:
        raise ProviderError("there was nothing to pronounce", remedy="give some words")
    write_speech(target, bytes(sound), rate)
    seconds = len(sound) / 2 / rate
    out.print(f"{target}: {seconds:.1f} s of speech, first sound after {first * 1000:.0f} ms")

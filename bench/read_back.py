"""Speak rows of the reading rules with the built-in voice and transcribe them: what is heard of what should be.

Prints a line for each row (hit or miss, error rate, what should be heard, what the recogniser wrote) and one JSON
object. Both sides are compared as words that are read aloud: of English words, of Chinese characters, of Japanese kana,
because a recogniser writes "3:1" and 七 and 7 as it likes. A miss may be the rules', the voice's or the recogniser's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import unicodedata
from pathlib import Path

if not __package__:
    # Run as a file: what is measured is the project around it, installed or not.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import numpy as np
import opencc
import pyopenjtalk
import yaml
from faster_whisper import WhisperModel

from bot.types import Style
from bot.voice.reading.aloud import read_aloud
from bot.voice.tts import kokoro
from bot.weights import catalog
from tests.support.error_rate import error_rate

ROWS = Path(__file__).resolve().parent.parent / "tests" / "voice" / "reading"
#: Rows of each language, evenly from the first to the last of its file.
COUNTS = {"en": 14, "zh": 13, "ja": 13}
#: A row is a hit up to this part of wrong words or characters.
HIT = 0.15
#: Shorter texts give a recogniser nothing to hold on to, in words or characters.
LEAST = {"en": 4, "zh": 6, "ja": 6}

_SIMPLIFIED = opencc.OpenCC("t2s")


def chosen(language: str, count: int) -> list[dict[str, str]]:
    """Return ``count`` rows of a language."""
    rows = yaml.safe_load((ROWS / f"{language}.yaml").read_text("utf-8"))
    rows = [row for row in rows if len(tokens(row["heard"], language)) >= LEAST[language]]
    return [rows[index * len(rows) // count] for index in range(count)]


def tokens(text: str, language: str) -> list[str]:
    """Return what to compare of a text: words, characters, or kana as they are pronounced."""
    said = read_aloud(unicodedata.normalize("NFKC", text), language)
    if language == "en":
        return re.findall(r"[a-z']+", said.lower())
    if language == "zh":
        said = _SIMPLIFIED.convert(said).replace("两", "二").upper()
        return re.findall(r"[^\W_]", said)
    spoken = "".join(word["pron"] for word in pyopenjtalk.run_frontend(said, use_vanilla=True))
    return re.findall(r"[ァ-ヺー]", spoken)


def hear(recogniser: WhisperModel, pcm: bytes, language: str) -> str:
    """Transcribe s16le at 24 kHz."""
    wave = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    narrow = np.interp(np.arange(0, len(wave), 1.5), np.arange(len(wave)), wave)
    quiet = np.zeros(6000)
    hint = "以下是普通话的句子。" if language == "zh" else None
    parts, _ = recogniser.transcribe(
        np.concatenate([quiet, narrow, quiet]).astype(np.float32), language=language, initial_prompt=hint
    )
    return "".join(part.text for part in parts).strip()


async def run(counts: dict[str, int], root: Path) -> dict[str, object]:
    """Speak and transcribe the rows; return the counts of hits and the misses."""
    voices, ears = await catalog.pull("kokoro", root), await catalog.pull("whisper-base", root)
    recogniser = WhisperModel(str(ears), device="cpu", compute_type="int8", local_files_only=True)
    found: dict[str, object] = {}
    async with kokoro.connect(kokoro.Config(model=voices)) as voice:
        for language, count in counts.items():
            hits, rates = 0, list[float]()
            for row in chosen(language, count):
                speech = read_aloud(row["text"], language)
                pcm = b"".join([piece.data async for piece in voice.speak(speech, Style(language))])
                heard = await asyncio.to_thread(hear, recogniser, pcm, language)
                rate = error_rate(tokens(row["heard"], language), tokens(heard, language))
                rates.append(rate)
                hits += rate <= HIT
                word = "hit " if rate <= HIT else "MISS"
                print(f"{word} {rate:.2f} {language} {row['text']} | {speech} | {heard}", flush=True)
            found[language] = {"rows": count, "hits": hits, "error_rate": round(float(np.mean(rates)), 3)}
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, help="so many of each language instead of 14, 13 and 13")
    parser.add_argument("--models", type=Path, default=catalog.default_root(), help="folder of the weights")
    options = parser.parse_args()
    wanted = dict.fromkeys(COUNTS, options.rows) if options.rows else COUNTS
    print(json.dumps(asyncio.run(run(wanted, options.models)), ensure_ascii=False))

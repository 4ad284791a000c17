"""Where clauses lie that were spoken ahead: a WAV file for each beside the night bank, and a list of them.

    night-bank/index.jsonl   a line for each: key, text, who spoke it, rate, bytes, marks of words and of the mouth
    night-bank/<key>.wav     16 bits, mono

Everything that comes from the disk is doubted: a line that cannot be read, a file without a line, or one that is not
what its line says, is left out and goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
import os
import re
import wave
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from loguru import logger

from bot.disclosure.wav import plain_wav
from bot.store.spool import Spool
from bot.types import Mark, MouthShape, Style, Viseme
from bot.voice.recorded import Recording

#: Longest sound of one clause, in bytes: almost a minute at 24 kHz.
LONGEST: Final = 2_800_000
#: Rates that a voice has, in Hz; longest text of a clause in the list, in characters; marks that are kept.
RATES: Final = range(8_000, 96_001)
TEXT: Final = 400
MARKS: Final = 1_000
#: The folder beside the bank, and the list in it.
FOLDER: Final = "night-bank"
_INDEX: Final = "index.jsonl"
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_HEADER: Final = 4096


def key_of(text: str, style: Style) -> str:
    """Return under which name the sound of a text in a style is kept, whoever spoke it."""
    how = [text, style.language, style.emotion, round(style.speed, 3), style.voice]
    plain = json.dumps(how if style.strength == 1 else [*how, round(style.strength, 2)])
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Kept:
    """One recording as the list has it. ``size`` is that of its sound, in bytes."""

    key: str
    text: str
    voice: str
    rate: int
    size: int
    marks: tuple[Mark, ...] = field(default=())
    visemes: tuple[Viseme, ...] = field(default=())

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.size / 2 / self.rate


class NightRecordings:
    """The recordings in one folder; a `bot.voice.recorded.Recordings`. ``folder`` None keeps none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._spool = Spool(folder / _INDEX if folder else None, _values, _kept)
        self.kept: dict[str, Kept] = {}
        self.size = 0
        #: Rises with each change of what is kept.
        self.changes = 0

    async def load(self) -> None:
        """Take up what an earlier run left, and remove what nobody knows."""
        if self._folder is not None:
            self.kept = await asyncio.to_thread(self._look_over, self._folder)
            self.size = sum(one.size for one in self.kept.values())

    def voice_of(self, text: str, style: Style) -> str:
        """Return who spoke a text in a style; nothing when there is no recording of it."""
        found = self.kept.get(key_of(text, style)) if self.kept else None
        return found.voice if found else ""

    async def read(self, text: str, style: Style) -> Recording | None:
        """Return the recording of a text; None when there is none, or it is damaged. Never raises."""
        found = self.kept.get(key_of(text, style))
        if found is None or self._folder is None:
            return None
        try:
            data = await asyncio.to_thread(_sound, self._folder / f"{found.key}.wav", found)
        except (OSError, EOFError, ValueError, wave.Error) as error:
            logger.warning("what was spoken ahead is damaged and left out: {}", error)
            await self.remove({found.key})
            return None
        return Recording(found.voice, found.rate, data, found.marks, found.visemes)

    async def add(self, text: str, style: Style, recording: Recording) -> bool:
        """Keep a recording, in place of an earlier one; return whether it is kept. Never raises."""
        size = len(recording.data)
        if self._folder is None or not 0 < size <= LONGEST or recording.rate not in RATES:
            return False
        key = key_of(text, style)
        marks, visemes = recording.marks[:MARKS], recording.visemes[:MARKS]
        kept = Kept(key, text[:TEXT], recording.voice, recording.rate, size, marks, visemes)
        try:
            await asyncio.to_thread(_write, self._folder, key, recording)
        except OSError as error:
            logger.warning("what was spoken ahead cannot be kept: {}", error.strerror or error)
            return False
        before = self.kept.get(key)
        self.kept[key] = kept
        self.changes += 1
        self.size += size - (before.size if before else 0)
        if before is None:
            await self._spool.add(kept, durable=False)
        else:
            await self._spool.keep(self.kept.values())
        return True

    async def keep_only(self, wanted: Container[str]) -> None:
        """Remove every recording but the ``wanted``."""
        await self.remove({key for key in self.kept if key not in wanted})

    async def remove(self, keys: set[str]) -> None:
        """Remove recordings, from the disk too. Never raises."""
        gone = [one for key in keys if (one := self.kept.pop(key, None))]
        self.changes += bool(gone)
        if gone and self._folder is not None:
            self.size -= sum(one.size for one in gone)
            await asyncio.to_thread(_unlink, [self._folder / f"{one.key}.wav" for one in gone])
            await self._spool.keep(self.kept.values())

    def _look_over(self, folder: Path) -> dict[str, Kept]:
        try:
            listed = {one.key: one for one in self._spool.load()} if folder.is_dir() else {}
            names = {file.name for file in folder.iterdir()} if folder.is_dir() else set()
        except OSError as error:
            logger.warning("what was spoken ahead cannot be read: {}", error.strerror or error)
            return {}
        found = {key: one for key, one in listed.items() if f"{key}.wav" in names}
        strangers = names - {f"{key}.wav" for key in found} - {_INDEX}
        _unlink([folder / name for name in strangers if name.endswith((".wav", ".new"))])
        return found


def _write(folder: Path, key: str, recording: Recording) -> None:
    wav = plain_wav(recording.data, recording.rate)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{key}.new"
    with open(draft, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(wav)
    draft.replace(folder / f"{key}.wav")


def _sound(file: Path, kept: Kept) -> bytes:
    """Return the samples of a file. Raises when it is not what the list says."""
    with file.open("rb") as raw:
        data = raw.read(kept.size + _HEADER + 1)
    if len(data) > kept.size + _HEADER:
        raise ValueError(f"{file.name} is larger than it was written")
    with wave.open(io.BytesIO(data)) as sound:
        if (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) != (1, 2, kept.rate):
            raise ValueError(f"{file.name} is no sound of 16 bits at {kept.rate} Hz")
        samples = bytes(sound.readframes(kept.size // 2))
    if len(samples) != kept.size:
        raise ValueError(f"{file.name} breaks off")
    return samples


def _unlink(files: list[Path]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def _values(kept: Kept) -> dict[str, Any]:
    return {
        "key": kept.key, "text": kept.text, "voice": kept.voice, "rate": kept.rate, "size": kept.size,
        "marks": [[mark.at_ms, mark.chars] for mark in kept.marks],
        "visemes": [[viseme.at_ms, viseme.shape] for viseme in kept.visemes],
    }  # fmt: skip


def _kept(value: dict[str, Any]) -> Kept:
    key, rate, size = str(value["key"]), int(value["rate"]), int(value["size"])
    if not _KEY.fullmatch(key) or rate not in RATES or not 0 < size <= LONGEST or size % 2:
        raise ValueError("it is no recording")
    marks = tuple(Mark(int(at), int(chars)) for at, chars in value["marks"][:MARKS])
    # What was kept before mouths had shapes has none.
    visemes = tuple(Viseme(int(at), MouthShape(shape)) for at, shape in value.get("visemes", [])[:MARKS])
    return Kept(key, str(value["text"])[:TEXT], str(value["voice"])[:200], rate, size, marks, visemes)

"""Piper, small voices in many languages: its program, as a process of its own.

Piper is under the GPL, so it is never imported and never installed along. It is found on the PATH, or in a virtual
environment of its own. A process loads its voice in half a second, so the next one is started and waits.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigError, FatalError
from bot.types import Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, pace
from bot.voice.wire.connection import Service
from bot.voice.wire.sound import Sound

SERVICE: Final = Service("piper", "Check 'voices'.")
_CHUNK: Final = 9600
_MAX_WORDS: Final = 2000
#: Longest wait for a process that was killed.
_GONE_S: Final = 1.0
#: The pace is taken in steps, so that a process that waits is of use.
_STEPS: Final = 20


class Config(BaseModel):
    """Options of the voice ``piper``."""

    model_config = ConfigDict(extra="forbid")

    program: str = Field("piper", description="the program: a name on the PATH, or its path")
    voices: dict[Language, str] = Field(min_length=1, description="path of a voice (.onnx, with its .onnx.json)")
    speaker: int = Field(0, ge=0, le=100_000, description="number of the speaker, for voices of several")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    timeout_s: float = Field(10.0, gt=0, le=120, description="longest silence of the program")


@dataclass(frozen=True, slots=True)
class _Manner:
    """What a process is started with."""

    model: str
    rate: int
    length: float


class Piper:
    """The voice. One process speaks one clause; another waits for the next."""

    def __init__(self, config: Config, program: str, rates: dict[str, int]) -> None:
        self.languages: frozenset[str] = frozenset(config.voices)
        self._config = config
        self._program = program
        self._rates = rates
        self._waiting: tuple[_Manner, asyncio.subprocess.Process] | None = None

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound as the program writes it. One that fails raises `TransientError`."""
        manner = self._manner(style)
        process = await self._process(manner)
        sound = Sound(SERVICE, manner.rate)
        try:
            async with asyncio.timeout(self._config.timeout_s):
                await _tell(process, text)
            assert process.stdout is not None  # noqa: S101 - it was asked for
            while True:
                async with asyncio.timeout(self._config.timeout_s):
                    data = await process.stdout.read(_CHUNK)
                if not data:
                    break
                for pcm in sound.add(data):
                    yield pcm
            async with asyncio.timeout(self._config.timeout_s):
                code = await process.wait()
        except TimeoutError as error:
            raise SERVICE.broken("the program did not answer in time") from error
        except OSError as error:
            raise SERVICE.broken(f"the program ended: {error}") from error
        finally:
            await _end(process)
        if code:
            raise SERVICE.broken(f"the program failed ({code})")
        sound.end()
        await self._wait_with(manner)

    def _manner(self, style: Style) -> _Manner:
        voices: dict[str, str] = {str(language): path for language, path in self._config.voices.items()}
        model = voices.get(style.language) or next(iter(voices.values()))
        length = round(_STEPS / pace(style, self._config.speed)) / _STEPS
        return _Manner(model, self._rates[model], length)

    async def _process(self, manner: _Manner) -> asyncio.subprocess.Process:
        """Return a process that is started so: the one that waits, or a new one."""
        if self._waiting is not None:
            (waits, process), self._waiting = self._waiting, None
            if waits == manner and process.returncode is None:
                return process
            await _end(process)
        return await self._start(manner)

    async def _wait_with(self, manner: _Manner) -> None:
        if self._waiting is None:
            with suppress(FatalError):  # told when it is spoken with
                self._waiting = manner, await self._start(manner)

    async def _start(self, manner: _Manner) -> asyncio.subprocess.Process:
        options = ["--model", manner.model, "--output-raw", "--length-scale", f"{manner.length:g}"]
        if self._config.speaker:
            options += ["--speaker", str(self._config.speaker)]
        try:
            return await asyncio.create_subprocess_exec(
                self._program,
                *options,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise FatalError(f"the program cannot be started: {error}", provider="piper", remedy=_INSTALL) from error

    async def close(self) -> None:
        """End the process that waits."""
        if self._waiting is not None:
            await _end(self._waiting[1])
            self._waiting = None

    async def check(self) -> Health:
        """Speak one word."""
        what = f"speaks {', '.join(sorted(self.languages))}"
        return await speak_one_word(self, what, within_s=20, remedy="Close programs that use the processor.")


_INSTALL: Final = "Install it apart: python -m venv piper && piper/bin/pip install piper-tts; then set 'program'."


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Piper]:
    """Find the program and the voices. Raises `ConfigError` when one is missing."""
    program = await asyncio.to_thread(shutil.which, config.program)
    if program is None:
        raise ConfigError(f"there is no program {config.program!r}", remedy=_INSTALL)
    rates = {path: await asyncio.to_thread(_rate, Path(path)) for path in config.voices.values()}
    piper = Piper(config, program, rates)
    try:
        yield piper
    finally:
        await piper.close()


def _rate(model: Path) -> int:
    """Return the samples a second of a voice, by the file beside it. Raises `ConfigError`."""
    about = Path(f"{model}.json")
    try:
        described: Any = json.loads(about.read_text("utf-8"))
        rate = described["audio"]["sample_rate"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "each voice is two files that lie side by side: .onnx and .onnx.json"
        raise ConfigError(f"{about.name} is missing or damaged", remedy=remedy) from error
    if not model.is_file() or not isinstance(rate, int) or not 8000 <= rate <= 48_000:
        raise ConfigError(f"{model.name} is no voice of Piper", remedy="check 'voices'")
    return rate


async def _tell(process: asyncio.subprocess.Process, text: str) -> None:
    """Write a text as one line, and that it was all."""
    assert process.stdin is not None  # noqa: S101 - it was asked for
    process.stdin.write(f"{' '.join(text.split())[:_MAX_WORDS]}\n".encode())
    await process.stdin.drain()
    process.stdin.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill a process, and take what is left of it, so that nothing of it stays."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(_GONE_S):
            await process.communicate()

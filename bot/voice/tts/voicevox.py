"""VOICEVOX, and engines that speak like it (AivisSpeech, COEIROINK): Japanese, free, on this machine.

Each speaker has styles with numbers of their own; a feeling can have one, else pace, pitch and intonation change. The
engine does not stream, so a clause is asked for sentence by sentence.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field

from bot.types import Emotion, Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, pace, pitch
from bot.voice.wire.connection import Service, beginning, errors_of, open_session, parsed, post
from bot.voice.wire.sound import wav_sound

RATE: Final = 24_000
SERVICE: Final = Service(
    "voicevox", "Check 'speaker': the engine lists its styles at /speakers.", down_remedy="Start the VOICEVOX engine."
)
_SENTENCE: Final = re.compile(r"(?<=[。！？!?])")
_MAX_QUERY: Final = 1 << 20
#: Below this a feeling is too weak for a style of its own.
_FELT: Final = 0.4
#: The engine's pitch is a power of e or so: 0.15 is the most that sounds well.
_PITCH_OF_HZ: Final = 0.0025
_INTONATION: Final = {
    Emotion.JOY: 0.2,
    Emotion.LAUGH: 0.3,
    Emotion.SURPRISE: 0.35,
    Emotion.ANGRY: 0.2,
    Emotion.SAD: -0.25,
    Emotion.SLEEPY: -0.4,
    Emotion.THINKING: -0.1,
    Emotion.LOVE: 0.1,
    Emotion.WORRIED: -0.05,
    Emotion.POUT: 0.1,
}


class Config(BaseModel):
    """Options of the voice ``voicevox``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("http://127.0.0.1:50021", description="where the engine listens")
    speaker: int = Field(3, ge=0, description="number of the style (3: Zundamon, normal)")
    styles: dict[Emotion, int] = Field({}, description="number of another style for a feeling")
    voices: dict[Language, str] = Field({}, description="the persona's: the number of the style for Japanese")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    timeout_s: float = Field(15.0, gt=0, le=120, description="longest silence of the connection")


class Voicevox:
    """The voice."""

    languages = frozenset({"ja"})

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self._config = config
        self._session = session

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Yield the sound of each sentence as it is made. One that is too short raises `TransientError`."""
        sentences = [part for part in _SENTENCE.split(text) if any(char.isalnum() for char in part)]
        if not sentences:
            raise SERVICE.broken("there is nothing to pronounce")
        with errors_of(SERVICE):
            for sentence in sentences:
                async for pcm in self._sentence(sentence, style):
                    yield pcm

    async def _sentence(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        base, speaker = self._config.base_url.rstrip("/"), str(self._speaker(style))
        asked = {"text": text, "speaker": speaker}
        async with post(self._session, SERVICE, f"{base}/audio_query", params=asked) as response:
            query = parsed(await beginning(response, _MAX_QUERY))
        if "accent_phrases" not in query:
            raise SERVICE.broken("the engine sent no query")
        query |= self._manner(style)
        async with post(
            self._session, SERVICE, f"{base}/synthesis", params={"speaker": speaker}, json=query
        ) as response:
            async for pcm in wav_sound(response.content.iter_any(), SERVICE):
                yield pcm

    def _speaker(self, style: Style) -> int:
        named = style.voice or self._config.voices.get("ja", "")
        usual = int(named) if named.isdecimal() else self._config.speaker
        return self._config.styles.get(style.emotion, usual) if style.strength >= _FELT else usual

    def _manner(self, style: Style) -> dict[str, Any]:
        # A style of its own carries the feeling already.
        own = style.emotion in self._config.styles and style.strength >= _FELT
        felt = Style(style.language, speed=style.speed) if own else style
        intonation = 1.0 + _INTONATION.get(felt.emotion, 0.0) * felt.strength
        return {
            "speedScale": round(pace(felt, self._config.speed), 2),
            "pitchScale": round(pitch(felt) * _PITCH_OF_HZ, 3),
            "intonationScale": round(intonation, 2),
            "outputSamplingRate": RATE,
            "outputStereo": False,
        }

    async def check(self) -> Health:
        """Speak one word."""
        what = f"style {self._config.speaker}"
        return await speak_one_word(self, what, within_s=15, remedy="Close programs that use the processor.")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Voicevox]:
    """Make a client. The engine is not asked before a text is spoken."""
    async with open_session(config.base_url, timeout_s=config.timeout_s) as session:
        yield Voicevox(config, session)

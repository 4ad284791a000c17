"""GPT-SoVITS by its api_v2: a voice from a few seconds of reference, another clip for each feeling.

The server is told paths of files, so it must run on this machine and is asked there alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import aiohttp
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.errors import ConfigError
from bot.runtime.http_errors import is_on_this_machine
from bot.types import Emotion, Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, pace
from bot.voice.wire.connection import Service, errors_of, open_session, post
from bot.voice.wire.sound import wav_sound

SERVICE: Final = Service(
    "gpt_sovits",
    "Is it api_v2.py that runs there?",
    down_remedy="Start GPT-SoVITS with: python api_v2.py -a 127.0.0.1 -p 9880",
)
#: Below this a feeling is too weak for a clip of its own.
_FELT: Final = 0.4


def _here(url: str) -> str:
    if not is_on_this_machine(url):
        raise ValueError("GPT-SoVITS reads files of this machine: its address must be 127.0.0.1 or localhost")
    return url


class Clip(BaseModel):
    """A reference: a sound of 3 to 10 seconds, and what is said in it."""

    model_config = ConfigDict(extra="forbid")

    file: Path = Field(description="the sound")
    text: str = Field("", max_length=300, description="what is said in it")
    language: Language = Field("zh", description="in which language")


class Config(BaseModel):
    """Options of the voice ``gpt_sovits``."""

    model_config = ConfigDict(extra="forbid")

    base_url: Annotated[str, AfterValidator(_here)] = Field(
        "http://127.0.0.1:9880", description="where api_v2 listens; this machine alone"
    )
    clips: dict[Emotion, Clip] = Field({}, description="reference clips; 'neutral' is needed, here or in the persona")
    languages: list[Language] = Field(["en", "zh", "ja"], description="what the voice speaks")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    extra_body: dict[str, Any] = Field({}, description="further parts of the request, such as top_k")
    timeout_s: float = Field(15.0, gt=0, le=120, description="longest silence of the connection")


class GptSovits:
    """The voice."""

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self.languages: frozenset[str] = frozenset(config.languages)
        self._config = config
        self._session = session

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound as it comes. A stream that ends too early raises `TransientError`."""
        url = f"{self._config.base_url.rstrip('/')}/tts"
        with errors_of(SERVICE):
            async with post(self._session, SERVICE, url, json=self._body(text, style)) as response:
                async for pcm in wav_sound(response.content.iter_any(), SERVICE):
                    yield pcm

    def _body(self, text: str, style: Style) -> dict[str, Any]:
        clips = self._config.clips
        felt = style.emotion if style.strength >= _FELT else Emotion.NEUTRAL
        clip = clips.get(felt) or clips[Emotion.NEUTRAL]
        # A clip of its own carries the feeling; the pace of the words is then the clip's.
        paced = Style(style.language, speed=style.speed) if felt in clips else style
        return {
            "text": text,
            "text_lang": style.language,
            "ref_audio_path": str(clip.file),
            "prompt_text": clip.text,
            "prompt_lang": clip.language,
            "text_split_method": "cut0",
            "speed_factor": round(pace(paced, self._config.speed), 2),
            "streaming_mode": True,
            "media_type": "wav",
        } | self._config.extra_body

    async def check(self) -> Health:
        """Speak one word."""
        what = f"{len(self._config.clips)} reference clip(s)"
        return await speak_one_word(self, what, within_s=20, remedy="Is a graphics card free for it?")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[GptSovits]:
    """Make a client. Raises `ConfigError` for clips that are not there."""
    if Emotion.NEUTRAL not in config.clips:
        raise ConfigError(
            "gpt_sovits has no reference clip", remedy="set clips.neutral.file here, or clips in the persona's voice"
        )
    for feeling, clip in config.clips.items():
        if not await asyncio.to_thread(clip.file.is_file):
            raise ConfigError(f"clips.{feeling}: there is no file {clip.file.name!r}", remedy="check the path")
    clips = {feeling: clip.model_copy(update={"file": clip.file.resolve()}) for feeling, clip in config.clips.items()}
    async with open_session(config.base_url, timeout_s=config.timeout_s) as session:
        yield GptSovits(config.model_copy(update={"clips": clips}), session)

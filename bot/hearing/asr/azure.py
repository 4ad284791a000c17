"""Azure's speech service, by its REST interface for short audio: up to 60 s of sound, one text, no partial ones.

The service does not recognise the language by itself on this way: it is told the streamer's first one.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import ProviderError, TransientError
from bot.hearing.speech import RATE, Hints, Samples, SpeechPiece, Transcript
from bot.hearing.upload import Post, client, wav
from bot.hearing.utterance.agreement import in_batches
from bot.types import Health

PATH: Final = "speech/recognition/conversation/cognitiveservices/v1"
_LOCALES: Final = {"en": "en-US", "zh": "zh-CN", "ja": "ja-JP"}
#: The service's words for sound in which nobody speaks.
_NOBODY: Final = frozenset({"NoMatch", "InitialSilenceTimeout", "BabbleTimeout"})


class Config(BaseModel):
    """Options of the recogniser ``azure``."""

    model_config = ConfigDict(extra="forbid")

    region: str = Field("westeurope", pattern="^[a-z0-9-]{1,40}$", description="region of the speech resource")
    api_key: SecretStr = Field(description="key of the speech resource")
    locale: str = Field(
        "", pattern="^([a-z]{2,3}-[A-Za-z-]{2,10})?$", description="as en-GB; empty: the streamer's first language"
    )
    base_url: str = Field("", description="another address, for example of Azure in China; empty: the region's")
    timeout_s: float = Field(15.0, gt=0, le=300, description="longest silence of the connection")


class Azure:
    """The recogniser."""

    def __init__(self, config: Config, http: httpx.AsyncClient) -> None:
        self._config = config
        self._post = Post(
            http, "azure",
            key_remedy="Is 'api_key' whole, and is 'region' the one of its resource?",
            missing_remedy="Check 'region', or 'base_url' if you set one.",
        )  # fmt: skip

    def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        """Yield a text for each one that is asked for."""
        return in_batches(self.transcribe, speech, hints)

    async def transcribe(self, sound: Samples, hints: Hints) -> AsyncIterator[Transcript]:
        """Send a whole sound and yield its text. Raises `ProviderError`."""
        spoken = hints.languages[0] if hints.languages else "en"
        locale = self._config.locale or _LOCALES.get(spoken, "en-US")
        answer = await self._post.json(
            PATH,
            params={"language": locale, "format": "detailed", "profanity": "raw"},
            headers={"Content-Type": f"audio/wav; codecs=audio/pcm; samplerate={RATE}", "Accept": "application/json"},
            content=wav(sound),
        )
        yield _read(answer, locale.partition("-")[0])

    async def check(self) -> Health:
        """Recognise half a second of silence."""
        try:
            async for _ in self.transcribe(np.zeros(RATE // 2, np.float32), Hints()):
                pass
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        return Health(ok=True, detail=f"Azure's speech service in {self._config.region} answers")


def _read(answer: dict[str, Any], language: str) -> Transcript:
    """Return what an answer says. Raises `TransientError` when it says nothing proper."""
    status = answer.get("RecognitionStatus")
    if status in _NOBODY:
        return Transcript("", language, 0.0, no_speech=1.0)
    best = answer.get("NBest")
    first = best[0] if isinstance(best, list) and best and isinstance(best[0], dict) else answer
    text = first.get("Display", answer.get("DisplayText"))
    if status != "Success" or not isinstance(text, str):
        raise TransientError(f"the service could not recognise it: {str(status)[:60]}", provider="azure")
    sure = first.get("Confidence", 1.0)
    proper = isinstance(sure, (int, float)) and math.isfinite(sure)
    return Transcript(text.strip(), language, min(1.0, max(0.0, float(sure))) if proper else 1.0)


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Azure]:
    """Make a client."""
    base_url = config.base_url or f"https://{config.region}.stt.speech.microsoft.com"
    headers = {"Ocp-Apim-Subscription-Key": config.api_key.get_secret_value()}
    async with client(base_url, headers, config.timeout_s) as http:
        yield Azure(config, http)

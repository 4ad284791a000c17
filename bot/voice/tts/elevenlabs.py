"""ElevenLabs, over its WebSocket: sound and the times of the letters come while it speaks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import ProviderError
from bot.types import Emotion, Health, Mark, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, merged, pace
from bot.voice.wire.connection import Service, errors_of, open_session, open_socket
from bot.voice.wire.sound import MAX_S, Sound, from_base64

RATE: Final = 24_000
SERVICE: Final = Service("elevenlabs", "Check 'voices' and 'model'.")
#: Letters of one piece that are looked at, and how far one may stand from the one before.
_MAX_LETTERS: Final = 5000
#: No sound is longer, in ms.
_LONGEST_MS: Final = MAX_S * 1000
_NEAR: Final = 8
#: How much livelier a feeling makes the voice: less stable, more style. Those that are not here keep it as it is.
_LIVELY: Final = {
    Emotion.JOY: 0.6,
    Emotion.LAUGH: 1.0,
    Emotion.SURPRISE: 1.0,
    Emotion.ANGRY: 0.9,
    Emotion.SAD: 0.5,
    Emotion.SMUG: 0.5,
    Emotion.SHY: 0.3,
    Emotion.SLEEPY: -0.5,
    Emotion.THINKING: -0.2,
    Emotion.LOVE: 0.5,
    Emotion.WORRIED: 0.4,
    Emotion.POUT: 0.4,
    Emotion.CONFUSED: 0.2,
}
#: What its words for an error mean as a status; others are read from the code of the closing.
_STATUS: Final = {
    "invalid_api_key": 401,
    "missing_permissions": 403,
    "needs_authorization": 401,
    "voice_not_found": 404,
    "voice_id_does_not_exist": 404,
    "model_not_found": 404,
    "quota_exceeded": 402,
    "too_many_concurrent_requests": 429,
    "concurrent_limit_exceeded": 429,
    "rate_limit_exceeded": 429,
    "payment_required": 402,
}


class Config(BaseModel):
    """Options of the voice ``elevenlabs``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("wss://api.elevenlabs.io", description="address of the service")
    api_key: SecretStr = Field(SecretStr(""), description="key of the account")
    model: str = Field("eleven_flash_v2_5", description="model; the flash ones speak soonest")
    voice: str = Field("21m00Tcm4TlvDq8ikWAM", description="id of the voice, from the page of the voice")
    voices: dict[Language, str] = Field({}, description="another voice for a language")
    languages: list[Language] = Field([], description="what the voice speaks; empty: everything")
    speed: float = Field(1.0, ge=0.7, le=1.2, description="1.0 is the voice's own pace")
    stability: float = Field(0.5, ge=0, le=1, description="less is livelier, and less alike from clause to clause")
    similarity: float = Field(0.75, ge=0, le=1, description="how close it keeps to the recorded voice")
    expressive: float = Field(0.5, ge=0, le=1, description="how much the feeling of a clause changes the voice")
    timeout_s: float = Field(5.0, gt=0, le=60, description="longest silence of the connection")


class ElevenLabs:
    """The voice."""

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self.languages: frozenset[str] = frozenset(config.languages)
        self._config = config
        self._session = session

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound with a mark at each word. One without its end raises `TransientError`."""
        sound, letters, done = Sound(SERVICE, RATE), _Letters(text), False
        with errors_of(SERVICE):
            async with open_socket(
                self._session, SERVICE, self._url(style), timeout_s=self._config.timeout_s
            ) as socket:
                await socket.send({"text": " ", "voice_settings": self._settings(style)})
                await socket.send({"text": f"{text} ", "flush": True})
                await socket.send({"text": ""})
                async for message in socket.objects():
                    if message.get("error") or ("audio" not in message and _status(message)):
                        raise _refused(message)
                    if data := message.get("audio"):
                        marks = letters.marks(message.get("alignment"), sound.ms)
                        for pcm in sound.add(from_base64(data), marks):
                            yield pcm
                    if message.get("isFinal") or message.get("is_final"):
                        done = True
                        break
        sound.end(done=done)

    def _url(self, style: Style) -> str:
        config = self._config
        voice = style.voice or merged({}, config.voices).get(style.language, config.voice)
        asked = {"model_id": config.model, "output_format": f"pcm_{RATE}"}
        if config.model.endswith("_v2_5"):
            asked["language_code"] = style.language
        path = f"/v1/text-to-speech/{quote(voice, safe='')}/stream-input"
        return f"{config.base_url.rstrip('/')}{path}?{urlencode(asked)}"

    def _settings(self, style: Style) -> dict[str, Any]:
        config = self._config
        felt = _LIVELY.get(style.emotion, 0.0) * style.strength * config.expressive
        return {
            "stability": round(min(1.0, max(0.0, config.stability - 0.4 * felt)), 2),
            "similarity_boost": config.similarity,
            "style": round(max(0.0, 0.6 * felt), 2),
            "speed": round(min(1.2, max(0.7, pace(style, config.speed))), 2),
        }

    async def check(self) -> Health:
        """Speak one word."""
        return await speak_one_word(self, self._config.model, within_s=10, remedy=SERVICE.down_remedy)


class _Letters:
    """Turns the times of letters, which are told for each piece of sound, into marks at the words."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._within = False

    def marks(self, alignment: object, begun_ms: int) -> tuple[Mark, ...]:
        """Return where the words of a piece begin that itself begins after ``begun_ms``. A broken table has none."""
        if not isinstance(alignment, Mapping):
            return ()
        chars, times = alignment.get("chars"), alignment.get("charStartTimesMs")
        if not isinstance(chars, list) or not isinstance(times, list) or len(chars) != len(times):
            return ()
        marks = []
        for char, at in zip(chars[:_MAX_LETTERS], times, strict=False):
            if not isinstance(char, str) or not isinstance(at, int | float) or not at <= _LONGEST_MS:
                return ()
            place = self._place(char)
            wide = char[:1] >= "\u2e80"  # each Chinese or Japanese character counts as a word
            if char.strip() and (wide or not self._within):
                marks.append(Mark(begun_ms + max(0, round(at)), place))
            self._within = bool(char.strip())
        return tuple(marks)

    def _place(self, char: str) -> int:
        """Return where a letter stands, near the one before: the service may leave some out."""
        found = self._text.find(char, self._at, self._at + _NEAR) if char else -1
        if found < 0:
            return self._at
        self._at = found + len(char)
        return found


def _refused(message: Mapping[str, Any]) -> ProviderError:
    error: Any = message.get("error")
    inner: Mapping[str, Any] = error if isinstance(error, Mapping) else {}
    code = (inner.get("code") or inner.get("status")) if inner else error
    said = message.get("message") or inner.get("message") or ""
    status = _status(message)
    return SERVICE.refused(_STATUS.get(str(code), status or 500), f"{said} ({code or status})")


def _status(message: Mapping[str, Any]) -> int:
    """Return the status of a message that refuses; 0 for any other."""
    code = message.get("code")
    return code if isinstance(code, int) and 400 <= code < 600 else 0


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[ElevenLabs]:
    """Make a client. The service is not asked before a text is spoken."""
    headers = {"xi-api-key": config.api_key.get_secret_value()}
    async with open_session(config.base_url, timeout_s=config.timeout_s, headers=headers) as session:
        yield ElevenLabs(config, session)

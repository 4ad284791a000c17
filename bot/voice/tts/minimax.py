"""MiniMax, over its WebSocket: sound in hexadecimal within JSON, with a feeling of its own for each clause."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import ProviderError
from bot.types import Emotion, Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, merged, pace
from bot.voice.wire.connection import Service, errors_of, open_session, open_socket
from bot.voice.wire.sound import Sound

RATE: Final = 24_000
SERVICE: Final = Service("minimax", "Check 'model' and 'voices'.")
_FEELINGS: Final = {
    Emotion.JOY: "happy",
    Emotion.LAUGH: "happy",
    Emotion.SURPRISE: "surprised",
    Emotion.SAD: "sad",
    Emotion.ANGRY: "angry",
    Emotion.SLEEPY: "calm",
    Emotion.THINKING: "calm",
    Emotion.LOVE: "happy",
    Emotion.WORRIED: "fearful",
    Emotion.POUT: "angry",
}
#: Below this a feeling is too weak to be named.
_FELT: Final = 0.5
#: What its codes mean as a status.
_STATUS: Final = {
    1002: 429, 1004: 401, 1008: 402, 1039: 429, 1041: 429, 2042: 403, 2045: 429, 2049: 401, 2054: 404, 2056: 429,
}  # fmt: skip


class Config(BaseModel):
    """Options of the voice ``minimax``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("wss://api.minimax.io", description="address of the service; in China wss://api.minimaxi.com")
    api_key: SecretStr = Field(SecretStr(""), description="key of the account")
    model: str = Field("speech-2.6-turbo", description="model; turbo speaks sooner, hd better")
    voice: str = Field("English_expressive_narrator", description="id of the voice")
    voices: dict[Language, str] = Field({}, description="another voice for a language")
    languages: list[Language] = Field([], description="what the voice speaks; empty: everything")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    pitch: int = Field(0, ge=-12, le=12, description="higher or lower, in semitones")
    timeout_s: float = Field(8.0, gt=0, le=60, description="longest silence of the connection")


class MiniMax:
    """The voice."""

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self.languages: frozenset[str] = frozenset(config.languages)
        self._config = config
        self._session = session

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound as it comes. A task without its end raises `TransientError`."""
        sound, done = Sound(SERVICE, RATE), False
        url = f"{self._config.base_url.rstrip('/')}/ws/v1/t2a_v2"
        with errors_of(SERVICE):
            async with open_socket(self._session, SERVICE, url, timeout_s=self._config.timeout_s) as socket:
                async for message in socket.objects():
                    event = message.get("event")
                    told = _part(message, "base_resp")
                    if event == "task_failed" or _code(told):
                        raise _refused(told)
                    if data := _part(message, "data").get("audio"):
                        for pcm in sound.add(bytes.fromhex(data)):
                            yield pcm
                    done = done or bool(message.get("is_final"))  # it may close the socket without another word
                    if event == "connected_success":
                        await socket.send(self._start(style))
                    elif event == "task_started":
                        await socket.send({"event": "task_continue", "text": text})
                        await socket.send({"event": "task_finish"})
                    elif event == "task_finished":
                        done = True
                        break
        sound.end(done=done)

    def _start(self, style: Style) -> dict[str, Any]:
        config = self._config
        how: dict[str, Any] = {
            "voice_id": style.voice or merged({}, config.voices).get(style.language, config.voice),
            "speed": round(pace(style, config.speed), 2),
            "vol": 1,
            "pitch": config.pitch,
        }
        if style.strength >= _FELT and (feeling := _FEELINGS.get(style.emotion)):
            how["emotion"] = feeling
        boost = {"en": "English", "zh": "Chinese", "ja": "Japanese"}.get(style.language, "auto")
        return {
            "event": "task_start",
            "model": config.model,
            "language_boost": boost,
            "voice_setting": how,
            "audio_setting": {"sample_rate": RATE, "format": "pcm", "channel": 1},
        }

    async def check(self) -> Health:
        """Speak one word."""
        return await speak_one_word(self, self._config.model, within_s=10, remedy=SERVICE.down_remedy)


def _part(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of a message; an empty one when it has none."""
    part = message.get(name)
    return part if isinstance(part, Mapping) else {}


def _code(told: Mapping[str, Any]) -> int:
    """Return the code of a message: 0 when all is well, -1 for one that is no number."""
    code = told.get("status_code") or 0
    if isinstance(code, str) and code.isdecimal():
        return int(code[:6])
    return code if isinstance(code, int) else -1


def _refused(told: Mapping[str, Any]) -> ProviderError:
    code, said = _code(told), str(told.get("status_msg") or "the task failed")
    return SERVICE.refused(_STATUS.get(code, 500), f"{said} ({code})")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[MiniMax]:
    """Make a client. The service is not asked before a text is spoken."""
    headers = {"Authorization": f"Bearer {config.api_key.get_secret_value()}"}
    async with open_session(config.base_url, timeout_s=config.timeout_s, headers=headers) as session:
        yield MiniMax(config, session)

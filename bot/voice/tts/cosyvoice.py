"""CosyVoice of Alibaba Cloud's Model Studio (DashScope), over its WebSocket: Chinese first, a task for each clause."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import ProviderError
from bot.types import Emotion, Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, merged, pace, pitch
from bot.voice.wire.connection import Service, Socket, errors_of, open_session, open_socket
from bot.voice.wire.sound import Sound

RATE: Final = 24_000
SERVICE: Final = Service("cosyvoice", "Check 'model' and 'voices': each voice belongs to one model.")
#: Feelings as the models of the third generation take them in an instruction.
_FEELINGS: Final = {
    Emotion.JOY: "happy",
    Emotion.LAUGH: "happy",
    Emotion.SURPRISE: "surprised",
    Emotion.SAD: "sad",
    Emotion.ANGRY: "angry",
    Emotion.LOVE: "happy",
    Emotion.WORRIED: "sad",
    Emotion.POUT: "angry",
}
#: Below this a feeling is too weak to be named.
_FELT: Final = 0.5
#: A shift of the pitch by so many Hz is a factor of two.
_OCTAVE_HZ: Final = 240.0
#: What the words for a failure mean as a status, the first that fits.
_STATUS: Final = (
    ("apikey", 401), ("accessdenied", 403), ("arrearage", 402), ("quota", 429), ("throttling", 429), ("ratelimit", 429),
    ("modelnotfound", 404), ("invalidparameter", 400), ("datainspection", 400),
)  # fmt: skip


class Config(BaseModel):
    """Options of the voice ``cosyvoice``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field(
        "wss://dashscope-intl.aliyuncs.com/api-ws/v1/inference/", description="address of the service in your region"
    )
    api_key: SecretStr = Field(SecretStr(""), description="key of Model Studio")
    model: str = Field("cosyvoice-v3-flash", description="model")
    voice: str = Field("longanyang", description="a voice of that model")
    voices: dict[Language, str] = Field({}, description="another voice for a language")
    languages: list[Language] = Field([], description="what the voice speaks; empty: everything")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    volume: int = Field(50, ge=0, le=100, description="loudness; 50 is the voice's own")
    instruct: bool = Field(default=False, description="name the feeling to the model; for voices that listen to it")
    timeout_s: float = Field(8.0, gt=0, le=60, description="longest silence of the connection")


class CosyVoice:
    """The voice."""

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self.languages: frozenset[str] = frozenset(config.languages)
        self._config = config
        self._session = session

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound as it comes. A task without its end raises `TransientError`."""
        sound, task, done = Sound(SERVICE, RATE), uuid.uuid4().hex, False
        with errors_of(SERVICE):
            async with open_socket(
                self._session, SERVICE, self._config.base_url, timeout_s=self._config.timeout_s
            ) as socket:
                await socket.send(self._run(task, style))
                async for message in socket.messages():
                    if isinstance(message, bytes):
                        for pcm in sound.add(message):
                            yield pcm
                        continue
                    header = header if isinstance(header := message.get("header"), Mapping) else {}
                    event = str(header.get("event")).replace("_", "-")
                    if event == "task-started":
                        await _say(socket, task, text)
                    elif event == "task-failed":
                        raise _refused(header)
                    elif event == "task-finished":
                        done = True
                        break
        sound.end(done=done)

    def _run(self, task: str, style: Style) -> dict[str, Any]:
        config = self._config
        parameters: dict[str, Any] = {
            "text_type": "PlainText",
            "voice": style.voice or merged({}, config.voices).get(style.language, config.voice),
            "format": "pcm",
            "sample_rate": RATE,
            "volume": config.volume,
            "rate": round(pace(style, config.speed), 2),
            "pitch": round(2 ** (pitch(style) / _OCTAVE_HZ), 2),
        }
        if config.instruct and style.strength >= _FELT and (feeling := _FEELINGS.get(style.emotion)):
            parameters["instruction"] = f"你说话的情感是{feeling}。"
        payload = {
            "task_group": "audio",
            "task": "tts",
            "function": "SpeechSynthesizer",
            "model": config.model,
            "parameters": parameters,
            "input": {},
        }
        return {"header": _head("run-task", task), "payload": payload}

    async def check(self) -> Health:
        """Speak one word."""
        return await speak_one_word(self, self._config.model, within_s=10, remedy=SERVICE.down_remedy)


async def _say(socket: Socket, task: str, text: str) -> None:
    await socket.send({"header": _head("continue-task", task), "payload": {"input": {"text": text}}})
    await socket.send({"header": _head("finish-task", task), "payload": {"input": {}}})


def _head(action: str, task: str) -> dict[str, str]:
    return {"action": action, "task_id": task, "streaming": "duplex"}


def _refused(header: Mapping[str, Any]) -> ProviderError:
    code, said = str(header.get("error_code") or "no code"), str(header.get("error_message") or "the task failed")
    plain = code.lower().replace(".", "").replace("_", "")
    status = next((status for word, status in _STATUS if word in plain), 500)
    return SERVICE.refused(status, f"{said} ({code})")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[CosyVoice]:
    """Make a client. The service is not asked before a text is spoken."""
    headers = {"Authorization": f"bearer {config.api_key.get_secret_value()}"}
    async with open_session(config.base_url, timeout_s=config.timeout_s, headers=headers) as session:
        yield CosyVoice(config, session)

"""Fish Audio, over its WebSocket that speaks MessagePack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

import aiohttp
import msgpack
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.types import Emotion, Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, merged, pace
from bot.voice.wire.connection import Service, errors_of, open_session, open_socket
from bot.voice.wire.sound import Sound

RATE: Final = 24_000
SERVICE: Final = Service("fish", "Check 'model' and 'voices'.")
#: The marks in front of a text by which the models speak with a feeling.
_MARKS: Final = {
    Emotion.JOY: "joyful",
    Emotion.LAUGH: "laughing",
    Emotion.SMUG: "confident",
    Emotion.SURPRISE: "surprised",
    Emotion.SHY: "embarrassed",
    Emotion.SAD: "sad",
    Emotion.ANGRY: "angry",
    Emotion.SLEEPY: "relaxed",
    Emotion.THINKING: "hesitating",
    Emotion.LOVE: "grateful",
    Emotion.WORRIED: "worried",
    Emotion.POUT: "disdainful",
    Emotion.CONFUSED: "confused",
}
#: Below this a feeling is too weak for a mark.
_FELT: Final = 0.5


class Config(BaseModel):
    """Options of the voice ``fish``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("wss://api.fish.audio", description="address of the service")
    api_key: SecretStr = Field(SecretStr(""), description="key of the account")
    model: str = Field("s1", description="model")
    voice: str = Field("", description="id of the voice (reference_id); empty: the model's own")
    voices: dict[Language, str] = Field({}, description="another voice for a language")
    languages: list[Language] = Field([], description="what the voice speaks; empty: everything")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    latency: Literal["normal", "balanced"] = Field("balanced", description="balanced speaks sooner, normal better")
    feelings: bool = Field(default=True, description="mark the feeling of a clause, for models that know the marks")
    timeout_s: float = Field(8.0, gt=0, le=60, description="longest silence of the connection")


class Fish:
    """The voice."""

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self.languages: frozenset[str] = frozenset(config.languages)
        self._config = config
        self._session = session

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound as it comes. A stream that ends too early raises `TransientError`."""
        sound, done = Sound(SERVICE, RATE), False
        url = f"{self._config.base_url.rstrip('/')}/v1/tts/live"
        with errors_of(SERVICE):
            async with open_socket(self._session, SERVICE, url, timeout_s=self._config.timeout_s) as socket:
                for message in (
                    {"event": "start", "request": self._request(style)},
                    {"event": "text", "text": self._marked(text, style)},
                    {"event": "flush"},
                    {"event": "stop"},
                ):
                    await socket.send(msgpack.packb(message))
                async for data in socket.messages():
                    event = _event(data)
                    if event.get("event") == "audio" and event.get("audio"):
                        for pcm in sound.add(event["audio"]):
                            yield pcm
                    elif event.get("event") == "finish":
                        if event.get("reason") == "error":
                            raise SERVICE.broken(f"the service failed: {str(event.get('message') or '')[:200]}")
                        done = True
                        break
        sound.end(done=done)

    def _request(self, style: Style) -> dict[str, Any]:
        config = self._config
        request: dict[str, Any] = {
            "text": "",
            "format": "pcm",
            "sample_rate": RATE,
            "latency": config.latency,
            "prosody": {"speed": round(pace(style, config.speed), 2), "volume": 0},
        }
        if voice := style.voice or merged({}, config.voices).get(style.language, config.voice):
            request["reference_id"] = voice
        return request

    def _marked(self, text: str, style: Style) -> str:
        mark = _MARKS.get(style.emotion) if self._config.feelings and style.strength >= _FELT else None
        # Brackets of the text itself must not be taken for a mark.
        plain = text.translate(str.maketrans("()[]", ",,,,"))
        return f"({mark}) {plain}" if mark else plain

    async def check(self) -> Health:
        """Speak one word."""
        return await speak_one_word(self, self._config.model, within_s=10, remedy=SERVICE.down_remedy)


def _event(data: dict[str, Any] | bytes) -> dict[str, Any]:
    """Return an event; an empty one for a text, or nothing, in place of it. Raises `ValueError` for anything else."""
    if not isinstance(data, bytes) or not data:
        return {}
    try:
        # It refuses any length that the message itself is too short for.
        event = msgpack.unpackb(data, max_map_len=64, max_array_len=1024, strict_map_key=False)
    except (msgpack.UnpackException, RecursionError) as error:
        raise ValueError("no MessagePack") from error
    if not isinstance(event, dict):
        raise ValueError("an event of another shape")  # noqa: TRY004 - not our error
    event = {_text(key): value for key, value in event.items()}
    event["event"] = _text(event.get("event"))
    if event["event"] == "audio" and not isinstance(event.get("audio") or b"", bytes):
        raise ValueError("sound of another shape")
    return event


def _text(value: Any) -> Any:
    """Return what an older MessagePack writes as bytes as a text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Fish]:
    """Make a client. The service is not asked before a text is spoken."""
    headers = {"Authorization": f"Bearer {config.api_key.get_secret_value()}", "model": config.model}
    async with open_session(config.base_url, timeout_s=config.timeout_s, headers=headers) as session:
        yield Fish(config, session)

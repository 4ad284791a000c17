"""Azure's neural voices: SSML with styles for feelings, raw sound as it is made."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final
from xml.sax.saxutils import escape, quoteattr

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.types import Emotion, Health, Pcm, Style
from bot.voice.check import speak_one_word
from bot.voice.prosody import Language, merged, pace, pitch
from bot.voice.wire.connection import Service, errors_of, open_session, post
from bot.voice.wire.sound import Sound

RATE: Final = 24_000
SERVICE: Final = Service("azure", "Check 'region' and 'voices'.")
VOICES: Final[dict[Language, str]] = {
    "en": "en-US-JennyNeural",
    "zh": "zh-CN-XiaoxiaoNeural",
    "ja": "ja-JP-NanamiNeural",
}
_NAME: Final = r"^[a-z]{2,3}-[A-Za-z-]{2,20}-[A-Za-z0-9:]{2,60}$"
#: What no XML may hold, however it is escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_US: Final = "angry cheerful excited friendly hopeful sad shouting terrified unfriendly whispering"
#: The styles that a voice has, by the service's own list of voices.
_STYLES: Final = {
    "en-US-AriaNeural": f"{_US} empathetic chat",
    "en-US-JennyNeural": f"{_US} assistant chat",
    **dict.fromkeys(
        [f"en-US-{name}Neural" for name in ("Davis", "Guy", "Jane", "Jason", "Nancy", "Sara", "Tony")], _US
    ),
    "zh-CN-XiaoxiaoNeural": "affectionate angry calm chat cheerful disgruntled fearful gentle lyrical sad serious",
    "zh-CN-XiaoyiNeural": "affectionate angry cheerful disgruntled embarrassed fearful gentle sad serious",
    "zh-CN-XiaohanNeural": "affectionate angry calm cheerful disgruntled embarrassed fearful gentle sad serious",
    "zh-CN-XiaomoNeural": "affectionate angry calm cheerful depressed disgruntled embarrassed fearful gentle sad",
    "zh-CN-YunxiNeural": "angry assistant chat cheerful depressed disgruntled embarrassed fearful sad serious",
    "zh-CN-YunyeNeural": "angry calm cheerful disgruntled embarrassed fearful sad serious",
    "ja-JP-NanamiNeural": "chat cheerful customerservice",
}
#: The styles that come near a feeling, the nearest first.
_NEAR: Final = {
    Emotion.JOY: "cheerful friendly",
    Emotion.LAUGH: "excited cheerful",
    Emotion.SURPRISE: "excited cheerful",
    Emotion.SMUG: "chat friendly",
    Emotion.SHY: "embarrassed gentle",
    Emotion.SAD: "sad depressed",
    Emotion.ANGRY: "angry disgruntled",
    Emotion.SLEEPY: "calm gentle",
    Emotion.THINKING: "calm serious",
    Emotion.LOVE: "affectionate gentle cheerful",
    Emotion.WORRIED: "fearful sad",
    Emotion.POUT: "disgruntled angry",
    Emotion.CONFUSED: "chat calm",
}


class Config(BaseModel):
    """Options of the voice ``azure``."""

    model_config = ConfigDict(extra="forbid")

    region: str = Field("westeurope", pattern=r"^[a-z0-9-]{2,40}$", description="region of the speech resource")
    api_key: SecretStr = Field(min_length=1, description="key of the speech resource")
    base_url: str = Field("", description="another address, for example of Azure in China; unset: the region's")
    voices: dict[Language, Annotated[str, Field(pattern=_NAME)]] = Field(
        {}, description="voice for a language; unset: en-US-JennyNeural, zh-CN-XiaoxiaoNeural, ja-JP-NanamiNeural"
    )
    styles: dict[str, list[str]] = Field({}, description="styles of a voice that is newer than this list, by its name")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    pitch_hz: int = Field(0, ge=-50, le=50, description="higher or lower than the voice's own pitch")
    timeout_s: float = Field(5.0, gt=0, le=60, description="longest silence of the connection")


class Azure:
    """The voice."""

    languages = frozenset({"en", "zh", "ja"})

    def __init__(self, config: Config, session: aiohttp.ClientSession) -> None:
        self._config = config
        self._session = session
        where = config.base_url.rstrip("/") or f"https://{config.region}.tts.speech.microsoft.com"
        self._url = f"{where}/cognitiveservices/v1"

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound as it comes. A stream that ends too early raises `TransientError`."""
        sound = Sound(SERVICE, RATE)
        ssml = self.ssml(text, style).encode()
        with errors_of(SERVICE):
            async with post(self._session, SERVICE, self._url, data=ssml) as response:
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind.startswith(("text/", "application/json")):
                    raise SERVICE.broken(f"the service sent {kind} in place of sound")
                async for data in response.content.iter_any():
                    for pcm in sound.add(data):
                        yield pcm
        sound.end()

    def ssml(self, text: str, style: Style) -> str:
        """Return the request for a text; nothing in it can be taken for markup."""
        config = self._config
        named = style.voice if re.match(_NAME, style.voice) else ""
        voices = merged(VOICES, config.voices)
        voice = named or voices.get(style.language, voices["en"])
        rate = f"{round((pace(style, config.speed) - 1) * 100):+d}%"
        words = escape(_FORBIDDEN.sub(" ", text))
        spoken = f'<prosody rate="{rate}" pitch="{pitch(style, config.pitch_hz):+d}Hz">{words}</prosody>'
        if near := self._style(voice, style):
            degree = round(0.4 + 1.1 * style.strength, 2)
            spoken = f'<mstts:express-as style={quoteattr(near)} styledegree="{degree}">{spoken}</mstts:express-as>'
        locale = "-".join(voice.split("-")[:2])
        return (
            '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" '
            f'xmlns:mstts="http://www.w3.org/2001/mstts" xml:lang="{locale}">'
            f"<voice name={quoteattr(voice)}>{spoken}</voice></speak>"
        )

    def _style(self, voice: str, style: Style) -> str:
        """Return the style of a voice that comes nearest to the feeling; empty when it has none."""
        has = self._config.styles.get(voice) or _STYLES.get(voice, "").split()
        return next((near for near in _NEAR.get(style.emotion, "").split() if near in has), "")

    async def check(self) -> Health:
        """Speak one word."""
        return await speak_one_word(self, f"{self._config.region}", within_s=10, remedy=SERVICE.down_remedy)


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Azure]:
    """Make a client. The service is not asked before a text is spoken."""
    headers = {
        "Ocp-Apim-Subscription-Key": config.api_key.get_secret_value(),
        "Content-Type": "application/ssml+xml; charset=utf-8",
        "X-Microsoft-OutputFormat": f"raw-{RATE // 1000}khz-16bit-mono-pcm",
        "User-Agent": "haishin",  # without one the service refuses
    }
    async with open_session(config.base_url or "https://", timeout_s=config.timeout_s, headers=headers) as session:
        yield Azure(config, session)

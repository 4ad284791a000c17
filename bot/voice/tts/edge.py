"""Microsoft Edge's read-aloud voices: natural, free, in every language, and online.

The service has outages and promises nothing, so a voice on this machine should stand behind it in the chain.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Annotated, Any

import aiohttp
import edge_tts
import edge_tts.exceptions
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import FatalError, ProviderError, QuotaError, TransientError
from bot.runtime.http_errors import retry_after_s
from bot.types import Health, Mark, Pcm, Style
from bot.voice.audio.mp3 import FRAME_BYTES, RATE, Mp3
from bot.voice.check import speak_one_word
from bot.voice.phonemes.readings import Places
from bot.voice.prosody import Language, merged, pace, pitch

_TICKS_PER_MS = 10_000
_BYTES_PER_S = 48_000 / 8
_NAME = re.compile(r"^[a-z]{2,3}-[A-Z]{2}(-[A-Za-z]+)?-\w+Neural$")
VOICES: dict[Language, str] = {"en": "en-US-AvaNeural", "zh": "zh-CN-XiaoyiNeural", "ja": "ja-JP-NanamiNeural"}
#: No clause is longer; a service that goes on is cut off.
_MAX_MS = 120_000
_MAX_BYTES = int(_MAX_MS / 1000 * _BYTES_PER_S)
#: At five bytes for the worst character this stays below the service's limit of 4096.
_MAX_CHARS = 800


#: What edge-tts raises for an answer of another shape than it knows.
_SHAPES = (
    edge_tts.exceptions.UnknownResponse,
    edge_tts.exceptions.UnexpectedResponse,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
)


class Config(BaseModel):
    """Options of the voice ``edge``."""

    model_config = ConfigDict(extra="forbid")

    voices: dict[Language, Annotated[str, Field(pattern=_NAME.pattern)]] = Field(
        {}, description="voice for a language; unset: en-US-AvaNeural, zh-CN-XiaoyiNeural, ja-JP-NanamiNeural"
    )
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace")
    pitch_hz: int = Field(0, ge=-50, le=50, description="higher or lower than the voice's own pitch")
    volume_percent: int = Field(0, ge=-50, le=50, description="louder or softer than the voice's own")
    proxy: str = Field("", description="address of an HTTP proxy, where the service is not reached directly")
    timeout_s: float = Field(5.0, gt=0, le=60, description="longest silence in the middle of a sound")


class Edge:
    """The voice."""

    languages = frozenset({"en", "zh", "ja"})

    def __init__(self, config: Config, pool: ThreadPoolExecutor) -> None:
        self._config = config
        self._pool = pool

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound with a mark at each word. A stream that ends too early raises `TransientError`."""
        places, samples = Places(text), 0
        for part in _parts(text):
            async with aclosing(self._part(part, style, places, samples * 1000 // RATE)) as pieces:
                async for pcm in pieces:
                    samples += len(pcm.data) // 2
                    yield pcm

    async def _part(self, part: str, style: Style, places: Places, begun_ms: int) -> AsyncGenerator[Pcm, None]:
        loop = asyncio.get_running_loop()
        connector = aiohttp.TCPConnector(force_close=True)
        service = self._service(part, style, connector)
        mp3, marks = Mp3(), list[Mark]()
        received, spoken_until_ms = 0, 0.0
        stream: Any = service.stream()  # an async generator that is typed as an iterator
        try:
            while True:
                try:
                    async with asyncio.timeout(self._config.timeout_s):
                        chunk = await anext(stream)
                except StopAsyncIteration:
                    break
                if chunk["type"] != "audio":
                    begins = chunk["offset"] / _TICKS_PER_MS
                    spoken_until_ms = max(spoken_until_ms, begins + chunk["duration"] / _TICKS_PER_MS)
                    if 0 <= begins <= _MAX_MS:
                        marks.append(Mark(round(begun_ms + begins), places.find(chunk["text"])))
                    continue
                received += len(chunk["data"])
                if received > _MAX_BYTES:
                    raise TransientError("the sound is longer than two minutes", provider="edge")
                pcm = await loop.run_in_executor(self._pool, mp3.decode, chunk["data"])
                if pcm:
                    yield Pcm(pcm, RATE, tuple(marks))
                    marks.clear()
        except (
            edge_tts.exceptions.EdgeTTSException,
            aiohttp.ClientError,
            OSError,
            RuntimeError,
            *_SHAPES,
        ) as error:
            # TimeoutError is an OSError. RuntimeError comes after a 403: edge-tts sets its clock and begins again,
            # which needs a new connector and so another call.
            raise _mapped(error) from error
        finally:
            # edge-tts would say goodbye to the service and wait seconds for the answer, so the connection goes first.
            await connector.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await stream.aclose()
        if _cut_short(service, received, spoken_until_ms):
            raise TransientError("the sound broke off", provider="edge")

    def _service(self, text: str, style: Style, connector: aiohttp.TCPConnector) -> edge_tts.Communicate:
        config = self._config
        voices = merged(VOICES, config.voices)
        # Any other name is the voice of another provider of the chain.
        named = style.voice if _NAME.match(style.voice) else ""
        return edge_tts.Communicate(
            text,
            named or voices.get(style.language, voices["en"]),
            rate=f"{round((pace(style, config.speed) - 1) * 100):+d}%",
            pitch=f"{pitch(style, config.pitch_hz):+d}Hz",
            volume=f"{config.volume_percent:+d}%",
            boundary="WordBoundary",
            connector=connector,
            proxy=config.proxy or None,
            connect_timeout=5,
            receive_timeout=max(1, round(config.timeout_s)),
        )

    async def check(self) -> Health:
        """Speak one word."""
        what = f"speaks {', '.join(sorted(self.languages))} through the internet"
        return await speak_one_word(self, what, within_s=10, remedy="Check the connection to the internet.")


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Edge]:
    """Make a thread for the decoder. The service is not asked before a text is spoken."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="edge")
    try:
        yield Edge(config, pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _parts(text: str) -> list[str]:
    """Split a text at sentences so that none is near the service's limit of 4096 bytes."""
    parts: list[str] = []
    for sentence in re.split(r"(?<=[.!?。！？])", text):
        for at in range(0, len(sentence), _MAX_CHARS):
            piece = sentence[at : at + _MAX_CHARS]
            if parts and len(parts[-1]) + len(piece) <= _MAX_CHARS:
                parts[-1] += piece
            else:
                parts.append(piece)
    return [part for part in parts if any(c.isalnum() for c in part)]


def _cut_short(service: edge_tts.Communicate, received: int, spoken_until_ms: float) -> bool:
    """Return whether the connection ended before the service was done; edge-tts itself ends quietly then."""
    state: Any = service.state
    if "cumulative_audio_bytes" in state:  # moved there at the service's word that the turn is over
        return bool(state["cumulative_audio_bytes"] != received)
    return received / _BYTES_PER_S * 1000 + FRAME_BYTES < spoken_until_ms


def _mapped(error: Exception) -> ProviderError:
    if isinstance(error, edge_tts.exceptions.NoAudioReceived):
        return TransientError("the service sent no sound", provider="edge", remedy="Check the voices' names.")
    if isinstance(error, aiohttp.WSServerHandshakeError):
        if error.status == 429:
            seconds = retry_after_s(error.headers.get("Retry-After") if error.headers else None)
            return QuotaError("the service wants us to wait", provider="edge", retry_after_s=seconds)
        if error.status == 401:
            return FatalError("the service refuses us (401)", provider="edge", remedy="Update edge-tts.")
        return TransientError(
            f"the service answered {error.status}",
            provider="edge",
            remedy="The service is down or blocks this address: use a voice on this machine meanwhile.",
        )
    if isinstance(error, TimeoutError):
        return TransientError("the service did not answer in time", provider="edge")
    if isinstance(error, _SHAPES):
        return TransientError(f"the service sent no proper answer: {str(error)[:200]}", provider="edge")
    return TransientError(
        f"the connection failed: {str(error)[:200] or type(error).__name__}",
        provider="edge",
        remedy="Check the connection to the internet.",
    )

"""Any server with OpenAI's ``/v1/audio/transcriptions``: the cloud, or a local one that imitates it.

Whisper-like models tell their doubt when asked for ``verbose_json``; newer ones stream their text and tell the
probability of each token.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.errors import ProviderError, TransientError
from bot.hearing.speech import RATE, Hints, Samples, SpeechPiece, Transcript
from bot.hearing.upload import MAX_BODY, Post, client, wav
from bot.hearing.utterance.agreement import in_batches
from bot.types import Health

#: How Whisper's servers name languages.
_NAMES: Final = {"english": "en", "chinese": "zh", "japanese": "ja"}
_MAX_LINE: Final = 64 * 1024


class Answer(StrEnum):
    """In which shape the text is asked for."""

    AUTO = "auto"  # verbose_json for a model with whisper in its name, else stream
    JSON = "json"
    VERBOSE = "verbose_json"
    STREAM = "stream"


class Config(BaseModel):
    """Options of the recogniser ``openai``."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field("https://api.openai.com/v1", description="address of the API, usually ending in /v1")
    model: str = Field("gpt-4o-mini-transcribe", description="the model's name as the server knows it")
    api_key: SecretStr = Field(SecretStr("none"), description="key; local servers usually want none")
    answer: Answer = Field(Answer.AUTO, description="shape of the answer: auto, json, verbose_json or stream")
    extra_body: dict[str, str] = Field({}, description="further fields of the request, sent as they are")
    timeout_s: float = Field(15.0, gt=0, le=300, description="longest silence of the connection")


class OpenAI:
    """The recogniser."""

    def __init__(self, config: Config, http: httpx.AsyncClient) -> None:
        self._config = config
        self._post = Post(
            http, "openai",
            key_remedy="Is 'api_key' whole, and does it belong to this server?",
            missing_remedy="Check 'base_url' (it ends in /v1) and 'model', and that the server is running.",
        )  # fmt: skip
        whisper = "whisper" in config.model.lower()
        auto = Answer.VERBOSE if whisper else Answer.STREAM
        self._answer = auto if config.answer is Answer.AUTO else config.answer

    def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        """Yield a text for each one that is asked for."""
        return in_batches(self.transcribe, speech, hints)

    async def transcribe(self, sound: Samples, hints: Hints) -> AsyncIterator[Transcript]:
        """Send a whole sound; yield its text, with a server that streams as it grows. Raises `ProviderError`."""
        request = {"data": self._fields(hints), "files": {"file": ("speech.wav", wav(sound), "audio/wav")}}
        if self._answer is not Answer.STREAM:
            yield _whole(await self._post.json("audio/transcriptions", **request))
            return
        text = ""
        async with self._post.body("audio/transcriptions", **request) as chunks:
            async for event in self._events(chunks):
                kind = event.get("type")
                if kind == "transcript.text.delta" and isinstance(event.get("delta"), str):
                    text = (text + event["delta"])[:MAX_BODY]
                    yield Transcript(text)
                elif (
                    kind == "transcript.text.done" or "text" in event
                ):  # some send a whole answer although asked to stream
                    yield _whole(event)
                    return
        raise TransientError("the text broke off", provider="openai")

    async def check(self) -> Health:
        """Recognise half a second of silence."""
        where = f"{self._config.model} at {urlsplit(self._config.base_url).netloc}"
        try:
            async for _ in self.transcribe(np.zeros(RATE // 2, np.float32), Hints()):
                pass
        except ProviderError as error:
            return Health(ok=False, detail=f"{where}: {error}", remedy=error.remedy)
        return Health(ok=True, detail=f"{where} answers")

    def _fields(self, hints: Hints) -> dict[str, Any]:
        config, answer = self._config, self._answer
        fields: dict[str, Any] = {"model": config.model, "response_format": "json", "temperature": "0"}
        if answer is Answer.VERBOSE:
            fields["response_format"] = "verbose_json"
        if answer is Answer.STREAM:
            fields["stream"] = "true"
        if "gpt-4o" in config.model:
            fields["include[]"] = "logprobs"
        if len(hints.languages) == 1:
            fields["language"] = hints.languages[0]
        if hints.words:
            fields["prompt"] = ", ".join(hints.words)
        return fields | config.extra_body

    async def _events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
        """Yield the events of a stream; a body that is one JSON object is one, too."""
        rest = b""
        async for chunk in chunks:
            rest += chunk
            *lines, rest = rest.split(b"\n")
            for line in lines:
                if line.startswith(b"data:") and (data := line[5:].strip()) != b"[DONE]":
                    yield self._post.parse(data)
            if len(rest) > _MAX_LINE and rest.startswith(b"data:"):
                raise TransientError("the server sent a line without end", provider="openai")
        if (rest := rest.strip()).startswith((b"{", b"data:")):
            yield self._post.parse(rest.removeprefix(b"data:"))


def _whole(answer: dict[str, Any]) -> Transcript:
    """Return what an answer says. Raises `TransientError` when it has no text."""
    text, language = answer.get("text"), answer.get("language")
    if not isinstance(text, str):
        raise TransientError("the server sent no text", provider="openai")
    language = language.lower() if isinstance(language, str) else ""
    segments = _dicts(answer.get("segments"))
    likely = _numbers(segments, "avg_logprob") or _numbers(_dicts(answer.get("logprobs")), "logprob")
    doubts = _numbers(segments, "no_speech_prob")
    return Transcript(
        text.strip()[:MAX_BODY],
        _NAMES.get(language, language[:2]),
        math.exp(min(0.0, sum(likely) / len(likely))) if likely else 1.0,
        no_speech=max(0.0, min(doubts)) if doubts else 0.0,
    )


def _dicts(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _numbers(parts: list[dict[str, Any]], key: str) -> list[float]:
    found = [one.get(key) for one in parts]
    return [float(one) for one in found if isinstance(one, (int, float)) and math.isfinite(one)]


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[OpenAI]:
    """Make a client and open its connection, which is kept, so that the first utterance does not wait for it."""
    key = config.api_key.get_secret_value()
    async with client(config.base_url, {"Authorization": f"Bearer {key}"} if key else {}, config.timeout_s) as http:
        with suppress(httpx.HTTPError):
            await http.get("models", timeout=2.0)
        yield OpenAI(config, http)

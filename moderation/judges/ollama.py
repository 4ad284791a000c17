"""Qwen3Guard or Llama Guard, served by Ollama.

Both are asked through the chat template that their model brings: a viewer's line as the user's message, a clause
of the host as the assistant's. Both answer in a fixed form; a text in any other form is no answer.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Literal

import httpx
import ollama
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from moderation.judging.http_limits import POOL, bound, is_on_this_machine, refused
from moderation.judging.judge import JudgeError, Opinion
from moderation.verdict import Direction

#: What the host's clause is said to answer; the templates want a user's message before the assistant's.
_ASKED: Final = "Say something to the viewers of your live stream."
#: The longest honest answer, in tokens: three short lines.
_MAX_TOKENS: Final = 48

#: Qwen3Guard's safety levels, and how likely bad we take a text of each to be.
_QWEN_LEVELS: Final = {"Safe": 0.02, "Controversial": 0.5, "Unsafe": 0.97}
_QWEN: Final[Mapping[str, str]] = {
    "Violent": "violence",
    "Non-violent Illegal Acts": "violence",
    "Sexual Content or Sexual Acts": "sexual",
    "PII": "private",
    "Personally Identifiable Information": "private",
    "Suicide & Self-Harm": "self-harm",
    "Unethical Acts": "harassment",
    "Politically Sensitive Topics": "politics",
    "Copyright Violation": "custom",
    "Jailbreak": "injection",
}
_QWEN_FORM: Final = re.compile(
    r"Safety: (Safe|Controversial|Unsafe)\nCategories: ([^\n]+)(?:\nRefusal: (?:Yes|No))?", re.ASCII
)
#: Llama Guard's hazards (the MLCommons taxonomy).
_LLAMA: Final[Mapping[str, str]] = {
    "S1": "violence",
    "S2": "violence",
    "S3": "sexual",
    "S4": "minors",
    "S5": "harassment",
    "S6": "custom",
    "S7": "private",
    "S8": "custom",
    "S9": "violence",
    "S10": "hate",
    "S11": "self-harm",
    "S12": "sexual",
    "S13": "politics",
    "S14": "injection",
}
_LLAMA_FORM: Final = re.compile(r"safe|unsafe\n(S\d{1,2}(?:, ?S\d{1,2})*)", re.ASCII)

_ERRORS = (ollama.ResponseError, ollama.RequestError, ConnectionError, httpx.HTTPError, ValueError, TypeError)


class Config(BaseModel):
    """Options of the judge ``ollama``."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field("http://127.0.0.1:11434", description="address of the Ollama server")
    model: str = Field(min_length=1, description="the model's name as 'ollama list' shows it")
    form: Literal["auto", "qwen3guard", "llama-guard"] = Field("auto", description="what it is; auto: by its name")
    api_key: SecretStr = Field(SecretStr(""), description="key, for a server that wants one; Ollama itself does not")
    keep_alive: str = Field("30m", description="how long Ollama keeps the model in memory; -1: for ever")
    timeout_s: float = Field(10.0, gt=0, le=60, description="longest silence of the connection")

    @property
    def known_form(self) -> str:
        """Return the form of the answers: as it is set, or by the model's name."""
        return self.form if self.form != "auto" else "qwen3guard" if "qwen" in self.model.lower() else "llama-guard"


class Ollama:
    """The judge."""

    def __init__(self, config: Config, client: ollama.AsyncClient) -> None:
        self._config = config
        self._client = client

    async def judge(self, text: str, direction: Direction) -> Opinion | None:
        """Ask the model; None when its answer has no form that we know."""
        config = self._config
        alive: str | float = float(config.keep_alive) if config.keep_alive.lstrip("-").isdigit() else config.keep_alive
        messages = [{"role": "user", "content": text}]
        if direction is Direction.OUT:
            messages = [{"role": "user", "content": _ASKED}, {"role": "assistant", "content": text}]
        try:
            answer = await self._client.chat(
                model=config.model,
                messages=messages,
                stream=False,
                keep_alive=alive,
                options={"temperature": 0, "num_predict": _MAX_TOKENS},
            )
        except _ERRORS as error:
            raise _mapped(error, config) from error
        return read(config.known_form, answer.message.content or "")


def read(form: str, answer: str) -> Opinion | None:
    """Parse a guard model's answer strictly: None for an answer with a word too many."""
    answer = answer.strip().replace("\r\n", "\n")
    if form == "qwen3guard":
        if not (found := _QWEN_FORM.fullmatch(answer)):
            return None
        names = [name.strip() for name in found[2].split(",")]
        if any(name not in _QWEN and name != "None" for name in names):
            return None
        return Opinion(_QWEN_LEVELS[found[1]], tuple(dict.fromkeys(_QWEN[name] for name in names if name in _QWEN)))
    if not (found := _LLAMA_FORM.fullmatch(answer)):
        return None
    if not found[1]:
        return Opinion(0.02)
    hazards = [hazard.strip() for hazard in found[1].split(",")]
    if any(hazard not in _LLAMA for hazard in hazards):
        return None
    return Opinion(0.97, tuple(dict.fromkeys(_LLAMA[hazard] for hazard in hazards)))


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[Ollama]:
    """Make a client. The server is not asked before there is something to judge."""
    timeout = httpx.Timeout(config.timeout_s, connect=5.0)
    headers = {"Accept-Encoding": "identity"}
    if key := config.api_key.get_secret_value():
        headers["Authorization"] = f"Bearer {key}"
    async with ollama.AsyncClient(
        host=config.host,
        timeout=timeout,
        limits=POOL,
        trust_env=not is_on_this_machine(config.host),
        follow_redirects=False,  # what is judged goes to this server alone
        headers=headers,
        event_hooks={"response": [bound]},
    ) as client:
        yield Ollama(config, client)


def _mapped(error: Exception, config: Config) -> JudgeError:
    if isinstance(error, ollama.ResponseError):
        if error.status_code == 404:
            return JudgeError(f"no model {config.model!r}", remedy=f"Run: ollama pull {config.model}", fatal=True)
        remedy = "Check 'host' and 'api_key'."
        return refused(error.status_code, key_remedy=remedy, missing_remedy=remedy)
    if isinstance(error, httpx.TimeoutException):
        return JudgeError("the server did not answer in time")
    if isinstance(error, (ConnectionError, httpx.HTTPError)):
        return JudgeError("no connection", remedy="Start Ollama, or check 'host'.")
    return JudgeError(f"no proper answer: {str(error)[:100]}")

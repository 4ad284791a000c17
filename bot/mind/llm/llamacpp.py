"""A GGUF model in this process, through llama.cpp: no server to install, no key, no network.

Requests go to the engine directly. The engine opens an HTTP port of its own all the same; that port is bound to
loopback, guarded by a random key that is stored nowhere, and serves no pages.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import xllamacpp
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigError, FatalError, ProviderError, TransientError
from bot.mind.chat_api import messages
from bot.mind.chat_chunks import ChunkReader
from bot.runtime.machine import Speed, model_threads
from bot.types import Delta, Health, Prompt, Tool

#: How many unchanged tokens in a row are worth keeping when the history slides. Without it the first
#: token takes seconds each time the oldest lines leave the prompt.
_CACHE_REUSE = 16
#: Tokens below which a request says nothing about the machine's speed.
_LEAST_READ, _LEAST_WRITTEN = 32, 4
#: Tokens that are written when a prompt is read ahead for the first time: enough to see how fast.
_WARM_TOKENS = 6
#: Against loops and whole sentences of the prompt said again: a run of so many tokens that stood before grows unlikely
#: with each further one. A name, a number and a fact are shorter, so they are copied as they stand.
_NO_COPIES = {
    "dry_multiplier": 0.8,
    "dry_base": 1.75,
    "dry_allowed_length": 10,
    "dry_penalty_last_n": 4096,
}


class Config(BaseModel):
    """Options of the language model ``llamacpp``."""

    model_config = ConfigDict(extra="forbid")

    model: Path | None = Field(None, description="GGUF file; unset: the model that Haishin downloads")
    context: int = Field(4096, ge=512, le=131_072, description="tokens of prompt and answer together")
    threads: int = Field(0, ge=0, le=256, description="processor threads; 0: the physical cores less one")
    gpu_layers: int = Field(0, ge=-1, le=1000, description="layers on the graphics card, if built for one; -1: all")
    batch: int = Field(64, ge=16, le=2048, description="prompt tokens read at a time; small ones can be interrupted")
    temperature: float | None = Field(None, ge=0, le=2, description="unset: the show's own")
    top_p: float = Field(0.95, gt=0, le=1, description="the likeliest words that together have this probability")
    min_p: float = Field(0.05, ge=0, le=1, description="leave out words less likely than this part of the likeliest")
    repeat_penalty: float = Field(
        1.0, ge=1, le=2, description="above 1: words of the last 64 tokens are less likely, those of a fact to tell too"
    )
    cache_mib: int = Field(256, ge=0, le=65_536, description="memory for prompts read before, in MiB")


class LlamaCpp:
    """The language model. One request at a time; a closed one stops at its next token or batch of the prompt."""

    #: It writes calls as text, which would be spoken.
    native_calls = False

    def __init__(self, config: Config, pool: ThreadPoolExecutor, server: xllamacpp.Server) -> None:
        self._config = config
        self._pool = pool
        self._server: xllamacpp.Server | None = server
        self._read = self._write = 0.0
        #: Stops what is being read ahead.
        self._ahead = threading.Event()

    @property
    def speed(self) -> Speed | None:
        """What was measured in the last requests; None before the first one."""
        return Speed(self._read, self._write) if self._read and self._write else None

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer; a ``grammar`` in the prompt is obeyed, or else its ``schema``.

        An empty delta comes with each part of the prompt that was read: a slow machine is not a hanging one.
        """
        del tools
        spoke, reader = False, ChunkReader()
        self._ahead.set()  # what was read so far is kept, and the answer tells of its own progress
        # A token makes one chunk at most, a batch of the prompt another, and the engine keeps to max_tokens.
        room = 2 * prompt.max_tokens + self._config.context // self._config.batch + 64
        async with aclosing(self._chunks(self._body(prompt), room, threading.Event())) as chunks:
            async for chunk in chunks:
                for delta in reader.read(chunk):
                    spoke = spoke or bool(delta.text)
                    yield delta
        if not reader.finish:
            raise TransientError("the answer broke off", provider="llamacpp")
        for whole in reader.calls():
            spoke = True
            yield Delta(call=whole)
        if not spoke:
            raise TransientError(f"the answer was empty (finish reason: {reader.finish})", provider="llamacpp")
        if reader.usage:
            yield Delta(usage=reader.usage)

    async def _chunks(
        self, body: dict[str, Any], room: int, stopped: threading.Event
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """Yield what the engine's thread streams for a request. ``stopped`` ends it, as closing the stream does."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Mapping[str, Any] | None] = asyncio.Queue(room)

        def put(chunk: Mapping[str, Any] | None) -> None:
            try:
                queue.put_nowait(chunk)
            except asyncio.QueueFull:
                stopped.set()

        def on_chunk(chunk: Mapping[str, Any]) -> bool:
            """Pass a chunk on, in the engine's thread; True makes the engine stop."""
            if not stopped.is_set():
                loop.call_soon_threadsafe(put, chunk)
            return stopped.is_set()

        job = loop.run_in_executor(
            self._pool, self._generate, body, on_chunk, stopped, lambda: _call_soon(loop, lambda: put(None))
        )
        try:
            while (chunk := await queue.get()) is not None:
                if "error" in chunk:
                    raise _mapped(chunk["error"])
                self._measure(chunk.get("timings") or {})
                yield chunk
            await job
        except RuntimeError as error:
            raise TransientError(f"the engine failed: {error}", provider="llamacpp") from error
        finally:
            stopped.set()
            job.cancel()

    def _generate(
        self,
        body: dict[str, Any],
        on_chunk: Callable[[Mapping[str, Any]], bool],
        stopped: threading.Event,
        end: Callable[[], None],
    ) -> None:
        try:
            if self._server is not None and not stopped.is_set():
                self._server.handle_chat_completions(body, on_chunk)
        finally:
            end()

    def _measure(self, timings: Mapping[str, float]) -> None:
        """Take note of how fast a request was; the last ones count most."""
        if timings.get("prompt_n", 0) >= _LEAST_READ:
            self._read = _smoothed(self._read, timings["prompt_per_second"])
        if timings.get("predicted_n", 0) >= _LEAST_WRITTEN:
            self._write = _smoothed(self._write, timings["predicted_per_second"])

    def _body(self, prompt: Prompt) -> dict[str, Any]:
        config = self._config
        body: dict[str, Any] = {
            "messages": messages(prompt),
            "stream": True,
            "stream_options": {"include_usage": True},
            # A report after each batch of the prompt: the only moments at which reading it can be stopped.
            "return_progress": True,
            "cache_prompt": True,
            "max_tokens": prompt.max_tokens,
            "temperature": prompt.temperature if config.temperature is None else config.temperature,
            "top_p": config.top_p,
            "min_p": config.min_p,
            "repeat_penalty": config.repeat_penalty,
        }
        if not prompt.grammar and not prompt.schema:
            body |= _NO_COPIES
        if prompt.stop:
            body["stop"] = list(prompt.stop)
        if prompt.grammar:
            body["grammar"] = prompt.grammar
        elif prompt.schema:
            form = {"name": "answer", "strict": True, "schema": dict(prompt.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body

    def unload(self) -> None:
        """Free the model. Blocks until the engine has stopped; for the engine's own thread."""
        self._server = None

    async def warm(self, prompt: Prompt) -> None:
        """Read the prompt ahead, so that a reply that begins alike starts at once. Raises `ProviderError`.

        A reply that is asked for meanwhile ends it.
        """
        tokens = 1 if self._write else _WARM_TOKENS
        body = self._body(replace(prompt, max_tokens=tokens, grammar="", schema=None, stop=()))
        room = self._config.context // self._config.batch + 64
        stopped = self._ahead = threading.Event()
        async with aclosing(self._chunks(body, room, stopped)) as chunks:
            async for _ in chunks:  # the answer is not used; it may even be empty
                pass

    async def check(self) -> Health:
        """Describe how the model runs; it was loaded when the provider was opened."""
        name = self._config.model.name if self._config.model else ""
        measured = {"speed": self.speed} if self.speed else {}
        return Health(ok=True, detail=f"{name}, {self._config.threads or model_threads()} threads", extra=measured)


def _smoothed(before: float, now: float) -> float:
    return (before + now) / 2 if before else now


def _call_soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if not loop.is_closed():  # the show may have ended while the engine finished its batch
        loop.call_soon_threadsafe(call)


@asynccontextmanager
async def connect(config: Config) -> AsyncIterator[LlamaCpp]:
    """Load the model in a thread of its own. Raises `ConfigError` or `FatalError`.

    The engine holds the interpreter while it loads (0.7 s for 100 MB, 2 s for 500 MB from a warm disk): the loop
    stands still meanwhile. It is loaded before the show goes on air, unless its file came later.
    """
    if config.model is None:
        raise ConfigError("llamacpp has no model", remedy="set 'model' to a GGUF file, or let Haishin download one")
    if not config.model.is_file():
        raise ConfigError(
            f"there is no file {config.model.name!r}", remedy="check 'model', or let Haishin download one"
        )
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(1, thread_name_prefix="llamacpp")
    try:
        try:
            server = await loop.run_in_executor(pool, _load, config, config.model)
        except RuntimeError as error:
            raise FatalError(
                f"{config.model.name} could not be loaded",
                provider="llamacpp",
                remedy="The file is damaged or needs more memory than there is: download it again, or a smaller one.",
            ) from error
        llm = LlamaCpp(config, pool, server)
        del server
        try:
            yield llm
        finally:
            pool.submit(llm.unload)
    finally:
        pool.shutdown(wait=False)


def _load(config: Config, model: Path) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.model_alias = "haishin"
    params.n_ctx = config.context
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = config.batch
    params.n_cache_reuse = _CACHE_REUSE
    params.cache_ram_mib = config.cache_mib
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = config.threads or model_threads()
    if config.gpu_layers:
        params.n_gpu_layers = 999 if config.gpu_layers < 0 else config.gpu_layers
    params.verbosity = -1
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.api_keys = [secrets.token_urlsafe(32)]
    params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
    params.cors_origins = ""
    params.n_threads_http = 1
    return xllamacpp.Server(params)


def _mapped(error: Mapping[str, Any]) -> ProviderError:
    said, kind = str(error.get("message", error))[:300], error.get("type", "")
    remedy = "Raise 'context', or shorten the persona." if kind == "exceed_context_size_error" else ""
    return TransientError(f"the engine refuses: {said}", provider="llamacpp", remedy=remedy)

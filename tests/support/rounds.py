"""Opens and closes one part of the host again and again, and prints the process's memory after each round in MB.

Run by ``tests/app/test_memory.py`` as a process of its own: what other tests left behind would hide a growth.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import psutil

from bot.mind.failover import open_llm
from bot.types import Line, Prompt, Style
from bot.voice.failover import open_tts
from bot.weights import catalog
from moderation import Moderator, Policy
from tests.fakes.openai_server import openai_server

PROMPT = Prompt((Line("system", "Be kind."), Line("user", "Hi!")), max_tokens=8)
Round = Callable[[int], Awaitable[None]]
#: More memory than this after a round is looked at twice.
JUMP_MB = 10.0


@asynccontextmanager
async def moderation() -> AsyncIterator[Round]:
    """Put another policy in force, and check a line by it."""
    moderator = Moderator()

    async def once(number: int) -> None:
        moderator.reload(Policy(max_chars=300 + number, block_words=(f"pineapple{number}",)))
        assert not moderator.check(f"pineapple{number}").allowed

    yield once


@asynccontextmanager
async def llm() -> AsyncIterator[Round]:
    """Open a chain with a model on a server, and ask it."""
    async with openai_server() as fake:
        entry = {"provider": "openai", "base_url": f"{fake.address}/v1", "model": "m"}

        async def once(number: int) -> None:
            del number
            async with open_llm([entry]) as chain:
                assert [delta async for delta in chain.reply(PROMPT)]

        yield once


@asynccontextmanager
async def tts() -> AsyncIterator[Round]:
    """Open a chain with a voice on a server, and let it speak."""
    async with openai_server() as fake:
        entry = {"provider": "openai", "base_url": f"{fake.address}/v1", "model": "m"}

        async def once(number: int) -> None:
            del number
            async with open_tts([entry]) as chain:
                assert [pcm async for pcm in chain.speak("Hello there.", Style("en"))]

        yield once


@asynccontextmanager
async def hibari() -> AsyncIterator[Round]:
    """Load the voice, and let it speak."""
    yield _voice({"provider": "hibari"})


@asynccontextmanager
async def kokoro() -> AsyncIterator[Round]:
    """Load the voice, and let it speak."""
    yield _voice({"provider": "kokoro", "model": await _weights("kokoro")})


@asynccontextmanager
async def llamacpp() -> AsyncIterator[Round]:
    """Load the smallest model, and take its first word."""
    model = next((await _weights("smollm2-135m")).glob("*.gguf"))

    async def once(number: int) -> None:
        del number
        entry = {"provider": "llamacpp", "model": model, "context": 1024, "first_s": 60}
        async with open_llm([entry]) as chain, aclosing(cast("Any", chain.reply(PROMPT))) as words:
            await anext(words, None)

    yield once


def _voice(entry: dict[str, Any]) -> Round:
    async def once(number: int) -> None:
        async with open_tts([entry | {"first_s": 60}]) as chain:
            assert [pcm async for pcm in chain.speak(f"Hello there, number {number}.", Style("en"))]

    return once


async def _weights(name: str) -> Path:
    return await catalog.pull(name, Path(os.environ.get("HAISHIN_MODELS__DIR") or catalog.default_root()))


async def main(name: str, rounds: int) -> None:
    """Print the memory after each round."""
    used = 0.0
    async with globals()[name]() as once:
        for number in range(rounds):
            await once(number)
            used = await _kept(used)
            sys.stdout.write(f"{used:.1f}\n")


async def _kept(before: float) -> float:
    """Return the memory in MB. What an engine's thread is still giving back is not kept: wait for it up to 2 s."""
    process = psutil.Process()
    used = float("inf")
    for _ in range(20):
        gc.collect()
        used = min(used, process.memory_info().rss / 1e6)
        if used < before + JUMP_MB:
            break
        await asyncio.sleep(0.1)
    return used


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))

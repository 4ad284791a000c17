"""What PulseAudio or PipeWire knows of the microphones on Linux; nothing where ``pactl`` is missing.

PortAudio sees the server as one device. It cannot name the microphones behind it, and is not told when the server
moves a stream: after a microphone was unplugged, to the loudspeaker's monitor, where the host would hear itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

#: Longest time for an answer of the server, in seconds, and the longest answer that is read, in bytes.
ANSWER_S, MAX_ANSWER = 3.0, 4_000_000
#: A change is looked at so long after its first sign, in seconds: they come in swarms.
SETTLE_S = 0.03
_RATE = re.compile(r"(\d+)ch (\d+)Hz")


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that can be recorded from."""

    index: int
    name: str
    description: str
    monitor: bool  # what a loudspeaker plays, no microphone
    muted: bool
    default: bool
    rate: int
    channels: int


async def sources() -> list[Source] | None:
    """Return what can be recorded from; None when there is no server that can be asked."""
    found, info = await _ask("list", "sources"), await _ask("info")
    if not isinstance(found, list) or not isinstance(info, dict):
        return None
    default = info.get("default_source_name")
    return [made for entry in found if (made := _source(entry, default)) is not None]


async def heard_source() -> int | None:
    """Return the index of the source that this process records from; None when that is unknown."""
    outputs = await _ask("list", "source-outputs")
    for output in outputs if isinstance(outputs, list) else ():
        with contextlib.suppress(KeyError, TypeError, ValueError):
            if output["properties"]["application.process.id"] == str(os.getpid()):
                return int(output["source"])
    return None


async def changes() -> AsyncGenerator[None]:
    """Yield whenever sources or streams changed. Ends when the server does, or cannot be asked."""
    if not _there():
        return
    process = await asyncio.create_subprocess_exec(
        "pactl",
        "subscribe",
        env=_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    try:
        while told := await process.stdout.read(65_536):
            # What loudspeakers and programs do is no matter of ours; asking the server is itself told as a program's.
            if b" source" in told or b" server" in told:
                await asyncio.sleep(SETTLE_S)
                yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _there() -> bool:
    return sys.platform.startswith("linux") and shutil.which("pactl") is not None


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8"}


async def _ask(*question: str) -> Any:
    """Return the server's answer; None when there is none."""
    if not _there():
        return None
    process = await asyncio.create_subprocess_exec(
        "pactl",
        "--format=json",
        *question,
        env=_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=MAX_ANSWER,
    )
    try:
        async with asyncio.timeout(ANSWER_S):
            answer, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        return json.loads(answer.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _source(entry: Any, default: Any) -> Source | None:
    try:
        shape = _RATE.search(str(entry["sample_specification"]))
        properties = entry.get("properties") or {}
        monitor = properties.get("device.class") == "monitor" or str(entry["name"]).endswith(".monitor")
        described = str(entry.get("description") or "")
        return Source(
            index=int(entry["index"]),
            name=str(entry["name"]),
            description=described if described != "(null)" else str(entry["name"]),
            monitor=monitor,
            muted=bool(entry.get("mute")),
            default=entry["name"] == default,
            rate=int(shape[2]) if shape else 48_000,
            channels=int(shape[1]) if shape else 1,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None

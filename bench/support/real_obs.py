"""The real OBS on a screen of its own, from an empty folder: for measurements where both programs are installed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PASSWORD = "open sesame"  # noqa: S105 - of an OBS that lives for minutes on loopback
START_S = 30.0

_GLOBAL = """[General]
FirstRun=true
LastVersion=503316480

[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort={port}
AlertsEnabled=false
AuthRequired=true
ServerPassword={password}

[Basic]
Profile=Bench
ProfileDir=Bench
"""
_PROFILE = """[General]
Name=Bench

[Video]
BaseCX=640
BaseCY=360
OutputCX=640
OutputCY=360
FPSType=0
FPSCommon=10

[Output]
Mode=Simple
Reconnect=true
RetryDelay=1
MaxRetries=25

[SimpleOutput]
FilePath={folder}
RecFormat=mkv
StreamEncoder=x264
VBitrate=400
"""


def installed() -> bool:
    """Return whether OBS and a screen for it can be started here."""
    return bool(shutil.which("obs") and shutil.which("Xvfb"))


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def write_settings(folder: Path, port: int, server: str = "", key: str = "") -> None:
    """Write the settings of an OBS that listens on ``port`` and streams to an RTMP ``server``."""
    home = folder / "obs-studio"
    profile = home / "basic" / "profiles" / "Bench"
    profile.mkdir(parents=True, exist_ok=True)
    (home / "global.ini").write_text(_GLOBAL.format(port=port, password=PASSWORD), "utf-8")
    (profile / "basic.ini").write_text(_PROFILE.format(folder=folder), "utf-8")
    service = f'{{"settings": {{"server": "{server}", "key": "{key}", "use_auth": false}}, "type": "rtmp_custom"}}'
    (profile / "service.json").write_text(service, "utf-8")


@asynccontextmanager
async def real_obs(folder: Path, port: int, *, display: int = 95) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run OBS with the settings of a folder until the block ends. Raise `TimeoutError` when it does not answer."""
    run = folder / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    env = os.environ | {
        "DISPLAY": f":{display}", "XDG_CONFIG_HOME": str(folder), "XDG_RUNTIME_DIR": str(run),
        "LIBGL_ALWAYS_SOFTWARE": "1", "HOME": str(folder),
    }  # fmt: skip
    quiet = asyncio.subprocess.DEVNULL
    screen = await asyncio.create_subprocess_exec(
        "Xvfb", f":{display}", "-screen", "0", "1280x800x24", "-nolisten", "tcp", stdout=quiet, stderr=quiet
    )
    try:
        await asyncio.sleep(1.0)
        with (folder / "obs.log").open("w", encoding="utf-8") as log:
            obs = await asyncio.create_subprocess_exec(
                "obs", "--multi", "--disable-missing-files-check", "--minimize-to-tray",
                env=env, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            await _answers(port)
            yield obs
        finally:
            await _end(obs)
    finally:
        await _end(screen)


async def _answers(port: int) -> None:
    async with asyncio.timeout(START_S):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

"""The real OBS for tests and benches: an X server and a folder of its own, and always killed in the end."""

from __future__ import annotations

import asyncio
import configparser
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.stage.obs.settings import ObsSettings

PASSWORD = "a-password-for-tests"
#: Settings of its profile for a stream that costs little and begins again at once.
STREAM = {
    "Output": {"Mode": "Simple", "Reconnect": "true", "RetryDelay": "1", "MaxRetries": "25"},
    "SimpleOutput": {"StreamEncoder": "x264", "VBitrate": "400"},
}
#: Longest time until OBS opens its port, in seconds. It takes 1 to 2 on a free machine.
START_S = 40
MISSING = [name for name in ("obs", "Xvfb") if shutil.which(name) is None]
#: Put on tests that need it. On Debian: apt-get install obs-studio obs-plugins xvfb.
needs_obs = [pytest.mark.obs, pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} not installed here")]


class RealObs:
    """An OBS that can be started, quit and killed; what it saved is there at the next start."""

    def __init__(self, folder: Path, display: int, profile: dict[str, dict[str, str]], stream_to: str) -> None:
        self.folder = folder
        self.settings = ObsSettings(enabled=True, port=free_port(), password=SecretStr(PASSWORD))
        self._display = display
        self._process: subprocess.Popen[bytes] | None = None
        _write_config(folder / "obs-studio", self.settings, profile, stream_to)

    async def start(self) -> None:
        """Start it, and wait until its WebSocket server answers."""
        process = self._process = self._launch()
        async with asyncio.timeout(START_S):
            while not _answers(self.settings.port):
                assert process.poll() is None, f"OBS ended: {self.log()}"
                await asyncio.sleep(0.05)

    async def quit(self) -> None:
        """Have it end by itself, so that it saves everything."""
        await self._end(signal.SIGINT)

    async def kill(self) -> None:
        """Kill it: what it had not saved is lost."""
        await self._end(signal.SIGKILL)

    def log(self) -> str:
        """Return the last lines of its log."""
        return (self.folder / "obs.log").read_text("utf-8", "replace")[-2000:]

    def _launch(self) -> subprocess.Popen[bytes]:
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        env = {
            **os.environ,
            "DISPLAY": f":{self._display}",
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        options = ["--multi", "--disable-missing-files-check", "--disable-shutdown-check", "--minimize-to-tray"]
        with (self.folder / "obs.log").open("ab") as log:
            return subprocess.Popen(
                ["obs", *options], env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

    async def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            _signal(process, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 10)
            _signal(process, signal.SIGKILL)
            await asyncio.to_thread(process.wait)


@contextlib.asynccontextmanager
async def real_obs(
    folder: Path,
    *,
    canvas: tuple[int, int] = (640, 360),
    fps: int = 10,
    profile: dict[str, dict[str, str]] | None = None,
    stream_to: str = "",
) -> AsyncIterator[RealObs]:
    """Run OBS for the time of the block.

    ``profile`` holds further settings of its basic.ini, by section and name; ``stream_to`` is the RTMP address to which
    it streams, without the key, which is "key".
    """
    width, height = str(canvas[0]), str(canvas[1])
    sections = {
        "Video": {"BaseCX": width, "BaseCY": height, "OutputCX": width, "OutputCY": height, "FPSType": "1",
                  "FPSInt": str(fps)},
        "SimpleOutput": {"FilePath": str(folder), "RecFormat": "mkv"},
    }  # fmt: skip
    for section, values in (profile or {}).items():
        sections.setdefault(section, {}).update(values)
    with x_server() as display:
        obs = RealObs(folder, display, sections, stream_to)
        try:
            await obs.start()
            yield obs
        finally:
            await obs.kill()


@contextlib.contextmanager
def x_server(width: int = 1280, height: int = 800) -> Iterator[int]:
    """Run an X server; yield the number of its display, which it chooses itself."""
    read, write = os.pipe()
    try:
        process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    finally:
        os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline()
        assert number.strip(), "Xvfb ended at its start"
        yield int(number)
    finally:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        _signal(process, signal.SIGKILL)
        process.wait()


def _write_config(folder: Path, settings: ObsSettings, profile: dict[str, dict[str, str]], stream_to: str) -> None:
    password = settings.password.get_secret_value()
    _write_ini(folder / "global.ini", {
        "General": {"FirstRun": "true"},
        "OBSWebSocket": {
            "FirstLoad": "false", "ServerEnabled": "true", "ServerPort": str(settings.port), "AuthRequired": "true",
            "ServerPassword": password, "AlertsEnabled": "false",
        },
        "Basic": {"Profile": "Test", "ProfileDir": "Test", "SceneCollection": "Test", "SceneCollectionFile": "Test"},
    })  # fmt: skip
    _write_ini(folder / "basic/profiles/Test/basic.ini", {"General": {"Name": "Test"}, **profile})
    if stream_to:
        service = {"type": "rtmp_custom", "settings": {"server": stream_to, "key": "key", "use_auth": False}}
        (folder / "basic/profiles/Test/service.json").write_text(json.dumps(service), "utf-8")
    newer = folder / "plugin_config/obs-websocket/config.json"  # where later ones look
    newer.parent.mkdir(parents=True)
    newer.write_text(json.dumps({
        "server_enabled": True, "server_port": settings.port, "auth_required": True, "server_password": password,
        "first_load": False, "alerts_enabled": False,
    }))  # fmt: skip


def _write_ini(file: Path, sections: dict[str, dict[str, str]]) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # OBS tells capitals apart
    parser.read_dict(sections)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        parser.write(out, space_around_delimiters=False)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(0.2)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _signal(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)

"""Sign-ins on disk: never read or written on the event loop, and in the order of the calls."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bot.sources import credentials
from bot.sources.credentials import CredentialFile
from bot.sources.source import ChannelAction
from tests.sources import bilibili_rig, twitch_rig


class Accesses:
    """Records which thread reads, writes and removes sign-ins."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[str, bool]] = []
        for name in ("read", "write", "_remove"):
            patch.setattr(credentials, name, self._recording(name, getattr(credentials, name)))

    def _recording(self, name: str, access: Any) -> Any:
        def recorded(*args: Any) -> Any:
            self.seen.append((name, threading.current_thread() is threading.main_thread()))
            return access(*args)

        return recorded

    def check(self, *names: str) -> None:
        """Check that these accesses happened, and none on the loop's thread."""
        assert {name for name, _ in self.seen} == set(names)
        assert not [name for name, on_loop in self.seen if on_loop], "a file was touched on the event loop"


async def test_twitch_touches_no_file_on_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with twitch_rig.rig(tmp_path) as r:
        accesses = Accesses(monkeypatch)
        async with r.running_source():
            await r.twitch.misbehave("expire_tokens")
            await r.source.act(ChannelAction("send", text="hello"))
            assert (await r.source.check()).ok
        accesses.check("read", "write")
        assert r.stored()["bot"]["refresh"] in r.twitch.refresh


async def test_a_sign_in_to_twitch_touches_no_file_on_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sources.twitch.login.LEAST_S", 0.05)
    async with twitch_rig.rig(tmp_path, signed_in=False) as r:
        accesses = Accesses(monkeypatch)
        await r.source.sign_in(lambda _step: None)
        accesses.check("read", "write")


async def test_the_open_platform_touches_no_file_on_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bilibili_open.json").write_text(json.dumps({"game": "of a crash"}))
    accesses = Accesses(monkeypatch)
    async with bilibili_rig.rig("open", tmp_path) as r:
        await r.feed.live()
    accesses.check("write", "_remove")


async def test_a_room_as_a_browser_sees_it_touches_no_file_on_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.bilibili.web_source.TELL_S", 0.05)
    monkeypatch.setattr("bot.sources.bilibili.web_source.LOOK_S", 0.1)
    async with bilibili_rig.rig("web", tmp_path) as r:
        await r.feed.live()
        accesses = Accesses(monkeypatch)
        await r.source.act(ChannelAction("send", text="你好"))
        assert (await r.source.check()).ok
        await asyncio.sleep(0.3)
        await r.source.sign_in(lambda _step: None)
        accesses.check("read", "write")


async def test_accesses_keep_the_order_of_the_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = credentials.write

    def slow(path: Path, data: Any) -> None:
        time.sleep(0.2 if data["n"] == 0 else 0.0)  # the first would be overtaken
        write(path, data)

    monkeypatch.setattr(credentials, "write", slow)
    file = CredentialFile(tmp_path / "x.json")
    async with asyncio.TaskGroup() as group:
        for n in range(5):
            group.create_task(file.write({"n": n}))
    assert await file.read() == {"n": 4}
    await file.remove()
    await file.remove()
    assert await file.read() == {}


async def test_a_cancelled_write_is_over_before_the_next_access(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A show that ends removes the file; a write in a thread must not bring it back afterwards."""
    write = credentials.write

    def slow(path: Path, data: Any) -> None:
        time.sleep(0.2)
        write(path, data)

    monkeypatch.setattr(credentials, "write", slow)
    file = CredentialFile(tmp_path / "x.json")
    writing = asyncio.ensure_future(file.write({"n": 1}))
    await asyncio.sleep(0.05)
    writing.cancel()
    await file.remove()
    await asyncio.sleep(0.3)
    assert not (tmp_path / "x.json").exists()
    with pytest.raises(asyncio.CancelledError):
        await writing


async def test_a_renewal_while_the_file_is_read_is_not_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that was read holds a refresh token that the renewal has used up."""
    async with twitch_rig.rig(tmp_path) as r, r.running_source():
        read = credentials.read

        def slow(path: Path) -> dict[str, Any]:
            found = read(path)
            time.sleep(0.3)
            return found

        monkeypatch.setattr(credentials, "read", slow)
        await r.twitch.misbehave("expire_tokens")
        checking = asyncio.ensure_future(r.source.check())
        await asyncio.sleep(0.05)
        assert await r.source.act(ChannelAction("send", text="hello")) == "sent"
        assert (await checking).ok
        assert r.twitch.refreshes == 1
        assert await r.source.act(ChannelAction("send", text="again")) == "sent"

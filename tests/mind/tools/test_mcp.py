"""MCP servers: real ones, by the official SDK, over stdio and HTTP, good and bad."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.mind.tools import mcp as module
from bot.mind.tools.function import Origin, Outcome
from bot.mind.tools.mcp import McpServers, check
from bot.mind.tools.settings import McpServer, McpTool, ToolSettings
from bot.mind.tools.toolbox import ToolBox, TurnState
from tests.support.moderators import make_moderator
from tests.support.tooling import asker, call

#: The SDK leaves streams of its own open when a connection ends in the middle of a request.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROOT = Path(__file__).parents[3]
RULE = McpTool(about="the weather of a city", who=[Origin.VIEWER], effect=False, deadline_s=4.0)


def over_pipe(behaviour: str = "good", **more: Any) -> McpServer:
    tools = {"weather": RULE, "environment": RULE, "rename": RULE}
    fake = "raw" if behaviour in ("endless", "floods", "garbage") else "server"
    return McpServer(
        command=sys.executable, args=["-m", f"tests.fakes.mcp.{fake}", behaviour], start_s=60.0, tools=tools, **more
    )


@asynccontextmanager
async def running(**servers: McpServer) -> AsyncIterator[tuple[ToolBox, McpServers]]:
    mcp = McpServers(servers)
    box = ToolBox(mcp.functions, ToolSettings(mcp=servers), make_moderator(None))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(mcp.run())
        try:
            yield box, mcp
        finally:
            task.cancel()
    gc.collect()  # here, where what the SDK leaves open is ignored


async def up(mcp: McpServers, *names: str, within_s: float = 60.0) -> None:
    assert await mcp.changed.wait_until(lambda: all(not mcp.links[n].trouble for n in names), within_s), [
        link.trouble for link in mcp.links.values()
    ]


async def weather(box: ToolBox, server: str = "met", city: str = "Kyoto") -> Any:
    return await box.call(call(f"{server}_weather", city=city), TurnState(asker("what is the weather?")))


@pytest.fixture(autouse=True)
def _from_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


async def test_a_tool_over_stdio_without_any_word_of_the_server() -> None:
    async with running(met=over_pipe()) as (box, mcp):
        await up(mcp, "met")
        result = await weather(box)
        assert (result.outcome, result.text) == (Outcome.DONE, "Kyoto: rain, 12 degrees")
        told = str(box.tools(asker()))
        assert "the weather of a city" in told
        assert "IGNORE" not in told
        assert "maxLength" in told


async def test_a_program_sees_the_named_variables_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "k")
    monkeypatch.setenv("OTHER_KEY", "o")
    async with running(met=over_pipe(env=["MY_KEY"])) as (box, mcp):
        await up(mcp, "met")
        result = await box.call(call("met_environment"), TurnState(asker()))
        assert "MY_KEY" in result.text
        assert "OTHER_KEY" not in result.text
        assert "HAISHIN" not in result.text


async def test_a_variable_that_is_not_set_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    health = await check(over_pipe(env=["NO_SUCH_KEY"]))
    assert not health.ok
    assert "NO_SUCH_KEY is not set" in health.detail


async def test_over_http() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.mcp.server", "good", str(port), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        server = McpServer(url=f"http://127.0.0.1:{port}/mcp", start_s=20.0, tools={"weather": RULE})
        async with running(met=server) as (box, mcp):
            await up(mcp, "met", within_s=90)
            assert (await weather(box)).text == "Kyoto: rain, 12 degrees"
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize(
    ("behaviour", "outcome", "said"),
    [
        ("fails", Outcome.FAILED, "Error executing tool"),
        ("hangs", Outcome.FAILED, "longer than 4 s"),
        ("dies", Outcome.FAILED, "server failed"),
        ("endless", Outcome.FAILED, "failed"),
        ("floods", Outcome.FAILED, "failed"),
        ("garbage", Outcome.DONE, "Kyoto: rain, 12 degrees"),
        ("large", Outcome.DONE, "rain rain"),
        ("huge", Outcome.FAILED, "failed"),
    ],
)
async def test_a_bad_server_harms_itself_alone(behaviour: str, outcome: Outcome, said: str) -> None:
    async with running(bad=over_pipe(behaviour), met=over_pipe()) as (box, mcp):
        await up(mcp, "bad", "met")
        async with asyncio.timeout(30):
            result = await weather(box, "bad")
        assert result.outcome is outcome
        assert said in f"{result.text} {result.detail}"
        assert len(result.text) <= 600
        assert (await weather(box)).outcome is Outcome.DONE


async def test_a_server_that_died_is_started_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.2)
    async with running(met=over_pipe("dies")) as (box, mcp):
        await up(mcp, "met")
        await weather(box)
        assert await mcp.changed.wait_until(lambda: bool(mcp.links["met"].trouble), 30)
        assert not mcp.functions()
        assert (await weather(box, city="Oslo")).detail == "there is no such tool"
        await up(mcp, "met")
        assert "met_weather" in mcp.functions()


async def test_pauses_grow_and_a_program_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float, *more: Any) -> None:
        pauses.append(seconds)
        await real(0)
        if len(pauses) > 12:
            await real(3600)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    async with running(met=McpServer(command="no-such-program-here")) as (_, mcp):
        assert await mcp.changed.wait_until(lambda: len(pauses) > 12, 10)
        assert "no program" in mcp.links["met"].trouble
    assert pauses[:5] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert pauses[-1] == 300.0


async def test_renamed_tools_are_gone_and_new_ones_are_not_there() -> None:
    async with running(met=over_pipe()) as (box, mcp):
        await up(mcp, "met")
        result = await box.call(call("met_rename"), TurnState(asker()))
        assert result.outcome is Outcome.DONE
        assert await mcp.changed.wait_until(lambda: "met_weather" not in mcp.functions(), 20)
        assert not any("weather2" in name for name in mcp.functions())
        assert (await weather(box)).detail == "there is no such tool"
        assert mcp.links["met"].missing == ["weather"]


async def test_a_server_that_never_greets_is_given_up() -> None:
    server = McpServer(command=sys.executable, args=["-m", "tests.fakes.mcp.server", "silent"], start_s=3.0)
    health = await check(server)
    assert not health.ok
    assert "in time" in health.detail


async def test_the_check_names_what_is_used_and_what_is_not() -> None:
    server = over_pipe()
    server.tools.pop("rename")
    health = await check(server)
    assert health.ok, health.detail
    assert "used: weather, environment; not used: rename" in health.detail
    server.tools["wether"] = RULE
    health = await check(server)
    assert not health.ok
    assert "it has no wether" in health.detail


async def test_nothing_is_left_running() -> None:
    async with running(met=over_pipe("hangs")) as (box, mcp):
        await up(mcp, "met")
        async with asyncio.TaskGroup() as group:
            hanging = group.create_task(weather(box))
            await asyncio.sleep(0.2)
            hanging.cancel()
    left = [p for p in os.listdir("/proc") if p.isdigit() and _is_child(p)] if os.path.isdir("/proc") else []  # noqa: PTH112, PTH208
    assert not left


def _is_child(pid: str) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return int(stat[1]) == os.getpid() and b"fakes.mcp" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize(
    "wrong", [{}, {"command": "x", "url": "http://a/mcp"}, {"url": "ftp://a"}, {"command": "x", "env": ["A B"]}]
)
def test_settings_of_a_server_are_strict(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        McpServer(**wrong)

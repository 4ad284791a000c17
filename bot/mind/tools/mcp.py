"""Tools of other programs, over the Model Context Protocol: one link to each server, each for itself.

A server that dies is started again after growing pauses; one that hangs, floods or renames its tools takes away its own
tools and nothing else. Of its tools only those exist that the configuration allows, by their names there; what a server
says of them never reaches the model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from loguru import logger

from bot.errors import FatalError, HaishinError, TransientError
from bot.mind.tools.function import Asker, Function
from bot.mind.tools.mcp_link import call, open_session, tools_of
from bot.mind.tools.settings import McpServer, McpTool
from bot.runtime.signal import Signal
from bot.types import Health

#: The first pause before a server is tried again, the longest, and how long it must be up to begin anew, in seconds.
PAUSE_S, LONGEST_S, GOOD_S = 1.0, 300.0, 60.0
#: How often a server is asked whether it lives, and how long it may take, in seconds.
PING_S, PONG_S = 20.0, 5.0
#: A server may say so often that its tools have changed; further words of it wait, in seconds.
RELIST_S: Final = 10.0
#: Things that a server may say of its own accord between two pings; one that says more is restarted.
MOST_WORDS: Final = 200


class _FloodError(TransientError):
    """A server says too much."""


class McpLink:
    """The link to one server. ``trouble`` is empty when it answers."""

    def __init__(self, name: str, settings: McpServer, changed: Signal) -> None:
        self.name = name
        self.settings = settings
        self.trouble = "it has not answered yet"
        self.tools: dict[str, dict[str, Any]] = {}
        self._session: Any = None
        self._changed = changed
        self._look = Signal()
        self._relist = False
        self._words = 0

    @property
    def missing(self) -> list[str]:
        """The tools that are allowed and that the server does not have."""
        return [name for name in self.settings.tools if name not in self.tools] if not self.trouble else []

    def functions(self, allowed: Mapping[str, McpTool]) -> dict[str, Function]:
        """Return what can be called just now."""
        if self._session is None:
            return {}
        return {
            f"{self.name}_{name}": Function(
                f"{self.name}_{name}",
                rule.about,
                partial(self._call, name, rule.deadline_s),
                schema=self.tools[name],
                effect=rule.effect,
                outside=True,
            )
            for name, rule in allowed.items()
            if name in self.tools
        }

    async def run(self) -> None:
        """Keep the link for as long as the show runs."""
        pause, clock = PAUSE_S, asyncio.get_running_loop().time
        while True:
            began = clock()
            try:
                await self._connected()
            except FatalError as error:
                self._down(f"{error}; {error.remedy}")
                pause = LONGEST_S
            except Exception as error:  # noqa: BLE001 - whatever a server does, it takes down nothing but itself
                _unless_cancelled()
                self._down(_why(error))
            pause = PAUSE_S if clock() - began > GOOD_S else pause
            logger.warning("the MCP server {} is down: {}; trying again in {:g} s", self.name, self.trouble, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_S)

    def _down(self, why: str) -> None:
        self._session, self.tools, self.trouble = None, {}, why[:300]
        self._changed.notify()

    async def _connected(self) -> None:
        """Connect, and stay for as long as the server lives. Raises what ends it."""
        self._words = 0
        async with open_session(self.settings, self._heard) as session:
            await self._list(session)
            self._session, self.trouble = session, ""
            logger.info("the MCP server {} answers", self.name)
            if self.missing:
                logger.warning("the MCP server {} has no tool {}", self.name, ", ".join(self.missing))
            self._changed.notify()
            try:
                while True:
                    await self._look.wait(PING_S)
                    if self._words > MOST_WORDS:
                        raise _FloodError("it floods")
                    self._words = 0
                    async with asyncio.timeout(PONG_S):
                        await session.send_ping()
                    if self._relist:
                        self._relist = False
                        await self._list(session)
                        await asyncio.sleep(RELIST_S)
            finally:
                self._session = None

    async def _list(self, session: Any) -> None:
        async with asyncio.timeout(self.settings.start_s):
            self.tools = await tools_of(session)
        self._changed.notify()

    async def _heard(self, message: object) -> None:
        """Take what the server says of its own accord."""
        self._words += 1
        root = getattr(message, "root", message)
        if type(root).__name__ == "ToolListChangedNotification":
            self._relist = True
            self._look.notify()
        elif self._words == MOST_WORDS + 1:
            self._look.notify()

    async def _call(self, name: str, within_s: float, arguments: Mapping[str, Any], _: Asker) -> str:
        if self._session is None:
            raise TransientError(f"the MCP server {self.name} is down")
        try:
            return await call(self._session, name, arguments, within_s)
        except HaishinError:
            self._look.notify()  # perhaps it died
            raise


class McpServers:
    """The servers of a configuration. ``changed`` is notified when one comes or goes."""

    def __init__(self, servers: Mapping[str, McpServer]) -> None:
        self.changed = Signal()
        self.links = {name: McpLink(name, server, self.changed) for name, server in servers.items()}
        self._allowed = {name: server.tools for name, server in servers.items()}

    def limit(self, servers: Mapping[str, McpServer]) -> None:
        """Apply other bounds of the tools; how the servers are reached stays as it was at the start."""
        self._allowed = {name: server.tools for name, server in servers.items()}

    def functions(self) -> dict[str, Function]:
        """Return what can be called just now, of all servers."""
        found: dict[str, Function] = {}
        for name, link in self.links.items():
            found |= link.functions(self._allowed.get(name, {}))
        return found

    async def run(self) -> None:
        """Keep all links for as long as the show runs."""
        async with asyncio.TaskGroup() as group:
            for link in self.links.values():
                group.create_task(link.run(), name=f"MCP server {link.name}")


async def check(server: McpServer) -> Health:
    """Connect to a server once, and say which of the allowed tools it has. Never raises."""
    try:
        async with open_session(server, _ignore) as session:
            async with asyncio.timeout(server.start_s):
                found = await tools_of(session)
    except Exception as error:  # noqa: BLE001 - whatever a server does, the check says so
        _unless_cancelled()
        return Health(ok=False, detail=_why(error), remedy=getattr(error, "remedy", "") or "Start it by hand and look.")
    missing = [name for name in server.tools if name not in found]
    others = ", ".join(sorted(set(found) - set(server.tools))[:12])
    used = ", ".join(name for name in server.tools if name in found) or "no tool is allowed"
    detail = f"answers; used: {used}" + (f"; not used: {others}" if others else "")
    if missing:
        return Health(
            ok=False, detail=f"{detail}; it has no {', '.join(missing)}", remedy="Mend the names under 'tools'."
        )
    return Health(ok=True, detail=detail)


async def _ignore(_message: object) -> None: ...


def _unless_cancelled() -> None:
    """Raise `asyncio.CancelledError` when the task was to end: the SDK's groups put other errors in its place."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _why(error: BaseException) -> str:
    """Return in words why a server is not there; of several reasons the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    with suppress(Exception):
        return str(error)[:200] or type(error).__name__
    return type(error).__name__

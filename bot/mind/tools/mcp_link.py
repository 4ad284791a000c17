"""Opens the connection to an MCP server, by the official SDK. What a server sends is bounded before it is read.

The SDK's own reader of a program's output takes lines of any length and at any rate, so the pipe is ours.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Final

from bot.errors import ConfigError, FatalError, TransientError
from bot.mind.bounded_body import limit
from bot.mind.tools.function import bare
from bot.mind.tools.settings import McpServer

#: The longest line of a server, in bytes, and the most lines within a time in seconds.
MAX_LINE: Final = 256 * 1024
MOST_LINES, LINES_S = 300, 5.0
#: How long a server may take to end when it is told to, in seconds.
END_S: Final = 2.0
#: How often it is looked whether it has, in seconds.
LOOK_S: Final = 0.05
#: Tools and pages of tools that are read of a server; the largest schema of one, in characters.
MOST_TOOLS, MOST_PAGES, MAX_SCHEMA = 200, 5, 4000
#: The longest result that is read, in characters.
MAX_TEXT: Final = 20_000

#: Takes what a server says of its own accord.
OnMessage = Callable[[object], Awaitable[None]]


@asynccontextmanager
async def open_session(server: McpServer, on_message: OnMessage) -> AsyncIterator[Any]:
    """Connect and greet. Raises `ConfigError`, `FatalError` where the package is missing, and what the SDK raises."""
    try:
        sdk = await asyncio.to_thread(_sdk)
    except ImportError:
        raise FatalError(
            "the package 'mcp' is not installed", remedy="Install it: pip install 'haishin[mcp]'."
        ) from None
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(server.start_s):
            if server.url:
                read, write = await stack.enter_async_context(_over_http(server))
            else:
                read, write = await stack.enter_async_context(_over_pipe(server))
            session = sdk.ClientSession(read, write, read_timeout_seconds=server.start_s, message_handler=on_message)
            session = await stack.enter_async_context(session)
            await session.initialize()
        yield session


def _sdk() -> Any:
    import mcp  # noqa: PLC0415 - 2.3 s of processor time and 53 MB: only when a server is configured
    import mcp.client.streamable_http  # noqa: PLC0415

    logging.getLogger("mcp").setLevel(logging.CRITICAL)  # it logs every broken line of a server, with its traceback
    return mcp


async def tools_of(session: Any) -> dict[str, dict[str, Any]]:
    """Return the names of a server's tools with the schemas of their arguments, without any prose of the server."""
    from mcp import types  # noqa: PLC0415 - see above

    found: dict[str, dict[str, Any]] = {}
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        params = types.PaginatedRequestParams(cursor=cursor) if cursor else None
        page = await session.list_tools(params=params)
        for tool in page.tools[:MOST_TOOLS]:
            schema = bare(tool.input_schema)
            if len(found) < MOST_TOOLS and len(json.dumps(schema)) <= MAX_SCHEMA:
                found[str(tool.name)] = schema
        cursor = page.next_cursor
        if not cursor:
            break
    return found


async def call(session: Any, name: str, arguments: Mapping[str, Any], within_s: float) -> str:
    """Call a tool; return the text of its result. Raises `TransientError` with the server's word when it fails."""
    try:
        result = await session.call_tool(name, dict(arguments), read_timeout_seconds=within_s)
    except Exception as error:
        raise TransientError(f"the server failed: {str(error)[:200] or type(error).__name__}") from error
    parts = [
        str(getattr(part, "text", "") or f"({getattr(part, 'type', 'something')})") for part in result.content[:50]
    ]
    text = "\n".join(part[:MAX_TEXT] for part in parts)[:MAX_TEXT]
    if not text and result.structured_content is not None:
        text = json.dumps(result.structured_content, ensure_ascii=False, default=str)[:MAX_TEXT]
    if result.is_error:
        raise TransientError(text[:200] or "the server says that it failed")
    return text


@asynccontextmanager
async def _over_http(server: McpServer) -> AsyncIterator[tuple[Any, Any]]:
    import httpx2  # noqa: PLC0415 - comes with the SDK
    from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415

    headers = {name: _variable(variable) for name, variable in server.headers.items()}
    async with (
        httpx2.AsyncClient(
            headers=headers, timeout=httpx2.Timeout(30.0), follow_redirects=False, event_hooks={"response": [limit]}
        ) as client,
        streamable_http_client(server.url, http_client=client, max_sse_event_size=MAX_LINE) as streams,
    ):
        yield streams[0], streams[1]


@asynccontextmanager
async def _over_pipe(server: McpServer) -> AsyncIterator[tuple[Any, Any]]:
    """Start a program, and yield the streams to and from it. It sees no variable of ours but those that are named."""
    import anyio  # noqa: PLC0415 - comes with the SDK
    from mcp.client.stdio import get_default_environment  # noqa: PLC0415

    program = await asyncio.to_thread(shutil.which, server.command)
    if program is None:
        raise ConfigError(f"there is no program {server.command!r}", remedy="Check 'command' of this server.")
    given = get_default_environment() | {name: _variable(name) for name in server.env}
    process = await asyncio.create_subprocess_exec(
        program, *server.args, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env=given, limit=MAX_LINE, start_new_session=True,
    )  # fmt: skip
    to_session, from_server = anyio.create_memory_object_stream[Any](0)
    to_server, from_session = anyio.create_memory_object_stream[Any](0)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_read, process, to_session)
            group.start_soon(_write, process, from_session)
            yield from_server, to_server
            group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)
        for stream in (to_session, from_server, to_server, from_session):
            stream.close()


async def _read(process: asyncio.subprocess.Process, to_session: Any) -> None:
    """Pass on what a server writes, line by line, until it ends, writes a line without end, or floods."""
    import anyio  # noqa: PLC0415
    from mcp.shared.message import SessionMessage  # noqa: PLC0415
    from mcp.types import jsonrpc_message_adapter  # noqa: PLC0415

    clock = asyncio.get_running_loop().time
    since, lines = clock(), 0
    assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    with suppress(ValueError, OSError, anyio.ClosedResourceError, anyio.BrokenResourceError):
        async with to_session:
            while line := await process.stdout.readline():  # ValueError: a line without end
                now = clock()
                since, lines = (now, 1) if now - since > LINES_S else (since, lines + 1)
                if lines > MOST_LINES:
                    return
                with suppress(ValueError):  # a line that is no message is left out
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    await to_session.send(SessionMessage(message))


async def _write(process: asyncio.subprocess.Process, from_session: Any) -> None:
    assert process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
    with suppress(OSError):
        async for sent in from_session:
            line = sent.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(f"{line}\n".encode())
            await process.stdin.drain()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a program: its input is closed, then it is killed with all that it started. Takes 2 times `END_S` at most.

    It is killed, too, when this is cancelled while it waits: the show may end at any moment.
    """
    if process.stdin is not None:
        process.stdin.close()
    try:
        end = asyncio.get_running_loop().time() + END_S
        while process.returncode is None and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(LOOK_S)
    finally:
        _kill(process)
    try:
        with suppress(TimeoutError, OSError, ValueError):
            async with asyncio.timeout(END_S):
                while process.stdout is not None and await process.stdout.read(MAX_LINE):
                    pass  # asyncio sees the end of a program only when its output was read
                await process.wait()
    finally:
        if (transport := getattr(process, "_transport", None)) is not None:
            transport.close()  # whoever survived may hold the pipe


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()


def _variable(name: str) -> str:
    """Return a variable that the configuration names. Raises `ConfigError`."""
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(f"the variable {name} is not set", remedy=f"Set {name} where the host is started.")
    return value

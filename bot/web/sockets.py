"""The WebSockets: the stage pages, the control rooms, the chat pages, the ears."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator

from fastapi import FastAPI, WebSocket
from pydantic import ValidationError

from bot.control.control_room import ControlRoom
from bot.control.schemas.chat import ChatIn, ChatProblem, ChatReceipt, ChatSay
from bot.errors import HaishinError
from bot.stage.hub import Overlay
from bot.stage.layers.board import wish_of
from bot.web.ears import MAX_BUTTONS, serve_button, serve_microphone
from bot.web.panel_feed import PanelFeed
from bot.web.sock import Sock

MAX_PANELS = 16
MAX_CHATS = 100

Send = Callable[[str], Awaitable[None]]
#: Answers a frame of a page; with nothing when there is nothing to say.
Answer = Callable[[str], Awaitable[str]]


async def _ignore(_: str) -> str:
    return ""


def add_sockets(app: FastAPI, control: ControlRoom, stage: Overlay) -> None:
    """Add the sockets to an application."""
    feed = PanelFeed(control.state, control.changed)
    open_now = {"panel": 0, "chat": 0, "ears": 0}

    @contextlib.contextmanager
    def seat(kind: str) -> Iterator[None]:
        open_now[kind] += 1
        try:
            yield
        finally:
            open_now[kind] -= 1

    @app.websocket("/ws/stage")
    async def stage_socket(websocket: WebSocket) -> None:
        role = websocket.query_params.get("role", "view")
        await websocket.accept()
        if role not in ("audio", "view"):
            await websocket.close(1008, "role is audio or view")
            return
        running = websocket.query_params.get("audio", "running") == "running"
        asked = websocket.query_params
        layers, platforms, layout = (asked.get(name, "") for name in ("layers", "platforms", "layout"))
        wish = wish_of(layers, platforms, layout, sounds=asked.get("sounds") == "1")
        await stage.serve(Sock(websocket), role == "audio", running=running, wish=wish)

    @app.websocket("/ws/panel")
    async def panel_socket(websocket: WebSocket) -> None:
        await websocket.accept()
        if open_now["panel"] >= MAX_PANELS:
            await websocket.close(1013, "too many control rooms are open")
            return
        with seat("panel"):
            await _until_gone(websocket, lambda send: _panel(feed, send))

    @app.websocket("/ws/chat")
    async def chat_socket(websocket: WebSocket) -> None:
        await websocket.accept()
        if open_now["chat"] >= MAX_CHATS:
            await websocket.close(1013, "too many chat pages are open")
            return
        with seat("chat"):
            await _until_gone(websocket, lambda send: _chat(control, send), lambda frame: _answer(control, frame))

    @app.websocket("/ws/ears")
    async def ears_socket(websocket: WebSocket) -> None:
        role = websocket.query_params.get("role", "microphone")
        await websocket.accept()
        if role not in ("microphone", "button"):
            await websocket.close(1008, "role is microphone or button")
        elif open_now["ears"] >= MAX_BUTTONS:
            await websocket.close(1013, "too many buttons and microphones are connected")
        else:
            with seat("ears"):
                if role == "button":
                    await serve_button(Sock(websocket), control.ears)
                else:
                    takeover = websocket.query_params.get("takeover") == "1"
                    await serve_microphone(Sock(websocket), control.ears, takeover=takeover)


async def _until_gone(websocket: WebSocket, tell: Callable[[Send], Awaitable[None]], answer: Answer = _ignore) -> None:
    """Run a teller until the page goes. Each frame of the page is answered, one after the other."""
    sock = Sock(websocket)

    async def told() -> None:
        await tell(sock.send_text)

    async def listen() -> None:
        while (frame := await sock.receive_text()) is not None:
            if reply := await answer(frame):
                await sock.send_text(reply)

    async with asyncio.TaskGroup() as group:
        telling = group.create_task(told())
        await listen()
        telling.cancel()


async def _answer(control: ControlRoom, frame: str) -> str:
    """Take a line that a chat page sends. What is no line is answered with what is wrong, without repeating it."""
    try:
        said = ChatSay.model_validate_json(frame)
    except ValidationError as error:
        words = [f"{'.'.join(map(str, e['loc'])) or 'frame'}: {e['msg']}" for e in error.errors(include_url=False)[:5]]
        return ChatProblem(ref=_ref_of(frame), detail="; ".join(words)[:500]).model_dump_json()
    try:
        receipt = await control.chat(ChatIn(author=said.author, text=said.text))
    except HaishinError as error:
        return ChatProblem(ref=said.ref, detail=str(error)[:500]).model_dump_json()
    return ChatReceipt(ref=said.ref, **receipt.model_dump()).model_dump_json()


def _ref_of(frame: str) -> int:
    try:
        found = json.loads(frame)
    except (ValueError, RecursionError):
        return -1
    ref = found.get("ref") if isinstance(found, dict) else None
    return ref if isinstance(ref, int) and 0 <= ref < 2**31 else -1


async def _panel(feed: PanelFeed, send: Send) -> None:
    async for text in feed.follow():
        await send(text)


async def _chat(control: ControlRoom, send: Send) -> None:
    with control.room.watch() as watcher:
        await send(control.room.hello().model_dump_json())
        while True:
            await watcher.pulse.wait_until(lambda: bool(watcher.frames))
            while watcher.frames:
                await send(watcher.frames.popleft().model_dump_json())

"""EventSub over WebSocket: welcome, keepalive, notification, reconnect, revocation, and every way to go wrong."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import socket
import struct
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.twitch.state import Session, State


def stamp() -> str:
    """Return the time as Twitch writes it, with nanoseconds."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z"


def frame(kind: str, payload: dict[str, Any], message_id: str = "", **meta: str) -> str:
    metadata = {
        "message_id": message_id or str(uuid.uuid4()),
        "message_type": kind,
        "message_timestamp": stamp(),
        **meta,
    }
    return json.dumps({"metadata": metadata, "payload": payload})


def session_of(session: Session, status: str, reconnect_url: str | None = None) -> dict[str, Any]:
    return {
        "session": {
            "id": session.id,
            "status": status,
            "connected_at": stamp(),
            "keepalive_timeout_seconds": int(session.keepalive_s) if status == "connected" else None,
            "reconnect_url": reconnect_url,
            "recovery_url": None,
        }
    }


class Sockets:
    def __init__(self, state: State, group: asyncio.TaskGroup) -> None:
        self.state, self._group = state, group

    async def handle(self, request: web.Request) -> web.StreamResponse:
        state = self.state
        if state.is_on("ws_refuse") or state.is_on("down"):
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(autoping=True, compress=False)
        await socket.prepare(request)
        if state.is_on("no_welcome"):
            await self._read(socket, None)
            return socket
        moved = state.sessions.get(request.query.get("moving", ""))
        keepalive = float(request.query.get("keepalive_timeout_seconds", "10"))
        if moved is not None and moved.keep_id:
            old, moved.socket = moved.socket, socket
            session, moved.moving = moved, False
            session.silent = False
            if old is not None and not old.closed:
                self._group.create_task(self._close(old, 4004, 1.0))
        else:
            session = Session(f"s{next(state.ids)}", "", socket, keepalive)
            state.sessions[session.id] = session
        await self.send(session, frame("session_welcome", session_of(session, "connected")))
        beating = self._group.create_task(self._beat(session, socket))
        try:
            await self._read(socket, session)
        finally:
            beating.cancel()
            if session.socket is socket:
                self.gone(session)
        return socket

    async def _close(self, socket: web.WebSocketResponse, code: int, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await socket.close(code=code)

    async def _read(self, socket: web.WebSocketResponse, session: Session | None) -> None:
        while True:
            message = await socket.receive()
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) and session is not None:
                await socket.close(code=4001, message=b"client sent inbound traffic")
                return

    async def _beat(self, session: Session, socket: web.WebSocketResponse) -> None:
        opened = self.state.now()
        while not socket.closed:
            await asyncio.sleep(0.5)
            now = self.state.now()
            within = self.state.subscribe_within_s
            if within is not None and not session.subscriptions and now - opened > within and not session.silent:
                await socket.close(code=4003, message=b"connection unused")
                return
            if session.socket is not socket:
                return
            if now - session.sent_at >= session.keepalive_s - 0.5 and not self.state.is_on("no_keepalive"):
                await self.send(session, frame("session_keepalive", {}))

    async def send(self, session: Session, text: str) -> None:
        socket = session.socket
        if socket is None or socket.closed or session.silent:
            return
        session.sent_at = self.state.now()
        try:
            await socket.send_str(text)
        except (ConnectionError, RuntimeError):
            self.gone(session)

    def gone(self, session: Session) -> None:
        """The session is over, and its subscriptions with it."""
        session.connected = False
        session.socket = None
        self.state.sessions.pop(session.id, None)

    # --- sending ----------------------------------------------------------------------------------

    async def notify(self, kind: str, event: dict[str, Any], version: str = "", message_id: str = "") -> int:
        """Send an event to each session that holds a subscription for it; return how many there were."""
        state, count = self.state, 0
        event = self._spoil(event)
        for session in list(state.sessions.values()):
            for sub in list(session.subscriptions.values()):
                if sub["type"] != kind or (version and sub["version"] != version):
                    continue
                text = frame(
                    "notification",
                    {"subscription": sub, "event": event},
                    message_id,
                    subscription_type=kind,
                    subscription_version=sub["version"],
                )
                for _ in range(2 if state.is_on("duplicate") else 1):
                    await self.send(session, text)
                count += 1
                state.sent[kind] += 1
        return count

    def _spoil(self, event: dict[str, Any]) -> dict[str, Any]:
        for fault in ("missing_key", "wrong_type"):
            if self.state.is_on(fault):
                del self.state.faults[fault]
                key = self.state.options[fault].get("key") or next(iter(event))
                kept = {k: v for k, v in event.items() if k != key}
                return kept if fault == "missing_key" else {**kept, key: [{"odd": 1}]}
        return event

    async def raw(self, text: str) -> None:
        for session in list(self.state.sessions.values()):
            await self.send(session, text)

    # --- misbehaving ------------------------------------------------------------------------------

    def drop(self) -> None:
        for session in list(self.state.sessions.values()):
            if session.socket is not None and session.socket._req is not None:
                transport = session.socket._req.transport
                if transport is not None:
                    linger = struct.pack("ii", 1, 0)  # a reset, not a farewell
                    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    transport.abort()
            self.gone(session)

    async def close(self, code: int = 4000) -> None:
        for session in list(self.state.sessions.values()):
            socket = session.socket
            self.gone(session)
            if socket is not None:
                await socket.close(code=code)

    def half_open(self) -> None:
        for session in self.state.sessions.values():
            session.silent = True
            if session.socket is not None:
                session.socket._autoping = False

    async def reconnect(self, *, keep_id: bool) -> None:
        for session in list(self.state.sessions.values()):
            session.moving, session.keep_id = True, keep_id
            url = f"{self.state.ws}?moving={session.id}&keepalive_timeout_seconds={int(session.keepalive_s)}"
            await self.send(session, frame("session_reconnect", session_of(session, "reconnecting", url)))

    async def revoke(self, kind: str, status: str) -> None:
        for session in list(self.state.sessions.values()):
            for key, sub in list(session.subscriptions.items()):
                if not kind or sub["type"] == kind:
                    del session.subscriptions[key]
                    gone = {**sub, "status": status}
                    meta = {"subscription_type": sub["type"], "subscription_version": sub["version"]}
                    await self.send(session, frame("revocation", {"subscription": gone}, **meta))

    def forget(self) -> None:
        for session in self.state.sessions.values():
            session.subscriptions.clear()
            self.state.subscribe_within_s = None

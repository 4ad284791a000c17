"""The voices over WebSockets: ElevenLabs, CosyVoice, MiniMax, Fish Audio."""

from __future__ import annotations

import base64
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from aiohttp import web

from tests.fakes.openai_server import RATE
from tests.fakes.voices import SocketService, running


class ElevenLabsService(SocketService):
    """Sends the letters' times with each piece, counted from the piece. ``error`` is its word for what is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.error = ""
        self.alignment: Any = None

    async def talk(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        """Read until the empty text, then speak."""
        first = await self.receive(socket)
        assert first["text"] == " "
        assert first["voice_settings"]
        text = ""
        while part := (await self.receive(socket))["text"]:
            text += part
        if self.error:
            await socket.send_json({"message": "It does not go.", "error": self.error, "code": 1008})
            await socket.close(code=1008, message=b"no")
            return
        letters = iter(text.strip())
        count = len(self.pieces()) or 1

        async def send(piece: bytes) -> None:
            part = list(itertools.islice(letters, -(-len(text) // count)))
            times = [round(n * len(piece) / 2 / RATE * 1000 / max(1, len(part))) for n in range(len(part))]
            table = {"chars": part, "charStartTimesMs": times, "charsDurationsMs": [1] * len(part)}
            alignment = table if self.alignment is None else self.alignment
            await socket.send_json({"audio": base64.b64encode(piece).decode(), "isFinal": None, "alignment": alignment})

        if await self.stream(request, socket, send):
            await socket.send_json({"audio": None, "isFinal": True, "alignment": None})


class CosyVoiceService(SocketService):
    """A task at a time. ``failure`` is the code and the words of a task that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.failure = ("", "")

    async def talk(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        """Run a task."""
        run = await self.receive(socket)
        task = run["header"]["task_id"]
        assert run["header"] == {"action": "run-task", "task_id": task, "streaming": "duplex"}
        assert run["payload"]["function"] == "SpeechSynthesizer"

        async def tell(event: str, **more: Any) -> None:
            await socket.send_json(
                {"header": {"task_id": task, "event": event, "attributes": {}} | more, "payload": {}}
            )

        if self.failure[0]:
            await tell("task-failed", error_code=self.failure[0], error_message=self.failure[1])
            return
        await tell("task-started")
        said = await self.receive(socket)
        assert said["header"]["action"] == "continue-task"
        assert said["payload"]["input"]["text"]
        assert (await self.receive(socket))["header"]["action"] == "finish-task"
        await tell("result-generated")
        if await self.stream(request, socket, socket.send_bytes):
            await tell("task-finished")


class MiniMaxService(SocketService):
    """``failure`` is the code and the words of a task that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.failure = (0, "")

    async def talk(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        """Greet, take a task, speak in hexadecimal."""
        fine = {"status_code": 0, "status_msg": "success"}
        await socket.send_json({"event": "connected_success", "base_resp": fine})
        start = await self.receive(socket)
        assert start["event"] == "task_start"
        assert start["audio_setting"]["format"] == "pcm"
        if self.failure[0]:
            told = {"status_code": self.failure[0], "status_msg": self.failure[1]}
            await socket.send_json({"event": "task_failed", "base_resp": told})
            return
        await socket.send_json({"event": "task_started", "base_resp": fine})
        assert (await self.receive(socket))["event"] == "task_continue"
        assert (await self.receive(socket)) == {"event": "task_finish"}

        async def send(piece: bytes) -> None:
            data = {"audio": piece.hex()}
            await socket.send_json({"event": "task_continued", "data": data, "is_final": False, "base_resp": fine})

        if await self.stream(request, socket, send):
            await socket.send_json({"event": "task_continued", "data": {"audio": ""}, "is_final": True})
            await socket.send_json({"event": "task_finished", "base_resp": fine})


class FishService(SocketService):
    """Speaks MessagePack. ``reason`` is how it finishes."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = "stop"
        self.raw = b""

    async def receive(self, socket: web.WebSocketResponse) -> Any:
        """Return the next event."""
        message = await socket.receive()
        if message.type is not web.WSMsgType.BINARY:
            raise EOFError
        found = msgpack.unpackb(message.data)
        self.requests.append(found)
        return found

    async def talk(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        """Read until the stop, then speak."""
        assert (await self.receive(socket))["event"] == "start"
        while (await self.receive(socket))["event"] != "stop":
            pass
        if self.raw:
            await socket.send_bytes(self.raw)

        async def send(piece: bytes) -> None:
            await socket.send_bytes(msgpack.packb({"event": "audio", "audio": piece}))

        if await self.stream(request, socket, send):
            await socket.send_bytes(msgpack.packb({"event": "finish", "reason": self.reason}))


@asynccontextmanager
async def socket_service(name: str) -> AsyncIterator[SocketService]:
    """Run the fake of a voice over a WebSocket."""
    kinds: dict[str, tuple[type[SocketService], str]] = {
        "elevenlabs": (ElevenLabsService, "/v1/text-to-speech/{voice}/stream-input"),
        "cosyvoice": (CosyVoiceService, "/api-ws/v1/inference/"),
        "minimax": (MiniMaxService, "/ws/v1/t2a_v2"),
        "fish": (FishService, "/v1/tts/live"),
    }
    kind, path = kinds[name]
    fake = kind()
    async with running(fake, [web.get(path, fake.watched(fake.connect))]):
        yield fake

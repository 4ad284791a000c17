"""OBS's WebSocket server: the protocol of obs-websocket 5 with its sign-in, two scenes, a stream and a recording.

``mode`` makes it misbehave: see `MODES`. ``answers`` overrides the answer to a request: a mapping, a function of the
request's data, or an `int`, the code of a refusal.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

PASSWORD = "open sesame"
#: A PNG of one pixel.
_DATA = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQI12P4//8/AAX+Av7czFnnAAAAAElFTkSuQmCC"
PIXEL = f"data:image/png;base64,{_DATA}"
#: No answer to requests; an answer with another's number; the connection cut in the middle of a request; a greeting of
#: an older protocol; no greeting at all; what is no JSON; JSON of another shape; answers without their fields; an
#: answer of 40 MB; a refusal of every request as "not ready".
MODES = ("hang", "wrong_id", "cut", "old", "silent", "garbage", "shape", "empty", "huge", "not_ready")
#: Which events are in which bit of eventSubscriptions; all others count as rare.
METERS = 1 << 16

Answer = Mapping[str, Any] | int | Callable[[Mapping[str, Any]], Mapping[str, Any] | int]


class ObsServer:
    """``requests`` holds what was asked, as (name, data)."""

    def __init__(self, password: str = PASSWORD) -> None:
        self.password = password
        self.mode = ""
        self.port = 0
        self.scenes = ["Starting", "Live"]
        self.scene = "Starting"
        self.streaming = self.recording = self.reconnecting = False
        self.bytes = self.frames = self.skipped = 0
        self.congestion = 0.0
        #: How long the stream takes to begin and to end after the request's return, in seconds; and whether it begins.
        self.start_s = self.stop_s = 0.02
        self.refuses_to_start = False
        #: So long after it told the end of the stream the output is still active, and a start is left out, in seconds.
        self.rests_s = 0.0
        self.disk_mb = 100_000.0
        self.picture = PIXEL
        #: Input → the peak of each of its channels, 0 to 1; sent as meters every 50 ms.
        self.levels: dict[str, list[float]] = {}
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.connections: dict[ServerConnection, int] = {}
        self.signed_in = 0
        self._rests_until = 0.0
        self._group: asyncio.TaskGroup
        self._tasks: list[asyncio.Task[None]] = []
        self._server: Any = None

    # --- what a test does with it -----------------------------------------------------------------

    async def tell(self, event: str, data: Mapping[str, Any] | None = None, intent: int = 1) -> None:
        """Send an event to all who subscribed to its kind."""
        message = json.dumps({"op": 5, "d": {"eventType": event, "eventIntent": intent, "eventData": dict(data or {})}})
        for connection, wanted in list(self.connections.items()):
            if wanted & (intent if intent == METERS else METERS - 1):
                with suppress(ConnectionClosed):
                    await connection.send(message)

    async def send_raw(self, text: str | bytes) -> None:
        """Send what is no event to all who hear events."""
        for connection, wanted in list(self.connections.items()):
            if wanted & (METERS - 1):
                with suppress(ConnectionClosed):
                    await connection.send(text)

    async def switch_by_hand(self, scene: str) -> None:
        """Change the scene as a person at the mixer does."""
        self.scene = scene
        await self.tell("CurrentProgramSceneChanged", {"sceneName": scene})

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the requests, until the server ends."""
        self._tasks.append(self._group.create_task(work))

    def cut(self) -> None:
        """Break all connections without a goodbye."""
        for connection in list(self.connections):
            connection.transport.abort()

    async def stream_state(self, state: str) -> None:
        """Tell a state of the stream, such as "STOPPED", and be in it."""
        self._rests_until = asyncio.get_running_loop().time() + self.rests_s if state == "STOPPED" else 0.0
        self.streaming = state not in ("STOPPED", "STARTING")
        self.reconnecting = state == "RECONNECTING"
        data = {"outputActive": self.streaming, "outputState": f"OBS_WEBSOCKET_OUTPUT_{state}"}
        await self.tell("StreamStateChanged", data)

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[ObsServer]:
        """Listen on a port of loopback until the block ends."""
        async with asyncio.TaskGroup() as self._group:
            self.begin(self._measure())
            async with serve(self._serve, "127.0.0.1", port, close_timeout=0.2) as self._server:
                self.port = next(iter(self._server.sockets)).getsockname()[1]
                try:
                    yield self
                finally:
                    self.cut()
                    for task in self._tasks:
                        task.cancel()

    # --- the protocol -----------------------------------------------------------------------------

    async def _serve(self, connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            if self.mode == "silent":
                await connection.wait_closed()
                return
            if self.mode == "garbage":
                await connection.send("not { json")
            salt, challenge = "c2FsdA==", "Y2hhbGxlbmdl"
            hello: dict[str, Any] = {"obsWebSocketVersion": "5.1.0", "rpcVersion": 0 if self.mode == "old" else 1}
            if self.password:
                hello["authentication"] = {"challenge": challenge, "salt": salt}
            if self.mode == "shape":
                hello = {"rpcVersion": [], "authentication": 7}
            await connection.send(json.dumps({"op": 0, "d": hello}))
            identify = json.loads(await connection.recv())["d"]
            secret = base64.b64encode(hashlib.sha256((self.password + salt).encode()).digest())
            wanted = base64.b64encode(hashlib.sha256(secret + challenge.encode()).digest()).decode()
            if self.password and identify.get("authentication") != wanted:
                await connection.close(4009, "Authentication failed.")
                return
            await connection.send(json.dumps({"op": 2, "d": {"negotiatedRpcVersion": 1}}))
            self.connections[connection] = identify.get("eventSubscriptions", 0x7FF)
            self.signed_in += 1
            try:
                async for message in connection:
                    await self._answer(connection, json.loads(message)["d"])
            finally:
                del self.connections[connection]

    async def _answer(self, connection: ServerConnection, request: dict[str, Any]) -> None:
        name, data = request["requestType"], request.get("requestData", {})
        self.requests.append((name, data))
        if self.mode == "hang":
            await connection.wait_closed()
        if self.mode == "cut":
            connection.transport.abort()
            return
        found = 207 if self.mode == "not_ready" else await self._do(name, data)
        good = not isinstance(found, int)
        reply: dict[str, Any] = {
            "requestType": name,
            "requestId": "another" if self.mode == "wrong_id" else request["requestId"],
            "requestStatus": {"result": good, "code": 100 if good else found},
        }
        if good:
            reply["responseData"] = found
        if self.mode == "huge":
            reply["responseData"] = {"obsVersion": "x" * (40 << 20)}
        if self.mode == "empty":
            reply["responseData"] = None
        await connection.send(json.dumps({"op": 7, "d": reply}))

    async def _do(self, name: str, data: dict[str, Any]) -> Mapping[str, Any] | int:
        if name in self.answers:
            answer = self.answers[name]
            return answer(data) if callable(answer) else answer
        match name:
            case "GetVersion":
                return {"obsVersion": "29.0.2", "obsWebSocketVersion": "5.1.0", "rpcVersion": 1}
            case "GetSceneList":
                scenes = [{"sceneName": one, "sceneIndex": at} for at, one in enumerate(reversed(self.scenes))]
                return {"currentProgramSceneName": self.scene, "scenes": scenes}
            case "GetCurrentProgramScene":
                return {"currentProgramSceneName": self.scene}
            case "SetCurrentProgramScene":
                if data.get("sceneName") not in self.scenes:
                    return 600
                if data["sceneName"] != self.scene:
                    await self.switch_by_hand(data["sceneName"])
            case "GetStreamStatus":
                return {
                    "outputActive": self.streaming or self._rests, "outputReconnecting": self.reconnecting,
                    "outputDuration": 1000, "outputBytes": self.bytes, "outputCongestion": self.congestion,
                    "outputSkippedFrames": self.skipped, "outputTotalFrames": self.frames,
                }  # fmt: skip
            case "GetRecordStatus":
                return {"outputActive": self.recording, "outputPaused": False}
            case "StartStream":
                if self.streaming:
                    return 500
                if not self._rests:
                    self.begin(self._start())
            case "StopStream":
                if not self.streaming:
                    return 501
                self.begin(self._stop())
            case "GetStats":
                return {"cpuUsage": 3.5, "activeFps": 30.0, "availableDiskSpace": self.disk_mb}
            case "GetSourceScreenshot":
                return {"imageData": self.picture}
        return {}

    @property
    def _rests(self) -> bool:
        return asyncio.get_running_loop().time() < self._rests_until

    async def _start(self) -> None:
        await self.stream_state("STARTING")
        await asyncio.sleep(self.start_s)
        await self.stream_state("STOPPED" if self.refuses_to_start else "STARTED")

    async def _stop(self) -> None:
        await self.stream_state("STOPPING")
        await asyncio.sleep(self.stop_s)
        await self.stream_state("STOPPED")

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            inputs = [
                {"inputName": n, "inputLevelsMul": [[p, p, p] for p in peaks]} for n, peaks in self.levels.items()
            ]
            await self.tell("InputVolumeMeters", {"inputs": inputs}, METERS)

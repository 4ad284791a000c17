"""Odd frames of the services that speak over sockets: what is sound is heard whole, what is not is told in words."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
from typing import Any

import aiohttp
import msgpack
import pytest
from aiohttp import WSMsgType, web

from bot.errors import FatalError, ProviderError, QuotaError, TransientError
from bot.runtime import providers
from bot.types import Pcm, Style
from bot.voice.wire.connection import Service, errors_of
from tests.fakes import Fake, break_off, serving
from tests.fakes.edge_server import audio, mp3, told
from tests.fakes.openai_server import RATE, tone
from tests.mind.test_contract_llm import hear

SOUND = tone(0.4)
HALF = len(SOUND) // 4 * 2
PATHS = {
    "elevenlabs": "/v1/text-to-speech/{voice}/stream-input",
    "cosyvoice": "/api-ws/v1/inference/",
    "minimax": "/ws/v1/t2a_v2",
    "fish": "/v1/tts/live",
}
#: A frame that is a number closes the socket with it; one that is None breaks the connection.
Frame = str | bytes | int | None


async def heard(name: str, frames: list[Frame], pieces: list[Pcm] | None = None) -> list[Pcm]:
    """Return what a voice makes of the frames."""
    heard = [] if pieces is None else pieces

    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for frame in frames:
            await asyncio.sleep(0)
            if frame is None:
                break_off(request)
                return socket
            if isinstance(frame, int):
                await socket.close(code=frame, message=b"because")
                return socket
            await (socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_str(frame))
        while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
            pass
        return socket

    fake, module = Fake(), providers.load("bot.voice.tts", name)
    async with serving(fake, [web.get(PATHS[name], answer)]):
        url = f"ws://127.0.0.1:{fake.port}" + (PATHS[name] if name == "cosyvoice" else "")
        async with module.connect(module.Config(base_url=url, api_key="k")) as tts, asyncio.timeout(20):
            await hear(tts.speak("Hello.", Style()), heard)
    return heard


def packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


def eleven(audio: Any, **more: Any) -> str:
    return json.dumps({"audio": audio, "isFinal": None, "alignment": None} | more)


def aligned(chars: Any, times: str) -> str:
    return f'{{"audio": "{packed(SOUND)}", "alignment": {{"chars": {chars}, "charStartTimesMs": {times}}}}}'


FINAL = json.dumps({"audio": None, "isFinal": True})
ALL = eleven(packed(SOUND))
WAV = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16) + b"data\0\0\0\0" + SOUND


def cosy(event: str, **more: Any) -> str:
    return json.dumps({"header": {"task_id": "t", "event": event} | more, "payload": {}})


def mini(event: str, **more: Any) -> str:
    return json.dumps({"event": event, "base_resp": {"status_code": 0, "status_msg": "success"}} | more)


def fish(**event: Any) -> bytes:
    return bytes(msgpack.packb(event))


BEGUN, ENDED = cosy("task-started"), cosy("task-finished")
GREETED = [mini("connected_success"), mini("task_started")]
HEX = mini("task_continued", data={"audio": SOUND.hex()})
FINISHED = mini("task_finished")
FISH, OVER = fish(event="audio", audio=SOUND), fish(event="finish", reason="stop")
WHOLE: list[tuple[str, list[Frame]]] = [
    ("elevenlabs", [eleven(packed(SOUND[:HALF]).rstrip("=")), eleven(packed(SOUND[HALF:]).rstrip("=")), FINAL]),
    ("elevenlabs", [eleven(packed(SOUND[:33]).rstrip("=")), eleven(packed(SOUND[33:])), FINAL]),
    ("elevenlabs", [eleven(base64.urlsafe_b64encode(SOUND).decode()), FINAL]),
    ("elevenlabs", [eleven(base64.encodebytes(SOUND).decode()), FINAL]),
    ("elevenlabs", [eleven(f"data:audio/pcm;base64,{packed(SOUND)}"), FINAL]),
    ("elevenlabs", [eleven(None), eleven(""), "null", "ping", "", "5", '{"x": 1}', ALL, FINAL]),
    ("elevenlabs", [f"[{ALL}]", FINAL]),
    ("elevenlabs", [ALL.encode(), FINAL]),
    ("elevenlabs", ["\ufeff" + ALL, FINAL]),
    ("elevenlabs", [eleven(packed(SOUND), isFinal=True)]),
    ("elevenlabs", [ALL, '{"is_final": true}']),
    ("elevenlabs", [aligned('["H"]', "[NaN]"), FINAL]),
    ("elevenlabs", [aligned('["H"]', "[1e999]"), FINAL]),
    ("elevenlabs", [aligned('["H"]', "[1e300]"), FINAL]),
    ("elevenlabs", [aligned('["H", null]', "[0, null]"), FINAL]),
    ("cosyvoice", [BEGUN, '{"x": 1}', '{"header": null}', '{"header": {}}', "null", "ping", b"", SOUND, ENDED]),
    ("cosyvoice", [cosy("task_started"), SOUND, cosy("task_finished")]),
    ("cosyvoice", [BEGUN, BEGUN, SOUND, ENDED]),
    ("minimax", [*GREETED, mini("x", data=None), mini("x", data="x"), "null", HEX, FINISHED]),
    ("minimax", [mini("connected_success", base_resp="ok"), mini("task_started", base_resp=None), HEX, FINISHED]),
    ("minimax", [mini("connected_success", base_resp={"status_code": "0"}), HEX, FINISHED]),
    ("minimax", [*GREETED, mini("task_continued", data={"audio": SOUND.hex().upper()}), FINISHED]),
    ("minimax", [*GREETED, mini("task_finished", data={"audio": SOUND.hex()})]),
    ("minimax", [*GREETED, mini("task_continued", data={"audio": SOUND.hex()}, is_final=True), 1000]),
    ("fish", [fish(event="audio", audio=None), fish(x=1), fish(event="log"), "{}", "hi", b"", FISH, OVER]),
    ("fish", [msgpack.packb({b"event": b"audio", b"audio": SOUND}), OVER]),
    ("fish", [msgpack.packb({1: 2, "event": "audio", "audio": SOUND}), fish(event="finish")]),
]


@pytest.mark.parametrize(("name", "frames"), WHOLE)
async def test_what_is_sound_is_heard_whole(name: str, frames: list[Frame]) -> None:
    pieces = await heard(name, frames)
    assert b"".join(pcm.data for pcm in pieces) == SOUND
    assert all(0 <= mark.at_ms < 120_000 for pcm in pieces for mark in pcm.marks)


@pytest.mark.parametrize(
    ("name", "frames", "error", "told"),
    [
        ("elevenlabs", [SOUND], TransientError, "bytes in place"),
        ("elevenlabs", [eleven(5)], TransientError, "no text, but int"),
        ("elevenlabs", [eleven(packed(b"ID3\x04" + bytes(500)))], TransientError, "MP3"),
        ("elevenlabs", [eleven(packed(b'{"error": "no credit"}'))], TransientError, "no credit"),
        ("elevenlabs", [eleven(packed(WAV))], TransientError, "WAV"),
        ("elevenlabs", ['{"error": "quota_exceeded", "message": "no"}'], QuotaError, "no"),
        ("elevenlabs", ['{"error": {"code": "quota_exceeded", "message": "no"}}'], QuotaError, "no"),
        ("elevenlabs", ['{"message": "Invalid key", "code": 401}', 1008], FatalError, "key"),
        ("elevenlabs", ["<!DOCTYPE html>", 1000], TransientError, "DOCTYPE"),
        ("elevenlabs", ['{"audio": '], TransientError, "no proper answer"),
        ("elevenlabs", ["[" * 100_000], TransientError, "no proper answer"),
        ("cosyvoice", [BEGUN, b'{"error": "no credit"}'], TransientError, "no credit"),
        ("cosyvoice", [cosy("task-failed")], TransientError, "the task failed"),
        ("minimax", [mini("task_failed", base_resp={"status_code": "1004", "status_msg": "no"})], FatalError, "key"),
        ("minimax", [mini("x", base_resp={"status_code": [1]})], TransientError, "the task failed"),
        ("minimax", [mini("task_failed", base_resp=None)], TransientError, "the task failed"),
        ("fish", [fish(event="finish", reason="error", message="no credit")], TransientError, "no credit"),
        *((name, [code], TransientError, f"closed the connection \\({code}\\): because")
          for name in PATHS for code in (1002, 1007, 1008, 1011, 1013, 4001, 4401)),
        *((name, [1000], TransientError, "no sound") for name in PATHS),
        *((name, [None], TransientError, "1006") for name in PATHS),
    ],
)  # fmt: skip
async def test_what_is_no_sound_is_told_in_words(
    name: str, frames: list[Frame], error: type[ProviderError], told: str
) -> None:
    pieces: list[Pcm] = []
    with pytest.raises(error, match=told):
        await heard(name, frames, pieces)
    assert not pieces


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("elevenlabs", [ALL]),
        ("cosyvoice", [BEGUN, SOUND]),
        ("minimax", [*GREETED, HEX]),
        ("fish", [FISH]),
    ],
)
@pytest.mark.parametrize("end", [1000, 1001, 4000, None])
async def test_a_sound_without_its_end_broke_off(name: str, frames: list[Frame], end: Frame) -> None:
    pieces: list[Pcm] = []
    with pytest.raises(TransientError):
        await heard(name, [*frames, end], pieces)
    assert b"".join(pcm.data for pcm in pieces) == SOUND


async def test_a_sound_that_does_not_end_is_cut() -> None:
    pieces: list[Pcm] = []
    with pytest.raises(TransientError, match="longer than"):
        await heard("elevenlabs", [eleven(packed(bytes(100 * RATE)))] * 4, pieces)
    assert sum(len(pcm.data) for pcm in pieces) <= 2 * RATE * 120


def test_a_pause_is_read_however_its_header_is_spelled() -> None:
    refusal = aiohttp.WSServerHandshakeError(
        None,
        (),
        status=429,
        message="no",
        headers=aiohttp.typedefs.CIMultiDict({"retry-after": "7"}),  # type: ignore[arg-type]
    )
    with pytest.raises(QuotaError) as caught, errors_of(Service("voice", "")):
        raise refusal
    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("name", ["elevenlabs", "fish"])
async def test_a_service_that_hangs_up_before_it_was_told_all_is_heard(name: str) -> None:
    for _ in range(5):
        with pytest.raises(TransientError, match="because"):
            await heard(name, [1008])


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_service_that_sends_elsewhere_is_not_followed(name: str, status: int) -> None:
    followed: list[Any] = []

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": f"{elsewhere.address}/"})

    async def follow(request: web.Request) -> web.Response:
        followed.append(dict(request.headers))
        return web.Response(status=404)

    fake, elsewhere, module = Fake(), Fake(), providers.load("bot.voice.tts", name)
    async with serving(fake, [web.get(PATHS[name], answer)]), serving(elsewhere, [web.get("/", follow)]):
        url = f"ws://127.0.0.1:{fake.port}" + (PATHS[name] if name == "cosyvoice" else "")
        async with module.connect(module.Config(base_url=url, api_key="k")) as tts:
            with pytest.raises(TransientError, match=f"the server answered {status}") as caught:
                await hear(tts.speak("Hello.", Style()), [])
    assert not followed
    assert caught.value.remedy


def edge_words(offset: str, text: str = '"Hello"') -> str:
    data = f'{{"Offset": {offset}, "Duration": 1, "text": {{"Text": {text}}}}}'
    return told("audio.metadata", f'{{"Metadata": [{{"Type": "WordBoundary", "Data": {data}}}]}}')


async def edge_heard(frames: list[Frame], patch: pytest.MonkeyPatch, pieces: list[Pcm]) -> None:
    """Keep what the voice ``edge`` makes of the frames between the beginning and the end of a turn."""

    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for frame in (told("turn.start", "{}"), *frames, told("turn.end", "{}")):
            await (socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_str(str(frame)))
        while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
            pass
        return socket

    fake, module = Fake(), providers.load("bot.voice.tts", "edge")
    async with serving(fake, [web.get("/edge/v1", answer)]), module.connect(module.Config()) as tts:
        patch.setattr("edge_tts.communicate.WSS_URL", f"ws://127.0.0.1:{fake.port}/edge/v1?TrustedClientToken=x")
        await hear(tts.speak("Hello.", Style()), pieces)


@pytest.mark.parametrize("offset", ["NaN", "1e999", "-5e9", "1" + "0" * 15])
async def test_edge_is_heard_where_a_time_cannot_be(offset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[Pcm] = []
    await edge_heard([edge_words(offset), audio(mp3(0.6))], monkeypatch, pieces)
    assert sum(len(pcm.data) for pcm in pieces) > RATE
    assert not [mark for pcm in pieces for mark in pcm.marks]


@pytest.mark.parametrize(
    "frame",
    ["hello", told("weird", "{}"), told("audio.metadata", "null"), told("audio.metadata", "[]"), b"x", b"\xff\xff",
     edge_words("null"), edge_words("0", "5"), audio(b'{"error": "x"}' * 30), audio(b"RIFF" + bytes(400))],
)  # fmt: skip
async def test_edge_tells_an_odd_answer_from_a_bad_connection(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[Pcm] = []
    with pytest.raises(TransientError, match="no proper answer"):
        await edge_heard([frame], monkeypatch, pieces)
    assert not pieces

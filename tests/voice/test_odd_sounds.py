"""What servers send in place of the sound that was asked for: it is told in words and never played as noise."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.errors import TransientError
from bot.runtime import providers
from bot.types import Pcm, Style, Tts
from bot.voice.audio.mp3 import FRAME_BYTES, Mp3
from bot.voice.wire.connection import Service
from bot.voice.wire.sound import MAX_S, Sound, no_sound
from tests.fakes import Fake, serving
from tests.fakes.edge_server import mp3
from tests.fakes.openai_server import RATE, tone

RAW = "audio/pcm"
SOUND = tone(1.0)[:9600]
PAGE = b"<!DOCTYPE html><html><body>Bad gateway</body></html>"


def chunk(name: bytes, data: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(data) if size is None else size) + data


def wav(*parts: bytes, rate: int = RATE, form: int = 1, channels: int = 1, bits: int = 16) -> bytes:
    head = struct.pack("<HHIIHH", form, channels, rate, rate * 2, 2, bits)
    body = b"WAVE" + chunk(b"fmt ", head) + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@asynccontextmanager
async def sending(body: bytes, kind: str, step: int, name: str = "openai") -> AsyncIterator[Tts]:
    """Open a voice at a server that answers with just this, ``step`` bytes at a time."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        for at in range(0, len(body), step):
            await response.write(body[at : at + step])
        return response

    fake, module = Fake(), providers.load("bot.voice.tts", name)
    async with serving(fake, [web.post("/v1/audio/speech", answer), web.post("/cognitiveservices/v1", answer)]):
        options: dict[str, Any] = {"base_url": f"{fake.address}/v1"} if name == "openai" else {"base_url": fake.address}
        async with module.connect(module.Config(api_key="sk-x", **options)) as tts:
            yield tts


async def heard(body: bytes, kind: str = RAW, step: int = 1000, name: str = "openai") -> list[Pcm]:
    async with sending(body, kind, step, name) as tts:
        return [pcm async for pcm in tts.speak("Hello.", Style())]


@pytest.mark.parametrize("name", ["openai", "azure"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no sound"),
        (b"OK", "no sound"),
        (b"\n" * 30, "text"),
        (b'{"error": {"message": "overloaded"}}', "overloaded"),
        ('{"error": "模型不存在"}'.encode(), "模型"),
        (b"\xef\xbb\xbf" + b'{"error": "overloaded"}', "overloaded"),
        (PAGE, "DOCTYPE"),
        (b"data: event stream of something\n\n", "text"),
        (b"ID3\x04\x00\x00\x00\x00\x10\x00" + mp3(1.0), "MP3"),
        (b"ID3\x04\x00\x00\x00\x40\x00\x00" + bytes(1 << 20) + mp3(1.0), "MP3"),
        (mp3(1.0), "MP3"),
        (b"OggS" + bytes(100), "Ogg"),
        (b"fLaC" + bytes(100), "FLAC"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(100), "MP4"),
        (b"RIFX" + bytes(100), "WAV"),
        (b"\x1f\x8b\x08\x00" + bytes(100), "compressed"),
    ],
)
async def test_what_is_no_sound_is_told_whatever_it_is_called(name: str, body: bytes, words: str) -> None:
    for step in (1000, 7):
        with pytest.raises(TransientError, match=words):
            await heard(body, step=step if len(body) < 10_000 else 65_536, name=name)


@pytest.mark.parametrize(
    ("body", "rate"),
    [
        (SOUND, RATE),
        (wav(chunk(b"data", SOUND)), RATE),
        (wav(chunk(b"data", SOUND, 0)), RATE),
        (wav(chunk(b"data", SOUND, 0xFFFF_FFFF)), RATE),
        (wav(chunk(b"data", SOUND, 0x7FFF_FFDB)), RATE),
        (wav(chunk(b"data", SOUND, 2 * RATE * MAX_S + 2)), RATE),
        (wav(chunk(b"data", SOUND, 36)), RATE),
        (wav(chunk(b"LIST", bytes(9000)), chunk(b"data", SOUND)), RATE),
        (wav(chunk(b"data", SOUND), chunk(b"LIST", b"INFOISFT....Lavf60")), RATE),
        (wav(chunk(b"data", SOUND), b"\0", chunk(b"id3 ", b"ID3" + b"x" * 999)), RATE),
        (wav(chunk(b"data", SOUND), rate=44_100), 44_100),
        (wav(chunk(b"data", SOUND), rate=8000), 8000),
        (wav(chunk(b"data", SOUND), form=0xFFFE), RATE),
        (b"RIFF\xff\xff\xff\xff" + wav(chunk(b"data", SOUND))[8:], RATE),
        (wav(chunk(b"data", SOUND[:4800])) + wav(chunk(b"data", SOUND[4800:])), RATE),
        (wav(chunk(b"data", SOUND[:4800])) + wav(chunk(b"LIST", bytes(98)), chunk(b"data", SOUND[4800:], 0)), RATE),
    ],
    ids=["raw", "wav", "no length", "no end", "no end either", "too long to be true", "too short to be true",
         "long comments", "comments behind", "a tag behind", "44.1 kHz", "8 kHz", "extensible", "no size", "two files",
         "a second file without a length"],
)  # fmt: skip
@pytest.mark.parametrize("step", [1, 1000, 100_000])
async def test_every_sample_is_heard_and_nothing_else(body: bytes, rate: int, step: int) -> None:
    pieces = await heard(body, step=step)
    assert b"".join(pcm.data for pcm in pieces) == SOUND
    assert {pcm.rate for pcm in pieces} == {rate}


@pytest.mark.parametrize(
    "body",
    [
        wav(chunk(b"data", SOUND), channels=2),
        wav(chunk(b"data", SOUND), bits=8),
        wav(chunk(b"data", SOUND), form=3, bits=32),
        wav(chunk(b"data", SOUND), form=0x55),
        wav(chunk(b"data", SOUND), rate=0),
        wav(chunk(b"data", SOUND), rate=192_000),
        wav(chunk(b"LIST", bytes(1 << 20)), chunk(b"data", SOUND)),
        wav(chunk(b"LIST", b"", 0xFFFF_FFFF), bytes(40_000)),
        wav(chunk(b"data", SOUND[:100], len(SOUND))),
        wav(),
        wav(chunk(b"data", SOUND)) + wav(chunk(b"data", SOUND), rate=8000),
        wav(chunk(b"data", b"")),
        b"RIFF",
    ],
    ids=["stereo", "8 bits", "floats", "packed", "no rate", "a high rate", "endless comments", "a chunk without end",
         "broken off", "no sound", "another rate behind", "an empty sound", "a name"],
)  # fmt: skip
async def test_a_file_that_cannot_be_played_is_no_sound(body: bytes) -> None:
    with pytest.raises(TransientError):
        await heard(body, "audio/wav")


@pytest.mark.parametrize("value", [0, 1, -1, 200, -1025, 8224, 32_767])
def test_samples_are_not_taken_for_something_else(value: int) -> None:
    wave = struct.pack("<h", value) + b"".join(struct.pack("<h", (value + 97 * n) % 3000 - 1500) for n in range(400))
    assert not no_sound(wave)
    assert not no_sound(bytes(100))
    assert not no_sound(SOUND)


@pytest.mark.parametrize("step", [1, 14, 100, 5000])
def test_an_mp3_file_is_told_however_it_is_cut(step: int) -> None:
    data, sound = mp3(1.0), Sound(Service("voice", ""), RATE)
    with pytest.raises(TransientError, match="MP3"):
        # Nothing of it may be played before.
        assert not any(sound.add(data[at : at + step]) for at in range(0, len(data), step))


@pytest.mark.parametrize("size", [0, 10, 300, 1 << 20])
@pytest.mark.parametrize("step", [1, 100, 5000])
def test_a_tag_before_the_frames_is_left_out(size: int, step: int) -> None:
    length = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    if size >= 1 << 20:
        step = max(step, 5000)
    frames = mp3(0.5)
    assert len(frames) % FRAME_BYTES == 0
    data = b"ID3\x04\x00\x00" + length + b"\xff" * size + frames
    decoder, plain = Mp3(), Mp3()
    out = b"".join(decoder.decode(data[at : at + step]) for at in range(0, len(data), step))
    assert len(out) == len(plain.decode(frames))


@pytest.mark.parametrize("name", ["gpt_sovits", "voicevox"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "tts failed"}', "tts failed"),
        (PAGE, "DOCTYPE"),
        (mp3(1.0), "MP3"),
        (b"\x1f\x8b\x08\x00" + bytes(100), "compressed"),
        (b"", "no sound"),
        (b"RIFF\0\0", "no sound"),
        (wav(chunk(b"data", SOUND), channels=2), "2 channels"),
    ],
)
async def test_what_is_no_wav_file_is_told(name: str, body: bytes, words: str, tmp_path: Path) -> None:
    async with sending_wav(name, body, 200, tmp_path) as tts:
        with pytest.raises(TransientError, match=words):
            [pcm async for pcm in tts.speak("こんにちは。", Style("ja"))]


@pytest.mark.parametrize("name", ["gpt_sovits", "voicevox"])
async def test_sound_with_another_success_is_heard(name: str, tmp_path: Path) -> None:
    async with sending_wav(name, wav(chunk(b"data", SOUND)), 201, tmp_path) as tts:
        assert b"".join([pcm.data async for pcm in tts.speak("こんにちは。", Style("ja"))]) == SOUND


@pytest.mark.parametrize("body", [b"[" * 4096, b"\x00\xff" * 99, b'{"message": {"message": "no\x1b[2J"}}'])
async def test_the_words_of_a_refusal_can_be_shown(body: bytes, tmp_path: Path) -> None:
    async with sending_wav("gpt_sovits", body, 400, tmp_path) as tts:
        with pytest.raises(TransientError, match="the server answered 400") as caught:
            [pcm async for pcm in tts.speak("hi", Style())]
    assert str(caught.value).isprintable()


@asynccontextmanager
async def sending_wav(name: str, body: bytes, status: int, folder: Path) -> AsyncIterator[Tts]:
    """Open a voice that wants a WAV file, at a server that answers with just this."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type="audio/wav")

    async def query(_: web.Request) -> web.Response:
        return web.json_response({"accent_phrases": []})

    (folder / "calm.wav").write_bytes(b"RIFF")
    options: dict[str, Any] = {"clips": {"neutral": {"file": folder / "calm.wav"}}} if name == "gpt_sovits" else {}
    fake, module = Fake(), providers.load("bot.voice.tts", name)
    routes = [web.post("/audio_query", query), web.post("/synthesis", answer), web.post("/tts", answer)]
    async with serving(fake, routes), module.connect(module.Config(base_url=fake.address, **options)) as tts:
        yield tts

"""What every voice must do, run against each file of ``bot/voice/tts``."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import miniaudio
import pytest

from bot.errors import ConfigError, FatalError, ProviderError, QuotaError, TransientError
from bot.runtime import providers
from bot.types import Emotion, MouthShape, Pcm, Style, Tts
from bot.voice.audio.mp3 import Mp3
from bot.weights import catalog
from tests.fakes import RETRY_AFTER_S, Fake
from tests.fakes.edge_server import WORD_S, edge_server, mp3
from tests.fakes.openai_server import RATE, openai_server, tone
from tests.fakes.voices.http import http_service
from tests.fakes.voices.sockets import socket_service
from tests.mind.test_contract_llm import assert_options, hear

PACKAGE = "bot.voice.tts"
KEY = "sk-very-secret"
TEXT = "Hello there, chat! How are you?"
LONG = " ".join([TEXT] * 8)
SOCKETS = ("elevenlabs", "cosyvoice", "minimax", "fish")
HTTP = ("azure", "gpt_sovits", "voicevox")
SERVED = ("openai", "edge", *SOCKETS, *HTTP)
LOCAL = ("hibari", "kokoro")
EVERY = (*SERVED, *(pytest.param(name, marks=pytest.mark.model) for name in LOCAL))


@dataclass
class Rig:
    """A voice and what it talks to; ``fake`` is None for those that bring their model along."""

    tts: Tts
    fake: Fake | None


@asynccontextmanager
async def opened(name: str, request: pytest.FixtureRequest, **options: Any) -> AsyncIterator[Rig]:
    module = providers.load(PACKAGE, name)
    if name == "openai":
        async with openai_server() as fake:
            config = {"base_url": f"{fake.address}/v1", "model": "m", "api_key": KEY} | options
            async with module.connect(module.Config(**config)) as tts:
                yield Rig(tts, fake)
    elif name == "edge":
        patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        async with edge_server() as service, module.connect(module.Config(**options)) as tts:
            patch.setattr("edge_tts.communicate.WSS_URL", service.url)
            yield Rig(tts, service)
    elif name in SOCKETS:
        async with socket_service(name) as speaker:
            path = "/api-ws/v1/inference/" if name == "cosyvoice" else ""
            config = {"base_url": speaker.socket_address + path, "api_key": KEY} | options
            async with module.connect(module.Config(**config)) as tts:
                yield Rig(tts, speaker)
    elif name in HTTP:
        async with http_service(name) as speaker:
            clip = request.getfixturevalue("tmp_path") / "calm.wav"
            clip.write_bytes(b"RIFF")
            needed: dict[str, Any] = {"azure": {"api_key": KEY}, "gpt_sovits": {"clips": {"neutral": {"file": clip}}}}
            config = {"base_url": speaker.address} | needed.get(name, {}) | options
            async with module.connect(module.Config(**config)) as tts:
                yield Rig(tts, speaker)
    else:
        if name == "kokoro":
            options["model"] = await catalog.pull("kokoro", request.getfixturevalue("models_root"))
        async with module.connect(module.Config(**options)) as tts:
            yield Rig(tts, None)


async def collect(tts: Tts, text: str = TEXT, style: Style | None = None) -> list[Pcm]:
    return [pcm async for pcm in tts.speak(text, style or Style())]


def seconds(pieces: list[Pcm]) -> float:
    return sum(len(pcm.data) / 2 / pcm.rate for pcm in pieces)


def test_every_provider_is_under_contract() -> None:
    assert set(providers.available(PACKAGE)) == {*SERVED, *LOCAL, "piper"}


@pytest.mark.parametrize("name", EVERY)
async def test_streams_whole_samples_at_one_rate(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        pieces = await collect(rig.tts, LONG if name in LOCAL else TEXT)
    assert len(pieces) > 1
    assert {pcm.rate for pcm in pieces} == {24_000}
    assert all(pcm.data and len(pcm.data) % 2 == 0 for pcm in pieces)
    assert seconds(pieces) > 0.9
    loudest = max(abs(sample) for pcm in pieces for (sample,) in struct.iter_unpack("<h", pcm.data))
    assert loudest > 1000


@pytest.mark.parametrize("name", EVERY)
async def test_cancelling_ends_at_once_and_stops_the_synthesis(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        if rig.fake:
            rig.fake.mode = "stall"
        started = asyncio.Event()

        async def listen() -> None:
            async for _ in rig.tts.speak(LONG, Style()):
                started.set()

        task = asyncio.create_task(listen())
        async with asyncio.timeout(10):
            await started.wait()
        if rig.fake is None:
            await asyncio.sleep(0.005)  # the next piece is being made
        began = time.perf_counter()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.perf_counter() - began < 0.1
        await assert_stopped(rig)


@pytest.mark.parametrize("name", EVERY)
async def test_closing_the_stream_stops_the_synthesis(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        if rig.fake:
            rig.fake.mode = "stall"
        async with aclosing(cast("Any", rig.tts.speak(LONG, Style()))) as stream:
            await anext(stream)
            began = time.perf_counter()
        assert time.perf_counter() - began < 0.1
        await assert_stopped(rig)


async def assert_stopped(rig: Rig) -> None:
    if rig.fake:
        async with asyncio.timeout(0.5):
            await rig.fake.gone.wait()
        return
    began = time.perf_counter()
    async with aclosing(cast("Any", rig.tts.speak("Hi.", Style()))) as stream:
        await anext(stream)
    # All sixteen sentences would take Kokoro five seconds or more.
    assert time.perf_counter() - began < 1.5


@pytest.mark.parametrize("name", EVERY)
async def test_check_is_good_when_it_speaks(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        health = await rig.tts.check()
    assert health.ok, health


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize(
    ("mode", "error", "sounds"),
    [
        ("hang", TransientError, False),
        ("stall", TransientError, True),
        ("401", FatalError, False),
        ("429", QuotaError, False),
        ("500", TransientError, False),
        ("cut", TransientError, True),
        ("short", TransientError, True),
        ("garbage", TransientError, False),
        ("empty", TransientError, False),
        ("endless", TransientError, True),
    ],
)
async def test_maps_each_failure(
    name: str, mode: str, error: type[ProviderError], sounds: bool, request: pytest.FixtureRequest
) -> None:
    pieces: list[Pcm] = []
    async with opened(name, request, timeout_s=0.3) as rig:
        assert rig.fake
        rig.fake.mode = mode
        with pytest.raises(ProviderError) as caught:
            await hear(rig.tts.speak(TEXT, Style()), pieces)
        health = await rig.tts.check()
    assert type(caught.value) is error, caught.value
    assert caught.value.provider == name
    assert bool(pieces) is sounds
    assert seconds(pieces) <= 121
    assert not health.ok
    assert KEY not in str(caught.value) + caught.value.remedy + health.detail
    if error is FatalError:
        assert caught.value.remedy
    if error is QuotaError:
        assert cast("QuotaError", caught.value).retry_after_s == RETRY_AFTER_S


@pytest.mark.parametrize("name", SERVED)
async def test_late_sound_is_still_sound(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        assert rig.fake
        rig.fake.mode = "slow"
        assert seconds(await collect(rig.tts)) > 0.9


@pytest.mark.parametrize("name", providers.available(PACKAGE))
def test_options_are_strict_and_documented(name: str) -> None:
    assert_options(PACKAGE, name)


async def test_openai_passes_every_sample_on_unchanged(request: pytest.FixtureRequest) -> None:
    async with opened("openai", request) as rig:
        fake = cast("Any", rig.fake)
        assert b"".join(pcm.data for pcm in await collect(rig.tts)) == tone(1.0)
        fake.format = "wav"
        pieces = await collect(rig.tts)
        assert b"".join(pcm.data for pcm in pieces) == tone(1.0)
        assert {pcm.rate for pcm in pieces} == {RATE}


async def test_openai_refuses_what_is_no_raw_sound(request: pytest.FixtureRequest) -> None:
    async with opened("openai", request) as rig:
        cast("Any", rig.fake).format = "mp3"
        with pytest.raises(TransientError, match="audio/mpeg") as caught:
            await collect(rig.tts)
    assert caught.value.remedy


@pytest.mark.parametrize("mode", ["cut", "short"])
async def test_openai_notices_a_wav_file_that_breaks_off(mode: str, request: pytest.FixtureRequest) -> None:
    async with opened("openai", request) as rig:
        fake = cast("Any", rig.fake)
        fake.format, fake.mode = "wav", mode
        with pytest.raises(TransientError):
            await collect(rig.tts)


async def test_openai_sends_what_is_set(request: pytest.FixtureRequest) -> None:
    options: dict[str, Any] = {
        "voices": {"zh": "nova"},
        "instructions": "Sound {emotion}.",
        "extra_body": {"seed": 1},
        "languages": ["en", "zh"],
        "speed": 1.2,
    }
    async with opened("openai", request, **options) as rig:
        fake = cast("Any", rig.fake)
        await collect(rig.tts, "你好", Style("zh", Emotion.JOY))
        await collect(rig.tts, "hi", Style("en", speed=0.5))
        chinese, english = fake.requests
        assert rig.tts.languages == {"en", "zh"}
        assert fake.headers[-1]["Authorization"] == f"Bearer {KEY}"
    assert chinese | {"speed": 0} == {
        "model": "m",
        "input": "你好",
        "voice": "nova",
        "response_format": "pcm",
        "speed": 0,
        "instructions": "Sound joy.",
        "seed": 1,
    }
    assert chinese["speed"] == pytest.approx(1.26)
    assert english["voice"] == "alloy"
    assert english["speed"] == pytest.approx(0.6)


async def test_openai_takes_a_new_connection_when_the_kept_one_was_closed(request: pytest.FixtureRequest) -> None:
    async with opened("openai", request) as rig:
        await collect(rig.tts)
        session = cast("Any", rig.tts)._session
        calls = 0
        post = session.post

        async def once_broken(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise aiohttp.ServerDisconnectedError
            return await post(*args, **kwargs)

        session.post = once_broken
        assert seconds(await collect(rig.tts)) > 0.9
    assert calls == 2


async def test_edge_marks_the_words(request: pytest.FixtureRequest) -> None:
    async with opened("edge", request) as rig:
        pieces = await collect(rig.tts, "你好 chat, 你好!")
    marks = [mark for pcm in pieces for mark in pcm.marks]
    assert [(mark.at_ms, mark.chars) for mark in marks] == [(0, 0), (300, 3), (600, 9)]
    assert seconds(pieces) == pytest.approx(3 * WORD_S, abs=0.1)


async def test_edge_speaks_each_language_with_its_voice_and_feeling(request: pytest.FixtureRequest) -> None:
    options = {"voices": {"ja": "ja-JP-KeitaNeural"}, "speed": 1.1, "pitch_hz": 5}
    async with opened("edge", request, **options) as rig:
        for style in (
            Style("en"),
            Style("zh", Emotion.SAD),
            Style("ja", voice="af_heart"),
            Style("en", voice="en-GB-SoniaNeural"),
        ):
            await collect(rig.tts, "hi & <b>", style)
        assert rig.fake
        english, sad, japanese, named = rig.fake.requests
    assert "(en-US, AvaNeural)" in english
    assert "rate='+10%'" in english
    assert "pitch='+5Hz'" in english
    assert "hi &amp; &lt;b&gt;" in english
    assert "(zh-CN, XiaoyiNeural)" in sad
    assert "rate='+1%'" in sad
    assert "pitch='-5Hz'" in sad
    assert "(ja-JP, KeitaNeural)" in japanese
    assert "(en-GB, SoniaNeural)" in named


async def test_edge_splits_a_long_text_and_keeps_its_marks_in_order(request: pytest.FixtureRequest) -> None:
    text = "One two three four. " * 80
    async with opened("edge", request) as rig:
        marks = [m for pcm in await collect(rig.tts, text) for m in pcm.marks]
        assert rig.fake
        assert len(rig.fake.requests) == 2
    assert len(marks) == 320
    assert [m.chars for m in marks] == sorted({m.chars for m in marks})
    assert [m.at_ms for m in marks] == sorted(m.at_ms for m in marks)


def test_mp3_decoded_in_pieces_equals_mp3_decoded_whole() -> None:
    sound = mp3(2.0)
    whole = miniaudio.mp3_read_s16(sound).samples.tobytes()
    for step in (1, 100, 144, 770, 5000):
        decoder = Mp3()
        pieces = b"".join(decoder.decode(sound[at : at + step]) for at in range(0, len(sound), step))
        assert pieces == whole[: len(pieces)]
        assert len(pieces) == len(sound) // 144 * 576 * 2


@pytest.mark.parametrize("data", [b"\0" * 144, b"\xff\xff" + b"\x55" * 142, b"<html>" + b" " * 300])
def test_mp3_refuses_what_is_no_mp3(data: bytes) -> None:
    with pytest.raises(ValueError, match="sound"):
        Mp3().decode(data)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("hibari", {"voices": {"en": "nobody"}}),
        ("kokoro", {}),
    ],
)
async def test_a_wrong_setting_says_what_to_do(name: str, options: dict[str, Any]) -> None:
    module = providers.load(PACKAGE, name)
    with pytest.raises(ConfigError) as caught:
        async with module.connect(module.Config(**options)):
            pass
    assert caught.value.remedy


async def test_a_voice_that_is_not_here_is_never_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    module = providers.load(PACKAGE, "hibari")
    with pytest.raises(FatalError) as caught:
        async with module.connect(module.Config(voices={"en": "emma"})):
            pass
    assert "emma" in caught.value.remedy


async def test_a_damaged_kokoro_folder_is_fatal(tmp_path: Any) -> None:
    (tmp_path / "kokoro-v1.0.int8.onnx").write_bytes(b"no model")
    module = providers.load(PACKAGE, "kokoro")
    with pytest.raises(FatalError) as caught:
        async with module.connect(module.Config(model=tmp_path)):
            pass
    assert caught.value.remedy


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.model) for name in LOCAL])
async def test_a_voice_of_this_machine_marks_words_and_shapes(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        pieces = await collect(rig.tts)
    marks = [mark for pcm in pieces for mark in pcm.marks]
    assert [TEXT[mark.chars :].split(maxsplit=1)[0] for mark in marks] == TEXT.split()
    visemes = [viseme for pcm in pieces for viseme in pcm.visemes]
    assert {viseme.shape for viseme in visemes} > {MouthShape.AA, MouthShape.OH, MouthShape.OU, MouthShape.REST}
    for times in ([mark.at_ms for mark in marks], [viseme.at_ms for viseme in visemes]):
        assert times == sorted(set(times))
        assert times[-1] <= seconds(pieces) * 1000
    begun = 0.0
    for pcm in pieces:  # what a piece says of itself is not of another one
        assert all(begun * 1000 - 1 <= mark.at_ms <= (begun + seconds([pcm])) * 1000 + 1 for mark in pcm.marks)
        begun += seconds([pcm])


@pytest.mark.model
async def test_a_model_that_does_not_tell_its_lengths_speaks_without_marks(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.voice.tts.hibari.LENGTHS", "/of/another/version")
    async with opened("hibari", request) as rig:
        pieces = await collect(rig.tts)
    assert seconds(pieces) > 0.9
    assert not any(pcm.marks or pcm.visemes for pcm in pieces)

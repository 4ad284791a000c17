"""What every recogniser must do, run against each file of ``bot/hearing/asr``."""

from __future__ import annotations

import asyncio
import importlib
import io
import sys
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from bot.errors import ConfigError, FatalError, ProviderError, QuotaError, TransientError
from bot.hearing.speech import RATE, Asr, Hints, Samples, SpeechPiece, Transcript
from bot.hearing.utterance.recognition import Pieces
from bot.runtime import providers
from bot.weights import catalog
from tests.fakes import RETRY_AFTER_S, Fake, sherpa
from tests.fakes.azure_speech import azure_speech
from tests.fakes.openai_server import openai_server
from tests.mind.test_contract_llm import assert_options
from tests.support.hearing import silence, voice

PACKAGE = "bot.hearing.asr"
KEY = "sk-very-secret"
NONE = Hints()
SERVED = ("openai", "azure")
#: Each as it is configured; openai in its three manners, sherpa-onnx with its kinds of models.
QUICK = (
    *("openai", "openai:json", "openai:whisper-1", "azure"),
    *("sherpa_onnx:sense_voice", "sherpa_onnx:paraformer", "sherpa_onnx:zipformer"),
)
EVERY = (*QUICK, pytest.param("faster_whisper", marks=pytest.mark.model))


@dataclass
class Rig:
    """A recogniser and what it talks to; ``fake`` is None for those that bring their model along."""

    asr: Asr
    fake: Fake | None


@pytest.fixture
def sherpa_module(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = sherpa.module()
    monkeypatch.setitem(sys.modules, "sherpa_onnx", made)
    monkeypatch.delitem(sys.modules, f"{PACKAGE}.sherpa_onnx", raising=False)
    yield made
    sys.modules.pop(f"{PACKAGE}.sherpa_onnx", None)


def model_folder(root: Path, kind: str) -> Path:
    folder = root / f"sherpa-onnx-{kind}-2026"
    folder.mkdir(exist_ok=True)
    files = ("encoder", "decoder", "joiner") if kind == "zipformer" else ("model",)
    for name in ("tokens.txt", *(f"{file}{end}" for file in files for end in (".onnx", ".int8.onnx"))):
        (folder / name).write_bytes(b"")
    return folder


@asynccontextmanager
async def opened(name: str, request: pytest.FixtureRequest, **options: Any) -> AsyncIterator[Rig]:
    name, _, kind = name.partition(":")
    async with AsyncExitStack() as stack:
        fake: Any = None
        if name == "openai":
            fake = await stack.enter_async_context(openai_server())
            options = {"base_url": f"{fake.address}/v1", "api_key": KEY} | options
            options |= {"answer": "json"} if kind == "json" else {"model": kind} if kind else {}
        elif name == "azure":
            fake = await stack.enter_async_context(azure_speech())
            options = {"base_url": fake.address, "api_key": KEY} | options
        elif name == "sherpa_onnx":
            request.getfixturevalue("sherpa_module")
            options["model"] = model_folder(request.getfixturevalue("tmp_path"), kind)
        else:
            options["model"] = await catalog.pull("whisper-base", request.getfixturevalue("models_root"))
        module = providers.load(PACKAGE, name)
        yield Rig(await stack.enter_async_context(module.connect(module.Config(**options))), fake)


async def hear(asr: Asr, *pieces: SpeechPiece, hints: Hints = NONE) -> list[Transcript]:
    given = Pieces()
    for piece in pieces:
        given.put(piece.samples, pause=piece.pause, partial=piece.partial)
    given.end()
    async with aclosing(cast("Any", asr.hear(given, hints))) as transcripts:
        return [transcript async for transcript in transcripts]


def spoken(name: str) -> Samples:
    if name == "faster_whisper":
        return sentence()
    return np.concatenate((voice(0.6), silence(0.2)))


def sentence() -> Samples:
    """ "Hello there, chat" by the built-in English voice."""
    from hibari import Hibari  # noqa: PLC0415 - of an extra

    sound = np.asarray(Hibari()("Hello there, my dear friends."), np.float32)
    at = np.arange(0, sound.size, 1.5)
    return np.interp(at, np.arange(sound.size), sound).astype(np.float32)


def test_every_provider_is_under_contract() -> None:
    found = {param.values[0] if hasattr(param, "values") else param for param in EVERY}
    assert {str(name).partition(":")[0] for name in found} == set(providers.available(PACKAGE))


@pytest.mark.parametrize("name", EVERY)
async def test_the_whole_is_told_when_the_speech_is_over(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        sound = spoken(name)
        heard = await hear(rig.asr, SpeechPiece(sound))
    assert heard[-1].text.lower().startswith("hello")
    assert heard[-1].upto_s == pytest.approx(sound.size / RATE)
    assert 0 < heard[-1].confidence <= 1
    assert heard[-1].no_speech < 0.5


@pytest.mark.parametrize("name", EVERY)
async def test_a_pause_is_answered_at_once_and_is_the_last_word(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig, asyncio.timeout(20):
        sound, given = spoken(name), Pieces()
        stream = cast("Any", rig.asr.hear(given, Hints()))
        async with aclosing(stream):
            given.put(sound)
            given.put(np.zeros(0, np.float32), pause=True)
            heard = await anext(stream)
            while heard.upto_s == 0:
                heard = await anext(stream)
            assert heard.upto_s == pytest.approx(sound.size / RATE)
            given.end()
            assert [more async for more in stream] == []
        assert rig.fake is None or len(rig.fake.requests) == 1


@pytest.mark.parametrize("name", QUICK)
async def test_speech_that_goes_on_after_a_pause_is_recognised_as_a_whole(
    name: str, request: pytest.FixtureRequest
) -> None:
    async with opened(name, request) as rig, asyncio.timeout(10):
        given = Pieces()
        stream = cast("Any", rig.asr.hear(given, Hints()))
        async with aclosing(stream):
            given.put(spoken(name), pause=True)
            while (await anext(stream)).upto_s == 0:
                pass
            given.put(spoken(name))
            given.end()
            heard = [more async for more in stream]
    assert heard[-1].upto_s == pytest.approx(2 * spoken(name).size / RATE)
    if rig.fake is None:
        assert heard[-1].text == "hello chat how are"


@pytest.mark.parametrize("name", EVERY)
async def test_nothing_is_said_of_no_sound(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        assert await hear(rig.asr) == []


@pytest.mark.parametrize("name", EVERY)
async def test_check_is_good_when_it_works(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        health = await rig.asr.check()
    assert health.ok, health


@pytest.mark.parametrize("name", SERVED)
async def test_closing_the_stream_ends_the_request(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        assert rig.fake
        rig.fake.mode = "hang"
        given = Pieces()
        given.put(spoken(name), pause=True)

        async def listen() -> None:
            async for _ in rig.asr.hear(given, Hints()):
                pass

        task = asyncio.create_task(listen())
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(2):
            await rig.fake.gone.wait()


@pytest.mark.parametrize("name", ["openai", "openai:whisper-1", "azure"])
@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("hang", TransientError),
        ("401", FatalError),
        ("404", FatalError),
        ("429", QuotaError),
        ("500", TransientError),
        ("cut", TransientError),
        ("garbage", TransientError),
        ("shape", TransientError),
        ("empty", TransientError),
        ("huge", TransientError),
    ],
)
async def test_maps_each_failure(
    name: str, mode: str, error: type[ProviderError], request: pytest.FixtureRequest
) -> None:
    async with opened(name, request, timeout_s=0.3) as rig:
        assert rig.fake
        rig.fake.mode = mode
        with pytest.raises(ProviderError) as caught:
            await hear(rig.asr, SpeechPiece(spoken(name)))
        health = await rig.asr.check()
    assert type(caught.value) is error, caught.value
    assert caught.value.provider == name.partition(":")[0]
    assert not health.ok
    assert KEY not in str(caught.value) + caught.value.remedy + health.detail
    if error is FatalError:
        assert caught.value.remedy
    if error is QuotaError:
        assert cast("QuotaError", caught.value).retry_after_s == RETRY_AFTER_S


@pytest.mark.parametrize("mode", ["short", "stall", "endless"])
async def test_a_streamed_text_that_does_not_end_properly_is_a_failure(
    mode: str, request: pytest.FixtureRequest
) -> None:
    async with opened("openai", request, timeout_s=0.3) as rig:
        assert rig.fake
        rig.fake.mode = mode
        with pytest.raises(TransientError):
            await hear(rig.asr, SpeechPiece(spoken("openai")))


@pytest.mark.parametrize("name", SERVED)
async def test_a_late_text_is_still_a_text(name: str, request: pytest.FixtureRequest) -> None:
    async with opened(name, request) as rig:
        assert rig.fake
        rig.fake.mode = "slow"
        assert (await hear(rig.asr, SpeechPiece(spoken(name))))[-1].text == "Hello chat"


@pytest.mark.parametrize("name", ["openai", "azure", "faster_whisper"])
def test_options_are_strict_and_documented(name: str) -> None:
    assert_options(PACKAGE, name)


def test_sherpas_options_are_strict_and_documented(sherpa_module: Any) -> None:
    assert_options(PACKAGE, "sherpa_onnx")


def samples_of(file: bytes) -> tuple[int, int, Any]:
    with wave.open(io.BytesIO(file)) as sound:
        return sound.getframerate(), sound.getnchannels(), np.frombuffer(sound.readframes(1 << 24), "<i2")


@pytest.mark.parametrize("name", SERVED)
async def test_the_sound_arrives_as_it_is_and_what_is_no_number_as_silence(
    name: str, request: pytest.FixtureRequest
) -> None:
    sound = np.concatenate((voice(0.32, 0.5), voice(0.32, 7.0), voice(0.32, float("nan"))))
    async with opened(name, request) as rig:
        await hear(rig.asr, SpeechPiece(sound))
        assert rig.fake
        rate, channels, got = samples_of(rig.fake.requests[0]["file"])
    assert (rate, channels, got.size) == (RATE, 1, sound.size)
    third = sound.size // 3
    assert set(got[:third]) == {16383}
    assert set(got[third : 2 * third]) == {32767}
    assert set(got[2 * third :]) == {0}


async def test_openai_gets_the_hints_and_the_key(request: pytest.FixtureRequest) -> None:
    async with opened("openai", request) as rig:
        await hear(rig.asr, SpeechPiece(spoken("openai")), hints=Hints(("Mira", "小葵"), ("zh",)))
        fake = cast("Any", rig.fake)
    sent = fake.requests[-1]
    assert (sent["prompt"], sent["language"], sent["stream"]) == ("Mira, 小葵", "zh", "true")
    assert sent["include[]"] == "logprobs"
    assert fake.headers[-1]["Authorization"] == f"Bearer {KEY}"


async def test_openai_tells_growing_texts_and_its_confidence(request: pytest.FixtureRequest) -> None:
    async with opened("openai", request) as rig:
        heard = await hear(rig.asr, SpeechPiece(spoken("openai")))
    assert [(one.text, one.upto_s > 0) for one in heard] == [
        ("Hello", False),
        ("Hello chat", False),
        ("Hello chat", True),
    ]
    assert heard[-1].confidence == pytest.approx(np.exp(-0.2))


async def test_openai_reads_the_doubt_and_the_language_of_whisper(request: pytest.FixtureRequest) -> None:
    async with opened("openai:whisper-1", request) as rig:
        cast("Any", rig.fake).no_speech = 0.7
        (heard,) = await hear(rig.asr, SpeechPiece(spoken("openai")))
    assert (heard.no_speech, heard.language) == (0.7, "en")
    assert heard.confidence == pytest.approx(np.exp(-0.2))


async def test_azure_is_told_key_language_and_format(request: pytest.FixtureRequest) -> None:
    async with opened("azure", request) as rig:
        (heard,) = await hear(rig.asr, SpeechPiece(spoken("azure")), hints=Hints((), ("zh", "en")))
        fake = cast("Any", rig.fake)
    assert fake.queries[-1] == {"language": "zh-CN", "format": "detailed", "profanity": "raw"}
    assert fake.headers[-1]["Ocp-Apim-Subscription-Key"] == KEY
    assert (heard.language, heard.confidence) == ("zh", 0.87)


@pytest.mark.parametrize("status", ["NoMatch", "InitialSilenceTimeout", "BabbleTimeout"])
async def test_azure_hears_nobody(status: str, request: pytest.FixtureRequest) -> None:
    async with opened("azure", request) as rig:
        cast("Any", rig.fake).status = status
        (heard,) = await hear(rig.asr, SpeechPiece(spoken("azure")))
    assert (heard.text, heard.no_speech) == ("", 1.0)


@pytest.mark.parametrize("sure", ["high", None, float("nan"), 17, -3])
async def test_azures_confidence_is_kept_within_its_bounds(sure: Any, request: pytest.FixtureRequest) -> None:
    async with opened("azure", request) as rig:
        cast("Any", rig.fake).confidence = sure
        (heard,) = await hear(rig.asr, SpeechPiece(spoken("azure")))
    assert 0 <= heard.confidence <= 1


async def test_sherpa_takes_the_smaller_file_and_knows_the_language(request: pytest.FixtureRequest) -> None:
    async with opened("sherpa_onnx:sense_voice", request) as rig:
        (heard,) = await hear(rig.asr, SpeechPiece(voice(0.6)))
        options = cast("Any", rig.asr)._engine._recogniser.options
    assert options["model"].endswith("model.int8.onnx")
    assert heard.language == "en"
    assert heard.confidence == pytest.approx(np.exp(-0.2))


async def test_a_streaming_model_tells_texts_without_being_asked(request: pytest.FixtureRequest) -> None:
    async with opened("sherpa_onnx:zipformer", request) as rig:
        given = Pieces()
        stream = cast("Any", rig.asr.hear(given, Hints()))
        async with aclosing(stream):
            given.put(voice(0.6))
            first = await anext(stream)
            given.put(voice(0.6))
            second = await anext(stream)
    assert (first.text, second.text) == ("hello chat", "hello chat how are")


async def test_sherpa_maps_what_its_library_raises(request: pytest.FixtureRequest) -> None:
    async with opened("sherpa_onnx:paraformer", request) as rig:
        cast("Any", rig.asr)._engine._recogniser.broken = True
        with pytest.raises(TransientError, match="bad_alloc"):
            await hear(rig.asr, SpeechPiece(voice(0.6)))
        assert not (await rig.asr.check()).ok


async def test_sherpa_without_its_files_says_which(sherpa_module: Any, tmp_path: Path) -> None:
    module = importlib.import_module(f"{PACKAGE}.sherpa_onnx")
    with pytest.raises(ConfigError, match="tokens"):
        async with module.connect(module.Config(model=tmp_path)):
            pass


async def test_whisper_without_its_files_says_so(tmp_path: Path) -> None:
    module = providers.load(PACKAGE, "faster_whisper")
    with pytest.raises(FatalError) as caught:
        async with module.connect(module.Config(model=tmp_path)):
            pass
    assert "haishin models pull" in caught.value.remedy
    with pytest.raises(ConfigError):
        async with module.connect(module.Config()):
            pass

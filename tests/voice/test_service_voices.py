"""The voices of services: what each is told of a text and its feeling, and what its own words for a failure mean."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

import msgpack
import pytest
from pydantic import ValidationError

from bot.errors import ConfigError, FatalError, ProviderError, QuotaError, TransientError
from bot.runtime import providers
from bot.types import Emotion, Health, Pcm, Style
from tests.fakes.openai_server import RATE, tone
from tests.fakes.voices.http import http_service
from tests.fakes.voices.sockets import socket_service
from tests.mind.test_contract_llm import hear
from tests.voice.test_contract_tts import PACKAGE, collect, opened, seconds

NS = "{http://www.w3.org/2001/10/synthesis}"
MSTTS = "{http://www.w3.org/2001/mstts}"


@asynccontextmanager
async def voice(name: str, request: pytest.FixtureRequest, **options: Any) -> AsyncIterator[tuple[Any, Any]]:
    async with opened(name, request, **options) as rig:
        yield rig.tts, rig.fake


@pytest.mark.parametrize("name", ["elevenlabs", "cosyvoice", "minimax", "fish", "azure", "gpt_sovits"])
async def test_every_sample_is_passed_on_unchanged(name: str, request: pytest.FixtureRequest) -> None:
    async with voice(name, request) as (tts, _):
        assert b"".join(pcm.data for pcm in await collect(tts)) == tone(1.0)


# --- ElevenLabs ---------------------------------------------------------------------------------------


async def test_elevenlabs_marks_the_words(request: pytest.FixtureRequest) -> None:
    async with voice("elevenlabs", request) as (tts, _):
        text = "Hello there, chat"
        marks = [mark for pcm in await collect(tts, text) for mark in pcm.marks]
    assert [mark.chars for mark in marks] == [0, 6, 13]
    assert [mark.at_ms for mark in marks] == sorted(mark.at_ms for mark in marks)
    assert 300 < marks[-1].at_ms < 1000, "the times are counted from each piece, the marks from the beginning"


@pytest.mark.parametrize(
    "table", [5, {}, {"chars": ["a"], "charStartTimesMs": []}, {"chars": [1], "charStartTimesMs": [1]}]
)
async def test_elevenlabs_speaks_without_marks_when_the_table_is_broken(
    table: Any, request: pytest.FixtureRequest
) -> None:
    async with voice("elevenlabs", request) as (tts, fake):
        fake.alignment = table
        pieces = await collect(tts)
    assert seconds(pieces) == pytest.approx(1.0)
    assert not [mark for pcm in pieces for mark in pcm.marks]


async def test_elevenlabs_is_told_the_voice_and_the_feeling(request: pytest.FixtureRequest) -> None:
    async with voice("elevenlabs", request, voices={"zh": "zh/../voice"}, voice="usual") as (tts, fake):
        await collect(tts, "hi", Style("en"))
        await collect(tts, "hi", Style("en", Emotion.LAUGH))
        await collect(tts, "hi", Style("en", Emotion.LAUGH, strength=0.3))
        await collect(tts, "你好", Style("zh", Emotion.SAD))
        assert fake.headers[-1]["xi-api-key"] == "sk-very-secret"
        assert [query["language_code"] for query in fake.queries] == ["en", "en", "en", "zh"]
        settings = [sent["voice_settings"] for sent in fake.requests if "voice_settings" in sent]
    calm, laughing, fading, sad = settings
    assert calm["style"] == 0
    assert laughing["stability"] < fading["stability"] < calm["stability"]
    assert laughing["style"] > fading["style"] > calm["style"]
    assert sad["speed"] < calm["speed"] == 1.0
    assert fake.requests[1]["flush"] is True


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("invalid_api_key", FatalError),
        ("voice_not_found", FatalError),
        ("quota_exceeded", QuotaError),
        ("too_many_concurrent_requests", QuotaError),
        ("something_new", TransientError),
    ],
)
async def test_elevenlabs_words_for_a_failure(
    error: str, kind: type[ProviderError], request: pytest.FixtureRequest
) -> None:
    async with voice("elevenlabs", request) as (tts, fake):
        fake.error = error
        with pytest.raises(ProviderError) as caught:
            await collect(tts)
    assert type(caught.value) is kind


# --- Azure --------------------------------------------------------------------------------------------


def heard(ssml: str) -> tuple[str, str, dict[str, str], dict[str, str]]:
    """Return the voice, the text, the style and the prosody of a request."""
    spoken = ET.fromstring(ssml).find(f"{NS}voice")  # noqa: S314 - our own
    assert spoken is not None
    express = spoken.find(f"{MSTTS}express-as")
    prosody = (spoken if express is None else express).find(f"{NS}prosody")
    assert prosody is not None
    return (
        spoken.attrib["name"],
        prosody.text or "",
        dict(express.attrib if express is not None else {}),
        prosody.attrib,
    )


async def test_azure_speaks_each_feeling_as_its_voice_can(request: pytest.FixtureRequest) -> None:
    options = {"styles": {"en-GB-SoniaNeural": ["sad"]}, "speed": 1.1, "pitch_hz": 5}
    async with voice("azure", request, **options) as (tts, fake):
        for style in (
            Style("en"),
            Style("zh", Emotion.SHY),
            Style("en", Emotion.SHY),
            Style("en", Emotion.SAD, voice="en-GB-SoniaNeural", strength=0.5),
            Style("ja", Emotion.ANGRY, voice="af_heart"),
        ):
            await collect(tts, "hi", style)
        assert fake.headers[-1]["Ocp-Apim-Subscription-Key"] == "sk-very-secret"
        assert fake.headers[-1]["X-Microsoft-OutputFormat"] == "raw-24khz-16bit-mono-pcm"
        calm, shy, plain, sad, japanese = (heard(ssml) for ssml in fake.requests)
    assert calm == ("en-US-JennyNeural", "hi", {}, {"rate": "+10%", "pitch": "+5Hz"})
    assert (shy[0], shy[2]["style"]) == ("zh-CN-XiaoxiaoNeural", "gentle")
    assert plain[2] == {}, "Jenny has no such style: pace and pitch alone"
    assert plain[3] != calm[3]
    assert (sad[0], sad[2]) == ("en-GB-SoniaNeural", {"style": "sad", "styledegree": "0.95"})
    assert japanese[0] == "ja-JP-NanamiNeural"


@pytest.mark.parametrize(
    "text",
    [
        "a < b & c > d \"e\" 'f'",
        '</prosody></voice><voice name="evil">x',
        "]]> <!-- x --> <?xml?> &amp; &#0;",
        "nul \x00 bell \x07 lone \ud800 end \ufffe",
        "<break time='99s'/><audio src='https://x'/>",
    ],
)
async def test_azure_takes_no_text_for_markup(text: str, request: pytest.FixtureRequest) -> None:
    async with voice("azure", request) as (tts, fake):
        await collect(tts, text)
        _, said, _, _ = heard(fake.requests[0])
        assert len(ET.fromstring(fake.requests[0]).findall(f"{NS}voice")) == 1  # noqa: S314 - our own
    assert "".join(said.split()) == "".join(c for c in text if c.isprintable() and c not in " \ufffe")


@pytest.mark.parametrize("region", ["evil.example/", "west europe", "a@b"])
def test_azure_asks_no_other_host(region: str) -> None:
    with pytest.raises(ValidationError):
        providers.load(PACKAGE, "azure").Config(api_key="k", region=region)


# --- GPT-SoVITS ---------------------------------------------------------------------------------------


async def test_gpt_sovits_has_a_clip_for_a_feeling(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    clips = {}
    for feeling, said in (("neutral", "今天天气不错。"), ("joy", "太好了！")):
        (tmp_path / f"{feeling}.wav").write_bytes(b"RIFF")
        clips[feeling] = {"file": tmp_path / f"{feeling}.wav", "text": said}
    async with voice("gpt_sovits", request, clips=clips) as (tts, fake):
        for style in (
            Style("zh"),
            Style("zh", Emotion.JOY),
            Style("zh", Emotion.JOY, strength=0.2),
            Style("en", Emotion.SAD),
        ):
            await collect(tts, "你好", style)
        calm, joy, faded, sad = fake.requests
    assert joy["ref_audio_path"].endswith("joy.wav")
    assert joy["prompt_text"] == "太好了！"
    assert calm["ref_audio_path"] == faded["ref_audio_path"] == sad["ref_audio_path"]
    assert joy["speed_factor"] == calm["speed_factor"] == 1.0
    assert sad["speed_factor"] < 1.0, "without a clip of its own the pace tells"
    assert (calm["text_lang"], sad["text_lang"], calm["streaming_mode"]) == ("zh", "en", True)


@pytest.mark.parametrize("url", ["http://192.168.1.5:9880", "http://example.com:9880", "http://127.0.0.1.evil.com"])
def test_gpt_sovits_is_asked_on_this_machine_alone(url: str) -> None:
    with pytest.raises(ValidationError, match="this machine"):
        providers.load(PACKAGE, "gpt_sovits").Config(base_url=url)


@pytest.mark.parametrize("clips", [{}, {"joy": {"file": "x.wav"}}, {"neutral": {"file": "none.wav"}}])
async def test_gpt_sovits_without_a_clip_says_so(clips: Any) -> None:
    module = providers.load(PACKAGE, "gpt_sovits")
    with pytest.raises(ConfigError) as caught:
        async with module.connect(module.Config(clips=clips)):
            pass
    assert caught.value.remedy


# --- CosyVoice, MiniMax, Fish ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "failure", "kind"),
    [
        ("cosyvoice", ("InvalidApiKey", "no"), FatalError),
        ("cosyvoice", ("Throttling.RateQuota", "slow"), QuotaError),
        ("cosyvoice", ("Arrearage", "pay"), QuotaError),
        ("cosyvoice", ("InvalidParameter", "voice"), TransientError),
        ("cosyvoice", ("InternalError", "oops"), TransientError),
        ("minimax", (1004, "login fail"), FatalError),
        ("minimax", (2049, "invalid api key"), FatalError),
        ("minimax", (1008, "insufficient balance"), QuotaError),
        ("minimax", (1002, "rate limit"), QuotaError),
        ("minimax", (1026, "sensitive"), TransientError),
    ],
)
async def test_words_for_a_failed_task(
    name: str, failure: Any, kind: type[ProviderError], request: pytest.FixtureRequest
) -> None:
    async with voice(name, request) as (tts, fake):
        fake.failure = failure
        with pytest.raises(ProviderError) as caught:
            await collect(tts)
    assert type(caught.value) is kind
    assert caught.value.provider == name


async def test_cosyvoice_is_told_pace_pitch_and_the_feeling(request: pytest.FixtureRequest) -> None:
    async with voice("cosyvoice", request, instruct=True, voices={"en": "loongabby"}) as (tts, fake):
        await collect(tts, "你好", Style("zh"))
        await collect(tts, "hi", Style("en", Emotion.SAD))
        await collect(tts, "hi", Style("en", Emotion.SAD, strength=0.3))
        calm, sad, faded = (r["payload"]["parameters"] for r in fake.requests if "parameters" in r["payload"])
    assert (calm["rate"], calm["pitch"], calm["voice"]) == (1.0, 1.0, "longanyang")
    assert sad["voice"] == "loongabby"
    assert sad["rate"] < faded["rate"] < 1.0
    assert sad["pitch"] < 1.0
    assert "sad" in sad["instruction"]
    assert "instruction" not in faded


async def test_minimax_is_told_the_feeling(request: pytest.FixtureRequest) -> None:
    async with voice("minimax", request) as (tts, fake):
        for style in (Style("en"), Style("ja", Emotion.JOY), Style("ja", Emotion.JOY, strength=0.25)):
            await collect(tts, "hi", style)
        calm, joy, faded = (sent for sent in fake.requests if sent["event"] == "task_start")
    assert "emotion" not in calm["voice_setting"]
    assert joy["voice_setting"]["emotion"] == "happy"
    assert "emotion" not in faded["voice_setting"]
    assert (calm["language_boost"], joy["language_boost"]) == ("English", "Japanese")


async def test_fish_is_told_the_feeling_and_no_bracket_of_the_text(request: pytest.FixtureRequest) -> None:
    async with voice("fish", request, voice="abc") as (tts, fake):
        await collect(tts, "(angry) hi [laughing]", Style("en", Emotion.JOY))
        await collect(tts, "hi", Style("en", Emotion.JOY, strength=0.2))
        starts = [sent["request"] for sent in fake.requests if sent["event"] == "start"]
        texts = [sent["text"] for sent in fake.requests if sent["event"] == "text"]
        assert fake.headers[-1]["model"] == "s1"
    assert texts == ["(joyful) ,angry, hi ,laughing,", "hi"]
    assert starts[0]["reference_id"] == "abc"


@pytest.mark.parametrize(
    "raw",
    [
        b"\xc1",
        b"\x91" * 2000,
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        msgpack.packb([1, 2]),
        msgpack.packb({"event": "audio", "audio": "text"}),
        msgpack.packb({"event": "audio", "audio": 5}),
    ],
)
async def test_fish_refuses_what_is_no_event(raw: bytes, request: pytest.FixtureRequest) -> None:
    async with voice("fish", request) as (tts, fake):
        fake.raw = raw
        with pytest.raises(TransientError):
            await collect(tts)


async def test_fish_tells_of_a_failure_at_the_end(request: pytest.FixtureRequest) -> None:
    async with voice("fish", request) as (tts, fake):
        fake.reason = "error"
        with pytest.raises(TransientError, match="failed"):
            await collect(tts)


# --- VOICEVOX -----------------------------------------------------------------------------------------


async def test_voicevox_speaks_sentence_by_sentence_with_the_feeling(request: pytest.FixtureRequest) -> None:
    async with voice("voicevox", request, styles={"joy": 1}, voices={"ja": "8"}) as (tts, fake):
        assert tts.languages == {"ja"}
        assert seconds(await collect(tts, "こんにちは。元気？", Style("ja"))) == pytest.approx(2.0)
        assert [query["text"] for query in fake.queries if "text" in query] == ["こんにちは。", "元気？"]
        await collect(tts, "やった！", Style("ja", Emotion.JOY))
        await collect(tts, "うう。", Style("ja", Emotion.SAD))
        speakers = [query["speaker"] for query in fake.queries]
        calm, _, joy, sad = fake.requests
    assert speakers == ["8"] * 4 + ["1"] * 2 + ["8"] * 2
    assert (calm["speedScale"], calm["pitchScale"], calm["intonationScale"]) == (1.0, 0.0, 1.0)
    assert (joy["speedScale"], joy["intonationScale"]) == (1.0, 1.0), "its own style has the feeling already"
    assert sad["speedScale"] < 1
    assert sad["pitchScale"] < 0
    assert sad["intonationScale"] < 1
    assert (sad["outputSamplingRate"], sad["outputStereo"]) == (RATE, False)


# --- Piper --------------------------------------------------------------------------------------------

PROGRAM = """#!{python}
import pathlib, sys, time
here = pathlib.Path(__file__).parent
mode = (here / "mode").read_text()
with (here / "calls").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
if mode == "dies":
    sys.exit(3)
text = sys.stdin.readline()
with (here / "texts").open("a") as log:
    log.write(text)
out = sys.stdout.buffer
if mode != "empty":
    out.write(b"\\x10\\x20" * 11025)
    out.flush()
if mode == "hangs":
    time.sleep(600)
if mode == "odd":
    out.write(b"x")
if mode == "endless":
    while True:
        out.write(b"\\x10\\x20" * 1000000)
sys.exit(2 if mode == "fails" else 0)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "piper"
    file.write_text(PROGRAM.format(python=sys.executable), "utf-8")
    file.chmod(0o755)
    (tmp_path / "mode").write_text("")
    (tmp_path / "amy.onnx").write_bytes(b"x")
    (tmp_path / "amy.onnx.json").write_text('{"audio": {"sample_rate": 22050}}')
    return file


@asynccontextmanager
async def piper(file: Path, mode: str = "", **options: Any) -> AsyncIterator[Any]:
    (file.parent / "mode").write_text(mode)
    module = providers.load(PACKAGE, "piper")
    config = {"program": str(file), "voices": {"en": str(file.parent / "amy.onnx")}} | options
    async with module.connect(module.Config(**config)) as tts:
        yield tts


async def test_piper_speaks_in_processes_of_its_own(program: Path) -> None:
    async with piper(program) as tts:
        assert tts.languages == {"en"}
        for text in ("Hello there.\n--model evil", "Again."):
            pieces = await collect(tts, text)
            assert seconds(pieces) == pytest.approx(0.5)
            assert {pcm.rate for pcm in pieces} == {22_050}
        await collect(tts, "Slowly.", Style("en", Emotion.SLEEPY))
        health: Health = await tts.check()
        assert health.ok
    assert (program.parent / "texts").read_text().splitlines()[:3] == ["Hello there. --model evil", "Again.", "Slowly."]
    lengths = [line.split()[-1] for line in (program.parent / "calls").read_text().splitlines()]
    assert "1.15" in lengths, "a feeling changes the pace"
    assert "piper" not in sys.modules


@pytest.mark.parametrize("mode", ["dies", "empty", "hangs", "odd", "endless", "fails"])
async def test_piper_that_misbehaves_is_transient(mode: str, program: Path) -> None:
    pieces: list[Pcm] = []
    async with piper(program, mode, timeout_s=1.0) as tts:
        with pytest.raises(TransientError):
            await hear(tts.speak("Hello.", Style()), pieces)
    assert seconds(pieces) <= 121


async def test_piper_is_killed_when_a_clause_is_cut(program: Path) -> None:
    async with piper(program, "hangs", timeout_s=60) as tts:
        started: list[asyncio.subprocess.Process] = []
        start = tts._start

        async def kept(manner: Any) -> Any:
            process = await start(manner)
            started.append(process)
            return process

        tts._start = kept
        async with aclosing(cast("Any", tts.speak("Hello.", Style()))) as stream:
            await anext(stream)
        async with asyncio.timeout(5):
            assert await started[0].wait() < 0


@pytest.mark.parametrize("options", [{"program": "no-such-piper"}, {"voices": {"en": "none.onnx"}}])
async def test_piper_that_is_not_there_says_how_to_get_it(options: Any, program: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        async with piper(program, **options):
            pass
    assert caught.value.remedy


# --- all ----------------------------------------------------------------------------------------------


async def test_a_socket_that_is_left_is_closed_at_once() -> None:
    module = providers.load(PACKAGE, "fish")
    async with socket_service("fish") as fake:
        fake.mode = "endless"
        async with module.connect(module.Config(base_url=fake.socket_address)) as tts:
            async with aclosing(cast("Any", tts.speak("hi", Style()))) as stream:
                await anext(stream)
            async with asyncio.timeout(2):
                await fake.gone.wait()


async def test_a_kept_connection_that_was_closed_is_opened_again() -> None:
    module = providers.load(PACKAGE, "azure")
    async with (
        http_service("azure") as fake,
        module.connect(module.Config(base_url=fake.address, api_key="k")) as tts,
    ):
        await collect(tts)
        for held in tts._session.connector._conns.values():
            for protocol, _ in held:
                protocol.transport.abort()
        assert seconds(await collect(tts)) == pytest.approx(1.0)

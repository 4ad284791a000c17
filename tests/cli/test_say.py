"""``haishin say`` and ``haishin check`` with each provider, against a fake of its real wire."""

from __future__ import annotations

import sys
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import config
from bot.cli import check, say
from bot.cli.check import check_parts
from bot.cli.say import say_to_file
from bot.errors import ProviderError
from tests.cli.test_check import lines
from tests.fakes.anthropic_server import anthropic_server
from tests.fakes.chat_services import SERVICES, chat_service
from tests.fakes.voices.http import http_service
from tests.fakes.voices.sockets import socket_service
from tests.voice.test_contract_tts import HTTP, KEY, SOCKETS
from tests.voice.test_service_voices import PROGRAM

VOICES = (*SOCKETS, *HTTP, "piper")
#: What each persona would say, in a language that the voice speaks.
TEXTS = {"voicevox": "[joy] こんばんは。"}


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (check, say):
        monkeypatch.setattr(module, "open_log", lambda _settings: None)
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path / "home"))


def settings(tmp_path: Path, **chains: Any) -> config.Settings:
    file = tmp_path / "my.yaml"
    file.write_text(yaml.safe_dump({"web": {"port": 0}} | chains), "utf-8")
    return config.load([file], {})


@asynccontextmanager
async def entry(name: str, tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    """Run the fake of a voice; yield its entry as a person writes it."""
    if name == "piper":
        program = tmp_path / "piper"
        program.write_text(PROGRAM.format(python=sys.executable), "utf-8")
        program.chmod(0o755)
        (tmp_path / "mode").write_text("")
        (tmp_path / "amy.onnx").write_bytes(b"x")
        (tmp_path / "amy.onnx.json").write_text('{"audio": {"sample_rate": 22050}}')
        yield {"provider": name, "program": str(program), "voices": {"en": str(tmp_path / "amy.onnx")}}
    elif name in SOCKETS:
        async with socket_service(name) as fake:
            path = "/api-ws/v1/inference/" if name == "cosyvoice" else ""
            yield {"provider": name, "base_url": fake.socket_address + path, "api_key": KEY}
    else:
        async with http_service(name) as fake:
            clip = tmp_path / "calm.wav"
            clip.write_bytes(b"RIFF")
            needed: dict[str, dict[str, Any]] = {
                "azure": {"api_key": KEY},
                "gpt_sovits": {"clips": {"neutral": {"file": str(clip)}}},
            }
            yield {"provider": name, "base_url": fake.address} | needed.get(name, {})


@pytest.mark.parametrize("name", VOICES)
async def test_each_voice_speaks_into_a_file(name: str, tmp_path: Path) -> None:
    async with entry(name, tmp_path) as link:
        text = TEXTS.get(name, "[joy] Good evening, ships. [sad] The tea is cold & <old>.")
        await say_to_file(settings(tmp_path, tts=[link]), text, tmp_path / "out.wav")
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getnframes() / file.getframerate() >= 0.5
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)


async def test_a_voice_that_refuses_the_key_says_so(tmp_path: Path) -> None:
    async with socket_service("elevenlabs") as fake:
        fake.mode = "401"
        link = {"provider": "elevenlabs", "base_url": fake.socket_address, "api_key": KEY}
        with pytest.raises(ProviderError, match="key") as caught:
            await say_to_file(settings(tmp_path, tts=[link]), "Hello.", tmp_path / "out.wav")
    assert KEY not in str(caught.value)


async def test_each_provider_is_reached_by_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with AsyncExitStack() as stack:
        llm: list[dict[str, Any]] = []
        for name, manner in SERVICES.items():
            fake = await stack.enter_async_context(chat_service(name))
            key = {"api_key": KEY} if manner.key else {}
            llm.append({"provider": name, "model": "m", "base_url": fake.url} | key)
        claude = await stack.enter_async_context(anthropic_server())
        llm.append({"provider": "claude", "model": "m", "base_url": claude.address, "api_key": KEY})
        tts = [await stack.enter_async_context(entry(name, tmp_path)) for name in VOICES]
        await check_parts(settings(tmp_path, llm=llm, tts=tts))
    printed = capsys.readouterr().out
    found = lines(printed)
    for number, name in enumerate([*SERVICES, "claude"]):
        assert found[f"llm: {name}"] == "ok", printed
        assert found[f"options of llm: {name}" + (f" ({number + 1})" if number else "")] == "ok", printed
    for name in VOICES:
        assert found[f"tts: {name}"] == "ok", printed
    assert KEY not in printed


async def test_check_tells_what_is_wrong_with_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with chat_service("deepseek") as model, socket_service("minimax") as voice:
        model.mode, voice.mode = "401", "401"
        llm = [{"provider": "deepseek", "model": "m", "base_url": model.url, "api_key": KEY}]
        tts = [{"provider": "minimax", "base_url": voice.socket_address, "api_key": KEY}]
        assert await check_parts(settings(tmp_path, llm=llm, tts=tts)) is False
    printed = capsys.readouterr().out
    assert lines(printed)["llm: deepseek"] == "FAIL"
    assert lines(printed)["tts: minimax"] == "FAIL"
    assert "api_key" in printed
    assert KEY not in printed

"""A persona brings its voices along on air: by provider and language, unless the configuration names its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from bot.app.casting import voices_of
from bot.persona import persona as personas
from bot.runtime.link import Link, LinkConfig
from bot.types import Health, Pcm, Style
from bot.voice.failover import TtsChain
from tests.support.virtual import virtual

PERSONAS = Path(__file__).parents[2] / "personas"


class Voice:
    languages = frozenset({"en", "zh"})

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        self.asked.append(style.voice)
        yield Pcm(b"\0\0", 24_000)

    async def check(self) -> Health:
        return Health(ok=True, detail="")


@virtual
async def test_each_provider_is_asked_with_its_own_name() -> None:
    first, second = Voice(), Voice()
    chain = TtsChain([Link("kokoro", first, LinkConfig()), Link("openai-2", second, LinkConfig())])

    async def say(style: Style) -> None:
        async for _ in chain.speak("hello", style):
            pass

    await say(Style("en"))
    chain.voices = voices_of(personas.load(PERSONAS / "xiaoyun"), "auto")
    await say(Style("en"))
    await say(Style("zh"))
    await say(Style("zh", voice="chosen"))
    assert first.asked == ["", "af_bella", "zf_xiaoyi", "chosen"]
    assert chain._with_voice(second, Style("zh")).voice == "nova"


def test_what_the_configuration_names_stays() -> None:
    persona = personas.load(PERSONAS / "mira")
    found = voices_of(persona, [{"provider": "openai", "voices": {"en": "echo"}}, {"provider": "edge"}])
    assert "openai" not in found
    assert found["edge"]["en"] == "en-US-AvaNeural"

"""What the links cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot import config
from bot.errors import ConfigError
from bot.mind.budget import prices as module
from bot.mind.budget.prices import LinkFacts, PriceList, Tariff, facts_of, tariff
from bot.mind.budget.settings import BudgetSettings
from bot.mind.budget.voices import DEAREST
from bot.runtime.failover import parse_link
from bot.runtime.metering import ProviderKind

LLM, TTS = ProviderKind.LLM, ProviderKind.TTS
OPENAI = "https://api.openai.com/v1"


@pytest.fixture(scope="module")
def listed() -> PriceList:
    return PriceList()


def priced(listed: PriceList | None, settings: dict[str, Any] | None = None, /, **facts: Any) -> Tariff:
    kind = facts.pop("kind", LLM)
    name = facts.setdefault("provider", "openai")
    link = facts.pop("link", name)
    return tariff(LinkFacts(kind, link, **facts), BudgetSettings(**(settings or {})), listed)


def test_a_model_of_the_list_costs_what_stands_there(listed: PriceList) -> None:
    found = priced(listed, model="gpt-4o-mini", address=OPENAI)
    assert (found.read, found.written, found.known) == (pytest.approx(0.15), pytest.approx(0.6), True)
    assert found.micros(1_000_000, 100_000, "") == pytest.approx(150_000 + 60_000)


def test_of_a_model_with_cheaper_hours_the_dearer_price_counts(listed: PriceList) -> None:
    found = priced(listed, provider="deepseek", model="deepseek-chat", address="https://api.deepseek.com")
    assert found.read == pytest.approx(0.27)


@pytest.mark.parametrize(
    "link",
    [
        {"provider": "llamacpp", "model": "x.gguf"},
        {"provider": "ollama", "model": "gpt-4o", "address": "https://my.server.example"},
        {"provider": "openai", "model": "gpt-4o", "address": "http://127.0.0.1:8080/v1"},
        {"provider": "openai", "model": "gpt-4o", "address": "http://[::1]:8080/v1"},
    ],
)
def test_what_runs_here_costs_nothing(listed: PriceList, link: dict[str, str]) -> None:
    found = priced(listed, **link)
    assert not found.costs
    assert found.facts.local


def test_an_address_that_only_looks_like_this_machine_is_none(listed: PriceList) -> None:
    for address in ("http://127.0.0.1.example.com/v1", "http://localhost.example.com/v1", "http://a@example.com/v1"):
        assert priced(listed, model="gpt-4o", address=address).costs


def test_a_model_of_no_list_counts_as_the_dearest_of_its_maker(listed: PriceList) -> None:
    at_openai = priced(listed, model="a-model-of-tomorrow", address=OPENAI)
    at_deepseek = priced(listed, provider="deepseek", model="nothing-known", address="https://api.deepseek.com")
    nowhere = priced(listed, model="qwen-plus", address="https://a.gateway.example/v1")
    for found in (at_openai, at_deepseek, nowhere):
        assert not found.known
        assert found.costs
    assert at_openai.written >= priced(listed, model="gpt-4o", address=OPENAI).written
    assert at_deepseek.written < at_openai.written <= nowhere.written


def test_without_the_list_every_model_elsewhere_counts_as_the_dearest(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(module.importlib, "import_module", missing)
    found = priced(PriceList(), model="gpt-4o-mini", address=OPENAI)
    assert found.written >= 100
    assert not found.known


def test_the_prices_of_the_settings_go_first(listed: PriceList) -> None:
    by_model = {"prices": {"gpt-4o-mini": {"input": 1, "output": 2}}}
    by_link = {"prices": {"openai-2": {"input": 3, "output": 4}} | by_model["prices"]}
    assert priced(listed, by_model, model="gpt-4o-mini", address=OPENAI).read == 1
    assert priced(listed, by_link, link="openai-2", model="gpt-4o-mini", address=OPENAI).read == 3
    free = {"prices": {"openai": {"input": 0, "output": 0}}}
    assert not priced(listed, free, model="gpt-4o-mini", address=OPENAI).costs


@pytest.mark.parametrize("name", ["hibari", "kokoro", "piper", "edge", "voicevox", "gpt_sovits"])
def test_voices_that_cost_nothing(name: str) -> None:
    assert not priced(None, kind=TTS, provider=name).costs


def test_voices_have_list_prices_by_the_beginning_of_their_models_name() -> None:
    assert priced(None, kind=TTS, model="tts-1", address=OPENAI).characters == 15
    assert priced(None, kind=TTS, model="tts-1-hd", address=OPENAI).characters == 30
    assert priced(None, kind=TTS, provider="elevenlabs", model="eleven_flash_v2_5").characters == 50
    assert priced(None, kind=TTS, provider="elevenlabs", model="eleven_v9").characters == 100
    assert not priced(None, kind=TTS, model="kokoro", address="http://127.0.0.1:8880/v1").costs


def test_a_voice_of_no_list_counts_as_the_dearest() -> None:
    found = priced(None, kind=TTS, provider="new_voice")
    assert (found.characters, found.known) == (DEAREST, False)


def test_characters_are_counted_as_the_provider_counts_them() -> None:
    text = "你好 abc"
    assert priced(None, kind=TTS, model="tts-1", address=OPENAI).micros(0, 0, text) == pytest.approx(15 * 6)
    assert priced(None, kind=TTS, provider="azure").micros(0, 0, text) == pytest.approx(16 * 8)
    assert priced(None, kind=TTS, provider="fish").micros(0, 0, text) == pytest.approx(15 * 10)
    own = {"voices": {"azure": 1.0}}
    assert priced(None, own, kind=TTS, provider="azure").micros(0, 0, text) == pytest.approx(8)


def test_a_links_options_tell_its_model_and_address() -> None:
    _, _, options = parse_link("bot.mind.llm", {"provider": "openai", "model": "gpt-4o-mini"})
    assert facts_of(LLM, "openai", "openai", options) == LinkFacts(LLM, "openai", "openai", "gpt-4o-mini", OPENAI)
    assert facts_of(LLM, "x", "x", None) == LinkFacts(LLM, "x", "x")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("prices: {m: {input: -1, output: 2}}", "budget.prices.m.input"),
        ("prices: {m: {input: 1, output: .nan}}", "budget.prices.m.output"),
        ("prices: {m: {input: .inf, output: 1}}", "budget.prices.m.input"),
        ("prices: {m: {input: 1}}", "budget.prices.m.output"),
        ("voices: {azure: -0.5}", "budget.voices.azure"),
        ("voices: {azure: .nan}", "budget.voices.azure"),
        ("day: {usd: -2}", "budget.day.usd"),
        ("day: {usd: .nan}", "budget.day.usd"),
        ("stream: {tokens: 0}", "budget.stream.tokens"),
        ("soft: .nan", "budget.soft"),
        ("time_zone: Mars/Olympus", "budget.time_zone"),
        ("time_zone: ../../etc/passwd", "budget.time_zone"),
    ],
)
def test_a_price_or_limit_that_cannot_be_is_refused_with_its_place(tmp_path: Path, key: str, value: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"persona: mira\nbudget:\n  {key}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load([file], {})
    assert f"{file}:3: {value}" in str(caught.value)

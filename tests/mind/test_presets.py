"""Each service by name, against a fake that has its manners: what is sent, and what of it reaches the show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.errors import ConfigError, FatalError, ProviderError, QuotaError, TransientError
from bot.mind.failover import LlmChain, open_llm
from bot.runtime import providers
from bot.runtime.link import Link, LinkConfig, UnusableError
from bot.types import Delta, Line, Llm, Prompt, Usage
from tests.fakes.chat_services import REPLY, SERVICES, THOUGHT, USAGE, ChatService, chat_service

KEY = "sk-very-secret"
PROMPT = Prompt(
    (
        Line("system", "You are Mira."),
        Line("user", "hi"),
        Line("assistant", "[joy] Hello."),
        Line("user", "one"),
        Line("user", "two"),
        Line("system", "A rule that came later."),
    ),
    max_tokens=40,
    temperature=2.0,
    stop=("\n", "\nviewer:", "a", "b", "c", "d", "e"),
)
EVERY = tuple(SERVICES)


@asynccontextmanager
async def opened(name: str, **options: Any) -> AsyncIterator[tuple[Llm, ChatService]]:
    module = providers.load("bot.mind.llm", name)
    async with chat_service(name) as fake:
        needed = {"api_key": KEY} if fake.manner.key else {}
        config = module.Config(**({"base_url": fake.url, "model": "m"} | needed | options))
        async with module.connect(config) as llm:
            yield llm, fake


async def collect(llm: Llm, prompt: Prompt = PROMPT) -> list[Delta]:
    return [delta async for delta in llm.reply(prompt)]


def said(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas).strip()


@pytest.mark.parametrize("name", EVERY)
async def test_its_answer_is_taken_whole_and_counted(name: str) -> None:
    async with opened(name) as (llm, fake):
        deltas = await collect(llm)
        assert (await llm.check()).ok
    assert said(deltas) == REPLY
    assert deltas[-1].usage == Usage(USAGE["prompt_tokens"], USAGE["completion_tokens"])
    assert len(fake.requests) == 1, "nothing of the request was refused"


@pytest.mark.parametrize("name", EVERY)
async def test_it_is_asked_by_its_own_rules(name: str) -> None:
    async with opened(name) as (llm, fake):
        await collect(llm)
        (body,) = fake.requests
        (key,) = fake.keys
    assert [line["role"] for line in body["messages"]] == ["system", "user", "assistant", "user"]
    assert body["messages"][0]["content"] == "You are Mira.\n\nA rule that came later."
    assert body["messages"][-1]["content"] == "one\ntwo"
    assert body[fake.manner.max_tokens] == 40
    assert 1.5 < body["temperature"] <= fake.manner.hottest
    assert body["stop"][0] == "\nviewer:"
    assert len(body["stop"]) <= fake.manner.stops
    assert key == (f"Bearer {KEY}" if fake.manner.key else "Bearer none")
    assert not {"seed", "logit_bias", "n"} & body.keys()


@pytest.mark.parametrize("name", EVERY)
async def test_a_thought_is_never_an_answer(name: str) -> None:
    async with opened(name, think=True) as (llm, fake):
        chain = LlmChain([Link(name, llm, LinkConfig())])
        deltas = await collect(chain)
        again = await collect(chain)  # a thought without an opening tag is known from the second answer on
        assert not fake._quiet(fake.requests[-1])
    assert said(again) == REPLY
    assert THOUGHT not in said(again)
    if fake.manner.thoughts != "lonely":
        assert said(deltas) == REPLY


@pytest.mark.parametrize("name", EVERY)
async def test_a_model_without_the_switch_is_asked_without_it(name: str) -> None:
    async with opened(name) as (llm, fake):
        part = fake.manner.quiet[0][0]
        fake.refuses = {part: f"Value error, current model does not support parameter `{part}`."}
        chain = LlmChain([Link(name, llm, LinkConfig())])
        first, second = await collect(chain), await collect(chain)
        assert [part in body for body in fake.requests] == [True, False, False], "asked once more, and then no more"
    assert said(second) == REPLY
    if fake.manner.thoughts != "lonely":  # such a thought is known from the second answer on
        assert said(first) == REPLY


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("temperature", "Unsupported value: 'temperature' does not support 0.8 with this model."),
        ("stream_options", "stream_options: extra inputs are not permitted"),
        ("stop", "Unsupported parameter: 'stop' is not supported with this model."),
    ],
)
async def test_what_a_newer_model_does_not_know_is_left_out(name: str, part: str, words: str) -> None:
    async with opened(name) as (llm, fake):
        fake.refuses = {part: words}
        assert said(await collect(llm)) == REPLY
        assert [part in body for body in fake.requests] == [True, False]


@pytest.mark.parametrize("name", EVERY)
async def test_what_was_set_by_hand_is_never_left_out(name: str) -> None:
    async with opened(name, extra_body={"top_k": 3}) as (llm, fake):
        fake.refuses = {"top_k": "unknown parameter: top_k"}
        with pytest.raises(TransientError, match="top_k"):
            await collect(llm)
        assert len(fake.requests) == 1


@pytest.mark.parametrize("name", EVERY)
async def test_json_is_asked_for_in_the_form_that_it_knows(name: str) -> None:
    schema = {"type": "object", "properties": {"fact": {"type": "string"}}}
    async with opened(name) as (llm, fake):
        await collect(llm, Prompt((Line("user", "hi"),), schema=schema))
        (body,) = fake.requests
    form = body.get("response_format", {"type": "words"})
    assert form["type"] == fake.manner.schema
    if fake.manner.schema != "json_schema":
        assert "JSON" in body["messages"][0]["content"]
        assert '"fact"' in body["messages"][0]["content"]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("status", "error"), [("401", FatalError), ("402", QuotaError), ("429", QuotaError), ("503", TransientError)]
)
async def test_each_refusal_is_told_in_its_own_name(name: str, status: str, error: type[ProviderError]) -> None:
    async with opened(name) as (llm, fake):
        fake.mode = status
        with pytest.raises(ProviderError) as caught:
            await collect(llm)
        health = await llm.check()
    assert type(caught.value) is error
    assert caught.value.provider == name
    assert not health.ok
    assert KEY not in f"{caught.value} {caught.value.remedy} {health}"


@pytest.mark.parametrize(
    ("breaks", "error"),
    [
        ({"code": 502, "message": "Provider disconnected"}, TransientError),
        ({"code": 402, "message": "Insufficient credits"}, QuotaError),
        ({"code": "429", "message": "slow down"}, QuotaError),
        ({"code": "server_error", "message": "oops"}, TransientError),
        ({"code": 403, "message": "Your input was flagged", "metadata": {}}, UnusableError),
        ("overloaded", TransientError),
    ],
)
async def test_an_error_within_an_answer_is_no_word_of_it(breaks: Any, error: type[ProviderError]) -> None:
    async with opened("openrouter") as (llm, fake):
        fake.breaks = breaks
        with pytest.raises(ProviderError) as caught:
            await collect(llm)
    assert type(caught.value) is error
    assert caught.value.provider == "openrouter"


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("deepseek", 400, "Content Exists Risk"),
        ("qwen", 400, "Output data may contain inappropriate content. data_inspection_failed"),
        ("openrouter", 403, "Your chosen model requires moderation and your input was flagged for 'violence'"),
    ],
)
async def test_a_prompt_that_a_filter_dislikes_does_not_take_the_service_away(
    name: str, status: int, words: str
) -> None:
    async with opened(name) as (llm, fake):
        fake.mode, fake.words = str(status), words
        with pytest.raises(UnusableError):
            await collect(llm)


async def test_an_answer_that_is_held_back_is_the_question_s_fault() -> None:
    async with opened("gemini") as (llm, fake):
        fake.reply, fake.finish = "", "content_filter"
        with pytest.raises(UnusableError, match="content_filter"):
            await collect(llm)


@pytest.mark.parametrize("name", [name for name, manner in SERVICES.items() if manner.key])
async def test_the_key_is_found_in_the_service_s_own_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SERVICES[name].key, raising=False)
    with pytest.raises(ConfigError, match="needs a key") as caught:
        async with opened(name, api_key=""):
            pass
    assert SERVICES[name].key in caught.value.remedy
    monkeypatch.setenv(SERVICES[name].key, "from-the-environment")
    async with opened(name, api_key="") as (llm, fake):
        await collect(llm)
        assert fake.keys == ["Bearer from-the-environment"]


async def test_a_server_of_one_s_own_gives_its_first_model_that_can_talk() -> None:
    async with opened("lmstudio", model="") as (llm, fake):
        await collect(llm)
        assert fake.requests[0]["model"] == "m", "not the one for embeddings"


async def test_a_server_of_one_s_own_that_is_off_is_opened_later() -> None:
    failures: list[Exception] = []
    entry = {"provider": "lmstudio", "base_url": "http://127.0.0.1:9/v1"}
    async with open_llm([entry], lambda _name, error: failures.append(error)) as chain:
        (link,) = chain.links()
        assert link.next_try_s
    assert isinstance(failures[0], TransientError)
    assert failures[0].remedy

"""A model that always thinks is not heard thinking, also not in its first answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import openai
import pytest

from bot.mind.failover import LlmChain
from bot.mind.llm.openai import Config, OpenAI
from bot.runtime.link import Link, LinkConfig
from bot.types import Delta, Health, Line, Prompt, Tool, Usage

PROMPT = Prompt((Line("user", "hi"),), max_tokens=100, temperature=0.5)


class Thinker:
    """Writes what it is given, a few characters at a time, and how many tokens it took."""

    begins_in_thought = True

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        del prompt, tools
        text = self.answers.pop(0)
        for at in range(0, len(text), 5):
            yield Delta(text[at : at + 5])
        yield Delta(usage=Usage(10, 20))

    async def check(self) -> Health:
        return Health(ok=True, detail="")


async def said(chain: LlmChain) -> str:
    return "".join([delta.text async for delta in chain.reply(PROMPT)]).strip()


async def test_the_first_answer_of_a_known_thinker_has_no_thought() -> None:
    chain = LlmChain([Link("vllm", Thinker("The user says hi.</think>Hello!", "Again.</think>Hi!"), LinkConfig())])
    assert await said(chain) == "Hello!"
    assert await said(chain) == "Hi!"


async def test_one_that_does_not_think_after_all_is_heard() -> None:
    chain = LlmChain([Link("vllm", Thinker("Hello!", "Hi there, all of you!"), LinkConfig())])
    assert await said(chain) == "Hello!"
    first = [delta.text async for delta in chain.reply(PROMPT)]
    assert first[0] == "Hi th", "from then on nothing is held back"


@pytest.mark.parametrize(
    ("name", "model", "url", "thinks"),
    [
        ("vllm", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "http://gpu:8000/v1", True),
        ("vllm", "Qwen/QwQ-32B", "http://gpu:8000/v1", True),
        ("openai", "Qwen/Qwen3-4B-Thinking-2507", "http://127.0.0.1:8080/v1", True),
        ("vllm", "Qwen/Qwen3-8B", "http://gpu:8000/v1", False),
        ("vllm", "meta-llama/Llama-3.1-8B-Instruct", "http://gpu:8000/v1", False),
        ("vllm", "chair1000", "http://gpu:8000/v1", False),
        ("deepseek", "deepseek-r1", "https://api.deepseek.com", False),
        ("openai", "o3-reasoning", "https://api.openai.com/v1", False),
    ],
)
def test_thinkers_are_known_by_their_names_on_servers_of_ones_own(
    name: str, model: str, url: str, thinks: bool
) -> None:
    client = openai.AsyncOpenAI(api_key="none", base_url=url)
    assert OpenAI(Config(base_url=url, model=model), client, name=name).begins_in_thought is thinks

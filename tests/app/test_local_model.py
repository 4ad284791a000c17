"""A model on this machine: what is asked of it fits its speed, and it reads ahead while nobody asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.app.app import App
from bot.app.casting import prompter_of
from bot.app.local_model import LEAST_HISTORY, LEAST_NOTES, LEAST_REPLY, Fit, LocalModel, fit
from bot.config import Settings
from bot.mind.failover import LlmChain
from bot.mind.memory.history import History
from bot.runtime.link import Link, LinkConfig
from bot.runtime.machine import Speed
from bot.types import Author, Delta, Health, Message, Prompt, Spoken, Tool
from tests.support.harness import Stagehand
from tests.support.virtual import virtual

FULL = fit(Settings(), None)


@pytest.mark.parametrize("speed", [Speed(2000, 80), Speed(90, 20), Speed(30, 8), Speed(3, 1)])
def test_a_slower_machine_is_asked_for_less_and_never_for_nothing(speed: Speed) -> None:
    found = fit(Settings(), speed)
    assert LEAST_REPLY <= found.max_tokens <= FULL.max_tokens
    assert LEAST_HISTORY <= found.history_tokens <= FULL.history_tokens
    assert LEAST_NOTES <= found.knowledge_tokens <= FULL.knowledge_tokens
    assert FULL.filler_after_s <= found.filler_after_s <= 6


def test_a_fast_machine_has_all_that_the_settings_say() -> None:
    assert fit(Settings(), Speed(2000, 80)) == FULL


def test_each_part_shrinks_with_the_speed() -> None:
    fast, slow = fit(Settings(), Speed(90, 9)), fit(Settings(), Speed(60, 4))
    assert slow.max_tokens < fast.max_tokens
    assert slow.history_tokens < fast.history_tokens
    assert slow.knowledge_tokens < fast.knowledge_tokens
    assert slow.filler_after_s > fast.filler_after_s


def test_what_somebody_set_stays_as_it_was_set() -> None:
    settings = Settings.model_validate({
        "show": {"max_tokens": 150, "filler_after_s": 1.5},
        "memory": {"history_tokens": 800, "knowledge_tokens": 0},
    })  # fmt: skip
    assert fit(settings, Speed(10, 2)) == Fit(150, 800, 0, 1.5)


class Local:
    """A model that tells how fast it is and keeps what it was let read."""

    def __init__(self) -> None:
        self.read: list[Prompt] = []

    async def warm(self, prompt: Prompt) -> None:
        self.read.append(prompt)

    async def check(self) -> Health:
        return Health(ok=True, detail="", extra={"speed": Speed(30.0, 4.0)})

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        yield Delta(text="Hello there, that is a good question.")


def running(settings: Settings) -> tuple[Any, Local, Stagehand]:
    hand, llm = Stagehand(), Local()
    chain = LlmChain([Link("llamacpp", cast("Any", llm), LinkConfig())], clock=asyncio.get_running_loop().time)
    hand.show.composer.llm = chain
    hand.show.cast.prompter = prompter_of(hand.persona, settings)
    control = SimpleNamespace(machine="")
    app = SimpleNamespace(settings=settings, show=hand.show, inbox=hand.inbox, control=control)
    return app, llm, hand


@virtual
async def test_it_reads_the_beginning_first_and_says_how_fast_it_is() -> None:
    app, llm, hand = running(Settings())
    await LocalModel(cast("App", app)).warm_up()
    assert [prompt.lines[0] for prompt in llm.read] == [hand.show.cast.prompter.ahead(History()).lines[0]]
    assert "reads 30 and writes 4 tokens a second" in app.control.machine
    assert hand.show.composer.filler_after_s > Settings().show.filler_after_s
    assert hand.show.cast.prompter.ahead(History()).max_tokens < Settings().show.max_tokens


@virtual
async def test_a_model_elsewhere_is_asked_for_all() -> None:
    app, _, hand = running(Settings.model_validate({"llm": [{"provider": "openai"}, {"provider": "llamacpp"}]}))
    before = hand.show.composer.filler_after_s
    await LocalModel(cast("App", app)).warm_up()
    assert app.control.machine == ""
    assert hand.show.composer.filler_after_s == before


@asynccontextmanager
async def reading_ahead() -> AsyncIterator[tuple[LocalModel, Local, Stagehand]]:
    """Let a model read ahead, told of the turns of a show."""
    app, llm, hand = running(Settings())
    local = LocalModel(cast("App", app))
    hand.observers.add(local)
    reading = asyncio.ensure_future(local.read_ahead())
    await asyncio.sleep(0)
    try:
        yield local, llm, hand
    finally:
        reading.cancel()
        await asyncio.wait({reading})


@virtual
async def test_an_exchange_is_read_after_its_turn() -> None:
    async with reading_ahead() as (local, llm, hand):
        said = Message("m1", "local", Author("1", "Ann"), "Tea or rain?")
        hand.show.history.commit(Spoken("t1", "Tea, always.", interrupted=False), [said])
        local.turn_over(cast("Any", None))
        await asyncio.sleep(0.01)
    (prompt,) = llm.read
    assert prompt.lines[-2].text == "Tea, always."
    assert "Tea or rain?" in prompt.lines[-3].text


@virtual
async def test_an_exchange_is_read_while_its_last_words_are_heard() -> None:
    async with reading_ahead() as (_, llm, hand), hand.on_air():
        await hand.chat("Tea or rain?")
        await hand.until(lambda: bool(llm.read))
        assert hand.show.on_air is not None, "it is still being heard"
        assert not len(hand.show.history)
        before = llm.read[-1]
        await hand.quiet()
        await hand.until(lambda: len(llm.read) > 1)
    assert llm.read[-1].lines == before.lines, "it was heard as it was expected: nothing new is to be read"
    assert "Tea or rain?" in before.lines[-3].text


@virtual
async def test_a_turn_that_was_cut_is_read_as_it_was_heard() -> None:
    async with reading_ahead() as (_, llm, hand), hand.on_air():
        await hand.chat("Tea or rain?")
        await hand.until(lambda: hand.show.on_air is not None and bool(hand.stage.heard()))
        hand.show.skip()
        await hand.quiet()
        await asyncio.sleep(1)
    assert hand.past[-1].interrupted
    assert llm.read[-1].lines[-2].text == f"{hand.past[-1].text} …"

"""Captions in a second language: beside the show, moderated, and left out when anything is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any, cast

from bot.control.layers.translating import LATE_S, MOST_WAITING, Translator
from bot.errors import TransientError
from bot.runtime.metering import CallPurpose, purpose_now
from bot.stage.hub import Overlay
from bot.stage.layers.board import wish_of
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Clause, Delta, Prompt
from moderation import Action, Verdict
from tests.support.virtual import virtual


class Model:
    """A language model that answers as told: words, an error, or nothing for a while."""

    def __init__(self, *answers: str | Exception | float) -> None:
        self.answers = list(answers)
        self.asked: list[Prompt] = []
        self.purposes: list[CallPurpose] = []
        self.affordable = True
        self.running = 0
        self.most = 0

    def may_be_asked(self, purpose: CallPurpose) -> bool:
        assert purpose is CallPurpose.BESIDE
        return self.affordable

    def aside(self) -> Model:
        return self

    async def reply(self, prompt: Prompt) -> AsyncIterator[Delta]:
        self.asked.append(prompt)
        self.purposes.append(purpose_now(CallPurpose.REPLY))
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            answer = self.answers.pop(0) if self.answers else "晚上好。"
            if isinstance(answer, Exception):
                raise answer
            if isinstance(answer, float):
                await asyncio.sleep(answer)
                answer = "晚了。"
            for char in answer:
                yield Delta(text=char)
        finally:
            self.running -= 1


class Judge:
    def check(self, text: str, _context: object) -> Verdict:
        return Verdict(Action.BLOCK if "坏" in text else Action.ALLOW, (), 0.0, text)


class Reader:
    def __init__(self, layers: str = "captions") -> None:
        self.wish = wish_of(layers, "")
        self.label_seen: bool | None = None
        self.sent: list[dict[str, Any]] = []

    def send(self, frame: str) -> None:
        self.sent.append(json.loads(frame))


class Show:
    def __init__(self, model: Model, language: str = "zh") -> None:
        self.stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"))
        self.page = Reader()
        self.stage.board._pages = lambda: [self.page]
        self.translator = Translator(self.stage, cast("Any", model), cast("Any", Judge()), lambda: language)

    @contextlib.asynccontextmanager
    async def translating(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.translator.run())
            yield
            task.cancel()

    def say(self, epoch: int, index: int, text: str, language: str = "en") -> None:
        self.stage.speak(epoch, Clause("t", index, text, text, language), 0, 2000)
        self.stage.changed.notify()

    def told(self) -> list[tuple[int, int, str]]:
        return [(one["epoch"], one["clause"], one["text"]) for one in self.page.sent if one["type"] == "translation"]


@virtual
async def test_each_clause_of_another_language_is_translated_and_counted_as_beside() -> None:
    model = Model("“晚上好。”", "雨很大。\n")
    show = Show(model)
    async with show.translating():
        epoch = show.stage.begin()
        show.say(epoch, 0, "Good evening.")
        show.say(epoch, 1, "你好", "zh")
        show.say(epoch, 2, "Heavy rain.")
        await asyncio.sleep(0.5)
    assert sorted(show.told()) == [(epoch, 0, "晚上好。"), (epoch, 2, "雨很大。")]
    assert model.purposes == [CallPurpose.BESIDE] * 2
    assert "Good evening." in model.asked[0].lines[-1].text
    assert "Good evening." not in model.asked[0].lines[0].text


@virtual
async def test_nothing_is_asked_without_a_wish_a_page_or_the_money() -> None:
    for change in ("language", "page", "money"):
        model = Model()
        show = Show(model, "" if change == "language" else "zh")
        show.page.wish = wish_of("chat" if change == "page" else "captions", "")
        model.affordable = change != "money"
        async with show.translating():
            show.say(show.stage.begin(), 0, "Good evening.")
            await asyncio.sleep(0.5)
        assert model.asked == [], change


@virtual
async def test_what_fails_is_late_blocked_or_endless_is_left_out_and_the_next_one_comes() -> None:
    model = Model(TransientError("down", provider="m"), LATE_S + 5, "坏话", "x" * 100_000, "好的。")
    show = Show(model)
    async with show.translating():
        epoch = show.stage.begin()
        for index in range(5):
            show.say(epoch, index, f"Line {index}.")
            await asyncio.sleep(LATE_S + 1)
    assert show.told() == [(epoch, 4, "好的。")]


@virtual
async def test_a_new_turn_drops_what_still_waits_so_that_its_first_word_has_the_model_alone() -> None:
    model = Model(*[3.0] * 20)
    show = Show(model)
    async with show.translating():
        first = show.stage.begin()
        for index in range(12):
            show.say(first, index, f"Line {index}.")
        await asyncio.sleep(0.1)
        assert model.running == 2
        assert len(show.translator._turn.waiting) <= MOST_WAITING
        show.stage.begin()
        show.stage.changed.notify()
        await asyncio.sleep(0.1)
        assert model.running == 0
        await asyncio.sleep(10)
    assert show.told() == []
    assert model.most == 2

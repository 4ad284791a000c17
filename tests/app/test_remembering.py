"""The whole host remembers: on a clock that jumps, over a real database, with a model that takes notes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.support.fortnight import SOURCE, Fortnight
from bench.support.virtual_host import run_virtually
from bot.app.app import App
from bot.app.memory import open_embedder
from bot.errors import ConfigError
from bot.store.memory.pieces import Piece, PieceKind, PieceState
from bot.types import Author, Message
from tests.support.prompts import remembered

ANN, BOB = ("ann", "Ann"), ("bob", "Bob")
#: Lines that are not alike: what was asked before is not answered again.
THINGS = (
    "how deep is the harbour in winter?",
    "which whale sings best?",
    "do gulls ever sleep?",
    "who painted the door blue?",
    "what does fog smell of?",
    "is soup better than stew?",
    "can one read by moonlight?",
    "why are maps so hard to fold?",
    "where do old ropes go?",
    "did a storm ever scare you?",
    "what is the oldest thing up there?",
    "are socks a good gift?",
    "does the kettle have a name?",
    "how many stairs are there?",
    "which song is stuck in your head?",
    "what is for supper?",
)


class Town(Fortnight):
    """One host, made and ended as often as a test likes."""

    def says(self, app: App, who: tuple[str, str], text: str) -> Any:
        self.number += 1
        return app.feed.offer(Message(f"m{self.number}", SOURCE, Author(*who), text, addressed=True))

    async def said(self, app: App, who: tuple[str, str], text: str, rest_s: float = 20.0) -> str:
        """Return the prompt in which a line was asked; empty when it was not."""
        await self.says(app, who, text)
        await asyncio.sleep(rest_s)
        return next((p for p in reversed(self.teller.prompts) if text in p.splitlines()[-1] or text in p[-900:]), "")

    @asynccontextmanager
    async def show(self, day: int = 0) -> AsyncIterator[App]:
        self.machine.offset = dt.timedelta()
        self.machine.offset = self.machine.start + dt.timedelta(days=day) - self.machine.now()
        async with self.on_air() as app:
            yield app
        self.machine.power.back()


def town(folder: Path, work: Any, **memory: Any) -> None:
    async def run() -> None:
        made = Town(folder)
        made.settings.memory = made.settings.memory.model_copy(update=memory)
        with made.machine.in_place():
            await work(made)

    run_virtually(run)


def test_a_viewer_is_known_again_and_nobody_else_learns_it(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        async with t.show() as app:
            await t.said(app, ANN, "!remember me")
            await t.said(app, ANN, "Mira, my cat is called Nimbus")
            await t.said(app, BOB, "Mira, my cat is called Stormy")  # who never asked to be remembered
        async with t.show(day=1) as app:
            assert "Nimbus" in remembered(await t.said(app, ANN, "Mira, do you know my cat?"))
            assert remembered(await t.said(app, ("thief", "Ann"), "Mira, what is my cat called?")) == ""
            assert "Stormy" not in remembered(await t.said(app, BOB, "Mira, how is my cat, do you think?"))
            assert await app.memory.store.of_viewer(SOURCE, "bob") == []

    town(tmp_path, work)


def test_who_is_forgotten_is_in_no_prompt_and_no_database(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        async with t.show() as app:
            await t.said(app, ANN, "!remember me")
            await t.said(app, ANN, "Mira, my cat is called Nimbus")
            await t.said(app, ANN, "!forget me")
            t.teller.prompts.clear()
            assert "Nimbus" not in await t.said(app, ANN, "Mira, what is the weather?")
        async with t.show(day=1) as app:
            await t.said(app, ANN, "Mira, what is my cat called?")
        assert "Nimbus" not in "".join(t.teller.prompts)
        for file in t.home.iterdir():
            assert not file.is_file() or b"Nimbus" not in file.read_bytes(), file

    town(tmp_path, work)


def test_a_promise_is_taken_up_once_over_restarts(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        async with t.show() as app:
            await t.said(app, BOB, "Mira, please say the promise 7 of kind 0")
            assert [p.text for p in await app.memory.store.listed((PieceKind.PROMISE,))] == [
                "I promise I will sing song 7 next stream."
            ]
            await asyncio.sleep(1800)
            assert t.teller.taken_up == []
        async with t.show() as app:  # a restart in the same evening is no next stream
            await asyncio.sleep(600)
            assert t.teller.taken_up == []
        async with t.show(day=1) as app:
            await asyncio.sleep(600)
            assert len(t.teller.taken_up) == 1
            assert "song 7" in t.teller.taken_up[0]
        async with t.show(day=2) as app:
            await asyncio.sleep(600)
            kept = await app.memory.store.listed((PieceKind.PROMISE,), state=PieceState.KEPT)
            assert [p.text for p in kept] == ["I promise I will sing song 7 next stream."]
        assert len(t.teller.taken_up) == 1

    town(tmp_path, work)


def test_what_was_long_overdue_is_excused(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        async with t.show() as app:
            await t.said(app, BOB, "Mira, please say the promise 7 of kind 1")
        async with t.show(day=9) as app:
            await asyncio.sleep(600)
            assert "long overdue" in t.teller.taken_up[0]
            assert len(await app.memory.store.listed((PieceKind.PROMISE,), state=PieceState.EXCUSED)) == 1

    town(tmp_path, work)


def test_a_clause_that_contradicts_the_canon_is_put_right_before_it_is_heard(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        async with t.show() as app:
            app.memory.canon.learn("I live in a lighthouse.")
            t.teller.answer = "I live in a castle. The sea is calm."
            await t.said(app, BOB, "Mira, where do you live?")
            assert app.show.turns[-1].text.startswith("I live in a lighthouse.")
            assert app.memory.recalling.corrected == 1
            app.settings.memory.canon_guard = False
            await t.said(app, BOB, "Mira, tell me once more about your house please")
            assert "castle" in app.show.turns[-1].text

    town(tmp_path, work)


def test_what_left_the_window_is_put_in_short_and_a_retraction_takes_it_along(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        async with t.show() as app:
            app.settings.memory.history_tokens = 200
            app.local_model.apply()
            for one in range(len(THINGS)):
                await t.said(
                    app, (f"v{one}", f"V{one}"), f"Mira, what is in chapter {one} of your log book, tell me", 100
                )
            assert app.show.history.summaries
            prompt = await t.said(app, ANN, "Mira, and what do you think now?")
            assert "earlier_in_this_show" in prompt
            app.show.forget(SOURCE, "v1")
            assert not any(THINGS[1] in a.text for s in app.show.history.summaries for e in s.of for a in e.asked)
            app.show.history.summaries.clear()
            await app.memory.store.add(Piece(PieceKind.SUMMARY, "The chat asked for chapters of the log book."))
        async with t.show() as app:  # started again in mid-show
            app.settings.memory.history_tokens = 200
            app.local_model.apply()
            prompt = await t.said(app, ANN, "Mira, where were we?")
            assert "chapters of the log book" in prompt
            app.show.forget(SOURCE, "v2")  # it may be made of anybody's words
            assert "chapters of the log book" not in await t.said(app, ANN, "Mira, and what else was there?")

    town(tmp_path, work)


def test_nothing_of_it_asks_the_model_while_a_turn_waits_or_speaks(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        busy: list[str] = []
        async with t.show() as app:

            def look(prompt: str) -> None:
                aside = "You sort lines" in prompt or "You keep the log" in prompt
                if aside and (app.show.on_air is not None or len(app.inbox) > 0):
                    busy.append(prompt)

            t.teller.watch = look
            await t.said(app, ANN, "!remember me")
            for one in range(12):
                await t.said(app, ANN, f"Mira, been learning the cello, and {THINGS[one]}"[:-1], 7)
            await asyncio.sleep(60)
            assert app.memory.remembering.asked > 0
        assert busy == []

    town(tmp_path, work)


def test_the_greeting_picks_up_on_last_time(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        async with t.show() as app:
            for one in range(6):
                await t.said(app, BOB, f"Mira, {THINGS[one]}", 300)
            await asyncio.sleep(1500)
            assert await app.memory.store.listed((PieceKind.EPISODE,))
        t.teller.prompts.clear()
        async with t.show(day=1):
            await asyncio.sleep(30)
        assert any("calm evening" in p and "Your show begins" in p for p in t.teller.prompts)

    town(tmp_path, work)


async def test_an_embedder_that_was_named_and_cannot_be_had_is_a_fault() -> None:
    async with AsyncExitStack() as stack:
        assert await open_embedder("off", stack) is None
        with pytest.raises(ConfigError, match="nobody"):
            await open_embedder({"provider": "nobody"}, stack)


def test_what_the_chat_will_not_let_go_of_is_remembered_as_a_gag(tmp_path: Path) -> None:
    async def work(t: Town) -> None:
        async with t.show() as app:
            t.teller.answer = "Do not touch the haunted toaster. The sea is calm."
            await t.said(app, ANN, "Mira, what is in the kitchen?")
            t.teller.answer = "It hums at night, that one."
            lines = ("is the haunted toaster awake?", "who feeds the haunted toaster?", "I fear the haunted toaster!")
            for number, line in enumerate(lines):
                await t.said(app, (f"v{number}", f"V{number}"), f"Mira, {line}")
            await asyncio.sleep(40)
            gags = await app.memory.store.listed((PieceKind.GAG,))
            assert [gag.text for gag in gags] == ["the chat keeps coming back to “haunted toaster”"]

    town(tmp_path, work)

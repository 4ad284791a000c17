"""What is found, on SQLite and on PostgreSQL; whom it is told; what an embedder may do wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from bot.errors import TransientError
from bot.mind.embedding.embedder import ChangedError, Floats
from bot.mind.memory import recall as module
from bot.mind.memory.recall import Recall
from bot.mind.memory.search import embedding
from bot.store.ledger import Ledger
from bot.store.memory.pieces import Piece, PieceKind, PieceState, Viewer
from bot.store.memory.store import MemoryStore
from bot.types import Health
from tests.store.memory.conftest import Clock

ANN, BOB = Viewer("twitch", "ann"), Viewer("bilibili", "bob")
#: Matters that have a number in a vector, in the words of two languages.
MATTERS = (("cat", "猫"), ("sea", "海"), ("tea", "茶"), ("chess", "棋"), ("rain", "雨"), ("bike", "车"), ("song", "歌"))


class Matters:
    """An embedder that knows some matters in two languages. ``fault`` is what it does wrong."""

    def __init__(self, name: str = "matters", dimensions: int = 16) -> None:
        self.name = name
        self.dimensions = dimensions
        self.fault = ""
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        self.texts += texts
        if self.fault == "hangs":
            await asyncio.sleep(3600)
        if self.fault == "breaks":
            raise KeyError("no such thing")
        if self.fault == "fails" or any("poison" in text for text in texts):
            raise TransientError("no", provider="matters")
        if self.fault == "changed":
            raise ChangedError(16, 9, "matters")
        rows = np.full((len(texts), self.dimensions), 0.05, np.float32)
        for row, text in enumerate(texts):
            for number, words in enumerate(MATTERS):
                rows[row, number] += sum(word in text.lower() for word in words)
            rows[row, 8 + sum(map(ord, text)) % (self.dimensions - 8)] += 0.1
        if self.fault == "nan":
            rows[:] = np.nan
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    async def check(self) -> Health:
        return Health(ok=True, detail="")


@asynccontextmanager
async def recalling(memory: MemoryStore, embedder: Matters | None = None, **more: Any) -> AsyncIterator[Recall]:
    # A busy machine does not decide whether a question has its vector in time.
    recall = Recall(memory, embedder, **{"patience_s": 10.0, **more})
    try:
        await recall.load()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(recall.serve())
            yield recall
            task.cancel()
    finally:
        recall.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


async def complete(recall: Recall) -> None:
    await until(lambda: recall.progress.total > 0 and recall.progress.done == recall.progress.total)


async def texts(recall: Recall, question: str, *viewers: Viewer, **more: Any) -> list[str]:
    return [one.piece.text for one in await recall.search(question, viewers=viewers, **more)]


async def people(memory: MemoryStore) -> None:
    for who in (ANN, BOB):
        await memory.remember(who.source, who.author_id, who.author_id)


async def test_words_find_at_once_and_meaning_when_the_vectors_are_there(memory: MemoryStore) -> None:
    for text in ("the host has a cat", "the host drinks tea", "she lives by the sea", "下雨天她唱歌"):
        await memory.add(Piece(PieceKind.CANON, text))
    async with recalling(memory, Matters()) as recall:
        assert (await texts(recall, "does she own a cat?"))[0] == "the host has a cat"
        await complete(recall)
        assert (await texts(recall, "她养猫吗"))[0] == "the host has a cat"
        assert (await texts(recall, "does she like rain?"))[0] == "下雨天她唱歌"
        await memory.add(Piece(PieceKind.CANON, "她下棋"))
        await complete(recall)
        assert (await texts(recall, "any good at chess?"))[0] == "她下棋"
        assert recall.progress == embedding.Progress("matters", 5, 5)


async def test_without_an_embedder_words_alone_find_and_it_is_said(memory: MemoryStore) -> None:
    async with recalling(memory) as recall:
        await memory.add(Piece(PieceKind.CANON, "the host has a cat"))
        assert await texts(recall, "cat") == ["the host has a cat"]
        assert await texts(recall, "") == []
        assert "words alone" in recall.progress.trouble


async def test_nobody_is_told_what_another_viewer_said(memory: MemoryStore) -> None:
    await people(memory)
    await memory.add(Piece(PieceKind.VIEWER, "has a cat called Fred", "twitch", "ann"))
    await memory.add(Piece(PieceKind.PROMISE, "a song about a cat for bob", "bilibili", "bob"))
    await memory.add(Piece(PieceKind.CANON, "the host is a cat"))
    async with recalling(memory, Matters()) as recall:
        await complete(recall)
        assert await texts(recall, "cat") == ["the host is a cat"]
        assert await texts(recall, "Fred") == []
        assert "has a cat called Fred" not in await texts(recall, "cat Fred", BOB)
        assert "has a cat called Fred" in await texts(recall, "cat Fred", ANN)
        assert await texts(recall, "cat Fred", ANN, kinds=[PieceKind.VIEWER]) == ["has a cat called Fred"]
        # The same id on another platform is another person, until the two are linked.
        assert "has a cat called Fred" not in await texts(recall, "cat Fred", Viewer("bilibili", "ann"))
        await memory.link(ANN, BOB)
        assert "has a cat called Fred" in await texts(recall, "cat Fred", BOB)


async def test_links_of_an_earlier_run_hold(memory: MemoryStore) -> None:
    await people(memory)
    await memory.link(ANN, BOB)
    await memory.add(Piece(PieceKind.VIEWER, "has a cat", "twitch", "ann"))
    async with recalling(memory) as recall:
        assert await texts(recall, "cat", BOB) == ["has a cat"]


async def test_what_is_forgotten_is_found_no_more_whoever_forgot_it(memory: MemoryStore) -> None:
    await people(memory)
    ledger = Ledger(memory.store)
    for text in ("has a cat", "likes tea", "plays chess"):
        await memory.add(Piece(PieceKind.VIEWER, text, "twitch", "ann"))
    await memory.add(Piece(PieceKind.EPISODE, "ann sang of a cat", about=(ANN,)))
    async with recalling(memory, Matters()) as recall:
        await complete(recall)
        one = (await recall.search("tea", viewers=[ANN]))[0].piece
        await memory.delete(one.id)
        assert "likes tea" not in await texts(recall, "tea", ANN)
        assert len(await texts(recall, "cat", ANN)) >= 2
        await ledger.forget("ann", "twitch")  # it tells nobody
        assert await texts(recall, "cat chess tea", ANN) == []
        assert await texts(recall, "猫", ANN) == []
        await until(lambda: len(recall) == 0)
        await memory.remember("twitch", "ann", "Ann")
        await memory.add(Piece(PieceKind.VIEWER, "has a cat", "twitch", "ann"))
        await memory.forget("twitch", "ann")
        assert await texts(recall, "cat", ANN) == []


async def test_a_newer_fact_takes_the_place_of_the_older(memory: MemoryStore) -> None:
    await people(memory)
    async with recalling(memory, Matters()) as recall:
        await memory.add(Piece(PieceKind.VIEWER, "has a cat", "twitch", "ann", slot="pet"))
        newer = await memory.add(Piece(PieceKind.VIEWER, "has a cat and a bike", "twitch", "ann", slot="pet"))
        assert await texts(recall, "cat", ANN) == ["has a cat and a bike"]
        await memory.change(newer.id, text="drinks tea")
        assert await texts(recall, "cat", ANN) == []
        await complete(recall)
        assert await texts(recall, "茶", ANN) == ["drinks tea"]
        await memory.change(newer.id, state=PieceState.ARCHIVED)
        assert await texts(recall, "tea", ANN) == []


async def test_vectors_are_kept_and_another_embedder_makes_its_own(memory: MemoryStore) -> None:
    for number in range(40):
        await memory.add(Piece(PieceKind.CANON, f"cat number {number}"))
    first, again, other = Matters(), Matters(), Matters("others", 12)
    for embedder in (first, again, other):
        async with recalling(memory, embedder) as recall:
            await complete(recall)
            assert recall.progress.embedder == embedder.name
    assert len([t for t in first.texts if "number" in t]) == 40
    assert again.texts == []
    assert len([t for t in other.texts if "number" in t]) == 40


async def test_a_model_that_changes_its_length_is_embedded_anew(
    memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "FIRST_PAUSE_S", 0.01)
    await memory.add(Piece(PieceKind.CANON, "the host has a cat"))
    embedder = Matters()
    async with recalling(memory, embedder) as recall:
        await complete(recall)
        embedder.fault = "changed"
        await memory.add(Piece(PieceKind.CANON, "the host drinks tea"))
        assert (await texts(recall, "a cat of hers"))[0] == "the host has a cat"
        await until(lambda: recall.progress.done == 0)
        assert await texts(recall, "tea") == ["the host drinks tea"]
        embedder.fault, embedder.dimensions = "", 9
        await complete(recall)
        assert recall.progress == embedding.Progress("matters", 2, 2)


@pytest.mark.parametrize("fault", ["hangs", "fails", "breaks", "nan"])
async def test_an_embedder_that_fails_leaves_the_words(
    memory: MemoryStore, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REST_S", 3600.0)
    for text in ("the host has a cat", "the host drinks tea"):
        await memory.add(Piece(PieceKind.CANON, text))
    embedder = Matters()
    async with recalling(memory, embedder, patience_s=0.05) as recall:
        await complete(recall)
        embedder.fault = fault
        assert await texts(recall, "a cat?") == ["the host has a cat"]
        assert await texts(recall, "any tea?") == ["the host drinks tea"]
        asked = len(embedder.texts)
        assert await texts(recall, "no cat!") == ["the host has a cat"]
        assert len(embedder.texts) == asked  # after two failures it rests


async def test_one_text_that_is_refused_holds_up_no_other(memory: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "FIRST_PAUSE_S", 0.001)
    await memory.add(Piece(PieceKind.CANON, "poison"))
    for number in range(30):
        await memory.add(Piece(PieceKind.CANON, f"cat number {number}"))
    async with recalling(memory, Matters()) as recall:
        await until(lambda: recall.progress.done == 30)
        assert recall.progress.total == 31


async def test_serving_reads_what_there_is_and_tries_again(
    memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.001)
    await memory.add(Piece(PieceKind.CANON, "the host has a cat"))
    recall = Recall(memory)
    people = recall._vectors.people
    failed: list[int] = []

    async def fails_once() -> Any:
        if not failed:
            failed.append(1)
            raise TransientError("busy", provider="store")
        return await people()

    monkeypatch.setattr(recall._vectors, "people", fails_once)
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(recall.serve())
            await until(lambda: len(recall) == 1)
            assert await texts(recall, "cat") == ["the host has a cat"]
            task.cancel()
    finally:
        recall.close()


async def test_what_makes_the_vectors_outlives_any_error(memory: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "FIRST_PAUSE_S", 0.001)
    embedder = Matters()
    embedder.fault = "breaks"
    async with recalling(memory, embedder) as recall:
        await memory.add(Piece(PieceKind.CANON, "the host has a cat"))
        await until(lambda: bool(recall.progress.trouble))
        embedder.fault = ""
        await complete(recall)
        assert recall.progress == embedding.Progress("matters", 1, 1)


async def test_a_prepared_question_is_not_embedded_twice(memory: MemoryStore) -> None:
    await memory.add(Piece(PieceKind.CANON, "the host has a cat"))
    embedder = Matters()
    async with recalling(memory, embedder) as recall:
        await complete(recall)
        await recall.prepare("其他的猫")
        asked = len(embedder.texts)
        assert await texts(recall, "其他的猫") == ["the host has a cat"]
        assert len(embedder.texts) == asked


async def test_a_database_that_does_not_answer_hides_what_may_be_deleted(
    memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await memory.add(Piece(PieceKind.CANON, "the host has a cat"))
    async with recalling(memory) as recall:

        async def fail(_: object) -> Awaitable[set[int]]:
            raise TransientError("gone", provider="store")

        monkeypatch.setattr(recall._vectors, "still", fail)
        assert await texts(recall, "cat") == ["the host has a cat"]
        memory.store.erased += 1
        assert await texts(recall, "cat") == []


async def test_many_pieces_are_loaded_in_steps_with_their_neighbours(
    memory: MemoryStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in range(5):
        for number in range(7):
            text = f"passage {page}{number}" + (" about walruses" if (page, number) == (2, 3) else "")
            await memory.add(Piece(PieceKind.KNOWLEDGE, text, page=f"page{page}"))
    monkeypatch.setattr("bot.store.memory.vectors.STEP", 10)
    async with recalling(memory, clock=clock) as recall:
        assert len(recall) == 35
        found = await texts(recall, "walruses")
    assert found[0] == "passage 23 about walruses"
    assert set(found[1:]) <= {"passage 22", "passage 24", "passage 21", "passage 25"}
    assert len(found) > 1

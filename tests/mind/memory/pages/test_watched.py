"""A folder of knowledge while the show runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import TransientError
from bot.mind.memory.pages.folder import read_folder
from bot.mind.memory.pages.watched import WatchedFolder
from bot.mind.memory.recall import Recall
from bot.store.memory.store import MemoryStore
from tests.mind.memory.test_recall import Matters, complete, recalling


@pytest.fixture
async def recall(memory: MemoryStore) -> AsyncIterator[Recall]:
    async with recalling(memory) as made:
        yield made


async def known(recall: Recall, question: str) -> list[str]:
    return [found.piece.page for found in await recall.search(question)]


async def test_files_are_learned_when_they_change(recall: Recall, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    (folders[0] / "lamp.md").write_text("The lamp was lit in 1871.", "utf-8")
    (folders[1] / "tea.txt").write_text("She drinks tea.", "utf-8")
    reads = []

    async def read(folder: Path) -> object:
        reads.append(folder)
        return await read_folder(folder)

    watched = WatchedFolder(lambda: folders[0], recall, read)  # type: ignore[arg-type]
    assert not watched.helps()
    await watched.look()
    await watched.look()
    assert len(reads) == 1
    assert await known(recall, "the lamp") == ["lamp"]
    assert not watched.helps()  # words alone find Markdown as well
    (folders[0] / "sea.TXT").write_text("Seals sleep by the sea.", "utf-8")
    await watched.look()
    assert watched.helps()
    assert await known(recall, "seals") == ["sea"]
    folders[0] = folders[1]
    assert not watched.helps()
    await watched.look()
    assert (await known(recall, "seals lamp"), await known(recall, "tea")) == ([], ["tea"])


async def test_vectors_make_it_help(memory: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "cat.md").write_text("The cat sleeps.", "utf-8")
    async with recalling(memory, Matters()) as recall:
        watched = WatchedFolder(lambda: tmp_path, recall)
        await watched.look()
        await complete(recall)
        assert watched.helps()
        assert await known(recall, "猫") == ["cat"]


async def test_a_fault_is_told_and_tried_again(recall: Recall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"no PDF")
    (tmp_path / "tea.txt").write_text("She drinks tea.", "utf-8")
    watched = WatchedFolder(lambda: tmp_path, recall)
    learn = recall.learn

    async def fails(*_: object) -> object:
        raise TransientError("the database is busy", provider="store")

    monkeypatch.setattr(recall, "learn", fails)
    await watched.look()
    assert not watched.helps()
    monkeypatch.setattr(recall, "learn", learn)
    await watched.look()
    assert watched.helps()
    assert [trouble.file for trouble in watched.troubles] == ["bad.pdf"]


async def test_a_guest_is_answered_from_its_own_pages_by_meaning_and_keeps_its_vectors(
    memory: MemoryStore, tmp_path: Path
) -> None:
    for persona, text in (("mira", "The cat sleeps by the lamp."), ("yun", "The cat sleeps on a cloud.")):
        (tmp_path / persona).mkdir()
        (tmp_path / persona / "about.md").write_text(text, "utf-8")
    guests: dict[str, Path] = {}
    embedder = Matters()

    async def found(recall: Recall, guest: str) -> list[str]:
        return [hit.piece.page for hit in await recall.search("猫", guest=guest)]

    async with recalling(memory, embedder) as recall:
        watched = WatchedFolder(lambda: tmp_path / "mira", recall, guests=lambda: guests)
        await watched.look()
        guests["yun"] = tmp_path / "yun"
        assert not watched.helps("yun")  # nothing of it is known yet
        await watched.look()
        await complete(recall)
        assert watched.helps("yun")
        assert (await found(recall, ""), await found(recall, "yun")) == (["about"], ["yun/about"])
        assert await found(recall, "nobody") == []
        stored = {piece.page: piece.id for piece in recall._pieces.values()}
        (tmp_path / "mira" / "about.md").write_text("The cat is away.", "utf-8")
        await watched.look()
        kept = {piece.page: piece.id for piece in recall._pieces.values()}
        assert kept["yun/about"] == stored["yun/about"]
        assert kept["about"] != stored["about"]

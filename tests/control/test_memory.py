"""What an operator sees of memory, corrects and deletes, over a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.control.memory import MAX_LISTED, MemoryControls
from bot.errors import Refused
from bot.mind.memory.knowledge import Passage
from bot.mind.memory.recall import Recall
from bot.store.database import open_store
from bot.store.memory.pieces import Piece, PieceKind, PieceState
from bot.store.memory.store import MemoryStore

ALL = list(PieceKind)
NOTE = Passage("lighthouse", "The lamp", "It turns twice a minute.")


class Desk(NamedTuple):
    memory: MemoryStore
    controls: MemoryControls


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    async with open_store(f"sqlite+aiosqlite:///{folder / 'a.db'}") as store:
        memory = MemoryStore(store)
        recall = Recall(memory)
        await recall.load()
        controls = MemoryControls()
        controls.attach(memory, recall, lambda: (NOTE,))
        await memory.remember("twitch", "u1", "Ann")
        await memory.remember("twitch", "u2", "Ben")
        try:
            yield Desk(memory, controls)
        finally:
            recall.close()


def of(viewer: str, text: str, slot: str = "") -> Piece:
    return Piece(PieceKind.VIEWER, text, "twitch", viewer, slot=slot, origin=f"I say: {text}")


async def test_what_is_known_is_listed_by_kind_and_by_viewer(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.memory.add(of("u1", "has a cat called Tom", "pet"))
        await d.memory.add(of("u2", "lives in Kyoto", "home"))
        await d.memory.add(Piece(PieceKind.CANON, "I was born in a lighthouse"))
        everything = await d.controls.pieces(ALL, PieceState.ACTIVE, "")
        assert {(one.kind, one.name, one.text) for one in everything} == {
            (PieceKind.VIEWER, "Ann", "has a cat called Tom"),
            (PieceKind.VIEWER, "Ben", "lives in Kyoto"),
            (PieceKind.CANON, "", "I was born in a lighthouse"),
        }
        canon = await d.controls.pieces([PieceKind.CANON], PieceState.ACTIVE, "")
        assert [one.text for one in canon] == ["I was born in a lighthouse"]
        assert [one.text for one in await d.controls.of_viewer("twitch", "u1")] == ["has a cat called Tom"]
        assert {one.name for one in await d.controls.viewers()} == {"Ann", "Ben"}


async def test_words_find_viewers_pieces_and_the_hosts_own(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.memory.add(of("u1", "has a cat called Tom"))
        await d.memory.add(of("u2", "likes 猫 more than dogs"))
        await d.memory.add(Piece(PieceKind.CANON, "I was born in a lighthouse"))
        for words, texts in (
            ("CAT", ["has a cat called Tom"]),
            ("猫", ["likes 猫 more than dogs"]),
            ("lighthouse", ["I was born in a lighthouse"]),
            ("submarine", []),
        ):
            assert [one.text for one in await d.controls.pieces(ALL, PieceState.ACTIVE, words)] == texts, words


async def test_a_correction_counts_at_once_and_is_found(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        piece = await d.memory.add(of("u1", "has a cat called Tom", "pet"))
        assert (await d.controls.correct(piece.id, "has a dog called Rex")).ok
        assert [one.text for one in await d.controls.of_viewer("twitch", "u1")] == ["has a dog called Rex"]
        assert not await d.controls.pieces(ALL, PieceState.ACTIVE, "Tom called")
        assert not (await d.controls.correct(9999, "anything")).ok


async def test_what_is_deleted_is_gone_and_deleted_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        piece = await d.memory.add(of("u1", "has a cat called Tom"))
        before = d.controls.state()
        assert (await d.controls.delete(piece.id)).ok
        assert not (await d.controls.delete(piece.id)).ok
        assert not await d.controls.of_viewer("twitch", "u1")
        assert before is not None
        after = d.controls.state()
        assert after is not None
        assert (before.pieces, after.pieces) == (1, 0)


async def test_what_was_superseded_is_shown_as_such(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.memory.add(of("u1", "lives in Oslo", "home"))
        await d.memory.add(of("u1", "lives in Bergen", "home"))
        states = {one.text: one.state for one in await d.controls.of_viewer("twitch", "u1")}
        assert states == {"lives in Bergen": PieceState.ACTIVE, "lives in Oslo": PieceState.SUPERSEDED}


async def test_lists_are_bounded(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        for number in range(MAX_LISTED + 20):
            await d.memory.add(Piece(PieceKind.EPISODE, f"evening number {number} with {'x' * 2000}"))
        listed = await d.controls.pieces(ALL, PieceState.ACTIVE, "")
        assert len(listed) == MAX_LISTED
        assert max(len(one.text) for one in listed) <= 600
        assert len(await d.controls.pieces(ALL, PieceState.ACTIVE, "evening")) == MAX_LISTED


async def test_a_forgotten_viewer_is_in_no_list(tmp_path: Path) -> None:
    async with desk(tmp_path) as d:
        await d.memory.add(of("u1", "has a cat called Tom"))
        await d.memory.forget("twitch", "u1")
        assert not await d.controls.of_viewer("twitch", "u1")
        assert not await d.controls.pieces(ALL, PieceState.ACTIVE, "cat")
        assert [one.name for one in await d.controls.viewers()] == ["Ben"]


async def test_the_passages_of_the_last_answer_are_shown_with_their_source() -> None:
    controls = MemoryControls()
    assert controls.notes() == []
    assert controls.state() is None
    with pytest.raises(Refused):
        await controls.delete(1)

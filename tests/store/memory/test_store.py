"""What is remembered, superseded, refreshed and bounded, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from bot.store import retention
from bot.store.ledger import Ledger
from bot.store.memory import forgetting
from bot.store.memory.pieces import Piece, PieceKind, PieceState, Viewer
from bot.store.memory.rows import digest
from bot.store.memory.store import MemoryStore
from bot.store.tables import Asked, TurnState
from bot.store.viewers import find
from bot.types import Author, Kind, Message, TurnKind
from tests.store.memory.conftest import Clock

ANN, BOB = Viewer("twitch", "ann"), Viewer("bilibili", "bob")


def fact(text: str, who: Viewer = ANN, **more: Any) -> Piece:
    return replace(Piece(PieceKind.VIEWER, text, who.source, who.author_id), **more)


async def known(memory: MemoryStore, who: Viewer = ANN) -> list[str]:
    return [piece.text for piece in await memory.of_viewer(who.source, who.author_id)]


async def turn(memory: MemoryStore, name: str, *who: Viewer, line: str = "m1") -> None:
    """Record a turn that answered lines of these viewers."""
    ledger = Ledger(memory.store)
    lines = [
        Message(f"{line}-{v.author_id}", v.source, Author(v.author_id, v.author_id), "words", Kind.CHAT) for v in who
    ]
    await ledger.begin(name, 1, TurnKind.ANSWER, lines)
    await ledger.finish(name, "an answer", TurnState.COMPLETED, "an answer", {})


async def test_a_piece_comes_back_as_it_was(memory: MemoryStore, clock: Clock) -> None:
    due = clock.now + dt.timedelta(days=2)
    piece = Piece(
        PieceKind.PROMISE,
        "我会唱歌\0 for Ann",
        "twitch",
        "ann",
        "song",
        "sing!",
        "page",
        "zh",
        "t1",
        0.8,
        due_at=due,
    )
    added = await memory.add(piece)
    assert added.id > 0
    expected = replace(piece, id=added.id, text="我会唱歌\ufffd for Ann", at=clock.now, used_at=clock.now)
    assert added == expected
    assert await memory.get(added.id) == expected
    assert await memory.get(added.id + 1) is None


async def test_only_who_asked_is_remembered(memory: MemoryStore) -> None:
    assert (await memory.add(fact("has a cat"))).id == 0
    assert await memory.visited("twitch", "ann", "Ann") is None
    ann = await memory.remember("twitch", "ann", "Ann")
    assert (ann.visits, ann.name) == (1, "Ann")
    assert (await memory.add(fact("has a cat"))).id
    assert await known(memory) == ["has a cat"]
    assert (await memory.add(Piece(PieceKind.CANON, "   "))).id == 0


async def test_what_says_the_same_is_refreshed(memory: MemoryStore, clock: Clock) -> None:
    await memory.remember("twitch", "ann", "Ann")
    first = await memory.add(fact("Has a cat.", weight=0.9))
    clock.turn(days=1)
    again = await memory.add(fact("has  a CAT", weight=0.1))
    assert again.id == first.id
    assert (again.used_at, again.at, again.weight) == (clock.now, first.at, 0.9)
    assert (await memory.add(Piece(PieceKind.CANON, "has a cat"))).id != first.id
    assert digest("猫が好き！") == digest("猫が好き") != digest("犬が好き")
    assert digest("!!!") != digest("???")


async def test_a_newer_answer_wins_and_an_older_one_may_come_back(memory: MemoryStore, clock: Clock) -> None:
    await memory.remember("twitch", "ann", "Ann")
    oslo = await memory.add(fact("lives in Oslo", slot="home"))
    clock.turn(days=1)
    await memory.add(fact("lives in Rome", slot="home"))
    await memory.add(fact("has a dog", slot="pet"))
    assert sorted(await known(memory)) == ["has a dog", "lives in Rome"]
    assert (await memory.get(oslo.id)).state is PieceState.SUPERSEDED  # type: ignore[union-attr]
    assert (await memory.add(fact("Lives in Oslo"))).id == oslo.id
    assert sorted(await known(memory)) == ["Lives in Oslo", "has a dog"]
    everything = await memory.of_viewer("twitch", "ann", active=False)
    assert sorted(p.text for p in everything) == ["Lives in Oslo", "has a dog", "lives in Rome"]


async def test_a_slot_belongs_to_one_owner_and_kind(memory: MemoryStore) -> None:
    for who in (ANN, BOB):
        await memory.remember(who.source, who.author_id, "x")
        await memory.add(fact("lives in Oslo", who, slot="home"))
    await memory.add(Piece(PieceKind.CANON, "lives in a lighthouse", slot="home"))
    await memory.add(Piece(PieceKind.CANON, "lives in a cave", slot="home"))
    assert (await known(memory), await known(memory, BOB)) == (["lives in Oslo"], ["lives in Oslo"])
    assert [p.text for p in await memory.listed([PieceKind.CANON])] == ["lives in a cave"]
    assert [p.text for p in await memory.listed([PieceKind.CANON], state=PieceState.SUPERSEDED)]


async def test_a_piece_can_be_corrected_and_deleted(memory: MemoryStore) -> None:
    piece = await memory.add(Piece(PieceKind.GAG, "the foghorn"))
    changed = await memory.change(piece.id, text="the tuba", state=PieceState.ARCHIVED, weight=float("nan"))
    assert changed
    assert (changed.text, changed.state, changed.weight) == ("the tuba", PieceState.ARCHIVED, 0.0)
    assert await memory.change(piece.id + 9, text="no") is None
    assert await memory.change(piece.id, text="  ") == changed
    assert await memory.delete(piece.id)
    assert not await memory.delete(piece.id)


async def test_promises_are_due_once_their_time_has_come(memory: MemoryStore, clock: Clock) -> None:
    for days, text in ((2, "sing"), (1, "dance"), (9, "cook")):
        await memory.add(Piece(PieceKind.PROMISE, text, due_at=clock.now + dt.timedelta(days=days)))
    await memory.add(Piece(PieceKind.PROMISE, "some day"))
    assert await memory.due(clock.now) == []
    clock.turn(days=3)
    assert [p.text for p in await memory.due(clock.now)] == ["dance", "sing"]
    first, _ = await memory.due(clock.now)
    await memory.change(first.id, state=PieceState.KEPT)
    assert [p.text for p in await memory.due(clock.now)] == ["sing"]
    # What was kept may be promised anew.
    assert (await memory.add(Piece(PieceKind.PROMISE, "dance"))).id != first.id


async def test_visits_are_days_and_a_clock_that_goes_back_makes_none(memory: MemoryStore, clock: Clock) -> None:
    await memory.remember("twitch", "ann", "Ann")
    counted = []
    for hours in (1, 30, 1, -60, 30):
        clock.turn(hours=hours)
        found = await memory.visited("twitch", "ann", "Annie")
        assert found
        counted.append(found.visits)
    assert counted == [1, 2, 2, 2, 2]
    assert [v.name for v in await memory.viewers()] == ["Annie"]


async def test_linked_accounts_are_one_person(memory: MemoryStore) -> None:
    await memory.remember("twitch", "ann", "Ann")
    assert not await memory.link(ANN, BOB)
    await memory.remember("bilibili", "bob", "安")
    await memory.add(fact("lives in Oslo", slot="home"))
    await memory.add(fact("有一只猫", BOB))
    assert await memory.link(ANN, BOB)
    assert sorted(await known(memory)) == sorted(await known(memory, BOB)) == ["lives in Oslo", "有一只猫"]
    await memory.add(fact("住在罗马", BOB, slot="home"))
    assert sorted(await known(memory)) == ["住在罗马", "有一只猫"]
    assert await memory.forget("bilibili", "bob") == 3
    assert await memory.viewer("twitch", "ann") is None


async def test_fifty_pieces_of_a_viewer_the_least_important_go(memory: MemoryStore) -> None:
    await memory.remember("twitch", "ann", "Ann")
    for number in range(forgetting.MAX_OF_VIEWER + 5):
        await memory.add(fact(f"likes the number {number}", weight=0.1 if number < 5 else 0.5))
    left = await known(memory)
    assert len(left) == forgetting.MAX_OF_VIEWER
    assert "likes the number 4" not in left
    assert "likes the number 54" in left


async def test_what_is_unused_is_archived_and_then_deleted(memory: MemoryStore, clock: Clock) -> None:
    used = await memory.add(Piece(PieceKind.EPISODE, "the power went out"))
    await memory.add(Piece(PieceKind.EPISODE, "a cat walked by"))
    await memory.add(Piece(PieceKind.KNOWLEDGE, "the lamp is old", page="lamp"))
    later = await memory.add(Piece(PieceKind.PROMISE, "a party", due_at=clock.now + dt.timedelta(days=400)))
    clock.turn(days=80)
    await memory.touch([used.id, 10**9])
    clock.turn(days=20)
    assert await memory.decay(clock.now) == 1
    assert [p.text for p in await memory.listed([PieceKind.EPISODE])] == ["the power went out"]
    assert (await memory.get(used.id)).uses == 1  # type: ignore[union-attr]
    clock.turn(days=190)
    await memory.decay(clock.now)
    assert not await memory.listed([PieceKind.EPISODE])
    assert [p.id for p in await memory.listed([PieceKind.EPISODE], state=PieceState.ARCHIVED)] == [used.id]
    assert await memory.listed([PieceKind.KNOWLEDGE])
    assert await memory.get(later.id)


async def test_every_kind_has_its_bound(memory: MemoryStore, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(forgetting.MAX_OF_KIND, PieceKind.GAG, 3)
    gags = [await memory.add(Piece(PieceKind.GAG, f"gag {n}", weight=n / 10)) for n in range(6)]
    await memory.change(gags[5].id, state=PieceState.ARCHIVED)
    assert await memory.decay(clock.now) == 3
    assert [p.text for p in await memory.listed([PieceKind.GAG])] == ["gag 4", "gag 3", "gag 2"]


async def test_a_viewer_who_stays_away_is_deleted_with_all(memory: MemoryStore, clock: Clock) -> None:
    await memory.remember("twitch", "ann", "Ann")
    await memory.add(fact("has a cat"))
    clock.turn(days=170)
    await memory.touch([p.id for p in await memory.of_viewer("twitch", "ann")])
    clock.turn(days=20)
    await retention.purge(memory.store, clock.now, dt.timedelta(hours=24))
    assert await memory.viewer("twitch", "ann") is None
    assert await memory.of_viewer("twitch", "ann", active=False) == []


async def test_forgetting_takes_all_that_was_made_of_their_words(memory: MemoryStore) -> None:
    for who in (ANN, BOB):
        await memory.remember(who.source, who.author_id, who.author_id)
        await memory.add(fact("has a cat", who))
    await turn(memory, "t1", ANN)
    await turn(memory, "t2", ANN, BOB, line="m2")
    await turn(memory, "t3", BOB, line="m3")
    await memory.add(fact("plays chess", BOB, turn="t2"))
    await memory.add(Piece(PieceKind.SUMMARY, "a long talk", turn="t3", turns=("t1", "t3")))
    await memory.add(Piece(PieceKind.EPISODE, "ann won", about=(ANN,)))
    await memory.add(Piece(PieceKind.PROMISE, "a song", "twitch", "ann"))
    await memory.add(Piece(PieceKind.GAG, "the hat of ann", turn="t1"))
    await memory.add(Piece(PieceKind.EPISODE, "bob slept", turn="t3"))
    # The chat goes after a day; whose it was is known nevertheless.
    await memory.store.run(lambda c: c.execute(delete(Asked)))
    assert await memory.forget("twitch", "ann") == 5
    assert sorted(p.text for p in await memory.listed(list(PieceKind))) == ["bob slept", "has a cat", "plays chess"]
    assert sorted(await known(memory, BOB)) == ["has a cat", "plays chess"]


async def test_the_ledgers_forgetting_includes_memory(memory: MemoryStore) -> None:
    await memory.remember("twitch", "ann", "Ann")
    await memory.add(fact("has a cat"))
    await turn(memory, "t1", ANN)
    await memory.add(Piece(PieceKind.SUMMARY, "cats were the matter", turn="t1"))
    (found,) = await find(memory.store, ["twitch"], "ANN")
    assert (found.id, found.remembered) == ("ann", 2)
    assert await Ledger(memory.store).forget("ann") >= 2
    assert await memory.listed(list(PieceKind)) == []
    assert await memory.viewer("twitch", "ann") is None
    assert await find(memory.store, ["twitch"], "ann") == []
    # What is still on its way comes too late.
    assert (await memory.add(fact("has a cat", turn="t1"))).id == 0
    assert (await memory.add(Piece(PieceKind.SUMMARY, "cats were the matter", turn="t1"))).id == 0


async def test_a_deleted_message_takes_what_was_made_of_it(memory: MemoryStore) -> None:
    for who in (ANN, BOB):
        await memory.remember(who.source, who.author_id, who.author_id)
    await turn(memory, "t1", ANN, BOB)
    await turn(memory, "t2", ANN, line="m2")
    await memory.add(fact("has a cat", turn="t1"))
    await memory.add(fact("plays chess", BOB, turn="t1"))
    await memory.add(fact("likes tea", turn="t2"))
    await memory.add(Piece(PieceKind.SUMMARY, "of cats", turns=("t0", "t1")))
    await Ledger(memory.store).retract(message="m1-ann", source="twitch")
    assert (await known(memory), await known(memory, BOB)) == (["likes tea"], ["plays chess"])
    assert await memory.listed([PieceKind.SUMMARY]) == []
    await Ledger(memory.store).retract(author="ann", source="twitch")
    assert await known(memory) == []
    assert await memory.viewer("twitch", "ann")


async def test_the_number_of_a_forgotten_piece_is_not_given_again(memory: MemoryStore) -> None:
    await memory.remember(ANN.source, ANN.author_id, "Ann")
    await memory.remember(BOB.source, BOB.author_id, "Bob")
    first = await memory.add(fact("keeps bees", ANN))
    await memory.forget(ANN.source, ANN.author_id)
    assert (await memory.add(fact("mends clocks", BOB))).id > first.id > 0

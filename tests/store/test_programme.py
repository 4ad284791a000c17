"""What the programme keeps in a real database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.programme import SegmentRun
from bot.store.tables import RunPhase, RunState
from bot.types import Author, Kind, Message, Money, TurnKind

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


async def test_runs_and_memories_come_back_as_they_were(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'a.db'}"
    run = SegmentRun("早安", NOW, "on time", RunState.ON_AIR, RunPhase.OPENING, "t-1", started_at=NOW)
    old = SegmentRun("old", NOW - dt.timedelta(days=9), "on time", RunState.DONE, ended_at=NOW - dt.timedelta(days=9))
    async with open_store(url) as store:
        kept = Ledger(store).programme
        await kept.put(run)
        await kept.put(old)
        run.phase, run.aired_s, run.turn = RunPhase.BODY, 12.5, ""
        await kept.put(run)
        await kept.remember("早安", {"said": 3}, NOW)
        await kept.remember("早安", {"said": 4}, NOW)
    async with open_store(url) as store:
        found = await Ledger(store).programme.load(NOW - dt.timedelta(days=2))
    assert found.runs == (run,)
    assert found.runs[0].run == "早安@2026-06-01T12:00:00+00:00"
    assert found.memories == {"早安": {"said": 4}}


async def test_what_was_heard_of_a_turn_is_known_after_a_crash(tmp_path: Path) -> None:
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}") as store:
        ledger = Ledger(store)
        for turn in ("t-1", "t-2"):
            await ledger.begin(turn, 1, TurnKind.SEGMENT, ())
        await ledger.progress("t-1", "Good evening")
        await ledger.recover()
        assert [await ledger.programme.heard(t) for t in ("t-1", "t-2", "t-3")] == ["Good evening", "", ""]


async def test_what_was_said_of_late_comes_back_in_order(tmp_path: Path) -> None:
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}") as store:
        ledger = Ledger(store)
        for number in range(5):
            await ledger.begin(f"t-{number}", 1, TurnKind.SEGMENT, ())
            await ledger.progress(f"t-{number}", f"words {number}" if number != 2 else "")
        now = dt.datetime.now(dt.UTC)
        said = await ledger.programme.said(now - dt.timedelta(hours=1), 3)
        assert [text for _, text in said] == ["words 1", "words 3", "words 4"]
        assert all(at.tzinfo is not None for at, _ in said)
        assert not await ledger.programme.said(now + dt.timedelta(hours=1), 3)


async def test_what_happened_of_late_is_told_in_sentences(tmp_path: Path) -> None:
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}") as store:
        ledger = Ledger(store)
        since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
        gift = Message("g1", "twitch", Author("1", "Ann"), "", Kind.SUPER_CHAT, Money(500, "USD"))
        await ledger.record(gift)
        await ledger.programme.put(SegmentRun("story", since, state=RunState.DONE, started_at=dt.datetime.now(dt.UTC)))
        await ledger.programme.put(
            SegmentRun("old", since, state=RunState.DONE, started_at=since - dt.timedelta(hours=1))
        )
        told = await ledger.programme.recent(since)
    assert len(told) == 2
    assert told[0].startswith("Ann sent a super chat of ")
    assert "5" in told[0]
    assert told[1] == "The segment story was on."


async def test_runs_of_long_ago_are_deleted(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}") as store:
        ledger = Ledger(store)
        for days in (1, 40):
            at = now - dt.timedelta(days=days)
            await ledger.programme.put(SegmentRun("story", at, state=RunState.DONE, started_at=at, ended_at=at))
        await ledger.programme.put(SegmentRun("waits", now - dt.timedelta(days=50)))
        await ledger.purge(dt.timedelta(hours=24))
        left = await ledger.programme.load(now - dt.timedelta(days=99))
    assert [(run.segment, (now - run.due_at).days) for run in left.runs] == [("story", 1), ("waits", 50)]


async def test_a_viewer_who_is_forgotten_is_forgotten_by_the_segments_too(tmp_path: Path) -> None:
    memory = {
        "scores": {"twitch\nann": ["Ann", 3], "twitch\nbob": ["Bob", 1], "local\nann": ["Another Ann", 2]},
        "state": {"asked": [{"key": "twitch\nann", "text": "why?"}, {"key": "twitch\nbob", "text": "how?"}]},
    }
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}") as store:
        ledger = Ledger(store)
        await ledger.programme.remember("quiz", memory, NOW)
        await ledger.forget("ann", "twitch")
        (found,) = (await ledger.programme.load(NOW)).memories.values()
    assert found == {
        "scores": {"twitch\nbob": ["Bob", 1], "local\nann": ["Another Ann", 2]},
        "state": {"asked": [{"key": "twitch\nbob", "text": "how?"}]},
    }

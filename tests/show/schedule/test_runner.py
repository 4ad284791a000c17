"""The programme plays over the whole show: each run once, whatever comes between."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Refused
from bot.show.schedule.agenda import NoFacts
from bot.show.segments.segment import ChatMode
from bot.store.programme import SegmentRun
from bot.store.tables import RunPhase, RunState
from bot.types import CutKind, Kind, Money, Retraction, TurnKind
from tests.show.schedule.stage import Theatre
from tests.support.programmes import MONDAY, MemoryRecords, WallClock, make
from tests.support.streamer import Mic
from tests.support.virtual import virtual

ORDERED: dict[str, Any] = {"when": {"command": True}}


@virtual
async def test_a_segment_starts_at_its_time_and_what_follows_it_after_its_end() -> None:
    theatre = Theatre(
        make(
            {
                "name": "first",
                "kind": "speaks",
                "when": {"cron": "10 0 * * *"},
                "options": {"text": "The first is on."},
            },
            {"name": "second", "kind": "speaks", "when": {"after": "first"}, "options": {"text": "The second is on."}},
        )
    )
    async with theatre.playing():
        await theatre.until_ended("second")
        (first,), (second,) = theatre.ended("first"), theatre.ended("second")
    assert first.started_at is not None
    assert second.started_at is not None
    assert first.ended_at is not None
    assert dt.timedelta() <= first.started_at - MONDAY - dt.timedelta(minutes=10) < dt.timedelta(milliseconds=100)
    assert second.started_at >= first.ended_at
    assert (first.state, second.state) == (RunState.DONE, RunState.DONE)
    assert theatre.said() == ["The first is on. Number 1.", "The second is on. Number 1."]


@virtual
async def test_a_segment_opens_and_closes_in_the_words_of_the_host_and_its_time_is_bounded() -> None:
    theatre = Theatre(
        make(
            {
                "name": "talk", "kind": "improvises", "when": {"every": "1h"}, "length": "2m", "opening": "Open it.",
                "closing": "Close it.", "options": {"pieces": 1000, "text": "Go on."},
            }
        )
    )  # fmt: skip
    async with theatre.playing():
        await theatre.until_ended("talk")
    asked = [prompt.lines[-1].text for prompt in theatre.hand.llm.prompts]
    assert asked[0].startswith("Open it.")
    assert asked[-1].startswith("Close it.")
    assert sum(text.startswith(("Open it.", "Close it.")) for text in asked) == 2
    (run,) = theatre.ended("talk")
    assert run.state is RunState.DONE
    assert 120 <= run.aired_s < 160


@virtual
async def test_after_an_answer_the_host_is_told_to_come_back() -> None:
    theatre = Theatre(make({"name": "talk", "kind": "improvises", "when": {"every": "1h"}, "options": {"pieces": 3}}))
    async with theatre.playing():
        await theatre.hand.show.wake.wait_until(lambda: theatre.runner.air is not None, 4000)
        await theatre.hand.chat("hi Mira, what are we playing?")
        await theatre.until_ended("talk")
    asked = [p.lines[-1].text for p in theatre.hand.llm.prompts if p.lines[-1].text.startswith("Say something.")]
    assert len(asked) == 3
    assert sum("interrupted" in text for text in asked) == 1


@virtual
async def test_a_cut_ends_the_one_on_air_and_a_queued_one_waits() -> None:
    theatre = Theatre(
        make(
            {"name": "long", "when": {"cron": "0 1 * * *"}, "options": {"seconds": 3000}},
            {"name": "polite", "when": {"cron": "5 1 * * *"}},
            {"name": "news", "when": {"cron": "10 1 * * *"}, "overlap": "cut"},
        )
    )
    async with theatre.playing():
        await theatre.until_ended("news")
        await theatre.until_ended("polite")
    (long,), (news,), (polite,) = (theatre.ended(name) for name in ("long", "news", "polite"))
    assert (long.state, long.note) == (RunState.CUT, "cut by news")
    assert news.started_at is not None
    assert (news.started_at - MONDAY).total_seconds() == pytest.approx(4200, abs=0.2)
    assert polite.started_at is not None
    assert news.ended_at is not None
    assert polite.started_at >= news.ended_at


@virtual
async def test_a_kind_that_fails_ends_its_segment_alone() -> None:
    theatre = Theatre(
        make({"name": "bad", "kind": "fails", "when": {"every": "1h"}}, {"name": "good", "when": {"after": "bad"}})
    )
    async with theatre.playing():
        await theatre.until_ended("good")
    (bad,) = theatre.ended("bad")
    assert (bad.state, bad.note) == (RunState.CUT, "it failed: the kind is broken")
    assert theatre.ended("good")[0].state is RunState.DONE


@virtual
async def test_votes_are_read_and_not_answered_and_payments_pass() -> None:
    theatre = Theatre(
        make({"name": "poll", **ORDERED, "options": {"seconds": 60}}, chat=ChatMode.VOTES),
    )
    hand = theatre.hand
    async with theatre.playing():
        await asyncio.sleep(1)
        theatre.desk.start("poll")
        await hand.until(lambda: theatre.runner.air is not None)
        await hand.chat("one", "ann")
        await hand.chat("", "bob", Kind.GIFT, Money(500, "USD"))
        await hand.until(lambda: "m2" in hand.fates, 30)
        air = theatre.runner.air
        assert air is not None
        line = await air.next_line(1)
        assert line is not None
        assert (line.text, line.author.name) == ("one", "ann")
        assert await air.next_line(1) is None
        await theatre.until_ended("poll")
    assert hand.fates["m1"] == ("dropped", "read by the segment poll")
    assert hand.fates["m2"][0] == "answered"


@virtual
async def test_collected_lines_do_not_grow_old_and_are_answered_at_the_end() -> None:
    theatre = Theatre(make({"name": "story", **ORDERED, "chat": "collect", "options": {"seconds": 900}}))
    hand = theatre.hand
    async with theatre.playing():
        await asyncio.sleep(1)
        theatre.desk.start("story")
        await hand.until(lambda: theatre.runner.air is not None)
        await hand.chat("hi Mira, what was the name of the ship?", "ann")
        await asyncio.sleep(600)
        assert "m1" not in hand.fates
        await theatre.until_ended("story")
        await hand.until(lambda: "m1" in hand.fates, 60)
    assert hand.fates["m1"][0] == "answered"


@virtual
async def test_what_was_deleted_does_not_reach_the_segment_and_stands_no_more() -> None:
    theatre = Theatre(make({"name": "poll", **ORDERED, "options": {"seconds": 60}}, chat=ChatMode.VOTES))
    hand = theatre.hand
    async with theatre.playing():
        await asyncio.sleep(1)
        theatre.desk.start("poll")
        await hand.until(lambda: theatre.runner.air is not None)
        await hand.chat("one", "ann")
        air = theatre.runner.air
        assert air is not None
        assert air.stands("test", "m1", "ann")
        await hand.feed.retract(Retraction("test", "m1"))
        assert not air.stands("test", "m1", "ann")
        assert await air.next_line(1) is None
        await theatre.until_ended("poll")


@virtual
async def test_a_segment_waits_for_its_conditions_and_is_missed_when_they_are_not_met_in_time() -> None:
    class Watching(NoFacts):
        count = 0

        def viewers(self) -> int | None:
            return self.count

    facts = Watching()
    segment = {"name": "quiz", "when": {"every": "1h"}, "late": "5m", "only_if": {"viewers": 3}}
    theatre = Theatre(make(segment), facts=facts)
    async with theatre.playing():
        await asyncio.sleep(3600 + 330)
        (missed,) = theatre.ended("quiz")
        assert (missed.state, missed.note) == (RunState.MISSED, "0 watch, and 3 are wanted")
        await asyncio.sleep(3600 - 270)
        facts.count = 3
        await theatre.until_ended("quiz", 2)
    assert theatre.ended("quiz")[1].state is RunState.DONE


@virtual
async def test_orders_start_skip_extend_hold_and_reorder() -> None:
    theatre = Theatre(
        make(
            {"name": "a", "when": {"cron": "0 1 * * *"}, "length": "5m", "options": {"seconds": 9999}},
            {"name": "b", **ORDERED},
            {"name": "c", **ORDERED},
        )
    )
    desk = theatre.desk
    async with theatre.playing():
        await asyncio.sleep(1)
        for refused in (desk.skip, lambda: desk.extend(60), lambda: desk.start("z"), lambda: desk.skip("b")):
            with pytest.raises(Refused):
                refused()
        desk.hold(on=True)
        await asyncio.sleep(3600)
        assert desk.state().on_air is None
        assert [one.segment for one in desk.state().waiting] == ["a"]
        desk.hold(on=False)
        await asyncio.sleep(60)
        desk.extend(120)
        desk.start("b")
        desk.start("c")
        desk.reorder(["b", "c"])
        state = desk.state()
        assert state.on_air is not None
        assert (state.on_air.segment, [one.segment for one in state.waiting]) == ("a", ["b", "c"])
        await theatre.until_ended("c")
        assert theatre.ended("a")[0].aired_s == pytest.approx(420, abs=2)
        desk.start("b")
        await theatre.until_ended("b", 2)
        desk.start("a")
        await asyncio.sleep(10)
        desk.skip()
        await theatre.until_ended("a", 2)
        assert theatre.ended("a")[1].note == "skipped by order"
        coming = await desk.timeline(48)
    assert [(one.segment, one.due_at.hour) for one in coming] == [("a", 1), ("a", 1)]


@virtual
async def test_quiet_is_filled_and_the_filler_does_not_follow_itself() -> None:
    theatre = Theatre(make({"name": "filler", "kind": "speaks", "when": {"quiet": "2m"}}))
    async with theatre.playing():
        await theatre.until_ended("filler", 3)
        first, second, third = theatre.ended("filler")
    for before, after in ((first, second), (second, third)):
        assert before.ended_at is not None
        assert after.started_at is not None
        assert 119 <= (after.started_at - before.ended_at).total_seconds() < 126


# --- a crash -----------------------------------------------------------------------------------------


@virtual
async def test_a_kill_in_mid_segment_resumes_it_with_its_memory() -> None:
    file = make({"name": "tale", "kind": "speaks", "when": {"cron": "5 0 * * *"}, "options": {"pieces": 6}})
    first = Theatre(file)
    async with first.playing():
        await first.hand.until(lambda: len(first.said()) >= 3, 2000)
    assert first.records.memories["tale"]["said"] == 3
    second = Theatre(file, first.records, first.clock)
    async with second.playing():
        await second.until_ended("tale")
    assert [text[-9:] for text in [*first.said(), *second.said()]] == [f"Number {n}."[-9:] for n in range(1, 7)]
    assert len(second.ended("tale")) == 1


@virtual
@pytest.mark.parametrize(("heard", "openings"), [("", 1), ("Well hello", 0)])
async def test_an_opening_is_said_again_after_a_crash_only_when_nobody_heard_it(heard: str, openings: int) -> None:
    file = make({"name": "talk", "when": {"cron": "0 0 * * *"}, "opening": "Open it."})
    records = MemoryRecords()
    run = SegmentRun("talk", MONDAY, "on time", RunState.ON_AIR, RunPhase.OPENING, "t-1", started_at=MONDAY)
    records.runs[run.run] = run
    records.memories["#programme"] = {"seen": MONDAY.isoformat(), "held": False}
    records.turns["t-1"] = heard
    theatre = Theatre(file, records, WallClock(MONDAY + dt.timedelta(seconds=30)))
    async with theatre.playing():
        await theatre.until_ended("talk")
    assert len(theatre.hand.llm.prompts) == openings
    assert theatre.ended("talk")[0].state is RunState.DONE


@virtual
async def test_a_segment_of_hours_ago_is_not_taken_up_again() -> None:
    file = make(
        {"name": "talk", "when": {"cron": "0 0 * * *"}, "late": "10m"}, {"name": "next", "when": {"every": "1h"}}
    )
    records = MemoryRecords()
    run = SegmentRun("talk", MONDAY, "on time", RunState.ON_AIR, RunPhase.BODY, started_at=MONDAY)
    records.runs[run.run] = run
    records.memories["#programme"] = {"seen": MONDAY.isoformat(), "held": False}
    theatre = Theatre(file, records, WallClock(MONDAY + dt.timedelta(hours=3, seconds=5)))
    async with theatre.playing():
        await theatre.until_ended("next")
    assert theatre.ended("talk")[0].state is RunState.CUT
    assert [one.due_at.hour for one in theatre.ended("next")] == [3]


@virtual
async def test_the_show_goes_on_while_the_database_is_away() -> None:
    theatre = Theatre(make({"name": "tale", "kind": "speaks", "when": {"every": "1h"}, "options": {"pieces": 3}}))
    async with theatre.playing():
        await asyncio.sleep(60)
        theatre.records.down = True
        await theatre.hand.until(lambda: len(theatre.said()) == 3, 4000)
        theatre.records.down = False
        await theatre.until_ended("tale")
        assert await theatre.keeper.settled(30)
    assert theatre.records.memories["tale"]["said"] == 3


@virtual
async def test_a_wall_clock_that_is_set_back_and_forth_starts_each_run_once() -> None:
    theatre = Theatre(make({"name": "hourly", "when": {"cron": "0 * * * *"}}))
    async with theatre.playing():
        await asyncio.sleep(3700)
        theatre.clock.offset = dt.timedelta(minutes=-30)
        await asyncio.sleep(3700)
        theatre.clock.offset = dt.timedelta(hours=2)
        await asyncio.sleep(3700)
    done = [run.due_at.hour for run in theatre.ended("hourly") if run.state is RunState.DONE]
    assert done == sorted(set(done))
    assert done[0] == 1


@virtual
async def test_a_new_file_is_taken_over_and_a_bad_one_leaves_the_old() -> None:
    theatre = Theatre(make({"name": "old", "when": {"every": "1h"}}))
    async with theatre.playing():
        theatre.runner.refuse("programme.yaml:3: nonsense")
        assert theatre.desk.state().fault == "programme.yaml:3: nonsense"
        await theatre.until_ended("old")
        theatre.runner.adopt(make({"name": "new", "when": {"every": "30m"}}))
        assert theatre.desk.state().fault == ""
        await theatre.until_ended("new")
    assert [one.segment for one in theatre.desk.state().coming] == ["new"]
    assert replace(theatre.ended("new")[0]).state is RunState.DONE


@virtual
async def test_what_was_kept_for_a_run_alone_is_forgotten_at_its_end_and_a_viewer_at_once() -> None:
    theatre = Theatre(make({"name": "quiz", **ORDERED, "options": {"seconds": 60}}))
    async with theatre.playing():
        await asyncio.sleep(1)
        theatre.desk.start("quiz")
        await theatre.hand.until(lambda: theatre.runner.air is not None)
        air = theatre.runner.air
        assert air is not None
        air.memory.update(state={"votes": {"test\nann": 1}}, scores={"test\nann": ["Ann", 1], "test\nbob": ["Bob", 2]})
        await air.save()
        theatre.desk.forget("test", "ann")
        assert air.memory == {"state": {"votes": {}}, "scores": {"test\nbob": ["Bob", 2]}}
        air.memory["state"]["votes"]["test\nbob"] = 2
        await theatre.until_ended("quiz")
    assert theatre.records.memories["quiz"] == {"state": {}, "scores": {"test\nbob": ["Bob", 2]}}


@virtual
async def test_a_programme_that_fails_is_started_again_and_goes_on() -> None:
    theatre = Theatre(make({"name": "tale", "kind": "speaks", "when": {"every": "1h"}, "options": {"pieces": 5}}))

    async def twice() -> None:
        with contextlib.suppress(ExceptionGroup):
            await theatre.runner.run()
        await theatre.runner.run()

    broken = theatre.runner.agenda.late
    async with asyncio.TaskGroup() as group, theatre.hand.on_air():
        playing = group.create_task(twice())
        await theatre.hand.until(lambda: len(theatre.said()) >= 2, 4000)

        def late(now: dt.datetime) -> list[SegmentRun]:
            theatre.runner.agenda.late = broken  # type: ignore[method-assign]
            raise RuntimeError("a fault in the programme")

        theatre.runner.agenda.late = late  # type: ignore[method-assign]
        await theatre.until_ended("tale")
        playing.cancel()
    # The piece that was on air is this kind's to say again: it counts what it knows to be heard.
    assert list(dict.fromkeys(text[-9:] for text in theatre.said())) == [f"Number {n}."[-9:] for n in range(1, 6)]
    assert [run.state for run in theatre.ended("tale")] == [RunState.DONE]


@virtual
async def test_a_segment_that_the_streamer_speaks_over_is_cut_and_returned_to() -> None:
    theatre = Theatre(make({"name": "talk", "kind": "improvises", "when": {"every": "1h"}, "options": {"pieces": 3}}))
    hand = theatre.hand
    mic = Mic(hand)
    async with theatre.playing(), asyncio.TaskGroup() as group:
        listening = group.create_task(mic.streamer.run())
        await hand.show.wake.wait_until(lambda: hand.show.on_air is not None and hand.show.on_air.sounded, 4000)
        await asyncio.sleep(1)
        await mic.say("Mira, what was the name of that ship?")
        await theatre.until_ended("talk")
        listening.cancel()
    kinds = [(t.plan.kind, t.cut) for t in hand.past]
    assert kinds[:2] == [(TurnKind.SEGMENT, CutKind.BARGED_IN), (TurnKind.STREAMER, None)]
    asked = [p.lines[-1].text for p in hand.llm.prompts if p.lines[-1].text.startswith("Say something.")]
    assert len(asked) == 3
    assert "interrupted" in asked[1]

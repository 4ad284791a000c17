"""The stage hub against fake pages on a jumping clock: what is sent, and what counts as heard."""

from __future__ import annotations

import asyncio
import math
from array import array

import pytest

from bot.stage import protocol as p
from bot.stage.hub import Overlay
from bot.types import Clause, Mark, MouthShape, Pcm, Viseme
from tests.fakes.stage_page import FakePage
from tests.support.virtual import virtual

RATE = 24_000


def settings() -> p.Settings:
    return p.Settings(name="Mira", look=p.Look(), captions=p.Captions(), label="AI")


def hub(**more: object) -> Overlay:
    return Overlay(settings(), clock=asyncio.get_running_loop().time, **more)  # type: ignore[arg-type]


def tone(seconds: float) -> Pcm:
    n = int(RATE * seconds)
    return Pcm(array("h", (int(8000 * math.sin(i / 20)) for i in range(n))).tobytes(), RATE)


def clause(index: int, text: str) -> Clause:
    return Clause("t", index, text, text)


def say(stage: Overlay, epoch: int, *texts: str, seconds: float = 1.0) -> None:
    for index, text in enumerate(texts):
        clip = stage.speak(epoch, clause(index, text), RATE)
        assert clip
        stage.sound(clip, tone(seconds))
        stage.complete(clip)
    stage.end(epoch)


@virtual
async def test_what_is_played_to_its_end_is_heard() -> None:
    stage = hub()
    async with FakePage().open(stage) as page:
        epoch = stage.begin()
        began = asyncio.get_running_loop().time()
        say(stage, epoch, "Hello there,", "dear chat.")
        assert await stage.played(epoch, 4)
        assert stage.heard() == "Hello there, dear chat."
        assert asyncio.get_running_loop().time() - began == pytest.approx(2.0, abs=0.2)
        assert sum(size for _, _, _, size in page.frames) == 2 * RATE * 2
        assert all(size <= RATE // 5 * 2 for _, _, _, size in page.frames)


@virtual
async def test_a_stop_is_acknowledged_and_cuts_at_a_word() -> None:
    stage = hub()
    async with FakePage().open(stage):
        epoch = stage.begin()
        say(stage, epoch, "one two three four five six seven eight nine ten", seconds=5)
        await asyncio.sleep(2.5)
        began = asyncio.get_running_loop().time()
        assert await stage.stop(epoch)
        assert asyncio.get_running_loop().time() - began < 0.05
        heard = stage.heard()
        assert "one two three" in heard
        assert "ten" not in heard
        assert heard.split()[-1] in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        assert stage.speak(epoch, clause(1, "more"), RATE) is None


@virtual
async def test_what_was_stopped_is_not_given_to_a_page_that_comes_after() -> None:
    stage = hub()
    async with FakePage().open(stage):
        epoch = stage.begin()
        say(stage, epoch, "one two three four five six", seconds=4)
        await asyncio.sleep(1)
        assert await stage.stop(epoch)
    async with FakePage().open(stage) as page:
        await asyncio.sleep(0.5)
        assert page.role == "audio"
        assert not page.frames
        assert not page.of("speak")


@virtual
async def test_a_page_that_ignores_a_stop_is_estimated_by_the_clock() -> None:
    stage = hub()
    async with FakePage(deaf=True).open(stage):
        epoch = stage.begin()
        say(stage, epoch, "one two three four five six seven eight nine ten", seconds=5)
        await asyncio.sleep(2.5)
        assert not await stage.stop(epoch)
        assert 15 <= len(stage.heard()) <= 30


@virtual
async def test_only_one_page_has_the_voice() -> None:
    stage = hub()
    async with FakePage().open(stage) as first, FakePage().open(stage) as second:
        assert (first.role, second.role) == ("audio", "view")
        epoch = stage.begin()
        say(stage, epoch, "Hello everybody.")
        assert await stage.played(epoch, 4)
        assert not second.frames
        assert second.of("speak")
        assert second.of("progress")[-1]["finished"]


@virtual
async def test_the_next_page_takes_over_in_mid_sentence() -> None:
    stage = hub()
    async with FakePage().open(stage) as second_holder:
        second = FakePage()
        async with second.open(stage):
            epoch = stage.begin()
            say(stage, epoch, "one two three four five six", "and the end.", seconds=4)
            await asyncio.sleep(2)
            second_holder.leave()
            await asyncio.sleep(0.01)
            assert second.role == "audio"
            assert second.tracks[0].from_ms == pytest.approx(2000, abs=150)
            assert await stage.played(epoch, 4)
            assert stage.heard() == "one two three four five six and the end."


@virtual
async def test_a_reload_in_mid_sentence_goes_on_where_it_was() -> None:
    stage = hub()
    epoch = stage.begin()
    async with FakePage().open(stage):
        say(stage, epoch, "one two three four five six", seconds=4)
        await asyncio.sleep(1.5)
    await asyncio.sleep(1)
    async with FakePage().open(stage) as page:
        assert page.tracks[0].from_ms == pytest.approx(1500, abs=150)
        assert await stage.played(epoch, 4)
        assert stage.heard() == "one two three four five six"


@virtual
async def test_marks_come_before_the_sound_that_they_speak_of_and_again_to_a_page_that_comes_late() -> None:
    stage = hub()
    epoch = stage.begin()
    async with FakePage().open(stage) as page:
        clip = stage.speak(epoch, clause(0, "one two"), RATE)
        assert clip
        visemes = (Viseme(0, MouthShape.REST), Viseme(100, MouthShape.AA))
        stage.sound(clip, Pcm(tone(0.5).data, RATE, (Mark(50, 0),), visemes))
        stage.sound(clip, tone(0.5))
        stage.sound(clip, Pcm(tone(2).data, RATE, (Mark(1100, 4),)))
        stage.complete(clip)
        await asyncio.sleep(0.3)
        told = [message for message in page.messages if message["type"] in ("speak", "marks")]
        assert [message["type"] for message in told] == ["speak", "marks", "marks"]
        assert told[1]["visemes"] == [{"at_ms": 0, "shape": "rest"}, {"at_ms": 100, "shape": "aa"}]
        assert told[2]["words"] == [{"at_ms": 1100, "chars": 4}]
    async with FakePage().open(stage) as late:
        await asyncio.sleep(0.1)
        (again,) = [message for message in late.messages if message["type"] == "marks"]
        assert (len(again["words"]), len(again["visemes"])) == (2, 2)
        await asyncio.sleep(0.4)
        assert await stage.stop(epoch)
        assert stage.heard() == "", "the first word was not heard to its end"


@virtual
async def test_nobody_comes_back() -> None:
    stage = hub()
    epoch = stage.begin()
    async with FakePage().open(stage):
        say(stage, epoch, "one two three four five six", seconds=4)
        await asyncio.sleep(1)
    assert not await stage.played(epoch, 4)
    assert stage.heard() in ("one", "one two")


@virtual
async def test_a_page_that_never_reports_is_not_believed_and_does_not_hold_the_show() -> None:
    stage = hub()
    async with FakePage(mute=True).open(stage):
        epoch = stage.begin()
        began = asyncio.get_running_loop().time()
        say(stage, epoch, "one two", "three four")
        assert await stage.played(epoch, 4)
        assert stage.heard() == ""
        assert asyncio.get_running_loop().time() - began < 3.0


@virtual
async def test_a_page_that_stops_reporting_is_replaced() -> None:
    stage = hub()
    async with FakePage().open(stage) as first, FakePage().open(stage) as second:
        epoch = stage.begin()
        say(stage, epoch, "one two three four five six", seconds=4)
        await asyncio.sleep(1)
        first.mute = True
        assert await stage.played(epoch, 4)
        assert first.closed is not None
        assert second.role == "audio"
        assert stage.heard() == "one two three four five six"


@virtual
async def test_nonsense_positions_do_not_make_words_heard() -> None:
    stage = hub()
    async with FakePage(nonsense=True).open(stage):
        epoch = stage.begin()
        say(stage, epoch, "one two three four five six seven eight nine ten", seconds=10)
        await asyncio.sleep(1)
        assert len(stage.heard()) < 20
        assert await stage.stop(epoch)


@virtual
async def test_frames_that_are_not_understood_are_answered_then_end_the_page() -> None:
    stage = hub()
    async with FakePage().open(stage) as page:
        page.send("[" * 5000)
        page.send('{"type":"playback","epoch":-1,"clause":0,"position_ms":1e999,"finished":true}')
        page.send('{"type":"playback","epoch":"1","clause":0,"position_ms":0,"finished":true}')
        await asyncio.sleep(0.1)
        assert len(page.of("problem")) == 3
        for _ in range(30):
            page.send("nonsense")
        await asyncio.sleep(0.1)
        assert page.closed
        assert page.closed[0] == 1008


@virtual
async def test_a_blocked_tab_gives_the_voice_to_another() -> None:
    stage = hub()
    async with FakePage().open(stage) as tab:
        tab.send({"type": "audio", "state": "suspended", "latency_ms": 0})
        await asyncio.sleep(0.01)
        assert not stage.audible
        assert "clicked" in stage.describe()
        async with FakePage().open(stage) as obs:
            assert obs.role == "audio"
            tab.send({"type": "audio", "state": "running", "latency_ms": 20})
            await asyncio.sleep(0.01)
            assert tab.role == "view"


@virtual
async def test_a_page_that_comes_in_blocked_is_no_audience_until_it_runs() -> None:
    stage = hub()
    async with FakePage().open(stage, running=False) as tab:
        assert tab.role == "view"
        assert not stage.audible
        assert "clicked" in stage.describe()
        tab.send({"type": "audio", "state": "running", "latency_ms": 20})
        await asyncio.sleep(0.01)
        assert tab.role == "audio"
        assert stage.audible


@virtual
async def test_pages_are_bounded() -> None:
    stage = hub(max_pages=1)
    async with FakePage().open(stage):
        extra = FakePage()
        await stage.serve(extra, True)
        assert extra.closed == (1013, "1 stage pages are open already")


@virtual
async def test_a_clause_without_a_voice_is_shown_for_its_time() -> None:
    stage = hub()
    async with FakePage().open(stage):
        epoch = stage.begin()
        began = asyncio.get_running_loop().time()
        clip = stage.speak(epoch, clause(0, "captions alone"), 0, 1500)
        assert clip
        stage.complete(clip)
        stage.end(epoch)
        assert await stage.played(epoch, 4)
        assert stage.heard() == "captions alone"
        assert asyncio.get_running_loop().time() - began == pytest.approx(1.5, abs=0.1)


@virtual
async def test_a_duck_reaches_the_pages_also_one_that_comes_later_and_ends_with_its_turn() -> None:
    stage = hub()
    page, late = FakePage(), FakePage()
    async with page.open(stage):
        epoch = stage.begin()
        clip = stage.speak(epoch, Clause("t", 0, "Hello there.", "Hello there."), RATE)
        assert clip is not None
        stage.sound(clip, Pcm(bytes(RATE * 2 * 4), RATE))
        stage.complete(clip)
        await asyncio.sleep(0.5)
        assert stage.duck(epoch, 0.25)
        assert not stage.duck(epoch - 1, 0.25)
        async with late.open(stage):
            await asyncio.sleep(0.01)
            assert [(m["epoch"], m["gain"]) for m in late.of("duck")] == [(epoch, 0.25)]
        stage.resume(epoch - 1)  # another turn's
        assert not page.of("resume")
        stage.resume(epoch)
        stage.resume(epoch)
        await asyncio.sleep(0.01)
        assert len(page.of("resume")) == 1
        await stage.stop(epoch)
        assert not stage.duck(epoch, 0.25)
        stage.begin()
        assert not late.of("resume")


@virtual
async def test_a_voice_that_stands_still_is_not_late_and_goes_on_where_it_was() -> None:
    stage = hub()
    page = FakePage()
    async with page.open(stage):
        epoch = stage.begin()
        clip = stage.speak(epoch, Clause("t", 0, "Hello there.", "Hello there."), RATE)
        assert clip is not None
        stage.sound(clip, Pcm(bytes(RATE * 2 * 4), RATE))
        stage.complete(clip)
        stage.end(epoch)
        waiting = asyncio.create_task(stage.played(epoch, 4.0))
        await asyncio.sleep(1)
        stage.duck(epoch, 0.25, hold=True)
        await asyncio.sleep(0.1)
        stood = clip.position_ms
        await asyncio.sleep(10)
        assert clip.position_ms == stood
        assert page.closed is None
        stage.resume(epoch)
        assert await waiting
        assert page.closed is None
        assert clip.finished


@virtual
async def test_a_stop_that_nobody_confirms_counts_the_time_up_to_the_standstill() -> None:
    stage = hub()
    page = FakePage(deaf=True)
    async with page.open(stage):
        epoch = stage.begin()
        clip = stage.speak(epoch, Clause("t", 0, "Hello there.", "Hello there."), RATE)
        assert clip is not None
        stage.sound(clip, Pcm(bytes(RATE * 2 * 20), RATE))
        stage.complete(clip)
        await asyncio.sleep(1)
        stage.duck(epoch, 0.25, hold=True)
        stood = clip.position_ms
        await asyncio.sleep(5)
        assert not await stage.stop(epoch)
        assert clip.position_ms - stood < 100

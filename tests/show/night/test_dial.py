"""No quiet is longer than the dial says, whatever the host was about to say."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.show.night.bank import Piece
from bot.show.night.settings import PieceKind
from bot.show.segments.segment import Brief, Heard, SegmentHost
from bot.types import TurnKind
from tests.show.night.test_ahead import Ahead, Voice
from tests.show.schedule.stage import Theatre
from tests.support import programmes
from tests.support.harness import Stagehand
from tests.support.night import Night, tale, through_the_night

DIAL_S = 60.0
#: A model that hangs is waited for so long.
HANGS_S = 12.0
READY = "That was the last hour."


class Evening:
    """A programme of one segment that is called when it was quiet for some time, and a host of its own accord."""

    def __init__(self, kind: str, monkeypatch: pytest.MonkeyPatch, prepared: str = "") -> None:
        self.heard: list[Heard] = []

        async def tells(_: Any, host: SegmentHost) -> None:
            for _try in range(2):
                self.heard.append(await host.improvise(Brief("Tell it.", prepared=prepared)))
                await host.wait(30)

        async def rests(_: Any, host: SegmentHost) -> None:
            await host.wait(120)
            self.heard.append(await host.improvise(Brief("Come back.", prepared=prepared)))

        monkeypatch.setitem(programmes.KINDS, "tells", tells)
        monkeypatch.setitem(programmes.KINDS, "rests", rests)
        self.theatre = Theatre(programmes.make({"name": "news", "kind": kind, "when": {"command": True}}))
        self.night = Night(self.theatre.hand, taken=self.taken, quiet_s=DIAL_S, every_s=3600)
        self.night.stock(20)

    def taken(self) -> bool:
        air = self.theatre.runner.air
        return air is not None and not air.speechless

    @contextlib.asynccontextmanager
    async def called_after(self, seconds: float, mode: str) -> AsyncIterator[None]:
        """Let the model be ``mode`` from now on, and call the segment after so much quiet."""
        night = self.night
        async with asyncio.TaskGroup() as group, self.theatre.playing():
            task = group.create_task(night.accord.run())
            try:
                await fall_quiet(night, seconds)
                night.teller.mode, night.teller.first_s = mode, HANGS_S if mode == "hang" else 0.2
                self.theatre.runner.call("news")
                yield
            finally:
                task.cancel()


async def fall_quiet(night: Night, seconds: float) -> None:
    """Wait until nothing was said for so long; what was before is not measured."""
    await asyncio.sleep(200)
    await night.hand.until(lambda: night.hand.show.on_air is not None, 100)
    await night.hand.until(lambda: night.hand.show.on_air is None, 100)
    night.silences.longest = 0.0
    await asyncio.sleep(seconds)


@through_the_night
async def test_a_segment_that_waits_for_a_model_that_hangs_adds_nothing_to_the_quiet_before_it() -> None:
    with pytest.MonkeyPatch.context() as patch:
        evening = Evening("tells", patch, READY)
        async with evening.called_after(55, "hang"):
            await evening.theatre.until_ended("news")
    assert DIAL_S - 2 < evening.night.silences.longest <= DIAL_S
    assert [READY in heard.text for heard in evening.heard] == [True, True]


@through_the_night
async def test_what_bridged_the_wait_is_not_taken_for_the_words_of_the_segment() -> None:
    with pytest.MonkeyPatch.context() as patch:
        evening = Evening("tells", patch)
        async with evening.called_after(55, "hang"):
            await evening.theatre.until_ended("news")
    assert evening.heard[0] == Heard("", complete=True)
    assert evening.night.silences.longest <= DIAL_S


@through_the_night
async def test_a_segment_that_cannot_speak_leaves_the_floor_to_the_night_bank() -> None:
    with pytest.MonkeyPatch.context() as patch:
        evening = Evening("tells", patch)
        async with evening.called_after(50, "down"):
            await evening.theatre.until_ended("news")
    assert [heard.text for heard in evening.heard] == ["", ""]
    assert DIAL_S - 2 < evening.night.silences.longest <= DIAL_S


@through_the_night
async def test_the_quiet_that_a_segment_wants_is_not_broken() -> None:
    with pytest.MonkeyPatch.context() as patch:
        evening = Evening("rests", patch, READY)
        async with evening.called_after(20, "hang"):
            before = len(evening.theatre.hand.past)
            await evening.theatre.until_ended("news")
            assert [turn.text for turn in evening.theatre.hand.past[before:]] == [READY]


@through_the_night
async def test_an_answer_that_a_model_owes_is_bridged_before_the_quiet_is_too_long() -> None:
    night = Night(Stagehand(), quiet_s=DIAL_S, every_s=3600)
    night.stock(20)
    async with asyncio.TaskGroup() as group, night.hand.on_air():
        task = group.create_task(night.accord.run())
        await fall_quiet(night, DIAL_S - 1.5)
        night.teller.mode, night.teller.first_s = "hang", HANGS_S
        await night.hand.chat("hi Mira, are you awake?")
        await night.hand.until(lambda: "m1" in night.hand.fates, 60)
        task.cancel()
    assert night.hand.past[-1].plan.kind is TurnKind.ANSWER
    assert DIAL_S - 1 < night.silences.longest <= DIAL_S


@through_the_night
async def test_after_a_quiet_that_was_not_the_hosts_an_answer_is_not_bridged_at_once() -> None:
    night = Night(Stagehand(), quiet_s=DIAL_S, every_s=3600)
    night.stock(20)
    async with night.hand.on_air():
        await night.hand.chat("hi Mira, are you awake?")
        await night.hand.until(lambda: "m1" in night.hand.fates, 60)
        night.taken = True
        await asyncio.sleep(3 * DIAL_S)
        night.teller.texts = ["[joy] I am, and the lamp is lit."]
        await night.hand.chat("Mira, are you still awake?")
        await night.hand.until(lambda: "m2" in night.hand.fates, 60)
    assert night.hand.past[-1].text == "I am, and the lamp is lit."


@through_the_night
async def test_words_that_were_shown_alone_end_no_quiet_once_there_is_a_voice_again(tmp_path: Path) -> None:
    rig = Ahead(tmp_path / "night-bank", Voice(), quiet_s=DIAL_S, every_s=3600, ahead=0)
    night, loop = rig.night, asyncio.get_running_loop()
    for number in range(10):  # so short that all of it is made while there is no voice
        night.bank.add(Piece(PieceKind.STORY, "", f"[joy] {tale(number, 2)}", night.clock()))
    async with rig.running():
        await fall_quiet(night, 0)
        sounded = loop.time()
        rig.voice.mode = "down"
        await night.hand.until(lambda: night.hand.show.on_air is not None, 100)
        shown = night.hand.show.on_air
        await asyncio.sleep(2)
        rig.voice.mode = ""
        assert await rig.chain.revive(4.0)
        await night.hand.until(lambda: night.hand.show.on_air is not shown, 100)
        assert night.hand.past[-1].text
        assert night.hand.show.performance.sound_at <= sounded  # all of it was shown without a sound
        await night.hand.until(lambda: night.hand.show.performance.sound_at > sounded, 10)

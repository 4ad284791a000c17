"""Pieces of the night bank that are spoken ahead."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.runtime.failover import Link, LinkConfig
from bot.show.composer import clauses_of
from bot.show.night.ahead import SpeakingAhead
from bot.show.night.bank import NightBank, Piece
from bot.show.night.recordings import NightRecordings, key_of
from bot.show.night.settings import PieceKind
from bot.types import Mark, MouthShape, Pcm, Retraction, Style, Tts, Viseme
from bot.voice.failover import TtsChain
from bot.voice.recorded import RecordedVoice, Recording
from tests.show.night.test_bank import HOUR, Clock, piece
from tests.support.harness import Stagehand
from tests.support.night import Night, QuickTts, tale, through_the_night

OPTIONS = {"provider": "tone", "voices": {"en": "amy"}}


class Voice(QuickTts):
    """Speaks in one breath; ``mode`` makes it fail; counts what was asked of it, and what was given up."""

    given_up = 0
    pitch = b"\x01\x01"

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        self.spoken.append(text)
        try:
            await asyncio.sleep(self.first_s)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.mode == "down":
            raise ConnectionError("no voice")
        yield Pcm(self.pitch * int(8000 * max(0.3, len(text) / 14)), 8000)


def chain_of(*voices: Voice, entry: dict[str, Any] | None = None) -> TtsChain:
    links: list[Link[Tts]] = [Link(f"tone-{n}" if n else "tone", voice, LinkConfig()) for n, voice in enumerate(voices)]
    now = asyncio.get_running_loop().time
    return TtsChain(links, None, now, [entry or OPTIONS] * len(voices))


class Ahead:
    """A night whose pieces are spoken ahead into a folder."""

    def __init__(
        self, folder: Path, voice: Voice | None = None, chain: TtsChain | None = None, **settings: Any
    ) -> None:
        self.night = Night(Stagehand(), **settings)
        self.voice = voice or Voice()
        self.chain = chain or chain_of(self.voice)
        self.recordings = NightRecordings(folder)
        show = self.night.hand.show
        show.speaker.tts = RecordedVoice(self.chain, self.recordings)
        self.ahead = SpeakingAhead(show, self.chain, self.recordings, self.night.bank, self.night.settings)
        self.night.accord.ahead = self.ahead

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.recordings.load()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.night.accord.run())
            try:
                async with self.night.hand.on_air():
                    yield
            finally:
                task.cancel()

    @contextlib.asynccontextmanager
    async def preparing(self) -> AsyncIterator[None]:
        """Speak ahead alone: nothing is said meanwhile."""
        await self.recordings.load()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.ahead.run())
            try:
                yield
            finally:
                task.cancel()

    @property
    def files(self) -> int:
        folder = self.recordings._folder
        return len(list(folder.glob("*.wav"))) if folder and folder.is_dir() else 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "night-bank"


def sounding(rig: Ahead) -> tuple[int, int]:
    """Return how many clauses on the stage have sound, and how many have none."""
    clips = rig.night.hand.stage.clips
    return sum(bool(c.rate) for c in clips), sum(not c.rate for c in clips)


@through_the_night
async def test_with_model_and_voice_gone_the_bank_is_really_heard(folder: Path) -> None:
    rig = Ahead(folder, again_after_h=0.25, bank=500)
    rig.night.stock(24)
    async with rig.preparing():
        await asyncio.sleep(300)
    made = len(rig.voice.spoken)
    assert made == rig.files > 12
    rig.night.teller.mode, rig.voice.mode = "down", "down"
    rig.night.silences.until = asyncio.get_running_loop().time()
    counts: list[tuple[int, int]] = []
    async with rig.running():
        for _ in range(60):
            await asyncio.sleep(20)
            counts.append(sounding(rig))
    assert sum(with_sound for with_sound, _ in counts) > 60
    assert not sum(without for _, without in counts)
    assert rig.night.silences.longest <= 20
    assert all(turn.text == turn.text.strip() and turn.text for turn in rig.night.hand.past)
    assert "voice: no voice" not in rig.night.hand.failures


@through_the_night
async def test_the_bank_is_looked_through_only_when_something_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Ahead(folder)
    rig.night.stock(3)
    bank, looks = rig.night.bank, 0
    in_order = bank.in_order

    def counted() -> list[Piece]:
        nonlocal looks
        looks += 1
        return in_order()

    monkeypatch.setattr(bank, "in_order", counted)
    async with rig.preparing():
        await asyncio.sleep(120)
        before, files = looks, rig.files
        assert files == len(rig.voice.spoken) > 3
        await asyncio.sleep(600)
        assert looks == before
        bank.add(Piece(PieceKind.STORY, "", f"[joy] {tale(77)}", rig.night.clock()))
        await asyncio.sleep(60)
        assert looks > before
        assert rig.files > files
        before, gone = looks, next(iter(rig.recordings.kept))
        await rig.recordings.remove({gone})
        await asyncio.sleep(60)
        assert gone in rig.recordings.kept, "what is lost is spoken again"
        assert looks > before


@through_the_night
async def test_what_was_spoken_ahead_is_heard_and_not_made_again(folder: Path) -> None:
    rig = Ahead(folder)
    rig.night.stock(2)
    async with rig.preparing():
        await asyncio.sleep(60)
    rig.voice.pitch = b"\x09\x09"
    rig.night.teller.mode = "down"
    async with rig.running():
        await rig.night.hand.until(lambda: any(c.complete for c in rig.night.hand.stage.clips), 60)
        clip = rig.night.hand.stage.clips[0]
        assert clip.rate == 8000
        assert set(clip.pcm) == {1}
    assert all(turn.plan.kind == "segment" for turn in rig.night.hand.past)


@through_the_night
async def test_nothing_is_spoken_while_the_host_is_wanted_and_a_clause_on_its_way_is_given_up(folder: Path) -> None:
    rig = Ahead(folder, Voice(first_s=1.5), talkativeness="seldom")
    rig.night.stock(3)
    async with rig.running():
        await rig.night.hand.until(lambda: bool(rig.voice.spoken), 30)
        before = rig.voice.given_up
        await rig.night.hand.chat("hi Mira, what are you doing?")
        await rig.night.hand.until(lambda: "m1" in rig.night.hand.fates, 120)
        assert rig.voice.given_up > before
        asked = [c.clause.speech for c in rig.night.hand.stage.clips]
        at = rig.voice.spoken.index(asked[0])
        assert rig.voice.spoken[at : at + len(asked)] == asked, "the voice made only the answer meanwhile"
        await asyncio.sleep(60)
    assert rig.files, "it goes on when nobody waits"


@through_the_night
async def test_a_changed_voice_makes_the_sound_void(folder: Path) -> None:
    rig = Ahead(folder)
    rig.night.stock(1)
    async with rig.preparing():
        await asyncio.sleep(30)
    one = rig.night.bank.pieces[0]
    assert rig.ahead.spoken(one)
    clause = clauses_of(one.text, "en")[0]
    for change in ({"voices": {"en": "ben"}}, {"speed": 1.2}):
        other = Voice(mode="down")
        chain = chain_of(other, entry=OPTIONS | change)
        with pytest.raises(Exception, match="no voice"):
            [_ async for _ in RecordedVoice(chain, rig.recordings).speak(clause.speech, Style("en"))]
        assert other.spoken, change
    rig.chain.voices = {"tone": {"en": "persona-of-tomorrow"}}
    await rig.ahead.look()
    assert not rig.ahead.spoken(one)
    rig.chain.voices = {}
    await rig.ahead.look()
    assert rig.ahead.spoken(one)


@through_the_night
async def test_what_another_voice_recorded_is_heard_when_none_answers_and_not_before(folder: Path) -> None:
    first, second = Voice(mode="down"), Voice()
    second.pitch = b"\x07\x07"
    links: list[Link[Tts]] = [Link("tone", first, LinkConfig()), Link("bell", second, LinkConfig())]
    now = asyncio.get_running_loop().time
    chain = TtsChain(links, None, now, [OPTIONS, {"provider": "bell"}])
    rig = Ahead(folder, second, chain)
    rig.night.stock(1)
    async with rig.preparing():
        await asyncio.sleep(60)
    one = rig.night.bank.pieces[0]
    assert rig.ahead.spoken(one)
    assert {one.voice.partition(":")[0] for one in rig.recordings.kept.values()} == {"bell"}
    speech = clauses_of(one.text, "en")[0].speech
    voice = RecordedVoice(chain, rig.recordings)
    first.mode = ""
    await asyncio.sleep(300)
    heard = b"".join([pcm.data async for pcm in voice.speak(speech, Style("en"))])
    assert set(heard) == {1}
    first.mode = second.mode = "down"
    heard = b"".join([pcm.data async for pcm in voice.speak(speech, Style("en"))])
    assert set(heard) == {7}


@through_the_night
async def test_it_stays_within_its_bounds_and_makes_nothing_in_turns(folder: Path) -> None:
    rig = Ahead(folder, ahead=500, ahead_mb=3)
    rig.night.stock(30)
    async with rig.preparing():
        await asyncio.sleep(600)
        made = len(rig.voice.spoken)
        await asyncio.sleep(600)
    assert 0 < rig.recordings.size <= 3_000_000
    assert sum(f.stat().st_size for f in folder.glob("*.wav")) <= 3_100_000
    assert len(rig.voice.spoken) == made
    few = Ahead(folder, ahead=1)
    few.night.stock(30)
    async with few.preparing():
        await asyncio.sleep(60)
    assert sum(few.ahead.spoken(one) for one in few.night.bank.pieces) == 1


@through_the_night
async def test_the_sound_of_what_is_deleted_or_gone_leaves_the_disk(folder: Path) -> None:
    rig = Ahead(folder)
    rig.night.bank.add(
        Piece(PieceKind.QUESTION, "", tale(1), rig.night.clock(), about=("test", "m1", "ana")),
    )
    rig.night.stock(1)
    async with rig.preparing():
        await asyncio.sleep(60)
        before = rig.files
        rig.night.accord.retracted(Retraction("test", id="m1"))
        await asyncio.sleep(1)
        assert rig.files == before / 2
        rig.night.bank.drop(rig.night.bank.pieces[0].id)
        await asyncio.sleep(1)
        assert rig.files == 0


@through_the_night
async def test_a_clause_that_no_voice_can_speak_holds_up_nothing(folder: Path) -> None:
    class Choosy(Voice):
        async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
            if "zork" in text:
                self.spoken.append("zork")
                return
            async for pcm in super().speak(text, style):
                yield pcm

    rig = Ahead(folder, Choosy())
    rig.night.bank.add(Piece(PieceKind.STORY, "", "The zork is here and it will not be said.", rig.night.clock()))
    rig.night.stock(1)
    async with rig.preparing():
        await asyncio.sleep(600)
    assert rig.voice.spoken.count("zork") == 2
    assert rig.ahead.spoken(rig.night.bank.pieces[1])
    assert not rig.ahead.spoken(rig.night.bank.pieces[0])


@through_the_night
async def test_a_disk_that_is_full_costs_the_voice_little(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Ahead(folder)
    rig.night.stock(1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.show.night.recordings._write", full)
    async with rig.preparing():
        await asyncio.sleep(3000)
    assert 1 <= len(rig.voice.spoken) <= 11


@pytest.mark.parametrize("harm", ["cut", "longer", "rate", "noise", "gone"])
async def test_a_damaged_recording_is_left_out(harm: str, folder: Path) -> None:
    store = NightRecordings(folder)
    style = Style("en")
    assert await store.add("Hello.", style, Recording("v", 8000, b"\x01\x02" * 4000))
    file = folder / f"{key_of('Hello.', style)}.wav"
    whole = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        other = (16_000).to_bytes(4, "little")
        file.write_bytes(
            {"cut": whole[:-500], "longer": whole + bytes(9000), "rate": whole[:24] + other + whole[28:]}.get(
                harm, os.urandom(len(whole))
            )
        )
    fresh = NightRecordings(folder)
    await fresh.load()
    assert await fresh.read("Hello.", style) is None
    assert fresh.voice_of("Hello.", style) == ""
    assert fresh.size == 0


async def test_recordings_survive_a_restart_and_strangers_in_the_folder_do_not(folder: Path) -> None:
    store, style = NightRecordings(folder), Style("en")
    sound = Recording("v", 8000, b"\x01\x02" * 4000)
    assert await store.add("Hello.", style, sound)
    (folder / "stranger.wav").write_bytes(b"x")
    with (folder / "index.jsonl").open("a") as index:
        index.write('{"key":"../../etc/passwd","text":"","voice":"v","rate":8000,"size":2,"marks":[]}\n')
        index.write('{"key":"' + "a" * 32 + '","text":"","voice":"v","rate":8000,"size":2000000000,"marks":[]}\n[]\n')
    fresh = NightRecordings(folder)
    await fresh.load()
    assert await fresh.read("Hello.", style) == sound
    assert [f.name for f in folder.glob("*.wav")] == [f"{key_of('Hello.', style)}.wav"]
    assert not await store.add("Long.", style, Recording("v", 8000, bytes(4_000_000)))


async def test_marks_are_kept_with_the_sound_and_come_with_its_beginning(folder: Path) -> None:
    marks, visemes = (Mark(40, 0), Mark(300, 6)), (Viseme(0, MouthShape.REST), Viseme(90, MouthShape.OH))
    recordings = NightRecordings(folder)
    assert await recordings.add("Hello there.", Style(), Recording("amy", 8000, b"\0\0" * 8000, marks, visemes))
    again = NightRecordings(folder)
    await again.load()
    found = await again.read("Hello there.", Style())
    assert found
    first, *rest = found.pieces()
    assert (first.marks, first.visemes) == (marks, visemes)
    assert rest
    assert not any(pcm.marks or pcm.visemes for pcm in rest)


@pytest.mark.parametrize("visemes", [None, [], [[5, "grin"]], [["x", "aa"]], "aa", [[1]]])
async def test_of_a_list_that_knows_no_shapes_or_wrong_ones_nothing_wrong_is_taken(
    visemes: object, folder: Path
) -> None:
    recordings = NightRecordings(folder)
    assert await recordings.add("Hello there.", Style(), Recording("amy", 8000, b"\0\0" * 8000, (Mark(40, 0),)))
    index = folder / "index.jsonl"
    line = json.loads(index.read_text("utf-8"))
    del line["visemes"]
    index.write_text(json.dumps(line | ({} if visemes is None else {"visemes": visemes})) + "\n", "utf-8")
    again = NightRecordings(folder)
    await again.load()
    found = await again.read("Hello there.", Style())
    assert found is None if visemes else found is not None
    assert not found or (found.marks == (Mark(40, 0),) and not found.visemes)


def test_another_persona_says_none_of_it() -> None:
    persona = "mira"
    bank = NightBank(None, Clock(), lambda: persona)
    bank.add(Piece(PieceKind.STORY, "", "mine", Clock.now))
    persona = "kaito"
    assert bank.unsaid == 0
    assert bank.take(None) is None
    persona = "mira"
    taken = bank.take(None)
    assert taken is not None
    assert taken.text == "mine"


def test_what_was_spoken_comes_first_and_alone_while_mute() -> None:
    clock = Clock()
    bank = NightBank(None, clock)
    for number in range(3):
        bank.add(piece(number))

    def spoken(one: Piece) -> bool:
        return one.words == "piece 1"

    first = bank.take(HOUR, spoken)
    assert first is not None
    assert first.words == "piece 1"
    clock.now = clock.now + 2 * HOUR
    again = bank.take(HOUR, spoken, mute=True)
    assert again is not None
    assert again.words == "piece 1"
    other = bank.take(HOUR, spoken)
    assert other is not None
    assert other.words == "piece 0"


@through_the_night
async def test_a_bank_larger_than_what_is_spoken_ahead_is_heard_and_goes_round(folder: Path) -> None:
    rig = Ahead(folder, again_after_h=0.05, bank=500, ahead=12)
    rig.night.stock(40)
    async with rig.preparing():
        await asyncio.sleep(300)
    rig.night.teller.mode, rig.voice.mode = "down", "down"
    counts: list[tuple[int, int]] = []
    async with rig.running():
        for _ in range(30):
            await asyncio.sleep(30)
            counts.append(sounding(rig))
    silent = [n for n, (sound, mute) in enumerate(counts) if mute and not sound]
    assert not silent, counts

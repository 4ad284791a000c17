"""Stable beginnings, stretches that join, and pieces that wait for a slow reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bot.hearing.speech import RATE, Hints, Samples, SpeechPiece, Transcript
from bot.hearing.utterance.agreement import Agreement, in_batches
from bot.hearing.utterance.recognition import MAX_TEXT, Pieces, Recognition, joined
from tests.support.hearing import ScriptedAsr, silence, voice
from tests.support.virtual import socketless


def test_what_two_texts_begin_with_is_stable() -> None:
    agreement = Agreement()
    assert agreement.add("ever tried") == ""
    assert agreement.add("Ever tried, ever failed.") == "Ever tried"
    assert agreement.add("Ever tried, ever failed. No matter") == "Ever tried, ever failed"


def test_stable_words_stay_so_until_they_are_taken_back() -> None:
    agreement = Agreement()
    agreement.add("one two three four")
    assert agreement.add("one two three four five") == "one two three four"
    assert agreement.add("one two three four") == "one two three four"
    assert agreement.add("one too three") == "one"


def test_chinese_is_compared_by_characters() -> None:
    agreement = Agreement()
    agreement.add("今天我们")
    assert agreement.add("今天我门玩 Elden Ring") == "今天我"


@pytest.mark.parametrize("texts", [["", "", ""], ["…", "!!"], ["a", "", "a"]])
def test_texts_without_words_are_no_fault(texts: list[str]) -> None:
    agreement = Agreement()
    for text in texts:
        assert text.startswith(agreement.add(text))


def test_texts_are_joined_as_their_scripts_are_written() -> None:
    assert joined("Try again.", "Fail again.") == "Try again. Fail again."
    assert joined("今天我们", "玩游戏") == "今天我们玩游戏"
    assert joined("", " x ") == "x "
    assert joined("x", "") == "x"


@socketless
async def test_questions_that_waited_too_long_lapse() -> None:
    decoded: list[int] = []

    async def decode(sound: Samples, _hints: Hints) -> AsyncIterator[Transcript]:
        decoded.append(sound.size)
        await asyncio.sleep(1.0)
        yield Transcript("x")

    pieces = Pieces()
    pieces.put(voice(0.32), pause=True)

    async def speak() -> None:
        await asyncio.sleep(0.1)
        for _ in range(5):
            pieces.put(voice(0.32), pause=True)
            await asyncio.sleep(0.1)
        pieces.end()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(speak())
        found = [one.upto_s async for one in in_batches(decode, pieces, Hints())]
    assert len(decoded) == 2
    assert found == [pytest.approx(0.32), pytest.approx(6 * 0.32)]


@socketless
async def test_the_end_needs_no_second_text_when_nothing_came_after_the_pause() -> None:
    asr, pieces = ScriptedAsr("one two"), Pieces()
    pieces.put(voice(0.64))
    pieces.put(silence(0.2), pause=True)
    pieces.end()
    assert len([one async for one in asr.hear(pieces, Hints())]) == 1


@socketless
async def test_stretches_join_and_their_text_is_bounded() -> None:
    told: list[str] = []
    asr = ScriptedAsr("some words that repeat and repeat " * 40, takes_s=0.01)
    recognition = Recognition(
        asr, Hints(), lambda transcript, _voiced_s: transcript, lambda: told.append(recognition.text)
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(recognition.run())
        for _ in range(60):
            recognition.add(voice(15.0), 15.0)
            recognition.cut()
            await asyncio.sleep(1.0)
        recognition.add(voice(0.64), 0.64, pause=True)
        await asyncio.sleep(1.0)
        assert recognition.caught_up
        recognition.end()
    assert asr.streams == 61
    assert len(recognition.text) <= MAX_TEXT
    assert recognition.text.endswith("some words")
    assert 0.8 < recognition.confidence <= 1.0
    assert len(told) >= 61


def test_sound_given_while_nobody_reads_is_handed_over_as_one_piece() -> None:
    async def read() -> SpeechPiece:
        pieces = Pieces()
        pieces.put(voice(0.32), pause=True)
        pieces.put(voice(0.32), partial=True)
        pieces.put(voice(0.32))
        return await anext(pieces)

    piece = asyncio.run(read())
    assert (piece.samples.size, piece.pause, piece.partial) == (round(0.96 * RATE), False, True)
    assert piece.samples.dtype == np.float32

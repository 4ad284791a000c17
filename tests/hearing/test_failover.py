"""Recognisers one behind the other: a failure costs time, and no word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import TransientError
from bot.hearing.failover import AsrChain, Punctual, open_asr
from bot.hearing.speech import Asr, Hints, SpeechPiece, Transcript
from bot.hearing.utterance.recognition import Pieces
from bot.runtime.failover import Link, LinkConfig
from bot.types import Health
from tests.support.hearing import ScriptedAsr, listening, silence, words
from tests.support.virtual import socketless


def chain(*recognisers: Asr) -> AsrChain:
    clock = asyncio.get_running_loop().time
    links: list[Link[Asr]] = [
        Link(f"r{number}", Punctual(asr, f"r{number}", 2.0), LinkConfig()) for number, asr in enumerate(recognisers)
    ]
    return AsrChain(links, clock=clock)


@socketless
async def test_a_hanging_recogniser_hands_over_within_its_deadline_and_rests() -> None:
    first, second = ScriptedAsr("wrong wrong"), ScriptedAsr("one two three four")
    first.hangs = True
    asr = chain(first, second)
    async with listening(asr) as rig:
        await rig.hear(words(4), silence(5.0))
        assert rig.notes.texts() == ["one two three four"]
        assert rig.notes.at("over") == pytest.approx(1.2 + 0.2 + 2.0 + 0.2, abs=0.1)
        assert rig.ears.recogniser_trouble == ""
        assert asr.links()[0].state.value == "resting"
        await rig.hear(words(4), silence(2.0))
    assert rig.notes.texts() == ["one two three four"] * 2


@socketless
async def test_a_failure_in_the_middle_of_an_utterance_costs_no_word() -> None:
    first, second = ScriptedAsr(" ".join(map(str, range(40)))), ScriptedAsr(" ".join(map(str, range(40))))
    async with listening(chain(first, second), partials=True) as rig:
        await rig.hear(words(10))
        assert rig.notes.kinds.count("heard") >= 1
        first.failure = TransientError("reset", provider="r0")
        await rig.hear(words(10), silence(3.0))
    assert rig.notes.texts() == [" ".join(map(str, range(20)))]


@socketless
async def test_without_any_recogniser_the_utterance_ends_without_a_text() -> None:
    first, second = ScriptedAsr("one"), ScriptedAsr("one")
    first.failure = second.failure = TransientError("reset", provider="x")
    async with listening(chain(first, second)) as rig:
        for _ in range(3):
            await rig.hear(words(4), silence(2.0))
        assert rig.notes.texts() == [None] * 3
        assert rig.ears.recogniser_trouble
    async with listening(AsrChain([])) as rig:
        await rig.hear(words(4), silence(2.0))
    assert rig.notes.texts() == [None]


class Odd:
    """Answers with what is no transcript."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Any]:
        async for _ in speech:
            pass
        yield self._answer

    async def check(self) -> Health:
        return Health(ok=True, detail="odd")


@socketless
async def test_what_is_no_transcript_is_a_failure_of_its_recogniser() -> None:
    for answer in (None, "text", Transcript(5), Transcript("x", upto_s="long"), Transcript("x", stable=None)):  # type: ignore[arg-type]
        asr, pieces = chain(Odd(answer), ScriptedAsr("one two")), Pieces()
        pieces.put(words(2))
        pieces.end()
        assert [one.text async for one in asr.hear(pieces, Hints())][-1] == "one two"


@socketless
async def test_a_long_utterance_without_a_pause_is_no_hanging_recogniser() -> None:
    asr = ScriptedAsr(" ".join(f"word{n}" for n in range(80)))
    async with listening(chain(asr)) as rig:
        await rig.hear(words(50), silence(2.0))
    assert len(rig.notes.texts()[0].split()) == 50  # type: ignore[union-attr]


async def test_a_wrong_entry_leaves_the_others_alone() -> None:
    async with open_asr([{"provider": "no_such"}, {"provider": "openai", "nonsense": 1}]) as asr:
        assert [link.state.value for link in asr.links()] == ["down", "down"]
        assert not (await asr.check()).ok

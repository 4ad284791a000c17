"""Kinds over the whole show: the real loop, moderation, chat and programme."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.show.schedule.file import Planned, ProgrammeFile
from bot.show.schedule.programme import Programme
from bot.show.segments.registry import SegmentKind, load
from tests.show.schedule.stage import Theatre
from tests.show.segments.kinds.scenes import furnish
from tests.support.virtual import virtual


def programme(kind: SegmentKind, folder: Path, **options: Any) -> ProgrammeFile:
    furnish(folder)
    segment = {"name": "it", "kind": kind.value, "when": {"cron": "1 0 * * *"}, "options": options}
    found = Programme.model_validate({"zone": "UTC", "segments": [segment]})
    planned = {one.name: Planned(one, load(kind), load(kind).config(**one.options)) for one in found.segments}
    return ProgrammeFile(found, folder / "programme.yaml", planned)


async def on_air(theatre: Theatre, words: str) -> None:
    """Wait until the host says something."""
    stage = theatre.hand.stage
    while not (theatre.hand.show.on_air and words in stage.heard()) and not any(words in t for t in theatre.said()):
        await asyncio.sleep(0.5)


@virtual
async def test_a_poll_counts_the_chat_and_answers_none_of_it(tmp_path: Path) -> None:
    options = {"title": "What shall we eat?", "choices": ["pizza", "ramen"], "seconds": 60, "discuss": False}
    theatre = Theatre(programme(SegmentKind.POLL, tmp_path, **options))
    async with theatre.playing():
        await on_air(theatre, "Write the number")
        for viewer, text in (("ana", "1"), ("bob", "２"), ("cho", "ramen please"), ("ana", "2"), ("ana", "lol")):
            await theatre.hand.chat(text, viewer)
        await theatre.until_ended("it")
        assert "The vote is over. It is ramen, with 3 of 3." in theatre.said()
        assert not any(turn.plan.kind == "answer" for turn in theatre.hand.past)


@virtual
async def test_a_quiz_names_the_winner_by_the_name_that_may_be_said(tmp_path: Path) -> None:
    theatre = Theatre(programme(SegmentKind.QUIZ, tmp_path, bank="bank.yaml", count=1, answer_s=30, shuffled=False))
    async with theatre.playing():
        await on_air(theatre, "Which planet")
        await theatre.hand.chat("mars", "ana")
        await theatre.hand.chat("I think it is Jupiter!", "fuck you all")
        await theatre.until_ended("it")
        told = [text for text in theatre.said() if "is right" in text]
        assert told == ["someone is right: Jupiter. It has more than ninety moons."]


@virtual
async def test_questions_are_collected_and_answered_each_once(tmp_path: Path) -> None:
    theatre = Theatre(programme(SegmentKind.QUESTIONS, tmp_path, collect_s=40, pause_s=0))
    async with theatre.playing():
        await asyncio.sleep(75)
        await theatre.hand.chat("how tall is the lamp?", "ana")
        await theatre.hand.chat("who is Gerald?", "bob")
        await theatre.until_ended("it")
        asked = [prompt.lines[-1].text for prompt in theatre.hand.llm.prompts]
        assert sum("how tall is the lamp" in text for text in asked) == 1
        assert sum("who is Gerald" in text for text in asked) == 1

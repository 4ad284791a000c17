"""The chat's orders reach the programme and the director as they really are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import cast

from bot.app.mixing import Mixing
from bot.app.programme import ChatProgramme, Programming
from bot.show.schedule.state import Coming, Desk, Entry, ProgrammeState
from bot.store.programme import RunState
from tests.support.virtual import virtual

NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)


@dataclass
class Shown:
    """A desk of the programme that shows what a test says and keeps what was started."""

    waiting: tuple[Entry, ...] = ()
    coming: tuple[Coming, ...] = (Coming("Quiz", "quiz", NOON, None), Coming("Story", "story", NOON, None))
    started: list[tuple[str, bool]] = field(default_factory=list)

    def state(self) -> ProgrammeState:
        return ProgrammeState(
            "", "", "Europe/Berlin", False, None, self.waiting, self.coming, (), ("Quiz", "quiz night", "休息")
        )

    def start(self, name: str, *, at_once: bool = False) -> None:
        self.started.append((name, at_once))


def test_next_is_what_waits_else_what_the_clock_has_in_the_zone_of_the_programme() -> None:
    shown = Shown()
    programme = ChatProgramme(cast("Desk", shown))
    assert programme.next() == "Quiz, 14:00"
    shown.waiting = (Entry("Story", NOON, RunState.WAITING, "clock", "", None, 0.0),)
    assert programme.next() == "Story"
    shown.waiting = shown.coming = ()
    assert programme.next() == ""


@virtual
async def test_a_segment_is_begun_by_its_name_in_any_case() -> None:
    shown = Shown()
    programme = ChatProgramme(cast("Desk", shown))
    assert await programme.segment("QUIZ")
    assert await programme.segment("Quiz Night")
    assert await programme.segment("休息")
    assert not await programme.segment("quizz")
    assert not await programme.segment("")
    assert shown.started == [("Quiz", True), ("quiz night", True), ("休息", True)]


def test_where_none_is_configured_there_is_nothing_to_order() -> None:
    assert Mixing().chat_orders() is None
    assert Programming().chat_orders() is None
